// AI under governance: layers with their power and budgets, agents, outside providers, limits of tiers, and what AI was asked.
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { Fragment, useState, type ReactNode } from 'react'
import { seg } from '../../api/client'
import { kindsQuery, listQuery, useMe } from '../../api/queries'
import type { Command, Item, KindName } from '../../api/types'
import { useHere } from '../../app/place'
import { useSpeech, useT } from '../../i18n'
import { Act } from '../../kit/acts'
import { Button } from '../../kit/button'
import { Ask } from '../../kit/dialog'
import { Choice } from '../../kit/field'
import { Empty, Failed, Skeleton } from '../../kit/state-box'
import { Status } from '../../kit/status'
import { Tabs } from '../../kit/tabs'

const tabs = ['layers', 'power', 'agents', 'external', 'limits', 'executions'] as const
type Tab = (typeof tabs)[number]
const kinds = { layers: 'ai_layer', power: 'ai_layer', agents: 'ai_agent', external: 'external_ai', limits: 'subscriber_limit', executions: 'ai_execution' } as const satisfies Record<Tab, KindName>

// What makes the first one: the owner's paths, which are no plain command of the kind.
const commands: Record<Tab, string> = {
  layers: "novactl ai layers create NAME --name-ar الاسم --purpose 'WHAT FOR' --purpose-ar الغرض --type HYBRID", power: 'novactl ai layers power LAYER --level 2 --tokens 2048 --per-minute 20', agents: 'novactl ai agents create NAME --layer LAYER --model MODEL --for-subscribers no',
  external: 'novactl ai external create anthropic --endpoint URL --secret SECRET --layer LAYER', limits: 'novactl ai limits set free --per-day 50', executions: 'novactl ai ask --layer LAYER --task text',
}

// Made under the owner's paths, with the fields of the command behind each; a tier's limits are named by the tier.
const owners = '/api/owner/ai-sovereignty'
const quoted = (value: unknown) => `'${String(value).replaceAll("'", "'\\''")}'`
const makers = {
  layers: { command: 'create', path: () => `${owners}/layers`, line: ({ profile, type }: Made) => `novactl ai layers create ${quoted(profile?.name ?? 'NAME')} --name-ar ${quoted(profile?.name_ar ?? 'الاسم')} --purpose ${quoted(profile?.purpose ?? 'WHAT FOR')} --purpose-ar ${quoted(profile?.purpose_ar ?? 'الغرض')} --type ${type ?? 'HYBRID'}` },
  agents: { command: 'create', path: () => `${owners}/agents`, line: ({ name, layer, model, available_to_subscribers: open }: Made) => `novactl ai agents create ${quoted(name ?? 'NAME')} --layer ${layer ?? 'LAYER'} --model ${quoted(model ?? 'MODEL')} --for-subscribers ${open ? 'yes' : 'no'}` },
  external: { command: 'create', path: () => `${owners}/external-providers`, line: ({ provider, endpoint, secret, layers }: Made) => `novactl ai external create ${provider ?? 'PROVIDER'} --endpoint ${quoted(endpoint ?? 'URL')} --secret ${quoted(secret ?? 'SECRET')}${((layers as string[] | undefined) ?? ['LAYER']).map((one) => ` --layer ${one}`).join('')}` },
  limits: { command: 'set', path: (tier: string) => `${owners}/subscriber-limits/${seg(tier)}`, line: () => '' },
}
type Made = Record<string, unknown> & { profile?: Record<string, unknown> }
const isMade = (tab: Tab): tab is keyof typeof makers => tab in makers
const tiers = ['free', 'basic', 'pro', 'enterprise', 'sovereign']

/** A new one: the owner's path is asked what it would do before it does it, as with every act. */
function Make({ tab, kind, command, onClose }: { tab: keyof typeof makers; kind: string; command: Command; onClose: () => void }) {
  const t = useT()
  const layers = useQuery(listQuery('system', 'ai_layer', '?limit=200')).data?.items.map((one) => one.id) ?? []
  const [tier, choose] = useState('')
  const { path, line } = makers[tab]
  // What a tier's limits leave out stays as it is.
  const { limits } = command.schema.properties ?? {}
  const asked = tab === 'limits' && limits ? { ...command, schema: { ...limits, required: [] } } : command
  if (tab === 'limits' && !tier) return <Ask open onClose={onClose} title={t.ai.make.limits} icon="plus" says={command.doc} footer={null}><Choice id="new-tier" label={t.ai.tier} value="" onChange={(event) => choose(event.target.value)} options={[['', '–'], ...tiers.map((one) => [one, one] as const)]} /></Ask>
  const same = (body: Made) => (tab === 'limits' ? `novactl ai limits set ${tier}${Object.entries(body).map(([name, value]) => ` --set ${name}=${quoted(value)}`).join('')}` : line(body))
  return <Act target={{ tenant: 'system', kind, id: tier }} command={asked} choices={{ layer: layers }} door={{ path: path(tier), line: same }} onClose={onClose} />
}

interface Column<K extends KindName> {
  word: string
  number?: boolean
  show: (item: Item<K>) => ReactNode
}

function List<K extends KindName>({ tab, kind, first, name, columns, only = () => true }: { tab: Tab; kind: K; first: string; name: (item: Item<K>) => string; columns: Column<K>[]; only?: (item: Item<K>) => boolean }) {
  const { t, age } = useSpeech()
  const list = useQuery(listQuery('system', kind, '?limit=200'))
  const maker = useQuery(kindsQuery).data?.find((one) => one.name === kind)?.commands.find((one) => isMade(tab) && one.name === makers[tab].command)
  const owner = useMe()?.root_owner === true
  const [making, make] = useState(false)
  if (list.error) return <Failed error={list.error} again={() => void list.refetch()} />
  if (!list.data) return <div className="card"><Skeleton rows={6} /></div>
  const items = list.data.items.filter(only)
  return (
    <section className="card" aria-label={t.ai.tabs[tab]}>
      {maker && isMade(tab) ? <div className="toolbar in-card"><span className="sp" /><Button icon="plus" id={`make-${tab}`} whyNot={owner ? undefined : t.ai.ownerOnly} onClick={() => make(true)}>{t.ai.make[tab]}</Button></div> : null}
      {items.length === 0 ? <Empty title={t.ai.none[tab]} command={commands[tab]}>{tab === 'executions' ? null : t.ai.noneSays}</Empty> : (
        <div className="scroll-x" tabIndex={0} role="group" aria-label={t.ai.tabs[tab]}>
          <table>
            <thead><tr><th>{first}</th><th>{t.tree.state}</th>{columns.map((one) => <th key={one.word} className={one.number ? 'num' : ''}>{one.word}</th>)}<th className="num">{t.kinds.changed}</th></tr></thead>
            <tbody>
              {items.map((one) => (
                <tr key={one.id}>
                  <td className="cut id-cell"><Link className="m" to="/k/$kind/$tenant/$id" params={{ kind, tenant: 'system', id: one.id }}><bdi>{name(one) || one.id}</bdi></Link></td>
                  <td><Status status={one.status} />{one.reason ? <div className="t3 xs cut"><bdi>{one.reason}</bdi></div> : null}</td>
                  {columns.map((column) => <td key={column.word} className={column.number ? 'num' : 't2'}>{column.show(one)}</td>)}
                  <td className="num"><bdi>{age(one.updated_at)}</bdi></td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {making && maker && isMade(tab) ? <Make tab={tab} kind={kind} command={maker} onClose={() => make(false)} /> : null}
    </section>
  )
}

/** A level of ten as bars; the figure stands beside it for who does not see them. */
function Level({ level }: { level: number }) {
  const { t } = useSpeech()
  return (
    <span className="rowx s2">
      <svg className="power" viewBox="0 0 60 10" aria-hidden="true">{Array.from({ length: 10 }, (_, i) => <rect key={i} className={i < level ? 'on' : ''} x={i * 6} y="1" width="4.500" height="8" rx="1" />)}</svg>
      <span className="n">{t.ai.levels(level)}</span>
    </span>
  )
}

export function Ai() {
  const { t, language, number } = useSpeech()
  const navigate = useNavigate({ from: '/governance/layers' })
  const { tab: asked = 'layers' } = useSearch({ from: '/shell/governance/layers' })
  const tab = tabs.find((one) => one === asked) ?? 'layers'
  useHere([{ word: t.nav.governance, to: '/governance' }, { word: t.ai.title }])
  const may = (yes: boolean) => (yes ? t.ai.yes : t.ai.no)
  const spoken = (english: string, arabic: string) => (language === 'ar' && arabic ? arabic : english)
  const limit = (n: number) => (n > 0 ? number(n) : t.ai.unlimited)
  const lists: Record<Tab, () => ReactNode> = {
    layers: () => (
      <List tab="layers" kind={kinds.layers} first={t.ai.layer} name={({ state }) => spoken(state.profile.name, state.profile.name_ar)} columns={[
        { word: t.ai.type, show: ({ state }) => t.ai.types[state.type] ?? state.type },
        { word: t.ai.level, show: ({ state }) => (state.power_set && state.power ? <Level level={state.power.level} /> : <span className="warn">{t.ai.unset}</span>) },
        { word: t.ai.priority, number: true, show: ({ state }) => number(state.profile.priority) },
        { word: t.ai.subscribers, show: ({ state }) => may(state.profile.allowed_for_subscribers) },
      ]} />
    ),
    power: () => (
      <List tab="power" kind={kinds.power} first={t.ai.layer} only={({ state }) => state.power_set} name={({ state }) => spoken(state.profile.name, state.profile.name_ar)} columns={[
        { word: t.ai.level, show: ({ state }) => <Level level={state.power?.level ?? 0} /> },
        { word: t.ai.tokens, number: true, show: ({ state }) => limit(state.power?.max_tokens_per_request ?? 0) },
        { word: t.ai.perMinute, number: true, show: ({ state }) => limit(state.power?.max_requests_per_minute ?? 0) },
        { word: t.ai.together, number: true, show: ({ state }) => limit(state.power?.max_concurrent_requests ?? 0) },
        { word: t.ai.cost, number: true, show: ({ state }) => number(state.power?.cost_per_request ?? 0) },
        { word: t.ai.budget, number: true, show: ({ state }) => (state.power?.monthly_budget_limit == null ? t.ai.noBudget : number(state.power.monthly_budget_limit)) },
      ]} />
    ),
    agents: () => (
      <List tab="agents" kind={kinds.agents} first={t.ai.agent} name={({ state }) => spoken(state.settings.name, state.settings.name_ar)} columns={[
        { word: t.ai.layer, show: ({ state }) => <bdi>{state.settings.layer}</bdi> },
        { word: t.ai.provider, show: ({ state }) => <bdi>{state.settings.provider}</bdi> },
        { word: t.ai.model, show: ({ state }) => <code>{state.settings.model}</code> },
        { word: t.ai.tokens, number: true, show: ({ state }) => limit(state.settings.max_tokens) },
        { word: t.ai.subscribers, show: ({ state }) => may(state.settings.available_to_subscribers) },
      ]} />
    ),
    external: () => (
      <List tab="external" kind={kinds.external} first={t.ai.provider} name={({ id }) => id} columns={[
        { word: t.ai.type, show: ({ state }) => <bdi>{state.link.provider}</bdi> },
        { word: t.ai.endpoint, show: ({ state }) => <code>{state.link.endpoint}</code> },
        { word: t.ai.approved, show: ({ state }) => (state.approved ? <Status status="approved" /> : <Status status="held" word={t.ai.waits} />) },
        { word: t.ai.perMinute, number: true, show: ({ state }) => limit(state.link.rate_limit) },
        { word: t.ai.spent, number: true, show: ({ state }) => (state.link.monthly_budget == null ? number(state.budget.spent) : t.ai.of(number(state.budget.spent), number(state.link.monthly_budget))) },
      ]} />
    ),
    limits: () => (
      <List tab="limits" kind={kinds.limits} first={t.ai.tier} name={({ id }) => id} columns={[
        { word: t.ai.level, show: ({ state }) => <Level level={state.limits.max_power_level} /> },
        { word: t.ai.perDay, number: true, show: ({ state }) => limit(state.limits.max_requests_per_day) },
        { word: t.ai.perMinute, number: true, show: ({ state }) => limit(state.limits.max_requests_per_minute) },
        { word: t.ai.external, show: ({ state }) => may(state.limits.can_access_external_ai) },
        { word: t.ai.sees, show: ({ state }) => may(state.limits.can_see_layers) },
        { word: t.ai.breach, show: ({ state }) => t.ai.enforcement[state.limits.enforcement] ?? state.limits.enforcement },
      ]} />
    ),
    executions: () => (
      <List tab="executions" kind={kinds.executions} first={t.ai.request} name={({ id }) => id} columns={[
        { word: t.ai.action, show: ({ state }) => t.ai.actions[state.request.action] ?? state.request.action },
        { word: t.ai.layer, show: ({ state }) => <bdi>{state.request.layer}</bdi> },
        { word: t.ai.asked, show: ({ state }) => <bdi>{state.request.requester.agent || state.request.requester.user}</bdi> },
        { word: t.ai.impact, show: ({ state }) => t.ai.impacts[state.request.impact] ?? state.request.impact },
        { word: t.ai.tokens, number: true, show: ({ state }) => number(state.request.tokens) },
        { word: t.ai.violations, show: ({ state }) => state.violations.map((one) => <code key={one.code} className="rule">{one.rule}</code>) },
      ]} />
    ),
  }
  return (
    <main id="main">
      <div className="head"><div><h1>{t.ai.title}</h1><p>{t.ai.says}</p></div></div>
      <div className="stack">
        <Tabs label={t.ai.title} now={tab} onChange={(next) => void navigate({ search: { tab: next } })} tabs={tabs.map((key) => [key, t.ai.tabs[key]] as const)}><Fragment key={tab}>{lists[tab]()}</Fragment></Tabs>
      </div>
    </main>
  )
}
