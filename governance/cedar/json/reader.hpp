// JSON as a tree in an arena: exact 64-bit integers, no key twice, bounded depth, no recursion (RFC 8259).
#pragma once
#include "core/result.hpp"
#include "governance/cedar/limits.hpp"
#include "governance/cedar/values/text.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace nova::cedar {

enum class JsonKind : std::uint8_t { null, boolean, integer, real, string, array, object };
std::string_view name_of(JsonKind kind);

struct JsonMember;

/// 16 bytes. Strings without escapes point into the document, which must outlive the tree; `real` is every number that
/// is no integer of 64 bits, as text.
struct Json {
  JsonKind kind = JsonKind::null;
  std::uint32_t size = 0;
  union {
    bool boolean;
    std::int64_t integer;
    const char* bytes;
    const Json* items;
    const JsonMember* members;
  };

  Json() : integer(0) {}
  bool is(JsonKind k) const { return kind == k; }
  std::string_view text() const { return {bytes, size}; }
  std::span<const Json> array() const { return {items, kind == JsonKind::array ? size : 0}; }
  std::span<const JsonMember> object() const;
  /// The member's value, or nullptr (also when this is no object). Linear.
  const Json* find(std::string_view key) const;
};

/// A name without its hash, which only attributes need.
struct JsonKey {
  const char* data = nullptr;
  std::uint32_t size = 0;
  std::string_view view() const { return {data, size}; }
  std::string str() const { return std::string(view()); }
};

struct JsonMember {
  JsonKey key;
  Json value;
};

inline std::span<const JsonMember> Json::object() const { return {members, kind == JsonKind::object ? size : 0}; }

/// Reads documents one after the other and keeps its working memory between them. One thread at a time.
class JsonReader {
 public:
  /// Fails with `cedar.json_invalid` (a key twice, a lone surrogate, too deep ...), naming line and column.
  core::Result<Json> read(std::string_view document, Arena& arena, std::size_t depth_max = json_depth_max);

 private:
  struct Open {
    bool is_object = false;
    std::size_t first = 0;  // of its members or items on the stacks
  };
  bool value(Json& out);
  bool string(std::string_view& out);
  bool escaped(std::size_t from, std::string_view& out);
  bool unicode_escape(std::size_t& at, std::string& out);
  bool number(Json& out);
  bool word(std::string_view text, Json& out, JsonKind kind, bool is_true);
  bool member_key();
  bool open(char bracket);
  bool close(Json& out);
  bool run(Json& out);
  void skip_blanks();
  bool fail(const char* message);

  std::string_view text_;
  std::size_t at_ = 0;
  Arena* arena_ = nullptr;
  std::size_t depth_max_ = 0;
  const char* message_ = nullptr;
  std::vector<Open> open_;
  std::vector<Json> items_;
  std::vector<JsonMember> members_;
  std::vector<JsonKey> keys_;  // of the members whose values are not read yet
  std::vector<std::string_view> sorted_;
};

/// One document with a reader of its own.
core::Result<Json> read_json(std::string_view document, Arena& arena, std::size_t depth_max = json_depth_max);

}  // namespace nova::cedar
