// What pages ask for. Keys begin with what the live stream calls old: one, list, tree.
import { keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query'
import { Problem, get, me, seg, type Me } from './client'
import type { Check, Item, Kind, KindName, NodeView, Page, StoredEvent, Why } from './types'

export const plurals: Record<string, string> = { rate_policy: 'rate_policies', webhook_delivery: 'webhook_deliveries' }
export const pluralOf = (kind: string) => plurals[kind] ?? `${kind}s`
export const pathOf = (tenant: string, kind: string, id: string) =>
  kind === 'tenant' ? `/v1/tenants/${seg(id)}` : `/v1/tenants/${seg(tenant)}/${pluralOf(kind)}/${seg(id)}`

export const whoQuery = queryOptions({ queryKey: ['me'], queryFn: me, staleTime: 60_000, retry: false })
export const useMe = () => useQuery(whoQuery).data ?? null

// Everybody has a role of the platform; a subscriber's lets them see no other tenant than their own.
const subscribers = new Set(['', 'free', 'basic', 'pro', 'enterprise', 'sovereign'])
/** Whether somebody's place is the platform, not some tenants of it. */
export const seesAll = (who: Me | null) => who !== null && (who.type !== 'user' || who.root_owner === true || !subscribers.has(who.role ?? ''))
/** The tenant whose log and tree somebody follows: none who sees the whole installation; of a member's, the one wanted. */
export const placeOf = (who: Me | null, wanted = '') =>
  seesAll(who) ? '' : (who?.tenants?.find((one) => one.tenant === wanted) ?? who?.tenants?.[0])?.tenant ?? ''

export const nodeQuery = queryOptions({ queryKey: ['node'], queryFn: ({ signal }) => get<NodeView>('/v1/node', signal) })
export const doctorQuery = queryOptions({ queryKey: ['doctor'], queryFn: ({ signal }) => get<{ checks: Check[] }>('/v1/doctor', signal) })
export const kindsQuery = queryOptions({ queryKey: ['kinds'], queryFn: ({ signal }) => get<{ items: Kind[] }>('/v1/kinds', signal), staleTime: Infinity, select: (data) => data.items })
/** All tenants, or for their members those that they belong to. */
async function tenants(signal: AbortSignal): Promise<Page<Item<'tenant'>>> {
  try {
    return await get('/v1/tenants', signal)
  } catch (error) {
    if (!(error instanceof Problem && error.status === 403)) throw error
    const own = (await get<Me>('/v1/whoami', signal)).tenants ?? []
    return { items: await Promise.all(own.map((one) => get<Item<'tenant'>>(pathOf('', 'tenant', one.tenant), signal))) }
  }
}
export const tenantsQuery = queryOptions({ queryKey: ['list', 'tenant', ''], queryFn: ({ signal }) => tenants(signal), placeholderData: keepPreviousData })

export const oneQuery = <K extends KindName>(tenant: string, kind: K, id: string) =>
  queryOptions({ queryKey: ['one', tenant, kind, id], queryFn: ({ signal }) => get<Item<K>>(pathOf(tenant, kind, id), signal), placeholderData: keepPreviousData })
export const whyQuery = (tenant: string, kind: string, id: string) =>
  queryOptions({ queryKey: ['one', tenant, kind, id, 'why'], queryFn: ({ signal }) => get<Why>(`${pathOf(tenant, kind, id)}/why`, signal), placeholderData: keepPreviousData })
export const historyQuery = (tenant: string, kind: string, id: string, last = 100) =>
  queryOptions({ queryKey: ['one', tenant, kind, id, 'events', last], queryFn: ({ signal }) => get<Page<StoredEvent>>(`${pathOf(tenant, kind, id)}/events?last=${last}`, signal), placeholderData: keepPreviousData })
export const listQuery = <K extends KindName>(tenant: string, kind: K, more = '') =>
  queryOptions({ queryKey: ['list', kind, tenant, more], queryFn: ({ signal }) => get<Page<Item<K>>>(`/v1/tenants/${seg(tenant)}/${pluralOf(kind)}${more}`, signal), placeholderData: keepPreviousData })

/** A kind's things of all tenants that there are, put together; each tenant's list is asked for once. */
export const everyQuery = <K extends KindName>(kind: K, tenants: string[]) =>
  queryOptions({
    queryKey: ['list', kind, '', tenants.join()],
    queryFn: async ({ signal }) => (await Promise.all(tenants.map((tenant) => get<Page<Item<K>>>(`/v1/tenants/${seg(tenant)}/${pluralOf(kind)}?limit=1000`, signal)))).flatMap((page) => page.items),
    placeholderData: keepPreviousData,
  })
