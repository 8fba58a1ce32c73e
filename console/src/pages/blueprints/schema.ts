// The manifest of a blueprint as a schema, and what of a text does not fit it. Pure. The node has the last word on all of it.
import type { Schema } from '../../api/types'

export type Path = (string | number)[]
export interface Wrong {
  path: Path
  message: string
  /** The key itself is wrong, not its value. */
  key?: boolean
}

interface More extends Schema {
  anyOf?: More[]
  maxItems?: number
  uniqueItems?: boolean
  maxProperties?: number
  propertyNames?: More
}

const wrong_max = 100
const name: Schema = { type: 'string', pattern: '^[a-z0-9]([a-z0-9-]*[a-z0-9])?$', maxLength: 63 }

/** What a manifest of this kind may hold, around the fields of the command that makes it true. */
export const manifestSchema = (kind: string, spec: Schema): Schema => ({
  type: 'object', required: ['apiVersion', 'kind', 'metadata', 'spec'], additionalProperties: false,
  properties: {
    apiVersion: { type: 'string', enum: ['webnova.io/v1'], description: 'of the manifest' },
    kind: { type: 'string', enum: [kind] },
    metadata: { type: 'object', required: ['name', 'tenant'], additionalProperties: false, description: 'what it is called, and where', properties: { name: { ...name, description: 'its name in the tenant' }, tenant: { ...name, description: 'whose it is' }, environment: { type: 'string', description: 'for which environment' } } },
    spec,
  },
})

/** Without the null that stands beside what may be left out. */
export function plain(schema: Schema | undefined): More {
  const all = (schema as More | undefined)?.anyOf
  if (!all) return schema ?? {}
  const one = all.find((its) => its.type !== 'null') ?? {}
  return schema!.description ? { ...one, description: schema!.description } : one
}

/** The schema of what stands at a path; none when the schema knows no such place. */
export function schemaAt(schema: Schema, path: Path): More | null {
  let now = plain(schema)
  for (const step of path) {
    const { properties, additionalProperties, items } = now
    const next: Schema | boolean | undefined = typeof step === 'number' ? items : (properties?.[step] ?? additionalProperties)
    if (typeof next !== 'object') return Object.keys(now).length === 0 ? {} : null
    now = plain(next)
  }
  return now
}

const typeOf = (value: unknown) => (value === null ? 'null' : Array.isArray(value) ? 'array' : Number.isInteger(value) ? 'integer' : typeof value)
const words: Record<string, string> = { array: 'a list', object: 'fields', string: 'a text', integer: 'a whole number', number: 'a number', boolean: 'true or false' }

export function validate(schema: Schema, value: unknown, path: Path = [], out: Wrong[] = []): Wrong[] {
  const it = plain(schema)
  const say = (message: string, at: Path = path, key = false) => { if (out.length < wrong_max) out.push({ path: at, message, ...(key ? { key } : {}) }) }
  const type = typeOf(value)
  if (it.type && it.type !== type && !(it.type === 'number' && type === 'integer')) {
    if (!(type === 'null' && (schema as More).anyOf)) say(`must be ${words[it.type] ?? it.type}`)
    return out
  }
  if (it.enum && !it.enum.includes(value as string)) say(`must be one of ${it.enum.join(', ')}`)
  if (typeof value === 'number') {
    if (it.minimum !== undefined && value < it.minimum) say(`must be at least ${it.minimum}`)
    if (it.maximum !== undefined && value > it.maximum) say(`must be at most ${it.maximum}`)
  }
  if (typeof value === 'string') {
    if (it.minLength !== undefined && value.length < it.minLength) say('must not be empty')
    if (it.maxLength !== undefined && value.length > it.maxLength) say(`has at most ${it.maxLength} characters`)
    if (it.pattern && !new RegExp(it.pattern, 'u').test(value)) say(`must match ${it.pattern}`)
  }
  if (Array.isArray(value)) {
    if (it.maxItems !== undefined && value.length > it.maxItems) say(`has at most ${it.maxItems} items`)
    if (it.uniqueItems && new Set(value).size < value.length) say('holds the same twice')
    value.forEach((one, i) => it.items && validate(it.items, one, [...path, i], out))
  } else if (type === 'object') {
    const fields = value as Record<string, unknown>
    for (const need of it.required ?? []) if (!(need in fields)) say(`\`${need}\` is needed`)
    for (const [key, one] of Object.entries(fields)) {
      const known = it.properties?.[key] ?? it.additionalProperties
      if (it.properties && known === false) say(`\`${key}\` is not known${nearest(key, Object.keys(it.properties))}`, [...path, key], true)
      else if (typeof known === 'object') validate(known, one, [...path, key], out)
      if (it.propertyNames?.pattern && !new RegExp(it.propertyNames.pattern, 'u').test(key)) say(`\`${key}\` is no name`, [...path, key], true)
    }
  }
  return out
}

/** Of the known words the one that was meant, as far as one letter's slip tells. */
function nearest(word: string, known: string[]): string {
  const near = known.find((one) => one.startsWith(word) || word.startsWith(one) || (Math.abs(one.length - word.length) <= 1 && [...one].filter((c, i) => c !== word[i]).length <= 1 + Math.abs(one.length - word.length)))
  return near ? `; \`${near}\`?` : ''
}

/** Where a line of YAML stands: the keys above it by their indentation, and the word that is being written. */
export function placeOf(text: string, offset: number): { path: Path; word: string; from: number; value: boolean; present: string[] } {
  const lines = text.slice(0, offset).split('\n')
  const line = lines.at(-1)!
  const shape = /^(\s*)((?:- +)*)(?:([\w.-]+):\s+)?([\w.:/-]*)$/.exec(line)
  const start = shape ? shape[1]!.length + shape[2]!.length : line.length - line.trimStart().length
  const path: Path = []
  let indent = start
  // An item of a list stands one step below its key.
  let item = shape !== null && shape[2] !== ''
  for (let i = lines.length - 2; i >= 0; i--) {
    const above = /^(\s*)((?:- +)*)([\w.-]+):(.*)$/.exec(lines[i]!)
    const dash = /^(\s*)- /.exec(lines[i]!)
    if (!above) continue
    const its = above[1]!.length + above[2]!.length
    const owns = item ? above[1]!.length <= start - shape![2]!.length && above[2] === '' && above[4]!.trim() === '' : its < indent
    if (!owns) {
      if (!item && dash && its === indent && above[2] !== '') { path.unshift(0); indent = above[1]!.length; item = false; indent += 0.5 }
      continue
    }
    if (item) path.unshift(0)
    item = false
    path.unshift(above[3]!)
    indent = above[2] ? above[1]!.length + 0.5 : above[1]!.length
    if (above[2]) path.unshift(0)
  }
  const key = shape?.[3]
  if (key) path.push(key)
  const word = shape?.[4] ?? ''
  // Its neighbours, which need not be offered again.
  const present: string[] = []
  const all = text.split('\n')
  const level = ' '.repeat(shape?.[1]!.length ?? 0)
  for (let i = lines.length - 2; i >= 0 && (all[i]!.startsWith(level) || all[i]!.trim() === ''); i--) present.push(all[i]!)
  for (let i = lines.length; i < all.length && (all[i]!.startsWith(level) || all[i]!.trim() === ''); i++) present.push(all[i]!)
  return { path, word, from: offset - word.length, value: key !== undefined, present: present.flatMap((one) => new RegExp(`^${level}([\\w.-]+):`).exec(one)?.[1] ?? []) }
}

/** What may stand there. */
export function offers(schema: Schema, text: string, offset: number): { from: number; options: { label: string; detail: string; info: string; apply: string }[] } | null {
  const { path, from, value, present } = placeOf(text, offset)
  const it = schemaAt(schema, path)
  if (!it) return null
  const info = it.description ?? ''
  if (value) {
    const words = it.enum ?? (it.type === 'boolean' ? ['true', 'false'] : [])
    return words.length ? { from, options: words.map((label) => ({ label, detail: '', info, apply: label })) } : null
  }
  const options = Object.entries(it.properties ?? {}).filter(([label]) => !present.includes(label)).map(([label, field]) => {
    const its = plain(field)
    const deep = its.type === 'object' || its.type === 'array'
    return { label, detail: its.enum ? its.enum.join(' | ') : (its.type ?? ''), info: field.description ?? its.description ?? '', apply: deep ? `${label}:` : `${label}: ` }
  })
  return options.length ? { from, options } : null
}
