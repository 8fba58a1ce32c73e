// 16 x 16, drawn for this console. A leading `f` marks a filled shape: each status has one of its own, so that colour is never
// the only sign.
import type { SVGProps } from 'react'

const paths = {
  ok: 'f M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1Zm3.6 5.3-4.3 4.6a.8.8 0 0 1-1.15.02L4.3 9.05a.8.8 0 0 1 1.13-1.12l1.27 1.28 3.73-4a.8.8 0 0 1 1.17 1.1Z',
  warn: 'f M6.9 1.7a1.27 1.27 0 0 1 2.2 0l6 10.8a1.25 1.25 0 0 1-1.1 1.85H2a1.25 1.25 0 0 1-1.1-1.85ZM8 5a.8.8 0 0 0-.8.86l.24 3.2a.56.56 0 0 0 1.12 0l.24-3.2A.8.8 0 0 0 8 5Zm0 5.6a.9.9 0 1 0 0 1.8.9.9 0 0 0 0-1.8Z',
  bad: 'f M5.1 1h5.8L15 5.1v5.8L10.9 15H5.1L1 10.9V5.1Zm.73 3.75a.77.77 0 0 0-1.08 1.08L6.92 8l-2.17 2.17a.77.77 0 0 0 1.08 1.08L8 9.08l2.17 2.17a.77.77 0 0 0 1.08-1.08L9.08 8l2.17-2.17a.77.77 0 0 0-1.08-1.08L8 6.92Z',
  held: 'f M4 1.5h8A2.5 2.5 0 0 1 14.5 4v8a2.5 2.5 0 0 1-2.5 2.5H4A2.5 2.5 0 0 1 1.5 12V4A2.5 2.5 0 0 1 4 1.5Zm2 3.3a.85.85 0 0 0-.85.85v4.7a.85.85 0 0 0 1.7 0v-4.7A.85.85 0 0 0 6 4.8Zm4 0a.85.85 0 0 0-.85.85v4.7a.85.85 0 0 0 1.7 0v-4.7A.85.85 0 0 0 10 4.8Z',
  idle: 'M8 2.2a5.8 5.8 0 1 0 0 11.6A5.8 5.8 0 0 0 8 2.2Z',
  work: 'M13.8 8A5.8 5.8 0 1 1 8 2.2',
  unk: 'M8 2.2a5.8 5.8 0 1 0 0 11.6A5.8 5.8 0 0 0 8 2.2ZM6.5 6.5a1.5 1.5 0 1 1 2.2 1.3c-.5.3-.7.6-.7 1.1M8 11v.1',
  stop: 'M5.2 1.8h5.6l3.4 3.4v5.6l-3.4 3.4H5.2l-3.4-3.4V5.2ZM5 8h6',
  quar: 'M2.5 2.5h11v11h-11zM5.5 8h5',
  overview: 'M2 8.5h2.6L6.4 4l3.2 8 1.8-3.5H14',
  tree: 'M6 2h4v3H6zM1.8 11h4v3h-4zM10.2 11h4v3h-4zM8 5v3M3.8 11V8h8.4v3',
  deploy: 'M8 1.8 13.6 5v6L8 14.2 2.4 11V5ZM2.4 5 8 8.2 13.6 5M8 8.2v6',
  blue: 'M3.5 1.8h6l3 3v9.4h-9zM9.5 1.8v3h3M6 8h4M6 10.8h4',
  inbox: 'M2 9.2 3.8 3h8.4L14 9.2V13H2ZM2 9.2h3.6l.9 1.8h3l.9-1.8H14',
  gov: 'M8 1.8v12.4M4 14.2h8M3 4.4h10M3 4.4 1.4 9h3.2ZM13 4.4 11.4 9h3.2Z',
  events: 'M2 3.5h1.2M2 8h1.2M2 12.5h1.2M6 3.5h8M6 8h8M6 12.5h5',
  people: 'M8 8a2.6 2.6 0 1 0 0-5.2A2.6 2.6 0 0 0 8 8ZM2.8 13.8c.5-2.5 2.6-3.8 5.2-3.8s4.7 1.3 5.2 3.8',
  prov: 'M5.5 2v3.2M10.5 2v3.2M3.8 5.2h8.4V8a4.2 4.2 0 0 1-8.4 0ZM8 12.2V14.4',
  gear: 'M2 4.5h6M11.5 4.5H14M2 11.5h2.5M8 11.5h6M9.8 2.8v3.4M6.2 9.8v3.4',
  kinds: 'M2.2 2.2h4.6v4.6H2.2zM9.2 2.2h4.6v4.6H9.2zM2.2 9.2h4.6v4.6H2.2zM9.2 9.2h4.6v4.6H9.2z',
  search: 'M7 12.2A5.2 5.2 0 1 0 7 1.8a5.2 5.2 0 0 0 0 10.4ZM14.2 14.2 10.8 10.8',
  sun: 'M8 10.8a2.8 2.8 0 1 0 0-5.6 2.8 2.8 0 0 0 0 5.6ZM8 1.2v1.4M8 13.4v1.4M1.2 8h1.4M13.4 8h1.4M3.2 3.2l1 1M11.8 11.8l1 1M3.2 12.8l1-1M11.8 4.2l1-1',
  moon: 'M13.6 9.6A6 6 0 0 1 6.4 2.4a6 6 0 1 0 7.2 7.2Z',
  right: 'M6 3.5 10.5 8 6 12.5',
  down: 'M3.5 6 8 10.5 12.5 6',
  left: 'M10 3.5 5.5 8l4.5 4.5',
  x: 'M3.8 3.8l8.4 8.4M12.2 3.8l-8.4 8.4',
  check: 'M3 8.6 6.4 12 13 4.6',
  clock: 'M8 14a6 6 0 1 0 0-12 6 6 0 0 0 0 12ZM8 4.8V8l2.2 1.6',
  copy: 'M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3',
  term: 'M2 3h12v10H2zM4.8 6.2 6.8 8l-2 1.8M8.4 10h2.8',
  shield: 'M8 1.6 13.4 3.6v4.2c0 3-2 5.2-5.4 6.6-3.4-1.4-5.4-3.6-5.4-6.6V3.6Z',
  shieldok: 'M8 1.6 13.4 3.6v4.2c0 3-2 5.2-5.4 6.6-3.4-1.4-5.4-3.6-5.4-6.6V3.6ZM5.6 8l1.7 1.8 3.2-3.5',
  power: 'M8 1.8v6M4.6 3.8a5.4 5.4 0 1 0 6.8 0',
  undo: 'M5.2 2.5 2 5.7l3.2 3.2M2.4 5.7h7a4 4 0 0 1 0 8H6',
  redo: 'M13.4 5.4A6 6 0 1 0 14 8.8M13.8 2v3.6h-3.6',
  scale: 'M2 14V9.5M6 14V6.5M10 14V4M14 14V1.8',
  user: 'M8 7.6a2.8 2.8 0 1 0 0-5.6 2.8 2.8 0 0 0 0 5.6ZM2.4 14c.5-2.8 2.8-4.2 5.6-4.2s5.1 1.4 5.6 4.2',
  bot: 'M3 6h10v7H3zM8 6V3M6.2 9v.8M9.8 9v.8M8 2.6v.1',
  link: 'M6.6 9.4 9.4 6.6M7.4 4.4 9 2.8a3 3 0 0 1 4.2 4.2l-1.6 1.6M8.6 11.6 7 13.2A3 3 0 0 1 2.8 9l1.6-1.6',
  filter: 'M2 3.5h12M4.4 8h7.2M6.6 12.5h2.8',
  lock: 'M3.5 7h9v7h-9zM5.5 7V4.8a2.5 2.5 0 0 1 5 0V7',
  dl: 'M8 2v8M4.6 7 8 10.4 11.4 7M2.5 13.5h11',
  more: 'M3 8h.1M8 8h.1M13 8h.1',
  plus: 'M8 3v10M3 8h10',
  minus: 'M3 8h10',
  book: 'M2.5 3h4.2A1.6 1.6 0 0 1 8 4.4v9.2a1.6 1.6 0 0 0-1.4-1H2.5ZM13.5 3H9.3A1.6 1.6 0 0 0 8 4.4v9.2a1.6 1.6 0 0 1 1.4-1h4.1Z',
  eye: 'M1.5 8S4 3.6 8 3.6 14.5 8 14.5 8 12 12.4 8 12.4 1.5 8 1.5 8ZM8 9.8a1.8 1.8 0 1 0 0-3.6 1.8 1.8 0 0 0 0 3.6',
  off: 'M2 2l12 12M4.2 7.2a6 6 0 0 1 2-1.3M1.8 5a9.4 9.4 0 0 1 2.3-1.5M9.6 5.8a6 6 0 0 1 2.2 1.4M7.4 2.6A9.4 9.4 0 0 1 14.2 5M8 11.8v.1',
  key: 'M10.5 9.500a4 4 0 1 0-3.800-2.800L2 11.400V14h2.600l.6-.6v-1.400h1.400V10.600h1.400l1.300-1.300c.4.1.8.2 1.200.2ZM11 5h.1',
  kebab: 'M8 3h.1M8 8h.1M8 13h.1',
  open: 'M6.500 3H3v10h10V9.500M9.500 3H13v3.500M13 3 7.500 8.500',
  save: 'M4 2h8v12l-4-3-4 3Z',
} as const

export type IconName = keyof typeof paths
const flips = new Set<IconName>(['right', 'left', 'undo', 'events', 'book', 'open'])

/** For what draws without React: the class of the svg, its path, and whether that is filled. */
export function shapeOf(name: IconName): { className: string; d: string; filled: boolean } {
  const path: string = paths[name]
  const filled = path.startsWith('f ')
  return { className: `i${filled ? ' fill' : ''}${flips.has(name) ? ' flip' : ''}`, d: filled ? path.slice(2) : path, filled }
}

export function Icon({ name, className = '', ...rest }: { name: IconName } & SVGProps<SVGSVGElement>) {
  const { className: shape, d, filled } = shapeOf(name)
  return (
    <svg className={`${shape} ${className}`} viewBox="0 0 16 16" aria-hidden="true" {...rest}>
      <path {...(filled ? { fillRule: 'evenodd' as const } : {})} d={d} />
    </svg>
  )
}

export const Star = () => (
  <svg viewBox="0 0 20 20" aria-hidden="true">
    <path d="M10 0c.7 5.6 3.4 8.6 10 10-6.6 1.4-9.3 4.4-10 10-.7-5.6-3.4-8.6-10-10C6.6 8.6 9.3 5.600 10 0Z" />
  </svg>
)
