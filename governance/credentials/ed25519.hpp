// Ed25519 (RFC 8032) and its keys as JSON Web Keys (RFC 8037). Objects are immutable and cheap to copy; any thread.
// A signature costs about 50 us of a core, a verification about 130.
#pragma once
#include "governance/credentials/secret_bytes.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct evp_pkey_st;  // OpenSSL's, which wipes a private key when its last holder goes

namespace nova::credentials {

inline constexpr std::size_t ed25519_key_bytes = 32;
inline constexpr std::size_t ed25519_signature_bytes = 64;

class Ed25519PublicKey {
 public:
  /// None when it is not 32 bytes.
  static std::optional<Ed25519PublicKey> from(std::string_view bytes);

  bool verify(std::string_view message, std::string_view signature) const;

  const std::string& bytes() const { return bytes_; }
  /// The key's thumbprint (RFC 7638, SHA-256, base64url): the `kid` of what it signs, so that no two keys share one.
  const std::string& id() const { return id_; }
  /// {"kty":"OKP","crv":"Ed25519","x":...,"kid":...,"use":"sig","alg":"EdDSA"}
  std::string to_jwk() const;

 private:
  std::shared_ptr<evp_pkey_st> key_;
  std::string bytes_;
  std::string id_;
};

class Ed25519Key {
 public:
  static Ed25519Key generate();
  /// None when it is not 32 bytes (the `d` of RFC 8037).
  static std::optional<Ed25519Key> from_seed(std::string_view seed);

  std::string sign(std::string_view message) const;
  const Ed25519PublicKey& public_key() const { return public_key_; }
  const std::string& id() const { return public_key_.id(); }
  SecretBytes seed() const;

 private:
  std::shared_ptr<evp_pkey_st> key_;
  Ed25519PublicKey public_key_;
};

}  // namespace nova::credentials
