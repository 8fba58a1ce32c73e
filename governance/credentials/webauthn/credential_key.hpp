// The public key of an authenticator's credential: a COSE key (RFC 9052, RFC 9053, RFC 8812) in the one form that
// WebAuthn allows (section 6.5.1.1), and verifying with it. Immutable, cheap to copy; any thread.
#pragma once
#include "core/result.hpp"

#include <cstdint>
#include <memory>
#include <string_view>

struct evp_pkey_st;

namespace nova::credentials {

/// Numbers of the COSE algorithms registry.
enum class CoseAlgorithm : std::int16_t { es256 = -7, eddsa = -8, rs256 = -257 };

inline constexpr std::size_t credential_key_bytes_max = 1024;

class CredentialKey {
 public:
  /// The bytes of exactly one canonical COSE key: ES256 on P-256, with a point that lies on it and is not compressed;
  /// EdDSA on Ed25519; RS256 with 2048 to 4096 bits and the exponent 65537. `input.invalid` for anything else.
  static core::Result<CredentialKey> from(std::string_view cose);

  CoseAlgorithm algorithm() const { return algorithm_; }
  /// About 100 us of a core. ECDSA signatures are in strict DER.
  bool verify(std::string_view message, std::string_view signature) const;

 private:
  CredentialKey(CoseAlgorithm algorithm, std::shared_ptr<evp_pkey_st> key)
      : algorithm_(algorithm), key_(std::move(key)) {}

  CoseAlgorithm algorithm_;
  std::shared_ptr<evp_pkey_st> key_;
};

}  // namespace nova::credentials
