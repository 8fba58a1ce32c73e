#include "gateway/digest.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <memory>
#include <new>

namespace nova::gateway {

// OpenSSL's one-shot call looks the algorithm up by its name each time, which costs ten times as much as a short text.
Sha256 sha256(std::string_view bytes) {
  struct Free {
    void operator()(EVP_MD* algorithm) const { EVP_MD_free(algorithm); }
    void operator()(EVP_MD_CTX* state) const { EVP_MD_CTX_free(state); }
  };
  static const std::unique_ptr<EVP_MD, Free> algorithm(EVP_MD_fetch(nullptr, "SHA256", nullptr));
  thread_local const std::unique_ptr<EVP_MD_CTX, Free> state(EVP_MD_CTX_new());
  Sha256 digest;
  if (!algorithm || !state || EVP_DigestInit_ex2(state.get(), algorithm.get(), nullptr) != 1 ||
      EVP_DigestUpdate(state.get(), bytes.data(), bytes.size()) != 1 ||
      EVP_DigestFinal_ex(state.get(), digest.data(), nullptr) != 1)
    throw std::bad_alloc();  // nothing else can go wrong with an algorithm that OpenSSL always has
  return digest;
}

std::string to_hex(const Sha256& digest) {
  static constexpr char hex[] = "0123456789abcdef";
  std::string text;
  for (const unsigned char byte : digest) {
    text += hex[byte >> 4];
    text += hex[byte & 15];
  }
  return text;
}

bool same(const Sha256& a, const Sha256& b) { return CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0; }

}  // namespace nova::gateway
