#include "actors/login_flow/login_flow.hpp"

#include <utility>

namespace nova::login_flow {
namespace {

using Events = std::vector<Event>;
using Outcome = core::Decision<Event>;

constexpr std::string_view end_timer = "end";

core::Error over() {
  return core::refuse("auth.flow_expired", "this sign-in is over").fix("begin again with the password");
}

core::TimerAsk no_timer() { return {std::string(end_timer), std::nullopt}; }

Outcome on(const State& s, const Start& c, const core::Context& ctx) {
  if (s.status != Status::absent) return core::wrong_state(core::name_of(s.status), {"absent"});
  return Outcome(Events{Started{c.user, c.device, c.place, ctx.now, ctx.now + life}})
      .timer({std::string(end_timer), ctx.now + life});
}

// A try is counted before its code is looked at, so that many at the same moment are many.
Outcome on(const State& s, const Attempt&, const core::Context& ctx) {
  if (s.status != Status::in_progress) return over();
  if (ctx.now >= s.expires_at) return Outcome::refuse_and_record(over(), {Expired{ctx.now}}).timer(no_timer());
  if (s.tries >= tries_max)
    return Outcome::refuse_and_record(
               core::refuse("auth.too_many_attempts", "too many codes were wrong").fix("begin again with the password"),
               {Failed{ctx.now}})
        .timer(no_timer());
  return Events{Attempted{s.tries + 1, ctx.now}};
}

Outcome on(const State& s, const Complete&, const core::Context& ctx) {
  if (s.status != Status::in_progress || s.tries == 0) return over();
  if (ctx.now >= s.expires_at) return Outcome::refuse_and_record(over(), {Expired{ctx.now}}).timer(no_timer());
  return Outcome(Events{Completed{ctx.now}}).timer(no_timer());
}

Outcome on(const State& s, const Cancel&, const core::Context& ctx) {
  if (s.status == Status::cancelled) return Events{};
  if (s.status != Status::in_progress) return over();
  return Outcome(Events{Cancelled{ctx.now}}).timer(no_timer());
}

Outcome on(const State& s, const core::Fire& c, const core::Context& ctx) {
  if (s.status != Status::in_progress || c.timer_id != end_timer || ctx.now < s.expires_at) return Events{};
  return Events{Expired{ctx.now}};
}

void end(State& s, Status status, core::Timestamp at) {
  s.status = status;
  s.ended_at = at;
}

void apply(State& s, const Started& e) {
  s.status = Status::in_progress;
  s.user = e.user;
  s.device = e.device;
  s.place = e.place;
  s.started_at = e.at;
  s.expires_at = e.expires_at;
}
void apply(State& s, const Attempted& e) { s.tries = e.tries; }
void apply(State& s, const Completed& e) { end(s, Status::completed, e.at); }
void apply(State& s, const Failed& e) { end(s, Status::failed, e.at); }
void apply(State& s, const Expired& e) { end(s, Status::expired, e.at); }
void apply(State& s, const Cancelled& e) { end(s, Status::cancelled, e.at); }

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

}  // namespace nova::login_flow
