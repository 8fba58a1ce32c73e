// What applying would change: every place before and after, what the gate says, and who must agree.
import { Link } from '@tanstack/react-router'
import type { Decision } from '../../api/types'
import { Rich, useSpeech } from '../../i18n'
import { Icon } from '../../kit/icon'
import { RuleWords } from '../../kit/rules'

export interface Change {
  kind: string
  tenant: string
  id: string
  action: 'none' | 'change' | 'create'
  intent_version: number
  deployment?: string
  diff: { path: string; from: unknown; to: unknown }[]
  decision?: Decision
}

const text = (value: unknown) => (value === null ? '–' : typeof value === 'string' ? value : JSON.stringify(value))
const looks = { allow: ['ok', 'shieldok'], hold: ['held', 'held'], deny: ['bad', 'lock'] } as const

export function Planned({ changes }: { changes: Change[] }) {
  const { t } = useSpeech()
  return (
    <section className="card mb" aria-labelledby="planned" data-planned={changes.every((one) => one.action === 'none') ? 'none' : 'change'}>
      <header><h2 id="planned">{t.blue.planTitle}</h2><span className="cnt">{changes.reduce((n, one) => n + one.diff.length, 0)}</span></header>
      {changes.map((one) => {
        const verdict = one.decision?.answer as keyof typeof looks | undefined
        const [family, icon] = verdict ? looks[verdict] : ['neutral', 'idle'] as const
        return (
          <div key={`${one.kind}/${one.id}`} className="stack s3 planned">
            <div className="rowx s2 wrap"><span className={`tag ${one.action === 'none' ? '' : 'accent'}`}>{one.action === 'create' ? t.blue.create : one.action === 'change' ? t.blue.change : t.blue.same}</span><code>{`${one.tenant}/${one.kind}/${one.id}`}</code>{one.deployment && one.action !== 'none' ? <span className="t2"><Rich>{t.blue.deploys(one.deployment)}</Rich> <Link to="/deployments/$tenant/$id" params={{ tenant: one.tenant, id: one.deployment }}>{t.blue.openDeployment}</Link></span> : null}</div>
            {one.action === 'none' ? <p className="t2">{t.blue.nothing}</p> : (
              <div className="scroll-x" tabIndex={0} role="group" aria-label={t.blue.planTitle}>
                <table className="places">
                  <thead><tr><th>{t.blue.path}</th><th>{t.blue.from}</th><th>{t.blue.to}</th></tr></thead>
                  <tbody>{one.diff.map((its) => <tr key={its.path} data-place={its.path}><td><code>{its.path}</code></td><td className="was"><code className="break">{text(its.from)}</code></td><td className="becomes"><code className="break">{text(its.to)}</code></td></tr>)}</tbody>
                </table>
              </div>
            )}
            {verdict ? (
              <div className="impact" data-verdict={verdict}>
                <div><span className="t3 xs">{t.blue.verdict}</span><div className={`rowx s2 ${family}`}><Icon name={icon} className={family} /><span className="m">{verdict === 'hold' ? t.blue.hold : verdict === 'deny' ? t.blue.deny : t.blue.allow}</span></div><RuleWords ids={one.decision!.rules ?? []} /></div>
                <div><span className="t3 xs">{t.blue.approvals}</span><p>{verdict === 'hold' ? t.waits.will : t.blue.noApprovals}</p></div>
              </div>
            ) : null}
          </div>
        )
      })}
    </section>
  )
}
