// The guard (S02): a request to AI against the facts, in the order that the documents fix. Pure.
#pragma once
#include "actors/ai_execution/ai_execution.hpp"

namespace nova::ai_execution {

struct Verdict {
  std::optional<Violation> refused;  ///< the first that blocks; nothing after it was looked at
  std::vector<Violation> warnings;   ///< broken rules that do not block at this level of enforcement
  std::vector<std::string> held_by;  ///< why a person must decide; only of what is not refused
  std::string breached;              ///< the limit of the tier that refused it; empty: none
  std::string missing;               ///< the permission code that it lacks; empty: none
};

/// What no AI may do, whatever it is given (S02); the sentences are for people. Null: there is no such one.
struct Prohibition {
  std::string_view id, en, ar;
};
const Prohibition* find_prohibition(std::string_view id);

/// The kill switches that cover the request, whoever engages them when; beside those of its agent's model.
std::vector<core::EntityKey> switches_of(const Request& request, const std::string& tenant);

/// Why a kill switch stops the request now; none: none does.
std::optional<std::string> stopped_by(const Request& request, const core::Context& ctx);

/// Reads `ctx.facts`, which the command's row asks for. A fact that cannot be read refuses: `ai.check_failed`.
Verdict judge(const Request& request, const core::Context& ctx);

}  // namespace nova::ai_execution
