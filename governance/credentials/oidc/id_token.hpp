// ID tokens of OpenID providers (OpenID Connect Core 1.0, 2 and 3.1.3.7) and the keys that sign them (RFC 7517).
//
// The token chooses nothing: RS256, ES256 and EdDSA are accepted, each only with a key of its own sort, `none` and the
// HMACs never; a header with `crit` is refused (RFC 8725). Pure; any thread; one verification, about 100 us.
#pragma once
#include "core/result.hpp"
#include "core/time.hpp"
#include "governance/credentials/webauthn/credential_key.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nova::credentials {

inline constexpr std::size_t id_token_bytes_max = 16 * 1024;
inline constexpr std::size_t outside_keys_max = 64;

struct OutsideKey {
  std::string id;  ///< `kid`; may be empty
  CredentialKey key;
};

/// The keys of a JWK Set that can sign what is accepted here; others are left out. `auth.provider_invalid` when it is
/// no JWK Set or holds none.
core::Result<std::vector<OutsideKey>> read_jwk_set(std::string_view json);

struct IdTokenExpectation {
  std::string_view issuer, client_id, nonce;
  core::Timestamp now;
  std::chrono::seconds skew{60};
  std::chrono::minutes age_max{15};  ///< of `iat`: it answers a request of just now
  /// Microsoft never says `email_verified`; its `xms_edov` ("email domain owner verified") says the same.
  bool vouches_by_edov = false;
};

struct IdClaims {
  std::string subject;
  std::string email;  ///< empty: not told
  bool email_verified = false;
};

/// The `kid` of its header; empty: it names none. None: it is no token.
std::optional<std::string> id_token_key(std::string_view token);

/// `auth.provider_key_unknown` when no key has its `kid`; `auth.provider_invalid` for whatever else is wrong. Messages
/// hold nothing of the token.
core::Result<IdClaims> verify_id_token(std::string_view token, const std::vector<OutsideKey>& keys,
                                       const IdTokenExpectation& expected);

}  // namespace nova::credentials
