// The constitution in plain words, in both languages, and what it makes of the reader.
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { get } from '../api/client'
import { useHere } from '../app/place'
import { useSpeech } from '../i18n'
import { Icon } from '../kit/icon'
import { Failed, Skeleton } from '../kit/state-box'
import { Tabs } from '../kit/tabs'

interface Rule {
  id: string
  effect: string
  en: string
  ar: string
}
interface Right {
  id?: string
  name?: string
  permission?: string
  allowed: boolean
  rule?: string
  why?: string
  reason?: string
}

const looks = { permit: ['ok', 'ok'], forbid: ['bad', 'lock'], hold: ['held', 'held'] } as const

function Constitution() {
  const { t, language } = useSpeech()
  const [asked, ask] = useState('')
  const found = useQuery({ queryKey: ['constitution'], queryFn: ({ signal }) => get<{ version: string; rules: Rule[] }>('/v1/constitution', signal) })
  if (found.error) return <Failed error={found.error} again={() => void found.refetch()} />
  if (!found.data) return <div className="card"><Skeleton rows={10} /></div>
  const text = asked.trim().toLowerCase()
  const rules = found.data.rules.filter((one) => !text || `${one.id} ${one.en} ${one.ar}`.toLowerCase().includes(text))
  return (
    <section className="card" aria-label={t.governance.title}>
      <div className="toolbar in-card"><label className="in"><Icon name="search" /><input data-search aria-label={t.governance.find} placeholder={t.governance.find} dir="auto" value={asked} onChange={(event) => ask(event.target.value)} /><kbd>/</kbd></label><span className="sp" /><span className="t3">{t.governance.version(found.data.version)}</span></div>
      <table>
        <thead><tr><th>{t.governance.rule}</th><th>{t.governance.effect}</th><th>{t.governance.words}</th></tr></thead>
        <tbody>
          {rules.map((one) => {
            const [family, icon] = looks[one.effect as 'permit'] ?? ['neutral', 'eye']
            return (
              <tr key={one.id}><td><code>{one.id}</code></td><td><span className={`tag ${family}`}><Icon name={icon} />{t.governance[one.effect as 'permit'] ?? one.effect}</span></td>
                <td><div>{language === 'ar' ? one.ar : one.en}</div><div className="t3 xs" lang={language === 'ar' ? 'en' : 'ar'} dir={language === 'ar' ? 'ltr' : 'rtl'}><bdi>{language === 'ar' ? one.en : one.ar}</bdi></div></td></tr>
            )
          })}
        </tbody>
      </table>
    </section>
  )
}

function Rights() {
  const { t } = useSpeech()
  const found = useQuery({ queryKey: ['rights'], queryFn: ({ signal }) => get<Record<string, unknown>>('/api/permissions/me', signal) })
  if (found.error) return <Failed error={found.error} again={() => void found.refetch()} />
  if (!found.data) return <div className="card"><Skeleton rows={10} /></div>
  const lists = Object.values(found.data).filter((value): value is Right[] => Array.isArray(value) && typeof value[0] === 'object' && value[0] !== null && 'allowed' in value[0])
  const rights = lists.flat()
  return (
    <section className="card" aria-label={t.governance.permissions}>
      <table>
        <thead><tr><th>{t.governance.right}</th><th>{t.governance.allowed}</th><th>{t.governance.because}</th></tr></thead>
        <tbody>
          {rights.map((one, i) => (
            <tr key={i}><td><code>{one.permission ?? one.name ?? one.id}</code></td><td><span className={`st ${one.allowed ? 'ok' : 'neutral'}`}><Icon name={one.allowed ? 'ok' : 'lock'} />{one.allowed ? t.status.allowed : t.status.denied}</span></td><td className="t2"><bdi>{one.why ?? one.reason}</bdi>{one.rule ? <> <code>{one.rule}</code></> : null}</td></tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

export function Governance() {
  const { t } = useSpeech()
  const navigate = useNavigate({ from: '/governance' })
  const { tab = 'rules' } = useSearch({ from: '/shell/governance' })
  useHere([{ word: t.nav.governance }])
  return (
    <main id="main">
      <div className="head"><div><h1>{t.governance.title}</h1><p>{t.governance.says}</p></div><div className="acts"><Link className="btn" to="/governance/layers">{t.ai.title}</Link></div></div>
      <div className="stack">
        <Tabs label={t.governance.title} now={tab} onChange={(next) => void navigate({ search: { tab: next } })} tabs={[['rules', t.governance.rule], ['rights', t.governance.permissions]]}>
          {tab === 'rights' ? <Rights /> : <Constitution />}
        </Tabs>
      </div>
    </main>
  )
}
