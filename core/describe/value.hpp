// The tree between text or bytes and described structs. Private to core/: rooms read structs, not trees.
#pragma once
#include "core/describe/codec.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace nova::core::detail {

struct Value {
  enum class Kind : std::uint8_t { null, boolean, integer, real, text, list, map } kind = Kind::null;
  bool repeated_key = false;  ///< map: a key came twice; the first one's name is in `text`
  std::int64_t integer = 0;   ///< integer, boolean
  double real = 0;
  std::string text;               ///< text; real and integers beyond 64 bits: the number as written
  std::vector<Value> items;       ///< list, map
  std::vector<std::string> keys;  ///< map: one for each item
};

inline constexpr std::size_t json_size_max = 1024 * 1024;
inline constexpr std::size_t depth_max = 32;
/// A tree of small values is about fifty times as large as its text, so their number is bounded too.
inline constexpr std::size_t values_max = 200'000;
inline constexpr std::size_t raw_json_size_max = 64 * 1024;
inline constexpr std::size_t secret_size_max = 64 * 1024;
inline constexpr std::size_t map_key_size_max = 255;
inline constexpr std::size_t problems_max = 50;

struct JsonLimits {
  std::size_t size = json_size_max;
  std::size_t depth = depth_max;
};

/// Strict JSON (RFC 8259). Errors name line and column.
Result<Value> parse_json(std::string_view text, const JsonLimits& limits = {});

/// Marks the map when a key occurs twice.
void find_repeated_key(Value& map);

void append_value(std::string& out, const Value& value);
void append_text(std::string& out, std::string_view text);  ///< quoted and escaped; invalid UTF-8 becomes U+FFFD
void append_int(std::string& out, std::int64_t number);
void append_real(std::string& out, double number);

/// True for a field that is not written: an optional without a value, or with the JSON value null, which reads as none.
bool is_left_out(const Field& field, const void* object);

/// Fills a described object from a tree and collects what is wrong.
/// `from_binary`: times and lengths of time may be numbers of milliseconds (msgpack).
Status fill(const Type& type, void* object, const Value& value, Reading reading, const FieldCipher* cipher,
            bool from_binary);

}  // namespace nova::core::detail
