// A new thing of a kind: where, what it is called, and the fields of the command that makes it.
import { useState } from 'react'
import type { Command } from '../api/types'
import { useT } from '../i18n'
import { Act } from './acts'
import { Button } from './button'
import { Ask } from './dialog'
import { Choice, Field } from './field'

export function Create({ kind, command, tenants, onClose }: { kind: string; command: Command; tenants: string[]; onClose: () => void }) {
  const t = useT()
  const [tenant, at] = useState(tenants[0] ?? '')
  const [id, name] = useState('')
  const [named, go] = useState(false)
  const root = kind === 'tenant'
  if (named) return <Act target={{ tenant: root ? id : tenant, kind, id }} command={command} onClose={onClose} />
  const fine = /^[a-z0-9]([a-z0-9._-]*[a-z0-9])?$/.test(id) && (root || tenant !== '')
  return (
    <Ask open onClose={onClose} title={t.kinds.create(t.kindWord(kind))} icon="plus" says={command.doc} footer={<Button look="pri" aria-disabled={!fine || undefined} onClick={() => fine && go(true)}>{t.acts.preview}</Button>}>
      {root ? null : <Choice id="new-tenant" label={t.kinds.tenant} value={tenant} onChange={(event) => at(event.target.value)} options={tenants.map((one) => [one, one])} />}
      <Field id="new-id" label={t.kinds.id} dir="ltr" autoComplete="off" value={id} onChange={(event) => name(event.target.value)} />
    </Ask>
  )
}
