// The semantics of expressions: one case a kind. Operands are evaluated left to right; the first failure ends it all.
#include "governance/cedar/eval/program.hpp"

#include <algorithm>

namespace nova::cedar {

bool Evaluator::fail(Fault fault, Program::NodeId id, std::string_view name, const EntityUid* entity) {
  failure_ = {fault, program_.span(id), Kind::boolean, name, entity};
  return false;
}

bool Evaluator::fail_type(Program::NodeId id, const Value& value) {
  failure_ = {Fault::type, program_.span(id), value.kind, {}, nullptr};
  return false;
}

bool Evaluator::expect(Program::NodeId id, Kind kind, Value& out) {
  return evaluate(id, out) && (out.kind == kind || fail_type(id, out));
}

bool Evaluator::boolean(Program::NodeId id, bool& out) {
  Value value;
  if (!expect(id, Kind::boolean, value)) return false;
  out = value.boolean;
  return true;
}

bool Evaluator::integer(Program::NodeId id, std::int64_t& out) {
  Value value;
  if (!expect(id, Kind::integer, value)) return false;
  out = value.integer;
  return true;
}

const EntityView* Evaluator::view(const EntityUid& uid) {
  const auto known = [&](Known& k) {
    if (!k.is_looked_up) k = {entities_.find(uid), true};
    return k.view;
  };
  // The request's own entities are asked for again and again.
  if (&uid == &request_.principal) return known(principal_);
  if (&uid == &request_.resource) return known(resource_);
  if (&uid == &request_.action) return known(action_);
  return entities_.find(uid);
}

bool Evaluator::is_in(const EntityUid& child, const EntityUid& ancestor) {
  if (&child == &ancestor || child == ancestor) return true;
  const EntityView* const found = view(child);
  if (found == nullptr) return false;
  const auto ancestors = found->ancestors();
  return std::binary_search(ancestors.begin(), ancestors.end(), ancestor);
}

bool Evaluator::evaluate(Program::NodeId id, Value& out) {
  const Node& node = program_.node(id);
  switch (node.kind) {
    case ExprKind::literal:
      out = program_.constant(node.data);
      return true;
    case ExprKind::variable:
      switch (static_cast<Variable>(node.which)) {
        case Variable::principal:
          out = Value::of(&request_.principal);
          return true;
        case Variable::action:
          out = Value::of(&request_.action);
          return true;
        case Variable::resource:
          out = Value::of(&request_.resource);
          return true;
        case Variable::context:
          out = request_.context;
          return true;
      }
      return true;
    case ExprKind::and_then:
    case ExprKind::or_else:
      return logic(node, out);
    case ExprKind::negation: {
      bool operand = false;
      if (!boolean(node.children, operand)) return false;
      out = Value::of(!operand);
      return true;
    }
    case ExprKind::if_then_else: {
      bool condition = false;
      return boolean(node.children, condition) && evaluate(node.children + (condition ? 1 : 2), out);
    }
    case ExprKind::equal:
    case ExprKind::not_equal: {
      Value left, right;
      if (!evaluate(node.children, left) || !evaluate(node.children + 1, right)) return false;
      out = Value::of(equal(left, right) == (node.kind == ExprKind::equal));
      return true;
    }
    case ExprKind::in: {
      Value left;
      return expect(node.children, Kind::entity, left) && membership(id, *left.entity, node.children + 1, out);
    }
    case ExprKind::is:
    case ExprKind::is_in: {
      Value left;
      if (!expect(node.children, Kind::entity, left)) return false;
      out = Value::of(left.entity->type == program_.name(node.data));
      return node.kind == ExprKind::is || !out.boolean || membership(id, *left.entity, node.children + 1, out);
    }
    case ExprKind::attribute:
      return attribute(id, node, out);
    case ExprKind::has:
      return has(id, node, out);
    default:
      return less_common(id, node, out);
  }
}

// Apart from evaluate(), whose frame counts once for each level of an expression.
bool Evaluator::less_common(Program::NodeId id, const Node& node, Value& out) {
  switch (node.kind) {
    case ExprKind::less:
    case ExprKind::less_or_equal:
    case ExprKind::greater:
    case ExprKind::greater_or_equal:
      return ordering(id, node, out);
    case ExprKind::add:
    case ExprKind::subtract:
    case ExprKind::multiply:
    case ExprKind::minus:
      return arithmetic(id, node, out);
    case ExprKind::contains:
    case ExprKind::contains_all:
    case ExprKind::contains_any:
    case ExprKind::is_empty:
      return sets(node, out);
    case ExprKind::has_tag:
    case ExprKind::get_tag:
      return tags(id, node, out);
    case ExprKind::like: {
      Value text;
      if (!string(node.children, text)) return false;
      out = Value::of(matches(text.text(), program_.pattern(node.data)));
      return true;
    }
    case ExprKind::set:
    case ExprKind::record:
      return build(node, out);
    default:
      return invoke(id, node, out);
  }
}

bool Evaluator::logic(const Node& node, Value& out) {
  const bool decides = node.kind == ExprKind::or_else;  // the operand that ends the chain
  bool operand = !decides;
  for (std::uint32_t i = 0; i < node.count && operand != decides; ++i) {
    if (!boolean(node.children + i, operand)) return false;
  }
  out = Value::of(operand);
  return true;
}

bool Evaluator::arithmetic(Program::NodeId id, const Node& node, Value& out) {
  std::int64_t a = 0, b = 0, result = 0;
  if (!integer(node.children, a)) return false;
  if (node.kind != ExprKind::minus && !integer(node.children + 1, b)) return false;
  bool is_over = false;
  switch (node.kind) {
    case ExprKind::add:
      is_over = __builtin_add_overflow(a, b, &result);
      break;
    case ExprKind::subtract:
      is_over = __builtin_sub_overflow(a, b, &result);
      break;
    case ExprKind::multiply:
      is_over = __builtin_mul_overflow(a, b, &result);
      break;
    default:
      is_over = __builtin_sub_overflow(std::int64_t{0}, a, &result);
      break;
  }
  if (is_over) return fail(Fault::overflow, id);
  out = Value::of(result);
  return true;
}

bool Evaluator::ordering(Program::NodeId id, const Node& node, Value& out) {
  Value a, b;
  if (!evaluate(node.children, a) || !evaluate(node.children + 1, b)) return false;
  const bool has_order = a.kind == Kind::integer || a.kind == Kind::datetime || a.kind == Kind::duration;
  if (!has_order) return fail_type(node.children, a);
  if (a.kind != b.kind) return fail_type(node.children + 1, b);
  switch (program_.node(id).kind) {
    case ExprKind::less:
      out = Value::of(a.integer < b.integer);
      break;
    case ExprKind::less_or_equal:
      out = Value::of(a.integer <= b.integer);
      break;
    case ExprKind::greater:
      out = Value::of(a.integer > b.integer);
      break;
    default:
      out = Value::of(a.integer >= b.integer);
      break;
  }
  return true;
}

bool Evaluator::membership(Program::NodeId, const EntityUid& child, Program::NodeId right_id, Value& out) {
  Value right;
  if (!evaluate(right_id, right)) return false;
  if (right.kind == Kind::entity) {
    out = Value::of(is_in(child, *right.entity));
    return true;
  }
  if (right.kind != Kind::set) return fail_type(right_id, right);
  // The whole set is checked before anything is looked up.
  for (const Value& item : right.set->view()) {
    if (item.kind != Kind::entity) return fail_type(right_id, item);
  }
  const auto items = right.set->view();
  out = Value::of(std::any_of(items.begin(), items.end(), [&](const Value& v) { return is_in(child, *v.entity); }));
  return true;
}

bool Evaluator::sets(const Node& node, Value& out) {
  Value left, right;
  if (!expect(node.children, Kind::set, left)) return false;
  switch (node.kind) {
    case ExprKind::is_empty:
      out = Value::of(left.set->size == 0);
      return true;
    case ExprKind::contains:
      if (!evaluate(node.children + 1, right)) return false;
      out = Value::of(contains(*left.set, right));
      return true;
    default:
      if (!expect(node.children + 1, Kind::set, right)) return false;
      out = Value::of(node.kind == ExprKind::contains_all ? contains_all(*left.set, *right.set)
                                                          : contains_any(*left.set, *right.set));
      return true;
  }
}

void Evaluator::note(const EntityUid* entity, const Text& name, bool is_tag, bool is_there, const Value& value) {
  constexpr std::size_t reads_max = 1000;
  if (reads_ != nullptr && reads_->size() < reads_max)
    reads_->push_back({entity, name.view(), is_tag, is_there, value});
}

// Looks into a record or an entity; false when the holder is neither.
bool Evaluator::look_up(const Value& holder, const Text& name, bool& is_there, Value& out) {
  if (holder.kind == Kind::record) {
    const Value* const found = holder.record->find(name);
    is_there = found != nullptr;
    if (is_there) out = *found;
    note(nullptr, name, false, is_there, out);
    return true;
  }
  if (holder.kind != Kind::entity) return false;
  const EntityUid& uid = *holder.entity;
  const EntityView* const found = view(uid);
  is_there = found != nullptr && found->attribute(name, scratch_, out);
  note(&uid, name, false, is_there, out);
  return true;
}

bool Evaluator::attribute(Program::NodeId id, const Node& node, Value& out) {
  Value holder;
  if (!evaluate(node.children, holder)) return false;
  const Text& name = program_.name(node.data);
  bool is_there = false;
  if (!look_up(holder, name, is_there, out)) return fail_type(node.children, holder);
  if (is_there) return true;
  if (holder.kind == Kind::record) return fail(Fault::no_attribute, id, name.view());
  return fail(view(*holder.entity) == nullptr ? Fault::no_entity : Fault::no_attribute, id, name.view(), holder.entity);
}

// `e has a.b.c` looks a step further only when the step before is there.
bool Evaluator::has(Program::NodeId, const Node& node, Value& out) {
  Value holder;
  if (!evaluate(node.children, holder)) return false;
  bool is_there = true;
  for (std::uint32_t i = 0; i < node.which && is_there; ++i) {
    Value next;
    if (!look_up(holder, program_.name(node.data + i), is_there, next)) return fail_type(node.children, holder);
    holder = next;
  }
  out = Value::of(is_there);
  return true;
}

bool Evaluator::tags(Program::NodeId id, const Node& node, Value& out) {
  Value holder, key;
  if (!expect(node.children, Kind::entity, holder) || !string(node.children + 1, key)) return false;
  const Text name(key.text());
  const EntityView* const found = view(*holder.entity);
  const bool is_there = found != nullptr && found->tag(name, scratch_, out);
  note(holder.entity, name, true, is_there, out);
  if (node.kind == ExprKind::has_tag) {
    out = Value::of(is_there);
    return true;
  }
  if (is_there) return true;
  return fail(found == nullptr ? Fault::no_entity : Fault::no_tag, id, key.text(), holder.entity);
}

bool Evaluator::build(const Node& node, Value& out) {
  if (node.kind == ExprKind::set) {
    const auto items = scratch_.list<Value>(node.count);
    for (std::uint32_t i = 0; i < node.count; ++i) {
      if (!evaluate(node.children + i, items[i])) return false;
    }
    out = make_set(scratch_, items);
    return true;
  }
  const auto fields = scratch_.list<Field>(node.count);
  for (std::uint32_t i = 0; i < node.count; ++i) {
    fields[i].key = program_.name(node.data + i);
    if (!evaluate(node.children + i, fields[i].value)) return false;
  }
  out = make_record(scratch_, fields);
  return true;
}

bool Evaluator::invoke(Program::NodeId id, const Node& node, Value& out) {
  const auto function = static_cast<Function>(node.which);
  const auto arguments = scratch_.list<Value>(node.count);
  for (std::uint32_t i = 0; i < node.count; ++i) {
    if (!evaluate(node.children + i, arguments[i])) return false;
  }
  const Fault fault = call(function, arguments, scratch_, out);
  if (fault == Fault::none) return true;
  failure_ = {fault, program_.span(id), arguments.empty() ? Kind::boolean : arguments[0].kind, row_of(function).name,
              nullptr};
  return false;
}

// The last wildcard soaks up one character more at each mismatch; earlier ones need never be looked at again.
bool matches(std::string_view text, const std::vector<PatternElement>& pattern) {
  constexpr auto none = static_cast<std::size_t>(-1);
  std::size_t at = 0, element = 0, star = none, star_at = 0;
  while (at < text.size()) {
    const CodePoint point = code_point_at(text, at);
    if (element < pattern.size() && pattern[element].is_wildcard) {
      star = element++;
      star_at = at;
    } else if (element < pattern.size() && pattern[element].code_point == point.value) {
      ++element;
      at += point.size;
    } else if (star != none) {
      element = star + 1;
      star_at += code_point_at(text, star_at).size;
      at = star_at;
    } else {
      return false;
    }
  }
  return std::all_of(pattern.begin() + static_cast<std::ptrdiff_t>(element), pattern.end(),
                     [](const PatternElement& e) { return e.is_wildcard; });
}

std::string describe(const Failure& failure) {
  const std::string name = in_backticks(failure.name);
  const std::string entity = failure.entity == nullptr ? "the record" : in_backticks(to_text(*failure.entity));
  switch (failure.fault) {
    case Fault::none:
      return {};
    case Fault::type:
      return "an operand of the wrong kind: " + std::string(name_of(failure.kind)) +
             (failure.name.empty() ? "" : ", in " + name);
    case Fault::overflow:
      return "the result does not fit in 64 bits";
    case Fault::no_attribute:
      return entity + " has no attribute " + name;
    case Fault::no_tag:
      return entity + " has no tag " + name;
    case Fault::no_entity:
      return "the entity " + entity + " does not exist";
    case Fault::arity:
      return "the wrong number of arguments for " + name;
    case Fault::malformed:
      return "a text that " + name + " does not accept";
  }
  return {};
}

}  // namespace nova::cedar
