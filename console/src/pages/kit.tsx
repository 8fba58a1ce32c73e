// Every part by itself, on development builds: to look at, in both languages and themes.
import { useState } from 'react'
import { Problem } from '../api/client'
import { useHere } from '../app/place'
import { useSpeech } from '../i18n'
import { Button } from '../kit/button'
import { Copy } from '../kit/copy'
import { Diff, diffLines } from '../kit/diff'
import { Ask } from '../kit/dialog'
import { Choice, Field, TextField } from '../kit/field'
import { Empty, Failed, Skeleton } from '../kit/state-box'
import { Spark } from '../kit/spark'
import { Status, Tag } from '../kit/status'

export function Kit() {
  const { t, language, theme, setLanguage, setTheme } = useSpeech()
  const [asking, ask] = useState(false)
  useHere([{ word: 'Kit' }])
  const looks = ['', 'pri', 'dng', 'dngo', 'quiet'] as const
  return (
    <main id="main" className="kit-page stack">
      <h1>Kit</h1>
      <div className="rowx"><Button onClick={() => setLanguage(language === 'ar' ? 'en' : 'ar')}>{language}</Button><Button onClick={() => setTheme(theme === 'dark' ? 'light' : 'dark')}>{theme}</Button></div>
      <section className="card body-card stack"><h2>Status</h2><div className="vocab">{Object.keys(t.status).map((one) => <Status key={one} status={one} />)}</div><div className="rowx wrap">{['healthy', 'deploying', 'degraded', 'failed', 'held', 'stopped'].map((one) => <Tag key={one} status={one} />)}</div></section>
      <section className="card body-card stack"><h2>Button</h2><div className="rowx wrap">{looks.map((look) => <Button key={look} look={look} icon="redo">{t.acts.preview}</Button>)}<Button whyNot={t.acts.stale}>{t.acts.preview}</Button><Button busy>{t.acts.preview}</Button><Button size="sm">{t.acts.preview}</Button><Button size="lg">{t.acts.preview}</Button></div></section>
      <section className="card body-card stack narrow-card"><h2>Field</h2><Field label={t.signIn.email} hint={t.enrol.tokenHint} /><Field label={t.signIn.code} wrong={t.errors['auth.mfa_failed']} /><TextField label={t.inbox.reason} /><Choice label={t.settings.theme} options={[['a', 'A'], ['b', 'B']]} /></section>
      <section className="card body-card stack"><h2>State</h2><Skeleton rows={3} /><Empty title={t.inbox.none} command="novactl tree">{t.inbox.noneSays}</Empty><Failed error={new Problem(503, { code: 'store.unavailable', detail: 'the store takes no writes', remedy: 'look at the disk', request_id: 'r-1', retryable: true })} again={() => {}} /><Failed error={new Problem(403, { code: 'access.denied', detail: 'you lack a right', details: { missing: 'deployments.manage' } })} /></section>
      <section className="card body-card stack"><h2>Spark, diff, copy, dialog</h2><Spark label="Spark" values={[3, 5, 2, 8, 6, 7]} /><Diff name="a.yaml" lines={diffLines('a: 1\nb: 2\nc: 3', 'a: 1\nb: 3\nc: 3')} /><Copy text="novactl tree" /><div><Button onClick={() => ask(true)}>{t.acts.preview}</Button></div></section>
      <Ask open={asking} onClose={() => ask(false)} title={t.acts.preview} says={t.acts.reversible} icon="power" family="bad" footer={<Button look="dng">{t.acts.now('Stop')}</Button>}><p>{t.acts.effect}</p></Ask>
    </main>
  )
}
