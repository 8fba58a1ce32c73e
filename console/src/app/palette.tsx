// Search and go: places, and what there is in the tree. Nothing runs from here; a hit opens where its acts are shown.
import { useNavigate } from '@tanstack/react-router'
import { useMemo, useState, type KeyboardEvent } from 'react'
import { useForest } from '../api/forest'
import { useMe } from '../api/queries'
import { useT } from '../i18n'
import { useViews } from './views'
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
  group: 'views' | 'entities' | 'places'
  go: () => void
}

const hits_max = 12

export function Palette({ onClose, onSave }: { onClose: () => void; onSave: () => void }) {
  const t = useT()
  const navigate = useNavigate()
  const [text, type] = useState('')
  const [at, point] = useState(0)
  const views = useViews(useMe()?.principal ?? '')
  const { forest } = useForest('short')
  const entities = useMemo(() => {
    const found: Branch[] = []
    if (forest) walk(forest.root, (one) => { if (one.kind !== 'group') found.push(one) })
    return found
  }, [forest])
  const hits = useMemo<Hit[]>(() => {
    const asked = text.trim().toLowerCase()
    const places: [IconName, string, string][] = [['overview', t.nav.overview, '/'], ['tree', t.nav.tree, '/tree'], ['deploy', t.nav.deployments, '/deployments'], ['blue', t.nav.blueprints, '/blueprints'], ['inbox', t.nav.inbox, '/inbox'], ['gov', t.nav.governance, '/governance'], ['events', t.nav.events, '/events'], ['prov', t.nav.providers, '/providers'], ['people', t.nav.people, '/people'], ['kinds', t.nav.kinds, '/kinds'], ['gear', t.nav.settings, '/settings'], ...(['layers', 'power', 'agents', 'external', 'limits', 'executions'] as const).map((tab): [IconName, string, string] => ['gov', `${t.ai.title}: ${t.ai.tabs[tab]}`, `/governance/layers?tab=${tab}`]), ['key', t.access.programTitle, '/device'], ['key', `${t.nav.settings}: ${t.settings.tabs.account}`, '/settings?tab=account']]
    const found: Hit[] = asked ? entities.filter((node) => `${node.name} ${node.kind} ${node.last_error}`.toLowerCase().includes(asked)).slice(0, hits_max).map((node) => ({
      key: node.path, icon: lookOf(node.status).icon, family: lookOf(node.status).family, word: node.name, more: `${t.kindWord(node.kind)} · ${node.tenant}`, group: 'entities',
      go: () => void navigate(node.kind === 'deployment' ? { to: '/deployments/$tenant/$id', params: { tenant: node.tenant, id: node.name } } : { to: '/tree', search: { sel: node.path } }),
    })) : []
    const matching: Hit[] = places.filter(([, word]) => word.toLowerCase().includes(asked)).map(([icon, word, to]) => ({ key: to, icon, word, more: '', group: 'places', go: () => void navigate({ href: to }) }))
    matching.push(...(t.views.save.toLowerCase().includes(asked) ? [{ key: 'save-view', icon: 'save' as const, word: t.views.save, more: '', group: 'places' as const, go: onSave }] : []))
    const kept: Hit[] = views.filter((one) => one.name.toLowerCase().includes(asked)).map((one) => ({ key: `view ${one.name}`, icon: 'save', word: one.name, more: one.href, group: 'views', go: () => void navigate({ href: one.href }) }))
    return [...kept, ...found, ...matching]
  }, [text, entities, views, t, navigate, onSave])
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
        {(['views', 'entities', 'places'] as const).map((group) => {
          const some = hits.filter((hit) => hit.group === group)
          return some.length ? (
            <div key={group} role="group" aria-label={group === 'views' ? t.views.title : t.palette[group]}>
              <h3 aria-hidden="true">{group === 'views' ? t.views.title : t.palette[group]}</h3>
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
