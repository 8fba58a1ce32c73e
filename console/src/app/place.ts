// Where one is, for the crumbs and the title: a page says it, the frame shows it.
import { useEffect, useSyncExternalStore } from 'react'

export interface Crumb {
  word: string
  to?: string
}

let here: Crumb[] = []
const watchers = new Set<() => void>()

export const usePlace = () => useSyncExternalStore((watch) => (watchers.add(watch), () => watchers.delete(watch)), () => here)

export function useHere(crumbs: Crumb[]) {
  const key = JSON.stringify(crumbs)
  useEffect(() => {
    here = JSON.parse(key) as Crumb[]
    document.title = `${here.map((one) => one.word).reverse().join(' · ')} · WebNova`
    for (const one of watchers) one()
  }, [key])
}
