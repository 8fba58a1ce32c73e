// A form from a served schema. What it cannot draw as fields is typed as JSON; the node has the last word on all of it.
import { useMemo } from 'react'
import type { Schema } from '../api/types'
import { useT } from '../i18n'
import { Choice, Field, TextField } from './field'

export type Values = Record<string, string>

/** The body to send: what was left empty is left out. Throws a SyntaxError for JSON that is none. */
export function bodyOf(schema: Schema, values: Values): Record<string, unknown> {
  const body: Record<string, unknown> = {}
  for (const [name, field] of Object.entries(schema.properties ?? {})) {
    const text = values[name] ?? ''
    if (text === '') continue
    if (field.type === 'integer' || field.type === 'number') body[name] = Number(text)
    else if (field.type === 'boolean') body[name] = text === 'true'
    else if (field.type === 'string') body[name] = text
    else if (field.type === 'array' && field.items?.type === 'string') body[name] = text.split(/[\s,]+/).filter(Boolean)
    else body[name] = JSON.parse(text)
  }
  return body
}

/** Whether what must be given is given and within its bounds. */
export function complete(schema: Schema, values: Values): boolean {
  if ((schema.required ?? []).some((name) => !values[name])) return false
  try {
    for (const [name, value] of Object.entries(bodyOf(schema, values))) {
      const field = schema.properties![name]!
      if (typeof value === 'number' && (!Number.isInteger(value) || value < (field.minimum ?? -Infinity) || value > (field.maximum ?? Infinity))) return false
      if (typeof value === 'string' && field.pattern && !new RegExp(field.pattern).test(value)) return false
    }
  } catch {
    return false
  }
  return true
}

export function SchemaForm({ schema, values, onChange, wrong = [], choices = {} }: { schema: Schema; values: Values; onChange: (values: Values) => void; wrong?: { path: string; message: string }[]; choices?: Record<string, readonly string[]> }) {
  const t = useT()
  const required = useMemo(() => new Set(schema.required ?? []), [schema])
  const fields = Object.entries(schema.properties ?? {})
  if (fields.length === 0) return null
  return (
    <div className="stack s3">
      {fields.map(([name, field]) => {
        const label = `${t.fact(name)}${required.has(name) ? '' : ` (${t.acts.optional})`}`
        const range = field.type === 'integer' && field.maximum !== undefined && field.maximum < 1e9 ? ` ${field.minimum ?? 0}–${field.maximum}` : ''
        const shared = { id: `field-${name}`, label, hint: `${field.description ?? ''}${range}` || undefined, wrong: wrong.find((one) => one.path === name || one.path.endsWith(`.${name}`))?.message, value: values[name] ?? '' }
        const change = (event: { target: { value: string } }) => onChange({ ...values, [name]: event.target.value })
        const options = choices[name] ?? field.enum
        if (options) return <Choice key={name} {...shared} onChange={change} options={[['', '–'] as const, ...options.map((one) => [one, one.replaceAll('_', ' ')] as const)]} />
        if (field.type === 'boolean') return <Choice key={name} {...shared} onChange={change} options={[['', '–'], ['true', '✓'], ['false', '✗']]} />
        if (field.writeOnly) return <Field key={name} {...shared} onChange={change} type="password" autoComplete="off" />
        if (field.type === 'integer' || field.type === 'number') return <Field key={name} {...shared} onChange={change} inputMode="numeric" dir="ltr" pattern="-?[0-9]+" />
        if (field.type === 'string' && name !== 'reason') return <Field key={name} {...shared} onChange={change} maxLength={field.maxLength} />
        return <TextField key={name} {...shared} onChange={change} {...(field.type === 'string' ? {} : { dir: 'ltr', className: 'in mono' })} />
      })}
    </div>
  )
}
