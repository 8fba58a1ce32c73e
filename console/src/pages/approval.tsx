// One act that waits for people: exactly what will be done, why it waits, who must agree, until when; and yes or no.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { post, seg } from '../api/client'
import { useMe } from '../api/queries'
import { useSpeech } from '../i18n'
import { Button } from '../kit/button'
import { Ask } from '../kit/dialog'
import { Facts } from '../kit/facts'
import { Field, TextField } from '../kit/field'
import { Icon } from '../kit/icon'
import { Failed } from '../kit/state-box'
import { Status } from '../kit/status'
import { hasPasskeys, sign, type Begun } from './sign-in/passkey'

export interface ApprovalState {
  status: string
  act: { target: string; command: string; impact: number; by: string; person: string; shown: unknown; digest: string; constitution: string }
  rules: { id: string; en: string; ar: string; gate: string }[]
  groups: { name: string; quorum: number; roles: string[]; permissions: string[] }[]
  votes: { user: string; group: string; reason: string; factor: string; at: string }[]
  second_factor: boolean
  requested_at: string
  expires_at: string
}
export interface Approval {
  id: string
  tenant: string
  status: string
  created_at: string
  state: ApprovalState
}

/** Text alone ticks; a reader hears it at ten, five and one minute. */
export function Countdown({ until }: { until: string }) {
  const { t } = useSpeech()
  const left = () => Math.max(0, Math.floor((Date.parse(until) - Date.now()) / 1000))
  const [seconds, set] = useState(left)
  useEffect(() => {
    const timer = setInterval(() => set(left()), 1000)
    return () => clearInterval(timer)
  }, [until])
  const minutes = Math.floor(seconds / 60)
  const hours = Math.floor(minutes / 60)
  const text = hours > 0 ? `${hours}:${String(minutes % 60).padStart(2, '0')}:${String(seconds % 60).padStart(2, '0')}` : `${String(minutes).padStart(2, '0')}:${String(seconds % 60).padStart(2, '0')}`
  return <><span className="clock n" aria-hidden="true">{text}</span><span className="sr" role="timer" aria-live={[600, 300, 60].includes(seconds) ? 'polite' : 'off'}>{t.inbox.left(minutes)}</span></>
}

const idOf = (target: string) => target.split('/').slice(2).join('/') || target

function Decide({ one, yes, onClose }: { one: Approval; yes: boolean; onClose: () => void }) {
  const { t } = useSpeech()
  const client = useQueryClient()
  const [reason, say] = useState('')
  const [code, type] = useState('')
  const path = `/v1/tenants/${seg(one.tenant)}/approvals/${seg(one.id)}`
  const done = () => { void client.invalidateQueries({ queryKey: ['approvals'] }); void client.invalidateQueries({ queryKey: ['list', 'approval'] }); onClose() }
  const act = useMutation({ mutationFn: (passkey: object | null) => post(`${path}/${yes ? 'approve' : 'reject'}`, yes ? { reason, ...(passkey ? { passkey } : code ? { code } : {}) } : { reason }), onSuccess: done })
  const byKey = useMutation({ mutationFn: async () => act.mutateAsync(await sign(await post<Begun>(`${path}/approve/options`))) })
  const needs = yes && one.state.second_factor
  const ready = yes ? !needs || code.trim() !== '' : reason.trim() !== ''
  const word = `${one.state.act.command} ${idOf(one.state.act.target)}`
  return (
    <Ask open onClose={onClose} title={yes ? t.inbox.approveTitle(word) : t.inbox.rejectTitle(word)} icon={yes ? 'check' : 'x'} family={yes ? 'held' : 'bad'} says={yes ? t.inbox.approveSays : t.inbox.rejectSays}
      footer={<Button look={yes ? 'pri' : 'dng'} id="decide-now" busy={act.isPending} aria-disabled={!ready || undefined} onClick={() => ready && act.mutate(null)}>{yes ? t.inbox.approveNow(word) : t.inbox.rejectNow(word)}</Button>}>
      <TextField id="decide-reason" label={t.inbox.reason} value={reason} onChange={(event) => say(event.target.value)} />
      {needs ? <Field id="decide-code" className="in otp-in" label={t.signIn.code} dir="ltr" inputMode="numeric" autoComplete="one-time-code" value={code} onChange={(event) => type(event.target.value)} /> : null}
      {needs && hasPasskeys() ? <div><Button icon="key" busy={byKey.isPending} onClick={() => byKey.mutate()}>{t.signIn.passkey}</Button></div> : null}
      <p className="xs t3">{t.inbox.digest} <code>{one.state.act.digest}</code></p>
      {(act.error ?? byKey.error) ? <Failed error={act.error ?? byKey.error} /> : null}
    </Ask>
  )
}

export function ApprovalPage({ one }: { one: Approval }) {
  const { t, language, age, clock } = useSpeech()
  const who = useMe()
  const [deciding, decide] = useState<'yes' | 'no' | null>(null)
  const { act, rules, groups, votes } = one.state
  const own = who !== null && act.person === who.principal
  const voted = who !== null && votes.some((vote) => vote.user === who.principal)
  const shut = own && !who?.root_owner ? t.inbox.own : voted ? t.inbox.voted : undefined
  const shown = typeof act.shown === 'string' ? safe(act.shown) : act.shown
  return (
    <div className="open">
      <div className="body">
        <div className="wrap">
          <div className="stack">
            <div className="stack s1"><Status status="held" word={t.inbox.approval} /><h1 className="break"><bdi>{act.command}</bdi> <bdi>{idOf(act.target)}</bdi></h1><p className="t2"><code>{act.target}</code> · {t.inbox.askedBy} <bdi>{act.by}</bdi> · <bdi>{age(one.state.requested_at)}</bdi></p></div>
            <section className="sec"><h2>{t.inbox.willDo}</h2>{shown && typeof shown === 'object' && Object.keys(shown).length ? <Facts of={shown as Record<string, unknown>} /> : <p className="t3">{t.inbox.noFields}</p>}</section>
            <section className="sec"><h2>{t.inbox.whyHeld}</h2><ol className="why">{rules.map((rule) => <li key={rule.id}><Icon name="held" className="held" /><div className="m">{language === 'ar' ? rule.ar : rule.en}</div><div className="t2"><code className="rule">{rule.id}</code> <code className="rule">{rule.gate}</code></div></li>)}</ol></section>
            <section className="sec"><h2>{t.inbox.digest}</h2><code className="break">{act.digest}</code></section>
          </div>
          <div className="asd stack">
            <div className="full"><span className="t3 xs">{t.inbox.timeLeft}</span><div><Countdown until={one.state.expires_at} /></div><span className="t3 xs">{t.inbox.lapses} <span className="n">{clock(one.state.expires_at)}</span></span></div>
            <div><span className="t3 xs">{t.inbox.votes}</span><ul className="stack s1">{groups.map((group) => <li key={group.name}><span className="m"><bdi>{group.name}</bdi></span> <span className="n">{votes.filter((vote) => vote.group === group.name || vote.group === '').length}/{group.quorum}</span><div className="t3 xs">{[...group.roles, ...group.permissions].map((role) => <code key={role} className="rule">{role}</code>)}</div></li>)}</ul></div>
            {votes.length ? <div><span className="t3 xs">{t.inbox.agreed}</span><ul className="stack s1">{votes.map((vote) => <li key={vote.user}><bdi>{vote.user}</bdi> <span className="t3 n xs">{clock(vote.at)}</span></li>)}</ul></div> : null}
            <div><span className="t3 xs">{t.acts.impact(act.impact)}</span></div>
          </div>
        </div>
      </div>
      <div className="decide">
        <span className="t3 full2"><span className="n">{votes.length}</span> / <span className="n">{groups.reduce((sum, group) => sum + group.quorum, 0)}</span> {t.inbox.votes}</span>
        <Button size="lg" look="dngo" id="reject" whyNot={shut} onClick={() => decide('no')}>{t.inbox.reject}</Button>
        <Button size="lg" look="pri" id="approve" whyNot={shut} onClick={() => decide('yes')}>{t.inbox.approve}</Button>
      </div>
      {deciding ? <Decide one={one} yes={deciding === 'yes'} onClose={() => decide(null)} /> : null}
    </div>
  )
}

function safe(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return { value: text }
  }
}
