// Names and entity references whose hash is computed once, so that comparing two of them is nearly always one number.
#pragma once
#include "governance/cedar/values/arena.hpp"

#include <compare>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace nova::cedar {

/// A hash of the bytes, the same in every run. Not keyed: whatever is built on it must stay correct and quick when an
/// attacker makes two texts collide (here: sorted arrays, searched by hash and then by bytes).
std::uint32_t hash_of(std::string_view text);

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
    return a.hash == b.hash && a.size == b.size &&
           (a.data == b.data || a.size == 0 || std::memcmp(a.data, b.data, a.size) == 0);
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
    if (const auto order = a.id <=> b.id; order != 0) return order;
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
