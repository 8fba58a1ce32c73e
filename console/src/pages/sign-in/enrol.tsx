// The first person: the token of the node's first start makes the owner; then an authenticator app, then recovery codes.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { open } from '../../api/client'
import { useMe, whoQuery } from '../../api/queries'
import { useSpeech } from '../../i18n'
import { Button } from '../../kit/button'
import { Field } from '../../kit/field'
import { Failed } from '../../kit/state-box'
import { Authenticator } from './authenticator'
import { Alone, device } from './frame'

// It comes behind the #, which browsers send to nobody, and leaves the address at once.
const brought = new URLSearchParams(location.hash.slice(1)).get('token') ?? ''
if (location.hash) history.replaceState(null, '', location.pathname + location.search)

export function Enrol() {
  const { t, language } = useSpeech()
  const client = useQueryClient()
  const navigate = useNavigate()
  const who = useMe()
  const [step, go] = useState<'account' | 'app'>('account')
  const [form, set] = useState({ token: brought, email: '', username: '', password: '' })
  const make = useMutation({
    mutationFn: async () => {
      await open('/api/auth/enrol-owner', { ...form, token: form.token.trim(), language })
      await open('/api/auth/login', { email: form.email, password: form.password, device: device() })
      await client.fetchQuery({ ...whoQuery, staleTime: 0 })
      set({ token: '', email: form.email, username: '', password: '' })
      go('app')
    },
  })
  const field = (name: keyof typeof form) => ({ id: `enrol-${name}`, value: form[name], onChange: (event: { target: { value: string } }) => set({ ...form, [name]: event.target.value }), required: true })
  if (step === 'app')
    return (
      <Alone title={t.enrol.appTitle} says={t.enrol.appSays}>
        <Authenticator label={form.email} onDone={() => void client.fetchQuery({ ...whoQuery, staleTime: 0 }).then(() => navigate({ to: '/' }))} />
        {who?.factor_required ? null : <p className="t3 xs"><Link to="/">{t.enrol.later}</Link></p>}
      </Alone>
    )
  return (
    <Alone title={t.enrol.title} says={t.enrol.says}>
      {make.error ? <Failed error={make.error} /> : null}
      <form className="stack" onSubmit={(event) => { event.preventDefault(); make.mutate() }}>
        <Field label={t.enrol.token} hint={t.enrol.tokenHint} dir="ltr" autoComplete="off" {...field('token')} />
        <Field label={t.signIn.email} type="email" dir="ltr" autoComplete="username" maxLength={254} {...field('email')} />
        <Field label={t.enrol.name} autoComplete="nickname" maxLength={255} {...field('username')} />
        <Field label={t.signIn.password} hint={t.enrol.passwordHint} type="password" dir="ltr" autoComplete="new-password" minLength={8} maxLength={1024} {...field('password')} />
        <Button look="pri" size="lg" className="wide" type="submit" id="enrol" busy={make.isPending}>{t.enrol.act}</Button>
      </form>
      <p className="t3 xs"><Link to="/sign-in">{t.enrol.toSignIn}</Link></p>
    </Alone>
  )
}
