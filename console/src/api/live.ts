// One stream a tab: what happens on the node, from a position on. Pages are told which of their queries are old; they ask
// again, at most four times a second. A tab that nobody sees for half a minute lets go of its stream and resumes later.
import type { QueryClient } from '@tanstack/react-query'
import { useSyncExternalStore } from 'react'
import { Problem, call, stream } from './client'
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
const hidden_ms = 30_000
const batch_ms = 250
const backoff_ms = [500, 1000, 2000, 5000, 10_000]

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

const pause = (ms: number, signal: AbortSignal) =>
  new Promise<void>((done) => {
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', () => { clearTimeout(timer); done() }, { once: true })
  })

/** Follows the log that this person may read: all of it, or one tenant's. Returns what ends it. */
export function follow(client: QueryClient, tenant: string): () => void {
  const over = new AbortController()
  let pending: StoredEvent[] = []
  let timer: ReturnType<typeof setTimeout> | undefined
  let hidden: ReturnType<typeof setTimeout> | undefined
  let connection = new AbortController()
  let treeAt = 0

  const flush = () => {
    timer = undefined
    const batch = pending
    pending = []
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
    // The whole tree is the dearest answer: once a second.
    const wait = Math.max(0, treeAt + 1000 - Date.now())
    treeAt = Date.now() + wait
    setTimeout(() => void client.invalidateQueries({ queryKey: ['tree'] }), wait)
    for (const one of listeners) one(batch)
  }

  const read = async () => {
    connection = new AbortController()
    const resumed = now.position
    const headers: Record<string, string> = resumed > 0 ? { 'Last-Event-ID': String(resumed) } : {}
    const response = await stream(`/v1/events${tenant ? `?tenant=${encodeURIComponent(tenant)}` : ''}`, headers, connection.signal)
    const from = Number(response.headers.get('nova-position') ?? 0)
    // The positions join: what was missed comes now, from the very event after the last one seen.
    const joined = resumed > 0 && from === resumed
    if (resumed > 0 && !joined) await client.invalidateQueries()
    tell({ state: 'live', position: from || resumed, heardAt: Date.now(), nextTryAt: 0, caughtUp: joined && now.state === 'stale' ? 0 : null })
    const watchdog = setInterval(() => Date.now() - now.heardAt > silent_ms && connection.abort(), 5000)
    try {
      for await (const message of messages(response.body!)) {
        if (message === null || !message.id) {
          if (message?.event === 'error') return
          tell({ heardAt: Date.now() })
          continue
        }
        const event = JSON.parse(message.data) as StoredEvent
        pending.push(event)
        tell({ position: event.position, heardAt: Date.now(), caughtUp: now.caughtUp === null ? null : now.caughtUp + 1 })
        timer ??= setTimeout(flush, batch_ms)
      }
    } finally {
      clearInterval(watchdog)
    }
  }

  const run = async () => {
    let failures = 0
    if (now.position === 0) tell({ state: 'joining' })
    while (!over.signal.aborted) {
      if (document.hidden && connection.signal.aborted) {
        await new Promise<void>((done) => document.addEventListener('visibilitychange', () => done(), { once: true }))
        continue
      }
      try {
        await read()
        failures = 0
      } catch (error) {
        if (error instanceof Problem && (error.status === 403 || error.status === 404)) return tell({ state: 'off' })
        // Another node, or one set back: its log does not reach so far.
        if (error instanceof Problem && error.status === 400) now.position = 0
      }
      if (over.signal.aborted) return
      const wait = backoff_ms[Math.min(failures++, backoff_ms.length - 1)]!
      tell({ state: 'stale', nextTryAt: Date.now() + wait })
      await pause(wait, over.signal)
    }
  }
  const seen = () => {
    clearTimeout(hidden)
    if (document.hidden) hidden = setTimeout(() => connection.abort(), hidden_ms)
  }
  document.addEventListener('visibilitychange', seen)
  void call<unknown>('GET', `/v1/events?last=1${tenant ? `&tenant=${encodeURIComponent(tenant)}` : ''}`)
    .then(({ position }) => { if (now.position === 0) tell({ position }) }, () => {})
    .finally(() => void run())
  return () => {
    over.abort()
    connection.abort()
    clearTimeout(timer)
    clearTimeout(hidden)
    document.removeEventListener('visibilitychange', seen)
  }
}
