#include "governance/credentials/ed25519.hpp"

#include "core/json.hpp"
#include "governance/credentials/digest.hpp"
#include "governance/credentials/encoding.hpp"
#include "governance/credentials/random.hpp"

#include <openssl/evp.h>

#include <array>
#include <stdexcept>

namespace nova::credentials {
namespace {

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_MD_CTX, FreeContext>;

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

std::shared_ptr<EVP_PKEY> held(EVP_PKEY* key) {
  if (!key) throw std::runtime_error("OpenSSL has no Ed25519");
  return {key, EVP_PKEY_free};
}

// Members in the order of their names, without spaces (RFC 7638, section 3).
std::string thumbprint(std::string_view public_bytes) {
  return to_base64url(view_of(sha256(R"({"crv":"Ed25519","kty":"OKP","x":")" + to_base64url(public_bytes) + R"("})")));
}

}  // namespace

std::optional<Ed25519PublicKey> Ed25519PublicKey::from(std::string_view bytes) {
  if (bytes.size() != ed25519_key_bytes) return std::nullopt;
  Ed25519PublicKey key;
  key.key_ = held(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes_of(bytes), bytes.size()));
  key.bytes_ = bytes;
  key.id_ = thumbprint(bytes);
  return key;
}

bool Ed25519PublicKey::verify(std::string_view message, std::string_view signature) const {
  if (!key_ || signature.size() != ed25519_signature_bytes) return false;
  const Context context(EVP_MD_CTX_new());
  if (!context || EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key_.get()) != 1)
    throw std::runtime_error("Ed25519 failed");
  return EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(message), message.size()) == 1;
}

std::string Ed25519PublicKey::to_jwk() const {
  std::string jwk;
  core::JsonWriter(jwk)
      .object()
      .field("kty", "OKP")
      .field("crv", "Ed25519")
      .field("x", to_base64url(bytes_))
      .field("kid", id_)
      .field("use", "sig")
      .field("alg", "EdDSA")
      .end();
  return jwk;
}

Ed25519Key Ed25519Key::generate() { return *from_seed(random_bytes(ed25519_key_bytes).view()); }

std::optional<Ed25519Key> Ed25519Key::from_seed(std::string_view seed) {
  if (seed.size() != ed25519_key_bytes) return std::nullopt;
  Ed25519Key key;
  key.key_ = held(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, bytes_of(seed), seed.size()));
  std::array<unsigned char, ed25519_key_bytes> bytes;
  std::size_t size = bytes.size();
  if (EVP_PKEY_get_raw_public_key(key.key_.get(), bytes.data(), &size) != 1) throw std::runtime_error("Ed25519 failed");
  key.public_key_ = *Ed25519PublicKey::from(view_of(bytes));
  return key;
}

std::string Ed25519Key::sign(std::string_view message) const {
  const Context context(EVP_MD_CTX_new());
  std::string signature(ed25519_signature_bytes, '\0');
  std::size_t size = signature.size();
  if (!context || EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key_.get()) != 1 ||
      EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, bytes_of(message),
                     message.size()) != 1 ||
      size != signature.size())
    throw std::runtime_error("Ed25519 failed");
  return signature;
}

SecretBytes Ed25519Key::seed() const {
  std::string bytes(ed25519_key_bytes, '\0');
  std::size_t size = bytes.size();
  if (EVP_PKEY_get_raw_private_key(key_.get(), reinterpret_cast<unsigned char*>(bytes.data()), &size) != 1)
    throw std::runtime_error("Ed25519 failed");
  return SecretBytes(std::move(bytes));
}

}  // namespace nova::credentials
