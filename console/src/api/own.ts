// The tree of a member's tenant. The node tells `/v1/tree/rows` to those alone who see the whole installation, so a member's
// is put together from the lists that they may read, and what the stream of their tenant's events names is read again.
import { Problem, call, get, seg } from './client'
import { onEvents } from './live'
import { pathOf, pluralOf } from './queries'
import type { Item, Page, TreeNode, TreeRow } from './types'

const kinds = ['platform', 'deployment', 'blueprint', 'provider', 'instance', 'escalation', 'approval']
const over = new Set(['deleted', 'archived', 'answered', 'withdrawn'])
const page_items = 1000

type Said = Record<string, unknown>
const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined)

function rowOf({ tenant, kind, id, status, reason, parent, created_at, state: given }: Item): TreeRow {
  const state = given as unknown as Said
  const row: Record<string, unknown> = {
    tenant, kind, id, status, parent: text(parent), reason: text(reason), since: text(state.since) ?? created_at, service: text(state.service),
    last_error: text((state.last_exit as Said | null | undefined)?.message), restarts: state.restarts || undefined, name: kind === 'tenant' ? text(state.name) : undefined,
    ...(kind === 'deployment' ? { health: text(state.health), instances: state.instances ? Object.keys(state.instances) : undefined, services: state.routes ?? undefined } : {}),
  }
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== undefined)) as unknown as TreeRow
}

export const rootOf = (): TreeNode => ({ name: 'WebNova', kind: 'group', status: 'running', reason: '', restarts: 0, mailbox: 0, last_error: '', facts: {}, children: [] })

/** All that a member may see of it, kind by kind; what one may not read is not there. */
export async function ownRows(tenant: string, signal: AbortSignal, tell: (rows: TreeRow[]) => void): Promise<number> {
  const first = await call<Item>('GET', pathOf('', 'tenant', tenant), undefined, {}, signal)
  tell([rowOf(first.data)])
  for (const kind of kinds) {
    let cursor = ''
    do {
      const page = await get<Page<Item>>(`/v1/tenants/${seg(tenant)}/${pluralOf(kind)}?limit=${page_items}${cursor ? `&cursor=${seg(cursor)}` : ''}`, signal).catch((error: unknown) => {
        if (error instanceof Problem && (error.status === 403 || error.status === 404)) return { items: [] } as Page<Item>
        throw error
      })
      tell(page.items.filter((one) => !over.has(one.status)).map(rowOf))
      cursor = page.next ?? ''
    } while (cursor)
  }
  return first.position
}

/** Reads again what events name, one batch after another, until the signal. */
export function ownChanges(tenant: string, signal: AbortSignal, tell: (rows: TreeRow[], gone: string[], position: number) => void): Promise<void> {
  return new Promise((done, failed) => {
    let last = Promise.resolve()
    const read = async (subjects: string[], position: number) => {
      const rows: TreeRow[] = []
      const gone: string[] = []
      await Promise.all(subjects.map(async (path) => {
        const [, kind = '', ...id] = path.split('/')
        try {
          const item = await get<Item>(pathOf(tenant, kind, id.join('/')), signal)
          if (over.has(item.status)) gone.push(path)
          else rows.push(rowOf(item))
        } catch (error) {
          if (!(error instanceof Problem && error.status === 404)) throw error
          gone.push(path)
        }
      }))
      tell(rows, gone, position)
    }
    const stop = onEvents((events) => {
      const touched = [...new Set(events.map((one) => one.subject))].filter((path) => path.startsWith(`${tenant}/`) && ['tenant', ...kinds].includes(path.split('/')[1]!))
      if (touched.length) last = last.then(() => read(touched, events.at(-1)!.position)).catch(failed)
    })
    signal.addEventListener('abort', () => { stop(); done() }, { once: true })
  })
}
