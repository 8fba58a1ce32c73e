// A real OpenID provider with one client and its development forms: any name signs in, and its address is verified.
// Arguments: issuer, the client's redirect address, the algorithm of its tokens.
import { generateKeyPairSync } from "node:crypto";
import Provider from "oidc-provider";

const [issuer, redirect, alg] = process.argv.slice(2);
const made = { RS256: ["rsa", { modulusLength: 2048 }], ES256: ["ec", { namedCurve: "P-256" }], EdDSA: ["ed25519", {}] }[alg];
const { privateKey } = generateKeyPairSync(...made);
const key = { ...privateKey.export({ format: "jwk" }), kid: "peer", use: "sig", alg };

const provider = new Provider(issuer, {
  clients: [{ client_id: "nova", client_secret: "a client's secret", redirect_uris: [redirect], response_types: ["code"],
              grant_types: ["authorization_code"], id_token_signed_response_alg: alg }],
  jwks: { keys: [key] },
  cookies: { keys: ["a key of a test"] },
  pkce: { required: () => true },
  conformIdTokenClaims: false,
  claims: { openid: ["sub"], email: ["email", "email_verified"] },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, email: `${id}@peer.example`, email_verified: id !== "unverified" }) }),
});
provider.listen(Number(new URL(issuer).port), "127.0.0.1", () => console.log("ready"));
