// The live tree: its rows once, in pages, then the rows that change, from the very position on that the first page was
// read at. It is there while a page looks at it and a little longer, so that going to and fro does not read it again.
import { useEffect, useMemo, useSyncExternalStore } from 'react'
import { Forest } from '../pages/tree/model'
import { Problem, call, stream } from './client'
import { placeOf, useMe } from './queries'
import { keepReading } from './resume'
import { messages } from './sse'
import { ownChanges, ownRows, rootOf } from './own'
import type { Busy, TreeNode, TreeRow } from './types'

const page_rows = 5000
const linger_ms = 20_000
const silent_ms = 40_000
const frame_ms = 16

interface RowPage {
  items: TreeRow[]
  next?: string
  node?: TreeNode
  busy?: Busy[]
}

export interface Growing {
  forest: Forest | null
  /** Another number with each patch. */
  tick: number
  position: number
  error: unknown
}

class Source {
  now: Growing = { forest: null, tick: 0, position: 0, error: null }
  #query: string
  /** Of a member: the tenant that is theirs. */
  #own: string
  #watchers = new Set<() => void>()
  #reading: ReturnType<typeof keepReading> | null = null
  #letGo: ReturnType<typeof setTimeout> | undefined
  #after: () => void

  constructor(query: string, own: string, after: () => void) {
    this.#query = query
    this.#own = own
    this.#after = after
  }

  watch = (watcher: () => void) => {
    this.#watchers.add(watcher)
    clearTimeout(this.#letGo)
    this.#reading ??= keepReading({
      read: (signal) => this.#read(signal),
      stale: () => {},
      off: () => {},
      lost: () => { this.now = { ...this.now, forest: null, position: 0 } },
    })
    return () => {
      this.#watchers.delete(watcher)
      if (this.#watchers.size === 0) this.#letGo = setTimeout(this.#end, linger_ms)
    }
  }

  again = () => {
    this.#tell({ error: null })
    this.#reading?.end()
    this.#reading = null
    for (const one of [...this.#watchers].slice(0, 1)) this.watch(one)
  }

  #end = () => {
    this.#reading?.end()
    this.#reading = null
    this.now = { forest: null, tick: 0, position: 0, error: null }
    this.#after()
  }

  #told: ReturnType<typeof setTimeout> | undefined
  /** Told once a frame, however many pieces came with it. */
  #tell(change: Partial<Growing>) {
    this.now = { ...this.now, ...change, tick: this.now.tick + 1 }
    this.#told ??= setTimeout(() => {
      this.#told = undefined
      for (const one of this.#watchers) one()
    }, frame_ms)
  }

  async #load(signal: AbortSignal) {
    const forest = new Forest()
    let position = 0
    let cursor = ''
    if (this.#own) {
      forest.node({ node: rootOf(), busy: [] })
      position = await ownRows(this.#own, signal, (rows) => forest.patch(rows))
      return this.#tell({ forest, position, error: null })
    }
    do {
      const query = new URLSearchParams({ limit: String(page_rows), ...(cursor ? { cursor } : {}) })
      const page = await call<RowPage>('GET', `/v1/tree/rows?${query}${this.#query}`, undefined, {}, signal)
      if (page.data.node) {
        position = page.position
        forest.node({ node: page.data.node, busy: [] })
      }
      forest.patch(page.data.items)
      cursor = page.data.next ?? ''
    } while (cursor)
    this.#tell({ forest, position, error: null })
  }

  async #join(signal: AbortSignal) {
    try {
      if (!this.now.forest) await this.#load(signal)
    } catch (error) {
      if (!signal.aborted) this.#tell({ error })
      throw error
    }
  }

  async #read(signal: AbortSignal) {
    if (this.#own) {
      // What happens while it is read is told afterwards.
      const early: [TreeRow[], string[]][] = []
      const changes = ownChanges(this.#own, signal, (rows, gone, position) => {
        if (!this.now.forest) return void early.push([rows, gone])
        this.now.forest.patch(rows, gone)
        this.#tell({ position })
      })
      await this.#join(signal)
      for (const [rows, gone] of early) this.now.forest!.patch(rows, gone)
      return changes
    }
    await this.#join(signal)
    const forest = this.now.forest!
    const silence = new AbortController()
    const either = AbortSignal.any([signal, silence.signal])
    const response = await stream(`/v1/tree/rows?after=${this.now.position}${this.#query}`, { 'Last-Event-ID': String(this.now.position) }, either)
    // The positions do not join: what was missed is not told, so all of it is read anew.
    if (Number(response.headers.get('nova-position')) !== this.now.position) throw new Problem(400, { code: 'client.position' })
    let heard = Date.now()
    const watchdog = setInterval(() => Date.now() - heard > silent_ms && silence.abort(), 5000)
    try {
      for await (const message of messages(response.body!)) {
        heard = Date.now()
        if (!message) continue
        if (message.event === 'error') return
        if (message.event === 'node') {
          forest.node(JSON.parse(message.data) as { node: TreeNode; busy: Busy[] })
          this.#tell({})
        } else if (message.event === 'rows') {
          const { items, gone } = JSON.parse(message.data) as { items: TreeRow[]; gone: string[] }
          forest.patch(items, gone)
          this.#tell({ position: Number(message.id) })
        }
      }
    } finally {
      clearInterval(watchdog)
    }
  }
}

const sources = new Map<string, Source>()

/** All of it, or what is short: containers, what waits for people, and instances in trouble. */
export type Scope = 'all' | 'short'
const short = 'tenant,platform,deployment,blueprint,provider,escalation,approval,instance:error'

/** `wanted`: the tenant that a member of several looks at; who sees the whole installation sees it in one. */
export function useForest(scope: Scope, wanted = ''): Growing & { again: () => void } {
  const tenant = placeOf(useMe(), wanted)
  const query = `${scope === 'short' ? `&kinds=${short}` : ''}${tenant ? `&tenant=${encodeURIComponent(tenant)}` : ''}`
  const source = useMemo(() => {
    const made = sources.get(query) ?? new Source(query, tenant, () => sources.delete(query))
    sources.set(query, made)
    return made
  }, [query, tenant])
  useEffect(() => { sources.set(query, source) }, [query, source])
  const now = useSyncExternalStore(source.watch, () => source.now)
  return { ...now, again: source.again }
}
