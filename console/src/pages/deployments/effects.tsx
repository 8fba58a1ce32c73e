// Exactly what an act on a deployment will do, from what runs now: which instances, from how many to how many, which lines change.
import { useSpeech } from '../../i18n'
import { Diff, diffLines } from '../../kit/diff'
import { Icon } from '../../kit/icon'
import type { Values } from '../../kit/schema-form'
import { Status } from '../../kit/status'
import { phases, textOf, type Deployed } from './model'

export function Effects({ name, id, state, values }: { name: string; id: string; state: Deployed; values: Values }) {
  const { t } = useSpeech()
  const runs = Object.entries(state.instances).filter(([, one]) => one.wanted && one.phase !== 'stopped')
  const touched = runs.filter(([, one]) => !values.service || one.service === values.service)
  if (name === 'scale') {
    const from = runs.filter(([, one]) => one.service === values.service).length
    if (!values.service) return null
    const to = values.count === undefined || values.count === '' ? null : Number(values.count)
    return <div className="effects" data-effect="scale"><span className="t3 xs">{t.acts.change}</span><div className="rowx s2"><bdi className="m">{values.service}</bdi><span className="n">{from}</span>{to === null ? null : <><Icon name="right" className="t3" /><span className={`n m ${to < from ? 'bad' : 'ok'}`}>{to}</span></>}<span className="t3">{t.dep.scaleFrom(from)}</span></div></div>
  }
  if (name === 'rollback') {
    const earlier = state.revisions.filter((one) => one.ran && one.number < state.current)
    const to = state.revisions.find((one) => one.number === Number(values.revision)) ?? earlier.at(-1)
    const from = state.revisions.find((one) => one.number === state.current)
    if (!to || !from || to.number === from.number) return null
    const lines = diffLines(textOf(from), textOf(to))
    return <div className="effects" data-effect="rollback"><span className="t3 xs">{t.deployments.change(from.number, to.number)}</span>{lines.length ? <Diff name={`${id}.yaml`} lines={lines} /> : <p className="t3">{t.deployments.same}</p>}</div>
  }
  if (!['restart', 'stop', 'delete', 'cancel'].includes(name)) return null
  const hit = name === 'cancel' ? runs.filter(([, one]) => one.revision === state.candidate) : touched
  return (
    <div className="effects" data-effect={name}>
      <span className="t3 xs">{t.dep.servicesNow}</span>
      <ul className="stack s1">{hit.map(([key, one]) => <li key={key}><Icon name={name === 'restart' ? 'redo' : 'power'} className={name === 'restart' ? 'accent' : 'bad'} /><code>{key}</code><Status status={phases[one.phase] ?? one.phase} /></li>)}</ul>
      {name === 'stop' || name === 'delete' ? <p className="m">{t.dep.endsAll}</p> : null}
    </div>
  )
}
