import { useState } from 'react'
import { Button } from './button'
import { Field } from './field'

/** Six digits, left to right in every language; one field, so that paste and the phone's own suggestion work. */
export function OneTimeCode({ label, act, busy, onDone, hint }: { label: string; act: string; busy: boolean; onDone: (code: string) => void; hint?: string }) {
  const [code, type] = useState('')
  return (
    <form className="stack" onSubmit={(event) => { event.preventDefault(); if (code.length === 6) { onDone(code); type('') } }}>
      <Field id="code" label={label} hint={hint} className="in otp-in" dir="ltr" inputMode="numeric" autoComplete="one-time-code" pattern="[0-9]{6}" required autoFocus value={code} onChange={(event) => type(event.target.value.replace(/\D/g, '').slice(0, 6))} />
      <Button look="pri" size="lg" className="wide" type="submit" id="give-code" busy={busy}>{act}</Button>
    </form>
  )
}
