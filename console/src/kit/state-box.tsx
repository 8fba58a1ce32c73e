// Loading, empty, error, denied: every page has them, and they look alike.
import { useEffect, useState, type ReactNode } from 'react'
import { Problem } from '../api/client'
import { Rich, useT } from '../i18n'
import { Button } from './button'
import { Copy } from './copy'
import { Icon } from './icon'

/** Nothing for 150 ms, then bones of the final measures. */
export function Skeleton({ rows = 4, height = 36 }: { rows?: number; height?: number }) {
  const [late, show] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => show(true), 150)
    return () => clearTimeout(timer)
  }, [])
  const t = useT()
  return (
    <div className="bones" aria-busy="true" role="status" aria-label={t.state.loading}>
      {late ? Array.from({ length: rows }, (_, i) => <div key={i} style={{ height }}><span className={`sk w${1 + (i % 4)}`} /></div>) : null}
    </div>
  )
}

export function Empty({ title, children, command }: { title: string; children?: ReactNode; command?: string }) {
  return (
    <div className="empty">
      <h2>{title}</h2>
      {children ? <div className="t2">{children}</div> : null}
      {command ? <Copy text={command} /> : null}
    </div>
  )
}

export const wordsOf = (t: ReturnType<typeof useT>, error: unknown) =>
  error instanceof Problem ? (t.errors[error.code as keyof typeof t.errors] ?? error.message) : error instanceof Error ? error.message : String(error)

/** What failed, that nothing was lost, what to do, and what to tell who helps. */
export function Failed({ error, again, lost }: { error: unknown; again?: (() => void) | undefined; lost?: string }) {
  const t = useT()
  const problem = error instanceof Problem ? error : null
  const denied = problem?.status === 403
  const missing = problem?.status === 404
  return (
    <div className={`note ${denied || missing ? '' : 'bad'}`} role="alert">
      <Icon name={denied ? 'lock' : missing ? 'unk' : 'bad'} />
      <div className="stack s1 sp">
        <div className="m">{denied ? t.state.denied : missing ? t.state.notFound : t.state.failed}</div>
        <div className="t2"><bdi><Rich>{wordsOf(t, error)}</Rich></bdi></div>
        {problem?.details.missing ? <div className="t2">{t.state.rule} <code>{problem.details.missing}</code></div> : null}
        {problem?.details.rule ? <div className="t2">{t.state.rule} <code>{problem.details.rule}</code></div> : null}
        <div className="t2">{lost ?? t.state.nothingLost}</div>
        <div className="t2" data-remedy>{problem?.remedy ? <bdi><Rich>{problem.remedy}</Rich></bdi> : denied ? t.access.remedies.denied : missing ? t.access.remedies.missing : problem?.status === 0 ? t.access.remedies.unreachable : t.access.remedies.other}</div>
        {problem?.errors.map((one) => <div key={one.path} className="t2"><code>{one.path}</code> <bdi>{one.message}</bdi></div>)}
        {problem ? (
          <div className="xs t3">
            <code>{problem.code || 'error'}</code>{problem.status ? <> · <span className="n">{problem.status}</span></> : null}
            {problem.requestId ? <> · {t.state.request} <code>{problem.requestId}</code></> : null}
          </div>
        ) : null}
        {again && (problem === null || problem.retryable || problem.status === 0) ? <div><Button size="sm" icon="redo" onClick={again}>{t.state.again}</Button></div> : null}
      </div>
    </div>
  )
}
