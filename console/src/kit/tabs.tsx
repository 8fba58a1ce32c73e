import type { ReactNode } from 'react'

/** Tabs whose choice is in the address; arrows move between them as the page is read. */
export function Tabs<K extends string>({ tabs, now, onChange, label, children }: { tabs: readonly (readonly [key: K, word: ReactNode])[]; now: K; onChange: (key: K) => void; label: string; children: ReactNode }) {
  return (
    <>
      <div className="tabs" role="tablist" aria-label={label}>
        {tabs.map(([key, word], i) => (
          <button key={key} type="button" role="tab" id={`tab-${key}`} aria-selected={key === now} aria-controls={`panel-${now}`} tabIndex={key === now ? 0 : -1} onClick={() => onChange(key)}
            onKeyDown={(event) => {
              const forward = document.documentElement.dir === 'rtl' ? 'ArrowLeft' : 'ArrowRight'
              const step = event.key === forward ? 1 : event.key === 'ArrowLeft' || event.key === 'ArrowRight' ? -1 : 0
              if (step === 0) return
              event.preventDefault()
              const [next] = tabs[(i + step + tabs.length) % tabs.length]!
              onChange(next)
              requestAnimationFrame(() => document.getElementById(`tab-${next}`)?.focus())
            }}>{word}</button>
        ))}
      </div>
      <div role="tabpanel" id={`panel-${now}`} aria-labelledby={`tab-${now}`} className="stack" tabIndex={-1}>{children}</div>
    </>
  )
}
