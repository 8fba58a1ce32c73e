// The status vocabulary: shape, colour and word, always three.
import { useT } from '../i18n'
import type { Words } from '../i18n/en'
import { Icon, type IconName } from './icon'

export type Family = 'ok' | 'accent' | 'warn' | 'bad' | 'held' | 'neutral'

const families: Record<Family, Record<string, IconName>> = {
  ok: Object.fromEntries(['healthy', 'running', 'active', 'allowed', 'allow', 'done', 'ready', 'approved', 'enabled', 'verified', 'serving', 'ok', 'green', 'delivered', 'completed', 'answered', 'accepted', 'observe', 'connected', 'executed'].map((word) => [word, 'ok'])),
  accent: Object.fromEntries(['starting', 'pending', 'building', 'deploying', 'verifying', 'checking', 'rolling_out', 'stopping', 'deleting', 'draining', 'invited', 'submitted', 'sending', 'queued', 'provisioning', 'issued'].map((word) => [word, 'work'])),
  warn: { degraded: 'warn', unready: 'warn', unverified: 'warn', yellow: 'warn', warning: 'warn', warn: 'warn', undelivered: 'warn', exhausted: 'warn', backoff: 'redo', healing: 'redo', restarting: 'redo', unknown: 'unk', unreachable: 'warn', suspended: 'warn', locked: 'lock' },
  bad: { failed: 'bad', error: 'bad', red: 'bad', quarantined: 'quar', parked: 'quar', denied: 'lock', deny: 'lock', banned: 'lock', killed: 'stop', execution_failed: 'bad' },
  held: { held: 'held', hold: 'held', escalated: 'held', open: 'held', lapsed: 'held', waiting: 'held' },
  neutral: { revoked: 'lock', stopped: 'idle', superseded: 'idle', rejected: 'idle', draft: 'idle', passive: 'eye', archived: 'idle', disabled: 'idle', off: 'idle', ended: 'idle', expired: 'idle', cancelled: 'idle', deleted: 'idle', withdrawn: 'idle', rolled_back: 'undo', info: 'idle', skipped: 'idle' },
}
const shapes = new Map<string, { family: Family; icon: IconName }>()
for (const [family, words] of Object.entries(families)) for (const [word, icon] of Object.entries(words)) shapes.set(word, { family: family as Family, icon })

export const lookOf = (status: string) => shapes.get(status) ?? { family: 'neutral' as Family, icon: 'idle' as IconName }
export const wordOf = (t: Words, status: string) => t.status[status as keyof Words['status']] ?? status.replaceAll('_', ' ')

const rank: Record<Family, number> = { bad: 5, held: 4, warn: 3, accent: 2, ok: 1, neutral: 0 }
export const worse = (a: string, b: string) => (rank[lookOf(b).family] > rank[lookOf(a).family] ? b : a)
export const severity = (status: string) => rank[lookOf(status).family]

export function Status({ status, word, spin = false }: { status: string; word?: string | undefined; spin?: boolean }) {
  const t = useT()
  const { family, icon } = lookOf(status)
  return (
    <span className={`st ${family}`}>
      <Icon name={icon} className={spin && family === 'accent' ? 'spin' : ''} />
      <span>{word ?? wordOf(t, status)}</span>
    </span>
  )
}

export function Tag({ status, word }: { status: string; word?: string }) {
  const t = useT()
  const { family, icon } = lookOf(status)
  return (
    <span className={`tag ${family}`}>
      <Icon name={icon} />
      <span>{word ?? wordOf(t, status)}</span>
    </span>
  )
}
