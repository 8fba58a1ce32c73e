// Another password: asked for by mail, then set with the mail's link.
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { open, Problem } from '../../api/client'
import { useT } from '../../i18n'
import { Button } from '../../kit/button'
import { Field } from '../../kit/field'
import { Failed } from '../../kit/state-box'
import { Alone } from './frame'

export function Forgot({ onDone, onBack }: { onDone: (said: string) => void; onBack: () => void }) {
  const t = useT()
  const [email, set] = useState('')
  const ask = useMutation({ mutationFn: () => open('/api/auth/password/forgot', { email }), onSuccess: () => onDone(t.access.forgotDone) })
  const none = ask.error instanceof Problem && ask.error.code === 'auth.method_disabled'
  return (
    <Alone title={t.access.forgotTitle} says={t.access.forgotSays}>
      {none ? <div className="note" role="alert"><div>{t.access.noMail}</div></div> : ask.error ? <Failed error={ask.error} lost={t.signIn.tryAgain} /> : null}
      <form className="stack" onSubmit={(event) => { event.preventDefault(); ask.mutate() }}>
        <Field id="forgot-email" label={t.signIn.email} type="email" dir="ltr" autoComplete="username" required maxLength={254} value={email} onChange={(event) => set(event.target.value)} autoFocus />
        <Button look="pri" size="lg" className="wide" type="submit" id="forgot-send" busy={ask.isPending}>{t.access.forgotAct}</Button>
      </form>
      <p className="t3 xs"><button type="button" className="link" onClick={onBack}>{t.signIn.back}</button></p>
    </Alone>
  )
}

export function Reset({ token, onDone, onBack }: { token: string; onDone: (said: string) => void; onBack: () => void }) {
  const t = useT()
  const [password, set] = useState('')
  const put = useMutation({ mutationFn: () => open('/api/auth/password/reset', { token, password }), onSuccess: () => onDone(t.access.resetDone) })
  return (
    <Alone title={t.access.resetTitle} says={t.access.resetSays}>
      {put.error ? <Failed error={put.error} lost={t.signIn.tryAgain} /> : null}
      <form className="stack" onSubmit={(event) => { event.preventDefault(); put.mutate() }}>
        <Field id="reset-password" label={t.settings.after} hint={t.enrol.passwordHint} type="password" dir="ltr" autoComplete="new-password" required minLength={8} maxLength={1024} value={password} onChange={(event) => set(event.target.value)} autoFocus />
        <Button look="pri" size="lg" className="wide" type="submit" id="reset" busy={put.isPending}>{t.access.resetAct}</Button>
      </form>
      <p className="t3 xs"><button type="button" className="link" onClick={onBack}>{t.signIn.back}</button></p>
    </Alone>
  )
}
