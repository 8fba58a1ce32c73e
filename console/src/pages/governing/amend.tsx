// An amendment: the text is written, the node says what it changes and which of the past decisions, and only then the owner seals it.
import { useMutation, useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useEffect, useMemo, useState } from 'react'
import { Problem, post } from '../../api/client'
import { useMe } from '../../api/queries'
import { useHere } from '../../app/place'
import { Rich, useSpeech } from '../../i18n'
import { Button } from '../../kit/button'
import { Copy } from '../../kit/copy'
import { Diff, diffLines } from '../../kit/diff'
import { Editor, type Mark } from '../../kit/editor'
import { Icon } from '../../kit/icon'
import { constitutionQuery } from '../../kit/rules'
import { Failed, Skeleton } from '../../kit/state-box'
import { Seal } from './draft'
import { Findings, type Plan } from './findings'

/** "12:5", a line and a column, as an offset of the text. */
export function offsetOf(text: string, place: string): number | null {
  const found = /^(\d+):(\d+)$/.exec(place)
  if (!found) return null
  const lines = text.split('\n')
  const line = Math.min(Number(found[1]), lines.length)
  return lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0) + Math.min(Number(found[2]) - 1, lines[line - 1]?.length ?? 0)
}

export function Amend() {
  const { t } = useSpeech()
  const navigate = useNavigate({ from: '/governance/amend' })
  const { from = '' } = useSearch({ from: '/shell/governance/amend' })
  const owner = useMe()?.root_owner === true
  const now = useQuery(constitutionQuery())
  const base = useQuery(constitutionQuery(from))
  const [text, write] = useState<string | null>(null)
  const [sealing, seal] = useState(false)
  useHere([{ word: t.nav.governance, to: '/governance' }, { word: t.amend.title }])
  useEffect(() => { if (text === null && base.data) write(base.data.text ?? '') }, [base.data, text])
  const plan = useMutation({ mutationFn: async (asked: string) => ({ asked, found: await post<Plan>('/v1/constitution/plan', { text: asked, replay: 1000 }) }) })
  const places = plan.error instanceof Problem && plan.variables === text ? plan.error.errors : []
  const marks = useMemo<Mark[]>(() => places.flatMap((one) => {
    const at = offsetOf(text ?? '', one.path)
    return at === null ? [] : [{ from: at, to: at + 1, severity: 'error' as const, message: one.message }]
  }), [plan.error, text])
  const lines = useMemo(() => (plan.data && now.data ? diffLines(now.data.text ?? '', plan.data.asked) : []), [plan.data, now.data])
  const error = now.error ?? base.error
  if (error) return <main id="main"><div className="head"><h1>{t.amend.title}</h1></div><Failed error={error} again={() => void base.refetch()} /></main>
  if (!now.data || text === null) return <main id="main"><div className="head"><h1>{t.amend.title}</h1></div><div className="card"><Skeleton rows={12} /></div></main>
  const found = plan.data && !plan.error && plan.data.asked === text ? plan.data.found : null
  const tight = found ? found.policies.forbids_added.length + found.policies.permits_removed.length : 0
  const loose = found ? found.policies.permits_added.length + found.policies.forbids_removed.length : 0
  const tightens = found?.step === 'tightening'
  const why = !owner ? t.law.ownerOnly : found ? undefined : plan.data ? t.amend.again : t.amend.first
  const reached = found ? 3 : 1
  return (
    <main id="main">
      <div className="head">
        <div><h1>{found ? t.amend.before(tight, loose) : t.amend.title}</h1><p><Rich>{t.amend.says(now.data.version)}</Rich>{found ? <> {tightens ? t.amend.tightening : t.amend.loosening}</> : null}</p></div>
        <div className="acts"><Button id="plan" look={found ? '' : 'pri'} icon="gov" busy={plan.isPending} onClick={() => plan.mutate(text)}>{t.amend.plan}</Button><Button id="amend-now" look={found ? 'pri' : ''} whyNot={why} onClick={() => seal(true)}>{t.amend.go}</Button></div>
      </div>
      <ol className="flow" aria-label={t.amend.title}>
        {t.amend.steps.map((word, i) => <li key={word} className={`stp${i < reached ? ' on' : ''}`}><Icon name={i < reached ? 'ok' : 'idle'} className={i < reached ? 'ok' : 'neutral'} /><span>{word}</span>{i < t.amend.steps.length - 1 ? <span className="ln" aria-hidden="true" /> : null}</li>)}
      </ol>
      {plan.error && plan.variables === text ? (places.length ? (
        <div className="note bad mb" role="alert" data-wrong><Icon name="bad" /><div className="stack s1"><div className="m">{t.amend.wrong}: {t.amend.places(places.length)}</div>{places.map((one, i) => <div key={i}><code>{one.path}</code> <bdi>{one.message}</bdi></div>)}</div></div>
      ) : <div className="mb"><Failed error={plan.error} /></div>) : null}
      {found ? <Findings plan={found} rules={base.data?.rules.length ?? 0} /> : null}
      <div className={`amend${found ? '' : ' alone-editor'}`}>
        <section className="card" aria-label={t.amend.text}>
          <header><h2>{t.amend.text}</h2><span className="sp" /><span className="t3 xs">{t.blue.keyboard}</span></header>
          <div className="editor-box"><Editor label={t.amend.text} language="cedar" value={text} onChange={write} marks={marks} /></div>
          <div className="pad"><Copy text="novactl constitution plan constitution.cedar" /></div>
        </section>
        {found ? <section className="card" aria-label={t.amend.diff}><header><h2>{t.amend.diff}</h2><span className="sp" /><span className="tag ok n">+{lines.filter((line) => line.kind === '+').length}</span><span className="tag bad n">−{lines.filter((line) => line.kind === '-').length}</span></header><div className="pad"><Diff name="constitution.cedar" lines={lines} /></div></section> : null}
      </div>
      {sealing && found ? (
        <Seal title={t.amend.dialog} word={tightens ? t.amend.now : t.amend.draftNow} effect={tightens ? t.amend.tightening : t.amend.loosening}
          send={(proof) => post('/v1/constitution/amend', { text, ...proof })} onDone={() => void navigate({ to: '/governance', search: {} })} onClose={() => seal(false)} />
      ) : null}
    </main>
  )
}
