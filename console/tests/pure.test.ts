import { describe, expect, it } from 'vitest'
import { parse } from '../src/api/sse'
import type { Schema } from '../src/api/types'
import { ar } from '../src/i18n/ar'
import { en } from '../src/i18n/en'
import { diffLines } from '../src/kit/diff'
import { bodyOf, complete, leavesOf } from '../src/kit/schema-form'
import { lookOf } from '../src/kit/status'

describe('server-sent events', () => {
  it('reads id, name and data, and knows a comment', () => {
    expect(parse('id: 7\nevent: a.b\ndata: {"x":1}')).toEqual({ id: '7', event: 'a.b', data: '{"x":1}' })
    expect(parse('data: 1\ndata: 2')).toEqual({ id: '', event: 'message', data: '1\n2' })
    expect(parse(': heartbeat')).toBeNull()
  })
})

describe('a diff', () => {
  it('is what turns one text into the other', () => {
    const before = 'a\nb\nc\nd\ne\nf\ng'
    const after = 'a\nb\nX\nd\ne\nf\ng\nh'
    const lines = diffLines(before, after, 99)
    expect(lines.filter((one) => one.kind !== '+').map((one) => one.text).join('\n')).toBe(before)
    expect(lines.filter((one) => one.kind !== '-').map((one) => one.text).join('\n')).toBe(after)
    expect(lines.filter((one) => one.kind !== ' ')).toHaveLength(3)
  })
  it('of equal texts is empty', () => expect(diffLines('a\nb', 'a\nb')).toEqual([]))
  it('keeps the lines around a change alone', () => {
    expect(diffLines('1\n2\n3\n4\n5\n6\n7', '1\n2\n3\nx\n5\n6\n7', 1).map((one) => one.kind + one.text)).toEqual([' 3', '-4', '+x', ' 5'])
  })
})

describe('a form from a schema', () => {
  const schema: Schema = { properties: { service: { type: 'string', pattern: '^[a-z]+$' }, count: { type: 'integer', minimum: 0, maximum: 32 }, purge: { type: 'boolean' }, more: { type: 'object' } }, required: ['service', 'count'] }
  it('makes the body of what was typed', () => {
    expect(bodyOf(schema, { service: 'api', count: '3', purge: 'true', more: '{"a":1}' })).toEqual({ service: 'api', count: 3, purge: true, more: { a: 1 } })
    expect(bodyOf(schema, { service: 'api', count: '' })).toEqual({ service: 'api' })
  })
  it('knows what is missing, out of bounds or no JSON', () => {
    expect(complete(schema, { service: 'api', count: '3' })).toBe(true)
    for (const wrong of [{ service: 'api' }, { service: 'api', count: '33' }, { service: 'A', count: '1' }, { service: 'api', count: '1', more: '{' }] as Record<string, string>[]) expect(complete(schema, wrong), JSON.stringify(wrong)).toBe(false)
  })
})

describe('a form of parts', () => {
  const power: Schema = { type: 'object', properties: { level: { type: 'integer', minimum: 1, maximum: 10 }, cpu: { type: 'string' } }, required: ['level'] }
  const schema: Schema = { properties: { profile: { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] }, power: { description: 'bounds', anyOf: [power, { type: 'null' }] } }, required: ['profile'] }
  it('has a field for each field of its parts', () => expect(leavesOf(schema).map((one) => [one.path, one.required, one.part])).toEqual([['profile.name', true, ''], ['power.level', true, 'power'], ['power.cpu', false, 'power']]))
  it('puts each where it belongs, and leaves out the part that nothing was typed of', () => {
    expect(bodyOf(schema, { 'profile.name': 'A' })).toEqual({ profile: { name: 'A' } })
    expect(bodyOf(schema, { 'profile.name': 'A', 'power.level': '4' })).toEqual({ profile: { name: 'A' }, power: { level: 4 } })
  })
  it('asks for what a part needs once it is begun', () => {
    expect([{ 'profile.name': 'A' }, { 'profile.name': 'A', 'power.cpu': 'x' }, { 'profile.name': 'A', 'power.cpu': 'x', 'power.level': '11' }, { 'profile.name': 'A', 'power.cpu': 'x', 'power.level': '2' }, { 'power.level': '2' }].map((values) => complete(schema, values as unknown as Record<string, string>))).toEqual([true, false, false, true, false])
  })
})

describe('the catalogues', () => {
  it('have a word and a shape for each state', () => {
    for (const status of Object.keys(en.status)) expect(lookOf(status).icon === 'idle' && lookOf(status).family !== 'neutral', status).toBe(false)
    for (const word of Object.values(ar.status)) expect(word).toMatch(/[\u0600-\u06ff]/)
  })
  it('count in Arabic', () => {
    expect([0, 1, 2, 3, 11, 100].map((n) => ar.overview.sentence('well', n))).toEqual(['المنصات تعمل. لا شيء يحتاج إلى شخص.', 'المنصات تعمل. أمر واحد يحتاج إلى شخص.', 'المنصات تعمل. أمران يحتاجان إلى شخص.', 'المنصات تعمل. 3 أمور تحتاج إلى شخص.', 'المنصات تعمل. 11 أمرًا يحتاج إلى شخص.', 'المنصات تعمل. 100 أمر يحتاج إلى شخص.'])
  })
})
