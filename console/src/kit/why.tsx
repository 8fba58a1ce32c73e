// Why a thing is in its state: the event that put it there, the decision that let it, and what caused that.
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { whyQuery } from '../api/queries'
import type { Decision, StoredEvent } from '../api/types'
import { useSpeech } from '../i18n'
import { Icon, type IconName } from './icon'
import { Failed, Skeleton } from './state-box'
import { lookOf, wordOf } from './status'

export const sentence = (type: string) => type.split('.').slice(1).join(' ').replaceAll('_', ' ')

export function Rules({ decision }: { decision: Decision | null | undefined }) {
  const { t } = useSpeech()
  if (!decision) return null
  const allowed = decision.answer === 'allow'
  return (
    <li>
      <Icon name={allowed ? 'shieldok' : 'lock'} className={allowed ? 'ok' : 'bad'} />
      <div className="m">{allowed ? t.why.allowed : t.why.denied}{decision.constitution ? <> <span className="t3 n">{decision.constitution}</span></> : null}</div>
      <div className="t2">{decision.rules?.map((rule) => <code key={rule} className="rule">{rule}</code>)}</div>
    </li>
  )
}

function Step({ event, icon, family, title }: { event: StoredEvent; icon: IconName; family: string; title?: string }) {
  const { t, clock, number } = useSpeech()
  const reason = typeof event.data.reason === 'string' ? event.data.reason : typeof event.data.message === 'string' ? event.data.message : ''
  return (
    <li>
      <Icon name={icon} className={family} />
      <div className="m">{title ? `${title}: ` : ''}<bdi>{sentence(event.type)}</bdi></div>
      {reason ? <div className="t2"><bdi>{reason}</bdi></div> : null}
      <div className="t2">{event.meta.principal ? <>{t.why.by} <bdi>{event.meta.principal}</bdi></> : null}{event.meta.command ? <> · <code>{event.meta.command}</code></> : null}</div>
      <Link className="n xs" to="/events" search={{ sel: String(event.position) }}>#{number(event.position)} · {clock(event.time)}</Link>
    </li>
  )
}

export function Why({ tenant, kind, id }: { tenant: string; kind: string; id: string }) {
  const { t } = useSpeech()
  const why = useQuery(whyQuery(tenant, kind, id))
  if (why.error) return <Failed error={why.error} again={() => void why.refetch()} />
  if (!why.data) return <Skeleton rows={3} height={56} />
  const { family, icon } = lookOf(why.data.status)
  return (
    <ol className="why">
      <Step event={why.data.event} icon={icon} family={family} title={wordOf(t, why.data.status)} />
      <Rules decision={why.data.decision} />
      {why.data.chain.map((event) => <Step key={event.id} event={event} icon="deploy" family="neutral" title={t.why.causedBy} />)}
    </ol>
  )
}
