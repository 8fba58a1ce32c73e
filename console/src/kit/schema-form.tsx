// A form from a served schema. What it cannot draw as fields is typed as JSON; the node has the last word on all of it.
import { useMemo } from 'react'
import type { Schema } from '../api/types'
import { useT } from '../i18n'
import { Choice, Field, TextField } from './field'

export type Values = Record<string, string>

interface Leaf {
  /** Where it stands in the body, by dots. */
  path: string
  /** The names of the objects that it stands in. */
  within: string[]
  name: string
  field: Schema
  required: boolean
  /** The innermost object above it that may be left out; what it needs is needed once anything of it is given. */
  part: string
}

const plain = (field: Schema): Schema => {
  const some = field.anyOf?.filter((one) => one.type !== 'null')
  return some?.length === 1 ? { ...some[0]!, ...(field.description ? { description: field.description } : {}) } : field
}

/** Its fields in order; an object whose fields are known is its fields. */
export function leavesOf(schema: Schema, within: string[] = [], part = ''): Leaf[] {
  const required = new Set(schema.required ?? [])
  return Object.entries(schema.properties ?? {}).flatMap(([name, given]) => {
    const field = plain(given)
    const path = [...within, name].join('.')
    if (field.type === 'object' && field.properties) return leavesOf(field, [...within, name], required.has(name) ? part : path)
    return [{ path, within, name, field, required: required.has(name), part }]
  })
}

const read = (field: Schema, text: string): unknown =>
  field.type === 'integer' || field.type === 'number' ? Number(text)
    : field.type === 'boolean' ? text === 'true'
    : field.type === 'string' ? text
    : field.type === 'array' && field.items?.type === 'string' ? text.split(/[\s,]+/).filter(Boolean)
    : (JSON.parse(text) as unknown)

/** The body to send: what was left empty is left out. Throws a SyntaxError for JSON that is none. */
export function bodyOf(schema: Schema, values: Values): Record<string, unknown> {
  const body: Record<string, unknown> = {}
  for (const { path, within, name, field } of leavesOf(schema)) {
    const text = values[path] ?? ''
    if (text === '') continue
    let place = body
    for (const step of within) place = (place[step] ??= {}) as Record<string, unknown>
    place[name] = read(field, text)
  }
  return body
}

/** Whether what must be given is given and within its bounds. */
export function complete(schema: Schema, values: Values): boolean {
  const leaves = leavesOf(schema)
  const begun = (part: string) => part === '' || leaves.some((one) => one.path.startsWith(`${part}.`) && values[one.path])
  return leaves.every(({ path, field, required, part }) => {
    const text = values[path] ?? ''
    if (text === '') return !required || !begun(part)
    try {
      const value = read(field, text)
      if (typeof value === 'number') return (field.type === 'number' ? Number.isFinite(value) : Number.isInteger(value)) && value >= (field.minimum ?? -Infinity) && value <= (field.maximum ?? Infinity)
      return typeof value !== 'string' || !field.pattern || new RegExp(field.pattern).test(value)
    } catch {
      return false
    }
  })
}

export function SchemaForm({ schema, values, onChange, wrong = [], choices = {} }: { schema: Schema; values: Values; onChange: (values: Values) => void; wrong?: { path: string; message: string }[]; choices?: Record<string, readonly string[]> }) {
  const t = useT()
  const leaves = useMemo(() => leavesOf(schema), [schema])
  if (leaves.length === 0) return null
  return (
    <div className="stack s3">
      {leaves.map(({ path, within, name, field, required, part }) => {
        const label = `${within.map((one) => `${t.fact(one)}: `).join('')}${t.fact(name)}${required && part === '' ? '' : ` (${t.acts.optional})`}`
        const range = field.type === 'integer' && field.maximum !== undefined && field.maximum < 1e9 ? ` ${field.minimum ?? 0}–${field.maximum}` : ''
        const shared = { id: `field-${path.replaceAll('.', '-')}`, label, hint: `${field.description ?? ''}${range}` || undefined, wrong: wrong.find((one) => one.path === path || one.path.endsWith(`.${path}`))?.message, value: values[path] ?? '' }
        const change = (event: { target: { value: string } }) => onChange({ ...values, [path]: event.target.value })
        const options = choices[path] ?? field.enum
        if (options) return <Choice key={path} {...shared} onChange={change} options={[['', '–'] as const, ...options.map((one) => [one, one.replaceAll('_', ' ')] as const)]} />
        if (field.type === 'boolean') return <Choice key={path} {...shared} onChange={change} options={[['', '–'], ['true', '✓'], ['false', '✗']]} />
        if (field.writeOnly) return <Field key={path} {...shared} onChange={change} type="password" autoComplete="off" />
        if (field.type === 'integer' || field.type === 'number') return <Field key={path} {...shared} onChange={change} inputMode={field.type === 'integer' ? 'numeric' : 'decimal'} dir="ltr" pattern={field.type === 'integer' ? '-?[0-9]+' : '-?[0-9.]+'} />
        if (field.type === 'string' && name !== 'reason') return <Field key={path} {...shared} onChange={change} maxLength={field.maxLength} />
        return <TextField key={path} {...shared} onChange={change} {...(field.type === 'string' ? {} : { dir: 'ltr', className: 'in mono' })} />
      })}
    </div>
  )
}
