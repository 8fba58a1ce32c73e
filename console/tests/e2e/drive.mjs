// Chromium on a running node: pages that are watched for what the policy forbids, for requests that leave the node, and for
// what scripts throw.
import { createHmac } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { chromium } from 'playwright-core'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
export const patience = Number(process.env.NOVA_TEST_PATIENCE ?? 60) * 1000

const program = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium'].find((path) => existsSync(path))

export async function browse() {
  // Tests run as root in containers, where the browser's own sandbox cannot start; it opens nothing but the node under test.
  return chromium.launch({ executablePath: program, args: ['--no-sandbox', '--disable-gpu', '--no-proxy-server'] })
}

export const desk = { width: 1440, height: 900 }
export const phone = { width: 390, height: 844 }

/** A context of its own with its page, and the list of what it must not do. */
export async function visitor(browser, site, { viewport = desk, lang = 'en', theme = 'light', state } = {}) {
  const context = await browser.newContext({ viewport, reducedMotion: 'reduce', ...(state ? { storageState: state } : {}) })
  await context.addCookies([{ name: 'nova_lang', value: lang, url: site }, { name: 'nova_theme', value: theme, url: site }])
  const bad = []
  context.on('request', (request) => {
    const url = new URL(request.url())
    if (url.origin !== new URL(site).origin && url.protocol !== 'data:') bad.push(`left the origin: ${request.url()}`)
  })
  await context.exposeBinding('__violated', (_, text) => bad.push(text))
  await context.addInitScript(() => document.addEventListener('securitypolicyviolation', (event) => window.__violated(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`)))
  const page = await context.newPage()
  page.setDefaultTimeout(patience)
  page.on('pageerror', (error) => bad.push(`threw: ${error.message}`))
  page.on('console', (message) => {
    // An answer of 4xx is part of what is tested, and the browser notes each.
    if (message.type() === 'error' && !/Failed to load resource/.test(message.text())) bad.push(`console: ${message.text()}`)
  })
  return { context, page, bad }
}

/** What axe finds against WCAG 2.1 A and AA, as lines. */
export async function faults(page) {
  if (!await page.evaluate(() => 'axe' in window)) await page.evaluate(axe)
  // No sheet is asked for anew: none of the rules reads them.
  const { violations } = await page.evaluate(() => window.axe.run(document, { preload: false, runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'], resultTypes: ['violations'] }))
  return violations.flatMap((one) => one.nodes.map((node) => `${one.id}: ${node.target.join(' ')}: ${node.failureSummary?.split('\n').slice(1).join(' ')}`))
}

export async function shoot(page, folder, name) {
  if (!folder) return
  mkdirSync(folder, { recursive: true })
  await page.screenshot({ path: join(folder, `${name}.png`) })
}

const base32 = (text) => {
  const bits = [...text].map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('')
  return Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)))
}

/** The code of an authenticator app, `shift` steps from now (RFC 6238). */
export function totp(secret, shift = 0) {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + shift))
  const digest = createHmac('sha1', base32(secret)).update(counter).digest()
  const at = digest[19] & 15
  return String((digest.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0')
}

/** Asks again until there is a true answer. */
export async function until(what, ask, limit = patience) {
  const end = Date.now() + limit
  let last
  while (Date.now() < end) {
    last = await ask()
    if (last) return last
    await new Promise((done) => setTimeout(done, 50))
  }
  throw new Error(`waited for ${what}; last: ${JSON.stringify(last)}`)
}
