#include "actors/decision/weigh.hpp"

#include "core/describe/codec.hpp"
#include "core/governor/policy.hpp"
#include "core/json.hpp"

#include <algorithm>

namespace nova::decision {
namespace {

core::EntityKey policy_key(const std::string& id) { return {"system", "policy", id}; }

// The ids of switches as the kind `kill_switch` makes them.
std::vector<core::EntityKey> switches(const std::string& tenant, const std::string& platform) {
  std::vector<core::EntityKey> keys{{"system", "kill_switch", "global"}, {"system", "kill_switch", "tenant." + tenant}};
  const auto slash = platform.find('/');
  if (slash != std::string::npos)
    keys.push_back(
        {"system", "kill_switch", "platform." + platform.substr(0, slash) + ".." + platform.substr(slash + 1)});
  std::erase_if(keys, [](const auto& key) { return !core::is_name(key.id); });
  return keys;
}

core::PolicyAttributes attributes(const State& s, const core::Context& ctx) {
  const auto& facts = s.subject.facts;
  const auto without_rollback =
      std::count_if(s.steps.begin(), s.steps.end(), [](const Step& step) { return step.plan.rollback_plan.empty(); });
  return {{"type", std::string(core::name_of(s.subject.type))},
          {"urgency", std::string(core::name_of(s.subject.urgency))},
          {"risk_level", std::string(core::name_of(s.risk_level))},
          {"tenant", ctx.self.tenant},
          {"requested_by", s.requested_by.id},
          {"amount_micros", std::to_string(std::int64_t(facts.amount_micros))},
          {"scope", std::string(core::name_of(facts.scope))},
          {"data_class", std::string(core::name_of(facts.data_class))},
          {"users_affected", std::to_string(std::int64_t(facts.users_affected))},
          {"reversible", facts.reversible ? "true" : "false"},
          {"target_platform", s.subject.target_platform},
          {"target_resource", s.subject.target_resource},
          {"steps", std::to_string(s.steps.size())},
          {"steps_without_rollback", std::to_string(without_rollback)}};
}

core::Error unreadable(const std::string& id) {
  return core::unavailable("decision.policy_unreadable", "the policy `" + id + "` cannot be read now");
}

}  // namespace

std::vector<core::FactNeed> needs_of(const core::EntityKey& self, const std::string& platform,
                                     const std::vector<core::EntityId>& policies) {
  std::vector<core::FactNeed> needs;
  for (const auto& id : policies) needs.push_back({policy_key(id), true});
  for (auto& key : switches(self.tenant, platform)) needs.push_back({std::move(key), true});
  return needs;
}

core::Result<Look> look(const State& s, const std::vector<core::EntityId>& policies, const core::Context& ctx) {
  struct Found {
    std::int64_t priority;
    Violation violation;
  };
  Look made;
  std::vector<Found> found;
  const auto decision = attributes(s, ctx);
  for (const auto& id : policies) {
    const auto& fact = ctx.fact(policy_key(id));
    if (!fact.exists) return unreadable(id);
    if (fact.status != "active") continue;  // it was put out of force since the list was made
    const auto part = core::json_part(fact.document, "terms");
    const auto terms = part ? core::from_json<core::PolicyTerms>(*part, core::Reading::stored)
                            : core::Result<core::PolicyTerms>(unreadable(id));
    if (!terms) return unreadable(id);
    made.policies.push_back(id);
    const auto message = core::objection(*terms, decision, s.status != Status::absent && !s.steps.empty());
    if (!message) continue;
    const bool denies = terms->type == core::PolicyType::deny;
    made.denied = made.denied || denies;
    found.push_back({terms->priority, {id, terms->name, *message, denies}});
  }
  std::stable_sort(found.begin(), found.end(), [](const Found& a, const Found& b) {
    return std::tuple(a.violation.denies, a.priority) > std::tuple(b.violation.denies, b.priority);
  });
  for (auto& one : found)
    if (made.violations.size() < violations_max) made.violations.push_back(std::move(one.violation));
  return made;
}

core::Error violated(const std::vector<Violation>& violations) {
  const auto& first = violations.front();
  auto error = core::refuse("decision.policy_violated", first.message);
  error.status = 403;
  return std::move(error)
      .with("policy", first.policy)
      .with("name", first.name)
      .with("violations", std::to_string(violations.size()));
}

std::optional<core::Error> refuse_stopped(const State& s, const core::Context& ctx) {
  for (const auto& key : switches(ctx.self.tenant, s.subject.target_platform)) {
    const auto& fact = ctx.fact(key);
    if (!fact.exists || fact.status != "engaged") continue;
    auto error = core::refuse("killswitch.active", "the kill switch `" + key.id + "` is engaged");
    error.status = 503;
    return std::move(error).with("switch", key.id).fix("wait until it is released");
  }
  return std::nullopt;
}

}  // namespace nova::decision
