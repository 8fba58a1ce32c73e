#include "governance/gate/gate.hpp"

namespace nova::gate {
namespace {

using Answer = core::DecisionRecord::Answer;

core::DecisionRecord record(Answer answer, std::string rule) {
  core::DecisionRecord made;
  made.answer = answer;
  made.rules.push_back(std::move(rule));
  made.constitution = "builtin-1";
  return made;
}

// What a suspended tenant's own entity still takes, so that the suspension can be lifted or ended (S19).
bool lifts_suspension(const Request& request) {
  return request.kind.name == "tenant" &&
         (request.command.name == "activate" || request.command.name == "archive" || request.command.name == "suspend");
}

class BuiltinRules final : public Rules {
 public:
  core::DecisionRecord decide(const Request& request) const override {
    const bool runtime = request.principal.type == "system";
    if (request.command.door == core::Door::internal)
      return runtime ? record(Answer::allow, "builtin.runtime_outcomes")
                     : record(Answer::deny, "builtin.internal_command");
    // Outcomes are facts and pass; but what people order for a suspended tenant does not.
    if (request.tenant_status == "suspended" && !lifts_suspension(request))
      return record(Answer::deny, "builtin.tenant_suspended");
    if (request.resource.tenant == "system" && request.command.creates && !runtime)
      return record(Answer::deny, "builtin.system_tenant");
    if (runtime) return record(Answer::allow, "builtin.runtime");
    if (request.principal.type == "service" && request.principal.id == "operator")
      return record(Answer::allow, "builtin.operator");
    return record(Answer::deny, "builtin.default_deny");
  }
};

}  // namespace

std::shared_ptr<const Rules> make_builtin_rules() { return std::make_shared<BuiltinRules>(); }

core::DecisionRecord decide(const std::shared_ptr<const Rules>& rules, const Request& request) {
  if (!rules) return record(Answer::deny, "gate.no_rules");
  return rules->decide(request);
}

core::Error denied(const core::DecisionRecord& decision) {
  std::string rules;
  for (const auto& rule : decision.rules) rules += (rules.empty() ? "" : ", ") + rule;
  for (const auto& rule : decision.rules)
    if (rule == "builtin.tenant_suspended")
      return core::refusal("tenant.suspended", "the tenant is suspended")
          .with("rules", rules)
          .fix("activate the tenant first");
  return core::refusal("gate.denied", "the rules do not allow this: " + rules)
      .with("rules", rules)
      .with("constitution", decision.constitution)
      .fix("ask somebody whom the rules allow, or the operator");
}

}  // namespace nova::gate
