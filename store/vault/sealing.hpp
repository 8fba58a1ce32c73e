// AES-256-GCM with a key that is wiped when it goes. Pure; any thread.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace nova::store::vault {

inline constexpr std::size_t key_bytes = 32;

/// A 256-bit key. Moves and copies wipe what they leave behind.
class Key {
 public:
  Key() = default;
  Key(const Key&) = default;
  Key& operator=(const Key&) = default;
  ~Key();

  static Key random();  ///< from the kernel; throws when it has no randomness, which a node cannot go on without
  /// Wipes the source. None when it is not 32 bytes.
  static std::optional<Key> from(std::string& bytes);

  void wipe();
  bool wiped() const { return wiped_; }
  std::string_view view() const { return {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()}; }
  const std::uint8_t* data() const { return bytes_.data(); }

 private:
  std::array<std::uint8_t, key_bytes> bytes_{};
  bool wiped_ = true;
};

/// nonce (12, random), ciphertext, tag (16). `bound_to` is authenticated: the same bytes elsewhere do not open.
std::string seal(const Key& key, std::string_view plain, std::string_view bound_to);
/// None when the key, the bytes or `bound_to` are not those it was sealed with.
std::optional<std::string> open(const Key& key, std::string_view sealed, std::string_view bound_to);

/// By what people tell keys apart: 16 hex digits that say nothing else of it.
std::string fingerprint(const Key& key);

/// In a time that does not depend on where they differ.
bool same(std::string_view a, std::string_view b);
/// Overwrites the text's bytes; the compiler may not leave it out.
void wipe(std::string& text);

}  // namespace nova::store::vault
