// What came with the address: a program's code, the token of a mail, what came of a provider's sign-in. It stands behind
// the #, which browsers send to nobody, leaves the address at once, and lives in this page alone.
const given = new URLSearchParams(location.hash.slice(1))

export const brought = {
  code: given.get('code') ?? '',
  reset: given.get('reset') ?? '',
  verify: given.get('verify') ?? '',
  forgot: given.has('forgot'),
  outside: given.get('oidc') ?? '',
  error: given.get('error') ?? '',
}
if (location.hash) history.replaceState(history.state, '', location.pathname + location.search)

/** What it was good for is done. */
export const used = (name: 'code' | 'reset' | 'verify' | 'outside' | 'error') => {
  const value = brought[name]
  brought[name] = ''
  return value
}
