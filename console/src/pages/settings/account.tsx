// One's own second factors and password.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { call, get, post, seg } from '../../api/client'
import { useMe } from '../../api/queries'
import { useSpeech } from '../../i18n'
import { Button } from '../../kit/button'
import { Field } from '../../kit/field'
import { OneTimeCode } from '../../kit/one-time-code'
import { Failed, Skeleton } from '../../kit/state-box'
import { Status } from '../../kit/status'
import { Authenticator } from '../sign-in/authenticator'
import { Link } from '@tanstack/react-router'
import { Icon } from '../../kit/icon'
import { Outside } from '../access/outside'
import { create, hasPasskeys, type Begun } from '../sign-in/passkey'

interface Factor {
  totp: string
  recovery_codes_left?: number
}

function App({ email }: { email: string }) {
  const { t } = useSpeech()
  const client = useQueryClient()
  const [step, go] = useState<'' | 'add' | 'remove'>('')
  const own = useQuery({ queryKey: ['mfa'], queryFn: ({ signal }) => get<Factor>('/api/auth/mfa', signal) })
  const done = () => { go(''); void client.invalidateQueries({ queryKey: ['mfa'] }) }
  const remove = useMutation({ mutationFn: (code: string) => post('/api/auth/mfa/totp/remove', { code }), onSuccess: done })
  if (own.error) return <Failed error={own.error} />
  if (!own.data) return <Skeleton rows={2} />
  const on = own.data.totp === 'active' || own.data.totp === 'verified'
  return (
    <section className="card body-card stack">
      <div className="rowx"><h2 className="sp">{t.settings.app}</h2><Status status={on ? 'active' : 'warn'} word={on ? t.settings.appOn : t.settings.appOff} /></div>
      {on ? <p className="t2">{t.settings.codesLeft(own.data.recovery_codes_left ?? 0)}</p> : null}
      {step === 'add' ? <Authenticator label={email} onDone={done} /> : step === 'remove' ? <>{remove.error ? <Failed error={remove.error} /> : null}<OneTimeCode label={t.settings.code} act={t.settings.removeApp} busy={remove.isPending} onDone={(code) => remove.mutate(code)} /></>
        : <div>{on ? <Button look="dngo" onClick={() => go('remove')}>{t.settings.removeApp}</Button> : <Button look="pri" onClick={() => go('add')}>{t.settings.addApp}</Button>}</div>}
    </section>
  )
}

function Passkeys({ email }: { email: string }) {
  const { t, age } = useSpeech()
  const client = useQueryClient()
  const [name, set] = useState('')
  const own = useQuery({ queryKey: ['passkeys'], queryFn: ({ signal }) => get<{ items: { id: string; state: { name: string; enrolled_at: string } }[] }>('/api/auth/passkeys', signal) })
  const changed = () => { set(''); void client.invalidateQueries({ queryKey: ['passkeys'] }) }
  const add = useMutation({ mutationFn: async () => post('/api/auth/passkeys', await create(await post<Begun>('/api/auth/passkeys/options', { label: email }), name.trim())), onSuccess: changed })
  const remove = useMutation({ mutationFn: (id: string) => call('DELETE', `/api/auth/passkeys/${seg(id)}`), onSuccess: changed })
  const [renaming, rename] = useState<{ id: string; name: string } | null>(null)
  const put = useMutation({ mutationFn: ({ id, name }: { id: string; name: string }) => post(`/api/auth/passkeys/${seg(id)}/rename`, { name: name.trim() }), onSuccess: () => { rename(null); changed() } })
  const root = useMe()?.root_owner
  const error = own.error ?? add.error ?? remove.error ?? put.error
  return (
    <section className="card body-card stack">
      <h2>{t.settings.passkeys}</h2>
      {error ? <Failed error={error} /> : null}
      {root && own.data?.items.length === 0 ? <div className="note warn" id="owner-needs-key"><Icon name="warn" /><div>{t.access.ownerNeedsKey}</div></div> : null}
      {own.data?.items.length ? <ul className="stack s2" id="passkeys">{own.data.items.map((one) => renaming?.id === one.id ? (
        <li key={one.id}><form className="rowx end-row" onSubmit={(event) => { event.preventDefault(); put.mutate(renaming) }}><Field id="passkey-new-name" label={t.access.newName(one.state.name)} required maxLength={64} value={renaming.name} onChange={(event) => rename({ id: one.id, name: event.target.value })} autoFocus /><Button type="submit" size="sm" busy={put.isPending}>{t.access.save}</Button><Button size="sm" look="quiet" onClick={() => rename(null)}>{t.access.cancel}</Button></form></li>
      ) : <li key={one.id} className="rowx"><b className="m sp"><bdi>{one.state.name}</bdi></b><span className="t3 xs">{t.settings.since} <bdi>{age(one.state.enrolled_at)}</bdi></span><Button size="sm" look="quiet" onClick={() => rename({ id: one.id, name: one.state.name })}>{t.access.rename}</Button><Button size="sm" look="dngo" busy={remove.isPending} onClick={() => remove.mutate(one.id)}>{t.acts.words.remove}</Button></li>)}</ul> : <p className="t3">{t.settings.noPasskeys}</p>}
      {hasPasskeys() ? <form className="rowx end-row" onSubmit={(event) => { event.preventDefault(); add.mutate() }}><Field id="passkey-name" label={t.settings.passkeyName} required maxLength={64} value={name} onChange={(event) => set(event.target.value)} /><Button type="submit" icon="key" busy={add.isPending}>{t.settings.addPasskey}</Button></form> : null}
    </section>
  )
}

function Password() {
  const { t } = useSpeech()
  const [form, set] = useState({ before: '', after: '' })
  const change = useMutation({ mutationFn: () => post('/api/auth/password', form), onSettled: () => set({ before: '', after: '' }) })
  return (
    <form className="card body-card stack" onSubmit={(event) => { event.preventDefault(); change.mutate() }}>
      <h2>{t.settings.password}</h2>
      {change.error ? <Failed error={change.error} /> : change.data ? <p className="ok" role="status">{t.settings.changed}</p> : null}
      <Field id="before" type="password" dir="ltr" autoComplete="current-password" label={t.settings.before} required value={form.before} onChange={(event) => set({ ...form, before: event.target.value })} />
      <Field id="after" type="password" dir="ltr" autoComplete="new-password" minLength={8} label={t.settings.after} hint={t.enrol.passwordHint} required value={form.after} onChange={(event) => set({ ...form, after: event.target.value })} />
      <div><Button type="submit" busy={change.isPending}>{t.settings.change}</Button></div>
    </form>
  )
}

function Programs() {
  const { t } = useSpeech()
  return <section className="card body-card stack"><h2>{t.access.programTitle}</h2><p className="t2">{t.access.programSays}</p><div><Link className="btn" to="/device">{t.access.programTitle}…</Link></div></section>
}

export function Account() {
  const email = useMe()?.user?.state.account?.email ?? ''
  return <div className="stack narrow-card"><App email={email} /><Passkeys email={email} /><Outside /><Password /><Programs /></div>
}
