#include "store/digest.hpp"

#include <openssl/evp.h>

#include <array>
#include <stdexcept>

namespace nova::store {

struct RowDigest::Impl {
  Impl() {
    if (!context || EVP_DigestInit_ex(context, EVP_sha256(), nullptr) != 1) throw std::runtime_error("SHA-256 failed");
  }
  ~Impl() { EVP_MD_CTX_free(context); }

  void text(const std::string& value) {
    number(value.size());
    EVP_DigestUpdate(context, value.data(), value.size());
  }
  void number(std::uint64_t value) {
    std::array<unsigned char, 8> bytes;
    for (auto& byte : bytes) {
      byte = static_cast<unsigned char>(value);
      value >>= 8;
    }
    EVP_DigestUpdate(context, bytes.data(), bytes.size());
  }
  void key(const core::EntityKey& value) {
    text(value.tenant);
    text(value.kind);
    text(value.id);
  }

  EVP_MD_CTX* context = EVP_MD_CTX_new();
};

RowDigest::RowDigest() : impl_(std::make_unique<Impl>()) {}
RowDigest::~RowDigest() = default;

void RowDigest::add(const core::StoredEvent& event) {
  impl_->number(event.position);
  impl_->key(event.entity);
  impl_->number(event.version);
  impl_->text(event.id);
  impl_->text(event.type);
  impl_->text(event.body);
  impl_->text(event.meta);
  impl_->number(static_cast<std::uint64_t>(event.at.ms));
}

void RowDigest::add(const Document& document) {
  impl_->key(document.key);
  impl_->number(document.version);
  impl_->number(document.intent_version);
  impl_->number(document.position);
  impl_->text(document.status);
  impl_->text(document.parent);
  impl_->text(document.reason);
  impl_->text(document.body);
  impl_->text(document.state_hash);
  impl_->number(static_cast<std::uint64_t>(document.created_at.ms));
  impl_->number(static_cast<std::uint64_t>(document.updated_at.ms));
}

std::string RowDigest::hex() && {
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes;
  unsigned size = 0;
  if (EVP_DigestFinal_ex(impl_->context, bytes.data(), &size) != 1) throw std::runtime_error("SHA-256 failed");
  std::string text;
  text.reserve(2 * size);
  for (unsigned i = 0; i < size; ++i) {
    text += "0123456789abcdef"[bytes[i] >> 4];
    text += "0123456789abcdef"[bytes[i] & 15];
  }
  return text;
}

}  // namespace nova::store
