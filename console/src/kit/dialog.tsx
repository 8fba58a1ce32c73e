import { AlertDialog, Dialog } from 'radix-ui'
import { useRef, type ReactNode } from 'react'
import { useT } from '../i18n'
import { Icon, type IconName } from './icon'
import type { Family } from './status'

interface Props {
  open: boolean
  onClose: () => void
  title: string
  icon?: IconName
  family?: Family
  says?: string
  children: ReactNode
  footer: ReactNode
  /** The word on the way out; "Leave it" when left out. */
  way?: string
}

/** What asks before something is done: change, effect, way back. Focus begins on the way out, never on the act. */
export function Ask({ open, onClose, title, icon, family = 'neutral', says, children, footer, way: word }: Props) {
  const t = useT()
  const way = useRef<HTMLButtonElement>(null)
  return (
    <AlertDialog.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <AlertDialog.Portal>
        <AlertDialog.Overlay className="scrim">
          <AlertDialog.Content className="dlg" onOpenAutoFocus={(event) => { event.preventDefault(); way.current?.focus() }} onEscapeKeyDown={onClose}>
            <header>
              {icon ? <span className={`pd ic ${family}`}><Icon name={icon} className={family} /></span> : null}
              <div className="sp">
                <AlertDialog.Title asChild><h2 className="text-lg">{title}</h2></AlertDialog.Title>
                <AlertDialog.Description asChild><p className="t2"><bdi>{says ?? ''}</bdi></p></AlertDialog.Description>
              </div>
            </header>
            <div className="pad">{children}</div>
            <footer>
              <AlertDialog.Cancel asChild><button ref={way} type="button" className="btn">{word ?? t.acts.leave}</button></AlertDialog.Cancel>
              <span className="sp" />
              {footer}
            </footer>
          </AlertDialog.Content>
        </AlertDialog.Overlay>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  )
}

/** What shows something over the page and asks nothing. */
export function Sheet({ open, onClose, title, className = 'dlg', children }: { open: boolean; onClose: () => void; title: string; className?: string; children: ReactNode }) {
  return (
    <Dialog.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="scrim">
          <Dialog.Content className={className} aria-describedby={undefined}>
            <Dialog.Title className="sr">{title}</Dialog.Title>
            {children}
          </Dialog.Content>
        </Dialog.Overlay>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
