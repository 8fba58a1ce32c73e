// The node's OpenAPI document as TypeScript: schema.ts has one line a schema, routes.ts one a place, so that a change of one
// of them is a change of one line. usage: types.mjs URL-OR-FILE [FOLDER]; with a URL, NOVA_TOKEN_FILE names the file with a token.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const [from, to = new URL('../src/api', import.meta.url).pathname] = process.argv.slice(2)
const text = from.startsWith('http')
  ? await (await fetch(`${from}/v1/openapi.json`, { headers: { Authorization: `Bearer ${readFileSync(process.env.NOVA_TOKEN_FILE, 'utf8').trim()}` } })).text()
  : readFileSync(from, 'utf8')
const { paths, components } = JSON.parse(text)

const name = (text) => (/^[A-Za-z_$][\w$]*$/.test(text) ? text : JSON.stringify(text))
// A recursive schema ends at its second turn; the pages show such parts as they come.
function type(schema, root, depth = 0) {
  if (schema.$ref) {
    const target = schema.$ref.startsWith('#/$defs/') ? root.$defs?.[schema.$ref.slice(8)] : undefined
    return target && depth < 8 ? type(target, root, depth + 4) : 'unknown'
  }
  if (schema.enum) return schema.enum.map((one) => JSON.stringify(one)).join(' | ')
  if (schema.oneOf ?? schema.anyOf) return (schema.oneOf ?? schema.anyOf).map((one) => type(one, root, depth)).join(' | ')
  if (Array.isArray(schema.type)) return schema.type.map((one) => type({ ...schema, type: one }, root, depth)).join(' | ')
  switch (schema.type) {
    case 'string': return 'string'
    case 'integer':
    case 'number': return 'number'
    case 'boolean': return 'boolean'
    case 'null': return 'null'
    case 'array': return `(${type(schema.items ?? {}, root, depth)})[]`
    case 'object': {
      if (!schema.properties) return `Record<string, ${typeof schema.additionalProperties === 'object' ? type(schema.additionalProperties, root, depth) : 'unknown'}>`
      const needed = new Set(schema.required ?? [])
      return `{ ${Object.entries(schema.properties).map(([key, one]) => `${name(key)}${needed.has(key) ? '' : '?'}: ${type(one, root, depth)}`).join('; ')} }`
    }
    default: return 'unknown'
  }
}
// The node always writes every field of a state.
const whole = (schema) => JSON.parse(JSON.stringify(schema), (_, one) => (one && typeof one === 'object' && one.properties && !Array.isArray(one) ? { ...one, required: Object.keys(one.properties) } : one))

const states = [], commands = []
for (const [key, schema] of Object.entries(components.schemas).sort(([a], [b]) => (a < b ? -1 : 1))) {
  const [kind, part] = key.split('.')
  if (part === 'state') states.push(`  ${kind}: ${type(whole(schema), schema)}`)
  else if (part) commands.push(`  ${JSON.stringify(key)}: ${type(schema, schema)}`)
}
// By place: what comes after its last parameter, or after the two words that begin it. A place that grows stays one line.
const places = new Map()
for (const [path, methods] of Object.entries(paths)) {
  const [place] = path.match(/^.*\}/) ?? path.match(/^(\/[^/]*){1,2}/)
  for (const method of Object.keys(methods)) places.set(place, [...(places.get(place) ?? []), `${method.toUpperCase()} ${path.slice(place.length)}`.trim()])
}
const made = 'Made by scripts/types.mjs from the OpenAPI document that novad serves; a test compares it with a running node\'s.'
writeFileSync(join(to, 'schema.ts'), `// ${made}
export interface States {
${states.join('\n')}
}

export interface Commands {
${commands.join('\n')}
}
`)
writeFileSync(join(to, 'routes.ts'), `// ${made}
/** By the place that an address begins with: the methods, each with the rest of its address. */
export interface Routes {
${[...places].sort(([a], [b]) => (a < b ? -1 : 1)).map(([place, rows]) => `  ${JSON.stringify(place)}: ${rows.sort().map((row) => JSON.stringify(row)).join(' | ')}`).join('\n')}
}
`)
