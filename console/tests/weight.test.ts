// What a browser loads before the first page stands: the entry and all that it imports at once, compressed.
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const out = process.env.NOVA_CONSOLE_OUT ?? '../build/console'
const script_max = 200_000

it('loads less than 200 kB of compressed script at first', () => {
  expect(existsSync(out), `${out} is not built`).toBe(true)
  const page = readFileSync(join(out, 'index.en.auto.html'), 'utf8')
  const first = [...page.matchAll(/(?:src|href)="\/assets\/([^"]+\.js)"/g)].map((found) => found[1]!)
  expect(first.length).toBeGreaterThan(0)
  const seen = new Set<string>()
  const walk = (name: string) => {
    if (seen.has(name)) return
    seen.add(name)
    for (const found of readFileSync(join(out, 'assets', name), 'utf8').matchAll(/(?:from|import)\s*"\.\/([^"]+\.js)"/g)) walk(found[1]!)
  }
  first.forEach(walk)
  // And the overview itself, which is what most come for.
  for (const name of readdirSync(join(out, 'assets'))) if (/^overview-.*\.js$/.test(name)) walk(name)
  const bytes = [...seen].reduce((sum, name) => sum + statSync(join(out, 'assets', `${name}.gz`)).size, 0)
  console.log(`first load: ${bytes} bytes of gzip in ${seen.size} files`)
  expect(bytes).toBeLessThan(script_max)
})
it('has no inline script or style', () => {
  const page = readFileSync(join(out, 'index.ar.dark.html'), 'utf8')
  expect(page).not.toMatch(/<style|style="|<script(?![^>]*src=)/)
  expect(page).toContain('<html lang="ar" dir="rtl" data-theme="dark">')
})
