#include "governance/constitution/values.hpp"

#include <algorithm>
#include <vector>

namespace nova::constitution {
namespace {

using core::Tag;

bool is_seen(const core::Type& type, int depth) {
  switch (type.tag) {
    case Tag::real:
    case Tag::secret:
    case Tag::personal:
    case Tag::raw_json:
      return false;
    case Tag::list:
    case Tag::map:
    case Tag::optional:
      return is_seen(*type.element(), depth);
    case Tag::record:
      return depth < depth_max;
    default:
      return true;
  }
}

bool is_seen(const core::Field& field, int depth) { return !field.hidden && is_seen(*field.type, depth); }

std::string extension(const char* name) { return R"({"type":"Extension","name":")" + std::string(name) + "\"}"; }

std::string attributes_of(const core::Record& record, int depth);

std::string type_of(const core::Type& type, int depth) {
  switch (type.tag) {
    case Tag::boolean:
      return R"({"type":"Boolean"})";
    case Tag::integer:
      return R"({"type":"Long"})";
    case Tag::timestamp:
      return extension("datetime");
    case Tag::duration:
      return extension("duration");
    case Tag::list:
      return R"({"type":"Set","element":)" + type_of(*type.element(), depth) + "}";
    case Tag::map:
      return R"({"type":"Set","element":{"type":"Record","attributes":{"key":{"type":"String"},"value":)" +
             type_of(*type.element(), depth) + "}}}";
    case Tag::optional:
      return type_of(*type.element(), depth);
    case Tag::record:
      return R"({"type":"Record","attributes":)" + attributes_of(type.record(), depth + 1) + "}";
    default:
      return R"({"type":"String"})";
  }
}

std::string attributes_of(const core::Record& record, int depth) {
  std::string out = "{";
  for (const auto& field : record.fields) {
    if (!is_seen(field, depth)) continue;
    auto type = type_of(*field.type, depth);
    if (field.type->tag == Tag::optional) type.insert(type.size() - 1, R"(,"required":false)");
    out += (out.size() > 1 ? ",\"" : "\"") + std::string(field.name) + "\":" + type;
  }
  return out + "}";
}

cedar::Value record_of(const core::Record& record, const void* object, cedar::Arena& arena, int depth);

cedar::Value made(const core::Type& type, const void* at, cedar::Arena& arena, int depth) {
  using cedar::Value;
  switch (type.tag) {
    case Tag::boolean:
      return Value::of(type.get_int(at) != 0);
    case Tag::integer:
      return Value::of(type.get_int(at));
    case Tag::timestamp:
      return Value::counted(cedar::Kind::datetime, type.get_int(at));
    case Tag::duration:
      return Value::counted(cedar::Kind::duration, type.get_int(at));
    case Tag::enumeration:
      return Value::of(type.names->at(std::size_t(type.get_int(at))));
    case Tag::record:
      return record_of(type.record(), at, arena, depth + 1);
    case Tag::list:
    case Tag::map: {
      const auto items = arena.list<Value>(type.count(at));
      std::size_t next = 0;
      type.each(at, [&](const std::string& key, const void* element) {
        auto value = made(*type.element(), element, arena, depth);
        if (type.tag == Tag::map) {
          const auto fields = arena.list<cedar::Field>(2);
          fields[0] = {cedar::Text("key"), Value::of(std::string_view(key))};
          fields[1] = {cedar::Text("value"), value};
          value = cedar::make_record(arena, fields);
        }
        items[next++] = value;
      });
      return cedar::make_set(arena, items);
    }
    default:
      return Value::of(std::string_view(type.get_text(at)));
  }
}

cedar::Value record_of(const core::Record& record, const void* object, cedar::Arena& arena, int depth) {
  const auto fields = arena.list<cedar::Field>(record.fields.size());
  std::size_t count = 0;
  for (const auto& field : record.fields) {
    if (!is_seen(field, depth)) continue;
    const auto* type = field.type;
    const void* at = field.in(object);
    for (; at && type->tag == Tag::optional; type = type->element()) at = type->held(at);
    if (at) fields[count++] = {cedar::Text(field.name), made(*type, at, arena, depth)};
  }
  return cedar::make_record(arena, fields.first(count));
}

}  // namespace

std::string schema_type(const core::Record& record) {
  return R"({"type":"Record","attributes":)" + attributes_of(record, 0) + "}";
}

cedar::Value value_of(const core::Record& record, const void* object, cedar::Arena& arena) {
  return record_of(record, object, arena, 0);
}

cedar::Value environments_of(const core::Record& state, const void* object, cedar::Arena& arena) {
  std::vector<cedar::Value> names;
  const auto add = [&](const std::string& name) {
    if (!name.empty()) names.push_back(cedar::Value::of(arena.copy(name)));
  };
  if (const auto* one = state.find("environment"); one && one->type->tag == Tag::text)
    add(one->type->get_text(one->in(object)));
  if (const auto* all = state.find("environments"); all && all->type->tag == Tag::map)
    all->type->each(all->in(object), [&](const std::string& name, const void*) { add(name); });
  const auto items = arena.list<cedar::Value>(names.size());
  std::copy(names.begin(), names.end(), items.begin());
  return cedar::make_set(arena, items);
}

}  // namespace nova::constitution
