import type { ReactNode } from 'react'
import { dark, useSpeech } from '../../i18n'
import { IconButton } from '../../kit/button'
import { Star } from '../../kit/icon'
import { useHere } from '../../app/place'

export const device = () => `${navigator.platform || 'Browser'}, ${/Firefox|Edg|Chrome|Safari/.exec(navigator.userAgent)?.[0] ?? 'browser'}`.slice(0, 255)

/** Pages without the frame: who is not signed in has no place yet. */
export function Alone({ title, says, children }: { title: string; says?: string; children: ReactNode }) {
  const { t, language, theme, setLanguage, setTheme } = useSpeech()
  useHere([{ word: title }])
  const night = dark(theme)
  return (
    <div className="alone">
      <header className="rowx">
        <div className="brand"><Star /><span className="ltr">WebNova</span></div>
        <span className="sp" />
        <button type="button" className="ib" lang={language === 'ar' ? 'en' : 'ar'} aria-label={language === 'ar' ? 'EN: English' : 'ع: العربية'} onClick={() => setLanguage(language === 'ar' ? 'en' : 'ar')}><span aria-hidden="true">{language === 'ar' ? 'EN' : 'ع'}</span></button>
        <IconButton icon={night ? 'sun' : 'moon'} label={night ? t.frame.light : t.frame.dark} onClick={() => setTheme(night ? 'light' : 'dark')} />
      </header>
      <main id="main">
        <section className="card gate" aria-labelledby="alone-title">
          <div className="stack s2"><h1 id="alone-title">{title}</h1>{says ? <p className="t2">{says}</p> : null}</div>
          {children}
        </section>
      </main>
    </div>
  )
}
