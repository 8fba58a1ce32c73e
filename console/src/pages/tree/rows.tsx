// The rows of a tree: one treegrid, a roving focus, and a rail that shows where trouble is.
import { memo, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState, type KeyboardEvent, type MouseEvent } from 'react'
import { useSpeech } from '../../i18n'
import { lookOf } from '../../kit/status'
import { Lines, row_px } from './lines'
import { nextTrouble, troubles, type Branch } from './model'

const marks_ms = 1000

interface Props {
  rows: Branch[]
  open: ReadonlySet<string>
  selected: string
  /** All there is, open or not: for the rail. */
  root: Branch
  /** Changes with each patch, and when rows came or went. */
  tick: number
  shape: number
  alarm: number
  onSelect: (path: string) => void
  onToggle: (path: string, open: boolean) => void
  onJump: (path: string) => void
  onOpenAll: (below: Branch) => void
}

/** Looked for when the page has nothing else to do, at most once a second: it walks the ways to all trouble. */
function useMarks(root: Branch, shape: number, alarm: number) {
  const [marks, set] = useState<ReturnType<typeof troubles>>([])
  const looked = useRef(-Infinity)
  const waiting = useRef(false)
  useEffect(() => {
    if (waiting.current) return
    waiting.current = true
    setTimeout(() => requestIdleCallback(() => {
      waiting.current = false
      looked.current = performance.now()
      set(troubles(root))
    }, { timeout: marks_ms }), Math.max(0, looked.current + marks_ms - performance.now()))
  }, [root, shape, alarm])
  return marks
}

/** Where trouble is, over the whole tree; by itself, so that a patch elsewhere leaves it alone. */
const Rail = memo(function Rail({ root, shape, alarm, onJump }: { root: Branch; shape: number; alarm: number; onJump: (path: string) => void }) {
  const { t } = useSpeech()
  const marks = useMarks(root, shape, alarm)
  return (
    <div className="rail" title={t.tree.trouble} role="presentation">
      <svg viewBox="0 0 14 1000" preserveAspectRatio="none" aria-hidden="true">
        {marks.map((mark) => <rect key={mark.path} className={`f${lookOf(mark.status).family}`} x="3" y={Math.round(mark.at * 990) + 3} width="8" height="5" onClick={() => onJump(mark.path)} />)}
      </svg>
    </div>
  )
})

export function Rows({ rows, open, selected, root, tick, shape, alarm, onSelect, onToggle, onJump, onOpenAll }: Props) {
  const speech = useSpeech()
  const { t } = speech
  const box = useRef<HTMLDivElement>(null)
  const holder = useRef<HTMLDivElement>(null)
  const lines = useRef<Lines>(null)
  const at = useMemo(() => Math.max(0, rows.findIndex((row) => row.path === selected)), [rows, selected])
  useLayoutEffect(() => {
    const made = new Lines(box.current!, holder.current!)
    lines.current = made
    return () => made.end()
  }, [])
  // With each patch: what is not seen, or did not change, costs a comparison.
  useLayoutEffect(() => lines.current!.show({ rows, open, selected, at, shape, speech }), [rows, open, selected, at, shape, speech, tick])
  const first = useRef(true)
  useEffect(() => {
    if (!first.current || !selected) return
    first.current = false
    lines.current!.reveal(at, true)
  }, [at, selected])
  const goTo = useCallback((index: number) => {
    const row = rows[index]
    if (!row) return
    lines.current!.reveal(index)
    lines.current!.focus(index)
    onSelect(row.path)
  }, [rows, onSelect])
  const click = ({ target }: MouseEvent) => {
    const line = (target as Element).closest<HTMLElement>('[data-path]')
    if (!line) return
    const path = line.dataset.path!
    if (line.ariaExpanded && (target as Element).closest('.tw')) onToggle(path, line.ariaExpanded !== 'true')
    else onSelect(path)
  }
  const press = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const row = rows[at]
    const rtl = document.documentElement.dir === 'rtl'
    const key = event.code === 'KeyJ' ? 'ArrowDown' : event.code === 'KeyK' ? 'ArrowUp' : rtl && event.key === 'ArrowLeft' ? 'ArrowRight' : rtl && event.key === 'ArrowRight' ? 'ArrowLeft' : event.key
    if (key === 'ArrowDown') goTo(selected ? Math.min(at + 1, rows.length - 1) : 0)
    else if (key === 'ArrowUp') goTo(Math.max(at - 1, 0))
    else if (key === 'Home') goTo(0)
    else if (key === 'End') goTo(rows.length - 1)
    else if (key === 'ArrowRight' && row?.children.length) open.has(row.path) ? goTo(at + 1) : onToggle(row.path, true)
    else if (key === 'ArrowLeft' && row) {
      if (open.has(row.path) && row.children.length) onToggle(row.path, false)
      else goTo(rows.slice(0, at).findLastIndex((one) => one.depth < row.depth))
    } else if (event.key === '*' && row) onOpenAll(row)
    else if (event.code === 'KeyN') {
      const next = nextTrouble(root, selected)
      if (next) onJump(next.path)
    } else return
    event.preventDefault()
    event.stopPropagation()
  }
  return (
    <div className="tree" role="treegrid" aria-label={t.tree.title} aria-rowcount={rows.length + 1} data-tick={tick} onKeyDown={press}>
      <div className="tree-scroll" role="rowgroup" ref={box} tabIndex={rows.length ? -1 : 0}>
        <div className="th" role="row" aria-rowindex={1}>
          <span role="columnheader">{t.tree.entity}</span><span role="columnheader">{t.tree.state}</span><span role="columnheader" className="num">{t.tree.restarts}</span><span role="columnheader" className="num">{t.tree.mailbox}</span><span role="columnheader" className="num">{t.tree.age}</span>
        </div>
        <div className="tree-rows" role="presentation" ref={holder} style={{ height: rows.length * row_px }} onClick={click} />
      </div>
      <Rail root={root} shape={shape} alarm={alarm} onJump={onJump} />
    </div>
  )
}
