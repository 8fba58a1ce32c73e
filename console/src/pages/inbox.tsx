// What waits for a person: questions that the runtime could not answer alone. Each shows what every answer does.
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { Problem, get } from '../api/client'
import { everyQuery, oneQuery, tenantsQuery } from '../api/queries'
import type { Item, Page } from '../api/types'
import { useHere } from '../app/place'
import { useSpeech } from '../i18n'
import { Act, useCommands, wordOfAct } from '../kit/acts'
import { Button } from '../kit/button'
import { Facts } from '../kit/facts'
import { Person } from '../kit/person'
import { Empty, Failed, Skeleton } from '../kit/state-box'
import { Status } from '../kit/status'
import { Why } from '../kit/why'
import { ApprovalPage, type Approval } from './approval'

export function Inbox() {
  const { t, age } = useSpeech()
  const navigate = useNavigate({ from: '/inbox' })
  const { open = '' } = useSearch({ from: '/shell/inbox' })
  const tenants = useQuery(tenantsQuery)
  const names = (tenants.data?.items ?? []).map((one) => one.id)
  const list = useQuery({ ...everyQuery('escalation', names), enabled: tenants.data !== undefined })
  const held = useQuery({ queryKey: ['approvals'], queryFn: ({ signal }) => get<Page<Approval>>('/v1/approvals?status=pending', signal), retry: false })
  // An act that was decided meanwhile stays open where somebody follows it.
  const [at = '', kind = '', ...id] = open.split('/')
  const followed = useQuery({ ...oneQuery(at, 'approval', id.join('/')), enabled: kind === 'approval', retry: false })
  const found = held.data?.items ?? []
  const acts = followed.data && kind === 'approval' && followed.data.id === id.join('/') && !found.some((one) => one.id === followed.data.id) ? [followed.data, ...found] : found
  const answer = useCommands('escalation')?.find((one) => one.name === 'answer')
  const [given, give] = useState<string | null>(null)
  useHere([{ word: t.nav.inbox }])
  // A question whose answer people have to agree to is asked once: as what they agree to.
  const asked = (one: Item<'escalation'>) => acts.find(({ tenant, state: { act } }) => tenant === one.tenant && act.target.kind === 'escalation' && act.target.id === one.id)
  const waiting = (list.data ?? []).filter((one) => one.status === 'open' && !asked(one)).sort((a, b) => a.created_at.localeCompare(b.created_at))
  const act = acts.find((one) => `${one.tenant}/approval/${one.id}` === open) ?? (list.data ?? []).filter((one) => `${one.tenant}/escalation/${one.id}` === open).map(asked)[0] ?? (waiting.some((one) => `${one.tenant}/escalation/${one.id}` === open) ? undefined : acts[0])
  const chosen = waiting.find((one) => `${one.tenant}/escalation/${one.id}` === open) ?? waiting[0]
  const error = tenants.error ?? list.error ?? (held.error instanceof Problem && held.error.status !== 404 ? held.error : null)
  const decisions = answer?.schema.properties?.decision?.enum ?? []
  if (error || !list.data || (!act && !chosen))
    return (
      <main id="main">
        <div className="head"><div><h1>{t.inbox.title}</h1><p>{t.inbox.says}</p></div></div>
        {error ? <Failed error={error} again={() => void list.refetch()} /> : <div className="card">{list.data ? <Empty title={t.inbox.none}>{t.inbox.noneSays}</Empty> : <Skeleton rows={5} height={58} />}</div>}
      </main>
    )
  return (
    <main id="main" className="flush">
      <div className="inbox">
        <div className="list" role="group" aria-label={t.inbox.title}>
          {acts.map((one) => (
            <button key={one.id} type="button" className={`item${one === act ? ' sel' : ''}`} aria-current={one === act || undefined} onClick={() => void navigate({ search: { open: `${one.tenant}/approval/${one.id}` } })}>
              <span className="rowx s2"><Status status={one.status === 'pending' ? 'held' : one.status} word={one.status === 'pending' ? t.inbox.approval : undefined} /><span className="sp" /><span className="n t3 xs">{age(one.created_at)}</span></span>
              <span className="ttl">{wordOfAct(t, one.state.act.command)} <bdi>{one.state.act.target.id}</bdi></span><span className="t2 xs"><bdi>{one.tenant}</bdi> · <Person id={one.state.act.by.id} /></span>
            </button>
          ))}
          {waiting.map((one) => (
            <button key={one.id} type="button" className={`item${!act && one === chosen ? ' sel' : ''}`} aria-current={(!act && one === chosen) || undefined} onClick={() => void navigate({ search: { open: `${one.tenant}/escalation/${one.id}` } })}>
              <span className="rowx s2"><Status status="held" word={t.inbox.question} /><span className="sp" /><span className="n t3 xs">{age(one.created_at)}</span></span>
              <span className="ttl"><bdi>{one.reason || one.id}</bdi></span><span className="t2 xs"><bdi>{one.tenant}</bdi> · <bdi>{one.parent}</bdi></span>
            </button>
          ))}
        </div>
        {act ? <ApprovalPage key={act.id} one={act} /> : chosen ? (
        <div className="open">
          <div className="body" tabIndex={0} role="group" aria-label={t.inbox.question}>
            <div className="stack">
              <div className="stack s1"><Status status="held" word={t.inbox.question} /><h1 className="break"><bdi>{chosen.reason || chosen.id}</bdi></h1><p className="t2"><bdi>{chosen.tenant}</bdi> · <code>{chosen.parent}</code></p></div>
              <section className="sec"><h2>{t.inbox.options}</h2><dl className="kv">{decisions.map((one) => <div key={one} className="contents"><dt className="m">{t.inbox[one as 'retry'] ?? one}</dt><dd>{t.inbox.effects[one] ?? ''}</dd></div>)}</dl></section>
              <section className="sec"><h2>{t.tree.tabs.why}</h2><Why tenant={chosen.tenant} kind="escalation" id={chosen.id} /></section>
              <section className="sec"><h2>{t.tree.tabs.state}</h2><Facts of={chosen.state as Record<string, unknown>} /></section>
            </div>
          </div>
          <div className="decide">
            <span className="t3">{t.inbox.asked} <bdi>{age(chosen.created_at)}</bdi></span>
            <div className="rowx s2 wrap">{decisions.map((one, i) => <Button key={one} size="lg" look={i === 0 ? 'pri' : one === 'stop' ? 'dngo' : ''} onClick={() => give(one)}>{t.inbox[one as 'retry'] ?? one}…</Button>)}</div>
          </div>
        </div>
        ) : null}
      </div>
      {chosen && answer && given ? <Act target={{ tenant: chosen.tenant, kind: 'escalation', id: chosen.id }} command={answer} given={{ decision: given }} onClose={() => give(null)} /> : null}
    </main>
  )
}
