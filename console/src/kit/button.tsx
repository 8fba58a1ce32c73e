import { useId, type ButtonHTMLAttributes, type ReactNode } from 'react'
import { Icon, type IconName } from './icon'

interface Props extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: 'pri' | 'dng' | 'dngo' | 'quiet' | ''
  size?: 'sm' | 'lg' | ''
  icon?: IconName
  /** Why it cannot be pressed: it stays visible, stays focusable, and says so. */
  whyNot?: string | undefined
  busy?: boolean
  children?: ReactNode
}

export function Button({ look = '', size = '', icon, whyNot, busy = false, children, className = '', onClick, ...rest }: Props) {
  const reason = useId()
  const shut = Boolean(whyNot) || busy
  return (
    <>
      <button
        type="button"
        {...rest}
        className={`btn ${look} ${size} ${className}`}
        aria-disabled={shut || rest['aria-disabled'] || undefined}
        aria-busy={busy || undefined}
        aria-describedby={whyNot ? reason : undefined}
        title={whyNot || rest.title}
        onClick={(event) => (shut ? event.preventDefault() : onClick?.(event))}
      >
        {whyNot ? <Icon name="lock" /> : icon ? <Icon name={icon} /> : null}
        {children}
      </button>
      {whyNot ? <span id={reason} hidden>{whyNot}</span> : null}
    </>
  )
}

export function IconButton({ icon, label, ...rest }: { icon: IconName; label: string } & ButtonHTMLAttributes<HTMLButtonElement>) {
  return (
    <button type="button" className="ib" aria-label={label} title={label} {...rest}>
      <Icon name={icon} />
    </button>
  )
}
