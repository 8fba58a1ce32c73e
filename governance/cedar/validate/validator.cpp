#include "governance/cedar/validate/validator.hpp"

#include "governance/cedar/validate/typecheck.hpp"

#include <algorithm>
#include <utility>

namespace nova::cedar {
namespace {

class PolicyValidator {
 public:
  PolicyValidator(const Schema& schema, ValidationMode mode) : schema_(schema), mode_(mode) {}

  /// Checks a policy or a template; for links only what the values bring.
  void run(const Policy& policy, bool is_link, Validation& out) {
    errors_.clear();
    names(policy);
    bool can_apply = false;
    if (errors_.empty()) {
      const std::vector<Environment> environments = environments_of(policy);
      if (environments.empty()) {
        report("no_applicable_action", policy.span, "no action of the schema applies to what the scope allows");
      } else if (!is_link) {
        for (const Environment& environment : environments) can_apply = types(policy, environment) || can_apply;
        if (!can_apply && errors_.empty()) {
          out.warnings.push_back(
              {policy.id, "never_applies", "the conditions are false for every request", policy.span});
        }
      }
    }
    for (Finding& finding : errors_) {
      finding.policy = policy.id;
      out.errors.push_back(std::move(finding));
    }
  }

 private:
  void report(std::string code, Span span, std::string message) {
    if (errors_.size() < findings_max) errors_.push_back({{}, std::move(code), std::move(message), span});
  }

  // Names are checked everywhere, also in parts that are never evaluated.
  void names(const Policy& policy) {
    part_names(policy.principal);
    part_names(policy.resource);
    for (const EntityUid& action : policy.action.entities) entity_name(action, policy.action.span);
    const auto& actions = policy.action.entities;
    const auto is_other_type = [&](const EntityUid& uid) { return !(uid.type == actions[0].type); };
    if (mode_ == ValidationMode::strict && std::any_of(actions.begin(), actions.end(), is_other_type)) {
      report("incompatible_types", policy.action.span, "actions of different types in one list");
    }
    for (const Condition& condition : policy.conditions) expression_names(*condition.body);
  }
  void part_names(const ScopePart& part) {
    if (part.entity != nullptr) entity_name(*part.entity, part.span);
    if (part.op == ScopeOp::is || part.op == ScopeOp::is_in) type_name(part.type, part.span);
  }
  void expression_names(const Expr& expr) {
    if (expr.kind == ExprKind::literal && expr.value.kind == Kind::entity) entity_name(*expr.value.entity, expr.span);
    if (expr.kind == ExprKind::is || expr.kind == ExprKind::is_in) type_name(expr.names[0], expr.span);
    for (const Expr* arg : expr.args) expression_names(*arg);
  }
  void type_name(const Text& name, Span span) {
    if (!schema_.has_type(name))
      report("unknown_entity_type", span, "there is no entity type " + in_backticks(name.view()));
  }
  void entity_name(const EntityUid& uid, Span span) {
    if (is_action_type(uid.type.view())) {
      if (schema_.find_action(uid) == nullptr)
        report("unknown_action", span, "there is no action " + in_backticks(to_text(uid)));
      return;
    }
    const EntityType* const type = schema_.find_entity_type(uid.type);
    if (type == nullptr) {
      report("unknown_entity_type", span, "there is no entity type " + in_backticks(uid.type.view()));
    } else if (type->is_enumerated && !std::binary_search(type->ids.begin(), type->ids.end(), uid.id)) {
      report("unknown_entity", span, in_backticks(to_text(uid)) + " is none of the declared entities of its type");
    }
  }

  bool allows(const ScopePart& part, const Text& type) const {
    switch (part.op) {
      case ScopeOp::any:
        return true;
      case ScopeOp::equal:
        return part.is_slot || part.entity->type == type;
      case ScopeOp::in:
        return part.is_slot || schema_.can_be_in(type, part.entity->type);
      case ScopeOp::is:
        return part.type == type;
      case ScopeOp::is_in:
        return part.type == type && (part.is_slot || schema_.can_be_in(type, part.entity->type));
    }
    return true;
  }
  bool allows(const ActionPart& part, const EntityUid& action) const {
    if (part.op == ScopeOp::any) return true;
    if (part.op == ScopeOp::equal) return part.entities[0] == action;
    return std::any_of(part.entities.begin(), part.entities.end(),
                       [&](const EntityUid& g) { return schema_.action_in(action, g); });
  }

  std::vector<Environment> environments_of(const Policy& policy) const {
    std::vector<Environment> out;
    for (const Action& action : schema_.actions()) {
      if (!allows(policy.action, action.uid)) continue;
      for (const Text& principal : action.principals) {
        if (!allows(policy.principal, principal)) continue;
        for (const Text& resource : action.resources) {
          if (allows(policy.resource, resource)) out.push_back({&action, principal, resource});
        }
      }
    }
    return out;
  }

  // True when the conditions may hold there.
  bool types(const Policy& policy, const Environment& environment) {
    scratch_.clear();
    TypeChecker checker(schema_, mode_, environment, scratch_, errors_);
    for (const Condition& condition : policy.conditions) {
      const Type* const type = checker.condition(condition);
      // What stands behind a condition that is False is not reached. Behind a fault looking goes on, to find more.
      if (type != nullptr && type->kind == TypeKind::is_false) return false;
    }
    return true;
  }

  const Schema& schema_;
  ValidationMode mode_;
  std::vector<Finding> errors_;
  Arena scratch_;
};

}  // namespace

Validation validate(const PolicySet& set, const Schema& schema, ValidationMode mode) {
  Validation out;
  PolicyValidator validator(schema, mode);
  for (const Policy& policy : set.policies) validator.run(policy, false, out);
  for (const Link& link : set.links) validator.run(instantiate(set, link), true, out);
  return out;
}

}  // namespace nova::cedar
