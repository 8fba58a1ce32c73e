#include "governance/credentials/webauthn/credential_key.hpp"

#include "governance/credentials/ed25519.hpp"
#include "governance/credentials/webauthn/cbor.hpp"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <stdexcept>
#include <string>

namespace nova::credentials {
namespace {

using Kind = cbor::Value::Kind;
using Key = std::shared_ptr<EVP_PKEY>;

// Labels of a COSE key (RFC 9052 section 7, RFC 9053 section 7).
constexpr std::int64_t key_type = 1, algorithm_of = 3, curve = -1, x_of = -2, y_of = -3, modulus = -1, exponent = -2;
constexpr std::int64_t octet_pair = 1, elliptic = 2, rsa = 3, p256 = 1, ed25519 = 6;
constexpr std::size_t coordinate_bytes = 32;
constexpr std::size_t modulus_bytes_min = 256, modulus_bytes_max = 512;
constexpr std::size_t signature_bytes_max = 512;

struct Free {
  void operator()(OSSL_PARAM_BLD* builder) const { OSSL_PARAM_BLD_free(builder); }
  void operator()(OSSL_PARAM* params) const { OSSL_PARAM_free(params); }
  void operator()(EVP_PKEY_CTX* context) const { EVP_PKEY_CTX_free(context); }
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  void operator()(BIGNUM* number) const { BN_free(number); }
};
template <class T>
using Held = std::unique_ptr<T, Free>;

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

core::Error unfit(std::string message) { return core::invalid_input("public_key", std::move(message)); }

bool is_integer(const cbor::Value& map, std::int64_t label, std::int64_t expected) {
  const auto* value = map.find(label);
  return value && value->is(Kind::integer) && value->integer == expected;
}

// Empty when there are none.
std::string_view bytes_at(const cbor::Value& map, std::int64_t label) {
  const auto* value = map.find(label);
  return value && value->is(Kind::bytes) ? value->view : std::string_view();
}

// Null when OpenSSL does not take it: a point beside the curve.
Key from_params(const char* type, OSSL_PARAM_BLD* builder) {
  const Held<OSSL_PARAM> params(OSSL_PARAM_BLD_to_param(builder));
  const Held<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* key = nullptr;
  if (!params || !context || EVP_PKEY_fromdata_init(context.get()) != 1)
    throw std::runtime_error("OpenSSL cannot make a public key");
  const bool made = EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, params.get()) == 1;
  ERR_clear_error();
  return made ? Key(key, EVP_PKEY_free) : nullptr;
}

Key p256_key(const cbor::Value& map) {
  const auto x = bytes_at(map, x_of), y = bytes_at(map, y_of);
  if (map.keys.size() != 5 || !is_integer(map, key_type, elliptic) || !is_integer(map, curve, p256) ||
      x.size() != coordinate_bytes || y.size() != coordinate_bytes)
    return nullptr;
  std::string point = "\x04";  // not compressed (SEC 1, 2.3.3)
  point.append(x).append(y);
  const Held<OSSL_PARAM_BLD> builder(OSSL_PARAM_BLD_new());
  if (!builder || !OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0) ||
      !OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()))
    throw std::runtime_error("OpenSSL cannot make a public key");
  return from_params("EC", builder.get());
}

Key ed25519_key(const cbor::Value& map) {
  const auto x = bytes_at(map, x_of);
  if (map.keys.size() != 4 || !is_integer(map, key_type, octet_pair) || !is_integer(map, curve, ed25519) ||
      x.size() != ed25519_key_bytes)
    return nullptr;
  return {EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes_of(x), x.size()), EVP_PKEY_free};
}

Key rsa_key(const cbor::Value& map) {
  const auto n = bytes_at(map, modulus), e = bytes_at(map, exponent);
  // Leading zeros would be a second form; an even modulus is none.
  if (map.keys.size() != 4 || !is_integer(map, key_type, rsa) || n.size() < modulus_bytes_min ||
      n.size() > modulus_bytes_max || n.front() == '\0' || (n.back() & 1) == 0 ||
      e != std::string_view("\x01\x00\x01", 3))
    return nullptr;
  const Held<BIGNUM> n_number(BN_bin2bn(bytes_of(n), static_cast<int>(n.size()), nullptr));
  const Held<BIGNUM> e_number(BN_bin2bn(bytes_of(e), static_cast<int>(e.size()), nullptr));
  const Held<OSSL_PARAM_BLD> builder(OSSL_PARAM_BLD_new());
  if (!builder || !n_number || !e_number ||
      !OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n_number.get()) ||
      !OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e_number.get()))
    throw std::runtime_error("OpenSSL cannot make a public key");
  return from_params("RSA", builder.get());
}

struct Maker {
  CoseAlgorithm algorithm;
  Key (*make)(const cbor::Value& map);
};
constexpr Maker makers[] = {
    {CoseAlgorithm::es256, p256_key}, {CoseAlgorithm::eddsa, ed25519_key}, {CoseAlgorithm::rs256, rsa_key}};

}  // namespace

core::Result<CredentialKey> CredentialKey::from(std::string_view cose) {
  if (cose.size() > credential_key_bytes_max) return unfit("the key is too long");
  const auto map = cbor::read(cose);
  if (!map) return map.error();
  for (const auto& [algorithm, make] : makers) {
    if (!is_integer(*map, algorithm_of, static_cast<std::int64_t>(algorithm))) continue;
    auto key = make(*map);
    if (!key) return unfit("the key is not as its algorithm wants it");
    return CredentialKey(algorithm, std::move(key));
  }
  return unfit("the key is of no algorithm that is accepted (ES256, EdDSA, RS256)");
}

bool CredentialKey::verify(std::string_view message, std::string_view signature) const {
  if (signature.size() > signature_bytes_max) return false;
  const Held<EVP_MD_CTX> context(EVP_MD_CTX_new());
  const auto* digest = algorithm_ == CoseAlgorithm::eddsa ? nullptr : EVP_sha256();
  if (!context || EVP_DigestVerifyInit(context.get(), nullptr, digest, nullptr, key_.get()) != 1)
    throw std::runtime_error("OpenSSL cannot verify with a public key");
  const bool right =
      EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(message), message.size()) == 1;
  ERR_clear_error();  // a wrong signature leaves entries that a later reader would take for its own
  return right;
}

}  // namespace nova::credentials
