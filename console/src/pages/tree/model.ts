// The tree of this page: entities as the node's rows tell them, each in its place, kept right by patches. A patch costs
// what it changes and the way up, whatever else is there; nothing here knows of drawing.
import type { Busy, TreeNode, TreeRow } from '../../api/types'
import { lookOf, severity, worse } from '../../kit/status'

export interface Branch {
  /** `tenant/kind/id` of an entity; of what only arranges others, its name below its parent's. */
  path: string
  name: string
  kind: string
  tenant: string
  status: string
  reason: string
  restarts: number
  mailbox: number
  last_error: string
  facts: Record<string, string | number | boolean>
  parent: Branch | null
  children: Branch[]
  depth: number
  /** All that is below, by state; what is below nothing has none. */
  sums: Map<string, number> | null
  below: number
  /** Another number whenever it has to be drawn anew. */
  stamp: number
  row: TreeRow | null
}

const branch = (path: string, name: string, kind: string, status: string): Branch => ({ path, name, kind, tenant: '', status, reason: '', restarts: 0, mailbox: 0, last_error: '', facts: {}, parent: null, children: [], depth: 0, sums: null, below: 0, stamp: 0, row: null })

/** The worst state of one and all below it, without what is neutral. */
export function worstOf(one: Branch): string {
  let worst = one.status
  if (one.sums) for (const status of one.sums.keys()) worst = worse(worst, status)
  return worst
}
const sumOver = (one: Branch, counts: (status: string) => boolean) => {
  let sum = 0
  if (one.sums) for (const [status, n] of one.sums) if (counts(status)) sum += n
  return sum
}
export const changingOf = (one: Branch) => sumOver(one, (status) => lookOf(status).family === 'accent')
export const countOf = (one: Branch, family: string) => sumOver(one, (status) => lookOf(status).family === family) + (lookOf(one.status).family === family ? 1 : 0)
export const isTrouble = (one: Branch) => severity(one.status) >= 3
/** Whether there is trouble below. */
const troubled = (one: Branch) => {
  if (one.sums) for (const status of one.sums.keys()) if (severity(status) >= 3) return true
  return false
}

const ranks = ['platform', 'service', 'deployment', 'blueprint', 'instance']
const rankOf = (one: Branch) => (ranks.indexOf(one.kind) + ranks.length + 1) % (ranks.length + 1)
const before = (a: Branch, b: Branch) => rankOf(a) - rankOf(b) || (a.kind < b.kind ? -1 : a.kind > b.kind ? 1 : a.name < b.name ? -1 : a.name > b.name ? 1 : 0)

/** Where one stands among its siblings, or would stand. */
function indexIn(siblings: Branch[], one: Branch): number {
  let low = 0
  let high = siblings.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (before(siblings[middle]!, one) < 0) low = middle + 1
    else high = middle
  }
  return low
}
export const positionOf = (one: Branch) => (one.parent ? indexIn(one.parent.children, one) + 1 : 1)

const pathOf = (row: TreeRow) => `${row.tenant}/${row.kind}/${row.id}`
const tenantPath = (tenant: string) => `${tenant}/tenant/${tenant}`

// What is on record about somebody's try is nobody's state: it has its place in the events and on its kind's page.
const records = new Set(['denial', 'login_flow', 'oidc_flow', 'device_login'])
const holderOf = (row: TreeRow) => (row.parent ? `${row.tenant}/${row.parent}` : tenantPath(row.tenant))
function into(map: Map<string, Set<Branch>>, key: string, one: Branch) {
  const there = map.get(key)
  if (there) there.add(one)
  else map.set(key, new Set([one]))
}

export class Forest {
  root = branch('', '', 'node', 'running')
  /** Another number whenever rows came, went or moved: then what is open has to be laid out anew. */
  shape = 0
  /** Another number whenever something fell into trouble or got out of it. */
  alarm = 0
  #own = branch('', 'services', 'group', 'running')
  #tenants = branch('', 'tenants', 'group', 'running')
  #at = new Map<string, Branch>()
  /** By the path that they name as their parent, whether it is there or not. */
  #wanting = new Map<string, Set<Branch>>()
  /** By tenant: those whose parent is not there. */
  #strays = new Map<string, Set<Branch>>()
  #busy = new Set<Branch>()
  #services = new Set<Branch>()
  #known = ''
  #clock = 0

  get size() { return this.root.below + 1 }
  find(path: string): Branch | null {
    const found = this.#at.get(path)
    return found && this.#stands(found) ? found : null
  }

  /** The node, its services and what waits in memory. */
  node({ node, busy }: { node: TreeNode; busy: Busy[] }) {
    const known = JSON.stringify(node)
    if (known !== this.#known) this.#plant(node)
    this.#known = known
    for (const one of this.#busy) this.#alter(one, { mailbox: 0 })
    this.#busy.clear()
    for (const line of busy) {
      const one = this.#at.get(line.path)
      if (!one) continue
      this.#busy.add(one)
      this.#alter(one, { mailbox: line.mailbox ?? 0, restarts: one.row?.restarts || line.restarts || 0, last_error: line.last_error || one.row?.last_error || '', status: line.parked ? 'parked' : one.row?.status || one.status })
    }
  }

  patch(items: TreeRow[], gone: string[] = []) {
    for (const row of items) this.#put(row)
    for (const path of gone) this.#drop(path)
    for (const service of this.#services) this.#sumUp(service)
    this.#services.clear()
  }

  #plant(node: TreeNode) {
    const { root } = this
    if (root.path !== node.name) {
      root.path = root.name = node.name
      this.#at.set(root.path, root)
      for (const group of [this.#own, this.#tenants]) {
        group.path = `${node.name}.${group.name}`
        this.#at.set(group.path, group)
        // A member sees no services of the node.
        if (!group.parent && (group === this.#tenants || node.children.length > 0)) this.#hang(group, root)
      }
    }
    this.#alter(root, { status: node.status, reason: node.reason })
    this.#grow(this.#own, node.children.find((one) => one.name === 'services')?.children ?? [])
  }

  /** What stands there stays and is altered, so that figures that change move no row. */
  #grow(above: Branch, wanted: TreeNode[]) {
    for (const gone of above.children.filter((one) => !wanted.some(({ name, kind }) => name === one.name && kind === one.kind))) {
      this.#cut(gone)
      walk(gone, (one) => { this.#at.delete(one.path) })
    }
    for (const { name, kind, status, reason, restarts, mailbox, last_error, facts, children } of wanted) {
      const said = { status, reason, restarts, mailbox, last_error, facts }
      const path = `${above.path}.${name}`
      const known = this.#at.get(path)
      const one = known ?? branch(path, name, kind, status)
      if (known) this.#alter(one, said)
      else {
        this.#at.set(path, Object.assign(one, said))
        this.#hang(one, above)
      }
      this.#grow(one, children ?? [])
    }
  }

  #put(row: TreeRow) {
    if (records.has(row.kind)) return
    const path = pathOf(row)
    const known = this.#at.get(path)
    const one = known ?? branch(path, row.id, row.kind, row.status)
    const was = one.row
    if (!was || holderOf(was) !== holderOf(row)) {
      if (was) this.#wanting.get(holderOf(was))?.delete(one)
      into(this.#wanting, holderOf(row), one)
    }
    one.row = row
    one.tenant = row.tenant
    const facts: Branch['facts'] = {}
    for (const name of ['since', 'name', 'health', 'submitted'] as const) if (row[name] !== undefined) facts[name] = row[name]
    const said = { status: row.status, reason: row.reason ?? '', restarts: row.restarts ?? 0, last_error: row.last_error ?? '', facts }
    if (known) this.#alter(one, said)
    else Object.assign(one, said)
    this.#at.set(path, one)
    this.#place(one)
    // A deployment wants other instances now.
    if (known && JSON.stringify(was?.instances) !== JSON.stringify(row.instances)) this.#placeAll(this.#wanting.get(path))
    if (known) for (const child of one.children) if (child.kind === 'service' && !child.row) this.#alter(child, { facts: row.services?.[child.name] ?? {} })
  }

  #drop(path: string) {
    const one = this.#at.get(path)
    if (!one?.row) return
    this.#wanting.get(holderOf(one.row))?.delete(one)
    this.#strays.get(one.tenant)?.delete(one)
    this.#leave(one)
    this.#at.delete(path)
    this.#busy.delete(one)
    this.#follow(one)
  }

  /** Those that stand by it, or waited for it. */
  #follow(one: Branch) {
    this.#placeAll(this.#wanting.get(one.path))
    if (one.kind === 'tenant') this.#placeAll(this.#strays.get(one.tenant))
  }
  #placeAll(some: Set<Branch> | undefined) {
    if (some) for (const one of [...some]) this.#place(one)
  }

  /** Hangs it where it belongs by now; nothing when it hangs there. */
  #place(one: Branch) {
    const stood = one.parent !== null
    const above = this.#above(one)
    if (above !== one.parent) {
      this.#leave(one)
      if (above) this.#hang(one, above)
    }
    if (above?.kind === 'service' && !above.row) this.#services.add(above)
    if (stood !== (one.parent !== null)) this.#follow(one)
  }

  #above(one: Branch): Branch | null {
    const row = one.row!
    if (row.kind === 'tenant') return this.#tenants
    const wanted = this.#at.get(holderOf(row))
    const there = wanted && wanted !== one && this.#stands(wanted)
    // What outlived its parent, or came before it, stands under the tenant, where it is seen.
    if (there) this.#strays.get(row.tenant)?.delete(one)
    else into(this.#strays, row.tenant, one)
    const holder = there ? wanted : this.#at.get(tenantPath(row.tenant))
    if (!holder || !this.#stands(holder)) return null
    if (!row.service) return holder
    // Ended instances of earlier revisions are history.
    if (row.status === 'stopped' && holder.row?.instances && !holder.row.instances.includes(row.id)) return null
    const path = `${holder.path}.${row.service}`
    let service = this.#at.get(path)
    if (!service) {
      service = branch(path, row.service, 'service', 'running')
      service.tenant = row.tenant
      service.facts = holder.row?.services?.[row.service] ?? {}
      this.#at.set(path, service)
    }
    if (!service.parent) this.#hang(service, holder)
    return service
  }

  #stands(one: Branch): boolean {
    for (let at: Branch | null = one; at; at = at.parent) if (at === this.root || at === this.#tenants) return true
    return false
  }

  #leave(one: Branch) {
    const above = one.parent
    this.#cut(one)
    if (above?.kind === 'service' && !above.row) {
      if (above.children.length === 0) {
        this.#at.delete(above.path)
        this.#services.delete(above)
        this.#cut(above)
      } else this.#services.add(above)
    }
  }

  #hang(one: Branch, above: Branch) {
    one.parent = above
    above.children.splice(indexIn(above.children, one), 0, one)
    const deepen = (each: Branch, depth: number) => {
      each.depth = depth
      for (const child of each.children) deepen(child, depth + 1)
    }
    deepen(one, above.depth + 1)
    this.#count(one, 1)
    this.shape++
  }

  #cut(one: Branch) {
    const { parent } = one
    if (!parent) return
    const at = indexIn(parent.children, one)
    parent.children.splice(parent.children[at] === one ? at : parent.children.indexOf(one), 1)
    this.#count(one, -1)
    one.parent = null
    this.shape++
  }

  #count(one: Branch, sign: 1 | -1) {
    for (let at = one.parent; at; at = at.parent) {
      at.below += sign * (one.below + 1)
      at.stamp = ++this.#clock
      add(at, one.status, sign)
      if (one.sums) for (const [status, n] of one.sums) add(at, status, sign * n)
    }
  }

  #alter(one: Branch, change: Partial<Branch>) {
    let same = true
    for (const [name, value] of Object.entries(change)) if (one[name as keyof Branch] !== value && (name !== 'facts' || JSON.stringify(one.facts) !== JSON.stringify(value))) same = false
    if (same) return
    const was = one.status
    Object.assign(one, change)
    one.stamp = ++this.#clock
    if (one.status === was) return
    if (severity(was) !== severity(one.status) && Math.max(severity(was), severity(one.status)) >= 3) this.alarm++
    for (let at = one.parent; at; at = at.parent) {
      add(at, was, -1)
      add(at, one.status, 1)
      at.stamp = ++this.#clock
    }
  }

  /** A service is as its instances are. */
  #sumUp(service: Branch) {
    const states = [...(service.sums?.keys() ?? [])]
    const status = states.find((one) => severity(one) >= 2 && states.every((other) => severity(other) <= severity(one))) ?? (states.length === 1 ? states[0]! : 'running')
    let restarts = 0
    let reason = ''
    for (const child of service.children) {
      restarts += child.restarts
      if (!reason && status !== 'running' && child.status === status) reason = child.reason
    }
    this.#alter(service, { status, reason, restarts })
  }
}

function add(one: Branch, status: string, n: number) {
  one.sums ??= new Map()
  const sum = (one.sums.get(status) ?? 0) + n
  if (sum === 0) one.sums.delete(status)
  else one.sums.set(status, sum)
}

/** Each of the tree in order, its own first. */
export function walk(one: Branch, does: (each: Branch) => boolean | void) {
  if (does(one) === false) return
  for (const child of one.children) walk(child, does)
}

/** What is shown: those whose path is not in `open` keep their children. */
export function flatten(root: Branch, open: ReadonlySet<string>): Branch[] {
  const rows: Branch[] = []
  walk(root, (one) => {
    rows.push(one)
    return open.has(one.path)
  })
  return rows
}

/** Open at first: what is small, and the ways to trouble, as far as a person looks. */
export function openAtFirst(root: Branch, rows_max = 60): Set<string> {
  const open = new Set<string>()
  let shown = 0
  walk(root, (one) => {
    const trouble = troubled(one)
    if (one.children.length === 0 || (one.depth > 1 && ((!trouble && (shown + one.children.length > rows_max || one.depth > 6)) || shown > 10 * rows_max))) return false
    open.add(one.path)
    shown += one.children.length
    return true
  })
  return open
}

/** What must be open for one to be seen, from the root. */
export function wayTo(one: Branch): string[] {
  const way: string[] = []
  for (let at = one.parent; at; at = at.parent) way.unshift(at.path)
  return way
}

/** Where trouble is over the whole tree, 0 to 1, at most `marks_max` places: the worst of each. */
export function troubles(root: Branch, marks_max = 200): { path: string; at: number; status: string }[] {
  const marks = new Map<number, { path: string; at: number; status: string }>()
  const all = root.below + 1
  let n = 0
  walk(root, (one) => {
    if (isTrouble(one)) {
      const at = n / Math.max(1, all - 1)
      const place = Math.floor(at * marks_max)
      const there = marks.get(place)
      if (!there || severity(one.status) > severity(there.status)) marks.set(place, { path: one.path, at, status: one.status })
    }
    n++
    if (troubled(one)) return true
    n += one.below
    return false
  })
  return [...marks.values()]
}

/** The next in trouble after one, around the end. */
export function nextTrouble(root: Branch, after: string): Branch | null {
  let first: Branch | null = null
  let next: Branch | null = null
  let passed = false
  walk(root, (one) => {
    if (next) return false
    if (isTrouble(one) && one.path !== after) {
      first ??= one
      if (passed) next = one
    }
    if (one.path === after) passed = true
    return !passed || troubled(one)
  })
  return next ?? first
}
