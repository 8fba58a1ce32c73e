// One act that waits for people: exactly what will be done, why it waits, who must agree, until when; and yes or no.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Fragment, useEffect, useState } from 'react'
import { post, seg } from '../api/client'
import type { Item } from '../api/types'
import { useMe } from '../api/queries'
import { useSpeech } from '../i18n'
import type { Words } from '../i18n/en'
import { Button } from '../kit/button'
import { useCommands, wordOfAct } from '../kit/acts'
import { Ask } from '../kit/dialog'
import { Facts } from '../kit/facts'
import { Choice, Field, TextField } from '../kit/field'
import { Icon } from '../kit/icon'
import { Person } from '../kit/person'
import { Failed } from '../kit/state-box'
import { Tag } from '../kit/status'
import { hasPasskeys, sign, type Begun } from './sign-in/passkey'

export type Approval = Item<'approval'>

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

type Act = Approval['state']['act']
export const wordsOfAct = (t: Words, act: Act) => `${wordOfAct(t, act.command)} ${act.target.id}`

function Decide({ one, yes, onClose }: { one: Approval; yes: boolean; onClose: () => void }) {
  const { t, language } = useSpeech()
  const client = useQueryClient()
  const [reason, say] = useState('')
  const [code, type] = useState('')
  const [remedy, choose] = useState('')
  const path = `/v1/tenants/${seg(one.tenant)}/approvals/${seg(one.id)}`
  const done = () => { void client.invalidateQueries({ queryKey: ['approvals'] }); void client.invalidateQueries({ queryKey: ['one', one.tenant, 'approval', one.id] }); void client.invalidateQueries({ queryKey: ['list', 'approval'] }); onClose() }
  const act = useMutation({ mutationFn: (passkey: object | null) => post(`${path}/${yes ? 'approve' : 'reject'}`, yes ? { reason, ...(remedy ? { remedy } : {}), ...(passkey ? { passkey } : code ? { code } : {}) } : { reason }), onSuccess: done })
  const byKey = useMutation({ mutationFn: async () => act.mutateAsync(await sign(await post<Begun>(`${path}/approve/options`))) })
  const needs = yes && one.state.second_factor
  // The first yes named the way out, and the others agree to that one.
  const choice = yes && one.state.remedies.length > 1 ? one.state.remedies.filter((its) => !one.state.remedy || its.name === one.state.remedy) : []
  const ready = yes ? (!needs || code.trim() !== '') && (!choice.length || remedy !== '') : reason.trim() !== ''
  const word = wordsOfAct(t, one.state.act)
  return (
    <Ask open onClose={onClose} title={yes ? t.inbox.approveTitle(word) : t.inbox.rejectTitle(word)} icon={yes ? 'check' : 'x'} family={yes ? 'held' : 'bad'} says={yes ? t.inbox.approveSays : t.inbox.rejectSays}
      footer={<Button look={yes ? 'pri' : 'dng'} id="decide-now" busy={act.isPending} aria-disabled={!ready || undefined} onClick={() => ready && act.mutate(null)}>{yes ? t.inbox.approveNow(word) : t.inbox.rejectNow(word)}</Button>}>
      {choice.length ? <Choice id="decide-remedy" label={t.inbox.choose} value={remedy} onChange={(event) => choose(event.target.value)} options={[['', '–'], ...choice.map((its) => [its.name, language === 'ar' ? its.ar : its.en] as const)]} /> : null}
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
  const client = useQueryClient()
  const back = useMutation({ mutationFn: () => post(`/v1/tenants/${seg(one.tenant)}/approvals/${seg(one.id)}/cancel`, {}), onSuccess: () => void client.invalidateQueries({ queryKey: ['one', one.tenant, 'approval', one.id] }) })
  const [deciding, decide] = useState<'yes' | 'no' | null>(null)
  const { act, rules, groups, votes } = one.state
  const waits = one.status === 'pending'
  const own = who !== null && act.person === who.principal
  const voted = who !== null && votes.some((vote) => vote.user === who.principal)
  const shut = own && !who?.root_owner ? t.inbox.own : voted ? t.inbox.voted : undefined
  const command = useCommands(act.target.kind)?.find((its) => its.name === act.command)
  const shown = typeof act.shown === 'string' ? safe(act.shown) : act.shown
  return (
    <div className="open">
      <div className="body" tabIndex={0} role="group" aria-label={t.inbox.willDo}>
        <div className="wrap">
          <div className="stack">
            <div className="stack s1"><div>{waits ? <Tag status="held" word={t.inbox.approval} /> : <Tag status={one.status} />}</div><h1 className="break">{wordOfAct(t, act.command)} <bdi>{act.target.id}</bdi></h1><p className="t2"><code>{`${act.target.tenant}/${act.target.kind}/${act.target.id}`}</code> · {t.inbox.askedBy} <Person id={act.by.id} /> · <bdi>{age(one.state.requested_at)}</bdi></p></div>
            {waits ? null : <Outcome state={one.state} status={one.status} />}
            <section className="sec"><h2>{t.inbox.willDo}</h2>{shown && typeof shown === 'object' && Object.keys(shown).length ? <Facts of={shown as Record<string, unknown>} /> : <p className="t3">{t.inbox.noFields}</p>}
              {command ? <dl className="kv"><dt>{t.acts.effect}</dt><dd><bdi>{command.doc}</bdi></dd><dt>{t.acts.back}</dt><dd>{command.destructive && act.impact >= 8 ? t.acts.irreversible : t.acts.reversible}</dd></dl> : null}</section>
            <section className="sec"><h2>{t.inbox.whyHeld}</h2><ol className="why">{rules.map((rule) => <li key={rule.id}><Icon name="held" className="held" /><div className="m">{language === 'ar' ? rule.ar : rule.en}</div><div className="t2"><code className="rule">{rule.id}</code> <code className="rule">{rule.gate}</code></div></li>)}</ol></section>
            {one.state.remedies.length > 1 ? <section className="sec"><h2>{t.inbox.options}</h2><dl className="kv">{one.state.remedies.map((its) => <Fragment key={its.name}><dt><code>{its.name}</code></dt><dd>{language === 'ar' ? its.ar : its.en}</dd></Fragment>)}</dl></section> : null}
            <section className="sec"><h2>{t.inbox.digest}</h2><div><code title={act.digest}>{`${act.digest.slice(0, 23)} … ${act.digest.slice(-8)}`}</code></div></section>
          </div>
          <div className="asd stack">
            {waits ? <div className="full"><span className="t3 xs">{t.inbox.timeLeft}</span><div><Countdown until={one.state.expires_at} /></div><span className="t3 xs">{t.inbox.lapses} <span className="n">{clock(one.state.expires_at)}</span></span></div> : null}
            <div><span className="t3 xs">{t.inbox.votes}</span><ul className="stack s1">{groups.map((group) => <li key={group.name}><span className="m"><bdi>{group.name}</bdi></span> <span className="n">{votes.filter((vote) => vote.group === group.name || vote.group === '').length}/{group.quorum}</span><div className="t3 xs">{[...group.roles, ...group.permissions].map((role) => <code key={role} className="rule">{role}</code>)}</div></li>)}</ul></div>
            {votes.length ? <div><span className="t3 xs">{t.inbox.agreed}</span><ul className="stack s1">{votes.map((vote) => <li key={vote.user}><Icon name="ok" className="ok" /> <Person id={vote.user} /> <span className="t3 n xs">{clock(vote.at)}</span><div className="t3 xs">{t.waits.factors[vote.factor] ?? vote.factor}{vote.reason ? <> · <bdi>{vote.reason}</bdi></> : null}</div></li>)}</ul></div> : null}
            <div><span className="t3 xs">{t.acts.impact(act.impact)}</span></div>
          </div>
        </div>
      </div>
      {!waits ? null : <div className="decide">
        <span className="phone left full2"><Countdown until={one.state.expires_at} /> <span className="t3">{t.inbox.lapses} <span className="n">{clock(one.state.expires_at)}</span></span></span>
        <span className="t3 full2" data-votes><span className="n">{votes.length}</span> / <span className="n">{groups.reduce((sum, group) => sum + group.quorum, 0)}</span> {t.inbox.votes}</span>
        <Button size="lg" look="dngo" id="reject" whyNot={shut} onClick={() => decide('no')}>{t.inbox.reject}</Button>
        <Button size="lg" look="pri" id="approve" whyNot={shut} onClick={() => decide('yes')}>{t.inbox.approve}</Button>
        {own ? <Button size="lg" id="take-back" busy={back.isPending} onClick={() => back.mutate()}>{t.waits.back}</Button> : null}
        {back.error ? <Failed error={back.error} /> : null}
      </div>}
      {deciding ? <Decide one={one} yes={deciding === 'yes'} onClose={() => decide(null)} /> : null}
    </div>
  )
}

function Outcome({ state, status }: { state: Approval['state']; status: string }) {
  const { t, clock } = useSpeech()
  const fine = status === 'executed' || status === 'approved'
  return (
    <div className={`note ${fine ? 'ok' : status === 'execution_failed' ? 'bad' : ''}`} data-outcome={status} role="status">
      <Icon name={fine ? 'ok' : status === 'rejected' ? 'bad' : status === 'execution_failed' ? 'bad' : 'idle'} />
      <div className="stack s1">
        <div className="m">{t.waits.outcome[status] ?? status}</div>
        {state.decision_reason ? <div>{t.waits.reason}: <bdi>{state.decision_reason}</bdi></div> : null}
        {state.outcome_message && !fine ? <div className="t2"><bdi>{state.outcome_message}</bdi> <code>{state.outcome_code}</code></div> : null}
        {state.decided_by ? <div className="t2">{t.waits.by} <Person id={state.decided_by} />, <span className="n">{clock(state.decided_at)}</span></div> : null}
      </div>
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
