// The rows of the tree as elements: as many as the box holds and some to spare. One that scrolls out comes in at the other
// end with the words of another entity, so a frame costs the rows that came in or changed, whatever else is there; nothing
// here asks for a layout between its writes. What stands around the rows is React's.
import type { Speech } from '../../i18n'
import { shapeOf } from '../../kit/icon'
import { lookOf, severity, wordOf } from '../../kit/status'
import { changingOf, positionOf, worstOf, type Branch } from './model'

export const row_px = 30
const spare_rows = 8
const settle_ms = 200

export interface Shown {
  rows: Branch[]
  open: ReadonlySet<string>
  selected: string
  /** Which one the tab key comes to. */
  at: number
  shape: number
  speech: Speech
}

/** Which rows have an element, from the first to before the last: what is seen, and to spare on both sides. */
export function windowOf(count: number, top: number, height: number): { from: number; size: number } {
  const size = Math.min(count, Math.ceil(height / row_px) + 1 + 2 * spare_rows)
  return { from: Math.max(0, Math.min(Math.floor(top / row_px) - spare_rows, count - size)), size }
}

/** The least movement after which a row is seen below the head line, or in the middle when that is wanted. */
export function topFor(index: number, top: number, height: number, center = false): number {
  const from = index * row_px
  if (center) return Math.max(0, from - Math.floor((height - row_px) / 2))
  // The head line covers the first row of the box and pushes all down by as much: both even out above, and count below.
  return from < top ? from : from + 2 * row_px > top + height ? from + 2 * row_px - height : top
}

const svg = (name: string) => document.createElementNS('http://www.w3.org/2000/svg', name)
const element = (name: string, className = '', ...children: Node[]) => {
  const made = document.createElement(name)
  if (className) made.className = className
  made.append(...children)
  return made
}
const cell = (className: string, ...children: Node[]) => {
  const made = element('span', className, ...children)
  made.setAttribute('role', 'gridcell')
  return made
}

/** Writes when it is another value than the last. */
const changes = <T>(write: (value: T) => void) => {
  let last: T | undefined
  return (value: T) => {
    if (value === last) return
    last = value
    write(value)
  }
}
const words = (node: Text) => changes<string>((value) => { node.data = value })
const attribute = (on: Element, name: string) => changes<string | null>((value) => (value === null ? on.removeAttribute(name) : on.setAttribute(name, value)))
const drawing = () => {
  const picture = svg('svg')
  const path = svg('path')
  picture.setAttribute('viewBox', '0 0 16 16')
  picture.setAttribute('aria-hidden', 'true')
  picture.append(path)
  const shape = changes<string>((name) => {
    const { className, d, filled } = shapeOf(name as 'ok')
    picture.setAttribute('class', className)
    path.setAttribute('d', d)
    if (filled) path.setAttribute('fill-rule', 'evenodd')
    else path.removeAttribute('fill-rule')
  })
  return { picture, shape }
}

class Line {
  readonly element = element('div', 'tr')
  path = ''
  #drawn: unknown[] = []
  #write

  constructor() {
    const [name, kind, sum, word, restarts, mailbox, age] = Array.from({ length: 7 }, () => document.createTextNode(''))
    const twisty = drawing()
    const mark = drawing()
    const lead = element('span', 'tw', twisty.picture)
    const named = element('span', '', element('bdi', '', name!))
    const kinded = element('span', 'kd xs', kind!)
    const summed = element('span', 'sum', element('bdi', '', sum!))
    const first = cell('nm', lead, named, kinded, summed)
    const state = cell('st', mark.picture, element('span', 'cut', word!))
    const count = cell('num', restarts!)
    const aged = element('bdi', '', age!)
    aged.dir = 'auto'
    this.element.setAttribute('role', 'row')
    this.element.append(first, state, count, cell('num', mailbox!), cell('num', aged))
    const on = (name: string) => attribute(this.element, name)
    const classOf = (one: Element) => changes<string>((value) => { one.className = value })
    const hide = (one: HTMLElement) => changes<boolean>((value) => { one.hidden = value })
    this.#write = {
      name: words(name!), kind: words(kind!), sum: words(sum!), word: words(word!), restarts: words(restarts!), mailbox: words(mailbox!), age: words(age!),
      twisty: twisty.shape, mark: mark.shape,
      lead: classOf(lead), named: classOf(named), summed: classOf(summed), first: classOf(first), state: classOf(state), count: classOf(count), line: classOf(this.element),
      hideKind: hide(kinded), hideSum: hide(summed),
      path: on('data-path'), status: on('data-status'), level: on('aria-level'), index: on('aria-rowindex'), position: on('aria-posinset'), size: on('aria-setsize'), selected: on('aria-selected'), expanded: on('aria-expanded'),
      stop: changes<number>((value) => { this.element.tabIndex = value }),
      place: changes<number>((value) => { this.element.style.transform = `translateY(${value}px)` }),
    }
  }

  draw(row: Branch, index: number, isOpen: boolean, isSelected: boolean, focusable: boolean, shape: number, speech: Speech) {
    const drawn = [row, row.stamp, index, isOpen, isSelected, focusable, shape, speech]
    if (drawn.every((one, i) => one === this.#drawn[i])) return
    this.#drawn = drawn
    const { t, number, age } = speech
    const write = this.#write
    const parent = row.children.length > 0
    const worst = worstOf(row)
    const partly = severity(worst) > severity(row.status) && severity(worst) >= 3
    const said = partly ? worst : row.status
    const { family, icon } = lookOf(said)
    const ill = severity(row.status) >= 3
    const error = row.last_error || (ill ? row.reason : '')
    const changing = changingOf(row)
    const sum = error || (parent && !isOpen && row.below > 1 ? `${t.tree.below(number(row.below))}${changing ? ` · ${t.tree.changing(changing)}` : ''}` : '')
    const { since } = row.facts
    this.path = row.path
    write.path(row.path)
    write.status(row.status)
    write.place(index * row_px)
    write.level(String(row.depth + 1))
    write.index(String(index + 2))
    write.position(String(positionOf(row)))
    write.size(String(row.parent?.children.length ?? 1))
    write.selected(String(isSelected))
    write.expanded(parent ? String(isOpen) : null)
    write.stop(focusable ? 0 : -1)
    write.line(isSelected ? 'tr sel' : 'tr')
    write.first(`nm d${Math.min(row.depth, 9)}`)
    write.lead(parent ? 'tw' : 'tw leaf')
    write.twisty(isOpen ? 'down' : 'right')
    write.named(isSelected || row.depth === 0 ? 'm' : '')
    write.name(row.kind === 'instance' ? row.name.split('.').slice(-2).join('.') : row.name)
    write.hideKind(row.kind === 'group')
    write.kind(t.kindWord(row.kind))
    write.hideSum(!sum)
    write.summed(error ? `sum ${lookOf(row.status).family}` : 'sum')
    write.sum(sum)
    write.state(`st ${family}`)
    write.mark(icon)
    write.word(partly ? t.tree.part(wordOf(t, worst)) : wordOf(t, said))
    write.count(row.restarts > 0 && ill ? 'num b bad' : 'num')
    write.restarts(number(row.restarts))
    write.mailbox(number(row.mailbox))
    write.age(since ? age(String(since)) : '')
  }
}

export class Lines {
  #box: HTMLElement
  #holder: HTMLElement
  #lines: Line[] = []
  #from = 0
  #top: number
  #height: number
  #shown: Shown | null = null
  #resize: ResizeObserver
  #settling: ReturnType<typeof setTimeout> | undefined

  /** `box` scrolls, `holder` in it is as high as all rows. */
  constructor(box: HTMLElement, holder: HTMLElement) {
    this.#box = box
    this.#holder = holder
    this.#top = box.scrollTop
    this.#height = box.clientHeight
    box.addEventListener('scroll', this.#scrolled, { passive: true })
    this.#resize = new ResizeObserver(([entry]) => {
      this.#height = entry!.contentRect.height
      this.#draw()
    })
    this.#resize.observe(box)
  }

  end() {
    this.#box.removeEventListener('scroll', this.#scrolled)
    this.#resize.disconnect()
    clearTimeout(this.#settling)
    this.#holder.replaceChildren()
  }

  show(shown: Shown) {
    this.#shown = shown
    this.#draw()
  }

  /** Scrolls as little as needed for a row to be seen. */
  reveal(index: number, center = false) {
    const top = topFor(index, this.#top, this.#height, center)
    if (top === this.#top) return
    this.#box.scrollTop = top
    this.#top = this.#box.scrollTop
    this.#draw()
  }

  focus(index: number) {
    if (index >= this.#from && index < this.#from + this.#lines.length) this.#at(index).element.focus({ preventScroll: true })
  }

  #at = (index: number) => this.#lines[index % this.#lines.length]!
  #inOrder = () => this.#lines.map((_, i) => this.#at(this.#from + i))

  #scrolled = () => {
    this.#top = this.#box.scrollTop
    this.#draw()
  }

  #draw() {
    if (!this.#shown) return
    const { rows, open, selected, at, shape, speech } = this.#shown
    const focused = this.#lines.find((one) => one.element === document.activeElement)?.path
    const { from, size } = windowOf(rows.length, this.#top, this.#height)
    if (size !== this.#lines.length) this.#resized(from, size)
    this.#from = from
    for (let i = from; i < from + size; i++) {
      const row = rows[i]!
      this.#at(i).draw(row, i, open.has(row.path), row.path === selected, selected ? i === at : i === 0, shape, speech)
    }
    // The hands stay with the entity, or with the tree when it is out of sight.
    if (focused !== undefined) {
      const line = this.#lines.find((one) => one.path === focused)
      if (line?.element !== document.activeElement) (line?.element ?? this.#box).focus({ preventScroll: true })
    }
    clearTimeout(this.#settling)
    this.#settling = setTimeout(this.#settle, settle_ms)
  }

  #resized(from: number, size: number) {
    this.#settle()
    const order = this.#inOrder()
    for (const one of order.splice(size)) one.element.remove()
    while (order.length < size) {
      const made = new Line()
      this.#holder.append(made.element)
      order.push(made)
    }
    this.#lines = []
    for (const [i, one] of order.entries()) this.#lines[(from + i) % size] = one
  }

  /** Once nothing moves, elements stand in the order that is seen, which is the order that a reader reads in. */
  #settle = () => {
    const order = this.#inOrder().map((one) => one.element)
    const turned = order.indexOf(this.#holder.firstElementChild as HTMLElement)
    if (turned <= 0) return
    // They are turned like a wheel: what has the focus is not moved, or it would lose it.
    if (order.indexOf(document.activeElement as HTMLElement) < turned && order.includes(document.activeElement as HTMLElement)) this.#holder.append(...order.slice(turned))
    else this.#holder.prepend(...order.slice(0, turned))
  }
}
