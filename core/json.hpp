// JSON text in small doses: looking into a document, and writing answers by hand. What has a description is read and
// written by core/describe/codec.hpp instead. Pure; any thread.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nova::core {

/// The part of a document at a path of field names and list indices ("state.revisions[0].number"; empty: the whole), as
/// compact JSON. None when there is none, or the document is not valid JSON. Each call parses the document.
std::optional<std::string> json_part(std::string_view document, std::string_view path);

/// The same for people and comparisons: a text without its quotes, anything else as compact JSON; none for null too.
std::optional<std::string> json_text(std::string_view document, std::string_view path);
std::optional<std::int64_t> json_int(std::string_view document, std::string_view path);

/// Names of the fields of the object at `path`, in the document's order; elements of a list count as "[0]", "[1]" ...
std::vector<std::string> json_keys(std::string_view document, std::string_view path = {});

/// Compact JSON of the text; none when it is not valid or beyond a limit.
std::optional<std::string> json_compact(std::string_view text, std::size_t size_max = 1024 * 1024,
                                        std::size_t depth_max = 32);
bool json_valid(std::string_view text, std::size_t size_max = 1024 * 1024, std::size_t depth_max = 32);

/// The text as a JSON string, with its quotes. Bytes that are no UTF-8 become U+FFFD.
std::string json_escape(std::string_view text);

/// Two objects as one; fields of `over` win, objects inside are merged likewise, null removes (RFC 7396). None when one
/// is not valid.
std::optional<std::string> json_merge(std::string_view base, std::string_view over);

/// Writes compact JSON to the end of a string that outlives it; commas are its business, the order of calls is the
/// caller's:
///   JsonWriter(out).object().field("id", id).key("tags").array().value("a").end().end();
class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out) {}

  JsonWriter& object() { return open('{', '}'); }
  JsonWriter& array() { return open('[', ']'); }
  JsonWriter& end();  ///< of the innermost object or array
  JsonWriter& key(std::string_view name);

  JsonWriter& value(std::string_view text);
  JsonWriter& value(const char* text) { return value(std::string_view(text)); }
  JsonWriter& value(const std::string& text) { return value(std::string_view(text)); }
  JsonWriter& value(bool yes) { return raw(yes ? "true" : "false"); }
  JsonWriter& value(double number);
  JsonWriter& value(int number) { return whole(number); }
  JsonWriter& value(unsigned number) { return whole(number); }
  JsonWriter& value(long number) { return whole(number); }
  JsonWriter& value(long long number) { return whole(number); }
  JsonWriter& value(unsigned long number) { return natural(number); }
  JsonWriter& value(unsigned long long number) { return natural(number); }
  JsonWriter& null() { return raw("null"); }
  JsonWriter& raw(std::string_view json);  ///< a value that is JSON already

  template <class V>
  JsonWriter& field(std::string_view name, const V& content) {
    return key(name).value(content);
  }
  JsonWriter& raw_field(std::string_view name, std::string_view json) { return key(name).raw(json); }

 private:
  JsonWriter& open(char start, char end);
  JsonWriter& whole(std::int64_t number);
  JsonWriter& natural(std::uint64_t number);
  void comma();

  std::string& out_;
  std::string ends_;          // closing characters, the innermost last
  bool needs_comma_ = false;  // a value stands before this place
};

}  // namespace nova::core
