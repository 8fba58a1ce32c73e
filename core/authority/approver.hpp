// Who may decide for others (S04), in words that can be stored: a gate's groups and its escalation name roles and
// rights, and a caller's standing says whether they hold one. Pure; any thread.
#pragma once
#include "core/decision.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace nova::core {

/// Any one of these is enough. Roles are `root_owner`, `platform:<role>` and `tenant:<role>` (and above it); rights are
/// platform permissions and tenant capabilities, as the caller's roles grant them.
struct Approvers {
  std::vector<std::string> roles;
  std::vector<std::string> permissions;
};

bool is_approver_role(std::string_view role);

/// The root owner may decide wherever anybody may: nobody stands above.
bool may_decide(const Approvers& who, const Caller& caller);
bool holds_role(std::string_view role, const Caller& caller);

/// Whether who holds the role can open approvals at all.
bool sees_approvals(std::string_view role);

}  // namespace nova::core
