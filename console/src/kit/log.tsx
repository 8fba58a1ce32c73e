// What services print: always left to right, followed until the reader scrolls up, bounded in memory. A line is text and
// never markup.
import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useMemo, useRef, useState } from 'react'
import { messages } from '../api/sse'
import { stream } from '../api/client'
import { useSpeech } from '../i18n'
import { Button } from './button'
import { Failed } from './state-box'
import { Icon } from './icon'

const lines_max = 20_000
const line_px = 21

export interface LogLine {
  instance?: string
  service?: string
  line: string
}

/** Follows a log while the page is open; a cut is tried again, and what came twice is not shown twice. */
export function useLog(path: string) {
  const [lines, set] = useState<LogLine[]>([])
  const [error, fail] = useState<unknown>(null)
  useEffect(() => {
    const over = new AbortController()
    let pending: LogLine[] = []
    let frame = 0
    const flush = () => {
      frame = 0
      const batch = pending
      pending = []
      set((all) => [...all, ...batch].slice(-lines_max))
    }
    const run = async () => {
      for (let failures = 0; !over.signal.aborted; failures++) {
        try {
          const joiner = path.includes('?') ? '&' : '?'
          const response = await stream(`${path}${joiner}follow=true&tail=500`, {}, over.signal)
          pending = []
          set([])
          fail(null)
          for await (const message of messages(response.body!)) {
            if (!message || message.event === 'error') continue
            pending.push(JSON.parse(message.data) as LogLine)
            frame ||= requestAnimationFrame(flush)
          }
        } catch (reason) {
          if (over.signal.aborted) return
          fail(reason)
          if (failures > 5) return
        }
        await new Promise((done) => setTimeout(done, 1000))
      }
    }
    void run()
    return () => {
      over.abort()
      cancelAnimationFrame(frame)
    }
  }, [path])
  return { lines, error }
}

export const levelOf = (line: string) => (/\b(ERROR|FATAL|Traceback|panic)\b/.test(line) ? 'e' : /\bWARN(ING)?\b/.test(line) ? 'w' : '')

function Marked({ text, find }: { text: string; find: string }) {
  if (!find) return <>{text}</>
  const parts: string[] = []
  const low = text.toLowerCase()
  let at = 0
  for (let hit = low.indexOf(find); hit >= 0; hit = low.indexOf(find, at)) {
    parts.push(text.slice(at, hit), text.slice(hit, hit + find.length))
    at = hit + find.length
  }
  parts.push(text.slice(at))
  return <>{parts.map((part, i) => (i % 2 ? <mark key={i}>{part}</mark> : part))}</>
}

export function Log({ lines, error, find, label }: { lines: LogLine[]; error: unknown; find: string; label: string }) {
  const { t } = useSpeech()
  const box = useRef<HTMLDivElement>(null)
  const [following, follow] = useState(true)
  const [seen, see] = useState(0)
  const at = useRef(-1)
  const rows = useVirtualizer({ count: lines.length, getScrollElement: () => box.current, estimateSize: () => line_px, overscan: 20 })
  useEffect(() => {
    if (!following) return
    at.current = -1
    if (lines.length) rows.scrollToIndex(lines.length - 1, { align: 'end' })
    see(lines.length)
  }, [lines, following, rows])
  const scrolled = () => {
    const { scrollTop, scrollHeight, clientHeight } = box.current!
    const bottom = scrollHeight - scrollTop - clientHeight < line_px * 2
    if (bottom !== following) follow(bottom)
  }
  const asked = find.trim().toLowerCase()
  const hits = useMemo(() => (asked ? lines.flatMap((one, i) => (one.line.toLowerCase().includes(asked) ? [i] : [])) : []), [lines, asked])
  const step = (by: 1 | -1) => {
    follow(false)
    const now = by > 0 ? hits.find((one) => one > at.current) ?? hits[0]! : hits.findLast((one) => one < at.current) ?? hits.at(-1)!
    at.current = now
    rows.scrollToIndex(now, { align: 'center' })
  }
  return (
    <div className="log-box">
      <div className="log-bar"><button type="button" className={`chip${following ? ' on' : ''}`} aria-pressed={following} onClick={() => follow(!following)}><span className={following ? 'pip' : ''} />{following ? t.deployments.following : t.deployments.follow}</button>{hits.length ? <span className="rowx s2"><span className="n xs t3">{t.deployments.hits(hits.length)}</span><Button size="sm" look="quiet" onClick={() => step(-1)}>{t.dep.before}</Button><Button size="sm" look="quiet" onClick={() => step(1)}>{t.dep.next}</Button></span> : null}</div>
      {error ? <Failed error={error} /> : null}
      <div className="log" role="log" aria-label={label} aria-live="off" tabIndex={0} ref={box} onScroll={scrolled}>
        <div style={{ height: rows.getTotalSize(), position: 'relative' }}>
          {rows.getVirtualItems().map((row) => {
            const { instance, line } = lines[row.index]!
            return (
              <div key={row.key} className={`ln ${levelOf(line)}`} style={{ transform: `translateY(${row.start}px)` }}>
                <span className="in0" title={instance}>{instance ? `${instance.split('.')[1] ?? ''}·${instance.split('.').at(-1)}` : ''}</span>
                <span><Marked text={line} find={asked} /></span>
              </div>
            )
          })}
        </div>
        {lines.length === 0 && !error ? <p className="t3 pad-log">{t.deployments.noLines}</p> : null}
      </div>
      {!following && lines.length > seen ? <div className="log-more"><Button size="sm" onClick={() => follow(true)}><Icon name="down" />{t.deployments.newLines(lines.length - seen)}</Button></div> : null}
    </div>
  )
}
