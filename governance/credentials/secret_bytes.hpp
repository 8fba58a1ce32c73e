// Bytes that are overwritten when they go. Any thread, one at a time for each object.
#pragma once
#include <string>
#include <string_view>
#include <utility>

namespace nova::credentials {

/// Overwrites the text's bytes and empties it; the compiler may not leave it out.
void wipe(std::string& text);

/// A secret in memory: it can be moved, not copied, and what it leaves behind is overwritten. It never grows, so that
/// no copy stays in memory that was given back.
class SecretBytes {
 public:
  SecretBytes() = default;
  explicit SecretBytes(std::string bytes) : bytes_(std::move(bytes)) { wipe(bytes); }  // a short text was copied
  SecretBytes(SecretBytes&& other) noexcept : bytes_(std::move(other.bytes_)) { wipe(other.bytes_); }
  SecretBytes& operator=(SecretBytes&& other) noexcept;
  ~SecretBytes() { wipe(bytes_); }

  std::string_view view() const { return bytes_; }
  std::size_t size() const { return bytes_.size(); }
  bool empty() const { return bytes_.empty(); }

  /// For the one place that sends or stores it; what was taken is the caller's to wipe.
  std::string take() && { return std::exchange(bytes_, {}); }

 private:
  std::string bytes_;
};

}  // namespace nova::credentials
