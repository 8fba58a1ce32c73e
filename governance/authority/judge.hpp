// Who may do what, by role, capability, permission, override and key scope (S21, S22): a pure question to the book.
#pragma once
#include "core/error.hpp"
#include "core/kind.hpp"
#include "core/result.hpp"
#include "governance/authority/book.hpp"

#include <functional>
#include <set>
#include <string>
#include <string_view>

namespace nova::authority {

/// What is asked for. `owner` is the user to whom the thing belongs ("": nobody's own).
struct Question {
  const core::Principal& principal;
  const core::Access& access;
  std::string_view tenant;
  std::string_view owner;
  core::Timestamp now;
};

/// Yes or no with the rule that said so: "role.admin", "tenant_role.staff", "override.deny", "key.scope", "own",
/// "root_owner", "default_deny" ... `missing` names what would have helped.
struct Verdict {
  bool allow = false;
  std::string rule;
  std::string missing;
};

/// Deny beats allow; an override beats roles; a platform role that grants it beats the tenant's role. A key may do what
/// its scopes and its creator may, both, now.
Verdict judge(const Book& book, const Question& question);

/// Whether the principal may act at all now, whatever it asks: `user.suspended`, `user.banned`, `user.deactivated`,
/// `user.not_verified` (403), `api_key.suspended` (403), `api_key.revoked`, `api_key.expired`, `auth.required` (401).
/// `authority.stale` (503) while the node does not hear what others commit.
core::Status may_act(const Book& book, const core::Principal& principal, core::Timestamp now);

/// Whether the session is the user's and open: not ended, over or older than the user's password. `auth.required`.
core::Status session_open(const Book& book, const std::string& session, const std::string& user, core::Timestamp now);

/// Of whom a second factor is demanded: names of platform roles, of which `owner` is also the root owner.
using FactorRoles = std::set<std::string, std::less<>>;

/// Whether the person has the second factor that is demanded of their role: `auth.factor_required` (403). Others than
/// people have none and pass.
core::Status factor_there(const Book& book, const FactorRoles& roles, const core::Principal& principal);

/// Whether the owner lets people come in by this method: `auth.method_disabled`.
core::Status method_open(const Book& book, const std::string& method);

/// Whether the tenant is one that the principal may name at all: its memberships, the key's own, every one for who has
/// platform rights in `access`. Others are told that it does not exist.
bool sees_tenant(const Book& book, const core::Principal& principal, std::string_view tenant, core::Timestamp now);

/// True for who signs in with an API key: a key as such, or an AI agent (type `ai`); the id is `tenant/key`.
bool is_key(const core::Principal& principal);

/// The key that the principal is, "<tenant>/<key id>".
std::optional<KeyLine> key_of(const Book& book, const core::Principal& principal);

/// What decisions are told of the caller.
core::Caller caller_of(const Book& book, const core::Principal& principal, const std::string& tenant);

}  // namespace nova::authority
