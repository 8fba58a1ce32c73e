#include "actors/session/session.hpp"

#include <algorithm>
#include <utility>

namespace nova::session {
namespace {

using Events = std::vector<Event>;
using Outcome = core::Decision<Event>;

constexpr std::string_view end_timer = "end";

core::Error wrong_state(const State& s, std::initializer_list<std::string_view> allowed) {
  return core::wrong_state(core::name_of(s.status), allowed);
}

core::TimerAsk no_timer() { return {std::string(end_timer), std::nullopt}; }

Expired expired(const State& s, core::Timestamp now) { return {now >= s.expires_at ? "absolute" : "idle", now}; }

Outcome on(const State& s, const Start& c, const core::Context& ctx) {
  if (s.status != Status::absent)
    return s.status == Status::active && s.token_hash == c.token_hash ? Outcome(Events{})
                                                                      : Outcome(wrong_state(s, {"absent"}));
  const auto& user = ctx.fact({ctx.self.tenant, "user", c.user});
  if (!user.exists) return core::refuse("user.not_found", "there is no user `" + c.user + "`");
  if (user.status != "active") return core::wrong_state(user.status, {"active"});
  return Outcome(Events{Started{c.user, c.method, c.device, c.place, c.family_hash, c.token_hash, ctx.now,
                                ctx.now + life_max}})
      .timer({std::string(end_timer), ctx.now + std::min(idle_max, life_max)});
}

Outcome on(const State& s, const Refresh& c, const core::Context& ctx) {
  if (s.status != Status::active) return wrong_state(s, {"active"});
  // Whoever does not know the family's secret must not be able to end the session.
  if (s.family_hash != c.family_hash)
    return core::refuse("auth.bad_credentials", "this refresh token is not of this session");
  if (ctx.now >= due_at(s))
    return Outcome::refuse_and_record(core::refuse("session.expired", "the session has expired").fix("sign in again"),
                                      {expired(s, ctx.now)})
        .timer(no_timer());
  // Either the thief or the owner of the token came first, and nobody knows which: both must sign in again.
  if (s.token_hash != c.token_hash)
    return Outcome::refuse_and_record(
               core::refuse("session.revoked", "this refresh token was used before, so the session was ended")
                   .fix("sign in again"),
               {Revoked{"reuse", ctx.principal.id, ctx.now}})
        .timer(no_timer());
  if (c.next_hash == c.token_hash) return core::invalid_input("next_hash", "must be that of a new token");
  return Events{Refreshed{s.generation + 1, c.next_hash, c.place, ctx.now}};
}

Outcome on(const State& s, const Touch& c, const core::Context& ctx) {
  if (s.status != Status::active) return wrong_state(s, {"active"});
  if (ctx.now - s.last_activity_at < touch_interval || ctx.now >= due_at(s)) return Events{};
  return Events{Touched{c.place, ctx.now}};
}

Outcome on(const State& s, const End&, const core::Context& ctx) {
  if (s.status == Status::ended) return Events{};
  if (s.status != Status::active) return wrong_state(s, {"active"});
  return Outcome(Events{Ended{ctx.principal.id, ctx.now}}).timer(no_timer());
}

Outcome on(const State& s, const Revoke& c, const core::Context& ctx) {
  if (s.status == Status::revoked) return Events{};
  if (s.status != Status::active) return wrong_state(s, {"active"});
  return Outcome(Events{Revoked{c.reason, ctx.principal.id, ctx.now}}).timer(no_timer());
}

Outcome on(const State& s, const core::Fire& c, const core::Context& ctx) {
  if (s.status != Status::active || c.timer_id != end_timer) return Events{};
  if (ctx.now >= due_at(s)) return Events{expired(s, ctx.now)};
  // Activity moved the end without moving the timer: so a touch writes one event and nothing else.
  return Outcome(Events{}).timer({std::string(end_timer), due_at(s)});
}

void end(State& s, Status status, std::string reason, core::Timestamp at) {
  s.status = status;
  s.reason = std::move(reason);
  s.ended_at = at;
}

void note_activity(State& s, const std::string& place, core::Timestamp at) {
  s.last_activity_at = at;
  ++s.activities;
  if (!place.empty()) s.place = place;
}

void apply(State& s, const Started& e) {
  s.status = Status::active;
  s.user = e.user;
  s.method = e.method;
  s.device = e.device;
  s.place = e.place;
  s.family_hash = e.family_hash;
  s.token_hash = e.token_hash;
  s.generation = 1;
  s.started_at = e.at;
  s.last_activity_at = e.at;
  s.expires_at = e.expires_at;
}
void apply(State& s, const Refreshed& e) {
  s.generation = e.generation;
  s.token_hash = e.token_hash;
  note_activity(s, e.place, e.at);
}
void apply(State& s, const Touched& e) { note_activity(s, e.place, e.at); }
void apply(State& s, const Ended& e) { end(s, Status::ended, "", e.at); }
void apply(State& s, const Revoked& e) { end(s, Status::revoked, e.reason, e.at); }
void apply(State& s, const Expired& e) { end(s, Status::expired, e.reason, e.at); }

}  // namespace

core::Timestamp due_at(const State& s) { return std::min(s.expires_at, s.last_activity_at + idle_max); }

core::Decision<Event> decide(const State& s, const Command& command, const core::Context& ctx) {
  return std::visit([&](const auto& c) { return on(s, c, ctx); }, command);
}

State evolve(State s, const Event& event) {
  std::visit([&](const auto& e) { apply(s, e); }, event);
  return s;
}

core::Summary summarise(const State& s) {
  return {std::string(core::name_of(s.status)), s.user.empty() ? "" : "user/" + s.user, s.reason};
}

}  // namespace nova::session
