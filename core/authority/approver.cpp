#include "core/authority/approver.hpp"

#include "core/authority/authority.hpp"
#include "core/authority/grants.hpp"

#include <algorithm>

namespace nova::core {
namespace {

constexpr std::string_view root = "root_owner", of_platform = "platform:", of_tenant = "tenant:";

bool holds_right(std::string_view right, const Caller& caller) {
  const auto role = platform_role(caller.platform_role);
  if (role && grants(*role, right)) return true;
  return !caller.tenant_role.empty() && allows(right, tenant_role(caller.tenant_role));
}

}  // namespace

bool is_approver_role(std::string_view role) {
  if (role == root) return true;
  if (role.starts_with(of_platform)) return platform_role(role.substr(of_platform.size())).has_value();
  return role.starts_with(of_tenant) && tenant_role(role.substr(of_tenant.size())) != TenantRole::none;
}

bool holds_role(std::string_view role, const Caller& caller) {
  if (caller.root_owner) return true;
  if (role.starts_with(of_platform)) return caller.platform_role == role.substr(of_platform.size());
  if (!role.starts_with(of_tenant)) return false;
  const auto wanted = tenant_role(role.substr(of_tenant.size()));
  return wanted != TenantRole::none && rank_of(tenant_role(caller.tenant_role)) >= rank_of(wanted);
}

bool may_decide(const Approvers& who, const Caller& caller) {
  if (caller.root_owner) return true;
  return std::any_of(who.roles.begin(), who.roles.end(), [&](const auto& role) { return holds_role(role, caller); }) ||
         std::any_of(who.permissions.begin(), who.permissions.end(),
                     [&](const auto& right) { return holds_right(right, caller); });
}

bool sees_approvals(std::string_view role) {
  if (!role.starts_with(of_platform)) return is_approver_role(role);
  const auto known = platform_role(role.substr(of_platform.size()));
  return known && grants(*known, "platform:read");
}

}  // namespace nova::core
