// Names and entity references whose hash is computed once, so that comparing two of them is nearly always one number.
#pragma once
#include "governance/cedar/values/arena.hpp"

#include <compare>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace nova::cedar {

/// Equality of `size` bytes. Names are short: two overlapping loads beat a call.
inline bool same_bytes(const char* a, const char* b, std::size_t size) {
  const auto words_differ = [&]<class Word>(Word) {
    Word x, y, u, v;
    std::memcpy(&x, a, sizeof x);
    std::memcpy(&y, b, sizeof y);
    std::memcpy(&u, a + size - sizeof u, sizeof u);
    std::memcpy(&v, b + size - sizeof v, sizeof v);
    return ((x ^ y) | (u ^ v)) != 0;
  };
  if (size > 16) return std::memcmp(a, b, size) == 0;
  if (size >= 8) return !words_differ(std::uint64_t{});
  if (size >= 4) return !words_differ(std::uint32_t{});
  if (size >= 2) return !words_differ(std::uint16_t{});
  return size == 0 || *a == *b;
}
inline bool same_text(std::string_view a, std::string_view b) {
  return a.size() == b.size() && same_bytes(a.data(), b.data(), a.size());
}

/// A hash of the bytes, the same in every run. Not keyed: whatever is built on it must stay correct and quick when an
/// attacker makes two texts collide (here: sorted arrays, searched by hash and then by bytes).
inline std::uint32_t hash_of(std::string_view text) {
  // Odd constants with well mixed bits (splitmix64's).
  constexpr std::uint64_t mix_a = 0xBF58476D1CE4E5B9u;
  constexpr std::uint64_t mix_b = 0x94D049BB133111EBu;
  const char* at = text.data();
  std::size_t left = text.size();
  std::uint64_t state = left * 0x9E3779B97F4A7C15u;
  const auto add = [&](std::uint64_t word) {
    state = (state ^ word) * mix_a;
    state ^= state >> 29;
  };
  const auto load = [](const char* from, auto word) {
    std::memcpy(&word, from, sizeof word);
    return std::uint64_t{word};
  };
  for (; left > 8; at += 8, left -= 8) add(load(at, std::uint64_t{}));
  // The rest by loads that overlap: which bytes they repeat follows from the size, which is part of the state.
  if (left >= 4) {
    add(load(at, std::uint32_t{}) << 32 | load(at + left - 4, std::uint32_t{}));
  } else if (left > 0) {
    add(load(at, std::uint8_t{}) << 16 | load(at + left / 2, std::uint8_t{}) << 8 |
        load(at + left - 1, std::uint8_t{}));
  }
  state = (state ^ (state >> 30)) * mix_b;
  return static_cast<std::uint32_t>(state >> 32);
}

/// A view of UTF-8 text with its hash. Whoever made it says what keeps the bytes alive.
struct Text {
  const char* data = nullptr;
  std::uint32_t size = 0;
  std::uint32_t hash = 0;

  Text() = default;
  explicit Text(std::string_view text)
      : data(text.data()), size(static_cast<std::uint32_t>(text.size())), hash(hash_of(text)) {}

  std::string_view view() const { return {data, size}; }
  std::string str() const { return std::string(view()); }

  friend bool operator==(const Text& a, const Text& b) {
    return a.hash == b.hash && a.size == b.size && (a.data == b.data || same_bytes(a.data, b.data, a.size));
  }
  /// By hash first: an order to search by, not one to show.
  friend std::strong_ordering operator<=>(const Text& a, const Text& b) {
    if (a.hash != b.hash) return a.hash <=> b.hash;
    return a.view().compare(b.view()) <=> 0;
  }
};

inline Text copy(Arena& arena, std::string_view text) { return Text(arena.copy(text)); }

/// `type::"id"`: the type's full name and the unescaped id.
struct EntityUid {
  Text type;
  Text id;

  EntityUid() = default;
  EntityUid(Text type_name, Text name) : type(type_name), id(name) {}
  EntityUid(std::string_view type_name, std::string_view name) : type(type_name), id(name) {}

  std::uint64_t hash() const {
    return (std::uint64_t{id.hash} * 0x9E3779B97F4A7C15u) ^ (std::uint64_t{type.hash} << 16);
  }
  friend bool operator==(const EntityUid& a, const EntityUid& b) { return a.id == b.id && a.type == b.type; }
  friend std::strong_ordering operator<=>(const EntityUid& a, const EntityUid& b) {
    if (const auto order = a.id <=> b.id; std::is_neq(order)) return order;
    return a.type <=> b.type;
  }
};

inline EntityUid copy(Arena& arena, const EntityUid& uid) {
  return {copy(arena, uid.type.view()), copy(arena, uid.id.view())};
}

/// `Type::"id"` with the id escaped as in policy text.
std::string to_text(const EntityUid& uid);

/// The last component of a type name is `Action`: such entities belong to the schema, not to the data.
bool is_action_type(std::string_view type);

/// A string literal of policy text, with its quotes; what is not printable is escaped.
std::string quoted(std::string_view text);

/// One code point at `at` of valid UTF-8, and how many bytes it takes.
struct CodePoint {
  char32_t value = 0;
  std::size_t size = 0;
};
CodePoint code_point_at(std::string_view text, std::size_t at);
void append_utf8(std::string& out, char32_t code_point);

}  // namespace nova::cedar
