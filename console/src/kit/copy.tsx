import { useEffect, useState } from 'react'
import { useT } from '../i18n'
import { Icon } from './icon'

/** A line that one takes along: the command that does the same, an id, a digest. */
export function Copy({ text, label }: { text: string; label?: string }) {
  const t = useT()
  const [done, set] = useState(false)
  useEffect(() => {
    if (!done) return
    const timer = setTimeout(() => set(false), 2000)
    return () => clearTimeout(timer)
  }, [done])
  return (
    <span className="copy">
      <code className="cut">{text}</code>
      <button type="button" className="ib" aria-label={label ?? t.copy} title={label ?? t.copy} onClick={() => void navigator.clipboard.writeText(text).then(() => set(true), () => set(false))}>
        <Icon name={done ? 'check' : 'copy'} />
      </button>
      <span className="sr" role="status">{done ? t.copied : ''}</span>
    </span>
  )
}
