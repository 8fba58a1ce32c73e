#include "governance/killswitch/rules.hpp"

#include <utility>

namespace nova::killswitch {
namespace {

constexpr std::string_view active_rule = "killswitch.active", unknown_rule = "killswitch.unknown";

class SwitchRules final : public gate::Rules {
 public:
  SwitchRules(const Truth& truth, std::shared_ptr<const gate::Rules> others,
              std::function<core::Reach(const core::Principal&)> reach_of)
      : truth_(truth), others_(std::move(others)), reach_of_(std::move(reach_of)) {}

  core::DecisionRecord decide(const gate::Request& request) const override {
    if (request.principal.type != "ai") return others_->decide(request);
    core::Reach reach = reach_of_ ? reach_of_(request.principal) : core::local_reach();
    reach.ai = true;
    reach.tenant = request.resource.tenant;
    if (reach.agent.empty()) reach.agent = request.principal.id;
    if (request.resource.kind == "platform") reach.platform = request.resource.tenant + "/" + request.resource.id;
    const auto verdict = truth_.judge(reach);
    if (verdict.answer == core::Fence::Answer::go) return others_->decide(request);
    auto decision = gate::decision_of(core::DecisionRecord::Answer::deny, verdict.why.code);
    decision.constitution = "killswitch-" + std::to_string(truth_.epoch());
    return decision;
  }

  void explain(const core::DecisionRecord& decision, core::Error& error) const override {
    for (const auto& rule : decision.rules)
      if (rule == active_rule || rule == unknown_rule) {
        error.code = rule;
        error.status = core::status_of(rule);
        error.message = rule == active_rule ? "a kill switch is engaged that covers this AI principal"
                                            : "what is switched off is not known here now";
        error.remedy = "wait until it is released";
        return;
      }
    others_->explain(decision, error);
  }

  gate::HoldTerms terms(const gate::Request& request, const core::DecisionRecord& decision) const override {
    return others_->terms(request, decision);
  }

 private:
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
