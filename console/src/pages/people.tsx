// Accounts, members, keys and sessions: who there is, and what each may do.
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { get } from '../api/client'
import { everyQuery, listQuery, tenantsQuery, useMe } from '../api/queries'
import type { Item, Page } from '../api/types'
import { useHere } from '../app/place'
import { useSpeech } from '../i18n'
import { Act, useCommands } from '../kit/acts'
import { Button } from '../kit/button'
import { Empty, Failed, Skeleton } from '../kit/state-box'
import { Status } from '../kit/status'
import { Tabs } from '../kit/tabs'

type Tab = 'users' | 'members' | 'keys' | 'sessions'
type Loose = Record<string, unknown>
const text = (value: unknown) => (typeof value === 'string' || typeof value === 'number' ? String(value) : '')

function Users() {
  const { t, age } = useSpeech()
  const list = useQuery(listQuery('system', 'user', '?limit=200'))
  if (list.error) return <Failed error={list.error} again={() => void list.refetch()} />
  if (!list.data) return <div className="card"><Skeleton rows={6} /></div>
  return (
    <section className="card scroll-x" aria-label={t.people.tabs.users} tabIndex={0}>
      {list.data.items.length === 0 ? <Empty title={t.people.noUsers} /> : (
        <table>
          <thead><tr><th>{t.people.name}</th><th>{t.people.email}</th><th>{t.people.role}</th><th>{t.people.state}</th><th className="num">{t.people.joined}</th></tr></thead>
          <tbody>
            {list.data.items.map((one) => {
              const state = one.state as Loose
              const account = (state.account ?? {}) as Loose
              return (
                <tr key={one.id}><td><Link className="m" to="/k/$kind/$tenant/$id" params={{ kind: 'user', tenant: 'system', id: one.id }}><bdi>{text(account.full_name) || text(account.username) || one.id}</bdi></Link></td><td><bdi>{text(account.email)}</bdi></td><td><bdi>{text(state.role)}</bdi>{state.root_owner === true ? <span className="t3"> · {t.frame.owner}</span> : null}</td><td><Status status={one.status} /></td><td className="num"><bdi>{age(one.created_at)}</bdi></td></tr>
              )
            })}
          </tbody>
        </table>
      )}
    </section>
  )
}

function Of({ kind, none, says }: { kind: 'membership' | 'api_key'; none: string; says?: string }) {
  const { t, age } = useSpeech()
  const tenants = useQuery(tenantsQuery)
  const names = (tenants.data?.items ?? []).map((one) => one.id)
  const list = useQuery({ ...everyQuery(kind, names), enabled: tenants.data !== undefined })
  const error = tenants.error ?? list.error
  if (error) return <Failed error={error} again={() => void list.refetch()} />
  if (!list.data) return <div className="card"><Skeleton rows={6} /></div>
  const key = kind === 'api_key'
  return (
    <section className="card scroll-x" aria-label={key ? t.people.tabs.keys : t.people.tabs.members} tabIndex={0}>
      {list.data.length === 0 ? <Empty title={none}>{says}</Empty> : (
        <table>
          <thead><tr><th>{key ? t.people.key : t.people.member}</th><th>{t.people.tenant}</th><th>{key ? t.people.scopes : t.people.role}</th><th>{t.people.state}</th><th className="num">{key ? t.people.lastUsed : t.people.joined}</th></tr></thead>
          <tbody>
            {list.data.map((one) => {
              const state = one.state as Loose
              const used = text(state.last_used_at)
              return (
                <tr key={`${one.tenant}/${one.id}`}><td><Link className="m" to="/k/$kind/$tenant/$id" params={{ kind, tenant: one.tenant, id: one.id }}><bdi>{text(state.name) || one.id}</bdi></Link></td><td><bdi>{one.tenant}</bdi></td><td className="t2">{key ? (state.scopes as string[] | undefined)?.map((scope) => <code key={scope} className="rule">{scope}</code>) : <bdi>{text(state.role)}</bdi>}</td><td><Status status={one.status} /></td><td className="num"><bdi>{key ? (used ? age(used) : t.people.never) : age(one.created_at)}</bdi></td></tr>
              )
            })}
          </tbody>
        </table>
      )}
    </section>
  )
}

function Sessions() {
  const { t, age } = useSpeech()
  const client = useQueryClient()
  const who = useMe()
  const list = useQuery({ queryKey: ['list', 'session', 'system', 'own'], queryFn: ({ signal }) => get<Page<Item<'session'>> & { current: string }>('/api/auth/sessions?status=active', signal) })
  const revoke = useCommands('session')?.find((one) => one.name === 'revoke')
  const [ending, end] = useState<string | null>(null)
  if (list.error) return <Failed error={list.error} again={() => void list.refetch()} />
  if (!list.data) return <div className="card"><Skeleton rows={4} /></div>
  const current = list.data.current || who?.session
  return (
    <section className="card scroll-x" aria-label={t.people.tabs.sessions} tabIndex={0}>
      <table>
        <thead><tr><th>{t.people.device}</th><th>{t.people.method}</th><th>{t.people.state}</th><th className="num">{t.people.started}</th><th><span className="sr">{t.people.revoke}</span></th></tr></thead>
        <tbody>
          {list.data.items.map((one) => {
            const state = one.state as Loose
            return (
              <tr key={one.id}><td className="m"><bdi>{text(state.device) || one.id}</bdi>{one.id === current ? <span className="t3"> · {t.people.here}</span> : null}</td><td><bdi>{text(state.method)}</bdi></td><td><Status status={one.status} /></td><td className="num"><bdi>{age(one.created_at)}</bdi></td><td className="num">{revoke && one.id !== current ? <Button size="sm" look="dngo" onClick={() => end(one.id)}>{t.people.revoke}</Button> : null}</td></tr>
            )
          })}
        </tbody>
      </table>
      {ending && revoke ? <Act target={{ tenant: 'system', kind: 'session', id: ending }} command={revoke} onClose={() => { end(null); void client.invalidateQueries({ queryKey: ['list', 'session'] }) }} /> : null}
    </section>
  )
}

export function People() {
  const { t } = useSpeech()
  const navigate = useNavigate({ from: '/people' })
  const { tab = 'users' } = useSearch({ from: '/shell/people' })
  useHere([{ word: t.nav.people }])
  const tabs = (['users', 'members', 'keys', 'sessions'] as Tab[]).map((key) => [key, t.people.tabs[key]] as const)
  return (
    <main id="main">
      <div className="head"><div><h1>{t.people.title}</h1></div></div>
      <div className="stack">
        <Tabs label={t.people.title} now={tab as Tab} onChange={(next) => void navigate({ search: { tab: next } })} tabs={tabs}>
          {tab === 'members' ? <Of kind="membership" none={t.people.noMembers} /> : tab === 'keys' ? <Of kind="api_key" none={t.people.noKeys} says={t.people.noKeysSays} /> : tab === 'sessions' ? <Sessions /> : <Users />}
        </Tabs>
      </div>
    </main>
  )
}
