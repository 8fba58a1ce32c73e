import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const css = readFileSync('src/styles/tokens.css', 'utf8')
const block = (selector: string) => Object.fromEntries([...css.slice(css.indexOf(selector)).split('}')[0]!.matchAll(/--([\w-]+): (#[0-9a-f]{3,6})/g)].map((found) => [found[1]!, found[2]!]))
const light = block(':root {')
const dark = { ...light, ...block(":root[data-theme='dark'] {") }
const auto = { ...light, ...block(":root[data-theme='auto'] {") }

const channel = (value: number) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4)
function luminance(hex: string) {
  const full = hex.length === 4 ? [...hex.slice(1)].map((c) => c + c).join('') : hex.slice(1)
  const [r, g, b] = [0, 2, 4].map((i) => channel(parseInt(full.slice(i, i + 2), 16) / 255))
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!
}
/** WCAG 2.1, 1.4.3. */
function contrast(a: string, b: string) {
  const [hi, lo] = [luminance(a), luminance(b)].sort((x, y) => y - x)
  return (hi! + 0.05) / (lo! + 0.05)
}

const grounds = ['surface', 'canvas', 'sunken', 'hover', 'accent-bg']
const families = ['ok', 'warn', 'bad', 'held', 'neutral', 'accent']

describe.each([['light', light], ['dark', dark], ['auto at night', auto]])('%s', (_, token) => {
  it('lets text be read on every ground', () => {
    for (const text of ['text', 'text-2', 'text-3']) for (const ground of grounds) expect(contrast(token[text]!, token[ground]!), `${text} on ${ground}`).toBeGreaterThanOrEqual(4.5)
  })
  it('lets each state be read on its own ground and on surfaces', () => {
    for (const family of families) for (const ground of [`${family}-bg`, 'surface', 'canvas']) expect(contrast(token[family]!, token[ground]!), `${family} on ${ground}`).toBeGreaterThanOrEqual(4.5)
  })
  it('shows marks, edges and buttons', () => {
    for (const mark of [...families.map((family) => `${family}-mark`), 'edge']) expect(contrast(token[mark]!, token.surface!), mark).toBeGreaterThanOrEqual(3)
    expect(contrast(token['on-ink']!, token.ink!)).toBeGreaterThanOrEqual(4.5)
    expect(contrast(token['on-danger']!, token.danger!)).toBeGreaterThanOrEqual(4.5)
  })
})

it('at night the system and the reader mean the same', () => expect(auto).toEqual(dark))
