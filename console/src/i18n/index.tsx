// Two catalogues of one type: a missing message breaks the build. Numbers and dates are written here and nowhere else.
import { Direction } from 'radix-ui'
import { createContext, useCallback, useContext, useEffect, useMemo, useState, type ReactNode } from 'react'
import { ar } from './ar'
import { en, type Words } from './en'

export type Language = 'en' | 'ar'
export type Theme = 'auto' | 'light' | 'dark'

export interface Speech {
  language: Language
  theme: Theme
  t: Words
  setLanguage: (language: Language) => void
  setTheme: (theme: Theme) => void
  number: (value: number) => string
  /** "09:37:04", with the date when it is not today's. */
  clock: (time: string) => string
  date: (time: string) => string
  /** "4 min": since then, in one unit. */
  age: (time: string | number) => string
}

const Context = createContext<Speech | null>(null)
export const useSpeech = () => useContext(Context)!
export const useT = () => useSpeech().t

// A year; nothing but how the page looks.
const remember = (name: string, value: string) => { document.cookie = `${name}=${value}; Path=/; Max-Age=31536000; SameSite=Lax` }

export function dark(theme: Theme) {
  return theme === 'dark' || (theme === 'auto' && window.matchMedia('(prefers-color-scheme: dark)').matches)
}

export function Speaking({ children }: { children: ReactNode }) {
  const root = document.documentElement
  const [language, put] = useState<Language>(root.lang === 'ar' ? 'ar' : 'en')
  const [theme, paint] = useState<Theme>((root.dataset.theme as Theme | undefined) ?? 'auto')
  useEffect(() => {
    root.lang = language
    root.dir = language === 'ar' ? 'rtl' : 'ltr'
    root.dataset.theme = theme
  }, [root, language, theme])
  const setLanguage = useCallback((next: Language) => { remember('nova_lang', next); put(next) }, [])
  const setTheme = useCallback((next: Theme) => { remember('nova_theme', next); paint(next) }, [])
  const speech = useMemo<Speech>(() => {
    const locale = language === 'ar' ? 'ar-u-nu-latn-ca-gregory' : 'en-GB'
    const t = language === 'ar' ? ar : en
    const whole = new Intl.NumberFormat('en-US')
    const time = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' })
    const day = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', year: 'numeric' })
    const age = (value: string | number) => {
      const seconds = Math.max(0, Math.round((Date.now() - new Date(value).getTime()) / 1000))
      if (seconds < 60) return t.time.seconds(seconds)
      if (seconds < 3600) return t.time.minutes(Math.floor(seconds / 60))
      if (seconds < 86_400) return t.time.hours(Math.floor(seconds / 3600))
      return t.time.days(Math.floor(seconds / 86_400))
    }
    const clock = (value: string) => {
      const at = new Date(value)
      const today = new Date().toDateString() === at.toDateString()
      return today ? time.format(at) : `${day.format(at)} ${time.format(at)}`
    }
    return { language, theme, t, setLanguage, setTheme, number: (value) => whole.format(value), clock, date: (value) => `${day.format(new Date(value))}, ${time.format(new Date(value))}`, age }
  }, [language, theme, setLanguage, setTheme])
  return (
    <Context.Provider value={speech}>
      <Direction.Provider dir={language === 'ar' ? 'rtl' : 'ltr'}>{children}</Direction.Provider>
    </Context.Provider>
  )
}

/** A sentence in which `backticks` hold what is code: ids, names, figures with units. Each keeps its own direction. */
export function Rich({ children }: { children: string }) {
  return <>{children.split('`').map((part, i) => (i % 2 ? <code key={i}>{part}</code> : part))}</>
}
