// Where the JSON writer puts its bytes. Private to core/.
#pragma once
#include "core/text.hpp"

#include <charconv>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace nova::core::detail {

void append_text(std::string& out, std::string_view text);

/// A block on the stack in front of a string: a text of many small parts is put together without growing the string at
/// each of them, and a short one reaches it in one piece. What was put is in the string after `finish`.
class Sink {
 public:
  explicit Sink(std::string& out) : out_(out) {}
  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;

  void put(char c) { *room(1) = c, ++used_; }

  void put(std::string_view text) {
    if (text.size() > sizeof block_) return flush(), void(out_.append(text));
    // An empty text may have no address.
    if (!text.empty()) std::memcpy(room(text.size()), text.data(), text.size());
    used_ += text.size();
  }

  void put_int(std::int64_t number) {
    char* at = room(digits_max);
    used_ += std::size_t(std::to_chars(at, at + digits_max, number).ptr - at);
  }

  /// Quoted; nearly every text holds nothing to escape.
  void put_text(std::string_view text) {
    if (text.size() + 2 > sizeof block_) return flush(), append_text(out_, text);
    char* at = room(text.size() + 2);
    if (!copy_plain(at + 1, text)) return flush(), append_text(out_, text);
    *at = at[text.size() + 1] = '"';
    used_ += text.size() + 2;
  }

  void finish() { flush(); }

 private:
  static constexpr std::size_t digits_max = 24;

  // Copies while it looks, eight bytes at a time; false when something has to be escaped or is no ASCII.
  static bool copy_plain(char* to, std::string_view text) {
    std::size_t at = 0;
    for (; at + 8 <= text.size(); at += 8) {
      std::uint64_t word;
      std::memcpy(&word, text.data() + at, 8);
      if (!is_plain(word)) return false;
      std::memcpy(to + at, &word, 8);
    }
    for (; at < text.size(); ++at) {
      const auto byte = static_cast<unsigned char>(text[at]);
      if (byte < 0x20 || byte >= 0x7f || byte == '"' || byte == '\\') return false;
      to[at] = text[at];
    }
    return true;
  }

  char* room(std::size_t size) {
    if (size > sizeof block_ - used_) flush();
    return block_ + used_;
  }
  void flush() { out_.append(block_, used_), used_ = 0; }

  std::string& out_;
  std::size_t used_ = 0;
  char block_[2048];
};

}  // namespace nova::core::detail
