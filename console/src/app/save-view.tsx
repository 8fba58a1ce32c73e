// Names the address of this page, so that the palette finds it again.
import { useRouterState } from '@tanstack/react-router'
import { useState } from 'react'
import { useMe } from '../api/queries'
import { useT } from '../i18n'
import { Button } from '../kit/button'
import { Sheet } from '../kit/dialog'
import { Field } from '../kit/field'
import { IconButton } from '../kit/button'
import { Icon } from '../kit/icon'
import { forgetView, keepView, useViews } from './views'

export function SaveView({ onClose }: { onClose: () => void }) {
  const t = useT()
  const person = useMe()?.principal ?? ''
  const href = useRouterState({ select: (state) => state.location.pathname + state.location.searchStr })
  const views = useViews(person)
  const [name, set] = useState('')
  return (
    <Sheet open onClose={onClose} title={t.views.save}>
      <form className="pad stack" onSubmit={(event) => { event.preventDefault(); keepView(person, { name: name.trim(), href }); onClose() }}>
        <h2 className="text-lg">{t.views.save}</h2>
        <p className="t2">{t.views.says}</p>
        <Field id="view-name" label={t.views.name} required maxLength={60} pattern=".*\S.*" autoComplete="off" value={name} onChange={(event) => set(event.target.value)} autoFocus />
        <div className="t3 xs">{t.views.where} <code className="break">{href}</code></div>
        <div className="rowx s2"><Button look="pri" type="submit" id="view-keep">{t.views.keep}</Button><Button onClick={onClose}>{t.views.cancel}</Button></div>
        {views.length ? <><h3>{t.views.title}</h3><ul className="stack s1">{views.map((one) => <li key={one.name} className="rowx"><Icon name="save" /><span className="sp cut"><bdi>{one.name}</bdi></span><IconButton icon="x" label={t.views.remove(one.name)} onClick={() => forgetView(person, one.name)} /></li>)}</ul></> : null}
      </form>
    </Sheet>
  )
}
