// What the node's reads answer around the state of a kind; states, commands and addresses are generated (schema.ts, routes.ts).
import type { States } from './schema'

export type KindName = keyof States

export interface Item<K extends KindName = KindName> {
  id: string
  kind: string
  tenant: string
  status: string
  reason: string
  parent: string
  version: number
  intent_version: number
  position: number
  created_at: string
  updated_at: string
  state: States[K]
}

export interface Page<T> {
  items: T[]
  next?: string
}

export interface Decision {
  answer: string
  rules?: string[]
  constitution?: string
  authority?: number
}

export interface StoredEvent {
  id: string
  source: string
  type: string
  time: string
  subject: string
  position: number
  version: number
  data: Record<string, unknown>
  meta: { command?: string; command_id?: string; principal?: string; principal_type?: string; cause?: string; correlation?: string; request_id?: string; decision?: Decision }
}

export interface Why {
  status: string
  reason: string
  event: StoredEvent
  decision: Decision | null
  chain: StoredEvent[]
}

export interface TreeNode {
  name: string
  kind: string
  status: string
  reason: string
  restarts: number
  mailbox: number
  last_error: string
  facts: Record<string, string | number | boolean>
  children: TreeNode[]
}

/** An entity in the tree; what is nothing is left out. */
export interface TreeRow {
  tenant: string
  kind: string
  id: string
  status: string
  parent?: string
  reason?: string
  since?: string
  service?: string
  last_error?: string
  restarts?: number
  name?: string
  health?: string
  submitted?: boolean
  /** Of a deployment: those it wants. */
  instances?: string[]
  services?: Record<string, Record<string, string | number>>
}

/** An entity in memory of which there is something to say. */
export interface Busy {
  path: string
  mailbox?: number
  restarts?: number
  last_error?: string
  parked?: boolean
}

export interface Answer {
  id: string
  kind: string
  tenant: string
  version: number
  status: string
  reason: string
  position: number
  events: string[]
  dry_run: boolean
  replayed: boolean
  decision: Decision
  approval?: Waiting
}

/** An act that people must agree to before it is done. */
export interface Waiting {
  id: string
  tenant: string
  digest: string
  expires_at: string
  rules: { id: string; gate: string; en: string; ar: string }[]
  who_may_decide: { group: string; quorum: number; missing: number; roles: string[]; permissions: string[] }[]
}

export interface Command {
  name: string
  doc: string
  impact: number
  creates: boolean
  destructive: boolean
  door: 'open' | 'assisted' | 'internal'
  schema: Schema
}

export interface Schema {
  type?: string
  title?: string
  description?: string
  enum?: string[]
  properties?: Record<string, Schema>
  required?: string[]
  additionalProperties?: Schema | boolean
  items?: Schema
  anyOf?: Schema[]
  minimum?: number
  maximum?: number
  minLength?: number
  maxLength?: number
  pattern?: string
  format?: string
  writeOnly?: boolean
  $ref?: string
  $defs?: Record<string, Schema>
}

export interface Kind {
  name: string
  plural: string
  short_names: string[]
  doc: string
  observed: boolean
  commands: Command[]
  events: { name: string; doc: string; observation: boolean }[]
  state_schema: Schema
}

export interface NodeView {
  name: string
  version: string
  draining: boolean
  started_at: string
  store: { writable: boolean; reason: string; head: number; commits: number; appends: number; conflicts: number; queued: number; warnings: string[] }
  host: { commands: number; refused: number; denied: number; failed: number; active: number; parked: number; in_flight: number }
  gateway: { connections: number; streams: number; requests: number; work_waiting: number }
  config: Record<string, string>
}

export interface Check {
  name: string
  level: string
  detail: string
  remedy: string
}
