// Constrained types: a field that cannot hold a wrong value needs no check by hand. Their limits are known to the
// codecs, the JSON Schema, the CLI and the console, because `core/describe` reads them from the type.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace nova::core {

/// An integer from Min to Max, both included. The codecs refuse others with the path of the field.
template <std::int64_t Min, std::int64_t Max>
struct Bounded {
  static_assert(Min <= Max);
  static constexpr std::int64_t min = Min, max = Max;
  std::int64_t value = Min > 0 ? Min : (Max < 0 ? Max : 0);

  constexpr Bounded() = default;
  constexpr Bounded(std::int64_t v) : value(v) {}
  constexpr operator std::int64_t() const { return value; }
};

/// What a text must look like, beyond its length.
enum class Shape : std::uint8_t {
  any,       ///< UTF-8 without control characters other than tab and newline
  line,      ///< UTF-8 on one line
  slug,      ///< [a-z][a-z0-9-]*, no hyphen at the end (S19)
  name,      ///< is_name() in core/ids.hpp
  uuid,      ///< 36 characters, lower case
  env_name,  ///< [A-Za-z_][A-Za-z0-9_]* (POSIX environment variable)
  digest,    ///< sha256:<64 hex digits>
};

/// UTF-8 text of Min to Max bytes.
template <std::size_t Min, std::size_t Max, Shape S = Shape::line>
struct Text : std::string {
  static constexpr std::size_t size_min = Min, size_max = Max;
  static constexpr Shape shape = S;
  Text() = default;
  Text(std::string text) : std::string(std::move(text)) {}
  Text(const char* text) : std::string(text) {}
  Text(std::string_view text) : std::string(text) {}
};

using Slug = Text<3, 63, Shape::slug>;  ///< S19: three and more lower-case letters, digits, hyphens
using Name = Text<1, 63, Shape::name>;  ///< a part of an address
using EntityId = Text<1, 128, Shape::name>;
using Label = Text<0, 255, Shape::line>;     ///< a short line for people
using Prose = Text<0, 4096, Shape::any>;     ///< a description, a reason
using Reason = Text<1, 1000, Shape::any>;    ///< a reason that must be given
using Digest = Text<71, 71, Shape::digest>;  ///< content address

/// The id of an entity of one kind in the same tenant; the kind is named so that schema, CLI and console can offer
/// them. `Kind` is a tag type: struct Platform { static constexpr std::string_view kind = "platform"; };
template <class Kind>
struct EntityRef : std::string {
  static constexpr std::string_view kind = Kind::kind;
  EntityRef() = default;
  EntityRef(std::string id) : std::string(std::move(id)) {}
  EntityRef(const char* id) : std::string(id) {}
};

/// A value that enters no event, document, effect or log. A command carries `plain` in; before `decide` sees the
/// command the host seals it and leaves only `ref` ("secret://path@version"), the one part that is ever written.
struct Secret {
  std::string plain;
  std::string ref;
  friend bool operator==(const Secret& a, const Secret& b) { return a.ref == b.ref; }
};

/// Personal data: plain in memory, encrypted under a subject key wherever it is stored. When the key is destroyed it
/// reads as `erased` with an empty value.
struct Personal {
  std::string value;
  bool erased = false;
  friend bool operator==(const Personal&, const Personal&) = default;
};

/// JSON text kept as it came (compact, at most 64 KiB, depth at most 32): for what the core carries but does not read.
struct RawJson {
  std::string text = "null";
  friend bool operator==(const RawJson&, const RawJson&) = default;
};

}  // namespace nova::core
