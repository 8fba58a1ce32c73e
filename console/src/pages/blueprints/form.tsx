// The same document as a form, drawn from the served schema: each change is one change of the text beside it.
import { useState } from 'react'
import type { Schema } from '../../api/types'
import { useT } from '../../i18n'
import { Button } from '../../kit/button'
import { Choice, Field, TextField } from '../../kit/field'
import { plain, type Path, type Wrong } from './schema'

interface Props {
  schema: Schema
  value: unknown
  path: Path
  wrong: Wrong[]
  put: (path: Path, value: unknown) => void
}

const idOf = (path: Path) => `f-${path.join('-')}`
const under = (wrong: Wrong[], path: Path) => wrong.filter((one) => path.every((step, i) => one.path[i] === step))

function Leaf({ schema, value, path, wrong, put, label }: Props & { label: string }) {
  const t = useT()
  const it = plain(schema)
  const at = wrong.find((one) => one.path.join('/') === path.join('/'))
  const range = it.type === 'integer' && it.maximum !== undefined && it.maximum < 1e9 ? ` ${it.minimum ?? 0}–${it.maximum}` : ''
  const shared = { id: idOf(path), label, hint: `${it.description ?? ''}${range}` || undefined, wrong: at?.message }
  const text = value === undefined || value === null ? '' : Array.isArray(value) ? value.join('\n') : String(value)
  if (it.enum || it.type === 'boolean') return <Choice {...shared} value={text} onChange={(event) => put(path, event.target.value === '' ? undefined : it.type === 'boolean' ? event.target.value === 'true' : event.target.value)} options={[['', '–'] as const, ...(it.enum ?? ['true', 'false']).map((one) => [one, one.replaceAll('_', ' ')] as const)]} />
  if (it.type === 'integer') return <Field {...shared} inputMode="numeric" dir="ltr" value={text} onChange={(event) => put(path, event.target.value === '' ? undefined : /^-?\d+$/.test(event.target.value) ? Number(event.target.value) : event.target.value)} />
  if (it.type === 'array') return <TextField {...shared} dir="ltr" className="in mono" rows={Math.min(5, Math.max(2, text.split('\n').length))} value={text} onChange={(event) => put(path, event.target.value === '' ? undefined : event.target.value.split('\n'))} />
  if (it.writeOnly) return <Field {...shared} type="password" autoComplete="off" placeholder={text.startsWith('secret://') ? t.blue.same : ''} value={text.startsWith('secret://') ? '' : text} onChange={(event) => put(path, event.target.value || undefined)} />
  return (it.maxLength ?? 0) > 1024 ? <TextField {...shared} rows={2} value={text} onChange={(event) => put(path, event.target.value || undefined)} /> : <Field {...shared} value={text} onChange={(event) => put(path, event.target.value || undefined)} />
}

/** A map of things by name: each folds open, can be taken out, and another can be added. */
function Named({ schema, value, path, wrong, put }: Props) {
  const t = useT()
  const [fresh, name] = useState('')
  const of = plain(schema).additionalProperties as Schema
  const deep = plain(of).type === 'object'
  const all = Object.entries((value ?? {}) as Record<string, unknown>)
  const word = fresh.trim()
  const fine = /^[A-Za-z0-9_][\w.-]*$/.test(word) && !all.some(([key]) => key === word)
  return (
    <div className="stack s2">
      {all.map(([key, one]) => (deep ? (
        <details key={key} className="fold" data-named={key} open={all.length === 1 || undefined}><summary><bdi className="m">{key}</bdi> {under(wrong, [...path, key]).length ? <span className="cnt bad">{under(wrong, [...path, key]).length}</span> : null}</summary>
          <div className="stack s3 inset"><Fields schema={of} value={one} path={[...path, key]} wrong={wrong} put={put} /><div><Button size="sm" icon="minus" onClick={() => put([...path, key], undefined)}>{t.blue.removeService} {key}</Button></div></div></details>
      ) : <Leaf key={key} schema={of} value={one} path={[...path, key]} wrong={wrong} put={put} label={key} />))}
      <div className="rowx s2 end-row"><Field id={`${idOf(path)}-new`} label={t.kinds.id} dir="ltr" autoComplete="off" value={fresh} onChange={(event) => name(event.target.value)} /><Button icon="plus" aria-disabled={!fine || undefined} onClick={() => { if (fine) { put([...path, word], deep ? {} : ''); name('') } }}>{t.acts.add}</Button></div>
    </div>
  )
}

const isLeaf = (schema: Schema) => {
  const it = plain(schema)
  return ['string', 'integer', 'boolean', 'number'].includes(it.type ?? '') || (it.type === 'array' && plain(it.items).type === 'string')
}

export function Fields({ schema, value, path, wrong, put }: Props) {
  const t = useT()
  const it = plain(schema)
  const fields = Object.entries(it.properties ?? {})
  const has = (value ?? {}) as Record<string, unknown>
  return (
    <>
      {fields.filter(([, field]) => isLeaf(field)).map(([name, field]) => <Leaf key={name} schema={field} value={has[name]} path={[...path, name]} wrong={wrong} put={put} label={t.fact(name)} />)}
      {fields.filter(([, field]) => !isLeaf(field)).map(([name, field]) => {
        const its = plain(field)
        const at = [...path, name]
        const bad = under(wrong, at).length
        const count = has[name] && typeof has[name] === 'object' ? Object.keys(has[name]).length : 0
        const body = its.additionalProperties && typeof its.additionalProperties === 'object' ? <Named schema={its} value={has[name]} path={at} wrong={wrong} put={put} />
          : its.type === 'object' ? <div className="stack s3"><Fields schema={its} value={has[name]} path={at} wrong={wrong} put={put} /></div>
            : its.type === 'array' ? <Items schema={its} value={has[name]} path={at} wrong={wrong} put={put} /> : null
        if (!body) return null
        return <details key={name} className="fold" data-field={name} open={path.length === 0 || (path.length === 1 && name === 'services') || undefined}><summary>{t.fact(name)} {count && its.type !== 'object' ? <span className="cnt">{count}</span> : null}{bad ? <span className="cnt bad">{bad}</span> : null}{its.description ? <span className="t3 xs"> <bdi>{its.description}</bdi></span> : null}</summary><div className="inset">{body}</div></details>
      })}
    </>
  )
}

/** A list of things: each folds open under what names it. */
function Items({ schema, value, path, wrong, put }: Props) {
  const t = useT()
  const of = plain(schema).items ?? {}
  const all = Array.isArray(value) ? (value as unknown[]) : []
  const titled = (one: unknown, i: number) => (one && typeof one === 'object' ? String((one as Record<string, unknown>).id ?? (one as Record<string, unknown>).description ?? (one as Record<string, unknown>).type ?? i + 1) : String(one))
  return (
    <div className="stack s2">
      {all.map((one, i) => (
        <details key={i} className="fold"><summary><bdi className="cut">{titled(one, i)}</bdi> {under(wrong, [...path, i]).length ? <span className="cnt bad">{under(wrong, [...path, i]).length}</span> : null}</summary>
          <div className="stack s3 inset"><Fields schema={of} value={one} path={[...path, i]} wrong={wrong} put={put} /><div><Button size="sm" icon="minus" onClick={() => put([...path, i], undefined)}>{t.blue.removeService}</Button></div></div></details>
      ))}
      <div><Button size="sm" icon="plus" onClick={() => put([...path, all.length], {})}>{t.acts.add}</Button></div>
    </div>
  )
}
