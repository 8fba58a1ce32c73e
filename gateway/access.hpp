// Who may read what through the API (S21, S25). Commands are the gate's business; reads have no turn of an entity, so
// they are judged here, at the door, by the same book.
#pragma once
#include "core/authority/access.hpp"
#include "gateway/gateway.hpp"
#include "gateway/http.hpp"

#include <string>
#include <string_view>

namespace nova::gateway {

/// The tenant that a request's path or query names; empty: none.
std::string tenant_of(const Request& request);

/// Any thread; microseconds.
class ReadGuard {
 public:
  ReadGuard(const Options& options, core::Clock& clock)
      : identities_(options.identities),
        operator_tenants_(options.operator_tenants),
        second_factor_for_(options.second_factor_for),
        clock_(clock) {}

  /// Whether the principal may read in the tenant ("" or "-": all of them). What a stranger may not know of does not
  /// exist: `tenant.not_found`. A member who lacks something is told what: `access.denied`, `auth.owner_required`; and
  /// so is who was a member.
  core::Status may_read(const core::Principal& principal, const core::Access& access, std::string_view tenant,
                        std::string_view owner = {}) const;
  /// Whether the principal may do this for the platform or in one of its tenants: `access.denied`.
  core::Status may_anywhere(const core::Principal& principal, const core::Access& access) const;
  /// Whether the principal may name the tenant at all: `tenant.not_found`; `access.denied` for who was a member.
  core::Status may_name(const core::Principal& principal, std::string_view tenant) const;
  /// The same for a request and its route; and `auth.factor_required` for who must enrol a second factor first.
  core::Status admit(const Request& request) const;

 private:
  bool was_member(const core::Principal& principal, std::string_view tenant) const;
  core::Status service_may_name(const core::Principal& principal, std::string_view tenant) const;

  const Identities& identities_;
  const std::set<std::string, std::less<>>& operator_tenants_;
  const authority::FactorRoles& second_factor_for_;
  core::Clock& clock_;
};

}  // namespace nova::gateway
