// CBOR (RFC 8949) as authenticators write it: the canonical form of CTAP2 (section 8, "Message Encoding"), and no
// other.
//
// Refused are indefinite lengths, tags, floating-point numbers, simple values but false, true and null, integers and
// lengths that are not in their shortest form, integers beyond 64 bits with sign, texts that are not UTF-8, maps whose
// keys are not in order or come twice, keys that are neither integers nor texts, and more than four levels. So every
// value has one encoding. Pure; any thread; linear; at most 64 KiB and 1024 values.
#pragma once
#include "core/result.hpp"

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace nova::credentials::cbor {

inline constexpr std::size_t bytes_max = 64 * 1024;
inline constexpr std::size_t values_max = 1024;
inline constexpr int depth_max = 4;  // containers in containers (CTAP2)

/// Texts and bytes point into what was read, which must live longer.
struct Value {
  enum class Kind : std::uint8_t { integer, bytes, text, list, map, boolean, null } kind = Kind::null;
  std::int64_t integer = 0;  ///< integer; boolean: 0 or 1
  std::string_view view;     ///< bytes, text
  std::vector<Value> items;  ///< list, map
  std::vector<Value> keys;   ///< map: one for each item, in their order

  bool is(Kind k) const { return kind == k; }
  /// The value under a key of this map; null when there is none, or this is no map.
  const Value* find(std::int64_t key) const;
  const Value* find(std::string_view key) const;
};

/// The value at the beginning, and how many bytes it takes. `input.invalid` saying what is wrong at which byte.
core::Result<std::pair<Value, std::size_t>> read_first(std::string_view bytes);

/// The same, with nothing behind it.
core::Result<Value> read(std::string_view bytes);

}  // namespace nova::credentials::cbor
