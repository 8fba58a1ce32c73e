#include "governance/cedar/schema/schema.hpp"

#include "governance/cedar/limits.hpp"
#include "governance/cedar/schema/raw.hpp"
#include "governance/cedar/schema/resolver.hpp"

#include <algorithm>
#include <array>

namespace nova::cedar {
namespace {

void append(std::string& out, const Type& type) {
  constexpr std::size_t size_max = 400;
  if (out.size() > size_max) {
    out += "...";
    return;
  }
  switch (type.kind) {
    case TypeKind::never:
      out += "(nothing)";
      return;
    case TypeKind::is_true:
      out += "True";
      return;
    case TypeKind::is_false:
      out += "False";
      return;
    case TypeKind::boolean:
      out += "Bool";
      return;
    case TypeKind::integer:
      out += "Long";
      return;
    case TypeKind::string:
      out += "String";
      return;
    case TypeKind::entity:
      out += type.entity.view();
      return;
    case TypeKind::any_entity:
      out += "(any entity)";
      return;
    case TypeKind::decimal:
      out += "decimal";
      return;
    case TypeKind::datetime:
      out += "datetime";
      return;
    case TypeKind::duration:
      out += "duration";
      return;
    case TypeKind::ipaddr:
      out += "ipaddr";
      return;
    case TypeKind::set:
      out += "Set<";
      append(out, *type.element);
      out += '>';
      return;
    case TypeKind::record: {
      std::vector<const AttributeType*> attributes;
      for (const AttributeType& attribute : type.attributes) attributes.push_back(&attribute);
      std::sort(attributes.begin(), attributes.end(),
                [](const auto* a, const auto* b) { return a->name.view() < b->name.view(); });
      out += '{';
      for (std::size_t i = 0; i < attributes.size() && out.size() <= size_max; ++i) {
        if (i > 0) out += ", ";
        out += attributes[i]->name.view();
        out += attributes[i]->is_required ? ": " : "?: ";
        append(out, *attributes[i]->type);
      }
      out += '}';
      return;
    }
  }
}

}  // namespace

const AttributeType* Type::find(const Text& name) const {
  const auto at = std::lower_bound(attributes.begin(), attributes.end(), name,
                                   [](const AttributeType& a, const Text& n) { return a.name < n; });
  return at != attributes.end() && at->name == name ? &*at : nullptr;
}

const Type* simple_type(TypeKind kind) {
  static const auto all = [] {
    std::array<Type, static_cast<std::size_t>(TypeKind::ipaddr) + 1> types;
    for (std::size_t i = 0; i < types.size(); ++i) types[i].kind = static_cast<TypeKind>(i);
    return types;
  }();
  return &all[static_cast<std::size_t>(kind)];
}

std::string to_text(const Type& type) {
  std::string out;
  append(out, type);
  return out;
}

bool is_extension(TypeKind kind) { return kind >= TypeKind::decimal; }

Kind value_kind(TypeKind kind) {
  switch (kind) {
    case TypeKind::decimal:
      return Kind::decimal;
    case TypeKind::datetime:
      return Kind::datetime;
    case TypeKind::duration:
      return Kind::duration;
    default:
      return Kind::ipaddr;
  }
}

TypeKind type_kind(Kind kind) {
  switch (kind) {
    case Kind::boolean:
      return TypeKind::boolean;
    case Kind::integer:
      return TypeKind::integer;
    case Kind::string:
      return TypeKind::string;
    case Kind::entity:
      return TypeKind::entity;
    case Kind::set:
      return TypeKind::set;
    case Kind::record:
      return TypeKind::record;
    case Kind::decimal:
      return TypeKind::decimal;
    case Kind::datetime:
      return TypeKind::datetime;
    case Kind::duration:
      return TypeKind::duration;
    case Kind::ipaddr:
      return TypeKind::ipaddr;
  }
  return TypeKind::never;
}

core::Result<Schema> Schema::parse(std::string_view text) {
  Diagnostics found(text);
  const RawSchema raw = parse_raw_schema(text, found);
  if (!found.is_empty()) return found.error("cedar.schema_syntax");
  return SchemaResolver(raw, text).run();
}

const EntityType* Schema::find_entity_type(const Text& name) const {
  const auto at = std::lower_bound(entity_types_.begin(), entity_types_.end(), name,
                                   [](const EntityType& t, const Text& n) { return t.name < n; });
  return at != entity_types_.end() && at->name == name ? &*at : nullptr;
}

const Action* Schema::find_action(const EntityUid& uid) const {
  const auto at = std::lower_bound(actions_.begin(), actions_.end(), uid,
                                   [](const Action& a, const EntityUid& u) { return a.uid < u; });
  return at != actions_.end() && at->uid == uid ? &*at : nullptr;
}

bool Schema::has_action_type(const Text& name) const {
  return std::any_of(actions_.begin(), actions_.end(), [&](const Action& a) { return a.uid.type == name; });
}

bool Schema::can_be_in(const Text& child, const Text& ancestor) const {
  if (child == ancestor) return true;
  if (const EntityType* const type = find_entity_type(child)) {
    return std::binary_search(type->ancestors.begin(), type->ancestors.end(), ancestor);
  }
  // Between types of actions: whether any action of the one is in one of the other.
  return std::any_of(actions_.begin(), actions_.end(), [&](const Action& a) {
    return a.uid.type == child &&
           std::any_of(a.ancestors.begin(), a.ancestors.end(), [&](const EntityUid& u) { return u.type == ancestor; });
  });
}

bool Schema::action_in(const EntityUid& action, const EntityUid& group) const {
  if (action == group) return true;
  const Action* const found = find_action(action);
  return found != nullptr && std::binary_search(found->ancestors.begin(), found->ancestors.end(), group);
}

}  // namespace nova::cedar
