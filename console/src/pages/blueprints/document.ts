// One document that the editor and the form both edit: YAML with its comments kept. Pure.
import { isCollection, isScalar, parseDocument, stringify, type Document, type Node } from 'yaml'
import type { Item, Schema } from '../../api/types'
import type { Mark } from '../../kit/editor'
import { validate, type Path, type Wrong } from './schema'

export interface Read {
  doc: Document
  /** As data; none while the text is no YAML. */
  value: unknown
  broken: boolean
  wrong: Wrong[]
  marks: Mark[]
}

const isEmpty = (value: unknown) => value === null || value === '' || (typeof value === 'object' && Object.keys(value as object).length === 0)

/** What says nothing is left out, as people write it. */
function lean(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(lean)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, lean(one)] as const).filter(([, one]) => !isEmpty(one)))
}

/** A blueprint as the manifest that would make it as it is. */
export function textOf(item: Item<'blueprint'>): string {
  const { environment, content } = item.state
  return stringify({ apiVersion: 'webnova.io/v1', kind: 'Blueprint', metadata: { name: item.id, tenant: item.tenant }, spec: { environment, ...(lean(content) as object) } }, { lineWidth: 110 })
}

export const blank = (tenant: string) => `# What a platform is to be. Control and Space offers what may stand here.
apiVersion: webnova.io/v1
kind: Blueprint
metadata:
  name: new-platform
  tenant: ${tenant}
spec:
  environment: development
  definition:
    name: New platform
    context:
      domain: saas
      target_platform: web
      language: both
  services: {}
`

/** Where a place of the data stands in the text; of what is not there, where its nearest owner stands. */
function rangeOf(doc: Document, path: Path, key: boolean, length: number): { from: number; to: number } {
  for (let n = path.length; n >= 0; n--) {
    const at = path.slice(0, n)
    const node = n === 0 ? doc.contents : (doc.getIn(at, true) as Node | undefined)
    const owner = n > 0 ? (n === 1 ? doc.contents : (doc.getIn(at.slice(0, -1), true) as Node | undefined)) : null
    const pair = isCollection(owner) ? (owner.items as { key?: Node }[]).find((one) => isScalar(one.key) && one.key.value === at.at(-1)) : undefined
    const named = pair?.key?.range
    const range = ((key || n < path.length || !isScalar(node)) && named) || node?.range
    if (range) return { from: range[0], to: Math.max(range[0] + 1, Math.min(range[1], range[0] + 200)) }
  }
  return { from: 0, to: Math.min(1, length) }
}

export function read(text: string, schema: Schema | null): Read {
  const doc = parseDocument(text, { prettyErrors: false })
  const broken = doc.errors.length > 0
  if (broken) return { doc, value: null, broken, wrong: [], marks: doc.errors.map((one) => ({ from: one.pos[0], to: Math.max(one.pos[0] + 1, one.pos[1]), severity: 'error', message: one.message })) }
  const value: unknown = doc.toJS()
  const wrong = schema ? validate(schema, value) : []
  return { doc, value, broken, wrong, marks: wrong.map((one) => ({ ...rangeOf(doc, one.path, one.key === true, text.length), severity: 'error' as const, message: one.message })) }
}

/** The text with one value changed, or taken out; comments stay where they are. */
export function put(text: string, path: Path, value: unknown): string {
  const doc = parseDocument(text, { prettyErrors: false })
  if (value === undefined) {
    doc.deleteIn(path)
  } else {
    // What was written as an empty `{}` opens into lines.
    for (let n = 1; n < path.length; n++) {
      const owner = doc.getIn(path.slice(0, n), true)
      if (isCollection(owner) && owner.flow && owner.items.length === 0) owner.flow = false
    }
    doc.setIn(path, value !== null && typeof value === 'object' ? doc.createNode(value) : value)
  }
  return doc.toString({ lineWidth: 110 })
}

/** Marks of what the node found wrong, by its paths ("manifests[0].spec.services.api.port"). */
export function nodeMarks(text: string, errors: { path: string; message: string }[]): Mark[] {
  const doc = parseDocument(text, { prettyErrors: false })
  return errors.map((one) => {
    const path = one.path.replace(/^manifests\[0\]\.?/, '').split(/[.[\]]+/).filter(Boolean).map((step) => (/^\d+$/.test(step) ? Number(step) : step))
    return { ...rangeOf(doc, path, false, text.length), severity: 'error' as const, message: one.message }
  })
}

export const lineOf = (text: string, offset: number) => text.slice(0, offset).split('\n').length
