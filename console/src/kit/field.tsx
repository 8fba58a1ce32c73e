import { useId, type InputHTMLAttributes, type ReactNode, type SelectHTMLAttributes, type TextareaHTMLAttributes } from 'react'

interface Frame {
  label: string
  hint?: string | undefined
  wrong?: string | undefined
}

function Framed({ label, hint, wrong, children, id }: Frame & { children: ReactNode; id: string }) {
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children}
      {hint ? <small id={`${id}-hint`}><bdi>{hint}</bdi></small> : null}
      {wrong ? <small id={`${id}-wrong`} className="bad" role="alert">{wrong}</small> : null}
    </div>
  )
}

const described = (id: string, { hint, wrong }: Frame) => [hint ? `${id}-hint` : '', wrong ? `${id}-wrong` : ''].filter(Boolean).join(' ') || undefined

export function Field({ label, hint, wrong, ...rest }: Frame & InputHTMLAttributes<HTMLInputElement>) {
  const own = useId()
  const id = rest.id ?? own
  return (
    <Framed label={label} hint={hint} wrong={wrong} id={id}>
      <input className="in" dir="auto" {...rest} id={id} aria-invalid={wrong ? true : undefined} aria-describedby={described(id, { label, hint, wrong })} />
    </Framed>
  )
}

export function TextField({ label, hint, wrong, ...rest }: Frame & TextareaHTMLAttributes<HTMLTextAreaElement>) {
  const own = useId()
  const id = rest.id ?? own
  return (
    <Framed label={label} hint={hint} wrong={wrong} id={id}>
      <textarea className="in" rows={3} dir="auto" {...rest} id={id} aria-describedby={described(id, { label, hint, wrong })} />
    </Framed>
  )
}

export function Choice({ label, hint, wrong, options, ...rest }: Frame & { options: readonly (readonly [value: string, word: string])[] } & SelectHTMLAttributes<HTMLSelectElement>) {
  const own = useId()
  const id = rest.id ?? own
  return (
    <Framed label={label} hint={hint} wrong={wrong} id={id}>
      <select className="in" {...rest} id={id}>
        {options.map(([value, word]) => <option key={value} value={value}>{word}</option>)}
      </select>
    </Framed>
  )
}
