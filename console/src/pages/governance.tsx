// The constitution in plain words and as source, its versions, and the draft that waits to come into force.
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import { useMe } from '../api/queries'
import { useHere } from '../app/place'
import { Rich, useSpeech } from '../i18n'
import { Button } from '../kit/button'
import { Copy } from '../kit/copy'
import { Icon } from '../kit/icon'
import { Person } from '../kit/person'
import { constitutionQuery, type Constitution, type Rule } from '../kit/rules'
import { Failed, Skeleton } from '../kit/state-box'
import { Status } from '../kit/status'
import { Tabs } from '../kit/tabs'
import { Cedar } from './governing/cedar'
import { Draft, historyQuery } from './governing/draft'

const looks = { permit: ['ok', 'ok'], forbid: ['bad', 'lock'], hold: ['held', 'held'] } as const

/** A rule that forbids only until people have agreed: its policy names a gate. */
const gated = (text: string) => new Set([...text.matchAll(/@id\("([^"]+)"\)((?:(?!@id\()[\s\S])*?)\b(?:permit|forbid)\s*\(/g)].filter((one) => one[2]!.includes('@gate(')).map((one) => one[1]!))

function Rules({ law }: { law: Constitution }) {
  const { t, language } = useSpeech()
  const [asked, ask] = useState('')
  const holding = useMemo(() => gated(law.text ?? ''), [law.text])
  const rules = law.rules.map((one: Rule) => (holding.has(one.id) ? { ...one, effect: 'hold' } : one))
  const text = asked.trim().toLowerCase()
  const count = (effect: string) => rules.filter((one) => one.effect === effect).length
  const found = rules.filter((one) => !text || `${one.id} ${one.en} ${one.ar}`.toLowerCase().includes(text))
  return (
    <section className="card" aria-label={t.law.tabs.rules}>
      <div className="toolbar in-card"><label className="in"><Icon name="search" /><input data-search aria-label={t.governance.find} placeholder={t.governance.find} dir="auto" value={asked} onChange={(event) => ask(event.target.value)} /><kbd>/</kbd></label><span className="sp" /><span className="t3">{t.law.ruleCounts(count('permit'), count('forbid'), count('hold'))}</span></div>
      <div className="scroll-x" tabIndex={0} role="group" aria-label={t.law.tabs.rules}>
        <table className="lawful">
          <thead><tr><th>{t.governance.words}</th><th>{t.governance.effect}</th><th>{t.governance.rule}</th></tr></thead>
          <tbody>
            {found.map((one) => {
              const [family, icon] = looks[one.effect as 'permit'] ?? ['neutral', 'eye']
              return (
                <tr key={one.id}><td><div className="m">{language === 'ar' ? one.ar : one.en}</div><div className="t3 xs" lang={language === 'ar' ? 'en' : 'ar'}><bdi>{language === 'ar' ? one.en : one.ar}</bdi></div></td>
                  <td><span className={`tag ${family}`}><Icon name={icon} />{t.governance[one.effect as 'permit'] ?? one.effect}</span></td><td><code>{one.id}</code></td></tr>
              )
            })}
          </tbody>
        </table>
      </div>
    </section>
  )
}

function Versions() {
  const { t, date } = useSpeech()
  const history = useQuery(historyQuery)
  if (history.error) return <Failed error={history.error} again={() => void history.refetch()} />
  if (!history.data) return <div className="card"><Skeleton rows={4} /></div>
  return (
    <section className="card" aria-label={t.law.tabs.versions}>
      <div className="scroll-x" tabIndex={0} role="group" aria-label={t.law.tabs.versions}>
        <table>
          <thead><tr><th>{t.law.version}</th><th>{t.law.state}</th><th>{t.law.step}</th><th>{t.law.when}</th><th>{t.law.by}</th><th>{t.law.digest}</th><th><span className="sr">{t.law.read}</span></th></tr></thead>
          <tbody>
            {history.data.items.map((one) => (
              <tr key={one.version} data-version={one.version}><td className="n m">{one.version}</td><td><Status status={one.state} /></td><td>{t.law.steps[one.step] ?? one.step}</td><td><bdi>{date(one.at)}</bdi></td><td className="cut who-cell"><Person id={one.by} /></td><td><code title={one.digest}>{one.digest.slice(0, 19)}…</code></td>
                <td className="num"><Link to="/governance" search={one.state === 'active' ? {} : { version: one.version }}>{t.law.read}</Link></td></tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}

function Body({ law, tab }: { law: Constitution; tab: string }) {
  const { t } = useSpeech()
  if (tab === 'versions') return <Versions />
  if (tab === 'source') return <section className="card" aria-label={t.law.tabs.source}><Cedar text={law.text ?? ''} label={t.law.tabs.source} /></section>
  return <Rules law={law} />
}

export function Governance() {
  const { t, age } = useSpeech()
  const navigate = useNavigate({ from: '/governance' })
  const { tab = 'rules', version = '' } = useSearch({ from: '/shell/governance' })
  const owner = useMe()?.root_owner === true
  const now = useQuery(constitutionQuery())
  const law = useQuery(constitutionQuery(version))
  const history = useQuery(historyQuery)
  useHere([{ word: t.nav.governance }])
  const past = version !== '' && now.data !== undefined && version !== now.data.version
  const made = history.data?.items.find((one) => one.version === law.data?.version)
  const error = law.error ?? now.error
  const why = past ? t.law.pastShut : !owner ? t.law.ownerOnly : undefined
  return (
    <main id="main">
      <div className="head">
        <div><h1>{law.data ? t.law.sentence(law.data.rules.length) : t.governance.title}</h1><p>{law.data && !past ? <><Rich>{t.law.inForce(law.data.version)}</Rich>{made ? <> · {t.law.changed} <bdi>{age(made.at)}</bdi> · {t.law.by} <Person id={made.by} /></> : null}</> : t.governance.says}</p></div>
        <div className="acts"><Link className="btn" to="/governance/layers">{t.ai.title}</Link><Link className="btn" to="/governance/permissions">{t.law.permissions}</Link><Button look="pri" id="amend" whyNot={why} onClick={() => void navigate({ to: '/governance/amend' })}>{t.law.amend}</Button></div>
      </div>
      <div className="stack">
        {past ? <div className="note accent" data-as-of={version} role="status"><Icon name="clock" /><div className="sp"><Rich>{t.law.past(version)}</Rich></div><Link data-back to="/governance" search={tab === 'rules' ? {} : { tab }}>{t.law.backToNow(now.data!.version)}</Link></div> : null}
        {!past && law.data?.state === 'unloadable' ? <div className="note bad" role="alert"><Icon name="bad" /><div className="stack s1"><div className="m">{t.law.unloadable}</div><div>{law.data.reason}</div>{law.data.problems?.map((one) => <div key={one.path}><code>{one.path}</code> {one.message}</div>)}</div></div> : null}
        {!past && history.data?.draft ? <Draft draft={history.data.draft} owner={owner} /> : null}
        <Tabs label={t.governance.title} now={tab} onChange={(next) => void navigate({ search: (was) => ({ ...was, tab: next === 'rules' ? undefined : next }) })} tabs={(['rules', 'source', 'versions'] as const).map((key) => [key as string, t.law.tabs[key]] as const)}>
          {error ? <Failed error={error} again={() => void law.refetch()} /> : !law.data ? <div className="card"><Skeleton rows={10} /></div> : <Body law={law.data} tab={tab} />}
        </Tabs>
        <Copy text={`novactl constitution show${past ? ` --version ${version}` : ''}`} />
      </div>
    </main>
  )
}
