#include "governance/cedar/data/value_reader.hpp"

#include "governance/cedar/extensions/extensions.hpp"
#include "governance/cedar/syntax/lexer.hpp"
#include "governance/cedar/syntax/source.hpp"

#include <algorithm>
#include <utility>

namespace nova::cedar {

bool ValueReader::fail(std::string message) {
  if (!message_.empty()) return false;
  message_ = std::move(message);
  for (const std::string& part : path_) {
    if (!failed_at_.empty() && part[0] != '[') failed_at_ += '.';
    failed_at_ += part;
  }
  return false;
}

core::Error ValueReader::error(std::string code, std::string_view root) const {
  core::Error error;
  error.code = std::move(code);
  error.status = 400;
  const std::string place = std::string(root) + (failed_at_.empty() || failed_at_[0] == '[' ? "" : ".") + failed_at_;
  error.message = place + ": " + message_;
  error.problems.push_back({place, message_});
  return error;
}

bool ValueReader::plain_entity(const Json& json, EntityUid& out) {
  const Json* const type = json.find("type");
  const Json* const id = json.find("id");
  const bool is_whole = type != nullptr && id != nullptr && json.object().size() == 2 && type->is(JsonKind::string) &&
                        id->is(JsonKind::string);
  if (!is_whole) return fail("expected an entity: {\"type\": ..., \"id\": ...}");
  if (!is_type_name(type->text())) return fail("not the name of an entity type: " + in_backticks(type->text()));
  out = EntityUid(type->text(), id->text());
  return true;
}

bool ValueReader::entity(const Json& json, EntityUid& out) {
  const Json* const escaped = json.find("__entity");
  if (escaped == nullptr) return plain_entity(json, out);
  if (json.object().size() != 1) return fail("keys beside `__entity`");
  return plain_entity(*escaped, out);
}

bool ValueReader::typed_entity(const Json& json, const Type& expected, Value& out) {
  EntityUid uid;
  if (!entity(json, uid)) return false;
  if (!(uid.type == expected.entity)) {
    return fail("expected an entity of type " + in_backticks(expected.entity.view()) + ", found " +
                in_backticks(to_text(uid)));
  }
  const EntityType* const type = schema_ == nullptr ? nullptr : schema_->find_entity_type(uid.type);
  if (type != nullptr && type->is_enumerated && !std::binary_search(type->ids.begin(), type->ids.end(), uid.id)) {
    return fail(in_backticks(to_text(uid)) + " is none of the declared entities of its type");
  }
  out = Value::of(arena_.make<EntityUid>(uid));
  return true;
}

// {"fn": name, "arg": value} or {"fn": name, "args": [values]}.
bool ValueReader::call_function(const Json& json, Value& out) {
  const Json* const name = json.find("fn");
  const Json* const one = json.find("arg");
  const Json* const many = json.find("args");
  const bool is_whole = name != nullptr && name->is(JsonKind::string) && json.object().size() == 2 &&
                        (one != nullptr) != (many != nullptr) && (many == nullptr || many->is(JsonKind::array));
  if (!is_whole) return fail("expected an extension value: {\"fn\": ..., \"arg\": ...}");
  const FunctionRow* const row = find_function(name->text());
  if (row == nullptr) return fail("there is no function " + in_backticks(name->text()));
  if (!is_extension(type_kind(row->yields))) {
    return fail("the function " + in_backticks(name->text()) + " makes no extension value");
  }
  const std::span<const Json> given = many != nullptr ? many->array() : std::span<const Json>(one, 1);
  std::vector<Value> arguments(given.size());
  for (std::size_t i = 0; i < given.size(); ++i) {
    if (!untyped(given[i], arguments[i])) return false;
  }
  switch (call(row->function, arguments, arena_, out)) {
    case Fault::none:
      return true;
    case Fault::arity:
      return fail("the wrong number of arguments for " + in_backticks(row->name));
    case Fault::malformed:
      return fail("a text that " + in_backticks(row->name) + " does not accept");
    case Fault::overflow:
      return fail("the result of " + in_backticks(row->name) + " is out of range");
    default:
      return fail("an argument of the wrong kind for " + in_backticks(row->name));
  }
}

bool ValueReader::extension(const Json& json, TypeKind expected, Value& out) {
  if (json.is(JsonKind::string)) {
    for (const FunctionRow& row : functions()) {
      if (!row.is_constructor || type_kind(row.yields) != expected) continue;
      Value text = Value::of(json.text());
      if (call(row.function, {&text, 1}, arena_, out) == Fault::none) return true;
      return fail("not a text of type " + std::string(row.name) + ": " + in_backticks(json.text()));
    }
  }
  const Json* const escaped = json.find("__extn");
  if (escaped != nullptr && json.object().size() != 1) return fail("keys beside `__extn`");
  if (!call_function(escaped != nullptr ? *escaped : json, out)) return false;
  return type_kind(out.kind) == expected || fail("expected another type, found " + std::string(name_of(out.kind)));
}

bool ValueReader::array(const Json& json, const Type* element, Value& out) {
  const auto items = arena_.list<Value>(json.size);
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (!read(json.items[i], element, items[i])) {
      failed_at_ += "[" + std::to_string(i) + "]";
      return false;
    }
  }
  out = make_set(arena_, items);
  return true;
}

bool ValueReader::record(const Json& json, const Type* expected, Value& out) {
  const auto fields = arena_.list<Field>(json.size);
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const JsonMember& member = json.members[i];
    fields[i].key = Text(member.key.view());
    const AttributeType* const declared = expected == nullptr ? nullptr : expected->find(fields[i].key);
    if (expected != nullptr && declared == nullptr)
      return fail("the attribute " + in_backticks(member.key.view()) + " is not declared");
    enter(member.key.view());
    if (!read(member.value, declared == nullptr ? nullptr : declared->type, fields[i].value)) return false;
    leave();
  }
  out = make_record(arena_, fields);
  if (expected == nullptr) return true;
  for (const AttributeType& attribute : expected->attributes) {
    if (attribute.is_required && out.record->find(attribute.name) == nullptr) {
      return fail("the attribute " + in_backticks(attribute.name.view()) + " is missing");
    }
  }
  return true;
}

bool ValueReader::untyped(const Json& json, Value& out) {
  switch (json.kind) {
    case JsonKind::boolean:
      out = Value::of(json.boolean);
      return true;
    case JsonKind::integer:
      out = Value::of(json.integer);
      return true;
    case JsonKind::string:
      out = Value::of(json.text());
      return true;
    case JsonKind::array:
      return array(json, nullptr, out);
    case JsonKind::null:
    case JsonKind::real:
      return fail("no value of Cedar: " + std::string(name_of(json.kind)));
    case JsonKind::object:
      break;
  }
  for (const JsonMember& member : json.object()) {
    if (member.key.size < 6 || !member.key.view().starts_with("__")) continue;
    const bool is_alone = json.object().size() == 1;
    if (member.key.view() == "__entity") {
      EntityUid uid;
      if (!is_alone) return fail("keys beside `__entity`");
      if (!plain_entity(member.value, uid)) return false;
      out = Value::of(arena_.make<EntityUid>(uid));
      return true;
    }
    if (member.key.view() == "__extn")
      return is_alone ? call_function(member.value, out) : fail("keys beside `__extn`");
    if (member.key.view() == "__expr") return fail("`__expr` is no longer accepted; write the value itself");
  }
  return record(json, nullptr, out);
}

bool ValueReader::read(const Json& json, const Type* expected, Value& out) {
  if (expected == nullptr) return untyped(json, out);
  const auto wanted = [&](JsonKind kind) {
    return json.is(kind) || fail("expected " + to_text(*expected) + ", found " + std::string(name_of(json.kind)));
  };
  switch (expected->kind) {
    case TypeKind::boolean:
      out = Value::of(json.boolean);
      return wanted(JsonKind::boolean);
    case TypeKind::integer:
      out = Value::of(json.integer);
      return wanted(JsonKind::integer);
    case TypeKind::string:
      return wanted(JsonKind::string) && untyped(json, out);
    case TypeKind::set:
      return wanted(JsonKind::array) && array(json, expected->element, out);
    case TypeKind::record:
      return wanted(JsonKind::object) && record(json, expected, out);
    case TypeKind::entity:
      return typed_entity(json, *expected, out);
    case TypeKind::decimal:
    case TypeKind::datetime:
    case TypeKind::duration:
    case TypeKind::ipaddr:
      return extension(json, expected->kind, out);
    default:
      return fail("no value is of type " + to_text(*expected));
  }
}

}  // namespace nova::cedar
