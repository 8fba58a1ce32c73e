// A stream that is read for as long as a page is open: after a cut it is asked for again from where it was, ever less
// often; a tab that nobody sees for half a minute lets go of it and goes on when it is seen.
import { Problem } from './client'

const hidden_ms = 30_000
const backoff_ms = [500, 1000, 2000, 5000, 10_000]

const pause = (ms: number, signal: AbortSignal) =>
  new Promise<void>((done) => {
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', () => { clearTimeout(timer); done() }, { once: true })
  })

export interface Reading {
  /** Reads until the stream ends or the signal does; throws what the node refuses with. */
  read: (signal: AbortSignal) => Promise<void>
  /** It was cut off, and is tried again at that time. */
  stale: (nextTryAt: number) => void
  /** It may not be read, or is not there: it is not asked for again. */
  off?: () => void
  /** Another node, or one set back: its log does not reach so far. */
  lost: () => void
}

/** Begins at once; what it returns ends it. `cut` lets go of the stream, which is then asked for again. */
export function keepReading({ read, stale, off, lost }: Reading): { end: () => void; cut: () => void } {
  const over = new AbortController()
  let connection = new AbortController()
  let hidden: ReturnType<typeof setTimeout> | undefined
  const run = async () => {
    let failures = 0
    while (!over.signal.aborted) {
      if (document.hidden && connection.signal.aborted) {
        await new Promise<void>((done) => document.addEventListener('visibilitychange', () => done(), { once: true }))
        continue
      }
      connection = new AbortController()
      try {
        await read(connection.signal)
        failures = 0
      } catch (error) {
        if (error instanceof Problem && (error.status === 403 || error.status === 404)) return off?.()
        if (error instanceof Problem && error.status === 400) lost()
      }
      if (over.signal.aborted) return
      const wait = backoff_ms[Math.min(failures++, backoff_ms.length - 1)]!
      stale(Date.now() + wait)
      await pause(wait, over.signal)
    }
  }
  const seen = () => {
    clearTimeout(hidden)
    if (document.hidden) hidden = setTimeout(() => connection.abort(), hidden_ms)
  }
  document.addEventListener('visibilitychange', seen)
  void run()
  return {
    end: () => {
      over.abort()
      connection.abort()
      clearTimeout(hidden)
      document.removeEventListener('visibilitychange', seen)
    },
    cut: () => connection.abort(),
  }
}
