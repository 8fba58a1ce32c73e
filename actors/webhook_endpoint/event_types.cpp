#include "actors/webhook_endpoint/event_types.hpp"

#include <algorithm>

namespace nova::webhook_endpoint {

const std::vector<EventType>& event_types() {
  static const std::vector<EventType> types = {
      {"DOMAIN_VERIFIED", {}},
      {"DOMAIN_FAILED", {}},
      {"DOMAIN_REMOVED", {}},
      {"SSL_ISSUED", {}},
      {"SSL_RENEWED", {}},
      {"SSL_EXPIRED", {}},
      {"PLATFORM_STATUS_CHANGED",
       {"platform.provisioned", "platform.deleting", "platform.deleted", "deployment.failed", "deployment.rolledback",
        "deployment.stopped", "deployment.health_changed", "deployment.service_quarantined"}},
      {"PLATFORM_DEPLOYED", {"deployment.completed"}},
      {"API_KEY_CREATED", {"api_key.created"}},
      {"API_KEY_REVOKED", {"api_key.revoked"}},
      {"API_KEY_ROTATED", {"api_key.rotated"}},
      // A tenant's users are its members; accounts belong to the tenant `system`.
      {"USER_CREATED", {"membership.accepted", "user.registered"}},
      {"USER_UPDATED", {"membership.role_changed", "user.role_changed", "user.profile_updated"}},
      {"USER_DELETED", {"membership.removed", "user.deactivated"}},
      {"SUBSCRIPTION_CREATED", {}},
      {"SUBSCRIPTION_UPDATED", {"tenant.tier_changed"}},
      {"SUBSCRIPTION_CANCELLED", {}},
      {"PAYMENT_RECEIVED", {}},
      {"PAYMENT_FAILED", {}},
      {"RATE_LIMIT_WARNING", {"rate.warned"}},
      {"RATE_LIMIT_EXCEEDED", {"rate.limited", "abuse.blocked"}},
      {"APPROVAL_REQUESTED", {"approval.requested", "approval.reminded", "approval.escalated"}},
      {"APPROVAL_DECIDED", {"approval.approved", "approval.rejected", "approval.expired", "approval.cancelled"}},
      {"APPROVAL_EXECUTED", {"approval.executed", "approval.execution_failed"}},
  };
  return types;
}

bool is_event_type(std::string_view name) {
  const auto& types = event_types();
  return std::any_of(types.begin(), types.end(), [&](const EventType& type) { return type.name == name; });
}

std::string_view type_of_event(std::string_view event) {
  for (const auto& type : event_types())
    if (std::find(type.sources.begin(), type.sources.end(), event) != type.sources.end()) return type.name;
  return {};
}

}  // namespace nova::webhook_endpoint
