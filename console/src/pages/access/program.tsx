// A program that waits to be let in (RFC 8628): its code, who it says it is, and the answer.
import { useMutation } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import { post } from '../../api/client'
import { useMe } from '../../api/queries'
import { useHere } from '../../app/place'
import { useSpeech } from '../../i18n'
import { Button } from '../../kit/button'
import { Field } from '../../kit/field'
import { Icon } from '../../kit/icon'
import { Failed } from '../../kit/state-box'
import { used } from '../sign-in/brought'

interface Waiting {
  device: string
  started_at: string
}

export function Program() {
  const { t, clock } = useSpeech()
  const who = useMe()
  const [code, type] = useState('')
  const begun = useRef(false)
  const look = useMutation({ mutationFn: async (given: string) => ({ code: given, ...(await post<Waiting>('/api/auth/device/lookup', { user_code: given })) }) })
  const answer = useMutation({ mutationFn: (word: 'approve' | 'deny') => post(`/api/auth/device/${word}`, { user_code: look.data!.code }).then(() => word) })
  useHere([{ word: t.nav.settings, to: '/settings' }, { word: t.access.programTitle }])
  // One that came with the address is looked up at once; answering it is the person's own act.
  useEffect(() => {
    if (begun.current) return
    begun.current = true
    const given = used('code')
    if (!given) return
    type(given)
    look.mutate(given.trim().toUpperCase())
  })
  const again = () => { type(''); look.reset(); answer.reset() }
  const waiting = look.data
  return (
    <main id="main">
      <div className="head"><div><h1>{answer.data ? (answer.data === 'approve' ? t.access.approved : t.access.denied) : waiting ? t.access.asks : t.access.programTitle}</h1>{waiting ? null : <p>{t.access.programSays}</p>}</div></div>
      <div className="stack narrow-card">
        {answer.data ? (
          <section className="card body-card stack" id="device-done" role="status">
            <p className="t2">{t.access.doneSays}</p>
            <div className="rowx s2"><Link className="btn" to="/people" search={{ tab: 'sessions' }}>{t.access.sessions}</Link><Button look="quiet" onClick={again}>{t.access.another}</Button></div>
          </section>
        ) : waiting ? (
          <section className="card body-card stack" id="device-asks">
            <dl className="kv">
              <dt>{t.access.program}</dt><dd id="device-name"><bdi>{waiting.device || '–'}</bdi></dd>
              <dt>{t.access.programCode}</dt><dd><code id="device-code">{waiting.code}</code></dd>
              <dt>{t.access.since}</dt><dd><bdi className="n">{clock(waiting.started_at)}</bdi></dd>
              <dt>{t.access.as}</dt><dd id="device-as"><bdi>{who?.user?.state.account?.email ?? who?.principal}</bdi></dd>
            </dl>
            <p className="t2">{t.access.effect}</p>
            <div className="note warn"><Icon name="warn" /><div>{t.access.warning}</div></div>
            {answer.error ? <Failed error={answer.error} /> : null}
            <div className="rowx s2"><Button id="device-deny" busy={answer.isPending} onClick={() => answer.mutate('deny')}>{t.access.deny}</Button><Button look="pri" id="device-approve" busy={answer.isPending} onClick={() => answer.mutate('approve')}>{t.access.approve}</Button></div>
          </section>
        ) : (
          <form className="card body-card stack" onSubmit={(event) => { event.preventDefault(); look.mutate(code.trim().toUpperCase()) }}>
            {look.error ? <Failed error={look.error} /> : null}
            <Field id="user-code" className="in mono" label={t.access.programCode} hint={t.access.programHint} dir="ltr" autoComplete="off" autoCapitalize="characters" spellCheck={false} required maxLength={16} value={code} onChange={(event) => type(event.target.value)} />
            <div><Button look="pri" type="submit" id="device-look" busy={look.isPending}>{t.access.look}</Button></div>
          </form>
        )}
      </div>
    </main>
  )
}
