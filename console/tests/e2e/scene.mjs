// What the walks through the console share: the plan that the test gives as JSON, steps that are told with their time, people in browsers
// of their own, and every page in each look.
import { deepStrictEqual as same, ok } from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { browse, desk, faults, phone, shoot, until, visitor } from './drive.mjs'

export const plan = JSON.parse(readFileSync(process.argv[2], 'utf8'))
export const { site } = plan
export const browser = await browse()
const bad = []
const begun = Date.now()
let done = 0

/** As the operator, beside the browser. */
export async function api(method, path, body) {
  const response = await fetch(site.replace('localhost', '127.0.0.1') + path, { method, headers: { Authorization: `Bearer ${plan.token}`, 'Content-Type': 'application/json' }, body: body && JSON.stringify(body) })
  const data = await response.json()
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${data.detail}`)
  return data
}

// For who works on one of them: only the steps whose names this expression finds.
const only = process.env.NOVA_CONSOLE_STEPS ? new RegExp(process.env.NOVA_CONSOLE_STEPS) : null
export async function step(name, does) {
  if (only && !only.test(name)) return
  const from = Date.now()
  try {
    await does()
  } catch (error) {
    for (const [i, page] of browser.contexts().flatMap((one) => one.pages()).entries()) {
      console.log(`page ${i} was at ${page.url()}`)
      await shoot(page, plan.shots, `failed-${i}`)
    }
    console.log(bad.flat().join('\n'))
    throw error
  }
  done++
  console.log(`ok ${done} ${name} (${Date.now() - from} ms)`)
}

/** A browser of one's own, in which nothing may be forbidden, thrown or asked of another origin. */
export async function visit(more = {}) {
  const made = await visitor(browser, site, more)
  bad.push(made.bad)
  return made
}

export const shot = (page, name) => shoot(page, plan.shots, name)
/** Nothing that axe finds. */
export const clean = async (page) => same(await faults(page), [])

async function look(pages, lang, theme, viewport, state) {
  const { page, context } = await visit({ lang, theme, viewport, state })
  const wrong = []
  for (const [name, path] of Object.entries(pages)) {
    await page.goto(site + path)
    await page.waitForSelector('main h1', { state: 'attached' })
    await until(`${name} to be filled`, () => page.evaluate(() => !document.querySelector('[aria-busy=true]')))
    const label = `${name}-${theme}-${lang}${viewport === phone ? '-phone' : ''}`
    const [html, wide] = await page.evaluate(() => [[document.documentElement.lang, document.documentElement.dir, document.documentElement.dataset.theme], document.documentElement.scrollWidth - window.innerWidth])
    same(html, [lang, lang === 'ar' ? 'rtl' : 'ltr', theme], label)
    if (wide > 0) wrong.push(`${label}: ${wide} px wider than the screen`)
    await shot(page, label)
    for (const fault of await faults(page)) wrong.push(`${label}: ${fault}`)
  }
  await context.close()
  return wrong
}

/** Every page in both languages, both themes, on a desk and on a phone: pictures, axe, and nothing wider than the screen. */
export const everyPage = (pages, state) => step('every page in both languages, both themes, on a desk and on a phone', async () => {
  const looks = [['en', 'light', desk], ['ar', 'dark', desk], ['ar', 'light', phone], ['en', 'dark', phone]]
  const wrong = await Promise.all(looks.map((one) => look(pages, ...one, state)))
  same(wrong.flat(), [])
})

export async function end(name) {
  same(bad.flat(), [])
  await browser.close()
  ok(done > 0, 'no step was taken')
  console.log(`${name}: ${done} steps (${Math.round((Date.now() - begun) / 1000)} s)`)
}
