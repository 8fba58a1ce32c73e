import { describe, expect, it } from 'vitest'
import type { TreeNode, TreeRow } from '../src/api/types'
import { row_px, topFor, windowOf } from '../src/pages/tree/lines'
import { changingOf, flatten, Forest, isTrouble, nextTrouble, openAtFirst, positionOf, troubles, walk, wayTo, worstOf } from '../src/pages/tree/model'

const services: TreeNode[] = [{ name: 'store', kind: 'service', status: 'running', reason: '', restarts: 0, mailbox: 2, last_error: '', facts: { port: 1 }, children: [] }]
const plain = { reason: '', restarts: 0, mailbox: 0, last_error: '', facts: {} }
const node: TreeNode = { name: 'a', kind: 'node', status: 'running', ...plain, children: [{ name: 'services', kind: 'group', status: 'running', ...plain, children: services }] }
const row = (kind: string, id: string, status: string, more: Partial<TreeRow> = {}): TreeRow => ({ tenant: 't', kind, id, status, ...more })
const tenant = row('tenant', 't', 'active')
const deployment = row('deployment', 'd', 'running', { parent: 'tenant/t', instances: ['i', 'j'], services: { web: { port: 8080 } } })
const instance = (id: string, status: string, more: Partial<TreeRow> = {}) => row('instance', id, status, { parent: 'deployment/d', service: 'web', ...more })

const everything = (forest: Forest) => {
  const rows: string[] = []
  walk(forest.root, (one) => void rows.push(`${one.depth} ${one.path} ${one.status} ${one.restarts} ${one.below} ${worstOf(one)} ${changingOf(one)} ${positionOf(one)} ${[...(one.sums ?? [])].sort().join()} ${JSON.stringify(one.facts)}`))
  return rows
}
const grown = (...rows: TreeRow[]) => {
  const forest = new Forest()
  forest.node({ node, busy: [] })
  forest.patch(rows)
  return forest
}
const paths = (forest: Forest) => flatten(forest.root, new Set(everything(forest).map((one) => one.split(' ')[1]!))).map((one) => one.path)

describe('the tree', () => {
  const forest = () => grown(tenant, deployment, instance('i', 'running'), instance('j', 'quarantined'), row('tenant', 'u', 'active', { tenant: 'u' }))
  it('names entities as the API does, and what arranges them by its place', () => {
    expect(paths(forest())).toEqual(['a', 'a.services', 'a.services.store', 'a.tenants', 't/tenant/t', 't/deployment/d', 't/deployment/d.web', 't/instance/i', 't/instance/j', 'u/tenant/u'])
  })
  it('rolls up the worst of what is below, and how much that is', () => {
    const { root } = forest()
    expect([worstOf(root), root.below, changingOf(root)]).toEqual(['quarantined', 9, 0])
    expect(forest().find('t/deployment/d.web')).toMatchObject({ status: 'quarantined', facts: { port: 8080 } })
  })
  it('opens the way to trouble, and to what is asked for', () => {
    const made = forest()
    expect(flatten(made.root, openAtFirst(made.root)).some(isTrouble)).toBe(true)
    expect(wayTo(made.find('t/instance/i')!)).toEqual(['a', 'a.tenants', 't/tenant/t', 't/deployment/d', 't/deployment/d.web'])
    expect(made.find('t/instance/gone')).toBeNull()
  })
  it('is of what runs, not of what is on record about somebody\'s try', () => {
    const made = grown(tenant, row('denial', 'x', 'denied'))
    expect([made.find('t/denial/x'), worstOf(made.root)]).toEqual([null, 'running'])
  })
  it('keeps closed what is not open', () => {
    expect(flatten(forest().root, new Set(['a'])).map((one) => one.path)).toEqual(['a', 'a.services', 'a.tenants'])
  })
  it('finds trouble in order, around the end, and where it is', () => {
    const made = grown(tenant, deployment, instance('i', 'quarantined'), instance('j', 'error'))
    expect(nextTrouble(made.root, 't/instance/i')?.path).toBe('t/instance/j')
    expect(nextTrouble(made.root, 't/instance/j')?.path).toBe('t/deployment/d.web')
    expect(troubles(made.root).at(-1)).toEqual({ path: 't/instance/j', at: 1, status: 'error' })
    expect(troubles(made.root, 1)).toHaveLength(2)
  })
})

describe('a patch', () => {
  it('changes a row, its service and the sums above, and not the shape', () => {
    const made = grown(tenant, deployment, instance('i', 'running'))
    const shape = made.shape
    made.patch([instance('i', 'error', { restarts: 4, reason: 'it fell' })])
    expect(made.shape).toBe(shape)
    expect([worstOf(made.root), made.find('t/deployment/d.web')]).toMatchObject(['error', { status: 'error', restarts: 4, reason: 'it fell' }])
  })
  it('hides what ended and is wanted no more, and takes back what is', () => {
    const made = grown(tenant, deployment, instance('i', 'running'), instance('old', 'stopped'), instance('j', 'stopped'))
    expect([made.find('t/instance/old'), made.find('t/instance/j')?.path]).toEqual([null, 't/instance/j'])
    made.patch([{ ...deployment, instances: ['old'] }])
    expect([made.find('t/instance/old')?.path, made.find('t/instance/j')]).toEqual(['t/instance/old', null])
  })
  it('shows what outlived its parent under the tenant, and brings it home', () => {
    const made = grown(tenant, instance('i', 'running'))
    expect(made.find('t/instance/i')?.parent?.path).toBe('t/tenant/t.web')
    made.patch([deployment])
    expect(made.find('t/instance/i')?.parent?.path).toBe('t/deployment/d.web')
    expect(made.find('t/tenant/t.web')).toBeNull()
    made.patch([], ['t/deployment/d'])
    expect(made.find('t/instance/i')?.parent?.path).toBe('t/tenant/t.web')
  })
  it('tells mailboxes of those in memory, and forgets them', () => {
    const made = grown(tenant)
    made.node({ node, busy: [{ path: 't/tenant/t', mailbox: 3, parked: true }] })
    expect(made.find('t/tenant/t')).toMatchObject({ mailbox: 3, status: 'parked' })
    made.node({ node, busy: [] })
    expect(made.find('t/tenant/t')).toMatchObject({ mailbox: 0 })
  })
  it('leads to what the rows themselves would, whatever came before and in whatever order', () => {
    let seed = 7
    const pick = (n: number) => (seed = (seed * 1103515245 + 12345) & 0x7fffffff) % n
    const states = ['running', 'stopped', 'error', 'starting', 'degraded']
    for (let round = 0; round < 40; round++) {
      const made = grown()
      const rows = new Map<string, TreeRow>()
      for (let step = 0; step < 120; step++) {
        const at = pick(3) === 0 ? 'u' : 't'
        const status = states[pick(states.length)]!
        const one: TreeRow = [
          () => row('tenant', at, status, { tenant: at }),
          () => row('platform', `p${pick(3)}`, status, { tenant: at, parent: `tenant/${at}` }),
          () => row('deployment', `d${pick(3)}`, status, { tenant: at, parent: `platform/p${pick(3)}`, instances: [`i${pick(6)}`, `i${pick(6)}`], services: { [`s${pick(2)}`]: { port: pick(9) } } }),
          () => row('instance', `i${pick(6)}`, status, { tenant: at, parent: `deployment/d${pick(3)}`, service: `s${pick(2)}`, restarts: pick(3) }),
        ][Math.min(3, pick(7))]!()
        const path = `${one.tenant}/${one.kind}/${one.id}`
        if (pick(6) === 0) {
          rows.delete(path)
          made.patch([], [path])
        } else {
          rows.set(path, one)
          made.patch([one])
        }
      }
      const order = [...rows.values()]
      expect(everything(made), `round ${round}`).toEqual(everything(grown(...order)))
      expect(everything(grown(...order.reverse()))).toEqual(everything(made))
    }
  })
  it('of the node alters its services where they stand: figures that change move no row', () => {
    const made = grown(tenant, deployment, instance('i', 'running'))
    const [shape, store] = [made.shape, made.find('a.services.store')]
    const busy = { ...node, children: [{ ...node.children[0]!, children: [{ ...services[0]!, mailbox: 9, restarts: 1, facts: { port: 2 } }] }] }
    made.node({ node: busy, busy: [] })
    expect([made.shape, made.find('a.services.store') === store]).toEqual([shape, true])
    expect(store).toMatchObject({ mailbox: 9, restarts: 1, facts: { port: 2 } })
    made.node({ node: { ...node, children: [{ ...node.children[0]!, children: [{ ...services[0]!, name: 'gateway', children: services }] }] }, busy: [] })
    expect(paths(made).slice(0, 5)).toEqual(['a', 'a.services', 'a.services.gateway', 'a.services.gateway.store', 'a.tenants'])
    expect([made.find('a.services.store'), made.size]).toEqual([null, 9])
  })
  it('rings only when something falls into trouble or gets out of it', () => {
    const made = grown(tenant, deployment, instance('i', 'running'))
    const rang = (status: string) => {
      const { alarm } = made
      made.patch([instance('i', status)])
      return made.alarm > alarm
    }
    expect(['starting', 'error', 'error', 'running', 'stopped'].map(rang)).toEqual([false, true, false, true, false])
  })
  it('of one row costs little among 100,000', () => {
    const rows = [tenant, deployment]
    for (let i = 0; i < 100_000; i++) rows.push(instance(`i${String(i).padStart(6, '0')}`, 'running', { parent: `deployment/d${i % 100}`, tenant: `t${i % 100}` }))
    for (let i = 0; i < 100; i++) rows.push({ ...tenant, tenant: `t${i}`, id: `t${i}` }, { ...deployment, tenant: `t${i}`, id: `d${i}`, instances: undefined })
    const made = grown(...rows)
    expect(made.size).toBeGreaterThan(100_000)
    let visited = 0
    const one = made.find('t7/instance/i000007')!
    made.patch([instance('i000007', 'error', { parent: 'deployment/d7', tenant: 't7' })])
    const newest = one.stamp
    walk(made.root, (each) => { if (each.stamp >= newest) visited++ })
    expect(visited).toBeLessThan(10)
  })
})

describe('the rows that have an element', () => {
  it('are those seen and some to spare, as many at the ends as between', () => {
    expect(windowOf(3, 0, 600)).toEqual({ from: 0, size: 3 })
    const { size } = windowOf(1000, 0, 600)
    expect(size).toBeGreaterThan(600 / row_px + 1)
    for (const top of [0, 15, 299, 5000, 1000 * row_px - 600]) {
      const { from, size: now } = windowOf(1000, top, 600)
      expect([now, from >= 0, from + now <= 1000, from * row_px <= top, (from + now) * row_px >= Math.min(top + 600, 1000 * row_px)]).toEqual([size, true, true, true, true])
    }
  })
  it('are scrolled to by as little as needed', () => {
    expect([topFor(5, 100, 600), topFor(1, 100, 600), topFor(100, 0, 600)]).toEqual([100, 30, 100 * row_px + 2 * row_px - 600])
    expect(topFor(100, 0, 630, true)).toBe(100 * row_px - 300)
  })
})
