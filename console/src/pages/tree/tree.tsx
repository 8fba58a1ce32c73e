import { useNavigate, useSearch } from '@tanstack/react-router'
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { useForest } from '../../api/forest'
import { useHere } from '../../app/place'
import { useSpeech } from '../../i18n'
import { Icon } from '../../kit/icon'
import { OwnTenant } from '../../kit/own-tenant'
import { Failed, Skeleton } from '../../kit/state-box'
import { lookOf, type Family } from '../../kit/status'
import { Inspector } from './inspector'
import { countOf, flatten, openAtFirst, walk, wayTo, type Branch } from './model'
import { Rows } from './rows'

const filters: Exclude<Family, 'ok' | 'neutral'>[] = ['bad', 'held', 'warn', 'accent']

export function Tree() {
  const { t, number } = useSpeech()
  const navigate = useNavigate({ from: '/tree' })
  const { sel = '', q = '', state = '', tab = 'why', tenant = '' } = useSearch({ from: '/shell/tree' })
  const tree = useForest('all', tenant)
  const { forest, tick } = tree
  const [open, setOpen] = useState<ReadonlySet<string> | null>(null)
  const root = forest?.root ?? null
  const shape = forest?.shape ?? 0
  // The first tree opens what is small; a place that the address names is opened when it is first there.
  const shownPlace = useRef('')
  useEffect(() => {
    if (!root) return
    setOpen((now) => {
      const base = now ?? openAtFirst(root)
      if (!sel || shownPlace.current === sel) return base
      const wanted = forest!.find(sel)
      if (!wanted) return base
      shownPlace.current = sel
      return new Set([...base, ...wayTo(wanted)])
    })
  }, [forest, root, sel, shape])
  const openAll = useCallback((below: Branch) => setOpen((now) => {
    const next = new Set(now)
    walk(below, (one) => { if (one.children.length) next.add(one.path) })
    return next
  }), [])
  const counts = Object.fromEntries(filters.map((family) => [family, root ? countOf(root, family) : 0]))
  const asked = q.trim().toLowerCase()
  const filtered = Boolean(asked || state)
  const rows = useMemo(() => {
    if (!root || !open) return []
    if (!filtered) return flatten(root, open)
    const found: Branch[] = []
    walk(root, (one) => {
      if ((!state || lookOf(one.status).family === state) && (!asked || `${one.path} ${one.last_error} ${one.reason}`.toLowerCase().includes(asked))) found.push(one)
    })
    return found
    // What is open changes with the shape alone; what matches a filter with every patch.
  }, [root, open, asked, state, shape, filtered ? tick : 0])
  const select = useCallback((path: string) => { shownPlace.current = path; void navigate({ search: (now) => ({ ...now, sel: path }), replace: true }) }, [navigate])
  const jump = useCallback((path: string) => void navigate({ search: (now) => ({ ...now, sel: path, q: undefined, state: undefined }), replace: true }), [navigate])
  const toggle = useCallback((path: string, isOpen: boolean) => setOpen((now) => {
    const next = new Set(now)
    if (isOpen) next.add(path)
    else next.delete(path)
    return next
  }), [])
  const chosen = sel ? (forest?.find(sel) ?? null) : null
  useHere([{ word: root?.name ?? '' }, { word: t.nav.tree, ...(chosen ? { to: '/tree' } : {}) }, ...(chosen ? [{ word: chosen.path.replaceAll('/', ' / ') }] : [])].filter((one) => one.word))
  return (
    <main id="main" className="flush">
      <div className={`treepage${chosen ? ' with' : ''}`}>
        <section aria-label={t.tree.title}>
          <h1 className="sr">{t.tree.title}</h1>
          <div className="toolbar">
            <label className="in"><Icon name="search" /><input data-search aria-label={t.tree.search} placeholder={t.tree.search} value={q} dir="auto" onChange={(event) => void navigate({ search: (now) => ({ ...now, q: event.target.value || undefined }), replace: true })} /><kbd>/</kbd></label>
            <OwnTenant wanted={tenant} onChoose={(next) => void navigate({ search: { tenant: next } })} />
            <button type="button" className={`chip${state ? '' : ' on'}`} aria-pressed={!state} onClick={() => void navigate({ search: (now) => ({ ...now, state: undefined }), replace: true })}>{t.tree.all} <span className="n">{number(forest?.size ?? 0)}</span></button>
            {filters.filter((family) => counts[family] || state === family).map((family) => (
              <button key={family} type="button" className={`chip${state === family ? ' on' : ''}`} aria-pressed={state === family} onClick={() => void navigate({ search: (now) => ({ ...now, state: state === family ? undefined : family }), replace: true })}>
                <Icon name={{ bad: 'bad', held: 'held', warn: 'warn', accent: 'work' }[family] as 'bad'} className={family} /><span>{t.tree.filters[family]}</span> <span className="n">{number(counts[family] ?? 0)}</span>
              </button>
            ))}
          </div>
          {tree.error ? <div className="p-4"><Failed error={tree.error} again={tree.again} /></div> : !root ? <Skeleton rows={16} height={30} /> : <Rows rows={rows} root={root} tick={tick} shape={shape} alarm={forest!.alarm} open={open ?? new Set()} selected={sel} onSelect={select} onToggle={toggle} onJump={jump} onOpenAll={openAll} />}
          <div className="foot"><span>{t.tree.entities(number(forest?.size ?? 0))}</span><span className="sp" /><span><kbd>J</kbd> <kbd>K</kbd> {t.tree.move}</span><span><kbd>→</kbd> {t.tree.open}</span><span><kbd>N</kbd> {t.tree.next}</span></div>
        </section>
        <Inspector row={chosen} tab={tab as 'why'} onTab={(next) => void navigate({ search: (now) => ({ ...now, tab: next }), replace: true })} onClose={() => void navigate({ search: (now) => ({ ...now, sel: undefined }), replace: true })} />
      </div>
    </main>
  )
}
