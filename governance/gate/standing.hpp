// What the rules of roles decide on, for the record of what they deny.
#pragma once
#include "governance/gate/gate.hpp"

#include <string>

namespace nova::gate {

/// A JSON object under the names by which policies read the same: "context.caller.role", "context.caller.tenant_role",
/// "context.caller.root_owner", "context.tenant_status". Below a microsecond.
std::string standing_of(const core::Caller& caller, std::string_view tenant_status);
inline std::string standing_of(const Request& request) { return standing_of(request.caller, request.tenant_status); }

}  // namespace nova::gate
