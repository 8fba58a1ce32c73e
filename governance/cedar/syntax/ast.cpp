#include "governance/cedar/syntax/ast.hpp"

#include <algorithm>

namespace nova::cedar {

std::string_view name_of(Variable variable) {
  static constexpr std::string_view names[] = {"principal", "action", "resource", "context"};
  return names[static_cast<std::size_t>(variable)];
}

bool same(const Expr& a, const Expr& b) {
  if (&a == &b) return true;
  if (a.kind != b.kind || a.args.size() != b.args.size() || a.height != b.height) return false;
  switch (a.kind) {
    case ExprKind::literal:
      return equal(a.value, b.value);
    case ExprKind::variable:
      return a.variable == b.variable;
    case ExprKind::call:
      if (a.function != b.function) return false;
      break;
    case ExprKind::like: {
      const auto like = [](const PatternElement& x, const PatternElement& y) {
        return x.code_point == y.code_point && x.is_wildcard == y.is_wildcard;
      };
      if (!std::equal(a.pattern.begin(), a.pattern.end(), b.pattern.begin(), b.pattern.end(), like)) return false;
      break;
    }
    default:
      break;
  }
  return std::equal(a.names.begin(), a.names.end(), b.names.begin(), b.names.end()) &&
         std::equal(a.args.begin(), a.args.end(), b.args.begin(),
                    [](const Expr* x, const Expr* y) { return same(*x, *y); });
}

namespace {

bool same(const ScopePart& a, const ScopePart& b) {
  const bool is_entity = a.entity != nullptr && b.entity != nullptr ? *a.entity == *b.entity : a.entity == b.entity;
  return a.op == b.op && a.is_slot == b.is_slot && is_entity && a.type == b.type;
}

bool same(const Annotation& a, const Annotation& b) {
  return a.key == b.key && a.value == b.value && a.has_value == b.has_value;
}

bool same(const Condition& a, const Condition& b) { return a.is_unless == b.is_unless && same(*a.body, *b.body); }

template <class T>
bool same_lists(std::span<const T> a, std::span<const T> b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const T& x, const T& y) { return same(x, y); });
}

}  // namespace

bool same(const Policy& a, const Policy& b) {
  return a.effect == b.effect && same(a.principal, b.principal) && same(a.resource, b.resource) &&
         a.action.op == b.action.op && a.action.is_list == b.action.is_list &&
         std::equal(a.action.entities.begin(), a.action.entities.end(), b.action.entities.begin(),
                    b.action.entities.end()) &&
         same_lists(a.annotations, b.annotations) && same_lists(a.conditions, b.conditions);
}

const Policy* PolicySet::find(std::string_view id) const {
  const auto at = std::find_if(policies.begin(), policies.end(), [&](const Policy& p) { return p.id == id; });
  return at == policies.end() ? nullptr : &*at;
}

Policy instantiate(const PolicySet& set, const Link& link) {
  Policy policy = set.policies[link.policy];
  policy.id = link.id;
  const auto fill = [](ScopePart& part, const EntityUid* value) {
    if (!part.is_slot) return;
    part.is_slot = false;
    part.entity = value;
  };
  fill(policy.principal, link.principal);
  fill(policy.resource, link.resource);
  return policy;
}

}  // namespace nova::cedar
