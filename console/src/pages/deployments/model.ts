// A deployment as people speak of it. Pure.
import type { States } from '../../api/schema'

export type Deployed = States['deployment']
export type Revision = Deployed['revisions'][number]

/** A revision as text to compare: what runs, by name, in order. */
export function textOf(revision: Revision | undefined): string {
  if (!revision) return ''
  const lines: string[] = []
  const write = (value: unknown, indent: string) => {
    for (const [name, one] of Object.entries(value as Record<string, unknown>)) {
      if (one === '' || one === null || (Array.isArray(one) && one.length === 0)) continue
      if (Array.isArray(one)) lines.push(`${indent}${name}: ${JSON.stringify(one)}`)
      else if (typeof one === 'object') {
        if (Object.keys(one).length === 0) continue
        lines.push(`${indent}${name}:`)
        write(one, `${indent}  `)
      } else lines.push(`${indent}${name}: ${String(one)}`)
    }
  }
  write(revision.services, '')
  return lines.join('\n')
}

export type StepState = 'done' | 'now' | 'later' | 'failed'
export interface Step {
  key: 'gate' | 'build' | 'start' | 'verify' | 'move' | 'drain'
  state: StepState
}

/** How far the newest revision came; for one that serves, all steps are done. */
export function stepsOf(state: Deployed): Step[] {
  const keys = ['gate', 'build', 'start', 'verify', 'move', 'drain'] as const
  const rolling = state.candidate > 0
  const at = !rolling ? (state.serving && state.current > 0 ? 6 : 1) : ({ pending: 1, building: 1, deploying: 2, verifying: 3 } as Record<string, number>)[state.status] ?? 4
  const newest = state.revisions.at(-1)
  const failed = !rolling && newest && ['failed', 'rolled_back'].includes(newest.state) && newest.number !== state.current
  return keys.map((key, i) => ({ key, state: failed ? (i < 3 ? 'done' : i === 3 ? 'failed' : 'later') : i < at ? 'done' : i === at ? (rolling ? 'now' : 'later') : 'later' }))
}

export const statusOf = (status: string, state: Pick<Deployed, 'health'>) => (status === 'running' && state.health === 'degraded' ? 'degraded' : status === 'running' && state.health === 'healthy' ? 'healthy' : status)

export const phases: Record<string, string> = { ready: 'healthy', starting: 'starting', unready: 'unready', backoff: 'healing', quarantined: 'quarantined', failed: 'failed', stopped: 'stopped' }
