// The tree as rows: an array of what is open, in order, each with where it stands. Pure.
import type { TreeNode } from '../../api/types'
import { lookOf, severity, worse } from '../../kit/status'

export interface Row {
  node: TreeNode
  /** `tenant/kind/id` of an entity; of what only arranges others, its name below its parent's. */
  path: string
  depth: number
  tenant: string
  /** Of the node and all below it, without what is neutral. */
  worst: string
  below: number
  changing: number
  /** In their list: for readers. */
  position: number
  siblings: number
}

interface Sum {
  worst: string
  below: number
  changing: number
}

const arranges = new Set(['node', 'group', 'service', 'store', 'gate', 'gateway', 'actor', 'driver'])
const keyOf = (node: TreeNode, above: string, tenant: string) => (tenant && !arranges.has(node.kind) ? `${tenant}/${node.kind}/${node.name}` : above ? `${above}.${node.name}` : node.name)

const sums = new WeakMap<TreeNode, Sum>()

export function sumOf(node: TreeNode): Sum {
  const known = sums.get(node)
  if (known) return known
  let worst = node.status
  let below = 0
  let changing = lookOf(node.status).family === 'accent' ? 1 : 0
  for (const child of node.children) {
    const sum = sumOf(child)
    worst = worse(worst, sum.worst)
    below += 1 + sum.below
    changing += sum.changing
  }
  const sum = { worst, below, changing }
  sums.set(node, sum)
  return sum
}

/** Rows below `root`, in order; those whose path is not in `open` keep their children. `null`: all are open. */
export function flatten(root: TreeNode, open: ReadonlySet<string> | null): Row[] {
  const rows: Row[] = []
  const walk = (node: TreeNode, above: string, depth: number, tenant: string, position: number, siblings: number) => {
    const own = node.kind === 'tenant' ? node.name : tenant
    const path = keyOf(node, above, own)
    rows.push({ node, path, depth, tenant: own, ...sumOf(node), position, siblings })
    if (open !== null && !open.has(path)) return
    for (let i = 0; i < node.children.length; i++) walk(node.children[i]!, path, depth + 1, own, i + 1, node.children.length)
  }
  walk(root, '', 0, '', 1, 1)
  return rows
}

/** Open at first: what is small, and every way to trouble. */
export function openAtFirst(root: TreeNode, rows_max = 60): Set<string> {
  const open = new Set<string>()
  let shown = 0
  const walk = (node: TreeNode, above: string, depth: number, tenant: string) => {
    const own = node.kind === 'tenant' ? node.name : tenant
    const path = keyOf(node, above, own)
    const trouble = node.children.some((child) => severity(sumOf(child).worst) >= 3)
    if (depth > 1 && !trouble && (shown + node.children.length > rows_max || depth > 6)) return
    open.add(path)
    shown += node.children.length
    for (const child of node.children) walk(child, path, depth + 1, own)
  }
  walk(root, '', 0, '')
  return open
}

/** What must be open for one to be seen, from the root; empty when it is not there. */
export function wayTo(root: TreeNode, wanted: string): string[] {
  const walk = (node: TreeNode, above: string, tenant: string): string[] | null => {
    const own = node.kind === 'tenant' ? node.name : tenant
    const path = keyOf(node, above, own)
    if (path === wanted) return []
    for (const child of node.children) {
      const way = walk(child, path, own)
      if (way) return [path, ...way]
    }
    return null
  }
  return walk(root, '', '') ?? []
}
export const isTrouble = (row: Row) => severity(row.node.status) >= 3
