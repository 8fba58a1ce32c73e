#include "governance/authority/readable.hpp"

#include "core/authority/authority.hpp"
#include "core/authority/grants.hpp"
#include "governance/authority/judge.hpp"

#include <algorithm>

namespace nova::authority {
namespace {

bool holds_any(const UserLine& user) {
  if (user.root_owner || !user.permissions.empty()) return true;
  const auto role = core::platform_role(user.role);
  const auto& all = core::platform_permissions();
  return role && std::any_of(all.begin(), all.end(), [&](auto name) { return core::grants(*role, name); });
}

store::Readable of_user(const Book& book, const std::string& id, core::Timestamp now) {
  store::Readable readable;
  const auto user = book.user(id);
  if (!user) return readable;
  readable.user = id;
  readable.everything = holds_any(*user);
  for (const auto& one : user->overrides) {
    if (!one.allow || (one.expires_at.ms != 0 && one.expires_at <= now)) continue;
    if (one.tenant.empty())
      readable.everything = true;
    else
      readable.tenants.push_back(one.tenant);
  }
  if (readable.everything) return readable;
  for (const auto& [tenant, line] : book.memberships(id, {}, readable_tenants_max)) readable.tenants.push_back(tenant);
  return readable;
}

}  // namespace

store::Readable readable_by(const Book& book, const core::Principal& principal, core::Timestamp now) {
  store::Readable readable;
  readable.everything = principal.type == "system" || principal.type == "service";
  if (principal.type == "user") return of_user(book, principal.id, now);
  if (is_key(principal))
    if (const auto key = key_of(book, principal)) readable.tenants.push_back(key->tenant);
  return readable;
}

}  // namespace nova::authority
