// Coming in: by password with a second step, passkey or an outside provider; and where mails' links and waiting programs lead.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useEffect, useRef, useState, type FormEvent } from 'react'
import { Problem, open } from '../../api/client'
import { whoQuery } from '../../api/queries'
import { useT } from '../../i18n'
import { Button } from '../../kit/button'
import { Field } from '../../kit/field'
import { Icon } from '../../kit/icon'
import { Failed } from '../../kit/state-box'
import { OneTimeCode } from '../../kit/one-time-code'
import { useProviders } from '../access/outside'
import { brought, used } from './brought'
import { Forgot, Reset } from './by-mail'
import { Alone, device } from './frame'
import { hasPasskeys, sign, type Begun } from './passkey'

interface Flow {
  flow: string
  methods: string[]
}

/** Where to go once one is in: a place of this page alone. */
const inside = (to: string | undefined) => (to && /^\/(?!\/)/.test(to) ? to : '/')

export function SignIn() {
  const t = useT()
  const client = useQueryClient()
  const navigate = useNavigate()
  const { to } = useSearch({ from: '/sign-in' })
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  const [flow, setFlow] = useState<Flow | null>(null)
  const [recovering, recover] = useState(false)
  const [view, show] = useState<'sign-in' | 'forgot' | 'reset'>(brought.reset ? 'reset' : brought.forgot ? 'forgot' : 'sign-in')
  const [said, say] = useState('')
  // Only its own words are shown: anybody can lead somebody here with a code of their own.
  const [failedOutside] = useState(() => used('error'))
  const providers = useProviders()

  const enter = async () => {
    setPassword('')
    await client.fetchQuery({ ...whoQuery, staleTime: 0 })
    await navigate({ href: brought.code ? '/device' : inside(to) })
  }
  /** Tokens, or that one more step is wanted. */
  const first = async (path: string, body: object) => {
    try {
      await open(path, body)
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== 'auth.mfa_required') throw error
      setPassword('')
      return setFlow({ flow: error.details.flow!, methods: error.details.methods!.split(', ') })
    }
    await enter()
  }
  const byPassword = useMutation({ mutationFn: () => first('/api/auth/login', { email, password, device: device() }) })
  const byOutside = useMutation({ mutationFn: (code: string) => first('/api/auth/oidc/exchange', { code, device: device() }) })
  const byMail = useMutation({ mutationFn: (token: string) => open('/api/auth/verify', { token }), onSuccess: () => say(t.access.proved) })
  const begun = useRef(false)
  useEffect(() => {
    if (begun.current) return
    begun.current = true
    if (brought.outside) byOutside.mutate(used('outside'))
    else if (brought.verify) byMail.mutate(used('verify'))
    // Who is in already answers a waiting program at once.
    else if (brought.code) void client.ensureQueryData(whoQuery).then((who) => { if (who) void navigate({ to: '/device' }) }, () => {})
  })
  const byCode = useMutation({
    mutationFn: async (code: string) => {
      await open('/api/auth/login/code', { flow: flow!.flow, code, device: device() })
      await enter()
    },
    onError: (error) => error instanceof Problem && error.code.startsWith('auth.flow') && setFlow(null),
  })
  const byPasskey = useMutation({
    mutationFn: async () => {
      if (flow) {
        const answer = await sign(await open<Begun>('/api/auth/login/passkey/options', { flow: flow.flow }))
        await open('/api/auth/login/passkey', { ...answer, flow: flow.flow, device: device() })
      } else {
        const answer = await sign(await open<Begun>('/api/auth/passkey/options', {}))
        await open('/api/auth/passkey/login', { ...answer, device: device() })
      }
      await enter()
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    byPassword.mutate()
  }
  const failed = byPassword.error ?? byCode.error ?? byPasskey.error ?? byOutside.error ?? byMail.error
  const cancelled = failed instanceof DOMException
  const back = (words = '') => { used('reset'); show('sign-in'); say(words) }
  const busy = byPassword.isPending || byCode.isPending || byPasskey.isPending || byOutside.isPending
  if (view === 'forgot') return <Forgot onDone={back} onBack={back} />
  if (view === 'reset') return <Reset token={brought.reset} onDone={back} onBack={back} />
  return (
    <Alone title={flow ? t.signIn.second : t.signIn.title} says={flow ? t.signIn.secondSays : t.signIn.says}>
      {said ? <p className="note ok" role="status">{said}</p> : null}
      {failedOutside && !failed ? <div className="note bad" role="alert"><Icon name="bad" /><div>{t.access.errors[failedOutside] ?? t.access.providerFailed}</div></div> : null}
      {cancelled ? <div className="note bad" role="alert"><Icon name="bad" /><div>{t.access.cancelled}</div></div> : failed ? <Failed error={failed} lost={t.signIn.tryAgain} /> : null}
      {brought.code && flow === null ? <div className="note" id="waits"><Icon name="key" /><div>{t.access.waits} <code>{brought.code}</code></div></div> : null}
      {flow === null ? (
        <form className="stack" onSubmit={submit}>
          <Field id="email" label={t.signIn.email} type="email" dir="ltr" autoComplete="username webauthn" required maxLength={254} value={email} onChange={(event) => setEmail(event.target.value)} autoFocus />
          <Field id="password" label={t.signIn.password} type="password" dir="ltr" autoComplete="current-password" required maxLength={1024} value={password} onChange={(event) => setPassword(event.target.value)} />
          <Button look="pri" size="lg" className="wide" type="submit" id="sign-in" busy={busy}>{t.signIn.act}</Button>
        </form>
      ) : (
        <div className="stack">
          {flow.methods.includes('totp') ? (
            recovering ? (
              <form className="stack" onSubmit={(event) => { event.preventDefault(); byCode.mutate(String(new FormData(event.currentTarget).get('code')).trim()) }}>
                <Field name="code" id="recovery" label={t.signIn.recovery} dir="ltr" autoComplete="off" required autoFocus />
                <Button look="pri" size="lg" className="wide" type="submit" busy={busy}>{t.signIn.act}</Button>
              </form>
            ) : (
              <OneTimeCode label={t.signIn.code} busy={busy} onDone={(code) => byCode.mutate(code)} act={t.signIn.act} />
            )
          ) : null}
          {flow.methods.includes('totp') ? <button type="button" className="btn quiet" onClick={() => recover(!recovering)}>{recovering ? t.signIn.useCode : t.signIn.useRecovery}</button> : null}
        </div>
      )}
      {hasPasskeys() && (flow === null || flow.methods.includes('passkey')) ? (
        <>
          {flow === null || flow.methods.includes('totp') ? <div className="or"><span>{t.signIn.or}</span></div> : null}
          <Button icon="key" size="lg" className="wide" id="passkey" busy={busy} onClick={() => byPasskey.mutate()}>{t.signIn.passkey}</Button>
        </>
      ) : null}
      {flow === null && providers.length ? <div className="stack s2" id="outside-ways">{providers.map((one) => <Button key={one.name} size="lg" className="wide" icon="open" onClick={() => location.assign(one.start)}><bdi>{t.access.withProvider(one.title)}</bdi></Button>)}</div> : null}
      {flow === null ? <p className="t3 xs"><button type="button" className="link" onClick={() => { say(''); show('forgot') }}>{t.access.forgot}</button></p> : null}
      <p className="t3 xs">{flow === null ? <Link to="/enrol">{t.signIn.enrol}</Link> : <button type="button" className="link" onClick={() => setFlow(null)}>{t.signIn.back}</button>}</p>
    </Alone>
  )
}
