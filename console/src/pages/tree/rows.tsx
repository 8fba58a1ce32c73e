// The rows of a tree: one treegrid, rows placed by transform, a roving focus, and a rail that shows where trouble is.
import { useVirtualizer } from '@tanstack/react-virtual'
import { memo, useCallback, useEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react'
import { useSpeech } from '../../i18n'
import { Icon } from '../../kit/icon'
import { lookOf, severity, wordOf } from '../../kit/status'
import { changingOf, nextTrouble, positionOf, troubles, worstOf, type Branch } from './model'

export const row_px = 30
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
  onSelect: (path: string) => void
  onToggle: (path: string, open: boolean) => void
  onJump: (path: string) => void
  onOpenAll: (below: Branch) => void
}

const Line = memo(function Line({ row, isOpen, isSelected, index, onSelect, onToggle, focusable }: { row: Branch; stamp: number; shape: number; isOpen: boolean; isSelected: boolean; index: number; focusable: boolean; onSelect: (path: string) => void; onToggle: (path: string, open: boolean) => void }) {
  const { t, number, age } = useSpeech()
  const node = row
  const worst = worstOf(row)
  const changing = changingOf(row)
  const closed = node.children.length > 0 && !isOpen
  const partly = severity(worst) > severity(node.status) && severity(worst) >= 3
  const shown = partly ? worst : node.status
  const { family, icon } = lookOf(shown)
  const { since } = node.facts
  const error = node.last_error || (severity(node.status) >= 3 ? node.reason : '')
  return (
    <div className={`tr${isSelected ? ' sel' : ''}`} role="row" aria-level={row.depth + 1} aria-rowindex={index + 2} aria-posinset={positionOf(row)} aria-setsize={row.parent?.children.length ?? 1} aria-selected={isSelected} aria-expanded={node.children.length ? isOpen : undefined}
      tabIndex={focusable ? 0 : -1} data-path={row.path} data-status={node.status} style={{ transform: `translateY(${index * row_px}px)` }} onClick={() => onSelect(row.path)}>
      <span role="gridcell" className={`nm d${Math.min(row.depth, 9)}`}>
        <span className="tw" onClick={(event) => { if (node.children.length) { event.stopPropagation(); onToggle(row.path, !isOpen) } }}>{node.children.length ? <Icon name={isOpen ? 'down' : 'right'} /> : null}</span>
        <span className={isSelected || row.depth === 0 ? 'm' : ''}><bdi>{node.kind === 'instance' ? node.name.split('.').slice(-2).join('.') : node.name}</bdi></span>
        {node.kind !== 'group' ? <span className="kd xs">{t.kindWord(node.kind)}</span> : null}
        {error ? <span className={`sum ${lookOf(node.status).family}`}><bdi>{error}</bdi></span> : closed && row.below > 1 ? <span className="sum">{t.tree.below(number(row.below))}{changing ? ` · ${t.tree.changing(changing)}` : ''}</span> : null}
      </span>
      <span role="gridcell" className={`st ${family}`}><Icon name={icon} /><span className="cut">{partly ? t.tree.part(wordOf(t, worst)) : wordOf(t, shown)}</span></span>
      <span role="gridcell" className={`num${node.restarts > 0 && severity(node.status) >= 3 ? ' b bad' : ''}`}>{number(node.restarts)}</span>
      <span role="gridcell" className="num">{number(node.mailbox)}</span>
      <span role="gridcell" className="num">{since ? <bdi dir="auto">{age(String(since))}</bdi> : ''}</span>
    </div>
  )
})

/** Looked for when the page has nothing else to do, at most once a second: it walks the whole tree. */
function useMarks(root: Branch, tick: number) {
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
  }, [root, tick])
  return marks
}

export function Rows({ rows, open, selected, root, tick, shape, onSelect, onToggle, onJump, onOpenAll }: Props) {
  const { t } = useSpeech()
  const box = useRef<HTMLDivElement>(null)
  const focused = useRef(0)
  const view = useVirtualizer({ count: rows.length, getScrollElement: () => box.current, estimateSize: () => row_px, overscan: 12, scrollPaddingStart: row_px })
  const at = useMemo(() => Math.max(0, rows.findIndex((row) => row.path === selected)), [rows, selected])
  const first = useRef(true)
  useEffect(() => {
    if (!first.current || !selected) return
    first.current = false
    view.scrollToIndex(at, { align: 'center' })
  }, [at, selected, view])
  const goTo = useCallback((index: number) => {
    const row = rows[index]
    if (!row) return
    focused.current = index
    view.scrollToIndex(index)
    onSelect(row.path)
    requestAnimationFrame(() => box.current?.querySelector<HTMLElement>(`[data-path="${CSS.escape(row.path)}"]`)?.focus())
  }, [rows, view, onSelect])
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
  const marks = useMarks(root, tick)
  const items = view.getVirtualItems()
  return (
    <div className="tree" role="treegrid" aria-label={t.tree.title} aria-rowcount={rows.length + 1} data-tick={tick} onKeyDown={press}>
      <div className="tree-scroll" role="rowgroup" ref={box} tabIndex={rows.length ? -1 : 0}>
        <div className="th" role="row" aria-rowindex={1}>
          <span role="columnheader">{t.tree.entity}</span><span role="columnheader">{t.tree.state}</span><span role="columnheader" className="num">{t.tree.restarts}</span><span role="columnheader" className="num">{t.tree.mailbox}</span><span role="columnheader" className="num">{t.tree.age}</span>
        </div>
        <div role="presentation" style={{ height: rows.length * row_px, position: 'relative' }}>
          {items.map(({ index }) => {
            const row = rows[index]!
            return <Line key={row.path} row={row} stamp={row.stamp} shape={shape} index={index} isOpen={open.has(row.path)} isSelected={row.path === selected} focusable={selected ? index === at : index === 0} onSelect={onSelect} onToggle={onToggle} />
          })}
        </div>
      </div>
      <div className="rail" title={t.tree.trouble} role="presentation">
        <svg viewBox="0 0 14 1000" preserveAspectRatio="none" aria-hidden="true">
          {marks.map((mark) => <rect key={mark.path} className={`f${lookOf(mark.status).family}`} x="3" y={Math.round(mark.at * 990) + 3} width="8" height="5" onClick={() => onJump(mark.path)} />)}
        </svg>
      </div>
    </div>
  )
}
