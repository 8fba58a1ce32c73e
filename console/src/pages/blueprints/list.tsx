import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { everyQuery, tenantsQuery } from '../../api/queries'
import { useHere } from '../../app/place'
import { useSpeech } from '../../i18n'
import { Icon } from '../../kit/icon'
import { Empty, Failed, Skeleton } from '../../kit/state-box'
import { Status } from '../../kit/status'

export function Blueprints() {
  const { t, age, number } = useSpeech()
  const navigate = useNavigate({ from: '/blueprints' })
  const { q = '', tenant = '' } = useSearch({ from: '/shell/blueprints' })
  const tenants = useQuery(tenantsQuery)
  const names = (tenants.data?.items ?? []).filter((one) => one.status !== 'archived').map((one) => one.id)
  const list = useQuery({ ...everyQuery('blueprint', names), enabled: tenants.data !== undefined })
  useHere([{ word: t.nav.blueprints }])
  const all = list.data ?? []
  const asked = q.trim().toLowerCase()
  const rows = all.filter((one) => (!tenant || one.tenant === tenant) && (!asked || `${one.id} ${one.tenant} ${one.state.content.definition?.name}`.toLowerCase().includes(asked))).sort((a, b) => a.tenant.localeCompare(b.tenant) || a.id.localeCompare(b.id))
  const put = (change: { q?: string | undefined; tenant?: string | undefined }) => void navigate({ search: (now) => ({ ...now, ...change }), replace: true })
  const error = tenants.error ?? list.error
  const write = names.length ? <Link className="btn pri" id="new-blueprint" to="/blueprints/$tenant/$id" params={{ tenant: tenant || names[0]!, id: 'new' }}><Icon name="plus" />{t.blue.write}</Link> : null
  return (
    <main id="main">
      <div className="head"><div><h1>{t.blue.title}</h1>{list.data ? <p>{t.blue.says(number(all.length))}</p> : null}</div><div className="acts">{write}</div></div>
      {error ? <Failed error={error} again={() => void list.refetch()} /> : null}
      <section className="card" aria-label={t.blue.title}>
        <div className="toolbar in-card">
          <label className="in"><Icon name="search" /><input data-search aria-label={t.blue.find} placeholder={t.blue.find} dir="auto" value={q} onChange={(event) => put({ q: event.target.value || undefined })} /><kbd>/</kbd></label>
          <select className="chip" aria-label={t.blue.tenant} value={tenant} onChange={(event) => put({ tenant: event.target.value || undefined })}><option value="">{t.deployments.anyTenant}</option>{names.map((one) => <option key={one}>{one}</option>)}</select>
        </div>
        {!list.data ? (error ? null : <Skeleton rows={6} />) : rows.length === 0 ? <Empty title={all.length ? t.blue.noMatch : t.blue.none} command={all.length ? '' : 'novactl apply -f config/examples/clinic.yaml'}>{all.length ? null : t.blue.noneSays}</Empty> : (
          <div className="scroll-x" tabIndex={0} role="group" aria-label={t.blue.title}>
            <table>
              <thead><tr><th>{t.blue.blueprint}</th><th>{t.tree.state}</th><th>{t.blue.tenant}</th><th>{t.blue.environment}</th><th>{t.blue.services}</th><th className="num">{t.blue.version}</th><th className="num">{t.blue.changed}</th></tr></thead>
              <tbody>
                {rows.map((one) => (
                  <tr key={`${one.tenant}/${one.id}`} data-blueprint={one.id}>
                    <td><Link className="m" to="/blueprints/$tenant/$id" params={{ tenant: one.tenant, id: one.id }}><bdi>{one.id}</bdi></Link>{one.state.content.definition?.name && one.state.content.definition?.name !== one.id ? <span className="t3"> <bdi>{one.state.content.definition?.name}</bdi></span> : null}</td>
                    <td><Status status={one.status} /></td><td><bdi>{one.tenant}</bdi></td><td><bdi>{one.state.environment}</bdi></td>
                    <td><span className="rules">{Object.keys(one.state.content.services).map((name) => <code key={name} className="rule">{name}</code>)}</span></td>
                    <td className="num">{one.state.version}</td><td className="num"><bdi>{age(one.updated_at)}</bdi></td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </section>
    </main>
  )
}
