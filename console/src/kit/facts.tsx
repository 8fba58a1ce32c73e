// A state as names and values: plain ones in a line each, structured ones folded below.
import { useSpeech } from '../i18n'
import { Status } from './status'

const isTime = (name: string, value: unknown) => typeof value === 'string' && /_at$|^since$|^at$|^time$/.test(name) && !Number.isNaN(Date.parse(value))

export function Value({ name, value }: { name: string; value: unknown }) {
  const { date } = useSpeech()
  if (name === 'status' && typeof value === 'string') return <Status status={value} />
  if (isTime(name, value)) return <time dateTime={String(value)}><bdi>{date(String(value))}</bdi></time>
  if (typeof value === 'number' || typeof value === 'boolean') return <span className="n">{String(value)}</span>
  if (typeof value === 'string') return /^[\w./:@-]{8,}$/.test(value) ? <code>{value}</code> : <bdi>{value}</bdi>
  return <code>{JSON.stringify(value)}</code>
}

export function Facts({ of }: { of: Record<string, unknown> }) {
  const { t } = useSpeech()
  const plain = Object.entries(of).filter(([, value]) => value !== '' && value !== null && typeof value !== 'object')
  const deep = Object.entries(of).filter(([, value]) => value !== null && typeof value === 'object' && Object.keys(value).length > 0)
  return (
    <div className="stack s3">
      <dl className="kv">{plain.map(([name, value]) => <div key={name} className="contents"><dt>{t.fact(name)}</dt><dd><Value name={name} value={value} /></dd></div>)}</dl>
      {deep.map(([name, value]) => (
        <details key={name} className="fold"><summary><span>{t.fact(name)}</span> <span className="cnt">{Array.isArray(value) ? value.length : Object.keys(value as object).length}</span></summary><pre className="code" tabIndex={0}>{JSON.stringify(value, null, 2)}</pre></details>
      ))}
    </div>
  )
}
