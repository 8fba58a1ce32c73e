import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useMemo } from 'react'
import { historyQuery, oneQuery, pathOf } from '../../api/queries'
import type { KindName } from '../../api/types'
import { Rich, useSpeech } from '../../i18n'
import { Acts } from '../../kit/acts'
import { IconButton } from '../../kit/button'
import { Facts } from '../../kit/facts'
import { Icon } from '../../kit/icon'
import { Log, useLog } from '../../kit/log'
import { Empty, Failed, Skeleton } from '../../kit/state-box'
import { Status } from '../../kit/status'
import { Tabs } from '../../kit/tabs'
import { sentence, Why } from '../../kit/why'
import type { Branch } from './model'

type Tab = 'why' | 'state' | 'history' | 'logs'

export function History({ tenant, kind, id }: { tenant: string; kind: string; id: string }) {
  const { t, clock, number } = useSpeech()
  const history = useQuery(historyQuery(tenant, kind, id))
  if (history.error) return <Failed error={history.error} again={() => void history.refetch()} />
  if (!history.data) return <Skeleton rows={6} />
  if (history.data.items.length === 0) return <p className="t3">{t.why.nothing}</p>
  return (
    <ol className="story">
      {[...history.data.items].reverse().map((event) => (
        <li key={event.id}>
          <Link to="/events" search={{ sel: String(event.position) }} className="n xs">#{number(event.position)}</Link>
          <div className="sp"><div className="m cut"><bdi>{sentence(event.type)}</bdi></div><div className="t3 xs cut"><bdi>{event.meta.principal}</bdi>{event.meta.command ? <> · <code>{event.meta.command}</code></> : null}</div></div>
          <time className="n xs t3" dateTime={event.time}>{clock(event.time)}</time>
        </li>
      ))}
    </ol>
  )
}

function Logs({ tenant, kind, id }: { tenant: string; kind: string; id: string }) {
  const { t } = useSpeech()
  const { lines, error } = useLog(`${pathOf(tenant, kind, id)}/logs`)
  return <div className="log-frame"><Log lines={lines} error={error} find="" label={t.tree.tabs.logs} /></div>
}

function State({ tenant, kind, id }: { tenant: string; kind: string; id: string }) {
  const one = useQuery(oneQuery(tenant, kind as KindName, id))
  if (one.error) return <Failed error={one.error} again={() => void one.refetch()} />
  return one.data ? <Facts of={one.data.state as Record<string, unknown>} /> : <Skeleton rows={6} />
}

const entity = (path: string) => /^[^/]+\/[^/]+\/.+$/.test(path)

export function Inspector({ row, tab, onTab, onClose }: { row: Branch | null; tab: Tab; onTab: (tab: Tab) => void; onClose: () => void }) {
  const { t, clock } = useSpeech()
  const services = row?.kind === 'deployment' ? row.children.filter((one) => one.kind === 'service').map((one) => one.name).join(' ') : ''
  const choices = useMemo((): Record<string, readonly string[]> => (services ? { service: services.split(' ') } : {}), [services])
  if (!row) return <aside className="insp stack empty-insp" aria-label={t.tree.inspector}><Empty title={t.tree.pickTitle}>{t.tree.pick}</Empty></aside>
  const { path, tenant } = row
  const node = row
  const own = entity(path)
  const since = node.facts.since
  const target = { tenant, kind: node.kind, id: node.name }
  const printed = node.kind === 'deployment' || node.kind === 'instance'
  const tabs: [Tab, string][] = own ? [['why', t.tree.tabs.why], ['state', t.tree.tabs.state], ['history', t.tree.tabs.history], ...(printed ? [['logs', t.tree.tabs.logs] as [Tab, string]] : [])] : [['state', t.tree.tabs.state]]
  const now = tabs.some(([key]) => key === tab) ? tab : tabs[0]![0]
  return (
    <aside className="insp stack" aria-label={t.tree.inspector}>
      <div className="stack s2">
        <div className="rowx s2">
          <Status status={node.status} />
          {since ? <span className="t3">{t.tree.since} <span className="n">{clock(String(since))}</span></span> : null}
          <span className="sp" />
          {node.kind === 'deployment' ? <Link className="ib" to="/deployments/$tenant/$id" params={{ tenant, id: node.name }} aria-label={t.tree.openPage} title={t.tree.openPage}><Icon name="open" /></Link>
            : own ? <Link className="ib" to="/k/$kind/$tenant/$id" params={{ kind: node.kind, tenant, id: node.name }} aria-label={t.tree.openPage} title={t.tree.openPage}><Icon name="open" /></Link> : null}
          <IconButton icon="x" label={t.tree.close} onClick={onClose} />
        </div>
        <h1 className="break"><bdi>{node.name}</bdi></h1>
        <div className="t2">{own ? <code>{path}</code> : t.kindWord(node.kind)}</div>
        {node.reason || node.last_error ? <div className="t2"><Rich>{node.reason || node.last_error}</Rich></div> : null}
      </div>
      <Tabs tabs={tabs} now={now} onChange={onTab} label={t.tree.inspector}>
        {now === 'why' ? <Why {...target} /> : now === 'history' ? <History {...target} /> : now === 'logs' ? <Logs {...target} /> : own ? <State {...target} /> : <Facts of={{ restarts: node.restarts, mailbox: node.mailbox, ...node.facts }} />}
      </Tabs>
      {own && now !== 'logs' ? <Acts target={target} choices={choices} key={path} /> : null}
    </aside>
  )
}
