#include "actors/user/user.hpp"

#include <algorithm>
#include <utility>

namespace nova::user {
namespace {

using Events = std::vector<Event>;
using Outcome = core::Decision<Event>;
using Refusal = std::optional<core::Error>;

constexpr std::string_view first_role = "free";
constexpr std::string_view owner_role = "owner";

core::Error wrong_state(const State& s, std::initializer_list<std::string_view> allowed) {
  return core::wrong_state(core::name_of(s.status), allowed);
}

bool is_any(Status status, std::initializer_list<Status> wanted) {
  return std::find(wanted.begin(), wanted.end(), status) != wanted.end();
}

bool is_blank(std::string_view text) { return text.find_first_not_of(" \t\r\n") == std::string_view::npos; }

// Whoever asks: also the owner, the operator and the runtime.
Refusal spare_owner(const State& s) {
  if (!s.root_owner) return std::nullopt;
  return core::refuse("user.root_owner_immutable",
                      "the root owner cannot be suspended, banned, demoted or given other permissions")
      .fix("nothing does this to the owner; to shut out who holds the account, the owner ends sessions and passkeys");
}

Refusal need_reason(const Why& reason) {
  if (!is_blank(reason)) return std::nullopt;
  return core::refuse("user.reason_required", "this needs a reason")
      .fix("say why; the person and the audit will see it");
}

core::Error owner_required() { return core::refuse("auth.owner_required", "only the owner may do this"); }

Refusal too_long(const core::Personal& text, std::string path, std::size_t bytes_max) {
  if (text.value.size() <= bytes_max) return std::nullopt;
  return core::invalid_input(std::move(path), "must have at most " + std::to_string(bytes_max) + " bytes");
}

Refusal check_account(const Account& a) {
  if (a.email.value.empty()) return core::invalid_input("account.email", "must not be empty");
  if (auto wrong = too_long(a.email, "account.email", email_bytes_max)) return wrong;
  if (auto wrong = too_long(a.username, "account.username", name_bytes_max)) return wrong;
  return too_long(a.full_name, "account.full_name", name_bytes_max);
}

core::ClaimAsk claim_email(const Account& account) {
  return {"email/" + std::string(account.email_key), false, "user.email_taken"};
}

Registered registered(const Account& account, std::string_view role, const std::optional<core::Secret>& password,
                      const core::Context& ctx) {
  return {account, std::string(role), password.value_or(core::Secret{}), ctx.principal.id, ctx.now};
}

Outcome on(const State& s, const Register& c, const core::Context& ctx) {
  if (s.status != Status::absent)
    return s.account.email_key == c.account.email_key ? Outcome(Events{}) : Outcome(wrong_state(s, {"absent"}));
  if (auto wrong = check_account(c.account)) return *wrong;
  Events events{registered(c.account, first_role, c.password, ctx)};
  if (c.verified) events.push_back(Verified{ctx.principal.id, ctx.now});
  return Outcome(std::move(events)).claim(claim_email(c.account));
}

Outcome on(const State& s, const EnrolOwner& c, const core::Context& ctx) {
  if (s.root_owner) return Events{};
  if (s.status != Status::absent) return wrong_state(s, {"absent"});
  if (auto wrong = check_account(c.account)) return *wrong;
  return Outcome(Events{registered(c.account, owner_role, c.password, ctx), Verified{ctx.principal.id, ctx.now},
                        OwnerEnrolled{ctx.now}})
      .claim({"root-owner", false, "user.one_owner_only"})
      .claim(claim_email(c.account));
}

Outcome on(const State& s, const Verify&, const core::Context& ctx) {
  if (s.status == Status::active) return Events{};
  if (s.status != Status::pending) return wrong_state(s, {"pending"});
  return Events{Verified{ctx.principal.id, ctx.now}};
}

Outcome on(const State& s, const Suspend& c, const core::Context& ctx) {
  if (auto spared = spare_owner(s)) return *spared;
  if (auto missing = need_reason(c.reason)) return *missing;
  if (s.status == Status::suspended) return Events{};
  if (s.status != Status::active) return wrong_state(s, {"active"});
  return Events{Suspended{s.status, c.reason, ctx.principal.id, ctx.now}};
}

Outcome on(const State& s, const Ban& c, const core::Context& ctx) {
  if (auto spared = spare_owner(s)) return *spared;
  if (auto missing = need_reason(c.reason)) return *missing;
  if (s.status == Status::banned) return Events{};
  if (!is_any(s.status, {Status::active, Status::suspended})) return wrong_state(s, {"active", "suspended"});
  return Events{Banned{s.status, c.reason, ctx.principal.id, ctx.now}};
}

Outcome on(const State& s, const Reactivate& c, const core::Context& ctx) {
  if (s.status == Status::active) return Events{};
  if (!is_any(s.status, {Status::suspended, Status::banned, Status::deactivated}))
    return wrong_state(s, {"suspended", "banned", "deactivated"});
  if (s.status == Status::banned && !core::is_owner_level(ctx)) return owner_required();
  return Events{Reactivated{s.status, c.reason, ctx.principal.id, ctx.now}};
}

Outcome on(const State& s, const Deactivate& c, const core::Context& ctx) {
  if (auto spared = spare_owner(s)) return *spared;
  const bool self = ctx.principal.type == "user" && ctx.principal.id == ctx.self.id;
  if (!self && !core::is_owner_level(ctx)) return owner_required();
  if (s.status == Status::deactivated) return Events{};
  if (s.status != Status::active) return wrong_state(s, {"active"});
  return Events{Deactivated{s.status, c.reason, ctx.principal.id, ctx.now}};
}

// What is decided about somebody who may come back: not about the banned and those who left.
Refusal need_governable(const State& s) {
  if (auto spared = spare_owner(s)) return spared;
  if (!is_any(s.status, {Status::pending, Status::active, Status::suspended}))
    return wrong_state(s, {"pending", "active", "suspended"});
  return std::nullopt;
}

Refusal need_present(const State& s) {
  if (!is_any(s.status, {Status::pending, Status::active})) return wrong_state(s, {"pending", "active"});
  return std::nullopt;
}

core::Error unknown_permission(std::string_view name) {
  return core::refuse("user.unknown_permission", "`" + std::string(name) + "` is no permission")
      .with("permission", std::string(name));
}

core::Error one_owner_only() { return core::refuse("user.one_owner_only", "there is one root owner, and only one"); }

Outcome on(const State& s, const ChangeRole& c, const core::Context& ctx) {
  if (auto no = need_governable(s)) return *no;
  const auto role = core::platform_role(c.role);
  if (!role) return core::refuse("user.unknown_role", "`" + c.role + "` is no role").with("role", c.role);
  if (*role == core::PlatformRole::owner) return one_owner_only();
  // Subscriptions give the others; who is of the platform's own people is the owner's word alone.
  const auto held = core::platform_role(s.role);
  const bool of_staff = !core::is_subscriber(*role) || (held && !core::is_subscriber(*held));
  if (of_staff && !core::is_owner_level(ctx)) return owner_required();
  if (s.role == c.role) return Events{};
  return Events{RoleChanged{s.role, c.role, c.reason, ctx.principal.id, ctx.now}};
}

Outcome on(const State& s, const SetPermissions& c, const core::Context& ctx) {
  if (auto no = need_governable(s)) return *no;
  std::vector<std::string> permissions;
  for (const auto& name : c.permissions) {
    if (!core::is_platform_permission(name)) return unknown_permission(name);
    if (name == core::full_access) return one_owner_only();
    permissions.push_back(name);
  }
  if (s.permissions == permissions) return Events{};
  return Events{PermissionsSet{std::move(permissions), ctx.principal.id, ctx.now}};
}

bool is_over(const Override& o, core::Timestamp now) { return o.expires_at && *o.expires_at <= now; }

const Override* find_override(const State& s, std::string_view permission, std::string_view tenant) {
  const auto found = std::find_if(s.overrides.begin(), s.overrides.end(),
                                  [&](const Override& o) { return o.permission == permission && o.tenant == tenant; });
  return found == s.overrides.end() ? nullptr : &*found;
}

Outcome on(const State& s, const SetOverride& c, const core::Context& ctx) {
  if (auto no = need_governable(s)) return *no;
  const bool capability = core::is_tenant_capability(c.permission);
  if (!capability && !core::is_platform_permission(c.permission)) return unknown_permission(c.permission);
  if (c.permission == core::full_access && c.grant == Grant::allow) return one_owner_only();
  // Allowed everywhere, it would reach into tenants that the user has no part in.
  if (capability && c.tenant.empty())
    return core::invalid_input("tenant", "must name the tenant in which the capability is meant");
  if (c.expires_at && *c.expires_at <= ctx.now) return core::invalid_input("expires_at", "must be in the future");
  const auto* held = find_override(s, c.permission, c.tenant);
  if (held && held->grant == c.grant && held->expires_at == c.expires_at) return Events{};
  const auto counting =
      std::count_if(s.overrides.begin(), s.overrides.end(), [&](const Override& o) { return !is_over(o, ctx.now); });
  if (!held && std::size_t(counting) >= overrides_max)
    return core::refuse("user.overrides_limit", "there are " + std::to_string(overrides_max) + " overrides already")
        .fix("clear one, or give a role");
  return Events{OverrideSet{c.permission, c.grant, c.tenant, c.expires_at, ctx.principal.id, ctx.now}};
}

Outcome on(const State& s, const ClearOverride& c, const core::Context& ctx) {
  if (auto no = need_governable(s)) return *no;
  if (!find_override(s, c.permission, c.tenant)) return Events{};
  return Events{OverrideCleared{c.permission, c.tenant, ctx.principal.id}};
}

Outcome on(const State& s, const UpdateProfile& c, const core::Context& ctx) {
  if (auto no = need_present(s)) return *no;
  if (!c.username && !c.full_name && !c.language)
    return core::refuse("input.nothing_to_change", "no field was given that could be changed");
  ProfileUpdated event{c.username.value_or(s.account.username), c.full_name.value_or(s.account.full_name),
                       c.language.value_or(s.account.language), ctx.principal.id};
  if (auto wrong = too_long(event.username, "username", name_bytes_max)) return *wrong;
  if (auto wrong = too_long(event.full_name, "full_name", name_bytes_max)) return *wrong;
  if (event.username == s.account.username && event.full_name == s.account.full_name &&
      event.language == s.account.language)
    return Events{};
  return Events{std::move(event)};
}

Outcome on(const State& s, const SetPassword& c, const core::Context& ctx) {
  if (auto no = need_present(s)) return *no;
  if (s.password == c.password) return Events{};
  return Events{PasswordChanged{c.password, c.reset, ctx.now}};
}

// Whoever is signed in anywhere signs in anew; no session is looked at, so none that begins meanwhile is missed.
Outcome on(const State& s, const RevokeSessions& c, const core::Context& ctx) {
  if (s.status == Status::absent) return wrong_state(s, {"pending", "active"});
  if (s.sessions_revoked_at == ctx.now) return Events{};
  return Events{SessionsRevoked{c.reason, ctx.principal.id, ctx.now}};
}

Outcome on(const State& s, const NoteLogin& c, const core::Context& ctx) {
  if (s.status != Status::active) return wrong_state(s, {"active"});
  // The tenth guess may have been on its way while the right one was.
  if (is_locked(s, ctx.now))
    return core::refuse("auth.locked", "too many logins have failed").with("until", core::to_rfc3339(s.locked_until));
  if (s.last_login_at == ctx.now && s.failed_logins == 0) return Events{};
  return Events{LoggedIn{c.method, c.place, ctx.now}};
}

Outcome on(const State& s, const NoteFailure& c, const core::Context& ctx) {
  if (s.status == Status::absent) return wrong_state(s, {"pending", "active"});
  // Nobody gets in anyway, and a flood of guesses shall not fill the log.
  if (!is_any(s.status, {Status::pending, Status::active}) || is_locked(s, ctx.now)) return Events{};
  const auto failures = s.failed_logins + 1;
  Events events{LoginFailed{failures, c.place, ctx.now}};
  if (failures >= failures_until_locked) events.push_back(Locked{ctx.now + lock_life});
  return events;
}

void enter(State& s, Status status, std::string reason, const std::string& by, core::Timestamp at) {
  s.status = status;
  s.reason = std::move(reason);
  s.changed_by = by;
  s.changed_at = at;
}

void apply(State& s, const Registered& e) {
  s.account = e.account;
  s.role = e.role;
  s.password = e.password;
  s.password_at = e.at;
  s.created_by = e.by;
  s.created_at = e.at;
  enter(s, Status::pending, "", e.by, e.at);
}
void apply(State& s, const OwnerEnrolled&) { s.root_owner = true; }
void apply(State& s, const Verified& e) {
  s.email_verified = true;
  enter(s, Status::active, "", e.by, e.at);
}
template <Status To>
void apply(State& s, const Moved<To>& e) {
  if (To != Status::active) s.stopped_at = e.at;
  enter(s, To, To == Status::active ? "" : e.reason, e.by, e.at);
}
void apply(State& s, const RoleChanged& e) { s.role = e.role; }
void apply(State& s, const PermissionsSet& e) { s.permissions = e.permissions; }
void apply(State& s, const ProfileUpdated& e) {
  s.account.username = e.username;
  s.account.full_name = e.full_name;
  s.account.language = e.language;
}
void apply(State& s, const PasswordChanged& e) {
  s.password = e.password;
  s.password_at = e.at;
}
void apply(State& s, const ProviderLinked& e) {
  std::erase_if(s.links, [&](const Link& link) { return link.provider == e.provider; });
  s.links.push_back({e.provider, e.subject_key});
}
void apply(State& s, const SessionsRevoked& e) { s.sessions_revoked_at = e.at; }
void apply(State& s, const OverrideSet& e) {
  std::erase_if(s.overrides, [&](const Override& o) {
    return is_over(o, e.at) || (o.permission == e.permission && o.tenant == e.tenant);
  });
  s.overrides.push_back({e.permission, e.grant, e.tenant, e.expires_at, e.by});
}
void apply(State& s, const OverrideCleared& e) {
  std::erase_if(s.overrides, [&](const Override& o) { return o.permission == e.permission && o.tenant == e.tenant; });
}
void apply(State& s, const LoggedIn& e) {
  s.last_login_at = e.at;
  s.last_login_method = e.method;
  if (!e.place.empty()) {
    std::erase(s.places, e.place);
    if (s.places.size() == places_max) s.places.erase(s.places.begin());
    s.places.push_back(e.place);
  }
  s.failed_logins = 0;
}
void apply(State& s, const LoginFailed& e) { s.failed_logins = e.failures; }
void apply(State& s, const Locked& e) {
  s.locked_until = e.until;
  s.failed_logins = 0;
}

}  // namespace

core::Decision<Event> decide(const State& s, const Command& command, const core::Context& ctx) {
  return std::visit([&](const auto& c) { return on(s, c, ctx); }, command);
}

State evolve(State s, const Event& event) {
  std::visit([&](const auto& e) { apply(s, e); }, event);
  return s;
}

core::Summary summarise(const State& s) { return {std::string(core::name_of(s.status)), "", s.reason}; }

}  // namespace nova::user
