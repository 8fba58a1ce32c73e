// From a tree to a described struct: one walk that finds everything wrong, each by its path.
#include "core/describe/value.hpp"
#include "core/text.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace nova::core {
namespace detail {
namespace {

using Kind = Value::Kind;

std::string_view kind_words(Kind kind) {
  switch (kind) {
    case Kind::null:
      return "null";
    case Kind::boolean:
      return "true or false";
    case Kind::integer:
    case Kind::real:
      return "a number";
    case Kind::text:
      return "text";
    case Kind::list:
      return "a list";
    case Kind::map:
      return "an object";
  }
  return {};
}

std::string shown(std::string_view text) { return "`" + printable(clean_text(text, 80)) + "`"; }

// An integer written as a real ("3.0") is one for JSON Schema too; beyond 2^53 a real no longer says which it is.
bool whole(const Value& value, std::int64_t& number) {
  if (value.kind == Kind::integer) return number = value.integer, true;
  if (value.kind != Kind::real || value.real != std::trunc(value.real) || std::abs(value.real) > 9007199254740992.0)
    return false;
  number = std::int64_t(value.real);
  return true;
}

// What nobody sets from outside, whatever the kind (S25). A command that has such a field of its own may be given it.
bool is_protected(std::string_view field) {
  static constexpr std::string_view names[] = {
      "id", "code", "is_system_platform", "platform_id", "is_default_provider", "tenant", "created_by"};
  return std::find(std::begin(names), std::end(names), field) != std::end(names);
}

// Which rows of a record came: a bit each, and rows are few.
class Seen {
 public:
  explicit Seen(std::size_t rows) : more_(rows > 64 ? rows : 0) {}
  void set(std::size_t row) {
    if (row < 64)
      first_ |= std::uint64_t(1) << row;
    else
      more_[row] = true;
  }
  bool has(std::size_t row) const { return row < 64 ? (first_ >> row & 1) != 0 : more_[row]; }

 private:
  std::uint64_t first_ = 0;
  std::vector<bool> more_;
};

class Filler {
 public:
  Filler(Reading reading, const FieldCipher* cipher) : strict_(reading == Reading::command), cipher_(cipher) {}

  Status run(const Type& type, void* object, const Value& value) {
    any(type, object, value);
    if (!protected_.empty()) return protected_field();
    if (problems_.empty()) return ok();
    auto error = invalid_input(std::move(problems_));
    if (dropped_ > 0) std::move(error).with("problems_left_out", std::to_string(dropped_));
    return error;
  }

 private:
  Error protected_field() const {
    auto error = refusal("field.protected", "`" + protected_ + "` can never be set from outside");
    error.status = 403;
    error.problems.push_back({protected_, "is set by the platform itself"});
    return std::move(error).fix("leave it out");
  }

  void wrong(std::string message) {
    if (problems_.size() >= problems_max) return void(++dropped_);
    problems_.push_back({path(), std::move(message)});
  }

  void wrong_kind(std::string_view expected, const Value& value) {
    wrong("must be " + std::string(expected) + ", not " + std::string(kind_words(value.kind)));
  }

  /// A field's or key's name, or an index where there is none.
  struct Step {
    std::string_view name;
    std::size_t index = 0;
  };

  // Runs `body` with the path longer by one step. Only a problem needs it as text.
  template <class Body>
  void below(Step step, Body body) {
    if (depth_ < std::size(steps_)) steps_[depth_] = step;
    ++depth_;
    body();
    --depth_;
  }

  std::string path() const {
    std::string text;
    for (std::size_t i = 0; i < std::min(depth_, std::size(steps_)); ++i) {
      if (steps_[i].name.data() == nullptr)
        text.append("[").append(std::to_string(steps_[i].index)).append("]");
      else
        text.append(text.empty() ? "" : ".").append(printable(clean_text(steps_[i].name, 128)));
    }
    return text;
  }

  void any(const Type& type, void* object, const Value& value) {
    // What an older version did not know keeps its default.
    if (!strict_ && value.kind == Kind::null && type.tag != Tag::optional && type.tag != Tag::raw_json &&
        type.tag != Tag::personal)
      return;
    switch (type.tag) {
      case Tag::boolean:
        return boolean(type, object, value);
      case Tag::integer:
        return integer(type, object, value);
      case Tag::real:
        return real(type, object, value);
      case Tag::text:
        return text(type, object, value);
      case Tag::enumeration:
        return enumeration(type, object, value);
      case Tag::timestamp:
        return timestamp(type, object, value);
      case Tag::duration:
        return duration(type, object, value);
      case Tag::secret:
        return secret(*static_cast<Secret*>(object), value);
      case Tag::personal:
        return personal(*static_cast<Personal*>(object), value);
      case Tag::raw_json:
        return raw_json(type, object, value);
      case Tag::list:
        return type.insert_text ? text_set(type, object, value) : list(type, object, value);
      case Tag::map:
        return map(type, object, value);
      case Tag::optional:
        return optional(type, object, value);
      case Tag::record:
        return record(type.record(), object, value);
    }
  }

  void boolean(const Type& type, void* object, const Value& value) {
    if (value.kind != Kind::boolean) return wrong_kind("true or false", value);
    type.set_int(object, value.integer);
  }

  void integer(const Type& type, void* object, const Value& value) {
    std::int64_t number = 0;
    if (value.kind != Kind::integer && value.kind != Kind::real) return wrong_kind("a whole number", value);
    const bool fits = whole(value, number);
    if (!fits && value.real == std::trunc(value.real)) return wrong(range(type));
    if (!fits) return wrong("must be a whole number");
    if (strict_ && (number < type.min || number > type.max)) return wrong(range(type));
    type.set_int(object, number);
  }

  static std::string range(const Type& type) {
    return "must be " + std::to_string(type.min) + " to " + std::to_string(type.max);
  }

  void real(const Type& type, void* object, const Value& value) {
    if (value.kind != Kind::integer && value.kind != Kind::real) return wrong_kind("a number", value);
    type.set_real(object, value.kind == Kind::integer ? double(value.integer) : value.real);
  }

  // True when the text may stay.
  bool check_text(const Type& type, std::string_view text) {
    if (!strict_) return true;
    const auto size = std::int64_t(text.size());
    if (size < type.min && type.min == 1) return wrong("must not be empty"), false;
    if (size < type.min) return wrong("must have at least " + std::to_string(type.min) + " characters"), false;
    if (size > type.max)
      return wrong("must have at most " + std::to_string(type.max) + " bytes, not " + std::to_string(size)), false;
    // An empty text where one is allowed means "none", whatever the shape.
    if (text.empty() || has_shape(type.shape, text)) return true;
    wrong(std::string(shape_rule(type.shape)) + ", not " + shown(text));
    return false;
  }

  void text(const Type& type, void* object, const Value& value) {
    if (value.kind != Kind::text) return wrong_kind("text", value);
    if (check_text(type, value.text)) type.set_text(object, value.text);
  }

  void enumeration(const Type& type, void* object, const Value& value) {
    if (value.kind != Kind::text) return wrong_kind("text", value);
    for (std::size_t i = 0; i < type.names->size(); ++i)
      if ((*type.names)[i] == value.text) return type.set_int(object, std::int64_t(i));
    std::string all;
    for (const auto name : *type.names) all.append(all.empty() ? "" : ", ").append("`").append(name).append("`");
    wrong("must be one of " + all + ", not " + shown(value.text) + hint(value.text, *type.names));
  }

  static std::string hint(std::string_view word, const std::vector<std::string_view>& names) {
    const auto meant = nearest(word, names);
    return meant.empty() ? "" : "; did you mean `" + std::string(meant) + "`?";
  }

  void timestamp(const Type& type, void* object, const Value& value) {
    if (value.kind == Kind::integer && from_binary_) return type.set_int(object, value.integer);
    const auto time = value.kind == Kind::text ? parse_rfc3339(value.text) : std::nullopt;
    if (!time) return wrong("must be a time such as `2026-01-31T09:05:00Z`");
    type.set_int(object, time->ms);
  }

  void duration(const Type& type, void* object, const Value& value) {
    if (value.kind == Kind::integer && from_binary_) return type.set_int(object, value.integer);
    const auto length = value.kind == Kind::text ? parse_duration(value.text) : std::nullopt;
    if (!length) return wrong("must be a length of time such as `250ms`, `5s`, `2m`, `1h` or `30d`");
    type.set_int(object, length->count());
  }

  void secret(Secret& secret, const Value& value) {
    if (value.kind != Kind::text) return wrong_kind("text", value);
    secret = {};
    if (is_secret_ref(value.text) || !strict_) return void(secret.ref = value.text);
    // The message never repeats what was given.
    if (value.text.starts_with("secret://")) return wrong("must be a secret's value or `secret://name@version`");
    if (value.text.empty()) return wrong("must not be empty");
    if (value.text.size() > secret_size_max)
      return wrong("must have at most " + std::to_string(secret_size_max) + " bytes");
    secret.plain = value.text;
  }

  void personal(Personal& personal, const Value& value) {
    personal = {};
    if (value.kind == Kind::null && !strict_) return void(personal.erased = true);
    if (value.kind != Kind::text) return wrong_kind("text", value);
    if (!cipher_) {
      if (strict_ && !has_shape(Shape::any, value.text)) return wrong(std::string(shape_rule(Shape::any)));
      return void(personal.value = value.text);
    }
    auto plain = cipher_->open(value.text);
    personal.erased = !plain;
    if (plain) personal.value = std::move(*plain);
  }

  void raw_json(const Type& type, void* object, const Value& value) {
    std::string text;
    append_value(text, value);
    if (strict_ && text.size() > raw_json_size_max)
      return wrong("must have at most " + std::to_string(raw_json_size_max) + " bytes as JSON");
    type.set_text(object, std::move(text));
  }

  bool check_count(const Type& type, const Value& value) {
    const auto count = std::int64_t(value.items.size());
    if (!strict_ || (count >= type.min && count <= type.max)) return true;
    wrong(count > type.max ? "must have at most " + std::to_string(type.max) + " entries, not " + std::to_string(count)
                           : "must have at least " + std::to_string(type.min) + " entries");
    return false;
  }

  void list(const Type& type, void* object, const Value& value) {
    if (value.kind != Kind::list) return wrong_kind("a list", value);
    if (!check_count(type, value)) return;
    type.clear(object);
    for (std::size_t i = 0; i < value.items.size(); ++i)
      below({{}, i}, [&] { any(*type.element(), type.add(object, {}), value.items[i]); });
  }

  void text_set(const Type& type, void* object, const Value& value) {
    if (value.kind != Kind::list) return wrong_kind("a list", value);
    if (!check_count(type, value)) return;
    type.clear(object);
    for (std::size_t i = 0; i < value.items.size(); ++i)
      below({{}, i}, [&] {
        const auto& item = value.items[i];
        if (item.kind != Kind::text) return wrong_kind("text", item);
        if (check_text(*type.element(), item.text) && !type.insert_text(object, item.text) && strict_)
          wrong("is named twice");
      });
  }

  void map(const Type& type, void* object, const Value& value) {
    if (value.kind != Kind::map) return wrong_kind("an object", value);
    check_keys(value);
    if (!check_count(type, value)) return;
    type.clear(object);
    for (std::size_t i = 0; i < value.items.size(); ++i) {
      const auto& key = value.keys[i];
      below({key}, [&] {
        if (strict_ && (key.empty() || key.size() > map_key_size_max))
          return wrong("its name must have 1 to " + std::to_string(map_key_size_max) + " bytes");
        if (strict_ && !has_shape(type.shape, key)) return wrong("its name " + std::string(shape_rule(type.shape)));
        if (void* element = type.add(object, key)) any(*type.element(), element, value.items[i]);
      });
    }
  }

  void optional(const Type& type, void* object, const Value& value) {
    type.clear(object);
    const Type& held = *type.element();
    const bool erased = held.tag == Tag::personal && !strict_;  // null is what is left of an erased one
    if (value.kind != Kind::null || erased) any(held, type.add(object, {}), value);
  }

  void check_keys(const Value& value) {
    if (strict_ && value.repeated_key) below({value.text}, [&] { wrong("stands twice"); });
  }

  void record(const Record& record, void* object, const Value& value) {
    if (value.kind != Kind::map) return wrong_kind("an object", value);
    check_keys(value);
    Seen seen(record.fields.size());
    for (std::size_t i = 0; i < value.items.size(); ++i) {
      const Field* field = record.find(value.keys[i]);
      if (!field) {
        if (strict_ && depth_ == 0 && is_protected(value.keys[i]) && protected_.empty()) protected_ = value.keys[i];
        if (strict_) below({value.keys[i]}, [&] { wrong("is not a known field" + field_hint(record, value.keys[i])); });
        continue;
      }
      seen.set(std::size_t(field - record.fields.data()));
      below({field->name}, [&] { any(*field->type, field->in(object), value.items[i]); });
    }
    if (!strict_) return;
    for (std::size_t i = 0; i < record.fields.size(); ++i)
      if (!seen.has(i) && record.fields[i].required) below({record.fields[i].name}, [&] { wrong("is missing"); });
  }

  static std::string field_hint(const Record& record, std::string_view name) {
    std::vector<std::string_view> names;
    for (const auto& field : record.fields) names.push_back(field.name);
    return hint(name, names);
  }

 public:
  bool from_binary_ = false;  ///< msgpack holds times and lengths of time as numbers of milliseconds

 private:
  bool strict_;
  const FieldCipher* cipher_;
  Step steps_[depth_max + 2];  // a step for each level of a tree
  std::size_t depth_ = 0;
  std::vector<Problem> problems_;
  std::string protected_;  // the first field that came and nobody may set
  std::size_t dropped_ = 0;
};

}  // namespace

Status fill(const Type& type, void* object, const Value& value, Reading reading, const FieldCipher* cipher,
            bool from_binary) {
  Filler filler(reading, cipher);
  filler.from_binary_ = from_binary;
  return filler.run(type, object, value);
}

}  // namespace detail

namespace {
bool may_stand_in_secret_path(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("_-[]").find(c) != std::string_view::npos;
}
}  // namespace

bool is_secret_ref(std::string_view text) {
  constexpr std::string_view start = "secret://";
  if (!text.starts_with(start) || text.size() > 512) return false;
  text.remove_prefix(start.size());
  const auto at = text.rfind('@');
  if (at == std::string_view::npos || at == 0) return false;
  const auto version = text.substr(at + 1);
  std::uint64_t number = 0;
  const auto read = std::from_chars(version.data(), version.data() + version.size(), number);
  if (read.ec != std::errc() || read.ptr != version.data() + version.size() || number == 0) return false;
  // What the host seals under: tenant/kind/id/path of the field, for example
  // clinic/blueprint/front/services.api.secrets.KEY.
  for (auto path = text.substr(0, at);;) {
    const auto end = path.find_first_of("/.");
    const auto part = path.substr(0, end);
    if (part.empty() || !std::all_of(part.begin(), part.end(), may_stand_in_secret_path)) return false;
    if (end == std::string_view::npos) return true;
    path.remove_prefix(end + 1);
  }
}

Status from_json(const Type& type, void* object, std::string_view json, Reading reading, const FieldCipher* cipher) {
  auto value = detail::parse_json(json);
  if (!value) return std::move(value).error();
  return detail::fill(type, object, *value, reading, cipher, false);
}

}  // namespace nova::core
