#include "core/describe/value.hpp"
#include "core/text.hpp"

#include <charconv>
#include <cmath>
#include <stdexcept>

namespace nova::core {
namespace detail {
namespace {

constexpr char hex_digits[] = "0123456789abcdef";

void append_escaped(std::string& out, unsigned char byte) {
  switch (byte) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\t':
      out += "\\t";
      return;
    case '\r':
      out += "\\r";
      return;
    default:
      out += "\\u00", out += hex_digits[byte >> 4], out += hex_digits[byte & 15];
  }
}

}  // namespace

void append_text(std::string& out, std::string_view text) {
  out += '"';
  std::size_t copied = 0;
  for (std::size_t at = plain_end(text, 0); at < text.size(); at = plain_end(text, at)) {
    const auto byte = static_cast<unsigned char>(text[at]);
    const auto size = utf8_size_at(text, at);
    if (size > 1) {
      at += size;
      continue;
    }
    out.append(text, copied, at - copied);
    if (size == 0)
      out += "\xef\xbf\xbd";
    else
      append_escaped(out, byte);
    copied = ++at;
  }
  out.append(text, copied, text.size() - copied);
  out += '"';
}

void append_int(std::string& out, std::int64_t number) {
  char digits[24];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
}

void append_real(std::string& out, double number) {
  if (!std::isfinite(number)) throw std::logic_error("a number that is not finite has no JSON form");
  char digits[40];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
}

void append_value(std::string& out, const Value& value) {
  switch (value.kind) {
    case Value::Kind::null:
      out += "null";
      return;
    case Value::Kind::boolean:
      out += value.integer ? "true" : "false";
      return;
    case Value::Kind::integer:
      append_int(out, value.integer);
      return;
    case Value::Kind::real:
      if (value.text.empty())
        append_real(out, value.real);
      else
        out += value.text;
      return;
    case Value::Kind::text:
      append_text(out, value.text);
      return;
    case Value::Kind::list:
    case Value::Kind::map:
      break;
  }
  const bool map = value.kind == Value::Kind::map;
  out += map ? '{' : '[';
  for (std::size_t i = 0; i < value.items.size(); ++i) {
    if (i > 0) out += ',';
    if (map) append_text(out, value.keys[i]), out += ':';
    append_value(out, value.items[i]);
  }
  out += map ? '}' : ']';
}

bool is_left_out(const Field& field, const void* object) {
  if (field.type->tag != Tag::optional) return false;
  const void* value = field.in(object);
  if (field.type->count(value) == 0) return true;
  bool null = false;
  const Type& held_type = *field.type->element();
  if (held_type.tag == Tag::raw_json)
    field.type->each(value, [&](const std::string&, const void* held) {
      const auto& text = held_type.get_text(held);
      null = text.empty() || text == "null";
    });
  return null;
}

}  // namespace detail

namespace {

using detail::append_text;

void append_record(std::string& out, const Record& record, const void* object, const FieldCipher* cipher) {
  out += '{';
  bool first = true;
  for (const auto& field : record.fields) {
    const void* value = field.in(object);
    if (detail::is_left_out(field, object)) continue;
    if (!first) out += ',';
    first = false;
    append_text(out, field.name);
    out += ':';
    append_json(out, *field.type, value, cipher);
  }
  out += '}';
}

void append_elements(std::string& out, const Type& type, const void* object, const FieldCipher* cipher) {
  const bool map = type.tag == Tag::map;
  const Type& element_type = *type.element();
  bool first = true;
  out += map ? '{' : '[';
  type.each(object, [&](const std::string& key, const void* element) {
    if (!first) out += ',';
    first = false;
    if (map) append_text(out, key), out += ':';
    append_json(out, element_type, element, cipher);
  });
  out += map ? '}' : ']';
}

void append_personal(std::string& out, const Personal& personal, const FieldCipher* cipher) {
  if (personal.erased)
    out += "null";
  else
    append_text(out, cipher ? cipher->seal(personal.value) : personal.value);
}

}  // namespace

void append_json(std::string& out, const Type& type, const void* object, const FieldCipher* cipher) {
  switch (type.tag) {
    case Tag::boolean:
      out += type.get_int(object) ? "true" : "false";
      return;
    case Tag::integer:
      detail::append_int(out, type.get_int(object));
      return;
    case Tag::real:
      detail::append_real(out, type.get_real(object));
      return;
    case Tag::text:
      append_text(out, type.get_text(object));
      return;
    case Tag::enumeration:
      append_text(out, type.names->at(std::size_t(type.get_int(object))));
      return;
    case Tag::timestamp:
      append_text(out, to_rfc3339(Timestamp{type.get_int(object)}));
      return;
    case Tag::duration:
      append_text(out, to_text(std::chrono::milliseconds(type.get_int(object))));
      return;
    case Tag::secret:
      append_text(out, sealed_ref(*static_cast<const Secret*>(object)));
      return;
    case Tag::personal:
      append_personal(out, *static_cast<const Personal*>(object), cipher);
      return;
    case Tag::raw_json:
      out += type.get_text(object).empty() ? "null" : type.get_text(object);
      return;
    case Tag::list:
    case Tag::map:
      append_elements(out, type, object, cipher);
      return;
    case Tag::optional:
      if (type.count(object) == 0)
        out += "null";
      else
        type.each(object,
                  [&](const std::string&, const void* held) { append_json(out, *type.element(), held, cipher); });
      return;
    case Tag::record:
      append_record(out, type.record(), object, cipher);
      return;
  }
}

std::string to_json(const Type& type, const void* object, const FieldCipher* cipher) {
  std::string out;
  append_json(out, type, object, cipher);
  return out;
}

const std::string& sealed_ref(const Secret& secret) {
  if (secret.ref.empty() && !secret.plain.empty())
    throw std::logic_error("a secret was to be written before it was sealed");
  return secret.ref;
}

}  // namespace nova::core
