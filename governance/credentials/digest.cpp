#include "governance/credentials/digest.hpp"

#include "governance/credentials/encoding.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <stdexcept>

namespace nova::credentials {
namespace {

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

template <std::size_t Size>
std::array<unsigned char, Size> hmac(const EVP_MD* algorithm, std::string_view key, std::string_view bytes) {
  std::array<unsigned char, Size> code;
  unsigned size = 0;
  // A null key would mean the key of the call before.
  const char none = 0;
  if (!HMAC(algorithm, key.empty() ? &none : key.data(), static_cast<int>(key.size()), bytes_of(bytes), bytes.size(),
            code.data(), &size) ||
      size != Size)
    throw std::runtime_error("HMAC failed");
  return code;
}

}  // namespace

Sha256 sha256(std::string_view bytes) {
  // Fetched once: looking the algorithm up costs more than a short digest.
  static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  Sha256 digest;
  unsigned size = 0;
  if (!algorithm || EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, algorithm, nullptr) != 1)
    throw std::runtime_error("SHA-256 failed");
  return digest;
}

Sha256 hmac_sha256(std::string_view key, std::string_view bytes) { return hmac<32>(EVP_sha256(), key, bytes); }

std::array<unsigned char, 20> hmac_sha1(std::string_view key, std::string_view bytes) {
  return hmac<20>(EVP_sha1(), key, bytes);
}

std::string keyed_hash(std::string_view key, std::string_view secret) { return to_hex(hmac_sha256(key, secret)); }

std::string to_hex(const Sha256& digest) { return to_hex(view_of(digest)); }

bool same(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

bool same(const Sha256& a, const Sha256& b) { return same(view_of(a), view_of(b)); }

}  // namespace nova::credentials
