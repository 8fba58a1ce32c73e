// Bearer tokens as JSON Web Tokens (RFC 7519) in compact form (RFC 7515), signed with Ed25519 (`alg` EdDSA, RFC 8037).
//
// Strict where the RFCs leave room, because only nodes of this house issue what is read here (RFC 8725): the header has
// exactly `alg`, `kid` and perhaps `typ`; no other algorithm is known, so none can be chosen by the sender; `kid` must
// name a key of the ring; each claim has one type; a claim that is not listed is refused: what comes later goes into
// `ext`. Of any token no second text exists (base64url without padding or spare bits).
// Pure; any thread; one Ed25519 operation and a few microseconds.
#pragma once
#include "core/result.hpp"
#include "core/time.hpp"
#include "governance/credentials/key_ring.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace nova::credentials {

inline constexpr std::size_t jwt_bytes_max = 8 * 1024;  // what fits into a header line of common proxies
inline constexpr std::size_t jwt_ext_max = 8;

/// Names are those of RFC 7519. Times are NumericDate: whole seconds since 1970.
struct Claims {
  std::string iss;                         ///< who issued it, 1 to 255 bytes
  std::string sub;                         ///< whom it is about: the user, 1 to 255 bytes
  std::string aud;                         ///< for whom, one name, 1 to 255 bytes
  std::int64_t exp = 0;                    ///< it is over at this time
  std::int64_t nbf = 0;                    ///< and begins at this
  std::int64_t iat = 0;                    ///< when it was made
  std::string jti;                         ///< its own name, 1 to 128 bytes
  std::string sid;                         ///< the session; empty: none
  std::map<std::string, std::string> ext;  ///< at most 8 further facts of up to 255 bytes each

  friend bool operator==(const Claims&, const Claims&) = default;
};

/// Throws std::invalid_argument when a claim is beyond its bounds: claims are made by the node.
std::string sign_jwt(const Claims& claims, const Ed25519Key& key);

struct JwtExpectation {
  std::string_view issuer;
  std::string_view audience;
  core::Timestamp now;
  std::chrono::seconds skew{30};  ///< how far clocks of nodes may differ
};

/// The claims of a token that one of the ring's keys signed, for this audience and time. `auth.token_invalid` or
/// `auth.token_expired`, both 401; messages hold nothing of the token.
core::Result<Claims> verify_jwt(std::string_view token, const KeyRing& keys, const JwtExpectation& expected);

/// The steps before the signature is looked at; for tests and fuzzers, which cannot sign what they invent.
struct JwtHeader {
  std::string alg;
  std::string kid;
  std::string typ;
};
core::Result<JwtHeader> read_jwt_header(std::string_view json);
core::Result<Claims> read_jwt_claims(std::string_view json);

}  // namespace nova::credentials
