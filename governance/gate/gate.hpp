// The gate before every command: a pure function over an immutable snapshot of the rules. It fails closed: without a
// snapshot, or when a rule errs, the answer is deny.
#pragma once
#include "core/envelope.hpp"
#include "core/kind.hpp"

#include <memory>
#include <string>

namespace nova::gate {

struct Request {
  const core::Principal& principal;
  const core::Kind& kind;
  const core::CommandRow& command;
  const core::EntityKey& resource;
  std::string_view tenant_status;  ///< "active", "suspended", "" when there is no such tenant
};

/// A compiled rule set. Immutable once published; `decide` may run on any thread at the same time.
class Rules {
 public:
  virtual ~Rules() = default;
  virtual core::DecisionRecord decide(const Request& request) const = 0;
};

/// The built-in rules of a node without a constitution: the runtime may deliver outcomes, timers, reports and workflow
/// steps (internal commands), the operator may send every open command, nobody else may do anything; a suspended tenant
/// takes no command but its own activation, archiving and outcomes.
std::shared_ptr<const Rules> make_builtin_rules();

/// Decides with `rules`, or denies with rule `gate.no_rules` when there are none.
core::DecisionRecord decide(const std::shared_ptr<const Rules>& rules, const Request& request);

/// The error that a denied caller gets: `gate.denied`, naming the rules.
core::Error denied(const core::DecisionRecord& decision);

}  // namespace nova::gate
