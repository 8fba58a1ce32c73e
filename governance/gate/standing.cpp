#include "governance/gate/standing.hpp"

#include "core/json.hpp"

namespace nova::gate {

std::string standing_of(const core::Caller& caller, std::string_view tenant_status) {
  std::string out;
  core::JsonWriter(out)
      .object()
      .field("context.caller.role", caller.platform_role)
      .field("context.caller.root_owner", caller.root_owner)
      .field("context.caller.tenant_role", caller.tenant_role)
      .field("context.tenant_status", tenant_status)
      .end();
  return out;
}

}  // namespace nova::gate
