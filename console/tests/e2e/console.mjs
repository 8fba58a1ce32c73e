// The console in a real browser on a real node with the clinic and a shop on it. Started by tests/e2e/browser/test_console.py,
// which gives a plan as JSON: site, token, enrolment, the shop's bad blueprint, and a folder for pictures.
import { deepStrictEqual as same, ok } from 'node:assert/strict'
import { desk, totp, until } from './drive.mjs'
import { api, clean, end, everyPage, plan, shot, site, step, visit } from './scene.mjs'

const password = 'correct horse 9 Battery'
const email = 'owner@example.org'
let secret = ''
let recovery = ''
const amy = await visit()
const { page } = amy

await step('the owner enrols: account, authenticator app, recovery codes', async () => {
  await page.goto(`${site}/enrol#token=${plan.enrolment}`)
  await page.fill('#enrol-email', email)
  await page.fill('#enrol-username', 'Amy Hart')
  await page.fill('#enrol-password', password)
  same(new URL(page.url()).hash, '')
  await page.click('#enrol')
  secret = (await page.textContent('#totp-secret')).trim()
  ok(await page.isVisible('svg.qr'))
  // The step before this one, so that the next one is free for signing in.
  await page.fill('#code', totp(secret, -1))
  await page.click('#give-code')
  const codes = await page.locator('#recovery-codes li').allTextContents()
  same(codes.length, 10)
  recovery = codes[0]
  await page.click('#codes-kept')
  await page.waitForSelector('main h1:has-text("Platforms are serving")')
})

await step('no script can read the session, and nothing is kept in the browser', async () => {
  same(await page.evaluate(() => [localStorage.length, sessionStorage.length]), [0, 0])
  same((await page.evaluate(() => document.cookie)).split('; ').map((one) => one.split('=')[0]).sort(), ['nova_lang', 'nova_theme'])
  const kept = (await amy.context.cookies()).filter((one) => one.name.startsWith('__Host-'))
  same(kept.map((one) => [one.name, one.httpOnly, one.secure, one.sameSite, one.path]), [['__Host-nova_access', true, true, 'Strict', '/'], ['__Host-nova_refresh', true, true, 'Strict', '/']])
})

await step('a change without the page\'s own value is refused, and one from another site', async () => {
  const told = (headers) => page.evaluate(async (given) => {
    const response = await fetch('/v1/tenants/clinic/deployments/clinic-development/restart?dry_run=true', { method: 'POST', headers: { 'Content-Type': 'application/json', ...given }, body: '{}' })
    return [response.status, (await response.json()).code]
  }, headers)
  same(await told({}), [403, 'auth.csrf'])
  same(await told({ 'X-Nova-Csrf': 'guessed' }), [403, 'auth.csrf'])
  const cookies = (await amy.context.cookies()).map((one) => `${one.name}=${one.value}`).join('; ')
  const response = await fetch(`${site}/v1/whoami`, { headers: { Cookie: cookies, Origin: 'http://localhost:1', 'Sec-Fetch-Site': 'same-site' } })
  same([response.status, (await response.json()).code], [403, 'auth.cross_site'])
})

await step('signing out ends the session; password and code open another', async () => {
  await page.click('.top .who')
  await page.click('text=Sign out')
  await page.waitForURL(/sign-in/)
  await page.goto(`${site}/tree`)
  await page.waitForURL(/sign-in\?to=/)
  await page.fill('#email', email)
  await page.fill('#password', 'wrong wrong 1 Wrong')
  await page.click('#sign-in')
  await page.waitForSelector('[role=alert]')
  await page.fill('#password', password)
  await page.click('#sign-in')
  await page.fill('#code', totp(secret))
  await page.click('#give-code')
  await page.waitForURL(/\/tree/)
  await page.waitForSelector('[role=treegrid] [role=row][data-path]')
})

await step('a session whose access token is over goes on by itself', async () => {
  await amy.context.clearCookies({ name: '__Host-nova_access' })
  await page.goto(`${site}/`)
  await page.waitForSelector('main h1:has-text("Platforms are serving")')
})

await step('a killed service heals before one\'s eyes in the tree', async () => {
  await page.goto(`${site}/tree?sel=clinic/deployment/clinic-development`)
  const row = '[data-path="clinic/instance/clinic-development.api.r1.0"]'
  await page.waitForSelector(row)
  await page.waitForSelector('[data-live=live]')
  const before = (await api('GET', '/v1/tenants/clinic/instances/clinic-development.api.r1.0')).state
  process.kill(before.pid, 'SIGKILL')
  // Its restarts are told, and it runs again: nobody touched the page.
  await page.waitForFunction((at) => {
    const line = document.querySelector(at)
    return line?.dataset.status === 'running' && Number(line.children[2].textContent) > 0
  }, row)
  const after = (await api('GET', '/v1/tenants/clinic/instances/clinic-development.api.r1.0')).state
  ok(after.pid !== before.pid)
  await page.click(row)
  await page.waitForSelector('.insp .why li')
})

await step('what may not be done says why, and what may shows what it will do', async () => {
  await page.goto(`${site}/tree?sel=clinic/deployment/clinic-development`)
  const rollback = page.locator('[data-act=rollback] .btn')
  await page.waitForSelector('[data-act=rollback] .btn[aria-disabled=true]')
  ok((await rollback.getAttribute('title')).includes('no earlier revision'))
  await page.click('[data-act=restart] .btn')
  await page.waitForSelector('[role=alertdialog] .impact code.rule')
  same(await page.evaluate(() => document.activeElement.textContent), 'Leave it')
  ok((await page.textContent('[role=alertdialog] .copy code')).startsWith('novactl command deployment/clinic-development restart -t clinic'))
  await shot(page, 'act-light-en')
  await clean(page)
  await page.keyboard.press('Escape')
})

await step('a bad revision is rolled back, and the page shows it', async () => {
  await page.goto(`${site}/deployments/shop/shop-development`)
  await page.waitForSelector('[data-revision="1"]')
  await api('POST', '/v1/apply', { manifests: [plan.bad] })
  await page.waitForSelector('[data-revision="2"]')
  await page.waitForFunction(() => ['rolled_back', 'failed'].includes(document.querySelector('[data-revision="2"]')?.dataset.state))
  await page.waitForSelector('[data-revision="1"] .st.ok')
  await page.waitForSelector('.diff .a')
  ok((await page.textContent('.diff')).includes('MODE: sick'))
})

await step('a service is scaled from its page, by exactly one act', async () => {
  await page.click('[data-act=scale]')
  await page.selectOption('#field-service', 'web')
  await page.fill('#field-count', '2')
  await page.waitForSelector('[role=alertdialog] .impact li code')
  await page.click('#act-now')
  await until('two instances', async () => Object.values((await api('GET', '/v1/tenants/shop/deployments/shop-development')).state.instances).filter((one) => one.phase === 'ready' && one.service === 'web').length === 2)
  await page.waitForFunction(() => document.querySelectorAll('[data-instance][data-phase=ready]').length === 2)
})

await step('events come as they are stored, and each opens whole', async () => {
  await page.goto(`${site}/events`)
  await page.waitForSelector('[data-live=live]')
  await page.waitForSelector('tr[data-position]')
  const answer = await api('POST', '/v1/tenants/shop/update_settings', { name: 'Shop of tests' })
  await page.waitForSelector(`tr[data-position="${answer.position}"]`)
  await page.click(`tr[data-position="${answer.position}"] button`)
  await page.waitForSelector('.insp h2:has-text("tenant.")')
  ok(page.url().includes(`sel=${answer.position}`))
})

await step('AI has its layers, power, agents, outside providers, limits and requests on pages of their own', async () => {
  await page.goto(`${site}/governance/layers`)
  await page.click('#make-layers')
  for (const [field, text] of Object.entries({ 'profile-name': 'Analysis', 'profile-name_ar': 'التحليل', 'profile-purpose': 'Reads and sums up', 'profile-purpose_ar': 'تقرأ وتلخّص', 'profile-priority': '5', 'power-level': '4', 'power-max_tokens_per_request': '4000' })) await page.fill(`#field-${field}`, text)
  same(await page.getAttribute('#act-now', 'aria-disabled'), 'true')
  await page.selectOption('#field-type', 'HYBRID')
  for (const [field, text] of Object.entries({ max_requests_per_minute: '20', max_concurrent_requests: '2', cost_per_request: '3' })) await page.fill(`#field-power-${field}`, text)
  // The node says beforehand what becomes of it.
  await page.waitForSelector('.impact:has-text("ai_layer.")')
  await shot(page, 'ai-layer-new-light-en')
  await clean(page)
  await page.click('#act-now')
  await page.waitForSelector('td a:has-text("Analysis")')
  ok((await page.textContent('main')).includes('4 of 10'))
  await page.click('[role=tab]:has-text("Agents")')
  await page.click('#make-agents')
  await page.fill('#field-name', 'Reader')
  await page.fill('#field-model', 'small-1')
  await page.selectOption('#field-layer', { index: 1 })
  for (const field of ['available_to_subscribers', 'requires_sovereign_approval']) await page.selectOption(`#field-${field}`, 'false')
  await page.fill('#field-max_tokens', '1024')
  await page.waitForSelector('.impact:has-text("ai_agent.")')
  await page.click('#act-now')
  await page.waitForSelector('td a:has-text("Reader")')
  await page.click('td a:has-text("Reader")')
  await page.waitForURL(/\/k\/ai_agent\/system\//)
  await page.waitForSelector('[data-act=remove]')
})

await step('who may not is told by which right, and every error what was lost, what to do and the request', async () => {
  const viewer = 'viewer@example.org'
  const { user } = await api('POST', '/api/auth/register', { email: viewer, username: 'Vera', password, language: 'en' })
  await api('POST', `/v1/tenants/system/users/${user}/verify`, {})
  await api('POST', `/v1/tenants/shop/memberships/${user}/invite`, { role: 'viewer' })
  const guest = await visit()
  await guest.page.goto(`${site}/sign-in`)
  await guest.page.fill('#email', viewer)
  await guest.page.fill('#password', password)
  await guest.page.click('#sign-in')
  await guest.page.waitForURL((url) => url.pathname === '/')
  same(await guest.page.evaluate(async ([id]) => {
    const who = await (await fetch('/v1/whoami')).json()
    return (await fetch(`/v1/tenants/shop/memberships/${id}/accept`, { method: 'POST', headers: { 'Content-Type': 'application/json', 'X-Nova-Csrf': who.csrf }, body: '{}' })).status
  }, [user]), 200)
  // A member sees the tenants that are theirs, one at a time, and no other's.
  await api('POST', `/v1/tenants/clinic/memberships/${user}/invite`, { role: 'viewer' })
  const joined = await guest.page.evaluate(async ([id]) => {
    const who = await (await fetch('/v1/whoami')).json()
    return (await fetch(`/v1/tenants/clinic/memberships/${id}/accept`, { method: 'POST', headers: { 'Content-Type': 'application/json', 'X-Nova-Csrf': who.csrf }, body: '{}' })).status
  }, [user])
  same(joined, 200)
  for (const [own, other] of [['shop', 'clinic'], ['clinic', 'shop']]) {
    await guest.page.goto(`${site}/tree?tenant=${own}`)
    await guest.page.waitForSelector(`[data-path="${own}/tenant/${own}"]`)
    same(await guest.page.locator(`[data-path^="${other}/"]`).count(), 0)
    await guest.page.goto(`${site}/?tenant=${own}`)
    await guest.page.waitForSelector(`main td a[href*="${own}/tenant"]`)
    same(await guest.page.locator(`main td a[href*="${other}/tenant"]`).count(), 0)
  }
  await shot(guest.page, 'member-overview-light-en')
  await clean(guest.page)
  await guest.page.selectOption('main select[aria-label=Tenant]', 'shop')
  await guest.page.waitForSelector('main td a[href*="shop/tenant"]')
  await guest.page.goto(`${site}/deployments/shop/shop-development`)
  await guest.page.waitForSelector('main h1')
  // Every act of a thing is offered closed, with what is missing.
  await guest.page.goto(`${site}/k/deployment/shop/shop-development`)
  await guest.page.waitForSelector('[data-act=restart] .btn[aria-disabled=true]')
  ok((await guest.page.textContent('[data-act=restart] code')).length > 3)
  const answered = guest.page.waitForResponse((response) => response.url().includes('/deployments/nothing') && response.status() === 404)
  await guest.page.goto(`${site}/k/deployment/shop/nothing`)
  const id = (await answered).headers()['x-request-id']
  await guest.page.waitForSelector('[role=alert]')
  const told = await guest.page.textContent('[role=alert]')
  ok(told.includes('nothing was lost'), told)
  ok((await guest.page.textContent('[role=alert] [data-remedy]')).length > 10)
  ok(id && told.includes(id), `${id}: ${told}`)
  await clean(guest.page)
  await guest.context.close()
})

await step('a view is kept under a name and found again', async () => {
  await page.goto(`${site}/events?tenant=shop&kind=deployment`)
  await page.waitForSelector('main h1')
  await page.keyboard.press('Control+k')
  await page.keyboard.type('save this')
  await page.waitForSelector('[role=option]:has-text("Save this view")')
  await page.keyboard.press('Enter')
  await page.fill('#view-name', 'Shop rollouts')
  await clean(page)
  await page.click('#view-keep')
  await page.goto(`${site}/`)
  await page.waitForSelector('main h1')
  await page.keyboard.press('Control+k')
  await page.keyboard.type('rollouts')
  await page.waitForSelector('[role=option]:has-text("Shop rollouts")')
  await page.keyboard.press('Enter')
  await page.waitForURL(/\/events\?tenant=shop&kind=deployment/)
  same(await page.evaluate(() => Object.keys(localStorage).map((key) => key.split(':')[0]).concat(Object.keys(sessionStorage))), ['nova_views'])
  await page.evaluate(() => localStorage.clear())
})

const pages = {
  overview: '/', tree: '/tree?sel=clinic/deployment/clinic-development', deployments: '/deployments', deployment: '/deployments/shop/shop-development', inbox: '/inbox', governance: '/governance',
  rights: '/governance/permissions', 'ai-layers': '/governance/layers', 'ai-power': '/governance/layers?tab=power', 'ai-agents': '/governance/layers?tab=agents', 'ai-external': '/governance/layers?tab=external', 'ai-limits': '/governance/layers?tab=limits', 'ai-executions': '/governance/layers?tab=executions', program: '/device', events: '/events?sel=12', providers: '/providers', people: '/people', members: '/people?tab=members', keys: '/people?tab=keys', sessions: '/people?tab=sessions', kinds: '/kinds', kind: '/k/instance', thing: '/k/tenant/clinic/clinic',
  settings: '/settings', config: '/settings?tab=config', account: '/settings?tab=account', view: '/settings?tab=view', lost: '/nowhere',
}
const state = await amy.context.storageState()
await everyPage(pages, state)

await step('hands on the keyboard: palette, places, rows', async () => {
  await page.goto(`${site}/`)
  await page.waitForSelector('main h1')
  await page.keyboard.press('Control+k')
  await page.keyboard.type('shop-dev')
  await page.waitForSelector('[role=option]')
  await shot(page, 'palette-light-en')
  await clean(page)
  await page.keyboard.press('Enter')
  await page.waitForURL(/deployments\/shop\/shop-development/)
  await page.keyboard.press('g')
  await page.keyboard.press('t')
  await page.waitForURL(/\/tree/)
  await page.focus('[role=row][data-path]')
  await page.keyboard.press('j')
  await page.keyboard.press('j')
  await page.waitForFunction(() => document.activeElement?.getAttribute('aria-selected') === 'true')
  await page.keyboard.press('?')
  await page.waitForSelector('.keymap')
})

await step('a tree longer than the screen keeps its order for readers and its place for hands', async () => {
  await page.setViewportSize({ ...desk, height: 320 })
  await page.goto(`${site}/tree`)
  await page.focus('[role=row][data-path]')
  await page.keyboard.press('*')
  const focused = (index) => page.waitForFunction((wanted) => Number(document.activeElement?.getAttribute('aria-rowindex')) === wanted, index)
  const drawn = () => page.locator('[role=row][data-path]').evaluateAll((rows) => rows.map((row) => Number(row.getAttribute('aria-rowindex'))))
  const inOrder = () => until('rows in order', async () => (await drawn()).every((index, i, all) => i === 0 || index === all[i - 1] + 1))
  await page.keyboard.press('End')
  const count = Number(await page.getAttribute('[role=treegrid]', 'aria-rowcount'))
  await focused(count)
  await inOrder()
  ok((await drawn()).length < count - 1, `all of ${count} rows have elements`)
  same((await drawn()).at(-1), count)
  await page.keyboard.press('Home')
  await focused(2)
  await page.keyboard.press('ArrowDown')
  await focused(3)
  // Scrolled out of sight it loses the focus to the tree, which goes on from there.
  await page.evaluate(() => document.querySelector('.tree-scroll').scrollTo({ top: 1e6 }))
  await page.waitForFunction(() => document.activeElement?.classList.contains('tree-scroll'))
  await inOrder()
  await page.keyboard.press('ArrowDown')
  await focused(4)
  await inOrder()
  await page.setViewportSize(desk)
})

await step('the stream resumes after the node was started again, with nothing missed', async () => {
  await page.goto(`${site}/events`)
  await page.waitForSelector('[data-live=live]')
  const other = await visit({ state })
  await other.page.goto(`${site}/tree?sel=shop/tenant/shop`)
  await other.page.waitForSelector('.insp [data-act=suspend] .btn:not([aria-disabled=true])')
  console.log('RESTART')
  // While the node is away the page says so, and its acts are closed and say why.
  await other.page.waitForSelector('[data-live=stale]')
  await other.page.waitForSelector('.insp [data-act=suspend] .btn[aria-disabled=true]')
  ok((await other.page.getAttribute('.insp [data-act=suspend] .btn', 'title')).includes('stale'))
  await page.waitForSelector('[data-live=stale]')
  await page.waitForSelector('[data-live=live]')
  // What was stored while nobody listened is there, in order and without a gap.
  const { items } = await api('GET', '/v1/events?last=1')
  const end = items[0].position
  await page.waitForFunction((position) => Number(document.querySelector('[data-live]').dataset.position) >= position, end)
  const shown = (await page.locator('tr[data-position]').evaluateAll((rows) => rows.map((row) => Number(row.dataset.position)))).sort((a, b) => a - b)
  for (let i = 1; i < shown.length; i++) ok(shown[i] === shown[i - 1] + 1, `after ${shown[i - 1]} comes ${shown[i]}`)
  same(shown.at(-1), end)
  // The other's tree goes on, too: what is stored from now on is in it, without the page being loaded again.
  await other.page.waitForSelector('[data-live=live]')
  await api('POST', '/v1/tenants/resumed/create', { name: 'Resumed' })
  await other.page.waitForSelector('[data-path="resumed/tenant/resumed"]')
  await other.page.waitForSelector('.insp [data-act=suspend] .btn:not([aria-disabled=true])')
  await other.context.close()
})

await step('a recovery code opens what the app would', async () => {
  const guest = await visit()
  await guest.page.goto(`${site}/sign-in`)
  await guest.page.fill('#email', email)
  await guest.page.fill('#password', password)
  await guest.page.click('#sign-in')
  await guest.page.click('text=Use a recovery code')
  await guest.page.fill('#recovery', recovery)
  await guest.page.click('form .btn.pri')
  await guest.page.waitForSelector('main h1:has-text("Platforms")')
  await guest.context.close()
})

await end('console')
