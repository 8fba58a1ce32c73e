import { expect, it } from 'vitest'
import type { Schema } from '../src/api/types'
import { nodeMarks, put, read } from '../src/pages/blueprints/document'
import { manifestSchema, offers, placeOf, validate } from '../src/pages/blueprints/schema'

const service: Schema = { type: 'object', additionalProperties: false, properties: { port: { type: 'integer', minimum: 0, maximum: 65535, description: 'the port' }, run: { type: 'array', items: { type: 'string', minLength: 1 } }, env: { type: 'object', additionalProperties: { type: 'string' } } } }
const spec = { type: 'object', additionalProperties: false, properties: {
  environment: { type: 'string', pattern: '^[a-z]+$' },
  definition: { description: 'what it is', anyOf: [{ type: 'object', additionalProperties: false, properties: { language: { type: 'string', enum: ['en', 'ar', 'both'] }, intents: { type: 'array', items: { type: 'object', required: ['id'], additionalProperties: false, properties: { id: { type: 'string' }, type: { type: 'string', enum: ['page', 'feature'] } } } } } }, { type: 'null' }] },
  services: { type: 'object', additionalProperties: service },
} } as Schema
const schema = manifestSchema('Blueprint', spec)
const text = `apiVersion: webnova.io/v1
kind: Blueprint
metadata: {name: shop, tenant: shop}
spec:
  # where
  environment: development
  definition:
    language: en
    intents:
      - id: book
        type: page
  services:
    web:
      port: 80 # the front
      run: [python3, web.py]
`
const wrongOf = (more: string) => read(text + more, schema).wrong.map((one) => [one.path.join('.'), one.message])

it('finds nothing wrong with what fits', () => {
  expect(read(text, schema).wrong).toEqual([])
})
it('says what is wrong and where it stands in the text', () => {
  expect(wrongOf('      prot: 1\n')).toEqual([['spec.services.web.prot', '`prot` is not known']])
  expect(wrongOf('      ports: 1\n')).toEqual([['spec.services.web.ports', '`ports` is not known; `port`?']])
  const found = read(text.replace('port: 80', 'port: 99999'), schema)
  expect(found.wrong).toEqual([{ path: ['spec', 'services', 'web', 'port'], message: 'must be at most 65535' }])
  expect(text.replace('port: 80', 'port: 99999').slice(found.marks[0]!.from, found.marks[0]!.to)).toMatch(/port|99999/)
  expect(validate(schema, { apiVersion: 'webnova.io/v1', kind: 'Blueprint', metadata: { name: 'A b', tenant: 't' } }).map((one) => one.message)).toEqual(['`spec` is needed', 'must match ^[a-z0-9]([a-z0-9-]*[a-z0-9])?$'])
  expect(validate(schema.properties!.spec!, { definition: null, services: { web: { run: 'x' } } }).map((one) => one.message)).toEqual(['must be a list'])
  expect(validate(schema.properties!.spec!, { definition: { language: 'fr', intents: [{ type: 'page' }] } }).map((one) => one.path.join('.'))).toEqual(['definition.language', 'definition.intents.0'])
})
it('takes a text that is no YAML for broken, and does not throw', () => {
  const found = read('a: [1, 2\nb: }', schema)
  expect(found.broken).toBe(true)
  expect(found.marks.length).toBeGreaterThan(0)
})
it('changes one value and keeps the comments', () => {
  const next = put(text, ['spec', 'services', 'web', 'port'], 81)
  expect(next).toContain('port: 81 # the front')
  expect(next).toContain('# where')
  expect(put(text, ['spec', 'environment'], undefined)).not.toContain('environment:')
  const fresh = put('spec:\n  services: {}\n', ['spec', 'services', 'api'], {})
  expect(read(put(fresh, ['spec', 'services', 'api', 'port'], 1), null).value).toEqual({ spec: { services: { api: { port: 1 } } } })
})
it('knows where a line stands and what may stand there', () => {
  const at = (more: string) => ({ whole: text + more, offset: (text + more).length })
  const path = (more: string) => placeOf(at(more).whole, at(more).offset).path.join('.')
  expect(path('      ')).toBe('spec.services.web')
  expect(path('    ')).toBe('spec.services')
  expect(path('  ')).toBe('spec')
  expect(path('')).toBe('')
  const labels = (whole: string, offset = whole.length) => offers(schema, whole, offset)?.options.map((one) => one.label)
  expect(labels(`${text}      `)).toEqual(['env'])
  const within = text.indexOf('    language: en') + '    language: '.length
  expect(labels(text, within)).toEqual(['en', 'ar', 'both'])
  const item = text.indexOf('        type: page') + '        type: '.length
  expect(placeOf(text, item).path).toEqual(['spec', 'definition', 'intents', 0, 'type'])
  expect(labels(text, item)).toEqual(['page', 'feature'])
})
it('puts the node\'s answer at its place', () => {
  const [mark] = nodeMarks(text, [{ path: 'manifests[0].spec.services.web.port', message: 'is taken' }])
  expect(text.slice(mark!.from, mark!.to)).toMatch(/80/)
})
