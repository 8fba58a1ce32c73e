// What people decide in the console, in a real browser on a real node: each person has a browser session of their own. Started by
// tests/e2e/browser/test_console_acts.py, which gives a plan as JSON: site, token, the people with what they sign in by, and a
// folder for pictures.
import { deepStrictEqual as same, ok } from 'node:assert/strict'
import { phone, totp, until } from './drive.mjs'
import { api, clean, end, everyPage, plan, shot, site, step, visit } from './scene.mjs'

/** Somebody in a browser of their own, signed in. */
async function signedIn(person, more = {}) {
  const come = await visit(more)
  const { page } = come
  await page.goto(`${site}/sign-in`)
  await page.fill('#email', person.email)
  await page.fill('#password', person.password)
  await page.click('#sign-in')
  if (person.secret) {
    await page.fill('#code', totp(person.secret))
    await page.click('#give-code')
  }
  await page.waitForSelector('[data-live=live]', { state: 'attached' })
  return come
}
const code = (person) => person.codes.pop()
const pending = async () => (await api('GET', '/v1/approvals?status=pending&tenant=shop')).items

let owner, asker, admin, operator
await step('four people sign in, each in a browser of their own', async () => {
  owner = await signedIn(plan.owner)
  asker = await signedIn(plan.asker)
  admin = await signedIn(plan.admin, { viewport: phone })
  operator = await signedIn(plan.operator, { lang: 'ar', theme: 'dark' })
})

/** Asks for the deletion of a deployment, which waits for two people; returns the approval. */
async function askToDelete(id) {
  const { page } = asker
  await page.goto(`${site}/deployments/shop/${id}`)
  await page.click('[data-act=delete]')
  await page.waitForSelector('[role=alertdialog] [data-holds]')
  ok((await page.textContent('[role=alertdialog] [data-holds]')).includes('Nothing in production is destroyed'))
  await page.fill('#act-name', id)
  await page.click('#act-now')
  await page.waitForSelector('[role=alertdialog] [data-held]')
  const [one] = await until('the approval', async () => ((await pending()).length ? pending() : null))
  return one
}

let first
await step('an act that people must agree to waits, and its page says for whom', async () => {
  first = await askToDelete('front-production')
  const { page } = asker
  const words = await page.textContent('[role=alertdialog] [data-held]')
  ok(words.includes('admins') && words.includes('owners'), words)
  await shot(page, 'held-light-en')
  await clean(page)
  await page.click('[role=alertdialog] [data-follow]')
  await page.waitForURL(/\/inbox\?open=/)
  await page.waitForSelector('main h1:has-text("front-production")')
  // Nobody agrees to what they asked for themselves.
  await page.waitForSelector('#approve[aria-disabled=true]')
  ok((await page.getAttribute('#approve', 'title')).includes('own request'))
})

await step('two different people agree, one of them on a phone, and it is done once', async () => {
  const mobile = admin.page
  await operator.page.waitForSelector('[data-waiting="1"]')
  await mobile.goto(`${site}/inbox`)
  await mobile.waitForSelector('main h1:has-text("front-production")')
  await shot(mobile, 'approval-light-en-phone')
  await clean(mobile)
  await mobile.click('#approve')
  await mobile.fill('#decide-reason', 'planned for today')
  await mobile.fill('#decide-code', '000000')
  await mobile.click('#decide-now')
  await mobile.waitForSelector('[role=alertdialog] [role=alert]')
  await shot(mobile, 'approval-sheet-light-en-phone')
  await clean(mobile)
  await mobile.fill('#decide-code', code(plan.admin))
  await mobile.click('#decide-now')
  await mobile.waitForSelector('[role=alertdialog]', { state: 'detached' })
  same((await api('GET', `/v1/tenants/shop/approvals/${first.id}`)).state.votes.length, 1)
  same((await api('GET', '/v1/tenants/shop/deployments/front-production')).status, 'running')

  const { page } = operator
  await page.goto(`${site}/inbox?open=shop/approval/${first.id}`)
  await page.waitForSelector('main h1:has-text("front-production")')
  await page.waitForFunction(() => document.querySelector('[data-votes]')?.textContent.includes('1'))
  // Who may read accounts reads names.
  await page.waitForSelector('.asd:has-text("vera")')
  await page.waitForSelector('main p:has-text("dana")')
  await shot(page, 'approval-dark-ar')
  await clean(page)
  await page.click('#approve')
  await page.fill('#decide-code', code(plan.operator))
  await page.click('#decide-now')
  await until('the act to be done', async () => (await api('GET', `/v1/tenants/shop/approvals/${first.id}`)).status === 'executed')
  // Whoever looks at it sees what became of it.
  await page.waitForSelector('[data-outcome=executed]')
  await asker.page.waitForSelector('[data-outcome=executed]')
  await until('the deployment to go', async () => ['deleting', 'deleted'].includes((await api('GET', '/v1/tenants/shop/deployments/front-production')).status))
})

await step('one no is enough, and its reason reaches who asked', async () => {
  const second = await askToDelete('side-production')
  await asker.page.click('[role=alertdialog] [data-follow]')
  await asker.page.waitForURL(/\/inbox\?open=/)
  const { page } = operator
  await page.goto(`${site}/inbox`)
  await page.waitForSelector('main h1:has-text("side-production")')
  await page.click('#reject')
  same(await page.getAttribute('#decide-now', 'aria-disabled'), 'true')
  await page.fill('#decide-reason', 'not before the audit')
  await page.click('#decide-now')
  await until('the no', async () => (await api('GET', `/v1/tenants/shop/approvals/${second.id}`)).status === 'rejected')
  await asker.page.waitForSelector('[data-outcome=rejected]')
  ok((await asker.page.textContent('main')).includes('not before the audit'))
  same((await api('GET', '/v1/tenants/shop/deployments/side-production')).status, 'running')
  await page.goto(`${site}/inbox`)
  await page.waitForSelector('main .empty')
})

const everywhere = ['/', '/tree', '/deployments', '/blueprints', '/inbox', '/governance', '/governance/permissions', '/events', '/providers', '/people', '/kinds', '/settings']
const switched = (page, state) => page.waitForSelector(`[data-switch=${state}]`, { state: 'attached' })

await step('the kill switch is engaged in two steps, and every page of everybody says so', async () => {
  const { page } = owner
  await page.goto(`${site}/`)
  await switched(page, 'armed')
  await operator.page.goto(`${site}/events`)
  await switched(operator.page, 'armed')
  await page.click('#stop-ai')
  // Both reasons first: the second step is shut until then.
  same(await page.getAttribute('#kill-next', 'aria-disabled'), 'true')
  await page.fill('#kill-reason', 'A drill of the exit')
  await page.fill('#kill-reason-ar', 'تمرين على الإيقاف')
  await shot(page, 'kill-step1-light-en')
  await clean(page)
  await page.click('#kill-next')
  await page.waitForSelector('#kill-now')
  same((await api('GET', '/v1/kill-switch')).engaged, [])
  await shot(page, 'kill-step2-light-en')
  await clean(page)
  await page.click('#kill-now')
  await switched(page, 'engaged')
  // Who looks at another page sees it at once, with the reason in their language, and nobody else may release it.
  await switched(operator.page, 'engaged')
  await operator.page.waitForSelector('.band:has-text("تمرين على الإيقاف")')
  same(await operator.page.getAttribute('.band .link-band', 'aria-disabled'), 'true')
  for (const path of everywhere) {
    await page.goto(site + path)
    await page.waitForSelector('.band:has-text("A drill of the exit")')
    await switched(page, 'engaged')
  }
  await shot(operator.page, 'engaged-dark-ar')
  await clean(operator.page)
  await page.goto(`${site}/`)
  await page.waitForSelector('.band')
  await shot(page, 'engaged-light-en')
  await clean(page)
})

await step('the kill switch is released with a reason, and every page says so', async () => {
  const { page } = owner
  await page.click('.band .link-band')
  same(await page.getAttribute('#release-now', 'aria-disabled'), 'true')
  await page.fill('#release-reason', 'the drill is over')
  await page.fill('#release-code', code(plan.owner))
  await page.click('#release-now')
  await switched(page, 'armed')
  await page.waitForSelector('.band', { state: 'detached' })
  await switched(operator.page, 'armed')
  same((await api('GET', '/v1/kill-switch')).engaged, [])
})

const rule = '@id("no-restarts")\n@en("Nobody restarts a deployment today.")\n@ar("لا يُعاد تشغيل أي نشر اليوم.")\nforbid (principal, action == Action::"deployment.restart", resource);\n'
/** Types at the end of the editor as a person does. */
async function append(page, text) {
  await page.click('.cm-content')
  await page.keyboard.press('Control+End')
  await page.keyboard.insertText(text)
}

let genesis
await step('the constitution stands in plain words and as source', async () => {
  const { page } = owner
  genesis = (await api('GET', '/v1/constitution')).text
  await page.goto(`${site}/governance`)
  await page.waitForSelector('tr:has-text("Nothing in production is destroyed")')
  await page.click('[role=tab]:has-text("Source")')
  await page.waitForSelector('.cedar:has-text("production-is-not-destroyed-alone")')
  await clean(page)
  await page.click('[role=tab]:has-text("Versions")')
  await page.waitForSelector('[data-version="1.0.0"]')
  await clean(page)
})

await step('an amendment shows its plan, its analysis and the replay before it is made', async () => {
  const { page } = owner
  await page.goto(`${site}/governance`)
  await page.click('#amend')
  await page.waitForURL(/\/governance\/amend/)
  await page.waitForSelector('.cm-content')
  await append(page, '\n@id("broken") forbid (principal, action == Action::"no.such", resource);\n')
  await page.click('#plan')
  // A text that does not hold is refused with its place, and nothing can be made of it.
  await page.waitForSelector('[data-wrong]')
  ok((await page.textContent('[data-wrong]')).match(/\d+:\d+/))
  same(await page.getAttribute('#amend-now', 'aria-disabled'), 'true')
  await page.goto(`${site}/governance/amend`)
  await page.waitForSelector('.cm-content')
  await append(page, `\n${rule}`)
  await page.click('#plan')
  await page.waitForSelector('[data-step=tightening]')
  await page.waitForSelector('[data-tighter]:has-text("no-restarts")')
  await page.waitForSelector('.diff .a:has-text("no-restarts")')
  await page.waitForSelector('[data-analysis]:has-text("deployment.restart")')
  ok(Number((await page.textContent('[data-replayed]')).replaceAll(',', '')) > 0)
  await shot(page, 'amend-light-en')
  await clean(page)
})

await step('it is made with a second factor, holds at once, and the denied act names it', async () => {
  const { page } = owner
  await page.click('#amend-now')
  await page.waitForSelector('#amend-code')
  await page.fill('#amend-reason', 'a trial')
  await page.fill('#amend-code', '000000')
  await page.click('#amend-go')
  await page.waitForSelector('[role=alertdialog] [role=alert]')
  await page.fill('#amend-code', code(plan.owner))
  await shot(page, 'amend-dialog-light-en')
  await clean(page)
  await page.click('#amend-go')
  await page.waitForURL(/\/governance(\?|$)/)
  await page.waitForSelector('tr:has-text("Nobody restarts a deployment today.")')
  same((await api('GET', '/v1/constitution')).version, '1.1.0')
  await asker.page.goto(`${site}/deployments/shop/side-production`)
  await asker.page.waitForSelector('[data-act=restart][aria-disabled=true]')
  ok((await asker.page.getAttribute('[data-act=restart]', 'title')).includes('no-restarts'))
  // It stays reachable by keyboard, and its reason is its description.
  await asker.page.focus('[data-act=restart]')
  ok(await asker.page.evaluate(() => document.getElementById(document.activeElement.getAttribute('aria-describedby')).textContent.includes('no-restarts')))
  await clean(asker.page)
})

await step('what was in force before can be read as of then, and is marked as past', async () => {
  const { page } = owner
  await page.goto(`${site}/governance?version=1.0.0`)
  await page.waitForSelector('[data-as-of="1.0.0"]')
  await page.waitForSelector('tr:has-text("Nothing in production is destroyed")')
  same(await page.locator('tr:has-text("Nobody restarts a deployment today.")').count(), 0)
  same(await page.getAttribute('#amend', 'aria-disabled'), 'true')
  await clean(page)
  await page.click('[data-back]')
  await page.waitForSelector('tr:has-text("Nobody restarts a deployment today.")')
})

let drafted = 0
await step('what may allow more is only a draft, and says from when it can be confirmed', async () => {
  const { page } = owner
  await page.goto(`${site}/governance/amend?from=1.0.0`)
  await page.waitForSelector('.cm-content')
  await page.click('#plan')
  await page.waitForSelector('[data-step=loosening]')
  await page.waitForSelector('[data-looser]:has-text("no-restarts")')
  await page.click('#amend-now')
  await page.fill('#amend-code', code(plan.owner))
  await page.click('#amend-go')
  await page.waitForURL(/\/governance(\?|$)/)
  await page.waitForSelector('[data-draft]')
  drafted = Date.now()
  same((await api('GET', '/v1/constitution')).version, '1.1.0')
  same(await page.getAttribute('#confirm', 'aria-disabled'), 'true')
  await shot(page, 'draft-light-en')
  await clean(page)
})

await step('a blueprint is written with help from its description, beside the same as a form', async () => {
  const { page } = owner
  await page.goto(`${site}/blueprints`)
  await page.click('[data-blueprint=shop] a')
  await page.waitForURL(/\/blueprints\/shop\/shop/)
  await page.waitForSelector('.cm-content:has-text("services")')
  await page.waitForSelector('[data-problems="0"]')
  // What is not known is told at its line, before the node is asked.
  await append(page, 'speed: fast\n')
  await page.waitForSelector('.problems li:has-text("speed")')
  same(await page.getAttribute('#apply', 'aria-disabled'), 'true')
  await page.click('text=Start over')
  await page.waitForSelector('[data-problems="0"]')
  // Control and Space offers what may stand at this place and does not yet.
  await append(page, '      ')
  await page.keyboard.press('Control+Space')
  await page.waitForSelector('.cm-tooltip-autocomplete li:has-text("needs")')
  same(await page.locator('.cm-tooltip-autocomplete li:has-text("scale")').count(), 0)
  await shot(page, 'blueprint-completion-light-en')
  await clean(page)
  await page.keyboard.type('nee')
  await page.keyboard.press('Enter')
  await page.waitForSelector('.cm-content:has-text("needs:")')
  await page.click('text=Start over')
  await page.waitForSelector('[data-problems="0"]')
  // The form and the text are one document.
  await page.fill('#f-spec-services-web-scale', '99')
  await page.waitForSelector('.problems li:has-text("32")')
  await page.fill('#f-spec-services-web-scale', '2')
  await page.waitForSelector('.cm-content:has-text("scale: 2")')
  await page.waitForSelector('[data-problems="0"]')
})

await step('its plan says every change and what the gate says, and applying it does exactly that', async () => {
  const { page } = owner
  same(await page.getAttribute('#apply', 'aria-disabled'), 'true')
  await page.click('#plan')
  await page.waitForSelector('[data-place="services.web.scale"] .becomes:has-text("2")')
  same(await page.locator('[data-place]').count(), 1)
  await page.waitForSelector('[data-verdict=allow]')
  await shot(page, 'blueprint-plan-light-en')
  await clean(page)
  await page.click('#apply')
  await page.waitForSelector('[role=alertdialog] [data-place="services.web.scale"]')
  await clean(page)
  await page.click('#apply-now')
  await page.waitForURL(/\/deployments\/shop\/shop-development/)
  await page.waitForSelector('[data-revision="2"]')
  await page.waitForFunction(() => document.querySelectorAll('[data-instance][data-phase=ready]').length === 2)
})

await step('each act on a deployment shows exactly what it will do before it does', async () => {
  const { page } = owner
  await page.goto(`${site}/deployments/shop/shop-development`)
  await page.click('[data-act=scale]')
  await page.selectOption('#field-service', 'web')
  await page.fill('#field-count', '3')
  await page.waitForFunction(() => document.querySelector('[data-effect=scale]')?.textContent.includes('23'))
  await clean(page)
  await page.keyboard.press('Escape')
  await page.click('[data-act=rollback]')
  await page.waitForSelector('[data-effect=rollback] .diff .d:has-text("scale: 2")')
  await page.waitForSelector('[data-effect=rollback] .diff .a:has-text("scale: 1")')
  await shot(page, 'rollback-light-en')
  await clean(page)
  await page.keyboard.press('Escape')
  await page.click('[data-act=stop]')
  await page.waitForSelector('[data-effect=stop]:has-text("Nothing serves")')
  same(await page.locator('[data-effect=stop] li').count(), 2)
  await page.click('#act-now')
  await page.waitForSelector('[data-act=start]')
  await until('it to be stopped', async () => (await api('GET', '/v1/tenants/shop/deployments/shop-development')).status === 'stopped')
  // What cannot be done now says why before it is tried.
  await page.waitForSelector('[data-act=restart][aria-disabled=true]')
  ok((await page.getAttribute('[data-act=restart]', 'title')).length > 5)
  await page.click('[data-act=start]')
  await page.click('#act-now')
  await page.waitForFunction(() => document.querySelectorAll('[data-instance][data-phase=ready]').length === 2)
})

await step('its logs are followed, searched and told apart by instance', async () => {
  const { page } = owner
  await page.waitForSelector('.log .ln')
  await page.waitForSelector('.log-bar [aria-pressed=true]')
  await page.fill('.dep .find input', 'serving')
  await page.waitForFunction(() => Number(document.querySelector('.log-bar .n')?.textContent.match(/\d+/)?.[0]) > 0)
  await page.click('.log-bar .btn:has-text("Next")')
  await page.waitForSelector('.log mark')
  await page.waitForSelector('.log-bar [aria-pressed=false]')
  const [, only] = await page.locator('select[aria-label=Instance] option').evaluateAll((all) => all.map((one) => one.value))
  await page.selectOption('select[aria-label=Instance]', only)
  ok(page.url().includes(`instance=${only}`))
  await page.waitForFunction((name) => { const rows = [...document.querySelectorAll('.log .ln .in0')]; return rows.length > 0 && rows.every((one) => one.title === name) }, only)
  const [saved] = await Promise.all([page.waitForEvent('download'), page.click('[aria-label=Download]')])
  same(saved.suggestedFilename(), 'shop-development.log')
})

await step('a recorded decision says who, by which rules in words, and what they read', async () => {
  const { page } = owner
  const { items } = await api('GET', '/v1/tenants/shop/deployments/shop-development/events?last=100')
  const { position } = items.find((one) => one.meta.decision?.rules?.includes('people'))
  await page.goto(`${site}/events?sel=${position}`)
  await page.waitForSelector('[data-decision=allow]:has-text("People may do what their roles allow.")')
  await page.waitForSelector('[data-decision] a:has-text("1.1.0")')
  await shot(page, 'decision-light-en')
  await clean(page)
  // As of that event: what came later is not there, and one goes back by one press.
  await page.click('.foot button:has-text("As of")')
  await page.waitForSelector('.live.past')
  await page.waitForFunction((at) => { const rows = [...document.querySelectorAll('tr[data-position]')].map((one) => Number(one.dataset.position)); return rows.length > 0 && Math.max(...rows) === at }, position)
  await clean(page)
  await page.click('.live.past')
  await page.waitForSelector('.live.past', { state: 'detached' })
})

// While the draft waits its minute.
const pages = { 'blueprints': '/blueprints', 'blueprint': '/blueprints/shop/shop', 'blueprint-new': '/blueprints/shop/new', 'constitution': '/governance', 'source': '/governance?tab=source', 'versions': '/governance?tab=versions', 'amend': '/governance/amend', 'permissions': '/governance/permissions', 'permissions-yours': '/governance/permissions?tab=yours' }
await step('what one person may do is told with the reason for each right', async () => {
  const { page } = owner
  await page.goto(`${site}/governance/permissions?tab=yours&tenant=shop`)
  await page.selectOption('select[aria-label=Person]', { label: plan.asker.email })
  await page.waitForSelector('[data-right="app.deploy"][data-allow=true]:has-text("tenant_role")')
  await page.waitForSelector('[data-right="tenant.delete"][data-allow=false]')
  await clean(page)
})

await everyPage(pages, await owner?.context.storageState())

await step('the draft is confirmed with another code once it may be', async () => {
  const { page } = owner
  await page.goto(`${site}/governance`)
  await page.waitForSelector('[data-draft]')
  // The page itself opens the button when the time has come: a minute after it was drafted.
  await page.waitForSelector('#confirm:not([aria-disabled])', { timeout: 120_000 })
  ok(Date.now() - drafted > 50_000)
  await page.click('#confirm')
  await page.fill('#amend-code', code(plan.owner))
  await page.click('#amend-go')
  await page.waitForSelector('[data-draft]', { state: 'detached' })
  await until('the text to be in force', async () => (await api('GET', '/v1/constitution')).text === genesis)
  same(await page.locator('tr:has-text("Nobody restarts a deployment today.")').count(), 0)
})

await end('acts')
