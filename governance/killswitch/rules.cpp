#include "governance/killswitch/rules.hpp"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

namespace nova::killswitch {
namespace {

constexpr std::string_view active_rule = "killswitch.active", unknown_rule = "killswitch.unknown";

using kill_switch::Scope;

bool starts_something(const gate::Request& request) {
  if (request.kind.name != "deployment") return false;
  const auto& name = request.command.name;
  return name == "deploy" || name == "start" || name == "restart" || name == "scale" || name == "rollback";
}

/// Orders by which something beyond the entity begins: work of AI, what leaves for the outside, what is deployed.
bool has_effects(const gate::Request& request) {
  using Names = std::vector<std::string_view>;
  static const std::map<std::string_view, Names> orders = {
      {"ai_agent", {"create", "activate"}},
      {"ai_execution", {"request"}},
      {"ai_layer", {"resume", "enable"}},
      {"blueprint", {"apply"}},
      {"decision", {"execute_step"}},
      {"escalation", {"answer"}},
      {"external_ai", {"create", "update", "approve", "resume"}},
      {"membership", {"invite"}},
      {"provider", {"add", "verify", "enable"}},
      {"webhook_delivery", {"redeliver"}},
      {"webhook_endpoint", {"create", "update", "resume", "test"}},
  };
  if (starts_something(request)) return true;
  if (request.principal.type == "system" || request.command.door == core::Door::internal) return false;
  const auto found = orders.find(request.kind.name);
  return found != orders.end() &&
         std::find(found->second.begin(), found->second.end(), request.command.name) != found->second.end();
}

bool changes_tiers(const gate::Request& request) {
  const auto& [kind, name] = std::pair(request.kind.name, request.command.name);
  return (kind == "tenant" && (name == "create" || name == "change_tier")) || (kind == "user" && name == "change_role");
}

/// What lifts an emergency is never in its way; who may is said by the roles.
bool lifts(const gate::Request& request) {
  return request.kind.name == "emergency" || request.kind.name == "kill_switch";
}

/// Orders, not facts: what the runtime itself must write down passes.
bool covers_order(const Line& line, const gate::Request& request) {
  if (line.scope == Scope::platforms) return starts_something(request);
  const bool runtime = request.principal.type == "system" || request.command.door == core::Door::internal;
  if (runtime || lifts(request)) return false;
  switch (line.scope) {
    case Scope::subscriptions:
      return changes_tiers(request);
    case Scope::feature:
      return request.kind.name == line.target;
    case Scope::commands:
      return !request.caller.root_owner;
    case Scope::plan:
      return !request.caller.root_owner && request.caller.platform_role == line.target;
    case Scope::user:
      return !request.caller.root_owner && request.principal.id == line.target;
    default:
      return false;
  }
}

class SwitchRules final : public gate::Rules {
 public:
  SwitchRules(const Truth& truth, std::shared_ptr<const gate::Rules> others,
              std::function<core::Reach(const core::Principal&)> reach_of)
      : truth_(truth), others_(std::move(others)), reach_of_(std::move(reach_of)) {}

  core::DecisionRecord decide(const gate::Request& request) const override {
    if (truth_.any_engaged())
      for (const auto& line : truth_.engaged())
        if (covers_order(line, request)) return denied_by(active_rule);
    // Whatever is engaged elsewhere may cover it, and nobody is above that.
    if (!truth_.is_known() && has_effects(request)) return denied_by(unknown_rule);
    if (request.principal.type != "ai") return others_->decide(request);
    core::Reach reach = reach_of_ ? reach_of_(request.principal) : core::local_reach();
    reach.ai = true;
    reach.tenant = request.resource.tenant;
    if (reach.agent.empty()) reach.agent = request.principal.id;
    if (request.resource.kind == "platform") reach.platform = request.resource.tenant + "/" + request.resource.id;
    const auto verdict = truth_.judge(reach);
    if (verdict.answer == core::Fence::Answer::go) return others_->decide(request);
    return denied_by(verdict.why.code);
  }

  void explain(const core::DecisionRecord& decision, core::Error& error) const override {
    for (const auto& rule : decision.rules)
      if (rule == active_rule || rule == unknown_rule) {
        error.code = rule;
        error.status = 503;
        error.retryable = rule == unknown_rule;  // it passes by itself
        error.message = rule == active_rule ? "a kill switch or an emergency is in force that covers this"
                                            : "what is switched off is not known here now";
        error.remedy = rule == active_rule ? "wait until it is released" : "wait until this node hears its log again";
        return;
      }
    others_->explain(decision, error);
  }

  gate::HoldTerms terms(const gate::Request& request, const core::DecisionRecord& decision) const override {
    return others_->terms(request, decision);
  }

 private:
  core::DecisionRecord denied_by(std::string_view rule) const {
    auto decision = gate::decision_of(core::DecisionRecord::Answer::deny, std::string(rule));
    decision.constitution = "killswitch-" + std::to_string(truth_.epoch());
    return decision;
  }

  const Truth& truth_;
  const std::shared_ptr<const gate::Rules> others_;
  const std::function<core::Reach(const core::Principal&)> reach_of_;
};

}  // namespace

std::shared_ptr<const gate::Rules> make_rules(const Truth& truth, std::shared_ptr<const gate::Rules> others,
                                              std::function<core::Reach(const core::Principal&)> reach_of) {
  return std::make_shared<SwitchRules>(truth, std::move(others), std::move(reach_of));
}

}  // namespace nova::killswitch
