// Talking to the node. Who is signed in is in cookies that no script can read; what a change needs besides (X-Nova-Csrf)
// lives in this module's memory and is asked for anew by each page.

export class Problem extends Error {
  readonly status: number
  readonly code: string
  readonly remedy: string
  readonly requestId: string
  readonly retryable: boolean
  readonly details: Record<string, string>
  readonly errors: { path: string; message: string }[]
  constructor(status: number, body: Record<string, unknown>) {
    super(String(body.detail ?? body.title ?? status))
    this.status = status
    this.code = String(body.code ?? '')
    this.remedy = String(body.remedy ?? '')
    this.requestId = String(body.request_id ?? '')
    this.retryable = body.retryable === true
    this.details = (body.details ?? {}) as Record<string, string>
    this.errors = (body.errors ?? []) as { path: string; message: string }[]
  }
}

export interface Got<T> {
  data: T
  position: number
  etag: string
}

let csrf = ''
let onSignedOut = () => {}
export const whenSignedOut = (does: () => void) => { onSignedOut = does }

async function once<T>(method: string, path: string, body: unknown, more: Record<string, string>, signal?: AbortSignal): Promise<Got<T>> {
  const headers: Record<string, string> = { Accept: 'application/json', ...more }
  if (body !== undefined) headers['Content-Type'] = 'application/json'
  if (method !== 'GET' && csrf) headers['X-Nova-Csrf'] = csrf
  let response: Response
  try {
    response = await fetch(path, { method, headers, body: body === undefined ? null : JSON.stringify(body), credentials: 'same-origin', signal: signal ?? null })
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error
    throw new Problem(0, { code: 'client.unreachable', detail: 'the node does not answer', retryable: true })
  }
  const text = await response.text()
  let data: unknown = {}
  try {
    data = text ? JSON.parse(text) : {}
  } catch {
    // What is no JSON comes from something before the node, or is a log; its status says enough.
    data = response.ok ? text : {}
  }
  if (!response.ok) throw new Problem(response.status, { request_id: response.headers.get('x-request-id') ?? '', ...(data as object) })
  return { data: data as T, position: Number(response.headers.get('nova-position') ?? 0), etag: response.headers.get('etag') ?? '' }
}

const unsigned = (error: unknown) => error instanceof Problem && error.status === 401 && error.code === 'auth.required'

export interface Me {
  principal: string
  type: string
  session?: string
  csrf?: string
  role?: string
  root_owner?: boolean
  /** Nothing but enrolling a second factor is open to them. */
  factor_required?: boolean
  user?: { id: string; state: { account?: { email?: string; username?: string; full_name?: string } } }
  tenants?: { tenant: string; role: string }[]
}

async function look(): Promise<Me> {
  const { data } = await once<Me>('GET', '/v1/whoami', undefined, {})
  csrf = data.csrf ?? ''
  return data
}

// A refresh token is good once, for all tabs together: whoever comes second finds the first one's answer.
async function renew(): Promise<void> {
  await navigator.locks.request('nova-session', async () => {
    try {
      await look()
    } catch (error) {
      if (!unsigned(error)) throw error
      try {
        await once('POST', '/api/auth/refresh', {}, {})
      } catch (reason) {
        // Nobody is signed in here: there is no token to renew.
        throw reason instanceof Problem && reason.status === 400 ? error : reason
      }
      await look()
    }
  })
}

export async function call<T>(method: string, path: string, body?: unknown, more: Record<string, string> = {}, signal?: AbortSignal): Promise<Got<T>> {
  try {
    return await once<T>(method, path, body, more, signal)
  } catch (error) {
    if (!unsigned(error)) throw error
  }
  try {
    await renew()
  } catch (error) {
    if (unsigned(error)) onSignedOut()
    throw error
  }
  return once<T>(method, path, body, more, signal)
}

export const get = async <T>(path: string, signal?: AbortSignal) => (await call<T>('GET', path, undefined, {}, signal)).data
export const post = async <T>(path: string, body: unknown = {}, more: Record<string, string> = {}) => (await call<T>('POST', path, body, more)).data

/** For who has no session yet. */
export const open = async <T>(path: string, body: unknown) => (await once<T>('POST', path, body, { 'X-Nova-Session': 'cookie' })).data

/** Who is signed in; none when nobody is. */
export async function me(): Promise<Me | null> {
  try {
    return await look()
  } catch (error) {
    if (!unsigned(error)) throw error
  }
  try {
    await renew()
    return await look()
  } catch (error) {
    if (unsigned(error)) return null
    throw error
  }
}

export async function signOut() {
  try {
    await once('POST', '/api/auth/logout', {}, {})
  } finally {
    csrf = ''
  }
}

/** A stream's answer, for a reader of its own. */
export async function stream(path: string, headers: Record<string, string>, signal: AbortSignal): Promise<Response> {
  const ask = () => fetch(path, { headers: { Accept: 'text/event-stream', ...headers }, credentials: 'same-origin', signal })
  let response = await ask()
  if (response.status === 401) {
    await renew()
    response = await ask()
  }
  if (response.ok && response.body) return response
  let body: Record<string, unknown> = {}
  try {
    body = await response.json()
  } catch {
    // The status is enough.
  }
  throw new Problem(response.status, body)
}

export const seg = encodeURIComponent
