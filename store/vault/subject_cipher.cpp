#include "store/vault/subject_cipher.hpp"

#include <openssl/evp.h>

#include <mutex>

namespace nova::store::vault {
namespace {

constexpr std::string_view mark = "p1.";

std::string to_base64(std::string_view bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const int size =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                      reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

std::optional<std::string> from_base64(std::string_view text) {
  std::string bytes(text.size() / 4 * 3 + 1, '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                   reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
  if (size < 0) return std::nullopt;
  // The padding counts as bytes for OpenSSL.
  std::size_t padding = 0;
  while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') ++padding;
  bytes.resize(static_cast<std::size_t>(size) - padding);
  // Bits that padding leaves unused would let two texts mean the same bytes.
  if (to_base64(bytes) != text) return std::nullopt;
  return bytes;
}

}  // namespace

std::string SubjectCipher::seal(std::string_view plain) const {
  const std::shared_lock lock(mutex_);
  if (key_.wiped()) return std::string(mark) + "0.";
  return std::string(mark) + std::to_string(generation_) + "." + to_base64(vault::seal(key_, plain, bound_to()));
}

std::optional<std::string> SubjectCipher::open(std::string_view sealed) const {
  const auto head = std::string(mark) + std::to_string(generation_) + ".";
  const std::shared_lock lock(mutex_);
  if (key_.wiped() || !sealed.starts_with(head)) return std::nullopt;
  const auto bytes = from_base64(sealed.substr(head.size()));
  return bytes ? vault::open(key_, *bytes, bound_to()) : std::nullopt;
}

void SubjectCipher::forget() {
  const std::unique_lock lock(mutex_);
  key_.wipe();
}

}  // namespace nova::store::vault
