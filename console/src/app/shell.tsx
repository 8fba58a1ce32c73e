// What stands around every page: places, the live position, search, language, theme, the person; and whether AI may act.
import { Link, Outlet, useNavigate, useRouterState } from '@tanstack/react-router'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { DropdownMenu } from 'radix-ui'
import { useEffect, useState } from 'react'
import { get, signOut } from '../api/client'
import { follow, useLive } from '../api/live'
import { placeOf, seesAll, useMe } from '../api/queries'
import { dark, useSpeech, useT } from '../i18n'
import { IconButton } from '../kit/button'
import { Icon, Star, type IconName } from '../kit/icon'
import { usePlace } from './place'
import { Band, SwitchBox } from './kill-switch'
import { Palette } from './palette'
import { SaveView } from './save-view'
import { KeyMap, useShortcuts } from './shortcuts'

const places: ([IconName, 'overview' | 'tree' | 'deployments' | 'blueprints' | 'inbox' | 'governance' | 'events' | 'providers' | 'people' | 'kinds' | 'settings', string] | null)[] = [
  ['overview', 'overview', '/'],
  ['tree', 'tree', '/tree'],
  ['deploy', 'deployments', '/deployments'],
  ['blue', 'blueprints', '/blueprints'],
  ['inbox', 'inbox', '/inbox'],
  ['gov', 'governance', '/governance'],
  ['events', 'events', '/events'],
  null,
  ['prov', 'providers', '/providers'],
  ['people', 'people', '/people'],
  ['kinds', 'kinds', '/kinds'],
  ['gear', 'settings', '/settings'],
]

function Navigation() {
  const t = useT()
  const path = useRouterState({ select: (state) => state.location.pathname })
  // What waits for this very person.
  const waiting = useQuery({ queryKey: ['approvals', 'mine'], queryFn: ({ signal }) => get<{ items: unknown[] }>('/v1/approvals?status=pending&to_decide=true', signal), retry: false }).data?.items.length ?? 0
  return (
    <nav aria-label={t.frame.main}>
      {places.map((place, i) =>
        place === null ? <hr key={i} /> : (
          <Link key={place[2]} to={place[2]} title={t.nav[place[1]]} aria-current={(place[2] === '/' ? path === '/' : path.startsWith(place[2]) || (place[1] === 'kinds' && path.startsWith('/k/'))) ? 'page' : undefined}>
            <Icon name={place[0]} />
            <span>{t.nav[place[1]]}</span>
            {place[1] === 'inbox' && waiting > 0 ? <span className="cnt held" data-waiting={waiting}>{waiting}</span> : null}
          </Link>
        ))}
    </nav>
  )
}

function LiveChip() {
  const { t, number } = useSpeech()
  const live = useLive()
  const [, tick] = useState(0)
  useEffect(() => {
    if (live.state !== 'stale') return
    const timer = setInterval(() => tick((n) => n + 1), 1000)
    return () => clearInterval(timer)
  }, [live.state])
  if (live.state === 'off') return null
  const stale = live.state === 'stale'
  return (
    <div className={`live${stale ? ' late' : ''}`} data-live={live.state} data-position={live.position} title={live.caughtUp === null ? t.frame.liveSays : t.frame.caughtUp(live.caughtUp)}>
      {stale ? <Icon name="warn" /> : <span className="pip" />}
      <span role="status">{stale ? t.frame.stale : t.frame.live}</span>
      <span className="n t3" aria-hidden="true">#{number(live.position)}</span>
    </div>
  )
}

function Person() {
  const { t } = useSpeech()
  const who = useMe()
  const client = useQueryClient()
  const navigate = useNavigate()
  const account = who?.user?.state.account
  const name = account?.full_name || account?.username || account?.email || who?.principal || ''
  const initials = name.split(/[\s.@_-]+/).filter(Boolean).slice(0, 2).map((word) => word[0]!.toUpperCase()).join('')
  const leave = async () => {
    await signOut()
    client.clear()
    await navigate({ to: '/sign-in' })
  }
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger className="who" aria-label={`${initials}: ${t.frame.account(name)}`} title={name}><span aria-hidden="true">{initials || '·'}</span></DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="menu" align="end" sideOffset={6}>
          <div className="menu-head"><div className="m cut"><bdi>{name}</bdi></div><div className="xs t3 cut"><bdi>{account?.email}</bdi>{who?.root_owner ? ` · ${t.frame.owner}` : who?.role ? ` · ${who.role}` : ''}</div></div>
          <DropdownMenu.Item className="op" onSelect={() => void navigate({ to: '/settings', search: { tab: 'account' } })}><Icon name="key" />{t.frame.yourAccount}</DropdownMenu.Item>
          <DropdownMenu.Item className="op" onSelect={() => void leave()}><Icon name="power" />{t.frame.signOut}</DropdownMenu.Item>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  )
}

function Crumbs() {
  const t = useT()
  const place = usePlace()
  return (
    <nav className="crumbs cut" aria-label={t.frame.place}>
      {place.map((crumb, i) => (
        i === place.length - 1 ? <b key={i} className="cut" aria-current="page"><bdi>{crumb.word}</bdi></b> : (
          <span key={i} className="rowx s2">{crumb.to ? <Link to={crumb.to}><bdi>{crumb.word}</bdi></Link> : <bdi>{crumb.word}</bdi>}<Icon name="right" /></span>
        )
      ))}
    </nav>
  )
}

export function Shell() {
  const { t, language, theme, setLanguage, setTheme } = useSpeech()
  const [searching, search] = useState(false)
  const [mapping, map] = useState(false)
  const [saving, save] = useState(false)
  const [drawer, openDrawer] = useState(false)
  const client = useQueryClient()
  const who = useMe()
  const place = usePlace()
  const path = useRouterState({ select: (state) => state.location.pathname })
  const wanted = useRouterState({ select: (state) => (state.location.search as { tenant?: string }).tenant })
  const tenant = placeOf(who, wanted)
  const somewhere = seesAll(who) || tenant !== ''
  useEffect(() => (somewhere ? follow(client, tenant) : undefined), [client, somewhere, tenant])
  useEffect(() => openDrawer(false), [path])
  useShortcuts({ palette: () => search(true), keys: () => map(true) })
  const night = dark(theme)
  return (
    <div className="app">
      <a className="skip" href="#main">{t.frame.skip}</a>
      <Band />
      <aside className={`side${drawer ? ' out' : ''}`}>
        <div className="brand"><Star /><span className="ltr">WebNova</span></div>
        <Navigation />
        <SwitchBox />
      </aside>
      {drawer ? <button type="button" className="drawer-back" aria-label={t.frame.closeMenu} onClick={() => openDrawer(false)} /> : null}
      <header className="top">
        <button type="button" className="ib menu-button" aria-label={t.frame.menu} aria-expanded={drawer} onClick={() => openDrawer(!drawer)}><Icon name="kinds" /></button>
        <div className="phonebar"><span className="cut">{place.at(-1)?.word}</span></div>
        <Crumbs />
        <LiveChip />
        <button type="button" className="find" onClick={() => search(true)}><Icon name="search" /><span>{t.frame.search}</span><kbd>Ctrl K</kbd></button>
        <button type="button" className="ib dt" lang={language === 'ar' ? 'en' : 'ar'} aria-label={language === 'ar' ? 'EN: English' : 'ع: العربية'} title={language === 'ar' ? 'English' : 'العربية'} onClick={() => setLanguage(language === 'ar' ? 'en' : 'ar')}><span aria-hidden="true">{language === 'ar' ? 'EN' : 'ع'}</span></button>
        <IconButton icon={night ? 'sun' : 'moon'} label={night ? t.frame.light : t.frame.dark} onClick={() => setTheme(night ? 'light' : 'dark')} />
        <Person />
      </header>
      <Outlet />
      {searching ? <Palette onClose={() => search(false)} onSave={() => save(true)} /> : null}
      {saving ? <SaveView onClose={() => save(false)} /> : null}
      {mapping ? <KeyMap onClose={() => map(false)} /> : null}
    </div>
  )
}
