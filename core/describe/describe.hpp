// One declaration, every face: a struct is described once, as rows of (name, accessor, limits, meaning), and engines
// that are compiled once walk the rows for JSON, msgpack, JSON Schema, CLI and forms.
//
//   const core::Record& describe(const Opened*) {
//     static const auto record = core::record<Opened>("opened", "Somebody asked for approval.",
//         {core::field("owner_id", &Opened::owner_id, "who asked"),
//          core::field("votes_needed", &Opened::votes_needed, "how many must say yes")});
//     return record;
//   }
//
// `describe` is found by argument-dependent lookup, so it stands in the struct's own namespace (not in an anonymous
// one). Stored names are for ever: a field may be added with a default, never renamed or given another meaning.
#pragma once
#include "core/ids.hpp"
#include "core/time.hpp"
#include "core/types.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace nova::core {

struct Record;

enum class Tag : std::uint8_t {
  boolean,
  integer,
  real,
  text,
  enumeration,
  timestamp,
  duration,
  secret,
  personal,
  raw_json,
  list,
  map,
  optional,
  record
};

/// The shape of a C++ type with the erased operations that engines need. One static instance per C++ type.
struct Type {
  Tag tag = Tag::record;
  std::int64_t min = 0, max = 0;                         ///< integer: value; text: bytes; list, map: elements
  Shape shape = Shape::any;                              ///< text; map: shape of its keys
  std::string_view ref_kind;                             ///< text that names an entity of this kind
  const std::vector<std::string_view>* names = nullptr;  ///< enumeration: names in order of value
  const Type* (*element)() = nullptr;                    ///< list, map, optional
  const Record& (*record)() = nullptr;                   ///< record

  // integer, enumeration (index), boolean, timestamp and duration (milliseconds)
  std::int64_t (*get_int)(const void*) = nullptr;
  void (*set_int)(void*, std::int64_t) = nullptr;
  double (*get_real)(const void*) = nullptr;
  void (*set_real)(void*, double) = nullptr;
  // text, raw_json (its text)
  const std::string& (*get_text)(const void*) = nullptr;
  void (*set_text)(void*, std::string) = nullptr;
  // list, map, optional: elements in order; `add` returns the new element to fill (maps use the key; lists ignore it).
  // A set of texts has `insert_text` instead of `add` and `each_mutable`.
  std::size_t (*count)(const void*) = nullptr;
  void (*each)(const void*, const std::function<void(const std::string& key, const void* element)>&) = nullptr;
  void (*each_mutable)(void*, const std::function<void(const std::string& key, void* element)>&) = nullptr;
  void* (*add)(void*, const std::string& key) = nullptr;  ///< null when the key is already there
  bool (*insert_text)(void*, std::string) = nullptr;      ///< false when the set has it already
  void (*clear)(void*) = nullptr;
  const void* (*held)(const void*) = nullptr;  ///< optional: its value, null when there is none
};

struct Field {
  std::string_view name;
  const Type* type = nullptr;
  std::size_t offset = 0;
  std::string_view doc;
  bool required = true;  ///< in commands; stored data may always lack a field
  bool hidden = false;   ///< never leaves the node: no answer, stream or schema shows it (S25)

  void* in(void* object) const { return static_cast<char*>(object) + offset; }
  const void* in(const void* object) const { return static_cast<const char*>(object) + offset; }
};

struct Record {
  std::string_view name;
  std::string_view doc;
  std::vector<Field> fields;
  /// `,"name":` for each field, so that the JSON writer has nothing to escape or put together.
  std::vector<std::string> json_keys = {};

  const Field* find(std::string_view field_name) const;
};

template <class T>
const Type* type_of();

/// A row. Optionals, lists and maps are never required; others are unless `optional_field` says so.
template <class T, class M>
Field field(std::string_view name, M T::*member, std::string_view doc = {}) {
  static const T blank{};
  const auto offset =
      std::size_t(reinterpret_cast<const char*>(&(blank.*member)) - reinterpret_cast<const char*>(&blank));
  const Type* type = type_of<M>();
  const bool may_lack = type->tag == Tag::optional || type->tag == Tag::list || type->tag == Tag::map;
  return {name, type, offset, doc, !may_lack};
}

/// A row that a command may leave out; it then holds the struct's own default.
template <class T, class M>
Field optional_field(std::string_view name, M T::*member, std::string_view doc = {}) {
  Field row = field(name, member, doc);
  row.required = false;
  return row;
}

/// A row that is stored and never shown: `hidden(field(...))`.
inline Field hidden(Field row) {
  row.hidden = true;
  return row;
}

Record make_record(std::string_view name, std::string_view doc, std::vector<Field> fields);

template <class T>
Record record(std::string_view name, std::string_view doc, std::vector<Field> fields) {
  return make_record(name, doc, std::move(fields));
}

/// Names of an enumeration in the order of its values, from zero on. Specialise beside the enumeration:
///   inline const std::vector<std::string_view>& names_of(const Phase*) { static const ... = {"absent", "open"}; ... }
template <class E>
std::string_view name_of(E value) {
  return names_of(static_cast<const E*>(nullptr)).at(std::size_t(value));
}

/// Everything a record may hold is bounded; these are the limits of containers that say nothing else.
inline constexpr std::int64_t list_size_max = 1000;
inline constexpr std::int64_t map_size_max = 1000;

// ---- how C++ types become Types ------------------------------------------------------------------------------------

namespace detail {

template <class T>
struct is_text : std::false_type {};
template <std::size_t Min, std::size_t Max, Shape S>
struct is_text<Text<Min, Max, S>> : std::true_type {};
template <class T>
struct is_bounded : std::false_type {};
template <std::int64_t Min, std::int64_t Max>
struct is_bounded<Bounded<Min, Max>> : std::true_type {};
template <class T>
struct is_ref : std::false_type {};
template <class K>
struct is_ref<EntityRef<K>> : std::true_type {};

template <class T>
Type integer_type(std::int64_t min, std::int64_t max) {
  Type t;
  t.tag = Tag::integer;
  t.min = min;
  t.max = max;
  t.get_int = [](const void* p) { return std::int64_t(*static_cast<const T*>(p)); };
  t.set_int = [](void* p, std::int64_t v) { *static_cast<T*>(p) = T(v); };
  return t;
}

template <class T>
Type text_type(std::size_t min, std::size_t max, Shape shape) {
  Type t;
  t.tag = Tag::text;
  t.min = std::int64_t(min);
  t.max = std::int64_t(max);
  t.shape = shape;
  t.get_text = [](const void* p) -> const std::string& { return *static_cast<const T*>(p); };
  t.set_text = [](void* p, std::string v) { *static_cast<T*>(p) = T(std::move(v)); };
  return t;
}

// How each C++ type becomes a Type; the primary template takes records and enumerations.
template <class T>
struct Make {
  static Type make() {
    Type t;
    if constexpr (std::is_enum_v<T>) {
      t.tag = Tag::enumeration;
      t.names = &names_of(static_cast<const T*>(nullptr));
      t.max = std::int64_t(t.names->size()) - 1;
      t.get_int = [](const void* p) { return std::int64_t(*static_cast<const T*>(p)); };
      t.set_int = [](void* p, std::int64_t v) { *static_cast<T*>(p) = T(v); };
    } else if constexpr (std::is_same_v<T, bool>) {
      t = integer_type<bool>(0, 1);
      t.tag = Tag::boolean;
    } else if constexpr (std::is_integral_v<T>) {
      if constexpr (sizeof(T) == 8)
        t = integer_type<T>(std::is_signed_v<T> ? INT64_MIN : 0, INT64_MAX);
      else
        t = integer_type<T>(std::int64_t(std::numeric_limits<T>::min()), std::int64_t(std::numeric_limits<T>::max()));
    } else if constexpr (std::is_floating_point_v<T>) {
      t.tag = Tag::real;
      t.get_real = [](const void* p) { return double(*static_cast<const T*>(p)); };
      t.set_real = [](void* p, double v) { *static_cast<T*>(p) = T(v); };
    } else if constexpr (std::is_same_v<T, std::string>) {
      t = text_type<std::string>(0, 65536, Shape::any);
    } else if constexpr (is_text<T>::value) {
      t = text_type<T>(T::size_min, T::size_max, T::shape);
    } else if constexpr (is_bounded<T>::value) {
      t = integer_type<T>(T::min, T::max);
    } else if constexpr (is_ref<T>::value) {
      t = text_type<T>(1, 128, Shape::name);
      t.ref_kind = T::kind;
    } else if constexpr (std::is_same_v<T, Timestamp>) {
      t.tag = Tag::timestamp;
      t.get_int = [](const void* p) { return static_cast<const Timestamp*>(p)->ms; };
      t.set_int = [](void* p, std::int64_t v) { static_cast<Timestamp*>(p)->ms = v; };
    } else if constexpr (std::is_same_v<T, std::chrono::milliseconds>) {
      t.tag = Tag::duration;
      t.get_int = [](const void* p) { return std::int64_t(static_cast<const std::chrono::milliseconds*>(p)->count()); };
      t.set_int = [](void* p, std::int64_t v) {
        *static_cast<std::chrono::milliseconds*>(p) = std::chrono::milliseconds(v);
      };
    } else if constexpr (std::is_same_v<T, Secret>) {
      t.tag = Tag::secret;
    } else if constexpr (std::is_same_v<T, Personal>) {
      t.tag = Tag::personal;
    } else if constexpr (std::is_same_v<T, RawJson>) {
      t.tag = Tag::raw_json;
      t.get_text = [](const void* p) -> const std::string& { return static_cast<const RawJson*>(p)->text; };
      t.set_text = [](void* p, std::string v) { static_cast<RawJson*>(p)->text = std::move(v); };
    } else {
      t.tag = Tag::record;
      t.record = []() -> const Record& { return describe(static_cast<const T*>(nullptr)); };
    }
    return t;
  }
};

template <class T>
struct Make<std::optional<T>> {
  static Type make() {
    Type t;
    t.tag = Tag::optional;
    t.max = 1;
    t.element = [] { return type_of<T>(); };
    t.count = [](const void* p) { return std::size_t(static_cast<const std::optional<T>*>(p)->has_value()); };
    t.each = [](const void* p, const std::function<void(const std::string&, const void*)>& f) {
      if (const auto& o = *static_cast<const std::optional<T>*>(p)) f({}, &*o);
    };
    t.each_mutable = [](void* p, const std::function<void(const std::string&, void*)>& f) {
      if (auto& o = *static_cast<std::optional<T>*>(p)) f({}, &*o);
    };
    t.add = [](void* p, const std::string&) -> void* { return &static_cast<std::optional<T>*>(p)->emplace(); };
    t.clear = [](void* p) { static_cast<std::optional<T>*>(p)->reset(); };
    t.held = [](const void* p) -> const void* {
      const auto& o = *static_cast<const std::optional<T>*>(p);
      return o ? &*o : nullptr;
    };
    return t;
  }
};

template <class T>
struct Make<std::vector<T>> {
  static_assert(!std::is_same_v<T, bool>, "std::vector<bool> has no elements to point at");
  static Type make() {
    Type t;
    t.tag = Tag::list;
    t.max = list_size_max;
    t.element = [] { return type_of<T>(); };
    t.count = [](const void* p) { return static_cast<const std::vector<T>*>(p)->size(); };
    t.each = [](const void* p, const std::function<void(const std::string&, const void*)>& f) {
      for (const auto& element : *static_cast<const std::vector<T>*>(p)) f({}, &element);
    };
    t.each_mutable = [](void* p, const std::function<void(const std::string&, void*)>& f) {
      for (auto& element : *static_cast<std::vector<T>*>(p)) f({}, &element);
    };
    t.add = [](void* p, const std::string&) -> void* { return &static_cast<std::vector<T>*>(p)->emplace_back(); };
    t.clear = [](void* p) { static_cast<std::vector<T>*>(p)->clear(); };
    return t;
  }
};

// Keys are std::string or a Text, whose shape they then have.
template <class K, class T>
struct Make<std::map<K, T>> {
  static_assert(std::is_base_of_v<std::string, K>, "keys of described maps are texts");
  using Map = std::map<K, T>;
  static Type make() {
    Type t;
    t.tag = Tag::map;
    t.max = map_size_max;
    if constexpr (is_text<K>::value) t.shape = K::shape;
    t.element = [] { return type_of<T>(); };
    t.count = [](const void* p) { return static_cast<const Map*>(p)->size(); };
    t.each = [](const void* p, const std::function<void(const std::string&, const void*)>& f) {
      for (const auto& [key, element] : *static_cast<const Map*>(p)) f(key, &element);
    };
    t.each_mutable = [](void* p, const std::function<void(const std::string&, void*)>& f) {
      for (auto& [key, element] : *static_cast<Map*>(p)) f(key, &element);
    };
    t.add = [](void* p, const std::string& key) -> void* {
      auto [at, fresh] = static_cast<Map*>(p)->try_emplace(K(key));
      return fresh ? &at->second : nullptr;
    };
    t.clear = [](void* p) { static_cast<Map*>(p)->clear(); };
    return t;
  }
};

// A set of texts: a list without repetitions, in order.
template <class K>
struct Make<std::set<K>> {
  static_assert(std::is_base_of_v<std::string, K>, "described sets hold texts");
  static Type make() {
    Type t;
    t.tag = Tag::list;
    t.max = list_size_max;
    t.element = [] { return type_of<K>(); };
    t.count = [](const void* p) { return static_cast<const std::set<K>*>(p)->size(); };
    t.each = [](const void* p, const std::function<void(const std::string&, const void*)>& f) {
      for (const auto& element : *static_cast<const std::set<K>*>(p)) f({}, &element);
    };
    t.insert_text = [](void* p, std::string text) {
      return static_cast<std::set<K>*>(p)->insert(K(std::move(text))).second;
    };
    t.clear = [](void* p) { static_cast<std::set<K>*>(p)->clear(); };
    return t;
  }
};

}  // namespace detail

/// The one Type of a C++ type. Cheap after the first call; any thread.
template <class T>
const Type* type_of() {
  static const Type type = detail::Make<T>::make();
  return &type;
}

}  // namespace nova::core
