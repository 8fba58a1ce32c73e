// Rules of the sources: colours have names, sides are logical, nothing writes markup or styles, nothing is kept in the browser.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const files = (folder: string): string[] => readdirSync(folder, { withFileTypes: true }).flatMap((one) => (one.isDirectory() ? files(join(folder, one.name)) : [join(folder, one.name)]))
const sources = files('src').filter((file) => /\.(tsx?|css)$/.test(file) && !/^src\/api\/(schema|routes)\.ts$/.test(file))

function breaches(pattern: RegExp, wanted: (file: string) => boolean, fine: (line: string, file: string) => boolean = () => false) {
  return sources.filter(wanted).flatMap((file) => readFileSync(file, 'utf8').split('\n').flatMap((line, i) => (pattern.test(line) && !fine(line, file) ? [`${file}:${i + 1}: ${line.trim().slice(0, 120)}`] : [])))
}

it('names colours, and only in the token file', () => {
  expect(breaches(/#[0-9a-fA-F]{3,8}\b(?![\w-]*`)|\b(rgb|hsl|oklch)a?\(/, (file) => !file.endsWith('tokens.css'), (line) => /href="#|'#main'|`#\$|>#\{|#\{|\/#/.test(line))).toEqual([])
})
it('uses logical sides', () => {
  // Physically right in both directions: figures line up by their units, code and logs run left to right, a selection's mark.
  const allowed = /text-align: ?(left|right)|direction|clip-path|inset ?-?2px|padding: ?0|\.diff|\.steps|transform/
  expect(breaches(/\b(margin|padding|border)-(left|right)\b|(^|[\s;{])(left|right):/, (file) => file.endsWith('.css'), (line) => allowed.test(line))).toEqual([])
  expect(breaches(/className=.*\b(ml|mr|pl|pr|left|right|border-l|border-r|text-left|text-right)-/, (file) => file.endsWith('.tsx'))).toEqual([])
})
it('lets nothing write markup, styles or code', () => {
  expect(breaches(/dangerouslySetInnerHTML|innerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|createElement\('style'\)/, (file) => !file.endsWith('.css'))).toEqual([])
})
it('keeps nothing in the browser but how pages look', () => {
  // Views that a person named: addresses alone.
  expect(breaches(/localStorage|sessionStorage|indexedDB/, (file) => file !== 'src/app/views.ts')).toEqual([])
  expect(breaches(/document\.cookie = /, () => true, (line) => /nova_letters|\$\{name\}=/.test(line))).toEqual([])
})
it('asks nobody but its own node', () => {
  expect(breaches(/https?:\/\//, (file) => /\.tsx?$/.test(file), (line) => /w3\.org|^\s*(\/\/|\*)/.test(line))).toEqual([])
})
