#include "core/describe/codec.hpp"
#include "core/json.hpp"
#include "governance/approvals/approvals.hpp"

namespace nova::approvals {
namespace {

using core::Tag;

constexpr std::string_view withheld = "(withheld)";

void write(core::JsonWriter& writer, const core::Type& type, const void* at);

void write_record(core::JsonWriter& writer, const core::Record& record, const void* object) {
  writer.object();
  for (const auto& field : record.fields) {
    if (field.hidden) continue;
    const auto* type = field.type;
    const void* at = field.in(object);
    for (; at && type->tag == Tag::optional; type = type->element()) at = type->held(at);
    if (!at) continue;
    writer.key(field.name);
    write(writer, *type, at);
  }
  writer.end();
}

void write(core::JsonWriter& writer, const core::Type& type, const void* at) {
  switch (type.tag) {
    case Tag::secret:
    case Tag::personal:
    case Tag::raw_json:
      writer.value(withheld);
      return;
    case Tag::record:
      return write_record(writer, type.record(), at);
    case Tag::list:
      writer.array();
      type.each(at, [&](const std::string&, const void* element) { write(writer, *type.element(), element); });
      writer.end();
      return;
    case Tag::map:
      writer.object();
      type.each(at, [&](const std::string& key, const void* element) {
        writer.key(key);
        write(writer, *type.element(), element);
      });
      writer.end();
      return;
    case Tag::optional:
      if (const void* held = type.held(at)) return write(writer, *type.element(), held);
      writer.null();
      return;
    default:
      writer.raw(core::to_json(type, at));
  }
}

}  // namespace

std::string shown_body(const core::Type& type, const void* body, std::size_t bytes_max) {
  std::string out;
  core::JsonWriter writer(out);
  write(writer, type, body);
  if (out.size() <= bytes_max) return out;
  std::string size;
  core::JsonWriter(size).object().field("too_large_to_show_bytes", std::uint64_t(out.size())).end();
  return size;
}

}  // namespace nova::approvals
