#include "core/authority/authority.hpp"

#include <algorithm>

namespace nova::core {
namespace {

using Words = std::vector<std::string_view>;

constexpr int rank_above_all = 100;

bool holds(const Words& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

struct Capability {
  std::string_view code;
  TenantRole least;  ///< every row of the matrix allows a role and all above it
};

constexpr Capability matrix[] = {
    {"dashboard.view", TenantRole::viewer},   {"users.manage", TenantRole::admin},
    {"api_keys.manage", TenantRole::admin},   {"modules.manage", TenantRole::admin},
    {"connectors.manage", TenantRole::admin}, {"audit.view", TenantRole::staff},
    {"data.export", TenantRole::admin},       {"tenant.delete", TenantRole::owner},
    {"billing.manage", TenantRole::admin},    {"security.manage", TenantRole::admin},
    {"app.deploy", TenantRole::staff},        {"builder.access", TenantRole::staff},
    {"partners.manage", TenantRole::admin},   {"marketplace.manage", TenantRole::admin},
};

}  // namespace

const Words& names_of(const PlatformRole*) {
  static const Words names = {"free",         "basic", "pro",           "enterprise",      "sovereign",
                              "owner",        "admin", "finance_admin", "finance_manager", "accountant",
                              "support_agent"};
  return names;
}

std::optional<PlatformRole> platform_role(std::string_view name) {
  const auto& names = names_of(static_cast<const PlatformRole*>(nullptr));
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) return std::nullopt;
  return PlatformRole(found - names.begin());
}

const Words& names_of(const TenantRole*) {
  static const Words names = {"none", "viewer", "staff", "admin", "owner"};
  return names;
}

TenantRole tenant_role(std::string_view name) {
  if (name == "member") return TenantRole::staff;
  const auto& names = names_of(static_cast<const TenantRole*>(nullptr));
  const auto found = std::find(names.begin(), names.end(), name);
  return found == names.end() ? TenantRole::none : TenantRole(found - names.begin());
}

const Words& platform_permissions() {
  static const Words all = {"users:read",
                            "users:create",
                            "users:update",
                            "users:delete",
                            "users:ban",
                            "subscriptions:read",
                            "subscriptions:create",
                            "subscriptions:update",
                            "subscriptions:cancel",
                            "projects:read",
                            "projects:create",
                            "projects:update",
                            "projects:delete",
                            "projects:publish",
                            "ai:read",
                            "ai:configure",
                            "ai:suspend",
                            "ai:manage_models",
                            "platform:read",
                            "platform:configure",
                            "platform:maintenance",
                            "payments:read",
                            "payments:refund",
                            "payments:configure",
                            "features:read",
                            "features:create",
                            "features:update",
                            "features:delete",
                            "announcements:read",
                            "announcements:create",
                            "announcements:update",
                            "announcements:delete",
                            "audit:read",
                            "audit:export",
                            full_access};
  return all;
}
bool is_platform_permission(std::string_view name) { return holds(platform_permissions(), name); }

const Words& api_scopes() {
  static const Words all = {
      "platform.read",   "platform.write", "platform.delete",  "domains.read",  "domains.manage",  "ai.invoke",
      "ai.manage",       "billing.read",   "billing.manage",   "api_keys.read", "api_keys.manage", "webhooks.read",
      "webhooks.manage", "webhooks.send",  "users.read",       "users.manage",  "projects.read",   "projects.write",
      "projects.delete", "analytics.read", "analytics.export", "settings.read", "settings.write"};
  return all;
}
bool is_api_scope(std::string_view name) { return holds(api_scopes(), name); }

const Words& tenant_capabilities() {
  static const Words all = [] {
    Words words;
    for (const auto& row : matrix) words.push_back(row.code);
    return words;
  }();
  return all;
}
bool is_tenant_capability(std::string_view name) { return holds(tenant_capabilities(), name); }

bool allows(std::string_view capability, TenantRole role) {
  for (const auto& row : matrix)
    if (row.code == capability) return rank_of(role) >= rank_of(row.least);
  return false;
}

bool is_owner_level(const Context& context) {
  return context.caller.root_owner || context.principal.type == "system" || context.principal.type == "service";
}

int caller_rank(const Context& context) {
  const auto role = platform_role(context.caller.platform_role);
  if (is_owner_level(context) || role == PlatformRole::owner || role == PlatformRole::sovereign) return rank_above_all;
  return rank_of(tenant_role(context.caller.tenant_role));
}

}  // namespace nova::core
