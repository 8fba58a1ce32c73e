// Any kind's things, from its description alone: the plain fields of its state are its columns.
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { get, seg } from '../../api/client'
import { kindsQuery, tenantsQuery } from '../../api/queries'
import type { Item, Page } from '../../api/types'
import { useHere } from '../../app/place'
import { useSpeech } from '../../i18n'
import { Button } from '../../kit/button'
import { Create } from '../../kit/create'
import { Value } from '../../kit/facts'
import { Empty, Failed, Skeleton } from '../../kit/state-box'
import { Status, wordOf } from '../../kit/status'

const columns_max = 4
const dull = new Set(['status', 'reason', 'created_by', 'created_at', 'changed_by', 'changed_at', 'serial', 'sequence'])

export function KindList() {
  const { t, age } = useSpeech()
  const { kind } = useParams({ from: '/shell/k/$kind' })
  const navigate = useNavigate({ from: '/k/$kind' })
  const { tenant = '', status = '' } = useSearch({ from: '/shell/k/$kind' })
  const described = useQuery(kindsQuery).data?.find((one) => one.name === kind)
  const tenants = useQuery(tenantsQuery)
  const names = ['system', ...(tenants.data?.items ?? []).map((one) => one.id)]
  const [making, make] = useState(false)
  useHere([{ word: t.nav.kinds, to: '/kinds' }, { word: t.kindWord(kind) }])
  const chosen = tenant ? [tenant] : names
  const list = useInfiniteQuery({
    queryKey: ['list', kind, tenant, 'pages', status, names.join()],
    initialPageParam: '',
    queryFn: async ({ pageParam, signal }): Promise<Page<Item>> => {
      const more = `limit=100${status ? `&status=${seg(status)}` : ''}${pageParam ? `&cursor=${seg(pageParam)}` : ''}`
      if (kind === 'tenant') return get(`/v1/tenants?${more}`, signal)
      const pages = await Promise.all(chosen.map((one) => get<Page<Item>>(`/v1/tenants/${seg(one)}/${described!.plural}?${more}`, signal)))
      return { items: pages.flatMap((page) => page.items), ...(chosen.length === 1 && pages[0]!.next ? { next: pages[0]!.next } : {}) }
    },
    getNextPageParam: (last) => last.next,
    enabled: described !== undefined && tenants.data !== undefined,
    placeholderData: keepPreviousData,
  })
  const items = list.data?.pages.flatMap((page) => page.items) ?? []
  const columns = Object.entries(described?.state_schema.properties ?? {}).filter(([name, field]) => !dull.has(name) && ['string', 'integer', 'boolean', 'number'].includes(field.type ?? '')).slice(0, columns_max)
  const statuses = described?.state_schema.properties?.status?.enum ?? []
  const maker = described?.commands.find((one) => one.creates && one.door === 'open' && !one.schema.properties?.services)
  const put = (change: { tenant?: string | undefined; status?: string | undefined }) => void navigate({ search: (now) => ({ ...now, ...change }), replace: true })
  const error = list.error ?? tenants.error
  return (
    <main id="main">
      <div className="head"><div><h1>{t.kindWord(kind)}</h1>{described ? <p><bdi>{described.doc}</bdi></p> : null}</div><div className="acts">{maker ? <Button icon="plus" onClick={() => make(true)}>{t.kinds.create(t.kindWord(kind))}</Button> : null}</div></div>
      {error ? <Failed error={error} again={() => void list.refetch()} /> : null}
      <section className="card" aria-label={t.kindWord(kind)}>
        <div className="toolbar in-card">
          {kind === 'tenant' ? null : <select className="chip" aria-label={t.kinds.tenant} value={tenant} onChange={(event) => put({ tenant: event.target.value || undefined })}><option value="">{t.kinds.allTenants}</option>{names.map((one) => <option key={one}>{one}</option>)}</select>}
          {statuses.length ? <select className="chip" aria-label={t.kinds.status} value={status} onChange={(event) => put({ status: event.target.value || undefined })}><option value="">{t.deployments.anyStatus}</option>{statuses.map((one) => <option key={one} value={one}>{wordOf(t, one)}</option>)}</select> : null}
        </div>
        {!list.data ? (error ? null : <Skeleton rows={6} />) : items.length === 0 ? <Empty title={t.kinds.none(t.kindWord(kind))}>{described ? <bdi>{described.doc}</bdi> : null}</Empty> : (
          <div className="scroll-x" tabIndex={0} role="group" aria-label={t.kindWord(kind)}>
            <table>
              <thead><tr><th>{t.kinds.id}</th><th>{t.tree.state}</th><th>{t.kinds.tenant}</th>{columns.map(([name]) => <th key={name}>{t.fact(name)}</th>)}<th className="num">{t.kinds.changed}</th></tr></thead>
              <tbody>
                {items.map((one) => (
                  <tr key={`${one.tenant}/${one.id}`}>
                    <td className="cut id-cell"><Link className="m" to="/k/$kind/$tenant/$id" params={{ kind, tenant: one.tenant, id: one.id }}><bdi>{one.id}</bdi></Link></td><td>{one.status ? <Status status={one.status} /> : null}</td><td><bdi>{one.tenant}</bdi></td>
                    {columns.map(([name]) => <td key={name} className="t2 cut value-cell">{(one.state as Record<string, unknown>)[name] === undefined ? '' : <Value name={name} value={(one.state as Record<string, unknown>)[name]} />}</td>)}
                    <td className="num"><bdi>{age(one.updated_at)}</bdi></td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
        {list.hasNextPage ? <div className="foot"><span className="sp" /><Button size="sm" busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>{t.state.more}</Button></div> : null}
      </section>
      {making && maker ? <Create kind={kind} command={maker} tenants={names} onClose={() => make(false)} /> : null}
    </main>
  )
}
