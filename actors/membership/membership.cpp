#include "actors/membership/membership.hpp"

#include "core/describe/codec.hpp"
#include "core/json.hpp"
#include "core/text.hpp"

#include <utility>

namespace nova::membership {
namespace {

using Events = std::vector<Event>;
using Outcome = core::Decision<Event>;
using Refusal = std::optional<core::Error>;

constexpr std::size_t message_bytes_max = 300;

core::Error wrong_state(const State& s, std::initializer_list<std::string_view> allowed) {
  return core::wrong_state(core::name_of(s.status), allowed);
}

TenantRole role_of(RoleWord word) { return core::tenant_role(core::name_of(word)); }

bool is_self(const core::Context& ctx) { return ctx.principal.type == "user" && ctx.principal.id == ctx.self.id; }

core::EntityKey member(const core::Context& ctx, const std::string& user) {
  return {ctx.self.tenant, "membership", user};
}

Refusal need_rank(TenantRole role, const core::Context& ctx) {
  if (core::caller_rank(ctx) >= core::rank_of(role)) return std::nullopt;
  return core::refuse("membership.rank", "`" + std::string(core::name_of(role)) + "` is above your own role here")
      .with("role", std::string(core::name_of(role)))
      .fix("ask an owner of the tenant");
}

bool is_active_owner(const core::Fact& fact) {
  return fact.exists && fact.status == "active" && core::json_text(fact.document, "role") == "owner";
}

// Named, because nobody can look over all memberships inside one entity's turn; strict, because two owners could
// otherwise demote each other at once.
Refusal need_other_owner(const std::string& other, const core::Context& ctx) {
  if (!other.empty() && other != ctx.self.id && is_active_owner(ctx.fact(member(ctx, other)))) return std::nullopt;
  return core::refuse("membership.last_owner", other.empty() ? "a tenant keeps an owner, and no other one was named"
                                                             : "`" + other + "` is no other active owner here")
      .fix("make somebody else owner first, and name them as `other_owner`");
}

bool may_join(const State& s) { return s.status == Status::absent || s.status == Status::removed; }

Outcome on(const State& s, const Invite& c, const core::Context& ctx) {
  const auto role = role_of(c.role);
  if (auto no = need_rank(role, ctx)) return *no;
  if (s.status == Status::invited && s.role == role) return Events{};
  if (!may_join(s)) return core::refuse("membership.exists", "`" + ctx.self.id + "` has a part in this tenant already");
  const auto& user = ctx.fact({"system", "user", ctx.self.id});
  if (!user.exists) return core::refuse("user.not_found", "there is no user `" + ctx.self.id + "`");
  if (user.status != "active" && user.status != "pending") return core::wrong_state(user.status, {"active", "pending"});
  return Events{Invited{role, ctx.principal.id, ctx.now}};
}

Outcome on(const State& s, const Enrol& c, const core::Context& ctx) {
  const auto role = role_of(c.role);
  if (s.status == Status::active && s.role == role) return Events{};
  if (!may_join(s)) return core::refuse("membership.exists", "`" + ctx.self.id + "` has a part in this tenant already");
  return Events{Invited{role, ctx.principal.id, ctx.now}, Accepted{ctx.now}};
}

Outcome on(const State& s, const Accept&, const core::Context& ctx) {
  if (!is_self(ctx) && ctx.principal.type != "system")
    return core::refuse("access.denied", "only who was invited can accept");
  if (s.status == Status::active) return Events{};
  if (s.status != Status::invited) return wrong_state(s, {"invited"});
  return Events{Accepted{ctx.now}};
}

Outcome on(const State& s, const ChangeRole& c, const core::Context& ctx) {
  if (s.status != Status::invited && s.status != Status::active) return wrong_state(s, {"invited", "active"});
  const auto role = role_of(c.role);
  if (auto no = need_rank(role, ctx)) return *no;
  if (auto no = need_rank(s.role, ctx)) return *no;
  if (s.role == role) return Events{};
  if (s.status == Status::active && s.role == TenantRole::owner)
    if (auto no = need_other_owner(c.other_owner, ctx)) return *no;
  return Events{RoleChanged{s.role, role, ctx.principal.id, ctx.now}};
}

Outcome on(const State& s, const Remove& c, const core::Context& ctx) {
  if (s.status == Status::removed) return Events{};
  if (s.status != Status::invited && s.status != Status::active) return wrong_state(s, {"invited", "active"});
  if (!is_self(ctx))  // anybody may leave
    if (auto no = need_rank(s.role, ctx)) return *no;
  if (s.status == Status::active && s.role == TenantRole::owner)
    if (auto no = need_other_owner(c.other_owner, ctx)) return *no;
  return Events{Removed{c.reason, ctx.principal.id, ctx.now}};
}

core::DoAsk hand_over(const TransferAsked& asked, const core::Context& ctx) {
  core::SendCommand command;
  command.tenant = ctx.self.tenant;
  command.kind = "membership";
  command.id = asked.to;
  command.name = "receive_ownership";
  core::JsonWriter(command.body.text = "").object().field("from", ctx.self.id).end();
  return {asked.work, "command", "send", core::to_json(command), {}};
}

// The other one becomes owner first and this one stops being it afterwards: in between there are two, never none.
Outcome on(const State& s, const TransferOwnership& c, const core::Context& ctx) {
  if (s.status != Status::active) return wrong_state(s, {"active"});
  if (s.role != TenantRole::owner)
    return core::refuse("membership.rank", "`" + ctx.self.id + "` is no owner here")
        .with("role", std::string(core::name_of(s.role)));
  if (!is_self(ctx))
    if (auto no = need_rank(TenantRole::owner, ctx)) return *no;
  if (c.to == ctx.self.id) return core::invalid_input("to", "must be somebody else");
  if (!s.work.empty()) {
    if (s.transfer_to == c.to) return Events{};
    return core::refuse("membership.transfer_exists", "the ownership is on its way to `" + s.transfer_to + "`");
  }
  const auto& to = ctx.fact(member(ctx, c.to));
  if (!to.exists) return core::refuse("membership.not_found", "`" + c.to + "` is no member here");
  if (to.status != "active") return core::wrong_state(to.status, {"active"});
  TransferAsked asked{c.to, ctx.principal.id, "transfer-" + std::to_string(s.transfers + 1)};
  auto work = hand_over(asked, ctx);
  return Outcome(Events{std::move(asked)}).work(std::move(work));
}

Outcome on(const State& s, const ReceiveOwnership& c, const core::Context& ctx) {
  if (s.status != Status::active) return wrong_state(s, {"active"});
  if (s.role == TenantRole::owner) return Events{};
  return Events{RoleChanged{s.role, TenantRole::owner, c.from, ctx.now}};
}

Outcome on(const State& s, const core::Settle& c, const core::Context& ctx) {
  if (s.work.empty() || s.work != c.work_id) return Events{};
  if (c.outcome != core::Outcome::done)
    return Events{TransferFailed{s.transfer_to, c.code, core::clean_text(c.message, message_bytes_max)}};
  // What was made an owner may have been unmade since.
  if (!is_active_owner(ctx.fact(member(ctx, s.transfer_to))))
    return Events{
        TransferFailed{s.transfer_to, "membership.last_owner", "`" + s.transfer_to + "` is no owner any more"}};
  return Events{RoleChanged{s.role, TenantRole::admin, s.transfer_by, ctx.now}};
}

void end_transfer(State& s) {
  s.transfer_to.clear();
  s.transfer_by.clear();
  s.work.clear();
}

void apply(State& s, const Invited& e) {
  const auto transfers = s.transfers;  // ids of works are never used again, not even after a removal
  s = {};
  s.transfers = transfers;
  s.status = Status::invited;
  s.role = e.role;
  s.invited_by = e.by;
  s.invited_at = e.at;
  s.changed_by = e.by;
  s.changed_at = e.at;
}
void apply(State& s, const Accepted& e) {
  s.status = Status::active;
  s.joined_at = e.at;
  s.changed_at = e.at;
}
void apply(State& s, const RoleChanged& e) {
  s.role = e.role;
  s.changed_by = e.by;
  s.changed_at = e.at;
  if (e.role != TenantRole::owner) end_transfer(s);
}
void apply(State& s, const Removed& e) {
  s.status = Status::removed;
  s.role = TenantRole::none;
  s.reason = e.reason;
  s.changed_by = e.by;
  s.changed_at = e.at;
  end_transfer(s);
}
void apply(State& s, const TransferAsked& e) {
  s.transfer_to = e.to;
  s.transfer_by = e.by;
  s.work = e.work;
  s.reason.clear();
  ++s.transfers;
}
void apply(State& s, const TransferFailed& e) {
  s.reason = e.code + ": " + e.message;
  end_transfer(s);
}

bool would_lose_owner(const State& s) { return s.status == Status::active && s.role == TenantRole::owner; }

}  // namespace

std::string needed_owner(const State& s, const ChangeRole& c) {
  return would_lose_owner(s) && role_of(c.role) != TenantRole::owner ? c.other_owner : UserId();
}
std::string needed_owner(const State& s, const Remove& c) { return would_lose_owner(s) ? c.other_owner : UserId(); }
std::string needed_owner(const State& s, const core::Settle& c) {
  return !s.work.empty() && c.work_id == s.work ? s.transfer_to : "";
}

core::Decision<Event> decide(const State& s, const Command& command, const core::Context& ctx) {
  return std::visit([&](const auto& c) { return on(s, c, ctx); }, command);
}

State evolve(State s, const Event& event) {
  std::visit([&](const auto& e) { apply(s, e); }, event);
  return s;
}

core::Summary summarise(const State& s) { return {std::string(core::name_of(s.status)), "", s.reason}; }

}  // namespace nova::membership
