// One deployment: how its rollout goes, its instances, what it prints, what changed, and the revisions to go back to.
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import { oneQuery, pathOf, whyQuery } from '../../api/queries'
import { useHere } from '../../app/place'
import { Rich, useSpeech } from '../../i18n'
import { Act, useCommands, wordOfAct } from '../../kit/acts'
import { Button } from '../../kit/button'
import { Diff, diffLines } from '../../kit/diff'
import { Icon } from '../../kit/icon'
import { Log, useLog } from '../../kit/log'
import { Failed, Skeleton } from '../../kit/state-box'
import { Status, Tag } from '../../kit/status'
import type { Values } from '../../kit/schema-form'
import { phases, statusOf, stepsOf, textOf, type Deployed } from './model'

function Rollout({ tenant, id, state, changedBy }: { tenant: string; id: string; state: Deployed; changedBy: string }) {
  const { t } = useSpeech()
  const why = useQuery(whyQuery(tenant, 'deployment', id)).data
  const steps = stepsOf(state)
  const instances = Object.entries(state.instances).filter(([, one]) => one.wanted || one.phase !== 'stopped')
  const newest = instances.filter(([, one]) => one.revision === (state.candidate || state.current))
  const ready = newest.filter(([, one]) => one.phase === 'ready').length
  const rules = why?.decision?.rules?.length ?? 0
  const says = { gate: rules ? t.deployments.allowedBy(rules) : '', build: '', start: newest.length ? t.deployments.ready(newest.filter(([, one]) => one.port > 0 || one.phase !== 'starting').length, newest.length) : '', verify: newest.length ? t.deployments.ready(ready, newest.length) : '', move: '', drain: '' }
  return (
    <section className="card" aria-labelledby="rollout">
      <header><h2 id="rollout">{t.deployments.rollout}</h2><span className="t3"><bdi>{changedBy}</bdi></span><span className="sp" /><Link to="/tree" search={{ sel: `${tenant}/deployment/${id}`, tab: 'why' }}>{t.deployments.why}</Link></header>
      <div className="pad stack">
        <ol className="steps">
          {steps.map((step) => (
            <li key={step.key} className={step.state} aria-current={step.state === 'now' ? 'step' : undefined}>
              <span className="tick"><Icon name={step.state === 'done' ? 'ok' : step.state === 'failed' ? 'bad' : step.state === 'now' ? 'work' : 'idle'} className={step.state === 'done' ? 'ok' : step.state === 'failed' ? 'bad' : step.state === 'now' ? 'accent spin' : 'neutral'} /></span>
              <b className={`m${step.state === 'later' ? ' t2' : ''}`}>{t.deployments.steps[step.key]}</b>
              <span className={`xs ${step.state === 'now' ? 'accent m' : 't3'}`}>{says[step.key]}</span>
            </li>
          ))}
        </ol>
        <div className="inst">
          {instances.map(([name, one]) => (
            <div key={name} data-instance={name} data-phase={one.phase}>
              <div className="rowx s2"><Status status={phases[one.phase] ?? one.phase} spin /><span className="sp" /><span className="t3 n cut">{one.service}·r{one.revision}·{one.index}</span></div>
              <span className="t2 xs cut"><bdi>{one.message || one.code}</bdi>{one.restarts ? ` · ${t.deployments.restarts(one.restarts)}` : ''}</span>
            </div>
          ))}
        </div>
      </div>
    </section>
  )
}

function Logs({ tenant, id, services }: { tenant: string; id: string; services: string[] }) {
  const { t, number } = useSpeech()
  const navigate = useNavigate({ from: '/deployments/$tenant/$id' })
  const { service = '', find = '' } = useSearch({ from: '/shell/deployments/$tenant/$id' })
  const { lines, error } = useLog(`${pathOf(tenant, 'deployment', id)}/logs${service ? `?service=${encodeURIComponent(service)}` : ''}`)
  const asked = find.trim().toLowerCase()
  const hits = useMemo(() => (asked ? lines.filter((one) => one.line.toLowerCase().includes(asked)).length : 0), [lines, asked])
  const put = (change: { service?: string | undefined; find?: string | undefined }) => void navigate({ search: (now) => ({ ...now, ...change }), replace: true })
  return (
    <section className="card" aria-labelledby="logs">
      <header><h2 id="logs">{t.deployments.logs}</h2>
        <select className="chip" aria-label={t.deployments.service} value={service} onChange={(event) => put({ service: event.target.value || undefined })}><option value="">{t.deployments.allServices}</option>{services.map((one) => <option key={one}>{one}</option>)}</select>
        <span className="sp" />
        <label className="find"><Icon name="search" /><input className="ltr" data-search aria-label={t.deployments.findLogs} value={find} onChange={(event) => put({ find: event.target.value || undefined })} />{asked ? <span className="n xs">{t.deployments.hits(hits)}</span> : null}</label>
      </header>
      <Log lines={lines} error={error} find={find} label={t.deployments.logs} />
      <div className="foot"><span>{t.deployments.lines(number(lines.length))}</span><span className="sp" /><span>{t.deployments.secrets}</span></div>
    </section>
  )
}

export function Deployment() {
  const { t, age } = useSpeech()
  const { tenant, id } = useParams({ from: '/shell/deployments/$tenant/$id' })
  const navigate = useNavigate({ from: '/deployments/$tenant/$id' })
  const { rev, cmp } = useSearch({ from: '/shell/deployments/$tenant/$id' })
  const one = useQuery(oneQuery(tenant, 'deployment', id))
  const commands = useCommands('deployment')
  const [asking, ask] = useState<{ name: string; given?: Values } | null>(null)
  const state = one.data?.state
  useHere([{ word: t.nav.deployments, to: '/deployments' }, { word: tenant }, ...(state ? [{ word: state.platform }] : []), { word: id }])
  const change = useMemo(() => {
    if (!state) return null
    const after = state.revisions.find((its) => its.number === Number(rev)) ?? state.revisions.at(-1)
    const before = state.revisions.find((its) => its.number === Number(cmp)) ?? state.revisions.filter((its) => its.number < (after?.number ?? 0)).at(-1)
    return { before, after, lines: after && before ? diffLines(textOf(before), textOf(after)) : [] }
  }, [state, rev, cmp])
  if (!one.data || !state) return <main id="main"><div className="head"><h1>{id}</h1></div>{one.error ? <Failed error={one.error} again={() => void one.refetch()} /> : <Skeleton rows={8} />}</main>
  const shown = statusOf(one.data.status, state)
  const gone = ['deleting', 'deleted'].includes(one.data.status)
  const offered = gone ? [] : ['scale', 'restart', 'rollback', state.candidate > 0 ? 'cancel' : '', one.data.status === 'stopped' ? 'start' : 'stop', 'delete'].filter(Boolean)
  const command = asking ? commands?.find((its) => its.name === asking.name) : undefined
  const newest = state.revisions.at(-1)
  const services = [...new Set(Object.keys(state.revisions.find((its) => its.number === state.current)?.services ?? newest?.services ?? {}))]
  return (
    <main id="main">
      <div className="head">
        <div><div className="rowx s2"><h1 className="break"><bdi>{id}</bdi></h1><Tag status={shown} /></div>
          <p><bdi>{tenant}</bdi> · <bdi>{state.platform}</bdi> · <bdi>{state.environment}</bdi>. <Rich>{state.candidate > 0 ? t.deployments.rolling(state.current, state.candidate) : state.serving && state.current > 0 ? t.deployments.serving(state.current) : t.deployments.notServing}</Rich></p>{one.data.reason || state.health_reason ? <p><bdi><Rich>{one.data.reason || state.health_reason}</Rich></bdi></p> : null}</div>
        <div className="acts">
          {offered.map((name) => <Button key={name} data-act={name} look={name === 'stop' || name === 'delete' ? 'dngo' : ''} icon={({ scale: 'scale', restart: 'redo', rollback: 'undo', cancel: 'undo', stop: 'power', start: 'redo', delete: 'x' } as const)[name as 'scale']} onClick={() => ask({ name })}>{wordOfAct(t, name)}…</Button>)}
        </div>
      </div>
      <Rollout tenant={tenant} id={id} state={state} changedBy={newest ? `r${newest.number} · ${newest.by} · ${t.time.ago(age(newest.at))}` : ''} />
      <div className="dep">
        <Logs tenant={tenant} id={id} services={services} />
        <section className="card" aria-labelledby="change">
          <header><h2 id="change">{change?.before && change.after ? t.deployments.change(change.before.number, change.after.number) : t.deployments.first}</h2><span className="sp" />
            {change?.lines.length ? <><span className="tag ok n">+{change.lines.filter((line) => line.kind === '+').length}</span><span className="tag bad n">−{change.lines.filter((line) => line.kind === '-').length}</span></> : null}</header>
          <div className="pad stack s3">
            {change?.lines.length ? <Diff name={`${id}.yaml`} lines={change.lines} /> : change?.before ? <p className="t3">{t.deployments.same}</p> : null}
            <table className="rev">
              <thead><tr><th>{t.deployments.revision}</th><th>{t.tree.state}</th><th>{t.deployments.by}</th><th><span className="sr">{t.deployments.compare}</span></th></tr></thead>
              <tbody>
                {[...state.revisions].reverse().map((its) => (
                  <tr key={its.number} aria-selected={its.number === (change?.after?.number ?? -1)} data-revision={its.number} data-state={its.state}>
                    <td className="n m">r{its.number}</td><td><Status status={its.number === state.current && state.serving ? 'serving' : its.state} spin /></td><td className="t2 cut"><bdi>{its.by}</bdi> · <bdi>{age(its.at)}</bdi></td>
                    <td className="num"><span className="rowx s2 end">{its.ran && its.number !== state.current ? <button type="button" className="link" onClick={() => ask({ name: 'rollback', given: { revision: String(its.number) } })}>{t.deployments.rollBackTo(its.number)}</button> : null}
                      <button type="button" className="link" onClick={() => void navigate({ search: (now) => ({ ...now, rev: String(its.number), cmp: undefined }), replace: true })}>{t.deployments.compare}</button></span></td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </section>
      </div>
      {command && asking ? <Act target={{ tenant, kind: 'deployment', id }} command={command} given={asking.given ?? {}} choices={{ service: services }} onClose={() => ask(null)} /> : null}
    </main>
  )
}
