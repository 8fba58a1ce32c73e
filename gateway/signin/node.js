// Talking to the node and to the authenticator. Tokens live in this module's memory and nowhere else: no storage, no
// cookie. So nothing is sent by itself and nothing needs a defence against forged requests; leaving the page signs out.
// The one cookie is for the way to an outside provider and back: it opens nothing alone, and two requests take it along.

let tokens = null;

export class NodeError extends Error {
  constructor(status, problem) {
    super(problem.detail || problem.title || String(status));
    this.status = status;
    this.code = problem.code || '';
    this.details = problem.details || {};
    this.remedy = problem.remedy || '';
  }
}

async function send(method, path, body, token, credentials = 'omit') {
  const headers = { Accept: 'application/json' };
  if (token) headers.Authorization = `Bearer ${token}`;
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  let response;
  try {
    response = await fetch(path, { method, headers, credentials, body: body === undefined ? undefined : JSON.stringify(body) });
  } catch {
    throw new NodeError(0, { code: 'client.unreachable' });
  }
  let answer = {};
  try {
    answer = await response.json();
  } catch {
    // An answer that is no JSON comes from something before the node: its status says enough.
  }
  if (!response.ok) throw new NodeError(response.status, answer);
  return answer;
}

export const open = (path, body) => send('POST', path, body);
export const look = (path) => send('GET', path);

/** What came of a provider's sign-in; the browser's cookie shows that it began here. */
export const redeem = (body) => send('POST', '/api/auth/oidc/exchange', body, undefined, 'same-origin');
export const link = (provider) => ask('POST', `/api/auth/oidc/${encodeURIComponent(provider)}/link`, {}, 'same-origin');

export const signedIn = () => tokens !== null;
export const keep = (answer) => { tokens = answer; };

/** As the person who signed in; an access token that is over is renewed once. */
export async function ask(method, path, body, credentials) {
  try {
    return await send(method, path, body, tokens?.access_token, credentials);
  } catch (error) {
    if (error.status !== 401 || error.code !== 'auth.required' || !tokens) throw error;
  }
  try {
    tokens = await send('POST', '/api/auth/refresh', { refresh_token: tokens.refresh_token });
  } catch (error) {
    if (error.status === 401) tokens = null;
    throw error;
  }
  return send(method, path, body, tokens.access_token, credentials);
}

export async function leave() {
  const last = tokens;
  tokens = null;
  if (last) await send('POST', '/api/auth/logout', {}, last.access_token);
}

const toBytes = (text) => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0));
const toText = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
const known = (list) => (list || []).map((one) => ({ ...one, id: toBytes(one.id) }));

export const hasPasskeys = () => Boolean(window.PublicKeyCredential && navigator.credentials);

/** What the node wants signed, shown to the authenticator; its answer as the node reads it. */
export async function sign({ ceremony, options }) {
  const made = await navigator.credentials.get({
    publicKey: { ...options, challenge: toBytes(options.challenge), allowCredentials: known(options.allowCredentials) },
  });
  const { response } = made;
  return {
    ceremony,
    credential_id: toText(made.rawId),
    client_data_json: toText(response.clientDataJSON),
    authenticator_data: toText(response.authenticatorData),
    signature: toText(response.signature),
    user_handle: response.userHandle ? toText(response.userHandle) : '',
  };
}

export async function create({ ceremony, options }, name) {
  const made = await navigator.credentials.create({
    publicKey: {
      ...options,
      challenge: toBytes(options.challenge),
      user: { ...options.user, id: toBytes(options.user.id) },
      excludeCredentials: known(options.excludeCredentials),
    },
  });
  return {
    ceremony,
    name,
    client_data_json: toText(made.response.clientDataJSON),
    attestation_object: toText(made.response.attestationObject),
  };
}
