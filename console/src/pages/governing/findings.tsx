// What the node found out about an amendment: which rules come and go, what any request may meet, what the past would have met.
import { Link } from '@tanstack/react-router'
import { useSpeech } from '../../i18n'
import { Icon } from '../../kit/icon'
import { Person } from '../../kit/person'
import { Status } from '../../kit/status'

interface Example {
  request: string
  because: string
}
export interface Plan {
  from: string
  step: 'tightening' | 'loosening'
  policies: { permits_added: string[]; permits_removed: string[]; forbids_added: string[]; forbids_removed: string[] }
  analysis: { change: string; exact: boolean; exhaustive: boolean; requests_tried: number; now_denied?: Example; now_allowed?: Example }
  replay: { decisions: number; same: number; now_denied: number; now_held: number; now_allowed: number; lacking: number; lacked: { attribute: string; decisions: number }[]; examples: Changed[] }
}
interface Changed {
  position: number
  at: string
  who: string
  act: string
  resource: string
  before: string
  after: string
}

function Bar({ parts }: { parts: [family: string, n: number][] }) {
  const all = parts.reduce((sum, [, n]) => sum + n, 0)
  if (all === 0) return null
  let at = 0
  return (
    <svg className="bar" viewBox="0 0 1000 8" preserveAspectRatio="none" aria-hidden="true">
      {parts.map(([family, n]) => {
        const width = (n / all) * 1000
        const x = at
        at += width
        return <rect key={family} className={`f${family}`} x={x} width={Math.max(0, width - 3)} height="8" />
      })}
    </svg>
  )
}

function Found({ says, example, looser }: { says: string; example: Example; looser: boolean }) {
  const { t } = useSpeech()
  return (
    <div className="stack s1">
      <div className="rowx s2"><Icon name={looser ? 'warn' : 'shield'} className={looser ? 'warn' : 'ok'} /><span>{says}</span></div>
      <details className="fold"><summary>{t.amend.example}</summary><pre className="code" tabIndex={0}>{example.request}{'\n'}{example.because}</pre></details>
    </div>
  )
}

export function Findings({ plan, rules }: { plan: Plan; rules: number }) {
  const { t, number, clock } = useSpeech()
  const { policies, analysis, replay } = plan
  const tight = [...policies.forbids_added.map((id) => [id, t.amend.added]), ...policies.permits_removed.map((id) => [id, t.amend.gone])]
  const loose = [...policies.permits_added.map((id) => [id, t.amend.added]), ...policies.forbids_removed.map((id) => [id, t.amend.gone])]
  return (
    <>
      <div className="three" data-step={plan.step}>
        <section className="card" aria-labelledby="found-plan"><header><h2 id="found-plan">{t.amend.planTitle}</h2><span className="sp" /><span className="t3">{t.amend.ofRules(tight.length + loose.length, rules)}</span></header>
          <div className="pad stack s2">
            {tight.map(([id, how]) => <div key={id} className="rowx s2" data-tighter><span className="tag ok"><Icon name="shield" />{t.amend.tighter}</span><code className="cut">{id}</code><span className="t3 xs">{how}</span></div>)}
            {loose.map(([id, how]) => <div key={id} className="rowx s2" data-looser><span className="tag warn"><Icon name="warn" />{t.amend.looser}</span><code className="cut">{id}</code><span className="t3 xs">{how}</span></div>)}
            {tight.length + loose.length === 0 ? <p className="t3">{t.amend.none}</p> : null}
          </div></section>
        <section className="card" aria-labelledby="found-analysis" data-analysis><header><h2 id="found-analysis">{t.amend.analysis}</h2><span className="sp" /><span className="t3">{analysis.exhaustive && analysis.exact ? t.amend.over.all : t.amend.over.some(number(analysis.requests_tried))}</span></header>
          <div className="pad stack s2">
            <div className="rowx s2"><Icon name={analysis.now_allowed ? 'warn' : 'shieldok'} className={analysis.now_allowed ? 'warn' : 'ok'} /><span>{t.amend.changes[analysis.change] ?? analysis.change}</span></div>
            {analysis.now_denied ? <Found says={t.amend.nowDenied} example={analysis.now_denied} looser={false} /> : null}
            {analysis.now_allowed ? <Found says={t.amend.nowAllowed} example={analysis.now_allowed} looser /> : null}
            {analysis.exhaustive || (analysis.now_denied && analysis.now_allowed) ? null : <p className="t3 xs">{t.amend.notProved}</p>}
          </div></section>
        <section className="card" aria-labelledby="found-replay"><header><h2 id="found-replay">{t.amend.replay}</h2><span className="sp" /><span className="t3 n">{number(replay.decisions)}</span></header>
          <div className="pad stack s2">
            <Bar parts={[['neu', replay.same], ['bad', replay.now_denied], ['held', replay.now_held], ['warn', replay.now_allowed]]} />
            <div><b className="big n" data-replayed>{number(replay.same)}</b> <span className="t2">{t.amend.asBefore}</span></div>
            <div className="rowx s2 wrap">
              {replay.now_denied ? <span className="tag bad"><Icon name="lock" />{t.amend.denied(number(replay.now_denied))}</span> : null}
              {replay.now_held ? <span className="tag held"><Icon name="held" />{t.amend.held(number(replay.now_held))}</span> : null}
              {replay.now_allowed ? <span className="tag warn"><Icon name="warn" />{t.amend.allowed(number(replay.now_allowed))}</span> : null}
              {replay.lacking ? <span className="tag" title={replay.lacked.map((one) => `${one.attribute}: ${one.decisions}`).join('\n')}><Icon name="unk" />{t.amend.lacking(number(replay.lacking))}</span> : null}
            </div>
          </div></section>
      </div>
      <section className="card mb" aria-labelledby="found-different"><header><h2 id="found-different">{t.amend.different}</h2><span className="cnt">{replay.examples.length}</span></header>
        {replay.examples.length === 0 ? <div className="pad"><p className="t3">{t.amend.nothing}</p></div> : (
          <div className="scroll-x" tabIndex={0} role="group" aria-label={t.amend.different}>
            <table>
              <thead><tr><th>{t.law.when}</th><th>{t.amend.act}</th><th>{t.amend.by}</th><th>{t.amend.verdict}</th></tr></thead>
              <tbody>
                {replay.examples.map((one) => (
                  <tr key={one.position}><td className="t2 nw"><Link to="/events" search={{ sel: String(one.position) }} className="n">{clock(one.at)}</Link></td><td><code>{one.act}</code> <bdi className="t2">{one.resource}</bdi></td><td className="cut who-cell"><Person id={one.who} /></td>
                    <td><div className="rowx s2 nw"><Status status={one.before} /><Icon name="right" className="t3" /><Status status={one.after} /></div></td></tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </section>
    </>
  )
}
