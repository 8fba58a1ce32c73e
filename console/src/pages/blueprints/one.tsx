// A blueprint as it is to be: YAML and form side by side on one document, what applying it would change, and only then the act.
import type { CompletionContext } from '@codemirror/autocomplete'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate, useParams } from '@tanstack/react-router'
import { useCallback, useEffect, useMemo, useState } from 'react'
import { Problem, post } from '../../api/client'
import { useLive } from '../../api/live'
import { kindsQuery, oneQuery } from '../../api/queries'
import { useHere } from '../../app/place'
import { Rich, useSpeech } from '../../i18n'
import { Button } from '../../kit/button'
import { Copy } from '../../kit/copy'
import { Ask } from '../../kit/dialog'
import { Editor, type Mark } from '../../kit/editor'
import { Icon } from '../../kit/icon'
import { Failed, Skeleton } from '../../kit/state-box'
import { Tag } from '../../kit/status'
import { blank, lineOf, nodeMarks, put, read, textOf } from './document'
import { Fields } from './form'
import { Planned, type Change } from './planned'
import { manifestSchema, offers, type Path } from './schema'

interface Results {
  results: { kind: string; tenant: string; id: string; action: string; deployment?: string }[]
}

export function Blueprint() {
  const { t } = useSpeech()
  const navigate = useNavigate()
  const client = useQueryClient()
  const live = useLive()
  const { tenant, id } = useParams({ from: '/shell/blueprints/$tenant/$id' })
  const fresh = id === 'new'
  const one = useQuery({ ...oneQuery(tenant, 'blueprint', id), enabled: !fresh })
  const described = useQuery(kindsQuery)
  const spec = described.data?.find((its) => its.name === 'blueprint')?.commands.find((its) => its.name === 'apply')?.schema
  const schema = useMemo(() => (spec ? manifestSchema('Blueprint', spec) : null), [spec])
  const [text, write] = useState<string | null>(null)
  const [asking, ask] = useState(false)
  useHere([{ word: t.nav.blueprints, to: '/blueprints' }, { word: tenant }, { word: fresh ? t.blue.write : id }])
  useEffect(() => write(null), [tenant, id])
  useEffect(() => { if (text === null && (fresh || one.data)) write(fresh ? blank(tenant) : textOf(one.data!)) }, [text, fresh, one.data, tenant])
  const doc = useMemo(() => read(text ?? '', schema), [text, schema])
  const plan = useMutation({ mutationFn: async (asked: string) => ({ asked, changes: (await post<{ changes: Change[] }>('/v1/plan', { manifests: [read(asked, null).value] })).changes }) })
  const apply = useMutation({
    mutationFn: () => post<Results>('/v1/apply', { manifests: [doc.value], base: found!.map((its) => ({ tenant: its.tenant, kind: its.kind, id: its.id, intent_version: its.intent_version })) }),
    onSuccess: ({ results }) => {
      ask(false)
      plan.reset()
      void client.invalidateQueries({ queryKey: ['one', tenant, 'blueprint'] })
      void client.invalidateQueries({ queryKey: ['list', 'blueprint'] })
      const [done] = results
      if (done?.deployment) void navigate({ to: '/deployments/$tenant/$id', params: { tenant: done.tenant, id: done.deployment } })
    },
  })
  const refused = plan.error instanceof Problem && plan.variables === text ? plan.error : null
  const marks = useMemo<Mark[]>(() => [...doc.marks, ...(refused ? nodeMarks(text ?? '', refused.errors) : [])], [doc, refused, text])
  const complete = useCallback((context: CompletionContext) => {
    const found = schema ? offers(schema, context.state.doc.toString(), context.pos) : null
    if (!found || (!context.explicit && found.from === context.pos)) return null
    return { from: found.from, options: found.options, validFor: /^[\w.-]*$/ }
  }, [schema])
  const error = one.error ?? described.error
  if (error) return <main id="main"><div className="head"><h1>{id}</h1></div><Failed error={error} again={() => void one.refetch()} /></main>
  if (text === null || !schema) return <main id="main"><div className="head"><h1>{fresh ? t.blue.write : id}</h1></div><div className="card"><Skeleton rows={12} /></div></main>
  const found = plan.data && !plan.error && plan.data.asked === text ? plan.data.changes : null
  const still = found?.every((its) => its.action === 'none') ?? false
  const holds = found?.some((its) => its.decision?.answer === 'hold') ?? false
  const why = live.state === 'stale' ? t.acts.stale : doc.marks.length ? t.blue.problems(doc.marks.length) : !found ? (plan.data ? t.blue.planAgain : t.blue.planFirst) : still ? t.blue.nothing : undefined
  const change = (path: Path, value: unknown) => write(put(text, path, value))
  return (
    <main id="main">
      <div className="head">
        <div><div className="rowx s2"><h1 className="break"><bdi>{fresh ? t.blue.write : id}</bdi></h1>{one.data && !fresh ? <Tag status={one.data.status} /> : null}</div><p>{fresh ? t.blue.newSays : <Rich>{t.blue.say(id)}</Rich>}</p></div>
        <div className="acts">
          {fresh ? null : <Button icon="undo" onClick={() => { write(null); plan.reset() }}>{t.blue.reset}</Button>}
          <Button id="plan" look={found ? '' : 'pri'} busy={plan.isPending} whyNot={doc.broken ? t.blue.problems(doc.marks.length) : undefined} onClick={() => plan.mutate(text)}>{t.blue.plan}</Button>
          <Button id="apply" look={found ? 'pri' : ''} whyNot={why} onClick={() => ask(true)}>{t.blue.apply}</Button>
        </div>
      </div>
      {refused ? <div className="mb" data-refused><Failed error={refused} /></div> : null}
      {found ? <Planned changes={found} /> : null}
      <div className="both">
        <section className="card" aria-label={t.blue.editor}>
          <header><h2>{t.blue.editor}</h2><span className="sp" /><span className={`tag ${marks.length ? 'bad' : 'ok'}`} data-problems={marks.length}><Icon name={marks.length ? 'bad' : 'ok'} />{marks.length ? t.blue.problems(marks.length) : t.blue.fits}</span></header>
          <div className="editor-box tall"><Editor label={t.blue.editor} language="yaml" value={text} onChange={write} marks={marks} complete={complete} /></div>
          {marks.length ? <ul className="problems" aria-live="polite">{marks.slice(0, 8).map((mark, i) => <li key={i}><span className="t3 n">{t.blue.line(lineOf(text, mark.from))}</span> <bdi>{mark.message}</bdi></li>)}</ul> : null}
          <div className="foot"><span>{t.blue.keyboard}</span></div>
        </section>
        <section className="card doc-form" aria-label={t.blue.form}>
          <header><h2>{t.blue.form}</h2></header>
          <div className="pad stack s3" data-form>{doc.broken ? <p className="t2" role="status">{t.blue.broken}</p> : <Fields schema={schema.properties!.spec!} value={(doc.value as { spec?: unknown } | null)?.spec} path={['spec']} wrong={doc.wrong} put={change} />}</div>
        </section>
      </div>
      <div className="stack s1 mt"><span className="t3 xs">{t.acts.sameCommand}</span><Copy text={`novactl apply -f ${fresh ? 'blueprint' : id}.yaml`} /></div>
      {asking && found ? (
        <Ask open onClose={() => ask(false)} title={`${t.blue.apply.replace('…', '')}: ${found[0]?.id}`} icon="blue" family={holds ? 'held' : 'neutral'} says={t.blue.planTitle} footer={<Button look="pri" id="apply-now" busy={apply.isPending} onClick={() => apply.mutate()}>{holds ? t.blue.asks : t.blue.applyNow}</Button>}>
          <Planned changes={found} />
          {apply.error ? <><Failed error={apply.error} />{apply.error instanceof Problem && apply.error.details.approval ? <p><Link className="btn" to="/inbox" search={{ open: `${found[0]!.tenant}/approval/${apply.error.details.approval}` }}>{t.waits.follow}</Link></p> : null}</> : null}
        </Ask>
      ) : null}
    </main>
  )
}
