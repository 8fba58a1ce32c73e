#include "governance/cedar/eval/authorizer.hpp"

#include <algorithm>
#include <utility>

namespace nova::cedar {
namespace {

bool part_holds(const ScopePart& part, const EntityUid& uid, Evaluator& evaluator) {
  switch (part.op) {
    case ScopeOp::any:
      return true;
    case ScopeOp::equal:
      return uid == *part.entity;
    case ScopeOp::in:
      return evaluator.is_in(uid, *part.entity);
    case ScopeOp::is:
      return uid.type == part.type;
    case ScopeOp::is_in:
      return uid.type == part.type && evaluator.is_in(uid, *part.entity);
  }
  return false;
}

bool action_holds(const ActionPart& part, const EntityUid& uid, Evaluator& evaluator) {
  if (part.op == ScopeOp::any) return true;
  if (part.op == ScopeOp::equal) return uid == part.entities[0];
  return std::any_of(part.entities.begin(), part.entities.end(),
                     [&](const EntityUid& group) { return evaluator.is_in(uid, group); });
}

}  // namespace

Authorizer::Authorizer(PolicySet set) : set_(std::move(set)) {
  for (const Policy& policy : set_.policies) {
    if (!policy.is_template()) policies_.push_back(policy);
  }
  for (const Link& link : set_.links) policies_.push_back(instantiate(set_, link));
  for (const Policy& policy : policies_) {
    Compiled compiled;
    compiled.first_condition = static_cast<std::uint32_t>(conditions_.size());
    compiled.condition_count = static_cast<std::uint32_t>(policy.conditions.size());
    compiled.is_forbid = policy.effect == Effect::forbid;
    compiled.has_type_and_group = policy.principal.op == ScopeOp::is_in || policy.resource.op == ScopeOp::is_in;
    for (const Condition& condition : policy.conditions) {
      conditions_.push_back({program_.add(*condition.body), condition.is_unless});
    }
    compiled_.push_back(compiled);
  }
  index_ = PolicyIndex(policies_);
}

bool Authorizer::find_candidates(const Request& request, Evaluator& evaluator, Scratch& scratch) const {
  return index_.matching(request.principal, evaluator.view(request.principal), request.action,
                         evaluator.view(request.action), request.resource, evaluator.view(request.resource),
                         scratch.lookup, scratch.candidates);
}

// Permits count only while no forbid is satisfied.
void Authorizer::settle(Answer& answer) const {
  const auto forbids = [&](std::uint32_t p) { return compiled_[p].is_forbid; };
  auto& satisfied = answer.reasons;
  const bool is_forbidden = std::any_of(satisfied.begin(), satisfied.end(), forbids);
  if (is_forbidden) {
    satisfied.erase(std::remove_if(satisfied.begin(), satisfied.end(), [&](std::uint32_t p) { return !forbids(p); }),
                    satisfied.end());
  }
  answer.decision = !is_forbidden && !satisfied.empty() ? Decision::allow : Decision::deny;
}

bool Authorizer::scope_holds(const Policy& policy, const Request& request, Evaluator& evaluator) const {
  return part_holds(policy.principal, request.principal, evaluator) &&
         action_holds(policy.action, request.action, evaluator) &&
         part_holds(policy.resource, request.resource, evaluator);
}

void Authorizer::decide(const Request& request, const Entities& entities, Scratch& scratch, Answer& out) const {
  // The names are compared soon, each by way of several loads that do not depend on one another.
  for (const EntityUid* uid : {&request.principal, &request.resource, &request.action}) {
    __builtin_prefetch(uid->id.data);
    __builtin_prefetch(uid->type.data);
  }
  scratch.arena.clear();
  out.reasons.clear();
  out.failures.clear();
  Evaluator evaluator(program_, request, entities, scratch.arena);
  const bool is_matching = find_candidates(request, evaluator, scratch);
  for (const std::uint32_t candidate : scratch.candidates) {
    const Compiled& compiled = compiled_[candidate];
    const bool must_check = !is_matching || compiled.has_type_and_group;
    if (must_check && !scope_holds(policies_[candidate], request, evaluator)) continue;
    bool is_satisfied = true;
    for (std::uint32_t i = 0; i < compiled.condition_count && is_satisfied; ++i) {
      const CompiledCondition& condition = conditions_[compiled.first_condition + i];
      Value value;
      if (!evaluator.evaluate(condition.body, value)) {
        out.failures.push_back({candidate, evaluator.failure()});
        is_satisfied = false;
      } else if (value.kind != Kind::boolean) {
        out.failures.push_back({candidate, {Fault::type, program_.span(condition.body), value.kind, {}, nullptr}});
        is_satisfied = false;
      } else {
        is_satisfied = value.boolean != condition.is_unless;
      }
    }
    if (is_satisfied) out.reasons.push_back(candidate);
  }
  settle(out);
}

Answer Authorizer::decide(const Request& request, const Entities& entities) const {
  Scratch scratch;
  Answer answer;
  decide(request, entities, scratch, answer);
  // Names in failures may lie in the scratch memory, which ends here.
  for (PolicyFailure& failed : answer.failures) {
    failed.failure.name = {};
    failed.failure.entity = nullptr;
  }
  return answer;
}

Explanation Authorizer::explain(const Request& request, const Entities& entities, Scratch& scratch) const {
  using Result = ConditionOutcome::Result;
  Explanation out;
  decide(request, entities, scratch, out.answer);
  Evaluator evaluator(program_, request, entities, scratch.arena);
  for (const std::uint32_t candidate : scratch.candidates) {
    const bool holds = scope_holds(policies_[candidate], request, evaluator);
    out.outcomes.push_back({candidate, ConditionOutcome::scope, holds ? Result::held : Result::did_not_hold, {}, {}});
    const Compiled& compiled = compiled_[candidate];
    for (std::uint32_t i = 0; i < compiled.condition_count && out.outcomes.back().result == Result::held; ++i) {
      const CompiledCondition& condition = conditions_[compiled.first_condition + i];
      ConditionOutcome outcome{candidate, i, Result::failed, {}, {}};
      evaluator.trace(&outcome.reads);
      Value value;
      if (!evaluator.evaluate(condition.body, value)) {
        outcome.failure = evaluator.failure();
      } else if (value.kind != Kind::boolean) {
        outcome.failure = {Fault::type, program_.span(condition.body), value.kind, {}, nullptr};
      } else {
        outcome.result = value.boolean != condition.is_unless ? Result::held : Result::did_not_hold;
      }
      evaluator.trace(nullptr);
      out.outcomes.push_back(std::move(outcome));
    }
  }
  return out;
}

}  // namespace nova::cedar
