import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { treeQuery } from '../../api/queries'
import { useHere } from '../../app/place'
import { useSpeech } from '../../i18n'
import { Icon } from '../../kit/icon'
import { Failed, Skeleton } from '../../kit/state-box'
import { lookOf, type Family } from '../../kit/status'
import { Inspector } from './inspector'
import { flatten, openAtFirst, wayTo } from './model'
import { Rows } from './rows'

const filters: Exclude<Family, 'ok' | 'neutral'>[] = ['bad', 'held', 'warn', 'accent']

export function Tree() {
  const { t, number } = useSpeech()
  const navigate = useNavigate({ from: '/tree' })
  const { sel = '', q = '', state = '', tab = 'why' } = useSearch({ from: '/shell/tree' })
  const tree = useQuery(treeQuery)
  const [open, setOpen] = useState<ReadonlySet<string> | null>(null)
  const root = tree.data
  // The first tree opens what is small; a place that the address names is opened when it is first there.
  const shownPlace = useRef('')
  useEffect(() => {
    if (!root) return
    setOpen((now) => {
      const base = now ?? openAtFirst(root)
      if (!sel || shownPlace.current === sel) return base
      const way = wayTo(root, sel)
      if (way.length === 0) return base
      shownPlace.current = sel
      return new Set([...base, ...way])
    })
  }, [root, sel])
  const all = useMemo(() => (root ? flatten(root, null) : []), [root])
  const counts = useMemo(() => Object.fromEntries(filters.map((family) => [family, all.filter((row) => lookOf(row.node.status).family === family).length])), [all])
  const asked = q.trim().toLowerCase()
  const rows = useMemo(() => {
    if (!root || !open) return []
    if (!asked && !state) return flatten(root, open)
    return all.filter(({ node, path }) => (!state || lookOf(node.status).family === state) && (!asked || `${node.name} ${path} ${node.last_error} ${node.reason}`.toLowerCase().includes(asked)))
  }, [root, open, all, asked, state])
  const select = useCallback((path: string) => { shownPlace.current = path; void navigate({ search: (now) => ({ ...now, sel: path }), replace: true }) }, [navigate])
  const jump = useCallback((path: string) => void navigate({ search: (now) => ({ ...now, sel: path, q: undefined, state: undefined }), replace: true }), [navigate])
  const toggle = useCallback((path: string, isOpen: boolean) => setOpen((now) => {
    const next = new Set(now)
    if (isOpen) next.add(path)
    else next.delete(path)
    return next
  }), [])
  const chosen = sel ? (all.find((row) => row.path === sel) ?? null) : null
  useHere([{ word: root?.name ?? '' }, { word: t.nav.tree, ...(chosen ? { to: '/tree' } : {}) }, ...(chosen ? [{ word: chosen.path.replaceAll('/', ' / ') }] : [])].filter((one) => one.word))
  return (
    <main id="main" className="flush">
      <div className={`treepage${chosen ? ' with' : ''}`}>
        <section aria-label={t.tree.title}>
          <h1 className="sr">{t.tree.title}</h1>
          <div className="toolbar">
            <label className="in"><Icon name="search" /><input data-search aria-label={t.tree.search} placeholder={t.tree.search} value={q} dir="auto" onChange={(event) => void navigate({ search: (now) => ({ ...now, q: event.target.value || undefined }), replace: true })} /><kbd>/</kbd></label>
            <button type="button" className={`chip${state ? '' : ' on'}`} aria-pressed={!state} onClick={() => void navigate({ search: (now) => ({ ...now, state: undefined }), replace: true })}>{t.tree.all} <span className="n">{number(all.length)}</span></button>
            {filters.filter((family) => counts[family] || state === family).map((family) => (
              <button key={family} type="button" className={`chip${state === family ? ' on' : ''}`} aria-pressed={state === family} onClick={() => void navigate({ search: (now) => ({ ...now, state: state === family ? undefined : family }), replace: true })}>
                <Icon name={{ bad: 'bad', held: 'held', warn: 'warn', accent: 'work' }[family] as 'bad'} className={family} /><span>{t.tree.filters[family]}</span> <span className="n">{number(counts[family] ?? 0)}</span>
              </button>
            ))}
          </div>
          {tree.error ? <div className="p-4"><Failed error={tree.error} again={() => void tree.refetch()} /></div> : !root ? <Skeleton rows={16} height={30} /> : <Rows rows={rows} all={all} open={open ?? new Set()} selected={sel} onSelect={select} onToggle={toggle} onJump={jump} />}
          <div className="foot"><span>{t.tree.entities(number(all.length))}</span>{root?.children.find((one) => one.name === 'tenants')?.reason ? <span className="warn">{root.children.find((one) => one.name === 'tenants')!.reason}</span> : null}<span className="sp" /><span><kbd>J</kbd> <kbd>K</kbd> {t.tree.move}</span><span><kbd>→</kbd> {t.tree.open}</span><span><kbd>N</kbd> {t.tree.next}</span></div>
        </section>
        <Inspector row={chosen} tab={tab as 'why'} onTab={(next) => void navigate({ search: (now) => ({ ...now, tab: next }), replace: true })} onClose={() => void navigate({ search: (now) => ({ ...now, sel: undefined }), replace: true })} />
      </div>
    </main>
  )
}
