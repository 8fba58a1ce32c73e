// Views that a person keeps: names for addresses with their filters. The node keeps none of a person's preferences yet, so
// they stay in this browser, by account; addresses hold no secret, as what stands behind a # never gets here.
import { useSyncExternalStore } from 'react'

export interface View {
  name: string
  href: string
}

const views_max = 50
const keyOf = (person: string) => `nova_views:${person}`
const watchers = new Set<() => void>()
const none: View[] = []
const known = new Map<string, { text: string; views: View[] }>()

function read(person: string): View[] {
  const text = localStorage.getItem(keyOf(person)) ?? ''
  const before = known.get(person)
  if (before?.text === text) return before.views
  let views = none
  try {
    const found: unknown = JSON.parse(text || '[]')
    if (Array.isArray(found)) views = found.filter((one): one is View => typeof one?.name === 'string' && typeof one?.href === 'string' && /^\/(?!\/)/.test(one.href)).slice(0, views_max)
  } catch {
    // Somebody else's text: as if there were none.
  }
  known.set(person, { text, views })
  return views
}

function write(person: string, views: View[]) {
  if (views.length) localStorage.setItem(keyOf(person), JSON.stringify(views.slice(0, views_max)))
  else localStorage.removeItem(keyOf(person))
  for (const one of watchers) one()
}

export const useViews = (person: string) => useSyncExternalStore((watch) => {
  watchers.add(watch)
  window.addEventListener('storage', watch)
  return () => { watchers.delete(watch); window.removeEventListener('storage', watch) }
}, () => (person ? read(person) : none))

/** One of a name there is once: the newest stands. */
export const keepView = (person: string, view: View) => write(person, [view, ...read(person).filter((one) => one.name !== view.name)])
export const forgetView = (person: string, name: string) => write(person, read(person).filter((one) => one.name !== name))
