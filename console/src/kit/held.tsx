// An act that was not done yet: by which rule it waits, until when, who decides; to follow or to take back.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { post, seg } from '../api/client'
import type { Waiting } from '../api/types'
import { useSpeech } from '../i18n'
import { Button } from './button'
import { Icon } from './icon'
import { Failed } from './state-box'

export function Held({ waiting }: { waiting: Waiting }) {
  const { t, language, clock } = useSpeech()
  const client = useQueryClient()
  const back = useMutation({ mutationFn: () => post(`/v1/tenants/${seg(waiting.tenant)}/approvals/${seg(waiting.id)}/cancel`, {}), onSuccess: () => void client.invalidateQueries({ queryKey: ['approvals'] }) })
  if (back.isSuccess) return <div className="note" role="status"><Icon name="undo" /><div>{t.waits.takenBack}</div></div>
  return (
    <div className="note held" data-held={waiting.id} role="status">
      <Icon name="held" />
      <div className="stack s2 sp">
        <div className="m">{t.waits.held}</div>
        {waiting.rules.map((rule) => <div key={rule.id}>{language === 'ar' ? rule.ar : rule.en} <code className="rule">{rule.id}</code></div>)}
        <div><span className="t3 xs">{t.waits.needs}</span><ul>{waiting.who_may_decide.map((one) => <li key={one.group}><span className="m">{t.waits.of(one.group, one.missing)}</span> {[...one.roles, ...one.permissions].map((role) => <code key={role} className="rule">{role}</code>)}</li>)}</ul></div>
        <div className="t2">{t.waits.until} <span className="n">{clock(waiting.expires_at)}</span></div>
        <div className="rowx s2 wrap">
          <Link className="btn pri" data-follow to="/inbox" search={{ open: `${waiting.tenant}/approval/${waiting.id}` }}>{t.waits.follow}</Link>
          <Button busy={back.isPending} onClick={() => back.mutate()}>{t.waits.back}</Button>
        </div>
        {back.error ? <Failed error={back.error} /> : null}
      </div>
    </div>
  )
}
