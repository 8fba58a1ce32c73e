#include "governance/cedar/analyse/universe.hpp"

#include <algorithm>
#include <limits>

namespace nova::cedar {
namespace {

constexpr std::size_t literals_max = 64;  // of one kind
constexpr std::size_t entities_max = 6;   // of one type that policies name, and one more
constexpr std::size_t options_max = 64;   // of one attribute
constexpr std::size_t record_depth_max = 4;
constexpr std::string_view fresh_text = "some other text";
constexpr std::string_view fresh_id = "some other one";
constexpr std::string_view second_fresh_id = "one more";  // so that two that no policy names can differ

void put(std::vector<Value>& values, const Value& value) {
  const bool is_new = std::none_of(values.begin(), values.end(), [&](const Value& v) { return equal(v, value); });
  if (is_new && values.size() < literals_max) values.push_back(value);
}

// Shortest text that the pattern accepts.
std::string sample_of(Pattern pattern) {
  std::string out;
  for (const PatternElement& element : pattern) {
    if (!element.is_wildcard) append_utf8(out, element.code_point);
  }
  return out;
}

constexpr std::size_t principal_role = 0, resource_role = 1, context_role = 2;

}  // namespace

void Mentions::add(const Value& value, Arena& arena) {
  switch (value.kind) {
    case Kind::boolean:
    case Kind::set:
    case Kind::record:
      return;
    case Kind::entity:
      entities.insert(*value.entity);
      return;
    case Kind::string:
      put(literals[Kind::string], copy(arena, value));
      return;
    case Kind::ipaddr: {
      // The range, and its first address.
      put(literals[Kind::ipaddr], copy(arena, value));
      IpAddress first = *value.ip;
      first.prefix = first.is_v6 ? 128 : 32;
      put(literals[Kind::ipaddr], Value::of(arena.make<IpAddress>(first)));
      return;
    }
    default:
      for (const std::int64_t step : {0, -1, 1}) {
        std::int64_t near = 0;
        if (!__builtin_add_overflow(value.integer, step, &near))
          put(literals[value.kind], Value::counted(value.kind, near));
      }
  }
}

void Mentions::add(const Expr& expr, Arena& arena) {
  if (expr.kind == ExprKind::literal) add(expr.value, arena);
  if (expr.kind == ExprKind::attribute || expr.kind == ExprKind::has)
    attributes.insert(expr.names.begin(), expr.names.end());
  if (expr.kind == ExprKind::like) put(literals[Kind::string], Value::of(arena.copy(sample_of(expr.pattern))));
  const bool is_tag = expr.kind == ExprKind::has_tag || expr.kind == ExprKind::get_tag;
  if (is_tag && expr.args[1]->kind == ExprKind::literal) tags.insert(Text(expr.args[1]->value.text()));
  if (expr.kind == ExprKind::call && row_of(expr.function).is_constructor && expr.args.size() == 1 &&
      expr.args[0]->kind == ExprKind::literal) {
    Value made;
    if (call(expr.function, {&expr.args[0]->value, 1}, arena, made) == Fault::none) add(made, arena);
    return;
  }
  for (const Expr* arg : expr.args) add(*arg, arena);
}

void Mentions::add(const PolicySet& set, Arena& arena) {
  const auto part = [&](const ScopePart& scope) {
    if (scope.entity != nullptr) entities.insert(*scope.entity);
  };
  for (const Policy& policy : set.policies) {
    part(policy.principal);
    part(policy.resource);
    for (const Condition& condition : policy.conditions) add(*condition.body, arena);
  }
  for (const Link& link : set.links) {
    for (const EntityUid* uid : {link.principal, link.resource}) {
      if (uid != nullptr) entities.insert(*uid);
    }
  }
}

Universe::Universe(const Schema& schema, const Mentions& mentions, const Environment& environment, Arena& arena)
    : schema_(schema), mentions_(mentions), environment_(environment), arena_(arena) {
  for (const EntityType& type : schema_.entity_types()) {
    std::vector<EntityUid> uids;
    for (const EntityUid& uid : mentions_.entities) {
      if (uid.type == type.name && uids.size() + 1 < entities_max) uids.push_back(uid);
    }
    // An enumerated type has no other ids than the declared ones.
    for (const Text& id : type.ids) {
      const EntityUid uid(type.name, id);
      if (uids.size() < entities_max && std::find(uids.begin(), uids.end(), uid) == uids.end()) uids.push_back(uid);
    }
    if (!type.is_enumerated) {
      uids.emplace_back(type.name, Text(fresh_id));
      uids.emplace_back(type.name, Text(second_fresh_id));
    }
    pools_[type.name] = std::move(uids);
  }
  principals_ = pool(environment_.principal);
  resources_ = pool(environment_.resource);
  variable(principals_.size());
  variable(resources_.size());

  roles_.reserve(3 + schema_.entity_types().size());
  add_role(environment_.principal);
  add_role(environment_.resource);
  Role& context = roles_.emplace_back();
  context.universe = this;
  add_attributes(context, *environment_.action->context, true);
  // Only types that policies name or can reach need an entity beside principal and resource.
  std::set<Text> reached;
  for (const EntityUid& uid : mentions_.entities) reached.insert(uid.type);
  const auto reach = [&](const Type* type) {
    while (type->kind == TypeKind::set) type = type->element;
    if (type->kind == TypeKind::entity) reached.insert(type->entity);
  };
  const auto reach_all = [&](const Type& shape) {
    for (const AttributeType& attribute : shape.attributes) {
      if (mentions_.attributes.contains(attribute.name)) reach(attribute.type);
    }
  };
  reach_all(*environment_.action->context);
  for (const EntityType& type : schema_.entity_types()) reach_all(*type.shape);
  for (const EntityType& type : schema_.entity_types()) {
    if (!reached.contains(type.name)) continue;
    role_of_type_[type.name] = roles_.size();
    add_role(type.name);
  }
  chosen_.assign(radixes_.size(), 0);
  enter(0);
}

std::size_t Universe::variable(std::size_t options) {
  radixes_.push_back(std::max<std::size_t>(1, options));
  constexpr std::uint64_t cap = std::uint64_t{1} << 63;
  if (__builtin_mul_overflow(size_, radixes_.back(), &size_) || size_ > cap) size_ = cap;
  return radixes_.size() - 1;
}

std::vector<EntityUid> Universe::pool(const Text& type) const {
  const auto found = pools_.find(type);
  return found == pools_.end() ? std::vector<EntityUid>{} : found->second;
}

void Universe::add_role(const Text& type_name) {
  Role& role = roles_.emplace_back();
  role.universe = this;
  role.type = type_name;
  const EntityType* const type = schema_.find_entity_type(type_name);
  if (type == nullptr || type->is_enumerated) return;
  add_attributes(role, *type->shape, false);
  for (const Text& name : mentions_.tags) {
    if (type->tags == nullptr) break;
    Role::Attribute made{name, options_of(*type->tags, 0), true, true, 0};
    made.variable = variable(made.options.size() + 1);
    role.attributes.push_back(std::move(made));
  }
  for (const Text& ancestor : type->ancestors) {
    for (const EntityUid& group : pool(ancestor)) {
      // Only what a policy names can be asked for, unless memberships are asked of values.
      role.memberships.push_back({group, variable(2)});
    }
  }
}

void Universe::add_attributes(Role& role, const Type& shape, bool is_context) {
  for (const AttributeType& attribute : shape.attributes) {
    const bool is_read = mentions_.attributes.contains(attribute.name);
    // A request must be whole to be shown; an entity's unread attributes are of no interest.
    if (!is_read && !(is_context && attribute.is_required)) continue;
    Role::Attribute made{attribute.name, options_of(*attribute.type, 0), !attribute.is_required, false, 0};
    if (!is_read) made.options.resize(1);
    made.variable = variable(made.options.size() + (made.may_be_absent ? 1 : 0));
    role.attributes.push_back(std::move(made));
  }
}

std::vector<Value> Universe::options_of(const Type& type, std::size_t depth) {
  std::vector<Value> out;
  const auto mentioned = [&](Kind kind) {
    const auto found = mentions_.literals.find(kind);
    if (found != mentions_.literals.end()) out = found->second;
  };
  switch (type.kind) {
    case TypeKind::boolean:
      return {Value::of(true), Value::of(false)};
    case TypeKind::integer:
      mentioned(Kind::integer);
      put(out, Value::of(std::int64_t{0}));
      break;
    case TypeKind::string:
      mentioned(Kind::string);
      out.push_back(Value::of(fresh_text));
      break;
    case TypeKind::entity:
      for (const EntityUid& uid : pool(type.entity)) out.push_back(Value::of(arena_.make<EntityUid>(uid)));
      if (out.empty()) out.push_back(Value::of(arena_.make<EntityUid>(type.entity, Text(fresh_id))));
      break;
    case TypeKind::decimal:
    case TypeKind::datetime:
    case TypeKind::duration:
      mentioned(value_kind(type.kind));
      put(out, Value::counted(value_kind(type.kind), 0));
      break;
    case TypeKind::ipaddr:
      mentioned(Kind::ipaddr);
      out.push_back(Value::of(arena_.make<IpAddress>(*read_ip("203.0.113.7"))));
      break;
    case TypeKind::set: {
      // None, each alone, all.
      std::vector<Value> elements = options_of(*type.element, depth + 1);
      if (elements.size() > options_max / 2) elements.resize(options_max / 2);
      out.push_back(make_set(arena_, {}));
      for (const Value& element : elements) {
        const auto one = arena_.list<Value>(1);
        one[0] = element;
        out.push_back(make_set(arena_, one));
      }
      const auto all = arena_.list<Value>(elements.size());
      std::copy(elements.begin(), elements.end(), all.begin());
      if (elements.size() > 1) out.push_back(make_set(arena_, all));
      break;
    }
    case TypeKind::record: {
      // The first value of each attribute, and from there one attribute changed at a time.
      if (depth > record_depth_max) return {make_record(arena_, {})};
      std::vector<std::vector<Value>> options;
      for (const AttributeType& attribute : type.attributes) options.push_back(options_of(*attribute.type, depth + 1));
      const auto build = [&](std::size_t changed, std::size_t option, bool is_absent) {
        std::vector<Field> fields;
        for (std::size_t i = 0; i < options.size(); ++i) {
          if (i == changed && is_absent) continue;
          fields.push_back({type.attributes[i].name, options[i][i == changed ? option : 0]});
        }
        const auto kept = arena_.list<Field>(fields.size());
        std::copy(fields.begin(), fields.end(), kept.begin());
        out.push_back(make_record(arena_, kept));
      };
      build(options.size(), 0, false);
      for (std::size_t i = 0; i < options.size(); ++i) {
        for (std::size_t k = 1; k < options[i].size() && out.size() < options_max; ++k) build(i, k, false);
        if (!type.attributes[i].is_required && out.size() < options_max) build(i, 0, true);
      }
      break;
    }
    default:
      out.push_back(Value::of(false));
      break;
  }
  if (out.size() > options_max) out.resize(options_max);
  return out;
}

void Universe::enter(std::uint64_t number) {
  for (std::size_t i = 0; i < radixes_.size(); ++i) {
    chosen_[i] = static_cast<std::size_t>(number % radixes_[i]);
    number /= radixes_[i];
  }
  settle();
}

void Universe::enter_random(std::mt19937_64& random) {
  for (std::size_t i = 0; i < radixes_.size(); ++i) chosen_[i] = random() % radixes_[i];
  settle();
}

void Universe::settle() {
  request_.principal = principals_[chosen_[0]];
  request_.resource = resources_[chosen_[1]];
  request_.action = environment_.action->uid;
  for (Role& role : roles_) {
    role.ancestors_now.clear();
    for (const Role::Membership& membership : role.memberships) {
      if (chosen_[membership.variable] != 0) role.ancestors_now.push_back(membership.group);
    }
    std::sort(role.ancestors_now.begin(), role.ancestors_now.end());
  }
  context_arena_.clear();
  const Role& context = roles_[context_role];
  std::vector<Field> fields;
  for (const Role::Attribute& attribute : context.attributes) {
    Value value;
    if (context.read(attribute.name, false, value)) fields.push_back({attribute.name, value});
  }
  const auto kept = context_arena_.list<Field>(fields.size());
  std::copy(fields.begin(), fields.end(), kept.begin());
  request_.context = make_record(context_arena_, kept);
}

bool Universe::Role::read(const Text& name, bool is_tag, Value& out) const {
  for (const Attribute& attribute : attributes) {
    if (attribute.is_tag != is_tag || !(attribute.name == name)) continue;
    const std::size_t chosen = universe->chosen_[attribute.variable];
    if (chosen >= attribute.options.size()) return false;
    out = attribute.options[chosen];
    return true;
  }
  return false;
}

const EntityView* Universe::find(const EntityUid& uid) const {
  if (uid == request_.principal) return &roles_[principal_role];
  if (uid == request_.resource) return &roles_[resource_role];
  if (uid == request_.action) {
    // The schema's groups, in a view of their own.
    static thread_local Role action;
    action.ancestors_now = environment_.action->ancestors;
    return &action;
  }
  const auto found = role_of_type_.find(uid.type);
  return found == role_of_type_.end() ? nullptr : &roles_[found->second];
}

std::string Universe::describe(const Role& role, const EntityUid& uid) const {
  std::string out = to_text(uid) + " {";
  bool is_first = true;
  for (const Role::Attribute& attribute : role.attributes) {
    Value value;
    if (attribute.is_tag || !role.read(attribute.name, false, value)) continue;
    out += (is_first ? "" : ", ") + attribute.name.str() + ": " + to_text(value, 400);
    is_first = false;
  }
  out += "}";
  for (const Role::Attribute& attribute : role.attributes) {
    Value value;
    if (attribute.is_tag && role.read(attribute.name, true, value))
      out += " tag " + quoted(attribute.name.view()) + " = " + to_text(value, 400);
  }
  for (std::size_t i = 0; i < role.ancestors_now.size(); ++i)
    out += (i == 0 ? " in " : ", ") + to_text(role.ancestors_now[i]);
  return out;
}

std::string Universe::describe() const {
  std::string out = "principal " + describe(roles_[principal_role], request_.principal) + "; action " +
                    to_text(request_.action) + "; resource " + describe(roles_[resource_role], request_.resource) +
                    "; context " + to_text(request_.context, 1000);
  for (const auto& [type, role] : role_of_type_) {
    if (!roles_[role].attributes.empty())
      out += "; any other " + describe(roles_[role], EntityUid(type, Text(fresh_id)));
  }
  return out;
}

}  // namespace nova::cedar
