// Search and go: places, and what there is in the tree. Nothing runs from here; a hit opens where its acts are shown.
import { useNavigate } from '@tanstack/react-router'
import { useMemo, useState, type KeyboardEvent } from 'react'
import { useForest } from '../api/forest'
import { useT } from '../i18n'
import { Sheet } from '../kit/dialog'
import { Icon, type IconName } from '../kit/icon'
import { lookOf } from '../kit/status'
import { walk, type Branch } from '../pages/tree/model'

interface Hit {
  key: string
  icon: IconName
  family?: string
  word: string
  more: string
  group: 'entities' | 'places'
  go: () => void
}

const hits_max = 12

export function Palette({ onClose }: { onClose: () => void }) {
  const t = useT()
  const navigate = useNavigate()
  const [text, type] = useState('')
  const [at, point] = useState(0)
  const { forest } = useForest('short')
  const entities = useMemo(() => {
    const found: Branch[] = []
    if (forest) walk(forest.root, (one) => { if (one.kind !== 'group') found.push(one) })
    return found
  }, [forest])
  const hits = useMemo<Hit[]>(() => {
    const asked = text.trim().toLowerCase()
    const places: [IconName, string, string][] = [['overview', t.nav.overview, '/'], ['tree', t.nav.tree, '/tree'], ['deploy', t.nav.deployments, '/deployments'], ['blue', t.nav.blueprints, '/blueprints'], ['inbox', t.nav.inbox, '/inbox'], ['gov', t.nav.governance, '/governance'], ['events', t.nav.events, '/events'], ['prov', t.nav.providers, '/providers'], ['people', t.nav.people, '/people'], ['kinds', t.nav.kinds, '/kinds'], ['gear', t.nav.settings, '/settings']]
    const found: Hit[] = asked ? entities.filter((node) => `${node.name} ${node.kind} ${node.last_error}`.toLowerCase().includes(asked)).slice(0, hits_max).map((node) => ({
      key: node.path, icon: lookOf(node.status).icon, family: lookOf(node.status).family, word: node.name, more: `${t.kindWord(node.kind)} · ${node.tenant}`, group: 'entities',
      go: () => void navigate(node.kind === 'deployment' ? { to: '/deployments/$tenant/$id', params: { tenant: node.tenant, id: node.name } } : { to: '/tree', search: { sel: node.path } }),
    })) : []
    const matching: Hit[] = places.filter(([, word]) => word.toLowerCase().includes(asked)).map(([icon, word, to]) => ({ key: to, icon, word, more: '', group: 'places', go: () => void navigate({ to }) }))
    return [...found, ...matching]
  }, [text, entities, t, navigate])
  const chosen = hits[Math.min(at, hits.length - 1)]
  const press = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown') point((n) => Math.min(n + 1, hits.length - 1))
    else if (event.key === 'ArrowUp') point((n) => Math.max(n - 1, 0))
    else if (event.key === 'Enter' && chosen) { onClose(); chosen.go() }
    else return
    event.preventDefault()
  }
  return (
    <Sheet open onClose={onClose} title={t.palette.title} className="dlg pal">
      <div className="q">
        <Icon name="search" />
        <input autoFocus role="combobox" aria-expanded="true" aria-controls="palette-hits" aria-activedescendant={chosen ? `hit-${hits.indexOf(chosen)}` : undefined} aria-label={t.palette.title} placeholder={t.palette.ask} dir="auto" value={text} onChange={(event) => { type(event.target.value); point(0) }} onKeyDown={press} />
        <kbd>Esc</kbd>
      </div>
      <div id="palette-hits" role="listbox" aria-label={t.palette.hits} className="hits">
        {(['entities', 'places'] as const).map((group) => {
          const some = hits.filter((hit) => hit.group === group)
          return some.length ? (
            <div key={group} role="group" aria-label={t.palette[group]}>
              <h3 aria-hidden="true">{t.palette[group]}</h3>
              {some.map((hit) => (
                <div key={hit.key} id={`hit-${hits.indexOf(hit)}`} role="option" aria-selected={hit === chosen} className="op" onClick={() => { onClose(); hit.go() }} onPointerMove={() => point(hits.indexOf(hit))}>
                  <Icon name={hit.icon} className={hit.family ?? ''} /><b className="cut"><bdi>{hit.word}</bdi></b><span className="sp" /><span className="xs t3 cut">{hit.more}</span>
                </div>
              ))}
            </div>
          ) : null
        })}
        {hits.length === 0 ? <p className="empty t2">{t.palette.none}</p> : null}
      </div>
      <div className="foot"><span><kbd>↑</kbd> <kbd>↓</kbd> {t.palette.move}</span><span><kbd>Enter</kbd> {t.palette.open}</span></div>
    </Sheet>
  )
}
