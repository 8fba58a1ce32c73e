#include "governance/cedar/schema/resolver.hpp"

#include "governance/cedar/limits.hpp"
#include "governance/cedar/syntax/lexer.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <set>

namespace nova::cedar {
namespace {

constexpr std::array<std::string_view, 8> reserved_common_names = {"Bool", "Boolean", "Entity", "Extension",
                                                                   "Long", "Record",  "Set",    "String"};
constexpr std::string_view built_in_prefix = "__cedar::";
// Depth of a type with the common types in it written out.
constexpr std::size_t type_depth_max = 300;
constexpr std::size_t closure_size_max = 4'000'000;

template <class T>
void sort_unique(std::vector<T>& items) {
  std::sort(items.begin(), items.end());
  items.erase(std::unique(items.begin(), items.end()), items.end());
}

std::string full_name(const RawNamespace& space, std::string_view name) {
  return space.name.empty() ? std::string(name) : space.name + "::" + std::string(name);
}

}  // namespace

void SchemaResolver::report_at(const Place& place, std::string message) {
  if (problems_.size() >= errors_max) return;
  std::string path = place.path;
  if (path.empty()) {
    const Position at = position_of(text_, place.span.begin);
    path = std::to_string(at.line) + ":" + std::to_string(at.column);
  }
  problems_.push_back({std::move(path), std::move(message)});
}

void SchemaResolver::report(std::string message) {
  report_at(place_ != nullptr ? *place_ : Place{}, std::move(message));
}

core::Result<Schema> SchemaResolver::run() {
  collect();
  if (problems_.empty()) check_shadows();
  if (problems_.empty()) {
    entities();
    actions();
    for (auto& [name, common_type] : commons_) {
      space_ = common_type.space;
      place_ = &common_type.raw->place;
      common(name, 0);
    }
  }
  if (problems_.empty()) {
    close_entity_types();
    close_actions();
  }
  if (problems_.empty()) return std::move(schema_);
  core::Error error;
  error.code = "cedar.schema_invalid";
  error.status = 400;
  error.message = problems_[0].path + ": " + problems_[0].message;
  error.problems = std::move(problems_);
  return error;
}

void SchemaResolver::collect() {
  std::set<std::string> spaces;
  for (const RawNamespace& space : raw_) {
    if (!spaces.insert(space.name).second)
      report_at(space.place, "the namespace " + in_backticks(space.name) + " is opened twice");
    if (!space.name.empty() && !is_type_name(space.name))
      report_at(space.place, "not a name: " + in_backticks(space.name));
    for (const RawEntity& entity : space.entities) {
      if (!is_identifier(entity.name) || is_reserved(entity.name))
        report_at(entity.place, "not a name: " + in_backticks(entity.name));
      if (entity.name == "Action") report_at(entity.place, "`Action` is the type of actions and of no other entity");
      if (!entity_raw_.emplace(full_name(space, entity.name), &entity).second) {
        report_at(entity.place, "the entity type " + in_backticks(entity.name) + " is declared twice");
      }
    }
    for (const RawCommon& common : space.commons) {
      const auto* const end = reserved_common_names.end();
      if (!is_identifier(common.name) || is_reserved(common.name))
        report_at(common.place, "not a name: " + in_backticks(common.name));
      if (std::find(reserved_common_names.begin(), end, common.name) != end) {
        report_at(common.place, in_backticks(common.name) + " is the name of a built-in type");
      }
      if (!commons_.emplace(full_name(space, common.name), Common{&common, &space, nullptr, false}).second) {
        report_at(common.place, "the type " + in_backticks(common.name) + " is declared twice");
      }
    }
    for (const RawAction& action : space.actions) {
      const std::string type = full_name(space, "Action");
      action_types_[type] = true;
      if (!action_raw_.emplace(std::pair(type, action.id), &action).second) {
        report_at(action.place, "the action " + in_backticks(action.id) + " is declared twice");
      }
    }
  }
}

// What a namespace declares must not hide what stands outside every namespace.
void SchemaResolver::check_shadows() {
  for (const RawNamespace& space : raw_) {
    if (space.name.empty()) continue;
    const auto check = [&](const std::string& name, const Place& place) {
      if (entity_raw_.contains(name) || commons_.contains(name)) {
        report_at(place, in_backticks(name) + " hides a declaration of the same name outside of namespaces");
      }
    };
    for (const RawEntity& entity : space.entities) check(entity.name, entity.place);
    for (const RawCommon& common : space.commons) check(common.name, common.place);
    for (const RawAction& action : space.actions) {
      if (action_raw_.contains({"Action", action.id})) {
        report_at(action.place,
                  "the action " + in_backticks(action.id) + " hides one of the same name outside of namespaces");
      }
    }
  }
}

std::string SchemaResolver::in_space(std::string_view name) const { return full_name(*space_, name); }

bool SchemaResolver::is_entity(const std::string& name) const {
  return entity_raw_.contains(name) || action_types_.contains(name);
}

const Type* SchemaResolver::built_in(std::string_view name) const {
  if (name == "Long") return simple_type(TypeKind::integer);
  if (name == "String") return simple_type(TypeKind::string);
  if (name == "Bool") return simple_type(TypeKind::boolean);
  if (name == "ipaddr") return simple_type(TypeKind::ipaddr);
  if (name == "decimal") return simple_type(TypeKind::decimal);
  if (name == "datetime") return simple_type(TypeKind::datetime);
  if (name == "duration") return simple_type(TypeKind::duration);
  return nullptr;
}

const Type* SchemaResolver::entity(const std::string& name) {
  Type made;
  made.kind = TypeKind::entity;
  made.entity = copy(*schema_.arena_, name);
  return share(made);
}

const Type* SchemaResolver::common(const std::string& name, std::size_t depth) {
  Common& common_type = commons_.at(name);
  if (common_type.resolved != nullptr) return common_type.resolved;
  if (common_type.is_open) {
    report("the type " + in_backticks(name) + " is defined by itself");
    return simple_type(TypeKind::never);
  }
  const RawNamespace* const space_before = space_;
  common_type.is_open = true;
  space_ = common_type.space;
  const Type* const made = type(*common_type.raw->type, depth);
  space_ = space_before;
  common_type.is_open = false;
  common_type.resolved = made;
  return made;
}

// A common type of the namespace, an entity type of it, the same two outside of namespaces, then what is built in.
const Type* SchemaResolver::named(const RawType& raw, std::size_t depth) {
  using K = RawType::Kind;
  if (raw.name.starts_with(built_in_prefix)) {
    const Type* const found = built_in(std::string_view(raw.name).substr(built_in_prefix.size()));
    if (found != nullptr && raw.kind != K::entity) return found;
  } else {
    const bool is_qualified = raw.name.find("::") != std::string::npos;
    const std::string candidates[] = {is_qualified ? raw.name : in_space(raw.name), raw.name};
    for (const std::string& candidate : candidates) {
      if (raw.kind != K::entity && commons_.contains(candidate)) return common(candidate, depth);
      if (raw.kind != K::common && is_entity(candidate)) return entity(candidate);
    }
    if (raw.kind != K::entity && !is_qualified) {
      if (const Type* const found = built_in(raw.name)) return found;
    }
  }
  report("there is no type " + in_backticks(raw.name));
  return simple_type(TypeKind::never);
}

const Type* SchemaResolver::type(const RawType& raw, std::size_t depth) {
  if (depth > type_depth_max) {
    report("the type is more than " + std::to_string(type_depth_max) + " levels deep");
    return simple_type(TypeKind::never);
  }
  switch (raw.kind) {
    case RawType::Kind::built_in:
      return built_in(raw.name);
    case RawType::Kind::extension: {
      const Type* const found = built_in(raw.name);
      if (found != nullptr && is_extension(found->kind)) return found;
      report("there is no extension type " + in_backticks(raw.name));
      return simple_type(TypeKind::never);
    }
    case RawType::Kind::set: {
      Type made;
      made.kind = TypeKind::set;
      made.element = type(*raw.element, depth + 1);
      return share(made);
    }
    case RawType::Kind::record: {
      std::vector<AttributeType> attributes;
      for (const RawAttribute& attribute : raw.attributes) {
        attributes.push_back(
            {copy(*schema_.arena_, attribute.name), type(*attribute.type, depth + 1), attribute.is_required});
      }
      std::sort(attributes.begin(), attributes.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
      const auto twice = std::adjacent_find(attributes.begin(), attributes.end(),
                                            [](const auto& a, const auto& b) { return a.name == b.name; });
      if (twice != attributes.end()) report("the attribute " + in_backticks(twice->name.view()) + " is declared twice");
      Type made;
      made.kind = TypeKind::record;
      made.attributes = schema_.arena_->copy(attributes);
      return share(made);
    }
    default:
      return named(raw, depth + 1);
  }
}

bool SchemaResolver::TypeOrder::operator()(const Type* a, const Type* b) const {
  if (a->kind != b->kind) return a->kind < b->kind;
  if (a->element != b->element) return a->element < b->element;
  if (!(a->entity == b->entity)) return a->entity < b->entity;
  return std::lexicographical_compare(a->attributes.begin(), a->attributes.end(), b->attributes.begin(),
                                      b->attributes.end(), [](const AttributeType& x, const AttributeType& y) {
                                        if (!(x.name == y.name)) return x.name < y.name;
                                        if (x.type != y.type) return x.type < y.type;
                                        return x.is_required < y.is_required;
                                      });
}

const Type* SchemaResolver::share(const Type& type) {
  const auto found = shared_.find(&type);
  if (found != shared_.end()) return found->second;
  const Type* const kept = schema_.arena_->make<Type>(type);
  shared_.emplace(kept, kept);
  return kept;
}

const Type* SchemaResolver::record_or_report(const RawType* raw, std::string_view what) {
  RawType none;
  none.kind = RawType::Kind::record;
  const Type* const found = type(raw == nullptr ? none : *raw, 0);
  if (found->kind != TypeKind::record && found->kind != TypeKind::never)
    report(std::string(what) + " must be a record");
  return found;
}

std::vector<Text> SchemaResolver::entity_names(const std::vector<std::string>& names) {
  std::vector<Text> out;
  for (const std::string& name : names) {
    const bool is_qualified = name.find("::") != std::string::npos;
    const std::string own = is_qualified ? name : in_space(name);
    const std::string& found = entity_raw_.contains(own) ? own : name;
    if (!entity_raw_.contains(found)) {
      report("there is no entity type " + in_backticks(name));
      continue;
    }
    out.push_back(copy(*schema_.arena_, found));
  }
  sort_unique(out);
  return out;
}

void SchemaResolver::entities() {
  for (const RawNamespace& space : raw_) {
    space_ = &space;
    for (const RawEntity& raw : space.entities) {
      place_ = &raw.place;
      EntityType made;
      made.name = copy(*schema_.arena_, full_name(space, raw.name));
      made.parents = entity_names(raw.parents);
      made.shape = record_or_report(raw.shape.get(), "the shape of an entity");
      if (raw.tags != nullptr) made.tags = type(*raw.tags, 0);
      made.is_enumerated = raw.ids.has_value();
      if (raw.ids) {
        if (raw.ids->empty()) report("an enumerated type needs at least one id");
        for (const std::string& id : *raw.ids) made.ids.push_back(copy(*schema_.arena_, id));
        sort_unique(made.ids);
      }
      schema_.entity_types_.push_back(std::move(made));
    }
  }
  std::sort(schema_.entity_types_.begin(), schema_.entity_types_.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
}

void SchemaResolver::actions() {
  for (const RawNamespace& space : raw_) {
    space_ = &space;
    for (const RawAction& raw : space.actions) {
      place_ = &raw.place;
      Action made;
      made.uid = copy(*schema_.arena_, EntityUid(full_name(space, "Action"), raw.id));
      made.has_applies_to = raw.has_applies_to;
      made.principals = entity_names(raw.principals);
      made.resources = entity_names(raw.resources);
      made.context = record_or_report(raw.context.get(), "a context");
      for (const RawGroup& group : raw.groups) {
        const std::string own = full_name(space, group.type ? *group.type : "Action");
        const bool is_own = action_raw_.contains({own, group.id});
        const std::string type = is_own || !group.type ? own : *group.type;
        if (!action_raw_.contains({type, group.id})) {
          report("there is no action " + in_backticks(type + "::" + quoted(std::string_view(group.id))));
          continue;
        }
        made.parents.push_back(copy(*schema_.arena_, EntityUid(type, group.id)));
      }
      sort_unique(made.parents);
      schema_.actions_.push_back(std::move(made));
    }
  }
  std::sort(schema_.actions_.begin(), schema_.actions_.end(),
            [](const Action& a, const Action& b) { return a.uid < b.uid; });
}

// Types may be in each other in a circle, so every type looks for itself what it can reach.
void SchemaResolver::close_entity_types() {
  std::size_t total = 0;
  for (EntityType& type : schema_.entity_types_) {
    std::set<Text> seen;
    std::vector<Text> open = type.parents;
    while (!open.empty()) {
      const Text name = open.back();
      open.pop_back();
      if (!seen.insert(name).second) continue;
      if (++total > closure_size_max) return report("too many relations between entity types");
      const EntityType* const parent = schema_.find_entity_type(name);
      open.insert(open.end(), parent->parents.begin(), parent->parents.end());
    }
    type.ancestors.assign(seen.begin(), seen.end());
  }
}

void SchemaResolver::close_actions() {
  std::size_t total = 0;
  for (Action& action : schema_.actions_) {
    std::set<EntityUid> seen;
    std::vector<EntityUid> open = action.parents;
    while (!open.empty()) {
      const EntityUid uid = open.back();
      open.pop_back();
      if (!seen.insert(uid).second) continue;
      if (++total > closure_size_max) return report("too many relations between actions");
      const Action* const parent = schema_.find_action(uid);
      open.insert(open.end(), parent->parents.begin(), parent->parents.end());
    }
    if (seen.contains(action.uid)) {
      const auto raw = action_raw_.find({action.uid.type.str(), action.uid.id.str()});
      report_at(raw->second->place, "the action " + in_backticks(action.uid.id.view()) + " is a group of itself");
    }
    action.ancestors.assign(seen.begin(), seen.end());
  }
}

}  // namespace nova::cedar
