#include "actors/device_login/device_login.hpp"

#include <utility>

namespace nova::device_login {
namespace {

using Events = std::vector<Event>;
using Outcome = core::Decision<Event>;

constexpr std::string_view end_timer = "end";

core::Error wrong_state(const State& s, std::initializer_list<std::string_view> allowed) {
  return core::wrong_state(core::name_of(s.status), allowed);
}

core::Error over() {
  return core::refuse("auth.code_expired", "this code is over").fix("begin again: novactl login --device");
}

core::TimerAsk no_timer() { return {std::string(end_timer), std::nullopt}; }

// What is too late is recorded as over by whoever notices first.
Outcome late(const core::Context& ctx) {
  return Outcome::refuse_and_record(over(), {Expired{ctx.now}}).timer(no_timer());
}

Outcome on(const State& s, const Start& c, const core::Context& ctx) {
  if (s.status != Status::absent) return wrong_state(s, {"absent"});
  return Outcome(Events{Started{c.device, c.code_hash, ctx.now, ctx.now + life}})
      .timer({std::string(end_timer), ctx.now + life});
}

// A person answers once: a second one, or a second thought, finds it answered.
template <class Answered, class Command>
Outcome answer(const State& s, const Command& c, const core::Context& ctx) {
  if (s.status == Status::expired) return over();
  if (s.status != Status::pending) return wrong_state(s, {"pending"});
  if (ctx.now >= s.expires_at) return late(ctx);
  return Events{Answered{c.user, ctx.now}};
}
Outcome on(const State& s, const Approve& c, const core::Context& ctx) { return answer<Approved>(s, c, ctx); }
Outcome on(const State& s, const Deny& c, const core::Context& ctx) { return answer<Denied>(s, c, ctx); }

Outcome on(const State& s, const Redeem&, const core::Context& ctx) {
  if (s.status == Status::expired) return over();
  if (s.status != Status::approved) return wrong_state(s, {"approved"});
  if (ctx.now >= s.expires_at) return late(ctx);
  return Outcome(Events{Redeemed{ctx.now}}).timer(no_timer());
}

Outcome on(const State& s, const core::Fire& c, const core::Context& ctx) {
  const bool is_open = s.status == Status::pending || s.status == Status::approved;
  if (!is_open || c.timer_id != end_timer || ctx.now < s.expires_at) return Events{};
  return Events{Expired{ctx.now}};
}

void answered(State& s, Status status, const std::string& user, core::Timestamp at) {
  s.status = status;
  s.user = user;
  s.answered_at = at;
}
void end(State& s, Status status, core::Timestamp at) {
  s.status = status;
  s.ended_at = at;
}

void apply(State& s, const Started& e) {
  s.status = Status::pending;
  s.device = e.device;
  s.code_hash = e.code_hash;
  s.started_at = e.at;
  s.expires_at = e.expires_at;
}
void apply(State& s, const Approved& e) { answered(s, Status::approved, e.user, e.at); }
void apply(State& s, const Denied& e) {
  answered(s, Status::denied, e.user, e.at);
  s.ended_at = e.at;
}
void apply(State& s, const Redeemed& e) { end(s, Status::redeemed, e.at); }
void apply(State& s, const Expired& e) { end(s, Status::expired, e.at); }

}  // namespace

core::Decision<Event> decide(const State& s, const Command& command, const core::Context& ctx) {
  return std::visit([&](const auto& c) { return on(s, c, ctx); }, command);
}

State evolve(State s, const Event& event) {
  std::visit([&](const auto& e) { apply(s, e); }, event);
  return s;
}

core::Summary summarise(const State& s) {
  return {std::string(core::name_of(s.status)), s.user.empty() ? "" : "user/" + s.user, {}};
}

}  // namespace nova::device_login
