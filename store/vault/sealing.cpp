#include "store/vault/sealing.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sys/random.h>

#include <memory>
#include <stdexcept>

namespace nova::store::vault {
namespace {

constexpr std::size_t nonce_bytes = 12;
constexpr std::size_t tag_bytes = 16;

struct FreeContext {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, FreeContext>;

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
unsigned char* bytes_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

// Failures here are not the input's: OpenSSL without AES or memory cannot be gone on with.
void must(int result) {
  if (result != 1) throw std::runtime_error("AES-256-GCM failed");
}

void fill_random(unsigned char* bytes, std::size_t size) {
  if (getrandom(bytes, size, 0) != static_cast<ssize_t>(size)) throw std::runtime_error("getrandom failed");
}

}  // namespace

Key::~Key() { wipe(); }

Key Key::random() {
  Key key;
  fill_random(key.bytes_.data(), key.bytes_.size());
  key.wiped_ = false;
  return key;
}

std::optional<Key> Key::from(std::string& bytes) {
  std::optional<Key> key;
  if (bytes.size() == key_bytes) {
    key.emplace();
    bytes.copy(reinterpret_cast<char*>(key->bytes_.data()), key_bytes);
    key->wiped_ = false;
  }
  vault::wipe(bytes);
  return key;
}

void Key::wipe() {
  OPENSSL_cleanse(bytes_.data(), bytes_.size());
  wiped_ = true;
}

std::string seal(const Key& key, std::string_view plain, std::string_view bound_to) {
  std::string sealed(nonce_bytes + plain.size() + tag_bytes, '\0');
  auto* out = bytes_of(sealed);
  fill_random(out, nonce_bytes);
  const Context context(EVP_CIPHER_CTX_new());
  int size = 0;
  must(EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, key.data(), out));
  must(EVP_EncryptUpdate(context.get(), nullptr, &size, bytes_of(bound_to), static_cast<int>(bound_to.size())));
  must(EVP_EncryptUpdate(context.get(), out + nonce_bytes, &size, bytes_of(plain), static_cast<int>(plain.size())));
  must(EVP_EncryptFinal_ex(context.get(), out + nonce_bytes + size, &size));
  must(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, tag_bytes, out + nonce_bytes + plain.size()));
  return sealed;
}

std::optional<std::string> open(const Key& key, std::string_view sealed, std::string_view bound_to) {
  if (sealed.size() < nonce_bytes + tag_bytes) return std::nullopt;
  const auto body = sealed.substr(nonce_bytes, sealed.size() - nonce_bytes - tag_bytes);
  std::string tag(sealed.substr(sealed.size() - tag_bytes));
  std::string plain(body.size(), '\0');
  const Context context(EVP_CIPHER_CTX_new());
  int size = 0;
  must(EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, key.data(), bytes_of(sealed)));
  must(EVP_DecryptUpdate(context.get(), nullptr, &size, bytes_of(bound_to), static_cast<int>(bound_to.size())));
  must(EVP_DecryptUpdate(context.get(), bytes_of(plain), &size, bytes_of(body), static_cast<int>(body.size())));
  must(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, tag_bytes, bytes_of(tag)));
  unsigned char rest[16];
  if (EVP_DecryptFinal_ex(context.get(), rest, &size) == 1) return plain;
  wipe(plain);
  return std::nullopt;
}

std::string fingerprint(const Key& key) {
  constexpr std::string_view label = "nova node key fingerprint";
  constexpr std::size_t shown_bytes = 8;
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  must(HMAC(EVP_sha256(), key.data(), int(key_bytes), bytes_of(label), label.size(), digest, &size) ? 1 : 0);
  std::string text;
  for (std::size_t i = 0; i < shown_bytes; ++i) {
    text += "0123456789abcdef"[digest[i] >> 4];
    text += "0123456789abcdef"[digest[i] & 15];
  }
  return text;
}

bool same(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

void wipe(std::string& text) {
  OPENSSL_cleanse(text.data(), text.size());
  text.clear();
}

}  // namespace nova::store::vault
