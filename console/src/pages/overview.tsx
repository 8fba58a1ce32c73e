// Health first: how things are, what needs a person, how busy the node is, and each tenant with its reason.
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useEffect, useMemo, useRef, useState } from 'react'
import { useLive } from '../api/live'
import { useForest } from '../api/forest'
import { nodeQuery, seesAll, useMe } from '../api/queries'
import type { NodeView } from '../api/types'
import { useHere } from '../app/place'
import { Rich, useSpeech } from '../i18n'
import { Failed, Skeleton } from '../kit/state-box'
import { Icon } from '../kit/icon'
import { OwnTenant } from '../kit/own-tenant'
import { Spark } from '../kit/spark'
import { lookOf, severity, Status, wordOf } from '../kit/status'
import { walk, worstOf, type Branch } from './tree/model'

const look_ms = 3000
const samples_max = 60

interface Sample {
  at: number
  events: number
  commands: number
  requests: number
  commits: number
}

/** Rates between looks at the node, which begin and end with the page. */
function useRates(node: NodeView | undefined, at: number) {
  const samples = useRef<Sample[]>([])
  const [rates, set] = useState<Omit<Sample, 'at'>[]>([])
  useEffect(() => {
    if (!node) return
    const next = { at, events: node.store.head, commands: node.host.commands, requests: node.gateway.requests, commits: node.store.commits }
    const before = samples.current.at(-1)
    if (before && next.at <= before.at) return
    samples.current = [...samples.current, next].slice(-samples_max)
    if (!before || next.events < before.events) return
    const seconds = (next.at - before.at) / 1000
    const rate = (name: 'events' | 'commands' | 'requests' | 'commits') => Math.round(((next[name] - before[name]) / seconds) * 10) / 10
    set((all) => [...all, { events: rate('events'), commands: rate('commands'), requests: rate('requests'), commits: rate('commits') }].slice(-samples_max))
  }, [node, at])
  return rates
}

/** What a person has to look at: open questions, what is held back, what failed; each once, at the deepest place that says so. */
export function needy(root: Branch): Branch[] {
  const kinds = new Set(['escalation', 'deployment', 'instance', 'approval', 'provider', 'blueprint', 'driver', 'store'])
  const found: Branch[] = []
  const waits = (one: Branch) => one.kind === 'approval' && one.status === 'pending'
  walk(root, (one) => {
    // A question whose answer people have to agree to stands there as that approval.
    if (one.kind === 'escalation' && one.children.some(waits)) return
    if (kinds.has(one.kind) && (severity(one.status) >= 4 || waits(one) || (one.kind === 'blueprint' && one.facts.submitted === true))) found.push(one)
  })
  const rank = (one: Branch) => (waits(one) ? severity('held') : severity(one.status))
  return found.sort((a, b) => rank(b) - rank(a))
}

function Needs({ rows }: { rows: Branch[] }) {
  const { t, age } = useSpeech()
  if (rows.length === 0) return null
  return (
    <section className="card need stack s1" aria-labelledby="need">
      <header><h2 id="need">{t.overview.needs}</h2><span className="cnt held">{rows.length}</span><span className="sp" /><Link to="/inbox">{t.overview.openInbox}</Link></header>
      {rows.slice(0, 6).map((node) => {
        const { path, tenant } = node
        const decides = node.kind === 'escalation' || node.kind === 'approval'
        const { family, icon } = lookOf(node.kind === 'approval' ? 'held' : node.status)
        const { since } = node.facts
        return (
          <div className="li" key={path}>
            <span className={`ic ${family}`}><Icon name={icon} className={family} /></span>
            <div className="sp">
              <div className="m cut"><Rich>{t.overview.need(node.kind, node.kind === 'approval' ? (node.parent?.name ?? node.name) : node.name, wordOf(t, node.status))}</Rich></div>
              <div className="t2 cut"><bdi>{tenant}</bdi>{node.reason || node.last_error ? <> · <bdi>{node.reason || node.last_error}</bdi></> : null}</div>
            </div>
            <div className="due">{since ? <><div className="m">{age(String(since))}</div><div className="xs t3">{t.overview.since}</div></> : null}</div>
            {decides ? <Link className="btn pri" to="/inbox" search={{ open: path }}>{t.overview.decide}</Link> : <Link className="btn" to="/tree" search={{ sel: path }}>{t.overview.why}</Link>}
          </div>
        )
      })}
    </section>
  )
}

function Pulse({ node, at }: { node: NodeView | undefined; at: number }) {
  const { t, number } = useSpeech()
  const rates = useRates(node, at)
  const last = rates.at(-1)
  const cell = (label: string, value: string, name: 'events' | 'commands' | 'requests' | 'commits', warn = false) => (
    <div><span className="t3 xs">{label}</span><span className="v n">{value}</span><Spark label={label} values={rates.map((one) => one[name])} warn={warn} /></div>
  )
  const shown = (value: number | undefined) => (value === undefined ? '–' : String(value))
  return (
    <section className="card pulse" aria-label={t.overview.pulse}>
      {cell(t.overview.eventsRate, shown(last?.events), 'events')}
      {cell(t.overview.commandsRate, shown(last?.commands), 'commands')}
      {cell(t.overview.commitsRate(node ? number(node.store.queued) : '–'), shown(last?.commits), 'commits', node ? !node.store.writable : false)}
      {cell(t.overview.requestsRate, shown(last?.requests), 'requests')}
    </section>
  )
}

interface Line {
  node: Branch
  platforms: Branch[]
  healthy: number
  all: number
  reason: string
  status: string
}

function lineOf(tenant: Branch): Line {
  let healthy = 0
  let all = 0
  let sick: Branch | null = null
  walk(tenant, (one) => {
    if (one.kind === 'deployment' && !['stopped', 'deleted'].includes(one.status)) {
      all++
      if (one.status === 'running' && one.facts.health !== 'degraded' && severity(worstOf(one)) < 3) healthy++
    }
    if (one !== tenant && severity(one.status) >= 2 && (!sick || severity(one.status) > severity(sick.status) || (severity(one.status) === severity(sick.status) && one.depth > sick.depth))) sick = one
  })
  const worst = sick as Branch | null
  return { node: tenant, platforms: tenant.children.filter((child) => child.kind === 'platform'), healthy, all, status: worstOf(tenant), reason: worst ? `\`${worst.name}\` ${worst.reason || worst.last_error}` : '' }
}

function Tenants({ lines }: { lines: Line[] }) {
  const { t } = useSpeech()
  const sorted = [...lines].sort((a, b) => severity(b.status) - severity(a.status) || a.node.name.localeCompare(b.node.name))
  return (
    <section className="card" aria-labelledby="tenants">
      <header><h2 id="tenants">{t.overview.tenants}</h2><span className="sp" /><span className="t3">{t.overview.worstFirst(Math.min(20, sorted.length), sorted.length)}</span></header>
      <table>
        <thead><tr><th>{t.overview.tenant}</th><th>{t.overview.platforms}</th><th className="num">{t.overview.healthy}</th><th>{t.overview.reason}</th></tr></thead>
        <tbody>
          {sorted.slice(0, 20).map(({ node, platforms, healthy, all, reason, status }) => {
            const { family, icon } = lookOf(status)
            return (
              <tr key={node.name}>
                <td><Link className={`st name ${family}`} to="/tree" search={{ sel: `${node.name}/tenant/${node.name}` }}><Icon name={icon} /><bdi>{String(node.facts.name ?? node.name)}</bdi></Link></td>
                <td><div className="plats">{platforms.map((one) => { const its = lookOf(worstOf(one)); return <span key={one.name} className={`st ${its.family}`}><Icon name={its.icon} /><bdi className={its.family === 'ok' ? 't2' : ''}>{one.name}</bdi></span> })}</div></td>
                <td className="num">{healthy}/{all}</td>
                <td className={reason ? 't2' : 't3'}>{reason ? <Rich>{reason}</Rich> : <>{wordOf(t, family === 'neutral' ? node.status : 'healthy')}</>}</td>
              </tr>
            )
          })}
        </tbody>
      </table>
      {sorted.length === 0 ? <div className="empty"><h2>{t.overview.noTenants}</h2><p className="t2">{t.overview.noTenantsSays}</p><code>novactl apply -f config/examples/clinic.yaml</code></div> : null}
    </section>
  )
}

function Services({ node }: { node: Branch | undefined }) {
  const { t, number } = useSpeech()
  return (
    <section className="card prov" aria-labelledby="services">
      <header><h2 id="services">{t.overview.services}</h2><span className="sp" /><Link to="/settings" search={{ tab: 'health' }}>{t.overview.health}</Link></header>
      <table>
        <thead><tr><th>{t.overview.service}</th><th>{t.tree.state}</th><th>{t.overview.figures}</th></tr></thead>
        <tbody>
          {node?.children.map((one) => (
            <tr key={one.name}>
              <td><bdi>{one.name}</bdi></td>
              <td><Status status={worstOf(one)} /></td>
              <td className="t3 cut">{one.reason || Object.entries(one.facts).slice(0, 1).map(([name, value]) => <span key={name} className="fact"><span>{t.fact(name)}</span> <span className="n">{typeof value === 'number' && name !== 'port' ? number(value) : String(value)}</span></span>)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

export function Overview() {
  const { t, number } = useSpeech()
  const live = useLive()
  const navigate = useNavigate({ from: '/' })
  const { tenant = '' } = useSearch({ from: '/shell/' })
  const tree = useForest('short', tenant)
  const root = tree.forest?.root ?? null
  const everywhere = seesAll(useMe())
  const node = useQuery({ ...nodeQuery, refetchInterval: look_ms, enabled: everywhere })
  useHere([{ word: everywhere ? (root?.name ?? 'WebNova') : 'WebNova' }, { word: t.nav.overview }])
  const found = useMemo(() => {
    if (!root) return null
    const lines = (root.children.find((one) => one.name === 'tenants')?.children ?? []).map(lineOf)
    return { needs: needy(root), lines, own: root.children.find((one) => one.name === 'services'), healthy: lines.reduce((n, one) => n + one.healthy, 0), all: lines.reduce((n, one) => n + one.all, 0), worst: root.status }
    // The tree is the same object for as long as it is looked at; its tick says that it changed.
  }, [root, tree.tick])
  const well = found !== null && found.worst === 'running' && found.healthy === found.all
  return (
    <main id="main">
      <div className="head">
        <div>
          <h1>{found === null ? t.overview.title : t.overview.sentence(found.all === 0 ? 'empty' : well ? 'well' : 'part', found.needs.length)}</h1>
          {found ? <p><Rich>{t.overview.says(number(found.healthy), number(found.all), found.lines.length)}</Rich></p> : null}
        </div>
        <OwnTenant wanted={tenant} onChoose={(next) => void navigate({ search: { tenant: next } })} />
      </div>
      {tree.error ? <Failed error={tree.error} again={tree.again} /> : null}
      {live.state === 'stale' ? <div className="note warn mb"><Icon name="warn" /><div>{t.frame.staleSays}</div></div> : null}
      {found === null ? (tree.error ? null : <div className="card"><Skeleton rows={8} /></div>) : (
        <>
          <Needs rows={found.needs} />
          {everywhere ? <Pulse node={node.data} at={node.dataUpdatedAt} /> : null}
          {everywhere ? <div className="over"><Tenants lines={found.lines} /><Services node={found.own} /></div> : <Tenants lines={found.lines} />}
        </>
      )}
    </main>
  )
}
