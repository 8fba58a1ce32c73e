// The msgpack face. msgpack-c parses; the visitor decides what is let in before anything is allocated for it.
#include "core/describe/value.hpp"
#include "core/text.hpp"

#include <cmath>
#include <stdexcept>

#define MSGPACK_NO_BOOST
#include <msgpack.hpp>

namespace nova::core {
namespace {

using detail::Value;

struct Buffer {
  std::string& out;
  void write(const char* bytes, std::size_t size) { out.append(bytes, size); }
};
using Packer = msgpack::packer<Buffer>;

void pack_text(Packer& packer, std::string_view text) {
  packer.pack_str(std::uint32_t(text.size()));
  packer.pack_str_body(text.data(), std::uint32_t(text.size()));
}

void pack_value(Packer& packer, const Value& value) {
  switch (value.kind) {
    case Value::Kind::null:
      packer.pack_nil();
      return;
    case Value::Kind::boolean:
      value.integer ? packer.pack_true() : packer.pack_false();
      return;
    case Value::Kind::integer:
      packer.pack_int64(value.integer);
      return;
    case Value::Kind::real:
      packer.pack_double(value.real);
      return;
    case Value::Kind::text:
      pack_text(packer, value.text);
      return;
    case Value::Kind::list:
      packer.pack_array(std::uint32_t(value.items.size()));
      for (const auto& item : value.items) pack_value(packer, item);
      return;
    case Value::Kind::map:
      packer.pack_map(std::uint32_t(value.items.size()));
      for (std::size_t i = 0; i < value.items.size(); ++i) {
        pack_text(packer, value.keys[i]);
        pack_value(packer, value.items[i]);
      }
      return;
  }
}

void pack(Packer& packer, const Type& type, const void* object, const FieldCipher* cipher);

void pack_record(Packer& packer, const Record& record, const void* object, const FieldCipher* cipher) {
  std::uint32_t count = 0;
  for (const auto& field : record.fields) count += !detail::is_left_out(field, object);
  packer.pack_map(count);
  for (const auto& field : record.fields) {
    if (detail::is_left_out(field, object)) continue;
    pack_text(packer, field.name);
    pack(packer, *field.type, field.in(object), cipher);
  }
}

void pack_elements(Packer& packer, const Type& type, const void* object, const FieldCipher* cipher) {
  const auto count = std::uint32_t(type.count(object));
  if (type.tag == Tag::map)
    packer.pack_map(count);
  else
    packer.pack_array(count);
  type.each(object, [&](const std::string& key, const void* element) {
    if (type.tag == Tag::map) pack_text(packer, key);
    pack(packer, *type.element(), element, cipher);
  });
}

void pack_raw_json(Packer& packer, const std::string& json) {
  if (json.empty()) return void(packer.pack_nil());
  const auto value = detail::parse_json(json);
  if (!value) throw std::logic_error("a RawJson held text that is not JSON");
  pack_value(packer, *value);
}

void pack_personal(Packer& packer, const Personal& personal, const FieldCipher* cipher) {
  if (personal.erased)
    packer.pack_nil();
  else
    pack_text(packer, cipher ? cipher->seal(personal.value) : personal.value);
}

void pack(Packer& packer, const Type& type, const void* object, const FieldCipher* cipher) {
  switch (type.tag) {
    case Tag::boolean:
      type.get_int(object) ? packer.pack_true() : packer.pack_false();
      return;
    case Tag::integer:
    case Tag::timestamp:
    case Tag::duration:
      packer.pack_int64(type.get_int(object));
      return;
    case Tag::real:
      packer.pack_double(type.get_real(object));
      return;
    case Tag::text:
      pack_text(packer, type.get_text(object));
      return;
    case Tag::enumeration:
      pack_text(packer, type.names->at(std::size_t(type.get_int(object))));
      return;
    case Tag::secret:
      pack_text(packer, sealed_ref(*static_cast<const Secret*>(object)));
      return;
    case Tag::personal:
      pack_personal(packer, *static_cast<const Personal*>(object), cipher);
      return;
    case Tag::raw_json:
      pack_raw_json(packer, type.get_text(object));
      return;
    case Tag::list:
    case Tag::map:
      pack_elements(packer, type, object, cipher);
      return;
    case Tag::optional:
      if (type.count(object) == 0)
        packer.pack_nil();
      else
        type.each(object, [&](const std::string&, const void* held) { pack(packer, *type.element(), held, cipher); });
      return;
    case Tag::record:
      pack_record(packer, type.record(), object, cipher);
      return;
  }
}

// Builds the tree as the parser goes. Answering false stops the parser.
class TreeVisitor : public msgpack::null_visitor {
 public:
  explicit TreeVisitor(std::size_t size) : size_(size) {}

  bool visit_nil() { return scalar(Value::Kind::null) != nullptr; }
  bool visit_boolean(bool yes) { return set_int(Value::Kind::boolean, yes); }
  bool visit_positive_integer(std::uint64_t number) {
    if (number <= std::uint64_t(INT64_MAX)) return set_int(Value::Kind::integer, std::int64_t(number));
    Value* value = scalar(Value::Kind::real);
    if (!value) return false;
    value->real = double(number);
    value->text = std::to_string(number);
    return true;
  }
  bool visit_negative_integer(std::int64_t number) { return set_int(Value::Kind::integer, number); }
  bool visit_float32(float number) { return visit_float64(double(number)); }
  bool visit_float64(double number) {
    if (!std::isfinite(number)) return wrong("a number that is not finite");
    Value* value = scalar(Value::Kind::real);
    if (value) value->real = number;
    return value != nullptr;
  }
  bool visit_str(const char* bytes, std::uint32_t size) {
    const std::string_view text(bytes, size);
    if (!is_utf8(text)) return wrong("bytes that are not UTF-8");
    if (key_next_) return open_.back()->keys.emplace_back(text), true;
    Value* value = scalar(Value::Kind::text);
    if (value) value->text = text;
    return value != nullptr;
  }
  bool visit_bin(const char*, std::uint32_t) { return wrong("binary data"); }
  bool visit_ext(const char*, std::uint32_t) { return wrong("an extension type"); }

  bool start_array(std::uint32_t count) { return start(Value::Kind::list, count); }
  bool end_array() { return open_.pop_back(), true; }
  bool start_map(std::uint32_t count) { return start(Value::Kind::map, count); }
  bool start_map_key() { return key_next_ = true; }
  bool end_map_key() { return key_next_ = false, true; }
  bool end_map() {
    detail::find_repeated_key(*open_.back());
    open_.pop_back();
    return true;
  }

  Value& root() { return root_; }
  const std::string& what() const { return what_; }

 private:
  bool wrong(std::string_view what) {
    if (what_.empty()) what_ = what;
    return false;
  }

  Value* scalar(Value::Kind kind) {
    if (key_next_) return wrong("a field name that is not text"), nullptr;
    if (++values_ > detail::values_max) return wrong("too many values"), nullptr;
    Value* value = open_.empty() ? &root_ : &open_.back()->items.emplace_back();
    value->kind = kind;
    return value;
  }

  bool set_int(Value::Kind kind, std::int64_t number) {
    Value* value = scalar(kind);
    if (value) value->integer = number;
    return value != nullptr;
  }

  // Each element takes a byte at least, so a count beyond the bytes is a lie; nothing is reserved for it in any case.
  bool start(Value::Kind kind, std::uint32_t count) {
    if (count > size_) return wrong("a length beyond the data");
    if (open_.size() >= detail::depth_max) return wrong("more than " + std::to_string(detail::depth_max) + " levels");
    Value* value = scalar(kind);
    if (value) open_.push_back(value);
    return value != nullptr;
  }

  std::size_t size_;
  std::size_t values_ = 0;
  bool key_next_ = false;
  Value root_;
  std::vector<Value*> open_;  // containers being filled, the innermost last; an outer one does not grow meanwhile
  std::string what_;
};

}  // namespace

std::string to_msgpack(const Type& type, const void* object, const FieldCipher* cipher) {
  std::string out;
  Buffer buffer{out};
  Packer packer(buffer);
  pack(packer, type, object, cipher);
  return out;
}

Status from_msgpack(const Type& type, void* object, std::string_view bytes, Reading reading,
                    const FieldCipher* cipher) {
  if (bytes.size() > detail::json_size_max)
    return refusal("input.too_large", "the message has " + std::to_string(bytes.size()) + " bytes, at most " +
                                          std::to_string(detail::json_size_max) + " are read");
  TreeVisitor visitor(bytes.size());
  std::size_t end = 0;
  const bool parsed = msgpack::parse(bytes.data(), bytes.size(), end, visitor);
  if (!parsed || end != bytes.size())
    return invalid_input(
        "", "not valid msgpack: " + (visitor.what().empty() ? "it ends too early or too late" : visitor.what()));
  return detail::fill(type, object, visitor.root(), reading, cipher, true);
}

}  // namespace nova::core
