#include "core/authority/grants.hpp"

#include <algorithm>

namespace nova::core {
namespace {

using Words = std::vector<std::string_view>;

const Words& of(PlatformRole role) {
  static const Words none;
  static const Words admin = {"users:read",
                              "users:update",
                              "subscriptions:read",
                              "projects:read",
                              "ai:read",
                              "platform:read",
                              "payments:read",
                              "features:read",
                              "announcements:read",
                              "announcements:create",
                              "announcements:update",
                              "announcements:delete",
                              "audit:read"};
  static const Words finance_admin = {"users:read",           "subscriptions:read",   "subscriptions:create",
                                      "subscriptions:update", "subscriptions:cancel", "payments:read",
                                      "payments:refund",      "payments:configure",   "audit:read"};
  static const Words finance_manager = {"subscriptions:read", "subscriptions:update", "payments:read",
                                        "payments:refund"};
  static const Words accountant = {"subscriptions:read", "payments:read", "audit:read"};
  static const Words support_agent = {"users:read", "subscriptions:read", "projects:read", "announcements:read"};
  switch (role) {
    case PlatformRole::admin:
      return admin;
    case PlatformRole::finance_admin:
      return finance_admin;
    case PlatformRole::finance_manager:
      return finance_manager;
    case PlatformRole::accountant:
      return accountant;
    case PlatformRole::support_agent:
      return support_agent;
    default:
      return none;
  }
}

}  // namespace

bool grants(PlatformRole role, std::string_view permission) {
  if (role == PlatformRole::owner) return permission != full_access && is_platform_permission(permission);
  const auto& words = of(role);
  return std::find(words.begin(), words.end(), permission) != words.end();
}

}  // namespace nova::core
