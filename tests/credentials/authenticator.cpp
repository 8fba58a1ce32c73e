#include "tests/credentials/authenticator.hpp"

#include "governance/credentials/digest.hpp"
#include "governance/credentials/encoding.hpp"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>

#include <stdexcept>

namespace nova::credentials::testing {
namespace {

std::string head(unsigned major, std::uint64_t argument) {
  std::string bytes;
  const auto put = [&](unsigned low, int size) {
    bytes += static_cast<char>(major << 5 | low);
    for (int i = size - 1; i >= 0; --i) bytes += static_cast<char>(argument >> (8 * i) & 0xff);
    return bytes;
  };
  if (argument < 24) return put(static_cast<unsigned>(argument), 0);
  if (argument <= 0xff) return put(24, 1);
  if (argument <= 0xffff) return put(25, 2);
  if (argument <= 0xffffffff) return put(26, 4);
  return put(27, 8);
}

EVP_PKEY* generate(Authenticator::Kind kind) {
  switch (kind) {
    case Authenticator::Kind::es256:
      return EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256");
    case Authenticator::Kind::eddsa:
      return EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
    case Authenticator::Kind::rs256:
      return EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{2048});
  }
  return nullptr;
}

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

}  // namespace

std::string cbor_int(std::int64_t number) {
  return number >= 0 ? head(0, static_cast<std::uint64_t>(number)) : head(1, static_cast<std::uint64_t>(-1 - number));
}
std::string cbor_bytes(std::string_view bytes) { return head(2, bytes.size()).append(bytes); }
std::string cbor_text(std::string_view text) { return head(3, text.size()).append(text); }
std::string cbor_list(const std::vector<std::string>& items) {
  auto bytes = head(4, items.size());
  for (const auto& item : items) bytes += item;
  return bytes;
}
std::string cbor_map(const std::vector<std::pair<std::string, std::string>>& pairs) {
  auto bytes = head(5, pairs.size());
  for (const auto& [key, value] : pairs) bytes += key + value;
  return bytes;
}

std::string client_data(std::string_view type, std::string_view challenge, std::string_view origin,
                        std::string_view more) {
  std::string json = R"({"type":")";
  json.append(type).append(R"(","challenge":")").append(to_base64url(challenge)).append(R"(","origin":")");
  return json.append(origin).append("\"").append(more).append("}");
}

Authenticator::Authenticator(Kind kind) : kind_(kind), key_(generate(kind), EVP_PKEY_free) {
  if (!key_) throw std::runtime_error("OpenSSL makes no such key");
}

std::string Authenticator::number(const char* name) const {
  BIGNUM* number = nullptr;
  if (EVP_PKEY_get_bn_param(key_.get(), name, &number) != 1) throw std::runtime_error("the key has no such part");
  const int size = kind_ == Kind::es256 ? 32 : BN_num_bytes(number);
  std::string bytes(static_cast<std::size_t>(size), '\0');
  BN_bn2binpad(number, reinterpret_cast<unsigned char*>(bytes.data()), size);
  BN_free(number);
  return bytes;
}

std::string Authenticator::cose_key() const {
  if (kind_ == Kind::es256)
    return cbor_map({{cbor_int(1), cbor_int(2)},
                     {cbor_int(3), cbor_int(-7)},
                     {cbor_int(-1), cbor_int(1)},
                     {cbor_int(-2), cbor_bytes(number(OSSL_PKEY_PARAM_EC_PUB_X))},
                     {cbor_int(-3), cbor_bytes(number(OSSL_PKEY_PARAM_EC_PUB_Y))}});
  if (kind_ == Kind::rs256)
    return cbor_map({{cbor_int(1), cbor_int(3)},
                     {cbor_int(3), cbor_int(-257)},
                     {cbor_int(-1), cbor_bytes(number(OSSL_PKEY_PARAM_RSA_N))},
                     {cbor_int(-2), cbor_bytes(number(OSSL_PKEY_PARAM_RSA_E))}});
  std::string x(32, '\0');
  std::size_t size = x.size();
  EVP_PKEY_get_raw_public_key(key_.get(), reinterpret_cast<unsigned char*>(x.data()), &size);
  return cbor_map({{cbor_int(1), cbor_int(1)},
                   {cbor_int(3), cbor_int(-8)},
                   {cbor_int(-1), cbor_int(6)},
                   {cbor_int(-2), cbor_bytes(x)}});
}

std::string Authenticator::sign(std::string_view message) const {
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  const auto* digest = kind_ == Kind::eddsa ? nullptr : EVP_sha256();
  std::string signature(1024, '\0');
  std::size_t size = signature.size();
  if (EVP_DigestSignInit(context.get(), nullptr, digest, nullptr, key_.get()) != 1 ||
      EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, bytes_of(message),
                     message.size()) != 1)
    throw std::runtime_error("OpenSSL does not sign");
  signature.resize(size);
  return signature;
}

std::string Authenticator::data(unsigned flags, std::uint32_t count, std::string_view rp_id) const {
  std::string bytes(view_of(sha256(rp_id)));
  bytes += static_cast<char>(flags);
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(count >> shift & 0xff);
  return bytes;
}

std::string Authenticator::data_with_credential(unsigned flags, std::uint32_t count) const {
  auto bytes = data(flags | 64, count) + std::string(16, 'm');
  bytes += static_cast<char>(id.size() >> 8);
  bytes += static_cast<char>(id.size() & 0xff);
  return bytes + id + cose_key();
}

std::string Authenticator::attestation_none(std::string_view authenticator_data) const {
  return cbor_map({{cbor_text("fmt"), cbor_text("none")},
                   {cbor_text("attStmt"), cbor_map({})},
                   {cbor_text("authData"), cbor_bytes(authenticator_data)}});
}

std::string Authenticator::attestation_self(std::string_view authenticator_data,
                                            std::string_view client_data_json) const {
  const int algorithm = kind_ == Kind::es256 ? -7 : kind_ == Kind::eddsa ? -8 : -257;
  return cbor_map({{cbor_text("fmt"), cbor_text("packed")},
                   {cbor_text("attStmt"),
                    cbor_map({{cbor_text("alg"), cbor_int(algorithm)},
                              {cbor_text("sig"), cbor_bytes(assertion(authenticator_data, client_data_json))}})},
                   {cbor_text("authData"), cbor_bytes(authenticator_data)}});
}

std::string Authenticator::assertion(std::string_view authenticator_data, std::string_view client_data_json) const {
  return sign(std::string(authenticator_data).append(view_of(sha256(client_data_json))));
}

}  // namespace nova::credentials::testing
