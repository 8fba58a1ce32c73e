// One stream a tab: what happens on the node, from a position on. Pages are told which of their queries are old; they ask
// again, at most four times a second. A tab that nobody sees for half a minute lets go of its stream and resumes later.
import type { QueryClient } from '@tanstack/react-query'
import { useSyncExternalStore } from 'react'
import { call, stream } from './client'
import { keepReading } from './resume'
import { messages } from './sse'
import type { StoredEvent } from './types'

export interface Live {
  state: 'off' | 'joining' | 'live' | 'stale'
  position: number
  heardAt: number
  nextTryAt: number
  /** After a cut: how many events came late, when the positions join. */
  caughtUp: number | null
}

const silent_ms = 40_000
const batch_ms = 250

let now: Live = { state: 'off', position: 0, heardAt: 0, nextTryAt: 0, caughtUp: null }
const watchers = new Set<() => void>()
const listeners = new Set<(events: StoredEvent[]) => void>()
const tell = (change: Partial<Live>) => {
  now = { ...now, ...change }
  for (const one of watchers) one()
}

export const useLive = () => useSyncExternalStore((watch) => (watchers.add(watch), () => watchers.delete(watch)), () => now)
export const onEvents = (does: (events: StoredEvent[]) => void) => {
  listeners.add(does)
  return () => void listeners.delete(does)
}

/** Follows the log that this person may read: all of it, or one tenant's. Returns what ends it. */
export function follow(client: QueryClient, tenant: string): () => void {
  let pending: StoredEvent[] = []
  let timer: ReturnType<typeof setTimeout> | undefined
  let over = false
  let reading: ReturnType<typeof keepReading> | null = null

  const flush = () => {
    timer = undefined
    const batch = pending
    pending = []
    // Told with the batch, not with each event: what shows the position is drawn anew.
    tell({ position: batch.at(-1)!.position, heardAt: Date.now(), caughtUp: now.caughtUp === null ? null : now.caughtUp + batch.length })
    const touched = new Set<string>()
    for (const event of batch) touched.add(event.subject)
    for (const subject of touched) {
      const [at, kind, ...id] = subject.split('/')
      void client.invalidateQueries({ queryKey: ['one', at, kind, id.join('/')] })
    }
    for (const pair of new Set([...touched].map((subject) => subject.split('/').slice(0, 2).join('/')))) {
      const [at, kind] = pair.split('/')
      if (kind === 'kill_switch') void client.invalidateQueries({ queryKey: ['kill'] })
      if (kind === 'constitution') void client.invalidateQueries({ queryKey: ['constitution'] })
      if (kind === 'approval') void client.invalidateQueries({ queryKey: ['approvals'] })
      void client.invalidateQueries({ queryKey: ['list', kind], predicate: (query) => ['', at].includes(String(query.queryKey[2] ?? '')) })
    }
    for (const one of listeners) one(batch)
  }

  const read = async (signal: AbortSignal) => {
    const silence = new AbortController()
    const resumed = now.position
    const headers: Record<string, string> = resumed > 0 ? { 'Last-Event-ID': String(resumed) } : {}
    const response = await stream(`/v1/events${tenant ? `?tenant=${encodeURIComponent(tenant)}` : ''}`, headers, AbortSignal.any([signal, silence.signal]))
    const from = Number(response.headers.get('nova-position') ?? 0)
    // The positions join: what was missed comes now, from the very event after the last one seen.
    const joined = resumed > 0 && from === resumed
    if (resumed > 0 && !joined) await client.invalidateQueries()
    tell({ state: 'live', position: from || resumed, heardAt: Date.now(), nextTryAt: 0, caughtUp: joined && now.state === 'stale' ? 0 : null })
    const watchdog = setInterval(() => Date.now() - now.heardAt > silent_ms && silence.abort(), 5000)
    try {
      for await (const message of messages(response.body!)) {
        if (message === null || !message.id) {
          if (message?.event === 'error') return
          tell({ heardAt: Date.now() })
          continue
        }
        const event = JSON.parse(message.data) as StoredEvent
        pending.push(event)
        now.heardAt = Date.now()
        timer ??= setTimeout(flush, batch_ms)
      }
    } finally {
      clearInterval(watchdog)
      // What came is told before the stream is asked for again from there.
      clearTimeout(timer)
      if (pending.length) flush()
    }
  }

  void call<unknown>('GET', `/v1/events?last=1${tenant ? `&tenant=${encodeURIComponent(tenant)}` : ''}`)
    .then(({ position }) => { if (now.position === 0) tell({ position }) }, () => {})
    .finally(() => {
      if (over) return
      if (now.position === 0) tell({ state: 'joining' })
      reading = keepReading({ read, stale: (nextTryAt) => tell({ state: 'stale', nextTryAt }), off: () => tell({ state: 'off' }), lost: () => { now.position = 0 } })
    })
  return () => {
    over = true
    reading?.end()
    clearTimeout(timer)
  }
}
