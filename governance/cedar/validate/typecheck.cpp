// The type system: what each operator asks of its operands and yields, with True and False as types of their own.
#include "governance/cedar/validate/typecheck.hpp"

#include <algorithm>
#include <utility>

namespace nova::cedar {
namespace {

bool is_boolean(const Type& type) {
  return type.kind == TypeKind::boolean || type.kind == TypeKind::is_true || type.kind == TypeKind::is_false;
}
bool is_entity(const Type& type) { return type.kind == TypeKind::entity || type.kind == TypeKind::any_entity; }

bool same_capability(const Capability& a, const Capability& b) {
  if (a.is_tag != b.is_tag || !same(*a.holder, *b.holder)) return false;
  return a.is_tag ? same(*a.tag, *b.tag) : a.name == b.name;
}

void add(Capabilities& to, const Capabilities& from) { to.insert(to.end(), from.begin(), from.end()); }

Capabilities both(const Capabilities& a, const Capabilities& b) {
  Capabilities out;
  for (const Capability& one : a) {
    const auto is_same = [&](const Capability& other) { return same_capability(one, other); };
    if (std::any_of(b.begin(), b.end(), is_same)) out.push_back(one);
  }
  return out;
}

// What holds inside a part only, dropped at its end.
class Knowing {
 public:
  Knowing(std::vector<Capability>& known, const Capabilities& more) : known_(known), size_(known.size()) {
    known.insert(known.end(), more.begin(), more.end());
  }
  Knowing(const Knowing&) = delete;
  ~Knowing() { known_.resize(size_); }

 private:
  std::vector<Capability>& known_;
  std::size_t size_;
};

bool accepts(Function function, std::string_view text) {
  switch (function) {
    case Function::decimal:
      return read_decimal(text).has_value();
    case Function::ip:
      return read_ip(text).has_value();
    case Function::datetime:
      return read_datetime(text).has_value();
    default:
      return read_duration(text).has_value();
  }
}

}  // namespace

Typed TypeChecker::fail(const Expr& expr, std::string code, std::string message) {
  has_failed_ = true;
  const auto is_same = [&](const Finding& f) {
    return f.code == code && f.span.begin == expr.span.begin && f.span.end == expr.span.end;
  };
  if (errors_.size() < findings_max && std::none_of(errors_.begin(), errors_.end(), is_same)) {
    errors_.push_back({{}, std::move(code), std::move(message), expr.span});
  }
  return {};
}

Typed TypeChecker::truth(std::optional<bool> known) const {
  if (!known) return simple(TypeKind::boolean);
  return simple(*known ? TypeKind::is_true : TypeKind::is_false);
}

const Type* TypeChecker::expect(const Expr& expr, std::initializer_list<TypeKind> kinds, std::string_view what) {
  const Type* const type = check(expr).type;
  if (type == nullptr || std::find(kinds.begin(), kinds.end(), type->kind) != kinds.end()) return type;
  fail(expr, "type", "expected " + std::string(what) + ", found " + to_text(*type));
  return nullptr;
}

const Type* TypeChecker::condition(const Condition& condition) {
  Typed typed = check(*condition.body);
  if (typed.type == nullptr) return nullptr;
  if (!is_boolean(*typed.type)) {
    fail(*condition.body, "type", "a condition must be Bool, this is " + to_text(*typed.type));
    return nullptr;
  }
  if (!condition.is_unless) {
    known_.insert(known_.end(), typed.shown.begin(), typed.shown.end());
    return typed.type;
  }
  if (typed.type->kind == TypeKind::boolean) return typed.type;
  return simple_type(typed.type->kind == TypeKind::is_true ? TypeKind::is_false : TypeKind::is_true);
}

Typed TypeChecker::check(const Expr& expr) {
  switch (expr.kind) {
    case ExprKind::literal:
      return literal(expr);
    case ExprKind::variable:
      return variable(expr);
    case ExprKind::and_then:
    case ExprKind::or_else:
      return boolean_chain(expr);
    case ExprKind::negation: {
      const Type* const type =
          expect(*expr.args[0], {TypeKind::boolean, TypeKind::is_true, TypeKind::is_false}, "Bool");
      if (type == nullptr) return {};
      return type->kind == TypeKind::boolean ? simple(TypeKind::boolean) : truth(type->kind == TypeKind::is_false);
    }
    case ExprKind::if_then_else:
      return conditional(expr);
    case ExprKind::equal:
    case ExprKind::not_equal:
      return equality(expr);
    case ExprKind::less:
    case ExprKind::less_or_equal:
    case ExprKind::greater:
    case ExprKind::greater_or_equal:
      return ordering(expr);
    case ExprKind::in:
      return membership(expr);
    case ExprKind::add:
    case ExprKind::subtract:
    case ExprKind::multiply:
    case ExprKind::minus:
      return arithmetic(expr);
    case ExprKind::contains:
    case ExprKind::contains_all:
    case ExprKind::contains_any:
    case ExprKind::is_empty:
      return set_operation(expr);
    case ExprKind::has_tag:
    case ExprKind::get_tag:
      return tags(expr);
    case ExprKind::attribute:
      return attribute(expr);
    case ExprKind::has:
      return has(expr);
    case ExprKind::like:
      return expect(*expr.args[0], {TypeKind::string}, "String") ? simple(TypeKind::boolean) : Typed{};
    case ExprKind::is:
    case ExprKind::is_in:
      return is(expr);
    case ExprKind::set:
      return set(expr);
    case ExprKind::record:
      return record(expr);
    case ExprKind::call:
      return call(expr);
  }
  return {};
}

Typed TypeChecker::literal(const Expr& expr) {
  switch (expr.value.kind) {
    case Kind::boolean:
      return truth(expr.value.boolean);
    case Kind::entity: {
      Type* const type = arena_.make<Type>();
      type->kind = TypeKind::entity;
      type->entity = expr.value.entity->type;
      return {type, {}};
    }
    default:
      return simple(type_kind(expr.value.kind));
  }
}

Typed TypeChecker::variable(const Expr& expr) {
  if (expr.variable == Variable::context) return {environment_.action->context, {}};
  Type* const type = arena_.make<Type>();
  type->kind = TypeKind::entity;
  type->entity = expr.variable == Variable::principal  ? environment_.principal
                 : expr.variable == Variable::resource ? environment_.resource
                                                       : environment_.action->uid.type;
  return {type, {}};
}

// Operands behind one that decides are not typed.
Typed TypeChecker::boolean_chain(const Expr& expr) {
  const bool is_and = expr.kind == ExprKind::and_then;
  const TypeKind deciding = is_and ? TypeKind::is_false : TypeKind::is_true;
  const TypeKind neutral = is_and ? TypeKind::is_true : TypeKind::is_false;
  TypeKind kind = neutral;
  Capabilities shown;
  for (const Expr* operand : expr.args) {
    // Behind && holds what the operands before have shown; behind || only what held before the chain.
    const Knowing inside(known_, is_and ? shown : Capabilities{});
    const Typed typed = check(*operand);
    if (typed.type == nullptr) return {};
    if (!is_boolean(*typed.type)) return fail(*operand, "type", "expected Bool, found " + to_text(*typed.type));
    if (is_and && typed.type->kind == deciding) return truth(false);
    if (is_and) {
      add(shown, typed.shown);
    } else if (kind == neutral) {
      shown = typed.shown;  // all before are False: only this one can have been true
    } else if (typed.type->kind != neutral) {
      shown = both(shown, typed.shown);
    }
    if (typed.type->kind == deciding) return {simple_type(deciding), std::move(shown)};
    if (typed.type->kind != neutral) kind = TypeKind::boolean;
  }
  return {simple_type(kind), std::move(shown)};
}

Typed TypeChecker::conditional(const Expr& expr) {
  const Typed test = check(*expr.args[0]);
  if (test.type == nullptr) return {};
  if (!is_boolean(*test.type)) return fail(*expr.args[0], "type", "expected Bool, found " + to_text(*test.type));
  if (test.type->kind == TypeKind::is_false) return check(*expr.args[2]);
  Typed yes;
  {
    const Knowing inside(known_, test.shown);
    yes = check(*expr.args[1]);
  }
  add(yes.shown, test.shown);
  if (test.type->kind == TypeKind::is_true) return yes;
  const Typed no = check(*expr.args[2]);
  if (yes.type == nullptr || no.type == nullptr) return {};
  const Type* const type = unite(yes.type, no.type);
  if (type == nullptr) {
    return fail(expr, "incompatible_types",
                "the branches of `if` have different types: " + to_text(*yes.type) + " and " + to_text(*no.type));
  }
  return {type, both(yes.shown, no.shown)};
}

std::optional<EntityUid> TypeChecker::constant_entity(const Expr& expr) const {
  if (expr.kind == ExprKind::literal && expr.value.kind == Kind::entity) return *expr.value.entity;
  if (expr.kind == ExprKind::variable && expr.variable == Variable::action) return environment_.action->uid;
  return std::nullopt;
}

Typed TypeChecker::equality(const Expr& expr) {
  const Expr& left = *expr.args[0];
  const Expr& right = *expr.args[1];
  const Type* const a = check(left).type;
  const Type* const b = check(right).type;
  if (a == nullptr || b == nullptr) return {};
  const auto answer = [&](bool is_equal) { return truth(is_equal == (expr.kind == ExprKind::equal)); };
  const auto constant = [&](const Expr& e) -> std::optional<Value> {
    if (e.kind == ExprKind::literal) return e.value;
    if (constant_entity(e)) return Value::of(&environment_.action->uid);
    return std::nullopt;
  };
  const auto x = constant(left), y = constant(right);
  if (x && y) return answer(equal(*x, *y));
  if (unite(a, b) != nullptr) {
    // Without a common type two entities are never equal; permissive mode unites them all the same.
    const bool are_apart = a->kind == TypeKind::entity && b->kind == TypeKind::entity && !(a->entity == b->entity);
    return are_apart ? answer(false) : simple(TypeKind::boolean);
  }
  if (is_entity(*a) && is_entity(*b)) return answer(false);
  if (mode_ == ValidationMode::permissive) return simple(TypeKind::boolean);
  return fail(expr, "incompatible_types", "comparison of different types: " + to_text(*a) + " and " + to_text(*b));
}

// For a known action on the left and known entities on the right the answer is in the schema.
std::optional<bool> TypeChecker::action_is_in(const Expr& left, const Expr& right) const {
  const auto action = constant_entity(left);
  if (!action || schema_.find_action(*action) == nullptr) return std::nullopt;
  if (const auto group = constant_entity(right)) return schema_.action_in(*action, *group);
  if (right.kind != ExprKind::set) return std::nullopt;
  bool is_in_one = false;
  for (const Expr* item : right.args) {
    const auto group = constant_entity(*item);
    if (!group) return std::nullopt;
    is_in_one = is_in_one || schema_.action_in(*action, *group);
  }
  return is_in_one;
}

Typed TypeChecker::membership(const Expr& expr) {
  const Type* const left = expect(*expr.args[0], {TypeKind::entity, TypeKind::any_entity}, "an entity");
  const Type* right = check(*expr.args[1]).type;
  if (left == nullptr || right == nullptr) return {};
  if (right->kind == TypeKind::set) right = right->element;
  if (right->kind == TypeKind::never) return truth(false);
  if (!is_entity(*right)) {
    return fail(*expr.args[1], "type", "expected an entity or a set of entities, found " + to_text(*right));
  }
  if (const auto known = action_is_in(*expr.args[0], *expr.args[1])) return truth(known);
  if (left->kind == TypeKind::any_entity || right->kind == TypeKind::any_entity) return simple(TypeKind::boolean);
  return schema_.can_be_in(left->entity, right->entity) ? simple(TypeKind::boolean) : truth(false);
}

Typed TypeChecker::arithmetic(const Expr& expr) {
  bool is_good = true;
  for (const Expr* operand : expr.args) is_good = expect(*operand, {TypeKind::integer}, "Long") != nullptr && is_good;
  return is_good ? simple(TypeKind::integer) : Typed{};
}

Typed TypeChecker::ordering(const Expr& expr) {
  const auto ordered = {TypeKind::integer, TypeKind::datetime, TypeKind::duration};
  const Type* const left = expect(*expr.args[0], ordered, "Long, datetime or duration");
  const Type* const right = expect(*expr.args[1], ordered, "Long, datetime or duration");
  if (left == nullptr || right == nullptr) return {};
  if (left->kind == right->kind) return simple(TypeKind::boolean);
  return fail(expr, "incompatible_types",
              "comparison of different types: " + to_text(*left) + " and " + to_text(*right));
}

Typed TypeChecker::set_operation(const Expr& expr) {
  const Type* const left = expect(*expr.args[0], {TypeKind::set}, "a set");
  if (expr.kind == ExprKind::is_empty) return left == nullptr ? Typed{} : simple(TypeKind::boolean);
  const bool is_one = expr.kind == ExprKind::contains;
  const Type* const right = is_one ? check(*expr.args[1]).type : expect(*expr.args[1], {TypeKind::set}, "a set");
  if (left == nullptr || right == nullptr) return {};
  const Type* const common = unite(left->element, is_one ? right : right->element);
  if (common == nullptr && mode_ == ValidationMode::strict) {
    return fail(expr, "incompatible_types",
                "a set of " + to_text(*left->element) + " and " + to_text(*right) + " have no common type");
  }
  return simple(TypeKind::boolean);
}

bool TypeChecker::knows(const Capability& wanted) const {
  return std::any_of(known_.begin(), known_.end(), [&](const Capability& c) { return same_capability(c, wanted); });
}

Typed TypeChecker::tags(const Expr& expr) {
  const Type* const holder = expect(*expr.args[0], {TypeKind::entity, TypeKind::any_entity}, "an entity");
  const Type* const key = expect(*expr.args[1], {TypeKind::string}, "String");
  if (holder == nullptr || key == nullptr) return {};
  const bool is_test = expr.kind == ExprKind::has_tag;
  if (holder->kind == TypeKind::any_entity) {
    return is_test ? simple(TypeKind::boolean)
                   : fail(expr, "unknown_tag", "a tag of an entity whose type is not known");
  }
  const EntityType* const type = schema_.find_entity_type(holder->entity);
  const Type* const tag = type == nullptr ? nullptr : type->tags;
  const Capability capability{expr.args[0], true, {}, expr.args[1]};
  if (is_test) {
    if (tag == nullptr) return truth(false);
    return {simple_type(knows(capability) ? TypeKind::is_true : TypeKind::boolean), {capability}};
  }
  if (tag == nullptr)
    return fail(expr, "unknown_tag", "entities of type " + in_backticks(holder->entity.view()) + " have no tags");
  if (knows(capability)) return {tag, {}};
  return fail(expr, "unguarded_tag", "the tag may be missing: test it first with `hasTag` on the same expressions");
}

// The record that describes the attributes, or nullptr when the type has none to speak of.
const Type* TypeChecker::attributes_of(const Type& type) const {
  if (type.kind == TypeKind::record) return &type;
  if (type.kind != TypeKind::entity) return nullptr;
  static const Type empty = [] {
    Type made;
    made.kind = TypeKind::record;
    return made;
  }();
  const EntityType* const entity = schema_.find_entity_type(type.entity);
  return entity == nullptr ? &empty : entity->shape;
}

Typed TypeChecker::attribute(const Expr& expr) {
  const Type* const holder =
      expect(*expr.args[0], {TypeKind::record, TypeKind::entity, TypeKind::any_entity}, "a record or an entity");
  if (holder == nullptr) return {};
  const Type* const record = attributes_of(*holder);
  const AttributeType* const found = record == nullptr ? nullptr : record->find(expr.names[0]);
  const std::string name = in_backticks(expr.names[0].view());
  if (found == nullptr) return fail(expr, "unknown_attribute", to_text(*holder) + " has no attribute " + name);
  if (found->is_required || knows({expr.args[0], false, expr.names[0], nullptr})) return {found->type, {}};
  return fail(expr, "unguarded_attribute", "the attribute " + name + " is optional: test it first with `has`");
}

// Each step of a chain is typed as if the step before had been tested and read.
Typed TypeChecker::has(const Expr& expr) {
  const Type* holder =
      expect(*expr.args[0], {TypeKind::record, TypeKind::entity, TypeKind::any_entity}, "a record or an entity");
  if (holder == nullptr) return {};
  const Expr* path = expr.args[0];
  Typed out = truth(true);
  for (std::size_t i = 0; i < expr.names.size(); ++i) {
    const Text& name = expr.names[i];
    if (holder->kind != TypeKind::record && !is_entity(*holder)) {
      return fail(expr, "type", "expected a record or an entity, found " + to_text(*holder));
    }
    const Type* const record = attributes_of(*holder);
    const AttributeType* const found = record == nullptr ? nullptr : record->find(name);
    if (found == nullptr) {
      const bool may_be_there = record == nullptr || record->is_open;
      if (!may_be_there) return truth(false);
      // Nothing is known of what would be there, so a further step cannot be typed.
      return i + 1 == expr.names.size()
                 ? simple(TypeKind::boolean)
                 : fail(expr, "unknown_attribute", "the type of " + in_backticks(name.view()) + " is not known");
    }
    const Capability capability{path, false, name, nullptr};
    // A required attribute is missing only when its entity is.
    const bool is_there = knows(capability) || (found->is_required && holder->kind == TypeKind::record);
    if (!is_there) out.type = simple_type(TypeKind::boolean);
    out.shown.push_back(capability);
    if (i + 1 == expr.names.size()) break;
    Expr* const step = arena_.make<Expr>();
    const auto operand = arena_.list<const Expr*>(1);
    operand[0] = path;
    step->kind = ExprKind::attribute;
    step->args = operand;
    step->names = expr.names.subspan(i, 1);
    step->height = static_cast<std::uint16_t>(path->height + 1);
    path = step;
    holder = found->type;
  }
  return out;
}

Typed TypeChecker::is(const Expr& expr) {
  const Type* const left = expect(*expr.args[0], {TypeKind::entity, TypeKind::any_entity}, "an entity");
  if (left == nullptr) return {};
  const bool is_known = left->kind == TypeKind::entity;
  const bool is_type = is_known && left->entity == expr.names[0];
  if (is_known && !is_type) return truth(false);
  if (expr.kind == ExprKind::is) return is_known ? truth(true) : simple(TypeKind::boolean);
  return membership(expr);
}

Typed TypeChecker::set(const Expr& expr) {
  Type* const made = arena_.make<Type>();
  made->kind = TypeKind::set;
  if (expr.args.empty()) {
    if (mode_ == ValidationMode::strict)
      return fail(expr, "empty_set", "the type of an empty set literal is not known");
    made->element = simple_type(TypeKind::never);
    return {made, {}};
  }
  bool is_good = true;
  for (const Expr* item : expr.args) {
    const Type* const type = check(*item).type;
    if (type == nullptr) {
      is_good = false;
    } else if (made->element == nullptr) {
      made->element = type;
    } else if (is_good) {
      const Type* const united = unite(made->element, type);
      if (united == nullptr) {
        return fail(expr, "incompatible_types",
                    "elements of different types in a set: " + to_text(*made->element) + " and " + to_text(*type));
      }
      made->element = united;
    }
  }
  return is_good ? Typed{made, {}} : Typed{};
}

Typed TypeChecker::record(const Expr& expr) {
  std::vector<AttributeType> attributes;
  bool is_good = true;
  for (std::size_t i = 0; i < expr.args.size(); ++i) {
    const Type* const type = check(*expr.args[i]).type;
    is_good = is_good && type != nullptr;
    attributes.push_back({expr.names[i], type, true});
  }
  if (!is_good) return {};
  std::sort(attributes.begin(), attributes.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  Type* const made = arena_.make<Type>();
  made->kind = TypeKind::record;
  made->attributes = arena_.copy(attributes);
  return {made, {}};
}

Typed TypeChecker::call(const Expr& expr) {
  const FunctionRow& row = row_of(expr.function);
  const std::string name = in_backticks(row.name);
  if (expr.args.size() != row.arity) {
    return fail(expr, "arity",
                name + " takes " + std::to_string(row.is_constructor ? row.arity : row.arity - 1) + " argument(s)");
  }
  if (row.is_constructor) {
    const Expr& text = *expr.args[0];
    const bool is_text = text.kind == ExprKind::literal && text.value.kind == Kind::string;
    if (!is_text && mode_ == ValidationMode::strict)
      return fail(expr, "not_a_literal", name + " takes a string literal");
    if (is_text && !accepts(row.function, text.value.text())) {
      return fail(expr, "malformed_literal", "not a text of this type: " + in_backticks(text.value.text()));
    }
  }
  bool is_good = true;
  for (std::size_t i = 0; i < row.arity; ++i) {
    const TypeKind wanted = type_kind(row.takes[i]);
    is_good = expect(*expr.args[i], {wanted}, to_text(*simple_type(wanted))) != nullptr && is_good;
  }
  return is_good ? simple(type_kind(row.yields)) : Typed{};
}

const Type* TypeChecker::unite(const Type* a, const Type* b) {
  if (a == b) return a;
  const bool is_permissive = mode_ == ValidationMode::permissive;
  if (is_boolean(*a) && is_boolean(*b)) return a->kind == b->kind ? a : simple_type(TypeKind::boolean);
  if (is_permissive && a->kind == TypeKind::never) return b;
  if (is_permissive && b->kind == TypeKind::never) return a;
  if (is_entity(*a) && is_entity(*b)) {
    if (a->kind == b->kind && a->entity == b->entity) return a;
    return is_permissive ? simple_type(TypeKind::any_entity) : nullptr;
  }
  if (a->kind != b->kind) return nullptr;
  if (a->kind == TypeKind::record) return unite_records(*a, *b);
  if (a->kind != TypeKind::set) return a;
  const Type* const element = unite(a->element, b->element);
  if (element == nullptr || element == a->element) return element == nullptr ? nullptr : a;
  Type* const made = arena_.make<Type>();
  made->kind = TypeKind::set;
  made->element = element;
  return made;
}

const Type* TypeChecker::unite_records(const Type& a, const Type& b) {
  const bool is_strict = mode_ == ValidationMode::strict;
  if (is_strict && a.attributes.size() != b.attributes.size()) return nullptr;
  Type* const made = arena_.make<Type>();
  made->kind = TypeKind::record;
  made->is_open = a.is_open || b.is_open;
  std::vector<AttributeType> attributes;
  for (const AttributeType& attribute : a.attributes) {
    const AttributeType* const other = b.find(attribute.name);
    const Type* const type = other == nullptr ? nullptr : unite(attribute.type, other->type);
    if (type != nullptr && (!is_strict || attribute.is_required == other->is_required)) {
      attributes.push_back({attribute.name, type, attribute.is_required && other->is_required});
      continue;
    }
    if (is_strict) return nullptr;
    made->is_open = true;
  }
  if (attributes.size() != b.attributes.size()) made->is_open = true;
  made->attributes = arena_.copy(attributes);
  return made;
}

}  // namespace nova::cedar
