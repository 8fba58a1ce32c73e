// A recorded decision, explained: who asked for what, which rules of which constitution decided, and what they read.
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { get } from '../api/client'
import type { Decision } from '../api/types'
import { useSpeech } from '../i18n'
import { Facts } from './facts'
import { Icon } from './icon'
import { Person } from './person'
import { Failed } from './state-box'
import { Rules } from './why'

interface Explained {
  position: number
  who: string
  who_type: string
  act: string
  resource: string
  answer: string
  constitution: string
  read: Record<string, unknown>
  rules: { id: string; effect?: string; en: string; ar: string }[]
}

/** What the event itself says at once, and the rules in words as soon as the node has told them. */
export function Decided({ position, decision }: { position: number; decision: Decision }) {
  const { t, language } = useSpeech()
  const found = useQuery({ queryKey: ['decision', position], queryFn: ({ signal }) => get<Explained>(`/v1/decisions/${position}`, signal), staleTime: Infinity, retry: false })
  const told = found.data
  if (!told) return <><ol className="why"><Rules decision={decision} /></ol>{found.error ? <Failed error={found.error} again={() => void found.refetch()} /> : null}</>
  const allowed = told.answer === 'allow'
  return (
    <section className="stack s2" data-decision={told.answer} aria-label={t.decided.title}>
      <h3>{t.decided.title}</h3>
      <ol className="why">
        <li><Icon name={allowed ? 'shieldok' : 'lock'} className={allowed ? 'ok' : 'bad'} /><div className="m">{allowed ? t.why.allowed : t.why.denied}</div><div className="t2"><Person id={told.who} /> · <code>{told.act}</code>{told.constitution ? <> · <Link to="/governance" search={{ version: told.constitution }}>{t.decided.constitution} <span className="n">{told.constitution}</span></Link></> : null}</div></li>
        {told.rules.map((rule) => <li key={rule.id}><Icon name={rule.effect === 'forbid' ? 'lock' : 'ok'} className={rule.effect === 'forbid' ? 'bad' : 'ok'} /><div>{language === 'ar' ? rule.ar : rule.en}</div><code className="rule">{rule.id}</code></li>)}
      </ol>
      {Object.keys(told.read).length ? <details className="fold"><summary>{t.decided.read} <span className="cnt">{Object.keys(told.read).length}</span></summary><Facts of={told.read} /></details> : <p className="t3 xs">{t.decided.nothingRead}</p>}
    </section>
  )
}
