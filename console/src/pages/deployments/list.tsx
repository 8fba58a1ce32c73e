import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { everyQuery, tenantsQuery } from '../../api/queries'
import { useHere } from '../../app/place'
import { useSpeech } from '../../i18n'
import { Button } from '../../kit/button'
import { Icon } from '../../kit/icon'
import { Empty, Failed, Skeleton } from '../../kit/state-box'
import { severity, Status, wordOf } from '../../kit/status'
import { statusOf } from './model'

const rows_max = 500

export function Deployments() {
  const { t, age, number } = useSpeech()
  const navigate = useNavigate({ from: '/deployments' })
  const { q = '', status = '', tenant = '' } = useSearch({ from: '/shell/deployments' })
  const tenants = useQuery(tenantsQuery)
  const names = (tenants.data?.items ?? []).filter((one) => one.status !== 'archived').map((one) => one.id)
  const list = useQuery({ ...everyQuery('deployment', names), enabled: tenants.data !== undefined })
  useHere([{ word: t.nav.deployments }])
  const living = (list.data ?? []).filter((one) => one.status !== 'deleted').map((one) => ({ one, shown: statusOf(one.status, one.state) }))
  const statuses = [...new Set(living.map(({ shown }) => shown))].sort()
  const asked = q.trim().toLowerCase()
  const rows = living.filter(({ one, shown }) => (!status || shown === status) && (!tenant || one.tenant === tenant) && (!asked || `${one.id} ${one.tenant} ${one.reason}`.toLowerCase().includes(asked)))
    .sort((a, b) => severity(b.shown) - severity(a.shown) || a.one.id.localeCompare(b.one.id))
  const put = (change: { q?: string | undefined; status?: string | undefined; tenant?: string | undefined }) => void navigate({ search: (now) => ({ ...now, ...change }), replace: true })
  const error = tenants.error ?? list.error
  return (
    <main id="main">
      <div className="head"><div><h1>{t.deployments.title}</h1>{list.data ? <p>{t.deployments.says(number(living.filter(({ shown }) => shown === 'healthy').length), number(living.length))}</p> : null}</div></div>
      {error ? <Failed error={error} again={() => void list.refetch()} /> : null}
      <section className="card" aria-label={t.deployments.title}>
        <div className="toolbar in-card">
          <label className="in"><Icon name="search" /><input data-search aria-label={t.deployments.find} placeholder={t.deployments.find} dir="auto" value={q} onChange={(event) => put({ q: event.target.value || undefined })} /><kbd>/</kbd></label>
          <select className="chip" aria-label={t.tree.state} value={status} onChange={(event) => put({ status: event.target.value || undefined })}><option value="">{t.deployments.anyStatus}</option>{statuses.map((one) => <option key={one} value={one}>{wordOf(t, one)}</option>)}</select>
          <select className="chip" aria-label={t.deployments.tenant} value={tenant} onChange={(event) => put({ tenant: event.target.value || undefined })}><option value="">{t.deployments.anyTenant}</option>{names.map((one) => <option key={one} value={one}>{one}</option>)}</select>
        </div>
        {list.data === undefined ? (error ? null : <Skeleton rows={6} />) : rows.length === 0 ? (
          living.length === 0 ? <Empty title={t.deployments.none} command="novactl apply -f config/examples/clinic.yaml">{t.deployments.noneSays}</Empty>
            : <Empty title={t.deployments.noMatch}>{t.deployments.noMatchSays} <Button size="sm" onClick={() => put({ q: undefined, status: undefined, tenant: undefined })}>{t.deployments.clear}</Button></Empty>
        ) : (
          <div className="scroll-x" tabIndex={0} role="group" aria-label={t.deployments.title}>
            <table>
              <thead><tr><th>{t.deployments.deployment}</th><th>{t.tree.state}</th><th>{t.deployments.tenant}</th><th>{t.deployments.environment}</th><th className="num">{t.deployments.revision}</th><th className="num">{t.deployments.instances}</th><th>{t.overview.reason}</th><th className="num">{t.deployments.changed}</th></tr></thead>
              <tbody>
                {rows.slice(0, rows_max).map(({ one, shown }) => {
                  const instances = Object.values(one.state.instances)
                  return (
                    <tr key={`${one.tenant}/${one.id}`}>
                      <td><Link className="m" to="/deployments/$tenant/$id" params={{ tenant: one.tenant, id: one.id }}><bdi>{one.id}</bdi></Link></td>
                      <td><Status status={shown} spin /></td><td><bdi>{one.tenant}</bdi></td><td><bdi>{one.state.environment}</bdi></td>
                      <td className="num">{one.state.candidate ? `r${one.state.current} → r${one.state.candidate}` : one.state.current ? `r${one.state.current}` : '–'}</td>
                      <td className="num">{instances.filter((its) => its.phase === 'ready').length}/{instances.filter((its) => its.wanted).length}</td>
                      <td className="t2 cut reason"><bdi>{one.reason || one.state.health_reason}</bdi></td>
                      <td className="num"><bdi>{age(one.updated_at)}</bdi></td>
                    </tr>
                  )
                })}
              </tbody>
            </table>
          </div>
        )}
      </section>
    </main>
  )
}
