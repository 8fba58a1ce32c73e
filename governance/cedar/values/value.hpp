// What an expression yields: the seven kinds of Cedar values, as small views into arenas.
#pragma once
#include "governance/cedar/values/arena.hpp"
#include "governance/cedar/values/text.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace nova::cedar {

enum class Kind : std::uint8_t {
  boolean,
  integer,
  string,
  entity,
  set,
  record,
  decimal,
  datetime,
  duration,
  ipaddr,
};

/// "a long", "an entity": for messages.
std::string_view name_of(Kind kind);

struct Set;
struct Record;
struct IpAddress;

/// 16 bytes, copied freely; strings, entities, sets and records point into an arena or to memory of the caller's that
/// must outlive it. `integer` counts units for the extensions: ten-thousandths (decimal), milliseconds since
/// 1970-01-01T00:00:00Z (datetime), milliseconds (duration).
struct Value {
  Kind kind = Kind::boolean;
  std::uint32_t size = 0;  ///< bytes of a string
  union {
    bool boolean;
    std::int64_t integer;
    const char* bytes;
    const EntityUid* entity;
    const Set* set;
    const Record* record;
    const IpAddress* ip;
  };

  Value() : integer(0) {}
  static Value of(bool yes) {
    return make(Kind::boolean, [&](Value& v) { v.boolean = yes; });
  }
  static Value of(std::int64_t number) { return counted(Kind::integer, number); }
  static Value of(std::string_view text) {
    return make(Kind::string, [&](Value& v) {
      v.bytes = text.data();
      v.size = static_cast<std::uint32_t>(text.size());
    });
  }
  static Value of(const char*) = delete;  // a pointer would become a boolean
  static Value of(const EntityUid* uid) {
    return make(Kind::entity, [&](Value& v) { v.entity = uid; });
  }
  static Value of(const Set* items) {
    return make(Kind::set, [&](Value& v) { v.set = items; });
  }
  static Value of(const Record* fields) {
    return make(Kind::record, [&](Value& v) { v.record = fields; });
  }
  static Value of(const IpAddress* address) {
    return make(Kind::ipaddr, [&](Value& v) { v.ip = address; });
  }
  static Value counted(Kind kind, std::int64_t units) {
    return make(kind, [&](Value& v) { v.integer = units; });
  }

  std::string_view text() const { return {bytes, size}; }

 private:
  template <class Fill>
  static Value make(Kind kind, Fill fill) {
    Value value;
    value.kind = kind;
    fill(value);
    return value;
  }
};

/// Elements in the order of compare(), none twice.
struct Set {
  const Value* items = nullptr;
  std::uint32_t size = 0;
  std::span<const Value> view() const { return {items, size}; }
};

struct Field {
  Text key;
  Value value;
};

/// Fields in the order of their keys (Text's order), no key twice.
struct Record {
  const Field* fields = nullptr;
  std::uint32_t size = 0;
  std::span<const Field> view() const { return {fields, size}; }
  /// The value at the key, or nullptr. Logarithmic, and a handful of number comparisons for small records.
  const Value* find(const Text& key) const;
};

/// An IPv4 or IPv6 address with its prefix; host bits are kept. IPv4 fills the first four bytes.
struct IpAddress {
  std::uint8_t bytes[16] = {};
  std::uint8_t prefix = 0;
  bool is_v6 = false;
};

/// A total order over all values, for sorting; kinds come first. Below zero, zero or above.
int compare(const Value& a, const Value& b);

/// Cedar's `==`.
inline bool equal(const Value& a, const Value& b) { return compare(a, b) == 0; }

/// Sorts `items` in place, drops doubles, and makes the set in the arena over the same memory.
Value make_set(Arena& arena, std::span<Value> items);
/// Logarithmic in the set, for each item asked for.
bool contains(const Set& set, const Value& item);
bool contains_all(const Set& set, const Set& others);
bool contains_any(const Set& set, const Set& others);

/// Sorts `fields` in place; the record uses the same memory. A key that stands twice makes `duplicate` point to it.
Value make_record(Arena& arena, std::span<Field> fields, const Text** duplicate = nullptr);

/// A copy of the value that needs nothing but the arena.
Value copy(Arena& arena, const Value& value);

/// The value as an expression of policy text; cut near `size_max` bytes.
std::string to_text(const Value& value, std::size_t size_max = 4096);

}  // namespace nova::cedar
