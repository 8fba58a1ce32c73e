// The log as it grows: newest first, filtered by the node, with everything of one event beside it; or as it was at a position.
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useEffect, useMemo, useState } from 'react'
import { get } from '../api/client'
import { onEvents, useLive } from '../api/live'
import { kindsQuery, seesAll, tenantsQuery, useMe } from '../api/queries'
import type { Page, StoredEvent } from '../api/types'
import { useHere } from '../app/place'
import { useSpeech } from '../i18n'
import { Button, IconButton } from '../kit/button'
import { Facts } from '../kit/facts'
import { Icon } from '../kit/icon'
import { Empty, Failed, Skeleton } from '../kit/state-box'
import { Person } from '../kit/person'
import { Decided } from '../kit/decided'
import { sentence } from '../kit/why'

const page_items = 100
const shown_max = 2000
const bars = 60

const matches = (event: StoredEvent, { tenant, kind, type, id }: { tenant: string; kind: string; type: string; id: string }) => {
  const [of, its, ...rest] = event.subject.split('/')
  return (!tenant || of === tenant) && (!kind || its === kind) && (!id || rest.join('/') === id) && (!type || (type.endsWith('*') ? event.type.startsWith(type.slice(0, -1)) : event.type === type))
}

function Verdict({ event }: { event: StoredEvent }) {
  const { t } = useSpeech()
  const answer = event.meta.decision?.answer
  if (!answer) return <span className="tag"><Icon name="eye" />{t.events.fact}</span>
  return <span className={`tag ${answer === 'allow' ? 'ok' : 'bad'}`}><Icon name={answer === 'allow' ? 'ok' : 'lock'} />{t.status[answer as 'allow'] ?? answer}</span>
}

function Histogram({ events }: { events: StoredEvent[] }) {
  const { t, clock } = useSpeech()
  if (events.length < 2) return null
  const times = events.map((one) => Date.parse(one.time))
  const from = Math.min(...times)
  const to = Math.max(...times)
  const counts = Array.from({ length: bars }, () => 0)
  for (const time of times) counts[Math.min(bars - 1, Math.floor(((time - from) / Math.max(1, to - from)) * bars))]!++
  const hi = Math.max(...counts)
  return (
    <figure className="hist">
      <svg viewBox={`0 0 ${bars * 10} 46`} preserveAspectRatio="none" aria-hidden="true">{counts.map((n, i) => <rect key={i} className="fneu" x={i * 10 + 1} width="8" y={46 - (n / hi) * 44} height={(n / hi) * 44} />)}</svg>
      <div className="ax"><span>{clock(new Date(from).toISOString())}</span><span>{clock(new Date(to).toISOString())}</span></div>
      <figcaption className="sr">{t.events.perSecond}</figcaption>
    </figure>
  )
}

function Detail({ event, onClose }: { event: StoredEvent | null; onClose: () => void }) {
  const { t, date, number } = useSpeech()
  if (!event) return <aside className="insp stack empty-insp" aria-label={t.events.event}><Empty title={t.events.pickTitle}>{t.events.pick}</Empty></aside>
  const [tenant = '', kind = '', ...rest] = event.subject.split('/')
  const { decision, ...meta } = event.meta
  return (
    <aside className="insp stack" aria-label={t.events.event}>
      <div className="stack s2">
        <div className="rowx s2"><Verdict event={event} /><span className="n t3">#{number(event.position)}</span><span className="sp" /><IconButton icon="x" label={t.tree.close} onClick={onClose} /></div>
        <h2 className="text-lg break"><bdi>{event.type}</bdi></h2>
        <div className="t2"><Link to="/tree" search={{ sel: event.subject }}><code>{event.subject}</code></Link></div>
        <time className="t3" dateTime={event.time}><bdi>{date(event.time)}</bdi></time>
      </div>
      {decision ? <Decided position={event.position} decision={decision} /> : null}
      <section className="stack s2"><h3>{t.events.meta}</h3><Facts of={meta} /></section>
      <section className="stack s2"><h3>{t.events.data}</h3><Facts of={event.data} /></section>
      <details className="fold"><summary>{t.events.cloud}</summary><pre className="code" tabIndex={0}>{JSON.stringify(event, null, 2)}</pre></details>
      <p><Link to="/k/$kind/$tenant/$id" params={{ kind, tenant, id: rest.join('/') }}>{t.events.look} <bdi>{rest.join('/')}</bdi></Link></p>
    </aside>
  )
}

export function Events() {
  const { t, clock, number } = useSpeech()
  const navigate = useNavigate({ from: '/events' })
  const { tenant = '', kind = '', type = '', id = '', at = '', sel = '', q = '' } = useSearch({ from: '/shell/events' })
  const live = useLive()
  const who = useMe()
  const own = seesAll(who) ? tenant : tenant || (who?.tenants?.[0]?.tenant ?? '')
  const tenants = useQuery(tenantsQuery)
  const kinds = useQuery(kindsQuery)
  useHere([{ word: t.nav.events }])
  const filter = new URLSearchParams(Object.entries({ tenant: own, kind, type, id }).filter(([, value]) => value)).toString()
  const put = (change: Record<string, string | undefined>) => void navigate({ search: (now) => ({ ...now, ...change }), replace: true })
  const paging = useInfiniteQuery({
    queryKey: ['events', filter, at],
    initialPageParam: 0,
    queryFn: async ({ pageParam, signal }) => {
      // Backwards by windows of the log: what lies before the oldest one seen.
      const end = pageParam || Number(at)
      if (!end) return (await get<Page<StoredEvent>>(`/v1/events?last=${page_items}${filter ? `&${filter}` : ''}`, signal)).items
      const after = Math.max(0, end - 1 - page_items * (filter ? 10 : 1))
      const page = await get<Page<StoredEvent>>(`/v1/events?after=${after}&limit=1000${filter ? `&${filter}` : ''}`, signal)
      return page.items.filter((one) => one.position < end + (pageParam ? 0 : 1))
    },
    getNextPageParam: (last) => (last[0] && last[0].position > 1 ? last[0].position : undefined),
    staleTime: Infinity,
  })
  const [fresh, add] = useState<StoredEvent[]>([])
  useEffect(() => add([]), [filter, at])
  useEffect(() => (at ? undefined : onEvents((events) => add((all) => [...all, ...events.filter((one) => matches(one, { tenant: own, kind, type, id }))].slice(-shown_max)))), [own, kind, type, id, at])
  const events = useMemo(() => {
    const seen = new Map<number, StoredEvent>()
    for (const page of paging.data?.pages ?? []) for (const event of page) seen.set(event.position, event)
    for (const event of fresh) seen.set(event.position, event)
    const asked = q.trim().toLowerCase()
    return [...seen.values()].filter((one) => !asked || `${one.type} ${one.subject} ${one.meta.principal ?? ''}`.toLowerCase().includes(asked)).sort((a, b) => b.position - a.position).slice(0, shown_max)
  }, [paging.data, fresh, q])
  const single = useQuery({ queryKey: ['event', sel], queryFn: async ({ signal }) => (await get<Page<StoredEvent>>(`/v1/events?after=${Number(sel) - 1}&limit=1${own ? `&tenant=${own}` : ''}`, signal)).items[0] ?? null, enabled: Boolean(sel) && !events.some((one) => one.position === Number(sel)) })
  const chosen = sel ? (events.find((one) => one.position === Number(sel)) ?? (single.data?.position === Number(sel) ? single.data : null)) : null
  return (
    <main id="main" className="flush">
      <div className={`evpage${chosen ? ' with' : ''}`}>
        <section aria-label={t.events.title}>
          <h1 className="sr">{t.events.title}</h1>
          <div className="toolbar">
            <label className="in"><Icon name="search" /><input data-search aria-label={t.events.find} placeholder={t.events.find} dir="auto" value={q} onChange={(event) => put({ q: event.target.value || undefined })} /><kbd>/</kbd></label>
            <select className="chip" aria-label={t.deployments.tenant} value={tenant} onChange={(event) => put({ tenant: event.target.value || undefined })}><option value="">{t.events.anyTenant}</option>{['system', ...(tenants.data?.items ?? []).map((one) => one.id)].map((one) => <option key={one}>{one}</option>)}</select>
            <select className="chip" aria-label={t.kinds.kind} value={kind} onChange={(event) => put({ kind: event.target.value || undefined })}><option value="">{t.events.anyKind}</option>{kinds.data?.map((one) => <option key={one.name} value={one.name}>{t.kindWord(one.name)}</option>)}</select>
            <label className="in short"><input aria-label={t.events.typePrefix} placeholder={t.events.typePrefix} dir="ltr" value={type} onChange={(event) => put({ type: event.target.value || undefined })} /></label>
            {at ? <button type="button" className="live past" onClick={() => put({ at: undefined })}><Icon name="clock" />{t.events.asOf(number(Number(at)))}<Icon name="x" /><span className="sr">{t.events.backToLive(number(live.position - Number(at)))}</span></button> : null}
          </div>
          <Histogram events={events} />
          {paging.error ? <div className="p-4"><Failed error={paging.error} again={() => void paging.refetch()} /></div> : !paging.data ? <Skeleton rows={14} height={31} /> : events.length === 0 ? <Empty title={t.events.none}>{t.events.noneSays}</Empty> : (
            <div className="evlist" tabIndex={0} role="group" aria-label={t.events.title}>
              <table aria-rowcount={events.length}>
                <thead><tr><th className="num">#</th><th>{t.events.time}</th><th>{t.events.type}</th><th>{t.events.subject}</th><th>{t.events.by}</th><th>{t.events.decision}</th></tr></thead>
                <tbody>
                  {events.map((event) => (
                    <tr key={event.position} aria-selected={event.position === Number(sel)} data-position={event.position}>
                      <td className="num"><button type="button" className="link n" onClick={() => put({ sel: String(event.position) })}>{number(event.position)}</button></td>
                      <td className="t3 n">{clock(event.time)}</td><td className="nw"><bdi dir="ltr"><span className="t3">{event.type.split('.')[0]}</span> <span className="m">{sentence(event.type)}</span></bdi></td><td className="cut" title={event.subject}><code className="cut-code">{event.subject.split('/').slice(2).join('/')} <span className="t3">{event.subject.split('/')[0]}</span></code></td><td className="t2 cut who-cell"><Person id={event.meta.principal ?? ''} /></td><td><Verdict event={event} /></td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )}
          <div className="foot"><span className="n">{number(events.length)}</span><span className="sp" />{chosen && !at ? <Button size="sm" look="quiet" icon="clock" onClick={() => put({ at: String(chosen.position) })}>{t.events.asOf(number(chosen.position))}</Button> : null}{paging.hasNextPage ? <Button size="sm" busy={paging.isFetchingNextPage} onClick={() => void paging.fetchNextPage()}>{t.events.older}</Button> : null}</div>
        </section>
        <Detail event={chosen} onClose={() => put({ sel: undefined })} />
      </div>
    </main>
  )
}
