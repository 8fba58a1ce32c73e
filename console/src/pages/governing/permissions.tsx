// Who may do what: the roles of a tenant, the roles of the platform, and one person with the reason for each right.
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { get, seg } from '../../api/client'
import { tenantsQuery, useMe } from '../../api/queries'
import type { Item, Page } from '../../api/types'
import { useHere } from '../../app/place'
import { useSpeech } from '../../i18n'
import { Icon } from '../../kit/icon'
import { Failed, Skeleton } from '../../kit/state-box'
import { Tabs } from '../../kit/tabs'

interface Roles {
  platform_roles: { name: string; subscriber: boolean; permissions: string[] }[]
  platform_permissions: string[]
  tenant_roles: { code: string; rank: number }[]
  tenant_capability_matrix: { roles: string[]; capabilities: { code: string; allow: string[] }[] }
}
interface Right {
  name: string
  allow: boolean
  rule: string
  reason: string
}
interface Effective {
  id: string
  role?: string
  root_owner?: boolean
  tenant_role?: string
  permissions: Right[]
  capabilities?: Right[]
}

function Search({ text, onChange }: { text: string; onChange: (text: string) => void }) {
  const { t } = useSpeech()
  return <label className="in"><Icon name="search" /><input data-search aria-label={t.matrix.find} placeholder={t.matrix.find} dir="auto" value={text} onChange={(event) => onChange(event.target.value)} /><kbd>/</kbd></label>
}

function Matrix({ label, rows, columns, allows }: { label: string; rows: string[]; columns: string[]; allows: (row: string, column: string) => boolean }) {
  const { t } = useSpeech()
  const [asked, ask] = useState('')
  const found = rows.filter((row) => row.includes(asked.trim().toLowerCase()))
  return (
    <section className="card" aria-label={label}>
      <div className="toolbar in-card"><Search text={asked} onChange={ask} /></div>
      <div className="scroll-x matrix" tabIndex={0} role="group" aria-label={label}>
        <table>
          <thead><tr><th scope="col">{label}</th>{columns.map((column) => <th key={column} scope="col" className="mid"><bdi>{column.replaceAll('_', ' ')}</bdi><div className="t3 n">{t.matrix.all(rows.filter((row) => allows(row, column)).length, rows.length)}</div></th>)}</tr></thead>
          <tbody>
            {found.map((row) => (
              <tr key={row}><th scope="row"><code>{row}</code></th>{columns.map((column) => <td key={column} className="mid">{allows(row, column) ? <><Icon name="ok" className="ok" /><span className="sr">{t.matrix.may}</span></> : <><span className="t3" aria-hidden="true">–</span><span className="sr">{t.matrix.mayNot}</span></>}</td>)}</tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}

function Person({ tenant, user, put }: { tenant: string; user: string; put: (change: { tenant?: string | undefined; user?: string | undefined }) => void }) {
  const { t } = useSpeech()
  const [asked, ask] = useState('')
  const me = useMe()
  const tenants = useQuery(tenantsQuery)
  // Who may not read accounts is asked about themselves alone.
  const users = useQuery({ queryKey: ['list', 'user', '', 'rights'], queryFn: ({ signal }) => get<Page<Item<'user'>>>('/v1/users?limit=500', signal), retry: false })
  const path = user ? `/api/permissions/user/${seg(user)}` : '/api/permissions/me'
  const found = useQuery({ queryKey: ['rights', user, tenant], queryFn: ({ signal }) => get<Effective>(`${path}${tenant ? `?tenant=${seg(tenant)}` : ''}`, signal), retry: false })
  const rights = [...(found.data?.capabilities ?? []), ...(found.data?.permissions ?? [])].filter((one) => `${one.name} ${one.reason}`.toLowerCase().includes(asked.trim().toLowerCase()))
  return (
    <section className="card" aria-label={t.matrix.tabs.yours}>
      <div className="toolbar in-card">
        <Search text={asked} onChange={ask} />
        {users.data ? <select className="chip" aria-label={t.matrix.person} value={user} onChange={(event) => put({ user: event.target.value || undefined })}><option value="">{t.matrix.you}</option>{users.data.items.filter((one) => one.id !== me?.principal).map((one) => <option key={one.id} value={one.id}>{one.state.account?.email ?? one.id}</option>)}</select> : null}
        <select className="chip" aria-label={t.matrix.tenant} value={tenant} onChange={(event) => put({ tenant: event.target.value || undefined })}><option value="">{t.matrix.noTenant}</option>{(tenants.data?.items ?? []).map((one) => <option key={one.id}>{one.id}</option>)}</select>
        <span className="sp" />
        {found.data ? <span className="t3">{found.data.root_owner ? t.frame.owner : found.data.role}{found.data.tenant_role ? <> · <bdi>{found.data.tenant_role}</bdi></> : null}</span> : null}
      </div>
      {found.error ? <div className="pad"><Failed error={found.error} again={() => void found.refetch()} /></div> : !found.data ? <Skeleton rows={12} /> : (
        <div className="scroll-x" tabIndex={0} role="group" aria-label={t.matrix.tabs.yours}>
          <table>
            <thead><tr><th>{t.matrix.right}</th><th>{t.matrix.allowed}</th><th>{t.matrix.because}</th></tr></thead>
            <tbody>
              {rights.map((one) => (
                <tr key={one.name} data-right={one.name} data-allow={one.allow}><td><code>{one.name}</code></td><td><span className={`st ${one.allow ? 'ok' : 'neutral'}`}><Icon name={one.allow ? 'ok' : 'lock'} />{one.allow ? t.matrix.may : t.matrix.mayNot}</span></td><td className="t2"><bdi>{one.reason}</bdi> <code>{one.rule}</code></td></tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  )
}

export function Permissions() {
  const { t } = useSpeech()
  const navigate = useNavigate({ from: '/governance/permissions' })
  const { tab = 'tenant', tenant = '', user = '' } = useSearch({ from: '/shell/governance/permissions' })
  const roles = useQuery({ queryKey: ['roles'], queryFn: ({ signal }) => get<Roles>('/v1/roles', signal), staleTime: Infinity })
  useHere([{ word: t.nav.governance, to: '/governance' }, { word: t.matrix.title }])
  const put = (change: Record<string, string | undefined>) => void navigate({ search: (now) => ({ ...now, ...change }), replace: true })
  const data = roles.data
  return (
    <main id="main">
      <div className="head"><div><h1>{t.matrix.title}</h1><p>{t.matrix.says} <Link to="/governance">{t.matrix.constitution}</Link></p></div></div>
      <div className="stack">
        <Tabs label={t.matrix.title} now={tab} onChange={(next) => void navigate({ search: { tab: next } })} tabs={(['tenant', 'platform', 'yours'] as const).map((key) => [key as string, t.matrix.tabs[key]] as const)}>
          {tab === 'yours' ? <Person tenant={tenant} user={user} put={put} /> : roles.error ? <Failed error={roles.error} again={() => void roles.refetch()} /> : !data ? <div className="card"><Skeleton rows={14} /></div> : tab === 'platform' ? (
            <Matrix key="platform" label={t.matrix.permission} rows={data.platform_permissions} columns={data.platform_roles.filter((one) => one.permissions.length > 0).map((one) => one.name)} allows={(row, column) => data.platform_roles.find((one) => one.name === column)!.permissions.includes(row)} />
          ) : (
            <Matrix key="tenant" label={t.matrix.capability} rows={data.tenant_capability_matrix.capabilities.map((one) => one.code)} columns={data.tenant_capability_matrix.roles} allows={(row, column) => data.tenant_capability_matrix.capabilities.find((one) => one.code === row)!.allow.includes(column)} />
          )}
        </Tabs>
      </div>
    </main>
  )
}
