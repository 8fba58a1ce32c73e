import { useMutation } from '@tanstack/react-query'
import { useEffect, useMemo, useRef } from 'react'
import { encode } from 'uqr'
import { post } from '../../api/client'
import { useT } from '../../i18n'
import { Button } from '../../kit/button'
import { Copy } from '../../kit/copy'
import { OneTimeCode } from '../../kit/one-time-code'
import { Failed, Skeleton } from '../../kit/state-box'

/** A QR code as one path: dark on light in both themes, as scanners want it. */
export function Qr({ text, label }: { text: string; label: string }) {
  const { data, size } = useMemo(() => encode(text, { ecc: 'M', border: 2 }), [text])
  const path = data.flatMap((row, y) => row.map((on, x) => (on ? `M${x} ${y}h1v1h-1z` : ''))).join('')
  return (
    <svg className="qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label} shapeRendering="crispEdges">
      <path className="qr-paper" d={`M0 0h${size}v${size}H0z`} /><path className="qr-ink" d={path} />
    </svg>
  )
}

/** Enrols an app: its secret is shown once, the first code proves it, then ten recovery codes are shown once. */
export function Authenticator({ label, onDone }: { label: string; onDone: () => void }) {
  const t = useT()
  const begun = useRef(false)
  const start = useMutation({ mutationFn: () => post<{ secret: string; uri: string }>('/api/auth/mfa/totp', { label }) })
  const prove = useMutation({ mutationFn: (code: string) => post<{ recovery_codes: string[] }>('/api/auth/mfa/totp/verify', { code }) })
  useEffect(() => {
    if (begun.current) return
    begun.current = true
    start.mutate()
  })
  if (prove.data)
    return (
      <div className="stack">
        <div className="note ok"><div><div className="m">{t.enrol.proved}</div><div className="t2">{t.enrol.codesSay}</div></div></div>
        <ul className="codes" id="recovery-codes">{prove.data.recovery_codes.map((code) => <li key={code}><code>{code}</code></li>)}</ul>
        <Copy text={prove.data.recovery_codes.join(' ')} label={t.enrol.copyCodes} />
        <Button look="pri" size="lg" className="wide" id="codes-kept" onClick={onDone}>{t.enrol.kept}</Button>
      </div>
    )
  if (start.error) return <Failed error={start.error} again={() => start.mutate()} />
  if (!start.data) return <Skeleton rows={5} />
  return (
    <div className="stack">
      <div className="qr-row">
        <Qr text={start.data.uri} label={t.enrol.qr} />
        <div className="stack s2"><p className="t2">{t.enrol.scan}</p><span className="t3 xs">{t.enrol.orType}</span><code id="totp-secret" className="secret">{start.data.secret}</code></div>
      </div>
      {prove.error ? <Failed error={prove.error} lost={t.signIn.tryAgain} /> : null}
      <OneTimeCode label={t.enrol.firstCode} act={t.enrol.prove} busy={prove.isPending} onDone={(code) => prove.mutate(code)} />
    </div>
  )
}
