// The gate before every command: a pure function over an immutable snapshot of the rules. It fails closed: without a
// snapshot, or when a rule errs, the answer is deny.
#pragma once
#include "core/envelope.hpp"
#include "core/kind.hpp"
#include "governance/gate/hold.hpp"

#include <memory>
#include <optional>
#include <string>

namespace nova::gate {

struct Request {
  const core::Principal& principal;
  const core::Kind& kind;
  const core::CommandRow& command;
  const core::EntityKey& resource;
  std::string_view tenant_status;  ///< "active", "suspended", "" when there is no such tenant
  std::string_view owner;          ///< user whose entity it is; known where the command's access speaks of one's own
  core::Timestamp now;
  // What policies may read beside it; there in every turn.
  core::Caller caller = {};
  bool exists = false;
  const void* state = nullptr;  ///< of `kind`, blank where there is none yet
  const void* input = nullptr;  ///< the command's struct
  std::string* read = nullptr;  ///< where rules put what they read of all this, a JSON object by path; may be null
};

/// A compiled rule set. Immutable once published; `decide` may run on any thread at the same time.
class Rules {
 public:
  virtual ~Rules() = default;
  virtual core::DecisionRecord decide(const Request& request) const = 0;
  /// Adds to the error of a denied caller what the rules say of themselves.
  virtual void explain(const core::DecisionRecord& decision, core::Error& error) const {
    static_cast<void>(decision), static_cast<void>(error);
  }
  /// Of a decision to hold this same request: what it asks for, and on what it stands. Rules that never hold have none.
  virtual HoldTerms terms(const Request& request, const core::DecisionRecord& decision) const {
    static_cast<void>(request), static_cast<void>(decision);
    return {};
  }
};

/// The built-in rules of a node without a constitution: the runtime may deliver outcomes, timers, reports and workflow
/// steps (internal commands), the operator may send every open command, nobody else may do anything; a suspended tenant
/// takes no command but its own activation, archiving, another tier and outcomes.
std::shared_ptr<const Rules> make_builtin_rules();

/// Decides with `rules`, or denies with rule `gate.no_rules` when there are none.
core::DecisionRecord decide(const std::shared_ptr<const Rules>& rules, const Request& request);

/// The error that a denied caller gets. `gate.denied` naming the rules; `tenant.suspended`; `entity.wrong_state` for
/// what belongs to a tenant that waits or was put away; by the rules of roles
/// `access.denied` naming what is missing, `auth.owner_required`, and `<kind>.not_found` for what a stranger may not
/// know.
core::Error denied(const core::DecisionRecord& decision, const Request& request);

/// Rules that `denied` knows by name.
inline constexpr std::string_view tenant_suspended_rule = "builtin.tenant_suspended";
inline constexpr std::string_view tenant_not_active_rule = "builtin.tenant_not_active";
inline constexpr std::string_view foreign_tenant_rule = "access.foreign_tenant";
inline constexpr std::string_view owner_only_rule = "access.owner_only";
inline constexpr std::string_view root_owner_rule = "access.root_owner";
inline constexpr std::string_view missing_prefix = "access.missing:";  ///< then the capability, permission or scope

/// The rules that hold for everybody, before any role is looked at: internal commands are the runtime's, a suspended
/// tenant takes nothing but its own reactivation or tier, a pending one nothing but its members, an archived one only
/// what ends things, nobody makes entities of the runtime. None: they have no objection.
std::optional<core::DecisionRecord> decide_first(const Request& request);
core::DecisionRecord decision_of(core::DecisionRecord::Answer answer, std::string rule);

}  // namespace nova::gate
