// What one may do with a thing, and why not. Each act is asked of the node as a dry run before it is offered: the answer
// names the rule, the state that follows and the events; the same answer stands in the preview.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState, type ReactNode } from 'react'
import { Problem, post } from '../api/client'
import { useLive } from '../api/live'
import { kindsQuery, pathOf } from '../api/queries'
import type { Answer, Command } from '../api/types'
import { Rich, useT } from '../i18n'
import { Button } from './button'
import { Copy } from './copy'
import { Ask } from './dialog'
import { Field } from './field'
import { Held } from './held'
import { RuleWords } from './rules'
import { Icon, type IconName } from './icon'
import { bodyOf, complete, SchemaForm, type Values } from './schema-form'
import { Failed, Skeleton, wordsOf } from './state-box'
import { Status } from './status'

export interface Target {
  tenant: string
  kind: string
  id: string
}

const icons: Record<string, IconName> = { rollback: 'undo', restart: 'redo', scale: 'scale', stop: 'power', start: 'redo', delete: 'x', revoke: 'lock', suspend: 'lock', ban: 'lock', verify: 'check', approve: 'check', answer: 'check' }

export const wordOfAct = (t: ReturnType<typeof useT>, name: string) => t.acts.words[name] ?? name.replaceAll('_', ' ').replace(/^./, (c) => c.toUpperCase())
export const useCommands = (kind: string) => useQuery(kindsQuery).data?.find((one) => one.name === kind)?.commands.filter((one) => one.door === 'open') ?? null

const line = ({ tenant, kind, id }: Target, command: string, body: Record<string, unknown>) =>
  `novactl command ${kind}/${id} ${command}${kind === 'tenant' ? '' : ` -t ${tenant}`}${Object.entries(body).map(([name, value]) => (typeof value === 'object' ? '' : ` --set ${name}='${String(value).replaceAll("'", "'\\''")}'`)).join('')}`

/** Where a command is sent, when that is an address of its own, and the command line that does the same. */
export interface Door {
  path: string
  line: (body: Record<string, unknown>) => string
}
const addressOf = (target: Target, command: string, door?: Door) => door?.path ?? `${pathOf(target.tenant, target.kind, target.id)}/${command}`
const dry = (target: Target, command: string, body: Record<string, unknown>, door?: Door) => post<Answer>(`${addressOf(target, command, door)}?dry_run=true`, body)

/** The dialog before an act: what changes, what follows, the way back, and the command that does the same. */
export function Act({ target, command, given = {}, choices = {}, change, door, onClose }: { target: Target; command: Command; door?: Door; given?: Values; choices?: Record<string, readonly string[]>; change?: (values: Values) => ReactNode; onClose: () => void }) {
  const t = useT()
  const client = useQueryClient()
  const live = useLive()
  const [values, set] = useState<Values>(given)
  const [typed, type] = useState('')
  // One act, however often it is sent.
  const [key] = useState(() => crypto.randomUUID())
  const ready = complete(command.schema, values)
  const body = ready ? bodyOf(command.schema, values) : {}
  const preview = useQuery({ queryKey: ['one', target.tenant, target.kind, target.id, 'act', command.name, JSON.stringify(body)], queryFn: () => dry(target, command.name, body, door), enabled: ready, retry: false, staleTime: 0, gcTime: 0 })
  const run = useMutation({
    mutationFn: () => post<Answer>(addressOf(target, command.name, door), body, { 'Idempotency-Key': key }),
    onSuccess: (answer) => {
      void client.invalidateQueries({ queryKey: ['one', target.tenant, target.kind, target.id] })
      void client.invalidateQueries({ queryKey: ['list', target.kind] })
      void client.invalidateQueries({ queryKey: ['approvals'] })
      // What waits is no success: the dialog stays and says so.
      if (!answer.approval) onClose()
    },
  })
  const word = wordOfAct(t, command.name)
  const title = target.id ? `${word}: ${target.id}` : word
  const final = command.destructive && command.impact >= 8
  const shut = live.state === 'stale' ? t.acts.stale : final && typed !== target.id ? t.acts.typeName(target.id) : preview.error ? wordsOf(t, preview.error) : undefined
  const holds = preview.data?.decision.answer === 'hold'
  const waiting = run.data?.approval
  const wrong = (preview.error instanceof Problem ? preview.error.errors : []).map((one) => ({ path: one.path, message: one.message }))
  if (waiting) return <Ask open onClose={onClose} title={title} icon="held" family="held" says={command.doc} way={t.waits.close} footer={null}><Held waiting={waiting} /></Ask>
  return (
    <Ask open onClose={onClose} title={title} icon={icons[command.name] ?? 'redo'} family={command.destructive ? 'bad' : 'neutral'} says={command.doc}
      footer={<Button look={command.destructive ? 'dng' : 'pri'} id="act-now" busy={run.isPending} whyNot={ready ? shut : undefined} aria-disabled={!ready || undefined} onClick={() => ready && run.mutate()}>{holds ? t.waits.ask(word) : t.acts.now(word)}</Button>}>
      <SchemaForm schema={command.schema} values={values} onChange={set} wrong={wrong} choices={choices} />
      {change?.(values)}
      <div className="impact" aria-live="polite">
        <div>
          <span className="t3 xs">{t.acts.effect}</span>
          {holds ? <div className="stack s1" data-holds><div className="rowx s2 held"><Icon name="held" /><span className="m">{t.waits.will}</span></div><RuleWords ids={preview.data!.decision.rules ?? []} /></div> : preview.data ? (
            <>
              <div className="rowx s2"><span>{t.acts.statusBecomes}</span> <Status status={preview.data.status} /></div>
              <ul className="stack s1">{[...new Set(preview.data.events)].map((one) => <li key={one}><code>{one}</code></li>)}</ul>
              {preview.data.events.length === 0 ? <p className="t2">{t.acts.noChange}</p> : null}
            </>
          ) : preview.error && !wrong.length ? <Failed error={preview.error} /> : ready ? <p className="t3">{t.acts.checking}</p> : <p className="t3">–</p>}
        </div>
        <div>
          <span className="t3 xs">{t.acts.decidedBy}</span>
          {preview.data ? <RuleWords ids={preview.data.decision.rules ?? []} /> : <p className="t3">–</p>}
          <span className="t3 xs">{t.acts.back}</span>
          <p>{final ? t.acts.irreversible : t.acts.reversible} <span className="t3">{t.acts.impact(command.impact)}</span></p>
        </div>
      </div>
      {run.error ? <Failed error={run.error} /> : null}
      {final ? <Field id="act-name" label={t.acts.typeName(target.id)} dir="ltr" autoComplete="off" value={typed} onChange={(event) => type(event.target.value)} /> : null}
      <div className="stack s1"><span className="t3 xs">{t.acts.sameCommand}</span><Copy text={door ? door.line(body) : line(target, command.name, body)} /></div>
    </Ask>
  )
}

/** What the node would say to an act without fields, before it is asked for; of one with fields nothing can be said yet. */
export function useCheck(target: Target, command: Command | undefined) {
  const t = useT()
  const live = useLive()
  const check = useQuery({ queryKey: ['one', target.tenant, target.kind, target.id, 'act', command?.name ?? ''], queryFn: () => dry(target, command!.name, {}), enabled: command !== undefined && (command.schema.required ?? []).length === 0, retry: false })
  const refused = check.error instanceof Problem && check.error.status !== 0 && check.error.status !== 400 ? check.error : null
  const rule = refused?.details.missing ?? refused?.details.rule
  return { answer: check.data, refused, rule, holds: check.data?.decision.answer === 'hold', why: live.state === 'stale' ? t.acts.stale : refused ? `${wordsOf(t, refused)}${rule ? ` (${rule})` : ''}` : undefined }
}

function Row({ target, command, choices }: { target: Target; command: Command; choices: Record<string, readonly string[]> }) {
  const t = useT()
  const [asking, ask] = useState(false)
  const { answer, refused, rule, holds, why } = useCheck(target, command)
  return (
    <div className="act" data-act={command.name}>
      <b className="m">{wordOfAct(t, command.name)}</b>
      <small className={refused ? 't2' : ''}>{refused ? <><bdi><Rich>{wordsOf(t, refused)}</Rich></bdi>{rule ? <> <code>{rule}</code></> : null}</> : holds ? <span className="held"><Icon name="held" /> {t.waits.will} {answer?.decision.rules?.map((one) => <code key={one}>{one}</code>)}</span> : <bdi>{command.doc}</bdi>}</small>
      <Button whyNot={why} icon={icons[command.name] ?? 'eye'} onClick={() => ask(true)}>{t.acts.preview}</Button>
      {asking ? <Act target={target} command={command} choices={choices} onClose={() => ask(false)} /> : null}
    </div>
  )
}

export function Acts({ target, choices = {} }: { target: Target; choices?: Record<string, readonly string[]> }) {
  const t = useT()
  const commands = useCommands(target.kind)
  if (commands === null) return <Skeleton rows={3} height={52} />
  const some = commands.filter((one) => !one.creates)
  return (
    <section aria-label={t.tree.mayDo}>
      <h3>{t.tree.mayDo}</h3>
      {some.length === 0 ? <p className="t3 pt-2">{t.tree.noActs}</p> : some.map((one) => <Row key={one.name} target={target} command={one} choices={choices} />)}
    </section>
  )
}
