import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { doctorQuery, nodeQuery } from '../../api/queries'
import { lettersOff } from '../../app/shortcuts'
import { useHere } from '../../app/place'
import { useSpeech, type Language, type Theme } from '../../i18n'
import { Choice } from '../../kit/field'
import { Failed, Skeleton } from '../../kit/state-box'
import { Status } from '../../kit/status'
import { Tabs } from '../../kit/tabs'
import { Account } from './account'

function Health() {
  const { t, number, age } = useSpeech()
  const node = useQuery(nodeQuery)
  const doctor = useQuery(doctorQuery)
  const error = node.error ?? doctor.error
  if (error) return <Failed error={error} again={() => { void node.refetch(); void doctor.refetch() }} />
  return (
    <div className="stack">
      {node.data ? <section className="card body-card"><dl className="kv"><dt>{t.settings.node}</dt><dd><bdi>{node.data.name}</bdi></dd><dt>{t.settings.version}</dt><dd className="n">{node.data.version}</dd><dt>{t.settings.started}</dt><dd><bdi>{age(node.data.started_at)}</bdi></dd><dt>{t.settings.position}</dt><dd className="n">{number(node.data.store.head)}</dd></dl></section> : null}
      <section className="card" aria-label={t.settings.tabs.health}>
        {!doctor.data ? <Skeleton rows={8} /> : (
          <table><thead><tr><th>{t.settings.check}</th><th>{t.tree.state}</th><th>{t.settings.detail}</th><th>{t.settings.remedy}</th></tr></thead>
            <tbody>{doctor.data.checks.map((one) => <tr key={one.name}><td className="m"><bdi>{one.name}</bdi></td><td><Status status={one.level} /></td><td className="t2"><bdi>{one.detail}</bdi></td><td className="t2"><bdi>{one.remedy}</bdi></td></tr>)}</tbody></table>
        )}
      </section>
    </div>
  )
}

function Configuration() {
  const { t } = useSpeech()
  const node = useQuery(nodeQuery)
  if (node.error) return <Failed error={node.error} again={() => void node.refetch()} />
  if (!node.data) return <div className="card"><Skeleton rows={10} /></div>
  return (
    <section className="card" aria-label={t.settings.tabs.config}>
      <table><thead><tr><th>{t.settings.setting}</th><th>{t.settings.origin}</th></tr></thead>
        <tbody>{Object.entries(node.data.config).map(([name, origin]) => <tr key={name}><td><code>{name}</code></td><td className="t2"><bdi dir="ltr">{origin}</bdi></td></tr>)}</tbody></table>
    </section>
  )
}

function View() {
  const { t, language, theme, setLanguage, setTheme } = useSpeech()
  const [off, set] = useState(lettersOff())
  return (
    <section className="card body-card stack narrow-card">
      <Choice id="language" label={t.settings.language} value={language} onChange={(event) => setLanguage(event.target.value as Language)} options={[['en', 'English'], ['ar', 'العربية']]} />
      <Choice id="theme" label={t.settings.theme} value={theme} onChange={(event) => setTheme(event.target.value as Theme)} options={(['auto', 'light', 'dark'] as const).map((one) => [one, t.settings.themes[one]])} />
      <Choice id="letters" label={t.settings.letters} value={off ? 'off' : 'on'} onChange={(event) => { document.cookie = `nova_letters=${event.target.value}; Path=/; Max-Age=31536000; SameSite=Lax`; set(event.target.value === 'off') }} options={[['on', t.settings.lettersOn], ['off', t.settings.lettersOff]]} />
    </section>
  )
}

export function Settings() {
  const { t } = useSpeech()
  const navigate = useNavigate({ from: '/settings' })
  const { tab = 'health' } = useSearch({ from: '/shell/settings' })
  useHere([{ word: t.nav.settings }])
  return (
    <main id="main">
      <div className="head"><div><h1>{t.settings.title}</h1></div></div>
      <div className="stack">
        <Tabs label={t.settings.title} now={tab} onChange={(next) => void navigate({ search: { tab: next } })} tabs={(['health', 'config', 'account', 'view'] as const).map((key) => [key as string, t.settings.tabs[key]] as const)}>
          {tab === 'config' ? <Configuration /> : tab === 'account' ? <Account /> : tab === 'view' ? <View /> : <Health />}
        </Tabs>
      </div>
    </main>
  )
}
