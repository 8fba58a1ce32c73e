// Opaque bearer secrets: what an API key and a refresh token look like, and reading them before anything is looked up.
//
//   API key         nova_[<environment>_]<secret><checksum>    secret: 43 characters, 256 random bits in base64url
//   refresh token   <session id>.<generation>.<secret>         checksum: 6 characters
//
// Of a secret only `keyed_hash(key, whole text)` (digest.hpp) is stored. The checksum is the first 36 bits of SHA-256
// over all that stands before it, in base64url: scanners for leaked secrets can tell a key from chance, and a mistyped
// or invented one costs no look-up. It proves nothing: anybody can compute it. Pure but for randomness; any thread;
// microseconds.
#pragma once
#include "governance/credentials/secret_bytes.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace nova::credentials {

inline constexpr std::size_t environment_bytes_max = 16;
inline constexpr std::size_t bearer_bytes_max = 128;  // of either form; the longest honest one has 91

struct ApiKey {
  SecretBytes text;       ///< shown once, stored nowhere
  std::string prefix;     ///< "nova_live_3kfA": up to the first four characters of the secret
  std::string last_four;  ///< of the text
};

/// `environment`: empty, or [a-z0-9]{1,16} such as "live". Throws std::invalid_argument otherwise.
ApiKey make_api_key(std::string_view environment = {});

/// What may be shown of a key in lists and logs.
struct ApiKeyParts {
  std::string environment;
  std::string prefix;
  std::string last_four;
};

/// None when it cannot be a key that was made here: another shape, or a checksum that does not fit.
std::optional<ApiKeyParts> parse_api_key(std::string_view text);

/// A refresh token of the session's `generation`, which counts up each time it is exchanged (S23: rotated on use; an
/// old generation that comes back revokes the family). `session_id` is a UUID; throws std::invalid_argument otherwise.
SecretBytes make_refresh_token(std::string_view session_id, std::uint32_t generation);

struct RefreshToken {
  std::string session_id;
  std::uint32_t generation = 0;
};

/// None when it is not of the form. What it names is not yet proved: the keyed hash of the whole text must be the
/// stored.
std::optional<RefreshToken> parse_refresh_token(std::string_view text);

}  // namespace nova::credentials
