// What an authenticator signs (WebAuthn Level 3, section 6.1): 37 bytes, then perhaps a new credential, then perhaps
// extensions. Pure; any thread.
#pragma once
#include "core/result.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace nova::credentials {

inline constexpr std::size_t credential_id_bytes_max = 1023;  // section 4, "Credential ID"

/// Views point into what was read.
struct AttestedCredential {
  std::string_view aaguid;      ///< the model of the authenticator, 16 bytes; often zeros
  std::string_view id;          ///< 1 to 1023 bytes
  std::string_view public_key;  ///< COSE, canonical CBOR, not yet judged
};

struct AuthenticatorData {
  std::string_view rp_id_hash;  ///< SHA-256 of the relying party's id
  bool user_present = false;
  bool user_verified = false;
  bool backup_eligible = false;  ///< the key may leave its device
  bool backed_up = false;
  std::uint32_t sign_count = 0;
  std::optional<AttestedCredential> credential;
};

/// `input.invalid` when bytes are missing, over, or contradict each other (backed up but not eligible).
core::Result<AuthenticatorData> read_authenticator_data(std::string_view bytes);

}  // namespace nova::credentials
