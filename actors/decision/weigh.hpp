// What stands against a decision: policies of the owner and engaged kill switches, as the facts say. Pure.
#pragma once
#include "actors/decision/decision.hpp"
#include "core/result.hpp"

namespace nova::decision {

/// The facts that a look needs: the policies by id, and the switches that could cover the decision.
std::vector<core::FactNeed> needs_of(const core::EntityKey& self, const std::string& platform,
                                     const std::vector<core::EntityId>& policies);

struct Look {
  std::vector<Violation> violations;  ///< those of the highest priority first
  std::vector<std::string> policies;  ///< ids of all that were looked at
  bool denied = false;
};
/// `decision.policy_unreadable` (503) for one that cannot be read: doubt stops.
core::Result<Look> look(const State& state, const std::vector<core::EntityId>& policies, const core::Context& ctx);

/// `decision.policy_violated` (403) with the message of the first.
core::Error violated(const std::vector<Violation>& violations);

/// `killswitch.active` (503) while a switch covers it.
std::optional<core::Error> refuse_stopped(const State& state, const core::Context& ctx);

}  // namespace nova::decision
