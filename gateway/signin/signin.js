// The sign-in page: one view at a time, in the reader's language. Text of the node is shown as text, never as markup.
import { NodeError, ask, create, hasPasskeys, keep, leave, link, look, open, redeem, sign, signedIn } from './node.js';
import { words } from './words.js';

const at = (id) => document.getElementById(id);
const device = () => `Browser (${navigator.userAgentData?.platform || navigator.platform || 'unknown'})`.slice(0, 255);

let language = (navigator.languages || []).some((one) => one.startsWith('ar')) ? 'ar' : 'en';
const asked = new URLSearchParams(location.search).get('lang');
if (asked === 'ar' || asked === 'en') language = asked;

let flow = null; // of a sign-in whose password was right
let email = '';
let shownCode = ''; // of a program that waits
let doneWord = '';
// A program's code, or the token of a mail, may come with the address. It stands behind the #, which browsers send to nobody.
const brought = new URLSearchParams(location.hash.slice(1));
let waitingCode = brought.get('code') || '';
let resetToken = brought.get('reset') || '';
const fromOutside = brought.has('oidc') || brought.has('error');
if (location.hash) history.replaceState(null, '', location.pathname + location.search);
// What this tab had in hand when it went to a provider.
const onTheWay = JSON.parse(sessionStorage.getItem('onTheWay') || '{}');
sessionStorage.removeItem('onTheWay');
if (fromOutside) {
  waitingCode = onTheWay.waitingCode || '';
  language = onTheWay.language || language;
}

const t = (word, ...values) => {
  const text = words[language][word];
  return typeof text === 'function' ? text(...values) : text;
};

function speak() {
  document.documentElement.lang = language;
  document.documentElement.dir = language === 'ar' ? 'rtl' : 'ltr';
  document.title = t('title');
  for (const place of document.querySelectorAll('[data-t]')) place.textContent = t(place.dataset.t);
  const other = at('language');
  other.textContent = t('otherLanguage');
  other.lang = language === 'ar' ? 'en' : 'ar';
  if (doneWord) at('h-done').textContent = t(doneWord);
  offer();
}

const view = () => document.querySelector('main > section:not([hidden])')?.id.slice(5);

function show(name, { focus = true } = {}) {
  for (const section of document.querySelectorAll('main > section')) section.hidden = section.id !== `view-${name}`;
  tell('');
  complain(null);
  if (focus) at(`h-${name}`).focus();
}

const tell = (text) => { at('status').textContent = text; };

function complain(error) {
  const place = at('problem');
  place.hidden = error === null;
  place.textContent = '';
  if (error === null) return;
  let text = t('cancelled');
  let foreign = false;
  if (error instanceof NodeError) {
    const own = error.code === 'client.unreachable' ? t('unreachable') : words[language].errors[error.code];
    foreign = !own && language !== 'en';
    text = own || `${error.message}${error.remedy ? `: ${error.remedy}` : ''}`;
    if (error.code === 'passkey.wrong_origin' && error.details.origin) text = t('openAt', `${error.details.origin}/signin`);
  } else if (typeof error === 'string') {
    text = error;
  }
  const line = document.createElement('bdi');
  line.textContent = text;
  if (foreign) line.lang = 'en';
  place.append(line);
}

// One act at a time; what went wrong is said in the page, and focus stays where it was.
let busy = false;
function act(button, work) {
  return async (event) => {
    event?.preventDefault();
    if (busy) return;
    busy = true;
    const control = button || event?.submitter;
    control?.setAttribute('aria-disabled', 'true');
    complain(null);
    tell(t('working'));
    try {
      await work(event);
      if (at('status').textContent === t('working')) tell('');
    } catch (error) {
      tell('');
      complain(error);
      if (error instanceof NodeError && error.code === 'auth.required' && !signedIn() && view() !== 'password') start(error);
    } finally {
      control?.removeAttribute('aria-disabled');
      busy = false;
    }
  };
}
const on = (id, work) => at(id).addEventListener('click', act(at(id), work));
const onForm = (id, work) => at(id).addEventListener('submit', act(null, async () => work(at(id).elements)));

// ---- signing in

function start(error = null) {
  flow = null;
  at('waiting-code').hidden = !waitingCode;
  at('waiting-code-text').textContent = waitingCode;
  show('password', { focus: error !== null });
  if (error) complain(error);
}

async function enter(answer) {
  keep(answer);
  flow = null;
  for (const field of document.querySelectorAll('input[type=password]')) field.value = '';
  if (waitingCode) {
    at('user-code').value = waitingCode;
    waitingCode = '';
    try {
      await home();
      return await lookUp();
    } catch (error) {
      show('home');
      return complain(error);
    }
  }
  await home();
}

async function byFirst(answered) {
  try {
    await enter(await answered);
  } catch (error) {
    if (error.code !== 'auth.mfa_required') throw error;
    flow = error.details.flow;
    const methods = error.details.methods.split(', ');
    at('second-passkey').hidden = !methods.includes('passkey');
    at('form-code').hidden = !methods.includes('totp');
    at('code').value = '';
    show('second');
  }
}

function byPassword(address, password) {
  email = address;
  return byFirst(open('/api/auth/login', { email: address, password, device: device() }));
}

const needPasskeys = () => {
  if (!hasPasskeys()) throw t('noPasskeysHere');
};

on('passkey', async () => {
  needPasskeys();
  const answer = await sign(await open('/api/auth/passkey/options', {}));
  await enter(await open('/api/auth/passkey/login', { ...answer, device: device() }));
});
on('second-passkey', async () => {
  needPasskeys();
  const answer = await sign(await open('/api/auth/login/passkey/options', { flow }));
  await enter(await open('/api/auth/login/passkey', { ...answer, flow, device: device() }));
});
onForm('form-password', (fields) => byPassword(fields.email.value, fields.password.value));
onForm('form-code', async (fields) => enter(await open('/api/auth/login/code', { flow, code: fields.code.value.trim(), device: device() })));
onForm('form-owner', async (fields) => {
  await open('/api/auth/enrol-owner', {
    token: fields.token.value.trim(),
    email: fields.email.value,
    username: fields.username.value,
    password: fields.password.value,
    language,
  });
  await byPassword(fields.email.value, fields.password.value);
});

// ---- by mail

onForm('form-forgot', async (fields) => {
  try {
    await open('/api/auth/password/forgot', { email: fields.email.value });
  } catch (error) {
    throw error.code === 'auth.method_disabled' ? t('noMail') : error;
  }
  start();
  at('h-password').focus();
  tell(t('forgotDone'));
});
onForm('form-reset', async (fields) => {
  await open('/api/auth/password/reset', { token: resetToken, password: fields.password.value });
  resetToken = '';
  fields.password.value = '';
  start();
  at('h-password').focus();
  tell(t('resetDone'));
});
async function prove(token) {
  await open('/api/auth/verify', { token });
  tell(t('proved'));
}

/** One act on one row; `label` says on which, for who does not see where it stands. */
function rowButton(text, label, work) {
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = text;
  button.setAttribute('aria-label', label);
  button.addEventListener('click', act(button, work));
  return button;
}

// ---- by an outside provider

let providers = [];

function away(address) {
  sessionStorage.setItem('onTheWay', JSON.stringify({ waitingCode, language }));
  location.assign(address);
}

function providerButton(text, work) {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'wide';
  button.textContent = text;
  button.addEventListener('click', act(button, work));
  return button;
}

function offer() {
  at('providers').hidden = providers.length === 0;
  at('providers').replaceChildren(...providers.map((one) => providerButton(t('withProvider', one.title), () => away(one.start))));
}

// Other ways in are there without them.
async function findProviders() {
  try {
    ({ items: providers } = await look('/api/auth/oidc'));
  } catch {
    providers = [];
  }
  offer();
}

// Only its words are shown: anybody can lead somebody here with a code of their own.
function cameWithError(code) {
  const own = words[language].errors[code] || words.en.errors[code];
  complain(own ? new NodeError(0, { code, detail: own }) : t('providerFailed'));
}

async function linksPart() {
  at('outside').hidden = providers.length === 0;
  if (providers.length === 0) return;
  const { items } = await ask('GET', '/api/auth/oidc/links');
  const linked = items.filter((one) => one.status === 'linked');
  const title = (name) => providers.find((one) => one.name === name)?.title || name;
  at('links').replaceChildren(...linked.map((one) => linkRow(one.id, title(one.state.provider))));
  const others = providers.filter((one) => !linked.some((each) => each.state.provider === one.name));
  at('to-link').replaceChildren(...others.map((one) => providerButton(t('linkProvider', one.title), async () => {
    // The cookie goes to where the provider sends the browser back to.
    const { origin } = new URL(one.start);
    if (origin !== location.origin) throw t('linkAt', `${origin}/signin`);
    away((await link(one.name)).location);
  })));
}

function linkRow(id, title) {
  const row = document.createElement('li');
  const name = document.createElement('span');
  const text = document.createElement('bdi');
  text.textContent = title;
  name.append(text);
  const button = rowButton(t('unlinkShort'), t('unlink', title), async () => {
    if (!window.confirm(t('unlinkSure', title))) return;
    await ask('POST', `/v1/tenants/system/identity_links/${encodeURIComponent(id)}/unlink`, {});
    await home();
    tell(t('unlinked'));
  });
  row.append(name, button);
  return row;
}

// ---- the account

async function home() {
  const who = await ask('GET', '/v1/whoami');
  email = who.user?.state?.account?.email || email || who.principal;
  at('who').textContent = email;
  const { items } = await ask('GET', '/api/auth/passkeys');
  at('owner-needs-key').hidden = !(who.root_owner && items.length === 0);
  at('no-passkeys').hidden = items.length > 0;
  at('passkeys').replaceChildren(...items.map(passkeyRow));
  await linksPart();
  show('home');
}

const when = (text) =>
  new Intl.DateTimeFormat(language === 'ar' ? 'ar-u-nu-latn-ca-gregory' : 'en', { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(text));

function passkeyRow({ id, state }) {
  const row = document.createElement('li');
  const text = document.createElement('span');
  const name = document.createElement('bdi');
  name.textContent = state.name;
  const age = document.createElement('small');
  age.textContent = t('since', when(state.enrolled_at));
  text.append(name, age);
  const path = `/api/auth/passkeys/${encodeURIComponent(id)}`;
  const acts = document.createElement('span');
  acts.className = 'acts';
  acts.append(
    rowButton(t('renameShort'), t('rename', state.name), async () => {
      const name = window.prompt(t('renameAsk', state.name), state.name)?.trim();
      if (!name || name === state.name) return;
      await ask('POST', `${path}/rename`, { name });
      await home();
      tell(t('passkeyRenamed'));
    }),
    rowButton(t('removeShort'), t('remove', state.name), async () => {
      if (!window.confirm(t('removeSure', state.name))) return;
      await ask('DELETE', path);
      await home();
      tell(t('passkeyRemoved'));
    }),
  );
  row.append(text, acts);
  return row;
}

onForm('form-passkey', async (fields) => {
  needPasskeys();
  const begun = await ask('POST', '/api/auth/passkeys/options', { label: email });
  await ask('POST', '/api/auth/passkeys', await create(begun, fields.name.value.trim() || t('passkeyDefault')));
  fields.name.value = '';
  await home();
  tell(t('passkeyAdded'));
});

on('sign-out', async () => {
  try {
    await leave();
  } finally {
    start();
  }
  at('h-password').focus();
  tell(t('signedOut'));
});

// ---- a program that waits

async function lookUp() {
  const code = at('user-code').value.trim().toUpperCase();
  const waiting = await ask('POST', '/api/auth/device/lookup', { user_code: code });
  shownCode = code;
  at('device-name').textContent = waiting.device || '—';
  at('device-code').textContent = code;
  at('device-since').textContent = when(waiting.started_at);
  at('device-as').textContent = email;
  show('device');
}
onForm('form-device', lookUp);

for (const [id, path, word] of [['device-approve', 'approve', 'deviceApproved'], ['device-deny', 'deny', 'deviceDenied']])
  on(id, async () => {
    await ask('POST', `/api/auth/device/${path}`, { user_code: shownCode });
    at('user-code').value = '';
    doneWord = word;
    speak();
    show('done');
  });

// ---- the frame

at('language').addEventListener('click', () => {
  language = language === 'ar' ? 'en' : 'ar';
  speak();
  complain(null);
});
on('to-owner', () => show('owner'));
for (const button of document.querySelectorAll('[data-go]'))
  button.addEventListener('click', act(button, () => (button.dataset.go === 'home' ? home() : button.dataset.go === 'forgot' ? show('forgot') : start())));

speak();
start();
const found = findProviders();
if (resetToken) show('reset');
else if (brought.get('verify')) act(null, () => prove(brought.get('verify')))();
else if (brought.get('oidc'))
  act(null, async () => {
    await found;
    await byFirst(redeem({ code: brought.get('oidc'), device: device() }));
  })();
else if (brought.get('error')) cameWithError(brought.get('error'));
