#include "actors/api_key/api_key.hpp"

#include <algorithm>

#include <utility>

namespace nova::api_key {
namespace {

using Events = std::vector<Event>;
using Outcome = core::Decision<Event>;
using Refusal = std::optional<core::Error>;

constexpr std::string_view expiry_timer = "expiry";

core::Error wrong_state(const State& s, std::initializer_list<std::string_view> allowed) {
  return core::wrong_state(core::name_of(s.status), allowed);
}

bool is_over(const State& s, core::Timestamp now) { return s.expires_at && *s.expires_at <= now; }

Refusal need_time(const State& s, core::Timestamp now) {
  if (!is_over(s, now)) return std::nullopt;
  return core::refuse("api_key.expired", "its time is over").fix("create another one");
}

// Of two keys that are made in the same moment one gets the last place.
core::ClaimAsk place_claim(const core::Context& ctx, std::int64_t place, bool release) {
  return {"api_key/" + ctx.self.tenant + "/" + std::to_string(place), release, release ? "" : "api_key.place_taken"};
}

Outcome without_place(Outcome outcome, const State& s, const core::Context& ctx) {
  if (s.place) outcome.asks().claims.push_back(place_claim(ctx, *s.place, true));
  return outcome;
}

core::TimerAsk no_timer() { return {std::string(expiry_timer), std::nullopt}; }

Outcome on(const State& s, const Create& c, const core::Context& ctx) {
  if (s.status != Status::absent)
    return s.status == Status::active && s.mark == c.mark ? Outcome(Events{}) : Outcome(wrong_state(s, {"absent"}));
  if (c.scopes.empty()) return core::invalid_input("scopes", "must name at least one");
  for (const auto& scope : c.scopes)
    if (!core::is_api_scope(scope))
      return core::refuse("api_key.unknown_scope", "`" + scope + "` is no scope").with("scope", scope);
  const auto end = c.expires_at.value_or(ctx.now + life_default);
  if (end <= ctx.now) return core::invalid_input("expires_at", "must be in the future");
  if (end > ctx.now + life_max) return core::invalid_input("expires_at", "must be at most 365 days ahead");
  Outcome outcome(Events{Created{c.name,
                                 c.user,
                                 c.mark,
                                 {c.scopes.begin(), c.scopes.end()},
                                 c.rate_tier,
                                 c.limits,
                                 end,
                                 ctx.principal.id,
                                 ctx.now,
                                 c.agent,
                                 c.place}});
  if (c.place) outcome.asks().claims.push_back(place_claim(ctx, *c.place, false));
  return std::move(outcome).timer({std::string(expiry_timer), end});
}

Outcome on(const State& s, const Suspend& c, const core::Context& ctx) {
  if (s.status == Status::suspended) return Events{};
  if (s.status != Status::active) return wrong_state(s, {"active"});
  return Events{Suspended{c.reason, ctx.principal.id, ctx.now}};
}

Outcome on(const State& s, const Activate&, const core::Context& ctx) {
  if (s.status == Status::active) return Events{};
  if (s.status != Status::suspended) return wrong_state(s, {"suspended"});
  if (auto no = need_time(s, ctx.now)) return *no;
  return Events{Activated{ctx.principal.id, ctx.now}};
}

Outcome on(const State& s, const Revoke& c, const core::Context& ctx) {
  if (s.status == Status::revoked) return Events{};
  if (s.status != Status::active && s.status != Status::suspended) return wrong_state(s, {"active", "suspended"});
  return without_place(Outcome(Events{Revoked{c.reason, ctx.principal.id, ctx.now}}).timer(no_timer()), s, ctx);
}

Outcome on(const State& s, const Rotate& c, const core::Context& ctx) {
  if (s.status != Status::active) return wrong_state(s, {"active"});
  if (s.mark == c.mark) return Events{};
  if (auto no = need_time(s, ctx.now)) return *no;
  return Events{Rotated{c.mark, ctx.now + grace, ctx.principal.id, ctx.now}};
}

Outcome on(const State& s, const NoteUsed& c, const core::Context& ctx) {
  if (s.status == Status::absent) return wrong_state(s, {"active", "suspended", "revoked", "expired"});
  // Who is told that nothing happened keeps the count for the next note.
  if (ctx.now - s.last_used_at < use_interval) return Events{};
  return Events{Used{std::uint64_t(c.uses), c.place, ctx.now}};
}

Outcome on(const State& s, const core::Fire& c, const core::Context& ctx) {
  if (s.status != Status::active || c.timer_id != expiry_timer || !is_over(s, ctx.now)) return Events{};
  return without_place(Outcome(Events{Expired{ctx.now}}), s, ctx);
}

void enter(State& s, Status status, std::string reason, const std::string& by, core::Timestamp at) {
  s.status = status;
  s.reason = std::move(reason);
  s.changed_by = by;
  s.changed_at = at;
}

void apply(State& s, const Created& e) {
  s.name = e.name;
  s.user = e.user;
  s.mark = e.mark;
  s.scopes = e.scopes;
  s.rate_tier = e.rate_tier;
  s.limits = e.limits;
  s.expires_at = e.expires_at;
  s.agent = e.agent;
  s.place = e.place;
  s.created_by = e.by;
  s.created_at = e.at;
  enter(s, Status::active, "", e.by, e.at);
}
void apply(State& s, const Suspended& e) { enter(s, Status::suspended, e.reason, e.by, e.at); }
void apply(State& s, const Activated& e) { enter(s, Status::active, "", e.by, e.at); }
void apply(State& s, const Revoked& e) {
  s.previous_hash.clear();
  s.place.reset();
  enter(s, Status::revoked, e.reason, e.by, e.at);
}
void apply(State& s, const Rotated& e) {
  s.previous_hash = s.mark.hash;
  s.grace_until = e.grace_until;
  s.mark = e.mark;
  s.rotated_at = e.at;
}
void apply(State& s, const Expired& e) {
  s.place.reset();
  enter(s, Status::expired, "", "system", e.at);
}
void apply(State& s, const Used& e) {
  s.last_used_at = e.at;
  s.last_used_from = e.place;
  s.uses += e.uses;
}

}  // namespace

bool opens(const State& s, std::string_view hash, core::Timestamp now) {
  if (s.status != Status::active || is_over(s, now) || hash.empty()) return false;
  return s.mark.hash == hash || (s.previous_hash == hash && now < s.grace_until);
}

Allowed allowed(const State& s) {
  if (s.rate_tier == RateTier::unlimited) return {};
  const std::uint64_t factor = s.rate_tier == RateTier::premium ? premium_factor : 1;
  const auto most = [factor](const Count& count) {
    return std::uint32_t(std::min<std::uint64_t>(std::uint64_t(count) * factor, UINT32_MAX));
  };
  return {most(s.limits.per_minute), most(s.limits.per_hour), most(s.limits.per_day)};
}

core::Decision<Event> decide(const State& s, const Command& command, const core::Context& ctx) {
  return std::visit([&](const auto& c) { return on(s, c, ctx); }, command);
}

State evolve(State s, const Event& event) {
  std::visit([&](const auto& e) { apply(s, e); }, event);
  return s;
}

core::Summary summarise(const State& s) { return {std::string(core::name_of(s.status)), "", s.reason}; }

}  // namespace nova::api_key
