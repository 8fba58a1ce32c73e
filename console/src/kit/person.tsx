// Who somebody is, by name where the reader may know it; else by the beginning of their id.
import { useQuery } from '@tanstack/react-query'
import { get } from '../api/client'
import { useMe } from '../api/queries'
import type { Item, Page } from '../api/types'

const id_shown = 13
const isId = (text: string) => /^[0-9a-f]{8}-[0-9a-f]{4}-/.test(text)

export function Person({ id }: { id: string }) {
  const me = useMe()
  const known = useQuery({ queryKey: ['list', 'user', '', 'names'], queryFn: ({ signal }) => get<Page<Item<'user'>>>('/v1/users?limit=1000', signal), retry: false, staleTime: 300_000, enabled: isId(id) }).data
  const account = id === me?.principal ? me.user?.state.account : known?.items.find((one) => one.id === id)?.state.account
  const name = account?.full_name || account?.username || account?.email
  return <bdi title={id}>{name ?? (isId(id) ? `${id.slice(0, id_shown)}…` : id)}</bdi>
}
