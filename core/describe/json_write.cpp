#include "core/describe/sink.hpp"
#include "core/describe/value.hpp"
#include "core/text.hpp"

#include <charconv>
#include <cmath>
#include <stdexcept>
#include <utility>

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
  const void* held = field.type->held(field.in(object));
  if (!held) return true;
  const Type& held_type = *field.type->element();
  if (held_type.tag != Tag::raw_json) return false;
  const auto& text = held_type.get_text(held);
  return text.empty() || text == "null";
}

}  // namespace detail

namespace {

using detail::Sink;

// One walk of a described object.
class Writer {
 public:
  Writer(Sink& out, const FieldCipher* cipher, bool all) : out_(out), cipher_(cipher), all_(all) {}

  void any(const Type& type, const void* object) {
    switch (type.tag) {
      case Tag::boolean:
        return out_.put(type.get_int(object) ? std::string_view("true") : std::string_view("false"));
      case Tag::integer:
        return out_.put_int(type.get_int(object));
      case Tag::real:
        return real(type.get_real(object));
      case Tag::text:
        return out_.put_text(type.get_text(object));
      case Tag::enumeration:
        return out_.put_text(type.names->at(std::size_t(type.get_int(object))));
      case Tag::timestamp:
        return timestamp(Timestamp{type.get_int(object)});
      case Tag::duration:
        return out_.put_text(to_text(std::chrono::milliseconds(type.get_int(object))));
      case Tag::secret:
        return out_.put_text(sealed_ref(*static_cast<const Secret*>(object)));
      case Tag::personal:
        return personal(*static_cast<const Personal*>(object));
      case Tag::raw_json:
        return out_.put(type.get_text(object).empty() ? std::string_view("null") : type.get_text(object));
      case Tag::list:
      case Tag::map:
        return elements(type, object);
      case Tag::optional:
        if (const void* held = type.held(object)) return any(*type.element(), held);
        return out_.put("null");
      case Tag::record:
        return record(type.record(), object);
    }
  }

 private:
  void record(const Record& record, const void* object) {
    out_.put('{');
    std::size_t skipped = 1;  // the comma of the first one
    for (std::size_t i = 0; i < record.fields.size(); ++i) {
      const auto& field = record.fields[i];
      if (field.hidden && !all_) continue;
      if (field.type->tag == Tag::optional && detail::is_left_out(field, object)) continue;
      out_.put(std::string_view(record.json_keys[i]).substr(std::exchange(skipped, 0)));
      any(*field.type, field.in(object));
    }
    out_.put('}');
  }

  void elements(const Type& type, const void* object) {
    const bool map = type.tag == Tag::map;
    const Type& element_type = *type.element();
    if (type.count(object) == 0) return out_.put(map ? std::string_view("{}") : std::string_view("[]"));
    bool first = true;
    out_.put(map ? '{' : '[');
    type.each(object, [&](const std::string& key, const void* element) {
      if (!std::exchange(first, false)) out_.put(',');
      if (map) out_.put_text(key), out_.put(':');
      any(element_type, element);
    });
    out_.put(map ? '}' : ']');
  }

  void real(double number) {
    std::string text;
    detail::append_real(text, number);
    out_.put(text);
  }

  void timestamp(Timestamp time) {
    char text[rfc3339_size_max];
    out_.put('"');
    out_.put(std::string_view(text, write_rfc3339(time, text)));
    out_.put('"');
  }

  void personal(const Personal& personal) {
    if (personal.erased) return out_.put("null");
    out_.put_text(cipher_ ? cipher_->seal(personal.value) : personal.value);
  }

  Sink& out_;
  const FieldCipher* cipher_;
  const bool all_;  // hidden fields too
};

}  // namespace

void append_json(std::string& out, const Type& type, const void* object, const FieldCipher* cipher) {
  Sink sink(out);
  Writer(sink, cipher, true).any(type, object);
  sink.finish();
}

std::string to_shown_json(const Type& type, const void* object) {
  std::string out;
  Sink sink(out);
  Writer(sink, nullptr, false).any(type, object);
  sink.finish();
  return out;
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
