// A change of two texts, line by line; made only when it is looked at. Myers' greedy algorithm (1986) on lines.

export interface DiffLine {
  kind: ' ' | '+' | '-'
  text: string
  before: number | null
  after: number | null
}

const lines_max = 2000

/** Lines of both in order; `context` unchanged ones are kept around a change. */
export function diffLines(before: string, after: string, context = 2): DiffLine[] {
  const a = before.split('\n').slice(0, lines_max)
  const b = after.split('\n').slice(0, lines_max)
  const max = a.length + b.length
  let v = new Map<number, number>([[1, 0]])
  const trace: Map<number, number>[] = []
  search: for (let d = 0; d <= max; d++) {
    trace.push(new Map(v))
    for (let k = -d; k <= d; k += 2) {
      let x = k === -d || (k !== d && (v.get(k - 1) ?? -1) < (v.get(k + 1) ?? -1)) ? (v.get(k + 1) ?? 0) : (v.get(k - 1) ?? 0) + 1
      let y = x - k
      while (x < a.length && y < b.length && a[x] === b[y]) { x++; y++ }
      v.set(k, x)
      if (x >= a.length && y >= b.length) break search
    }
    v = new Map(v)
  }
  const lines: DiffLine[] = []
  let x = a.length
  let y = b.length
  for (let d = trace.length - 1; d >= 0; d--) {
    const at = trace[d]!
    const k = x - y
    const from = k === -d || (k !== d && (at.get(k - 1) ?? -1) < (at.get(k + 1) ?? -1)) ? k + 1 : k - 1
    const px = d === 0 ? 0 : (at.get(from) ?? 0)
    const py = d === 0 ? 0 : px - from
    while (x > px && y > py) { x--; y--; lines.push({ kind: ' ', text: a[x]!, before: x + 1, after: y + 1 }) }
    if (d === 0) break
    if (x > px) { x--; lines.push({ kind: '-', text: a[x]!, before: x + 1, after: null }) }
    else if (y > py) { y--; lines.push({ kind: '+', text: b[y]!, before: null, after: y + 1 }) }
  }
  lines.reverse()
  const near = lines.map((_, i) => lines.slice(Math.max(0, i - context), i + context + 1).some((one) => one.kind !== ' '))
  return lines.filter((_, i) => near[i])
}

export function Diff({ name, lines }: { name: string; lines: DiffLine[] }) {
  return (
    <div className="diff" tabIndex={0} role="group" aria-label={name}>
      <div className="h">{name}</div>
      {lines.map((line, i) => (
        <div key={i} className={line.kind === '+' ? 'a' : line.kind === '-' ? 'd' : ''}><i>{line.before ?? ''}</i><i>{line.after ?? ''}</i><b>{line.kind === '-' ? '−' : line.kind}</b>{line.text}</div>
      ))}
    </div>
  )
}
