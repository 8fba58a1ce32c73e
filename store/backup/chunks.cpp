#include "store/backup/chunks.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>

#include <array>
#include <stdexcept>

namespace nova::store::backup {
namespace {

constexpr std::size_t nonce_bytes = 12;

unsigned char* bytes_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }
const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

// Failures here are not the input's: OpenSSL without these algorithms cannot be gone on with.
void must(bool fine) {
  if (!fine) throw std::runtime_error("OpenSSL failed");
}

/// HKDF-SHA256: RFC 5869.
void derive(const Key& key, std::string_view salt, std::string_view info, unsigned char* out, std::size_t size) {
  EVP_KDF* kdf = EVP_KDF_fetch(nullptr, "HKDF", nullptr);
  EVP_KDF_CTX* context = EVP_KDF_CTX_new(kdf);
  EVP_KDF_free(kdf);
  must(context != nullptr);
  const auto octets = [](const char* name, std::string_view bytes) {
    return OSSL_PARAM_construct_octet_string(name, const_cast<char*>(bytes.data()), bytes.size());
  };
  char digest[] = "SHA256";
  const OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
                               octets(OSSL_KDF_PARAM_KEY, key.view()), octets(OSSL_KDF_PARAM_SALT, salt),
                               octets(OSSL_KDF_PARAM_INFO, info), OSSL_PARAM_construct_end()};
  const bool derived = EVP_KDF_derive(context, out, size, params) == 1;
  EVP_KDF_CTX_free(context);
  must(derived);
}

std::string nonce_of(std::uint64_t number, bool last) {
  auto nonce = number_bytes(number);
  nonce += last ? '\1' : '\0';
  nonce.resize(nonce_bytes, '\0');
  return nonce;
}

}  // namespace

struct Chunks::Impl {
  ~Impl() {
    OPENSSL_cleanse(key.data(), key.size());
    EVP_CIPHER_CTX_free(context);
  }
  std::array<unsigned char, 32> key{};
  EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
};

std::string key_id_of(const Key& key) {
  std::string id(key_id_bytes, '\0');
  derive(key, "webnova", "webnova backup key id", bytes_of(id), id.size());
  return id;
}

Chunks::Chunks(const Key& key, const Header& header) : impl_(std::make_unique<Impl>()) {
  must(impl_->context != nullptr);
  derive(key, header.salt, "webnova backup archive " + write_header(header), impl_->key.data(), impl_->key.size());
}
Chunks::~Chunks() = default;

std::string Chunks::seal(std::string_view content, std::uint64_t number, bool last) {
  std::string sealed(content.size() + tag_bytes, '\0');
  const auto nonce = nonce_of(number, last);
  auto* context = impl_->context;
  int size = 0;
  must(EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), nullptr, impl_->key.data(), bytes_of(nonce)) == 1);
  must(EVP_EncryptUpdate(context, nullptr, &size, bytes_of(nonce), int(nonce.size())) == 1);
  must(EVP_EncryptUpdate(context, bytes_of(sealed), &size, bytes_of(content), int(content.size())) == 1);
  must(EVP_EncryptFinal_ex(context, bytes_of(sealed) + size, &size) == 1);
  must(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, tag_bytes, bytes_of(sealed) + content.size()) == 1);
  return sealed;
}

std::optional<std::string> Chunks::open(std::string_view sealed, std::uint64_t number, bool last) {
  if (sealed.size() < tag_bytes) return std::nullopt;
  const auto body = sealed.substr(0, sealed.size() - tag_bytes);
  std::string tag(sealed.substr(body.size())), content(body.size(), '\0');
  const auto nonce = nonce_of(number, last);
  auto* context = impl_->context;
  int size = 0;
  must(EVP_DecryptInit_ex(context, EVP_aes_256_gcm(), nullptr, impl_->key.data(), bytes_of(nonce)) == 1);
  must(EVP_DecryptUpdate(context, nullptr, &size, bytes_of(nonce), int(nonce.size())) == 1);
  must(EVP_DecryptUpdate(context, bytes_of(content), &size, bytes_of(body), int(body.size())) == 1);
  must(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, tag_bytes, bytes_of(tag)) == 1);
  unsigned char rest[16];
  if (EVP_DecryptFinal_ex(context, rest, &size) == 1) return content;
  return std::nullopt;
}

}  // namespace nova::store::backup
