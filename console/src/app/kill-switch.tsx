// Whether AI may act, on every page: the state of the kill switch, the band when one is engaged, and the two steps that engage
// or release it.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Problem, get, post } from '../api/client'
import { tenantsQuery, useMe } from '../api/queries'
import { useSpeech } from '../i18n'
import { Button } from '../kit/button'
import { Ask } from '../kit/dialog'
import { Choice, Field, TextField } from '../kit/field'
import { Icon } from '../kit/icon'
import { Person } from '../kit/person'
import { Failed } from '../kit/state-box'

interface Engaged {
  scope: string
  target: string
  reason: string
  reason_ar: string
  by: string
  at: string
  until?: string
  epoch: number
}
interface Switches {
  known: boolean
  global: boolean
  external: boolean
  epoch: number
  engaged: Engaged[]
}

export const useSwitches = () => {
  const asked = useQuery({ queryKey: ['kill'], queryFn: ({ signal }) => get<Switches>('/v1/kill-switch', signal), retry: false, staleTime: 30_000 })
  // Who may not know of it, and a node without one, have no such box.
  return asked.error instanceof Problem ? null : (asked.data ?? null)
}

const keyOf = (one: Engaged) => `${one.scope}/${one.target}`

function Engage({ onClose }: { onClose: () => void }) {
  const { t, number } = useSpeech()
  const client = useQueryClient()
  const tenants = useQuery(tenantsQuery)
  const [form, set] = useState({ scope: 'global', target: '', reason: '', reason_ar: '', minutes: '' })
  const [second, go] = useState(false)
  const fits = form.scope !== 'tenant' || form.target !== ''
  const query = `scope=${form.scope}${form.scope === 'tenant' ? `&target=${encodeURIComponent(form.target)}` : ''}`
  const preview = useQuery({ queryKey: ['kill', 'preview', query], queryFn: ({ signal }) => get<{ works: unknown[] }>(`/v1/kill-switch/preview?${query}`, signal), enabled: fits, retry: false })
  const engage = useMutation({
    mutationFn: () => post('/v1/kill-switch/activate', { scope: form.scope, ...(form.scope === 'tenant' ? { target: form.target } : {}), reason: form.reason, reason_ar: form.reason_ar, ...(form.minutes ? { auto_reactivate_minutes: Number(form.minutes) } : {}) }),
    onSuccess: () => { void client.invalidateQueries({ queryKey: ['kill'] }); onClose() },
  })
  const put = (name: keyof typeof form) => (event: { target: { value: string } }) => set({ ...form, [name]: event.target.value })
  const works = preview.data?.works.length ?? 0
  const ready = fits && form.reason.trim() !== '' && form.reason_ar.trim() !== ''
  return (
    <Ask open onClose={onClose} title={t.kill.title} icon="power" family="bad" says={t.kill.says}
      footer={second ? <Button look="dng" id="kill-now" busy={engage.isPending} onClick={() => engage.mutate()}>{t.kill.now(number(works))}</Button> : <Button look="pri" id="kill-next" aria-disabled={!ready || undefined} onClick={() => ready && go(true)}>{t.kill.next}</Button>}>
      {second ? (
        <div className="impact">
          <div><span className="t3 xs">{t.kill.stops}</span><p className="m">{t.kill.scopes[form.scope as 'global']}{form.target ? <> <code>{form.target}</code></> : null}</p><p className="t2">{t.kill.works(works)}</p></div>
          <div><span className="t3 xs">{t.kill.keeps}</span><p>{t.kill.keepsSays}</p><span className="t3 xs">{t.acts.back}</span><p>{form.minutes ? t.kill.bySelf(form.minutes) : t.kill.byHand}</p></div>
          <div className="said"><span className="t3 xs">{t.inbox.reason}</span><p lang="en" dir="ltr">{form.reason}</p><p className="t2" lang="ar" dir="rtl">{form.reason_ar}</p></div>
        </div>
      ) : (
        <div className="stack s3">
          <Choice id="kill-scope" label={t.kill.scope} value={form.scope} onChange={put('scope')} options={(['global', 'external_only', 'tenant'] as const).map((one) => [one, t.kill.scopes[one]])} />
          {form.scope === 'tenant' ? <Choice id="kill-target" label={t.kinds.tenant} value={form.target} onChange={put('target')} options={[['', '–'], ...(tenants.data?.items ?? []).map((one) => [one.id, one.id] as const)]} /> : null}
          <TextField id="kill-reason" label={t.kill.reason} value={form.reason} onChange={put('reason')} rows={2} lang="en" dir="ltr" />
          <TextField id="kill-reason-ar" label={t.kill.reasonAr} value={form.reason_ar} onChange={put('reason_ar')} rows={2} lang="ar" dir="rtl" />
          <Choice id="kill-minutes" label={t.kill.until} value={form.minutes} onChange={put('minutes')} options={[['', t.kill.byHand], ['30', t.kill.bySelf('30')], ['120', t.kill.bySelf('120')], ['1440', t.kill.bySelf('1440')]]} />
        </div>
      )}
      {engage.error ? <Failed error={engage.error} /> : null}
    </Ask>
  )
}

function Release({ one, onClose }: { one: Engaged; onClose: () => void }) {
  const { t, language } = useSpeech()
  const client = useQueryClient()
  const [reason, set] = useState('')
  const [code, type] = useState('')
  const release = useMutation({ mutationFn: () => post('/v1/kill-switch/deactivate', { scope: one.scope, ...(one.target ? { target: one.target } : {}), reason, ...(code ? { code } : {}) }), onSuccess: () => { void client.invalidateQueries({ queryKey: ['kill'] }); onClose() } })
  return (
    <Ask open onClose={onClose} title={t.kill.releaseTitle} icon="power" family="neutral" says={language === 'ar' ? one.reason_ar : one.reason} footer={<Button look="pri" id="release-now" busy={release.isPending} aria-disabled={!reason.trim() || undefined} onClick={() => reason.trim() && release.mutate()}>{t.kill.releaseNow}</Button>}>
      <p>{t.kill.releaseSays}</p>
      <TextField id="release-reason" label={t.inbox.reason} value={reason} onChange={(event) => set(event.target.value)} />
      <Field id="release-code" className="in otp-in" label={t.signIn.code} dir="ltr" inputMode="numeric" autoComplete="one-time-code" value={code} onChange={(event) => type(event.target.value)} />
      {release.error ? <Failed error={release.error} /> : null}
    </Ask>
  )
}

/** Above everything while a switch is engaged: who, when, why, and how it ends. */
export function Band() {
  const { t, language, clock } = useSpeech()
  const switches = useSwitches()
  const [releasing, release] = useState<Engaged | null>(null)
  const owner = useMe()?.root_owner === true
  if (!switches?.engaged.length) return null
  return (
    <>
      <div className="band" role="alert">
        {switches.engaged.slice(0, 3).map((one) => (
          <div key={keyOf(one)} className="rowx sp">
            <Icon name="stop" /><span>{t.kill.engaged(t.kill.scopes[one.scope as 'global'] ?? one.scope, one.target)}</span>
            <span className="sp"><Person id={one.by} />, <span className="n">{clock(one.at)}</span>: <bdi>{language === 'ar' ? one.reason_ar : one.reason}</bdi></span>
            <button type="button" className="link-band" aria-disabled={!owner || undefined} title={owner ? undefined : t.kill.ownerOnly} onClick={() => owner && release(one)}>{t.kill.release}</button>
          </div>
        ))}
      </div>
      {releasing ? <Release one={releasing} onClose={() => release(null)} /> : null}
    </>
  )
}

/** At the foot of the navigation. */
export function SwitchBox() {
  const { t } = useSpeech()
  const switches = useSwitches()
  const owner = useMe()?.root_owner === true
  const [engaging, engage] = useState(false)
  if (!switches) return null
  const on = switches.engaged.length > 0 || !switches.known
  return (
    <div className={`switch${on ? ' on' : ''}`} data-switch={on ? 'engaged' : 'armed'}>
      <div className="row"><span className={`st ${on ? 'bad' : 'ok'}`}><Icon name={on ? 'stop' : 'ok'} /><span>{!switches.known ? t.kill.unknown : on ? (switches.global ? t.frame.aiStopped : t.kill.partly) : t.frame.aiMay}</span></span></div>
      <span className="xs t3">{on ? t.kill.epoch(switches.epoch) : t.frame.switchArmed(switches.epoch)}</span>
      <Button size="sm" look="dngo" icon="power" id="stop-ai" whyNot={owner ? undefined : t.kill.ownerOnly} onClick={() => engage(true)}><span>{t.kill.stop}</span></Button>
      {engaging ? <Engage onClose={() => engage(false)} /> : null}
    </div>
  )
}
