// A draft that may allow more than holds now: it waits a minute, then the owner confirms it with another code.
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { get, post } from '../../api/client'
import { useSpeech } from '../../i18n'
import { Button } from '../../kit/button'
import { Ask } from '../../kit/dialog'
import { Field, TextField } from '../../kit/field'
import { Icon } from '../../kit/icon'
import { Person } from '../../kit/person'
import { Failed } from '../../kit/state-box'

export interface Version {
  version: string
  state: string
  step: string
  digest: string
  by: string
  at: string
}
interface Drafted {
  digest: string
  complete: boolean
  by: string
  at: string
  not_before: string
}

export const historyQuery = queryOptions({ queryKey: ['constitution', 'history'], queryFn: ({ signal }) => get<{ items: Version[]; amendments: number; draft?: Drafted }>('/v1/constitution/history', signal) })

/** The last step before the constitution changes: what follows, the way back, and a fresh second factor. */
export function Seal({ title, word, effect, send, onDone, onClose }: { title: string; word: string; effect: string; send: (proof: { code?: string; reason?: string }) => Promise<unknown>; onDone: () => void; onClose: () => void }) {
  const { t } = useSpeech()
  const client = useQueryClient()
  const [code, type] = useState('')
  const [reason, say] = useState('')
  const go = useMutation({
    mutationFn: () => send({ ...(code.trim() ? { code: code.trim() } : {}), ...(reason.trim() ? { reason: reason.trim() } : {}) }),
    onSuccess: async () => { await client.invalidateQueries({ queryKey: ['constitution'] }); onDone() },
    // A code is good once, whatever came of it.
    onError: () => type(''),
  })
  return (
    <Ask open onClose={onClose} title={title} icon="gov" family="held" says={effect} footer={<Button look="pri" id="amend-go" busy={go.isPending} onClick={() => go.mutate()}>{word}</Button>}>
      <TextField id="amend-reason" label={`${t.amend.reason} (${t.acts.optional})`} rows={2} maxLength={1000} value={reason} onChange={(event) => say(event.target.value)} />
      <Field id="amend-code" className="in otp-in" label={t.amend.code} hint={t.amend.codeHint} dir="ltr" inputMode="text" autoComplete="one-time-code" value={code} onChange={(event) => type(event.target.value)} />
      <div className="stack s1"><span className="t3 xs">{t.amend.back}</span><p>{t.amend.backSays}</p></div>
      {go.error ? <Failed error={go.error} /> : null}
    </Ask>
  )
}

export function Draft({ draft, owner }: { draft: Drafted; owner: boolean }) {
  const { t, clock } = useSpeech()
  const early = () => Date.now() < Date.parse(draft.not_before)
  const [waits, wait] = useState(early)
  const [sealing, seal] = useState(false)
  useEffect(() => {
    wait(early())
    // The button opens by itself when its time has come.
    const timer = setTimeout(() => wait(false), Math.max(0, Date.parse(draft.not_before) - Date.now()) + 250)
    return () => clearTimeout(timer)
  }, [draft.not_before])
  const why = !owner ? t.law.ownerOnly : waits ? t.law.tooEarly : undefined
  return (
    <section className="note held" data-draft={draft.digest} aria-label={t.law.draft}>
      <Icon name="held" />
      <div className="stack s1 sp"><div className="m">{t.law.draft}</div><div>{t.law.draftSays}</div><div className="t2">{t.law.from} <span className="n">{clock(draft.not_before)}</span> · {t.law.by} <Person id={draft.by} /> · <code title={draft.digest}>{draft.digest.slice(0, 19)}…</code></div></div>
      <Button id="confirm" look="pri" whyNot={why} onClick={() => seal(true)}>{t.law.confirm}</Button>
      {sealing ? <Seal title={t.law.confirmTitle} word={t.law.confirmNow} effect={t.law.draftSays} send={(proof) => post('/v1/constitution/confirm', { digest: draft.digest, ...proof })} onDone={() => seal(false)} onClose={() => seal(false)} /> : null}
    </section>
  )
}
