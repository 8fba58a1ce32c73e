#include "governance/authority/judge.hpp"

// Who callers are and whether they may act at all. Apart from judge.cpp, which a test replaces to show what the
// database alone holds back (tests/borders).
namespace nova::authority {
namespace {

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

// An agent acts while it is active and its layer works.
core::Status agent_may_act(const Book& book, const KeyLine& key) {
  const auto agent = book.agent(key.agent);
  if (!agent || agent->status != "active")
    return forbidden("ai.agent_inactive", "the agent `" + key.agent + "` is " + (agent ? agent->status : "not known"));
  const auto layer = book.layer(agent->layer);
  if (layer && layer->status == "active") return core::ok();
  if (!layer || layer->status != "emergency_stopped")
    return forbidden("ai.layer_inactive", "the agent's layer is " + (layer ? layer->status : "not known"));
  auto stopped = core::refusal("ai.layer_stopped", "the agent's layer is stopped in an emergency");
  stopped.status = 503;
  return stopped;
}

}  // namespace

bool is_key(const core::Principal& principal) { return principal.type == "api_key" || principal.type == "ai"; }

std::optional<KeyLine> key_of(const Book& book, const core::Principal& principal) {
  const auto slash = principal.id.find('/');
  if (slash == std::string::npos) return std::nullopt;
  return book.key(principal.id.substr(0, slash), principal.id.substr(slash + 1));
}

core::Status may_act(const Book& book, const core::Principal& principal, core::Timestamp now) {
  if (principal.type != "user" && !is_key(principal)) return core::ok();
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
  if (auto may = user_may_act(book.user(key->user), now); !may) return may;
  // A key is what it was made for, whatever the caller says to be.
  if (key->agent.empty() != (principal.type != "ai"))
    return core::refusal("auth.required", "the key is not known here");
  return key->agent.empty() ? core::ok() : agent_may_act(book, *key);
}

core::Status session_open(const Book& book, const std::string& session, const std::string& user, core::Timestamp now) {
  const auto line = book.session(session);
  const auto person = book.user(user);
  if (line && person && line->user == user && line->status == "active" && now < line->expires_at &&
      line->started_at >= person->sessions_from)
    return core::ok();
  return core::refusal("auth.required", "the session has ended").fix("sign in again: `novactl login`");
}

core::Status factor_there(const Book& book, const FactorRoles& roles, const core::Principal& principal) {
  if (roles.empty() || principal.type != "user") return core::ok();
  const auto user = book.user(principal.id);
  if (!user || !(roles.contains(user->role) || (user->root_owner && roles.contains("owner")))) return core::ok();
  if (book.has_second_factor(principal.id)) return core::ok();
  const std::string role = user->root_owner ? "owner" : user->role;
  return core::refusal("auth.factor_required", "an account of the role `" + role + "` needs a second factor")
      .with("role", role)
      .fix("enrol one: `novactl mfa enrol`, or a passkey or an app on the sign-in page");
}

core::Status method_open(const Book& book, const std::string& method) {
  const auto line = book.method(method);
  if (!line || !line->closed) return core::ok();
  return core::refusal("auth.method_disabled", "the owner has closed this way of coming in: " + line->reason)
      .with("method", method)
      .fix("GET /api/auth/methods lists those that are open");
}

core::Caller caller_of(const Book& book, const core::Principal& principal, const std::string& tenant) {
  core::Caller caller;
  std::string id = principal.id;
  // An AI stands for nobody: not even one whose key the owner made is of the owner's level.
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
