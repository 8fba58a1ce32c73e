// The authenticator's part (WebAuthn): bytes are base64url on the wire.
interface Begun {
  ceremony: string
  options: Record<string, unknown> & { challenge: string; allowCredentials?: { id: string }[]; excludeCredentials?: { id: string }[]; user?: { id: string } }
}

const toBytes = (text: string) => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0))
const toText = (buffer: ArrayBuffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '')
const known = (list?: { id: string }[]) => (list ?? []).map((one) => ({ ...one, id: toBytes(one.id), type: 'public-key' as const }))

export const hasPasskeys = () => 'PublicKeyCredential' in window && Boolean(navigator.credentials)
export type { Begun }

/** What the node wants signed, shown to the authenticator; its answer as the node reads it. */
export async function sign({ ceremony, options }: Begun) {
  const made = (await navigator.credentials.get({
    publicKey: { ...options, challenge: toBytes(options.challenge), allowCredentials: known(options.allowCredentials) } as PublicKeyCredentialRequestOptions,
  })) as PublicKeyCredential
  const response = made.response as AuthenticatorAssertionResponse
  return {
    ceremony,
    credential_id: toText(made.rawId),
    client_data_json: toText(response.clientDataJSON),
    authenticator_data: toText(response.authenticatorData),
    signature: toText(response.signature),
    user_handle: response.userHandle ? toText(response.userHandle) : '',
  }
}

export async function create({ ceremony, options }: Begun, name: string) {
  const made = (await navigator.credentials.create({
    publicKey: { ...options, challenge: toBytes(options.challenge), user: { ...options.user, id: toBytes(options.user!.id) }, excludeCredentials: known(options.excludeCredentials) } as unknown as PublicKeyCredentialCreationOptions,
  })) as PublicKeyCredential
  const response = made.response as AuthenticatorAttestationResponse
  return { ceremony, name, client_data_json: toText(response.clientDataJSON), attestation_object: toText(response.attestationObject) }
}
