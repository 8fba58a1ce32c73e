// Stands for the package of this name: while something modal is open, the page behind it does not scroll. A class does it,
// since the policy lets nothing write styles.
import { Slot } from 'radix-ui'
import { useEffect, type ReactNode } from 'react'

let open = 0

interface Props {
  children: ReactNode
  enabled?: boolean
  as?: unknown
  allowPinchZoom?: boolean
  shards?: unknown
}

export function RemoveScroll({ children, enabled = true }: Props) {
  useEffect(() => {
    if (!enabled) return
    if (++open === 1) document.documentElement.classList.add('modal')
    return () => {
      if (--open === 0) document.documentElement.classList.remove('modal')
    }
  }, [enabled])
  return <Slot.Root>{children}</Slot.Root>
}
