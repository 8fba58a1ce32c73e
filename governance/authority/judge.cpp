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

std::optional<KeyLine> key_of(const Book& book, const core::Principal& principal) {
  const auto slash = principal.id.find('/');
  if (slash == std::string::npos) return std::nullopt;
  return book.key(principal.id.substr(0, slash), principal.id.substr(slash + 1));
}

core::Error forbidden(std::string code, std::string message) {
  auto error = core::refusal(std::move(code), std::move(message));
  error.status = 403;
  return error;
}

core::Status user_may_act(const std::optional<UserLine>& user, core::Timestamp) {
  if (!user) return core::refusal("auth.required", "the user is not known here any more");
  if (user->status == "active") return core::ok();
  if (user->status == "pending")
    return forbidden("user.not_verified", "the address is not verified yet").fix("follow the link in the mail");
  return forbidden("user." + user->status, "the account is " + user->status).fix("ask the owner of this installation");
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
  if (principal.type == "api_key") {
    const auto key = key_of(book, principal);
    return key ? judge_key(book, question, *key) : no("unknown_key");
  }
  return no("default_deny", wanted(question.access));
}

core::Status may_act(const Book& book, const core::Principal& principal, core::Timestamp now) {
  if (principal.type != "user" && principal.type != "api_key") return core::ok();
  if (book.stale(std::chrono::steady_clock::now()))
    return core::unavailable("authority.stale", "this node has not heard from the log whether you may still act")
        .fix("try again in some seconds, or ask another node");
  if (principal.type == "user") return user_may_act(book.user(principal.id), now);
  const auto key = key_of(book, principal);
  if (!key) return core::refusal("auth.required", "the key is not known here");
  if (key->status == "suspended") return forbidden("api_key.suspended", "the key is suspended");
  if (key->status == "expired" || (key->expires_at.ms != 0 && key->expires_at <= now))
    return core::refusal("auth.required", "the key has expired").fix("rotate it, or make a new one");
  if (key->status != "active") return core::refusal("auth.required", "the key was revoked");
  return user_may_act(book.user(key->user), now);
}

core::Status session_open(const Book& book, const std::string& session, const std::string& user, core::Timestamp now) {
  const auto line = book.session(session);
  const auto person = book.user(user);
  if (line && person && line->user == user && line->status == "active" && now < line->expires_at &&
      line->started_at >= person->sessions_from)
    return core::ok();
  return core::refusal("auth.required", "the session has ended").fix("sign in again: `novactl login`");
}

bool sees_tenant(const Book& book, const core::Principal& principal, std::string_view tenant, core::Timestamp) {
  if (principal.type == "system" || principal.type == "service") return true;
  if (principal.type == "api_key") {
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

core::Caller caller_of(const Book& book, const core::Principal& principal, const std::string& tenant) {
  core::Caller caller;
  std::string id = principal.id;
  if (principal.type == "api_key") {
    const auto key = key_of(book, principal);
    if (!key) return caller;
    id = key->user;
  } else if (principal.type != "user") {
    return caller;
  }
  const auto user = book.user(id);
  if (!user) return caller;
  caller.platform_role = user->role;
  caller.root_owner = user->root_owner;
  if (const auto member = book.membership(tenant, id); member && member->status == "active")
    caller.tenant_role = member->role;
  return caller;
}

}  // namespace nova::authority
