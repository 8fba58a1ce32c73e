#include "governance/cedar/analyse/analyse.hpp"

#include "governance/cedar/analyse/universe.hpp"
#include "governance/cedar/eval/authorizer.hpp"

#include <algorithm>
#include <random>
#include <set>

namespace nova::cedar {
namespace {

// Calls visit(universe) in each world of each environment until it says stop; false when a sample had to do. `most`: of
// one environment.
template <class Visit>
bool each_world(const Schema& schema, const Mentions& mentions, Arena& arena, const std::vector<Environment>& places,
                std::uint64_t most, std::uint64_t& count, Visit visit) {
  bool is_exhaustive = true;
  std::mt19937_64 random(20260131);
  for (const Environment& place : places) {
    Universe universe(schema, mentions, place, arena);
    const bool is_sample = universe.size() > most;
    is_exhaustive = is_exhaustive && !is_sample;
    for (std::uint64_t i = 0; i < std::min(universe.size(), most); ++i) {
      if (is_sample) {
        universe.enter_random(random);
      } else {
        universe.enter(i);
      }
      ++count;
      if (!visit(universe)) return is_exhaustive;
    }
  }
  return is_exhaustive;
}

template <class Want>
std::vector<Environment> environments(const Schema& schema, Want want) {
  std::vector<Environment> out;
  for (const Action& action : schema.actions())
    for (const Text& principal : action.principals)
      for (const Text& resource : action.resources)
        if (want(action, principal, resource)) out.push_back({&action, principal, resource});
  return out;
}

// Whether the scope can match there; yes where that depends on more than types and the action.
bool can_match(const Policy& policy, const Action& action, const Text& principal, const Text& resource) {
  const auto type_fits = [](const ScopePart& part, const Text& type) {
    if (part.op == ScopeOp::is || part.op == ScopeOp::is_in) return part.type == type;
    return part.op != ScopeOp::equal || part.entity == nullptr || part.entity->type == type;
  };
  if (!type_fits(policy.principal, principal) || !type_fits(policy.resource, resource)) return false;
  if (policy.action.op == ScopeOp::any) return true;
  return std::any_of(policy.action.entities.begin(), policy.action.entities.end(), [&](const EntityUid& uid) {
    return uid == action.uid ||
           std::find(action.ancestors.begin(), action.ancestors.end(), uid) != action.ancestors.end();
  });
}

std::vector<Policy> active(const PolicySet& set) {
  std::vector<Policy> out;
  for (const Policy& policy : set.policies) {
    if (!policy.is_template()) out.push_back(policy);
  }
  for (const Link& link : set.links) out.push_back(instantiate(set, link));
  return out;
}

// Policies of `a` that `b` has not, counted by effect; each of `b` answers for one of `a`.
struct Missing {
  std::size_t permits = 0;
  std::size_t forbids = 0;
  std::vector<const Policy*> policies;
};
Missing missing(const std::vector<Policy>& a, const std::vector<Policy>& b) {
  // Policies that print alike are the same; printing would be one more walk, so they are compared in groups by size.
  Missing out;
  std::vector<bool> is_used(b.size(), false);
  for (const Policy& policy : a) {
    const auto found = [&] {
      for (std::size_t i = 0; i < b.size(); ++i) {
        if (!is_used[i] && same(policy, b[i])) return i;
      }
      return b.size();
    }();
    if (found < b.size()) {
      is_used[found] = true;
    } else {
      ++(policy.effect == Effect::permit ? out.permits : out.forbids);
      out.policies.push_back(&policy);
    }
  }
  return out;
}

std::string reasons(const Authorizer& authorizer, const Answer& answer) {
  std::string out = answer.decision == Decision::allow ? "allow" : "deny";
  for (std::size_t i = 0; i < answer.reasons.size() && i < 5; ++i) {
    out += (i == 0 ? " by " : ", ") + authorizer.policy_id(answer.reasons[i]);
  }
  return out;
}

PolicySet only(const PolicySet& set, Effect effect) {
  PolicySet out;
  out.arena = set.arena;
  for (Policy& policy : active(set)) {
    if (policy.effect == effect) out.policies.push_back(std::move(policy));
  }
  return out;
}

}  // namespace

std::string_view name_of(Change change) {
  switch (change) {
    case Change::equivalent:
      return "equivalent";
    case Change::less_permissive:
      return "less permissive";
    case Change::more_permissive:
      return "more permissive";
    case Change::incomparable:
      return "incomparable";
  }
  return "";
}

Comparison compare(const PolicySet& before, const PolicySet& after, const Schema& schema, std::uint64_t total_max) {
  Comparison out;
  const std::vector<Policy> old_policies = active(before), new_policies = active(after);
  const Missing removed = missing(old_policies, new_policies), added = missing(new_policies, old_policies);
  // Policies are judged one by one, so these hold for every request whatsoever.
  const bool never_more = removed.forbids == 0 && added.permits == 0;
  const bool never_less = removed.permits == 0 && added.forbids == 0;
  if (never_more && never_less) {
    out.is_exact = true;
    return out;
  }

  // Where none of the policies can match that only one set has, both say the same.
  const auto places = environments(schema, [&](const Action& action, const Text& principal, const Text& resource) {
    const auto matches = [&](const Policy* policy) { return can_match(*policy, action, principal, resource); };
    return std::any_of(removed.policies.begin(), removed.policies.end(), matches) ||
           std::any_of(added.policies.begin(), added.policies.end(), matches);
  });
  const auto share = std::max<std::uint64_t>(1, total_max / std::max<std::size_t>(1, places.size()));
  Arena arena;
  Mentions mentions;
  mentions.add(before, arena);
  mentions.add(after, arena);
  const Authorizer old_authorizer(before), new_authorizer(after);
  Scratch scratch;
  Answer old_answer, new_answer;
  out.is_exhaustive =
      each_world(schema, mentions, arena, places, std::min(worlds_max, share), out.worlds, [&](const Universe& world) {
        old_authorizer.decide(world.request(), world, scratch, old_answer);
        new_authorizer.decide(world.request(), world, scratch, new_answer);
        if (old_answer.decision == new_answer.decision) return true;
        auto& place = old_answer.decision == Decision::allow ? out.now_denied : out.now_allowed;
        if (!place) {
          place = Example{world.describe(), "before: " + reasons(old_authorizer, old_answer) +
                                                "; after: " + reasons(new_authorizer, new_answer)};
        }
        const bool may_find_more = (!out.now_denied && !never_less) || (!out.now_allowed && !never_more);
        return may_find_more;
      });
  if (out.now_denied && out.now_allowed) out.change = Change::incomparable;
  if (out.now_denied && !out.now_allowed) out.change = Change::less_permissive;
  if (!out.now_denied && out.now_allowed) out.change = Change::more_permissive;
  switch (out.change) {
    case Change::equivalent:
      out.is_exact = false;
      break;
    case Change::incomparable:
      out.is_exact = true;
      break;
    case Change::less_permissive:
      out.is_exact = never_more;
      break;
    case Change::more_permissive:
      out.is_exact = never_less;
      break;
  }
  return out;
}

Inspection inspect(const PolicySet& set, const Schema& schema) {
  Inspection out;
  Arena arena;
  Mentions mentions;
  mentions.add(set, arena);
  const Authorizer permits(only(set, Effect::permit)), forbids(only(set, Effect::forbid));
  std::vector<bool> permit_matched(permits.size()), forbid_matched(forbids.size()), is_needed(forbids.size());
  Scratch scratch;
  Answer permitted, forbidden;
  const auto everywhere = environments(schema, [](const auto&...) { return true; });
  out.is_exhaustive =
      each_world(schema, mentions, arena, everywhere, worlds_max, out.worlds, [&](const Universe& world) {
        permits.decide(world.request(), world, scratch, permitted);
        forbids.decide(world.request(), world, scratch, forbidden);
        for (const std::uint32_t policy : permitted.reasons) permit_matched[policy] = true;
        for (const std::uint32_t policy : forbidden.reasons) forbid_matched[policy] = true;
        if (forbidden.reasons.size() == 1 && !permitted.reasons.empty()) is_needed[forbidden.reasons[0]] = true;
        return true;
      });
  for (std::uint32_t i = 0; i < permits.size(); ++i) {
    if (!permit_matched[i]) out.never_match.push_back(permits.policy_id(i));
  }
  for (std::uint32_t i = 0; i < forbids.size(); ++i) {
    if (!forbid_matched[i]) out.never_match.push_back(forbids.policy_id(i));
    if (forbid_matched[i] && !is_needed[i]) out.shadowed_forbids.push_back(forbids.policy_id(i));
  }
  return out;
}

}  // namespace nova::cedar
