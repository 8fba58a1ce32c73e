#include "governance/gate/gate.hpp"

namespace nova::gate {
namespace {

using Answer = core::DecisionRecord::Answer;

// What a suspended tenant's own entity still takes, so that the suspension can be lifted, paid off or ended (S19).
bool lifts_suspension(const Request& request) {
  return request.kind.name == "tenant" && (request.command.name == "activate" || request.command.name == "archive" ||
                                           request.command.name == "suspend" || request.command.name == "change_tier");
}

// What runs in an archived tenant can still be ended.
bool ends_something(const Request& request) {
  for (const std::string_view ending : {"delete", "stop", "remove", "revoke", "destroy", "cancel"})
    if (request.command.name == ending) return true;
  return false;
}

// A tenant that waits is made ready by its own entity and its members; one that was put away is only cleared out.
bool is_before_its_time(const Request& request) {
  if (request.kind.name == "tenant" || request.kind.name == "approval") return false;
  if (request.tenant_status == "pending") return request.kind.name != "membership";
  return request.tenant_status == "archived" && !ends_something(request);
}

class BuiltinRules final : public Rules {
 public:
  core::DecisionRecord decide(const Request& request) const override {
    if (auto first = decide_first(request)) return std::move(*first);
    if (request.principal.type == "system") return decision_of(Answer::allow, "builtin.runtime");
    if (request.principal.type == "service" && request.principal.id == "operator")
      return decision_of(Answer::allow, "builtin.operator");
    return decision_of(Answer::deny, "builtin.default_deny");
  }
};

}  // namespace

std::shared_ptr<const Rules> make_builtin_rules() { return std::make_shared<BuiltinRules>(); }

core::DecisionRecord decide(const std::shared_ptr<const Rules>& rules, const Request& request) {
  if (!rules) return decision_of(Answer::deny, "gate.no_rules");
  return rules->decide(request);
}

core::DecisionRecord decision_of(Answer answer, std::string rule) {
  core::DecisionRecord made;
  made.answer = answer;
  made.rules.push_back(std::move(rule));
  made.constitution = "builtin-1";
  return made;
}

std::optional<core::DecisionRecord> decide_first(const Request& request) {
  const bool runtime = request.principal.type == "system";
  if (request.command.door == core::Door::internal)
    return runtime ? decision_of(Answer::allow, "builtin.runtime_outcomes")
                   : decision_of(Answer::deny, "builtin.internal_command");
  // Outcomes are facts and pass; but what people order for a suspended tenant does not.
  // So does deciding on what already waits: the released act passes here again by itself.
  if (request.tenant_status == "suspended" && !lifts_suspension(request) && request.kind.name != "approval")
    return decision_of(Answer::deny, std::string(tenant_suspended_rule));
  if (is_before_its_time(request)) return decision_of(Answer::deny, std::string(tenant_not_active_rule));
  if (request.resource.tenant == "system" && request.command.creates && !runtime &&
      request.command.door == core::Door::open)
    return decision_of(Answer::deny, "builtin.system_tenant");
  return std::nullopt;
}

core::Error denied(const core::DecisionRecord& decision, const Request& request) {
  std::string rules;
  for (const auto& rule : decision.rules) rules += (rules.empty() ? "" : ", ") + rule;
  for (const auto& rule : decision.rules) {
    if (rule == tenant_suspended_rule)
      return core::refusal("tenant.suspended", "the tenant is suspended")
          .with("rules", rules)
          .fix("activate the tenant first");
    if (rule == tenant_not_active_rule) {
      auto refused = core::wrong_state(request.tenant_status, {"active"});
      refused.message = "the tenant is " + std::string(request.tenant_status);
      return std::move(refused)
          .with("rules", rules)
          .fix(request.tenant_status == "pending" ? "activate the tenant first"
                                                  : "what was put away only ends what it has; use another tenant");
    }
    if (rule == foreign_tenant_rule)
      return core::refusal(std::string(request.kind.name) + ".not_found",
                           "there is no " + std::string(request.kind.name) + " `" + request.resource.id +
                               "` in tenant `" + request.resource.tenant + "`");
    if (rule == root_owner_rule)
      return core::refusal("user.root_owner_immutable", "what is the root owner's is nobody else's to change")
          .with("rules", rules)
          .fix("ask the owner, who changes it under their own name");
    if (rule == owner_only_rule)
      return core::refusal("auth.owner_required", "only the owner of this installation may do this");
    if (rule.starts_with(missing_prefix)) {
      const auto missing = rule.substr(missing_prefix.size());
      return core::refusal("access.denied", "this needs `" + missing + "`")
          .with("missing", missing)
          .with("rules", rules)
          .fix("ask somebody who manages this tenant's members");
    }
  }
  return core::refusal("gate.denied", "the rules do not allow this: " + rules)
      .with("rules", rules)
      .with("constitution", decision.constitution)
      .fix("ask somebody whom the rules allow, or the operator");
}

}  // namespace nova::gate
