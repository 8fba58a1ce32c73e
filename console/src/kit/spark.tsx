// A small chart: time runs left to right in every language; a table for readers stands behind it.
import { useT } from '../i18n'

const w = 200
const h = 36

export const line = (values: number[], hi: number) =>
  values.map((y, i) => `${i ? 'L' : 'M'}${((i / Math.max(1, values.length - 1)) * w).toFixed(1)} ${(h - 2 - (y / (hi || 1)) * (h - 6)).toFixed(1)}`).join('')

export function Spark({ values, label, warn = false }: { values: number[]; label: string; warn?: boolean }) {
  const t = useT()
  const hi = Math.max(1, ...values)
  const path = line(values.length > 1 ? values : [0, values[0] ?? 0], hi)
  return (
    <figure>
      <svg className={`spark${warn ? ' w' : ''}`} viewBox={`0 0 ${w} ${h}`} preserveAspectRatio="none" aria-hidden="true">
        <path className="f" d={`${path}L${w} ${h}L0 ${h}Z`} />
        <path d={path} />
      </svg>
      <div className="sr"><table><caption>{label}</caption><tbody><tr>{values.map((value, i) => <td key={i}>{value}</td>)}{values.length === 0 ? <td>{t.state.noData}</td> : null}</tr></tbody></table></div>
    </figure>
  )
}
