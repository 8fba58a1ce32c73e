// The keyboard map. Letters are read by where the key lies, so they work on an Arabic keyboard; in a field they type.
import { useNavigate } from '@tanstack/react-router'
import { useEffect } from 'react'
import { useT } from '../i18n'
import { Sheet } from '../kit/dialog'

const goes: Record<string, string> = { KeyO: '/', KeyT: '/tree', KeyD: '/deployments', KeyB: '/blueprints', KeyI: '/inbox', KeyV: '/governance', KeyE: '/events', KeyP: '/people', KeyS: '/settings', KeyK: '/kinds', KeyR: '/providers' }

export const lettersOff = () => document.cookie.includes('nova_letters=off')
const typing = (target: EventTarget | null) => target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))

// When G was pressed; it waits for the letter of a place, whatever is drawn meanwhile.
let went = -Infinity

export function useShortcuts({ palette, keys }: { palette: () => void; keys: () => void }) {
  const navigate = useNavigate()
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && event.code === 'KeyK') {
        event.preventDefault()
        return palette()
      }
      if (event.ctrlKey || event.metaKey || event.altKey || typing(event.composedPath()[0] ?? null) || lettersOff() || document.querySelector('[role=dialog],[role=alertdialog]')) return
      const place = went > event.timeStamp - 1500 ? goes[event.code] : undefined
      went = -Infinity
      if (place) {
        event.preventDefault()
        return void navigate({ to: place })
      }
      if (event.code === 'KeyG') went = event.timeStamp
      else if (event.key === '?' || event.key === '؟') keys()
      else if (event.key === '/') {
        const field = document.querySelector<HTMLInputElement>('main [data-search]')
        if (!field) return
        event.preventDefault()
        field.focus()
      } else if (event.key === '[' || event.key === ']') {
        const tabs = [...document.querySelectorAll<HTMLElement>('main [role=tab]')]
        const now = tabs.findIndex((tab) => tab.getAttribute('aria-selected') === 'true')
        tabs[(now + (event.key === ']' ? 1 : tabs.length - 1)) % tabs.length]?.click()
      }
    }
    window.addEventListener('keydown', press)
    return () => window.removeEventListener('keydown', press)
  }, [navigate, palette, keys])
}

export function KeyMap({ onClose }: { onClose: () => void }) {
  const t = useT()
  const rows: [string, string][] = [
    ['Ctrl K', t.keys.palette], ['/', t.keys.search], ['?', t.keys.map], ['G O', t.nav.overview], ['G T', t.nav.tree], ['G D', t.nav.deployments], ['G I', t.nav.inbox],
    ['G V', t.nav.governance], ['G E', t.nav.events], ['G P', t.nav.people], ['G S', t.nav.settings], ['J K', t.keys.rows], ['← →', t.keys.twist], ['*', t.keys.openAll], ['N', t.keys.trouble], ['[ ]', t.keys.tabs], ['Esc', t.keys.close],
  ]
  return (
    <Sheet open onClose={onClose} title={t.keys.title}>
      <div className="pad"><h2 className="text-lg">{t.keys.title}</h2><dl className="kv keymap">{rows.map(([keys, word]) => <div key={keys} className="contents"><dt><kbd>{keys}</kbd></dt><dd>{word}</dd></div>)}</dl></div>
    </Sheet>
  )
}
