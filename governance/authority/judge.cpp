#include "governance/authority/judge.hpp"

#include "core/authority/grants.hpp"

#include <algorithm>

namespace nova::authority {
namespace {

Verdict yes(std::string rule) { return {true, std::move(rule), {}}; }
Verdict no(std::string rule, std::string missing = {}) { return {false, std::move(rule), std::move(missing)}; }

bool counts(const Override& one, std::string_view tenant, core::Timestamp now) {
  return (one.tenant.empty() || one.tenant == tenant) && (one.expires_at.ms == 0 || now < one.expires_at);
}

// What stands in the access words, for people: the first that is there is what is asked for usually.
std::string wanted(const core::Access& access) {
  return std::string(!access.capability.empty() ? access.capability : access.permission);
}

bool names(const core::Access& access, std::string_view permission) {
  return !permission.empty() && (permission == access.capability || permission == access.permission);
}

Verdict judge_user(const Book& book, const Question& question, const UserLine& user) {
  const auto& access = question.access;
  if (user.root_owner) return yes("root_owner");
  if (access.own && !question.owner.empty() && question.owner == question.principal.id) return yes("own");

  bool allowed_by_override = false;
  for (const auto& one : user.overrides) {
    if (!counts(one, question.tenant, question.now) || !names(access, one.permission)) continue;
    if (!one.allow) return no("override.deny", one.permission);
    allowed_by_override = true;
  }
  if (allowed_by_override) return yes("override.allow");

  if (!access.permission.empty()) {
    if (std::find(user.permissions.begin(), user.permissions.end(), access.permission) != user.permissions.end())
      return yes("permission");
    const auto role = core::platform_role(user.role);
    if (role && core::grants(*role, access.permission)) return yes("role." + user.role);
  }
  if (!access.capability.empty()) {
    const auto member = book.membership(std::string(question.tenant), question.principal.id);
    if (member && member->status == "active" && core::allows(access.capability, core::tenant_role(member->role)))
      return yes("tenant_role." + member->role);
  }
  return no("default_deny", wanted(access));
}

Verdict judge_key(const Book& book, const Question& question, const KeyLine& key) {
  const auto& scope = question.access.scope;
  if (key.tenant != question.tenant) return no("key.other_tenant");
  if (scope.empty()) return no("key.no_scope");
  if (std::find(key.scopes.begin(), key.scopes.end(), scope) == key.scopes.end())
    return no("key.scope", std::string(scope));
  // Scopes do not outlive the rights of who made the key (S22).
  const auto user = book.user(key.user);
  if (!user || user->status != "active") return no("key.creator");
  const core::Principal creator{key.user, "user"};
  auto access = question.access;
  access.own = false;
  auto verdict = judge_user(book, {creator, access, question.tenant, {}, question.now}, *user);
  return verdict.allow ? yes("key.scope+" + verdict.rule) : no("key.creator", verdict.missing);
}

}  // namespace

Verdict judge(const Book& book, const Question& question) {
  const auto& principal = question.principal;
  if (principal.type == "system") return yes("runtime");
  if (question.access.anyone) return yes("anyone");
  if (principal.type == "user") {
    const auto user = book.user(principal.id);
    return user ? judge_user(book, question, *user) : no("unknown_user");
  }
  if (is_key(principal)) {
    const auto key = key_of(book, principal);
    return key ? judge_key(book, question, *key) : no("unknown_key");
  }
  return no("default_deny", wanted(question.access));
}

core::Status method_open(const Book& book, const std::string& method) {
  const auto line = book.method(method);
  if (!line || !line->closed) return core::ok();
  return core::refusal("auth.method_disabled", "the owner has closed this way of coming in: " + line->reason)
      .with("method", method)
      .fix("GET /api/auth/methods lists those that are open");
}

bool sees_tenant(const Book& book, const core::Principal& principal, std::string_view tenant, core::Timestamp) {
  if (principal.type == "system" || principal.type == "service") return true;
  if (is_key(principal)) {
    const auto key = key_of(book, principal);
    return key && key->tenant == tenant;
  }
  if (principal.type != "user") return false;
  const auto user = book.user(principal.id);
  if (!user) return false;
  const auto role = core::platform_role(user->role);
  if (user->root_owner || (role && core::grants(*role, "platform:read"))) return true;
  const auto member = book.membership(std::string(tenant), principal.id);
  return member && member->status == "active";
}

}  // namespace nova::authority
