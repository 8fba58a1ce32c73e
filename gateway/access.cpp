#include "gateway/access.hpp"

#include "gateway/router.hpp"
#include "governance/authority/judge.hpp"
#include "governance/authority/readable.hpp"

#include <algorithm>

namespace nova::gateway {
namespace {

// Accounts and memberships are their users' to read; whose other entities are is known to the routes that list them.
std::string owner_of(const Request& request) {
  const auto* kind = request.route->kind;
  if (!kind || (kind->name != "user" && kind->name != "membership" && kind->name != "mfa_enrolment")) return {};
  const auto id =
      std::find_if(request.params.begin(), request.params.end(), [](const auto& p) { return p.first == "id"; });
  return id == request.params.end() ? std::string() : id->second;
}

core::Error no_tenant(std::string_view tenant) {
  return core::refusal("tenant.not_found", "there is no tenant `" + core::printable(tenant) + "`");
}

// Who was there knows that it is there, so they are told what happened (S21). They learn of nothing in it.
core::Error no_member(std::string_view tenant) {
  return core::refusal("access.denied", "you are no member of the tenant `" + core::printable(tenant) + "` any more")
      .with("missing", "membership")
      .fix("ask somebody who manages its members to invite you again");
}

}  // namespace

std::string tenant_of(const Request& request) {
  for (const auto& [name, value] : request.params)
    if (name == "tenant") return value;
  return std::string(request.query_value("tenant").value_or(""));
}

bool ReadGuard::was_member(const core::Principal& principal, std::string_view tenant) const {
  if (!identities_.book || principal.type != "user") return false;
  const auto line = identities_.book->membership(std::string(tenant), principal.id);
  return line && line->status == "removed" &&
         !authority::sees_tenant(*identities_.book, principal, tenant, clock_.now());
}

core::Status ReadGuard::service_may_name(const core::Principal& principal, std::string_view tenant) const {
  if (principal.type != "service" || operator_tenants_.empty() || tenant.empty() || tenant == "-" ||
      tenant == "system" || operator_tenants_.contains(tenant))
    return core::ok();
  return no_tenant(tenant);
}

core::Status ReadGuard::may_name(const core::Principal& principal, std::string_view tenant) const {
  if (!identities_.book || principal.type == "service" || principal.type == "system")
    return service_may_name(principal, tenant);
  if (core::is_name(tenant) && authority::sees_tenant(*identities_.book, principal, tenant, clock_.now()))
    return core::ok();
  if (was_member(principal, tenant)) return no_member(tenant);
  return no_tenant(tenant.substr(0, 128));
}

core::Status ReadGuard::may_read(const core::Principal& principal, const core::Access& access, std::string_view tenant,
                                 std::string_view owner) const {
  // Without a book there are only the node's own tokens.
  if (!identities_.book || principal.type == "service" || principal.type == "system")
    return service_may_name(principal, tenant);
  if (tenant == "-") tenant = {};
  const auto now = clock_.now();
  const auto& book = *identities_.book;
  const auto verdict = authority::judge(book, {principal, access, tenant, owner, now});
  if (verdict.allow) return core::ok();
  if (was_member(principal, tenant)) return no_member(tenant);
  if (!tenant.empty() && !authority::sees_tenant(book, principal, tenant, now)) return no_tenant(tenant);
  if (verdict.missing.empty())
    return core::refusal("auth.owner_required", "only the owner of this installation may read this");
  return core::refusal("access.denied", "this needs `" + verdict.missing + "`")
      .with("missing", verdict.missing)
      .fix(tenant.empty() ? "name one of your tenants: `?tenant=`" : "ask somebody who manages this tenant's members");
}

core::Status ReadGuard::may_anywhere(const core::Principal& principal, const core::Access& access) const {
  if (!identities_.book || principal.type == "service" || principal.type == "system") return core::ok();
  const auto& book = *identities_.book;
  const auto may = [&](std::string_view tenant) {
    return authority::judge(book, {principal, access, tenant, {}, clock_.now()}).allow;
  };
  bool allowed = may({});
  if (authority::is_key(principal)) {
    const auto key = authority::key_of(book, principal);
    allowed = key && may(key->tenant);
  } else if (!allowed) {
    const auto tenants = book.memberships(principal.id, {}, authority::readable_tenants_max);
    allowed = std::any_of(tenants.begin(), tenants.end(), [&](const auto& line) { return may(line.first); });
  }
  if (allowed) return core::ok();
  const auto missing = std::string(authority::is_key(principal) ? access.scope : access.capability);
  return core::refusal("access.denied", "this needs `" + missing + "` in a tenant of yours")
      .with("missing", missing)
      .fix("ask somebody who manages a tenant's members");
}

core::Status ReadGuard::admit(const Request& request) const {
  if (request.route->open || request.route->anonymous) return core::ok();
  if (identities_.book && !request.route->enrolling)
    if (auto there = authority::factor_there(*identities_.book, second_factor_for_, request.principal); !there)
      return there;
  if (!request.route->access) {
    // A command's gate says of what is there and what is not in different words; to them neither is said.
    const auto tenant = tenant_of(request);
    return was_member(request.principal, tenant) ? core::Status(no_member(tenant)) : core::ok();
  }
  if (request.route->anywhere) return may_anywhere(request.principal, *request.route->access);
  return may_read(request.principal, *request.route->access, tenant_of(request), owner_of(request));
}

}  // namespace nova::gateway
