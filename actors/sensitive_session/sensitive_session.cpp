#include "actors/sensitive_session/sensitive_session.hpp"

#include <utility>

namespace nova::sensitive_session {
namespace {

using Events = std::vector<Event>;
using Outcome = core::Decision<Event>;

constexpr std::string_view end_timer = "end";

core::Error wrong_state(const State& s, std::initializer_list<std::string_view> allowed) {
  return core::wrong_state(core::name_of(s.status), allowed);
}
core::TimerAsk end_at(std::optional<core::Timestamp> at) { return {std::string(end_timer), at}; }

bool is_open(const State& s) { return s.status >= Status::pending && s.status <= Status::active; }

// A window is one person's, and time that is over is over also before the timer says so.
std::optional<core::Error> refuse_other(const State& s, const core::Context& ctx) {
  if (ctx.principal.type != "user") return core::refuse("access.denied", "only a person opens such a window");
  if (s.by != ctx.principal.id) return core::refuse("access.denied", "it is somebody else's window");
  if (is_open(s) && ctx.now >= s.expires_at) return core::refuse("entity.gone", "its time is over");
  return std::nullopt;
}

Outcome closed(Status how, std::string note, const core::Context& ctx) {
  return Outcome(Events{Closed{how, std::move(note), ctx.principal.id, ctx.now}}).timer(end_at({}));
}

Outcome on(const State& s, const Begin& c, const core::Context& ctx) {
  if (ctx.principal.type != "user") return core::refuse("access.denied", "only a person opens such a window");
  if (s.status != Status::absent) {
    const bool same = s.status == Status::pending && s.by == ctx.principal.id && s.operation == c.operation;
    return same ? Outcome(Events{}) : Outcome(wrong_state(s, {"absent"}));
  }
  const auto until = ctx.now + proving;
  return Outcome(Events{Begun{c.operation, c.reason, ctx.principal.id, ctx.now, until}}).timer(end_at(until));
}

Outcome on(const State& s, const VerifyPassword&, const core::Context& ctx) {
  if (auto no = refuse_other(s, ctx)) return *no;
  if (s.status == Status::otp_sent) return Events{};
  if (s.status != Status::pending) return wrong_state(s, {"pending"});
  return Outcome(Events{PasswordVerified{ctx.now}, CodeAsked{ctx.now}}).timer(end_at(s.expires_at));
}

Outcome on(const State& s, const VerifyCode& c, const core::Context& ctx) {
  if (auto no = refuse_other(s, ctx)) return *no;
  if (s.status == Status::active) return Events{};
  if (s.status != Status::otp_sent) return wrong_state(s, {"otp_sent"});
  const auto until = ctx.now + window;
  return Outcome(Events{Opened{c.factor, ctx.now, until}}).timer(end_at(until));
}

Outcome on(const State& s, const NoteFailure&, const core::Context& ctx) {
  if (auto no = refuse_other(s, ctx)) return *no;
  if (s.status != Status::pending && s.status != Status::otp_sent) return wrong_state(s, {"pending", "otp_sent"});
  Events events{Failed{s.tries + 1, ctx.now}};
  if (s.tries + 1 < tries_max) return Outcome(std::move(events)).timer(end_at(s.expires_at));
  events.push_back(Closed{Status::cancelled, "too many wrong tries", ctx.principal.id, ctx.now});
  return Outcome(std::move(events)).timer(end_at({}));
}

Outcome on(const State& s, const Complete& c, const core::Context& ctx) {
  if (auto no = refuse_other(s, ctx)) return *no;
  if (s.status == Status::completed) return Events{};
  if (s.status != Status::active) return wrong_state(s, {"active"});
  return closed(Status::completed, c.note, ctx);
}

Outcome on(const State& s, const Cancel& c, const core::Context& ctx) {
  if (auto no = refuse_other(s, ctx)) return *no;
  if (s.status == Status::cancelled) return Events{};
  if (!is_open(s)) return wrong_state(s, {"pending", "password_verified", "otp_sent", "active"});
  return closed(Status::cancelled, c.reason, ctx);
}

Outcome on(const State& s, const core::Fire& c, const core::Context& ctx) {
  if (c.timer_id != end_timer || !is_open(s)) return Events{};
  if (ctx.now < s.expires_at) return Outcome(Events{}).timer(end_at(s.expires_at));
  return closed(Status::expired, "its time was over", ctx);
}

void apply(State& s, const Begun& e) {
  s.status = Status::pending;
  s.operation = e.operation;
  s.reason = e.reason;
  s.by = e.by;
  s.begun_at = e.at;
  s.expires_at = e.expires_at;
}
void apply(State& s, const PasswordVerified&) { s.status = Status::password_verified; }
void apply(State& s, const CodeAsked&) { s.status = Status::otp_sent; }
void apply(State& s, const Failed& e) { s.tries = e.tries; }
void apply(State& s, const Opened& e) {
  s.status = Status::active;
  s.factor = e.factor;
  s.opened_at = e.at;
  s.expires_at = e.expires_at;
}
void apply(State& s, const Closed& e) {
  s.status = e.how;
  s.note = e.note;
  s.closed_at = e.at;
}

}  // namespace

core::Decision<Event> decide(const State& s, const Command& command, const core::Context& ctx) {
  return std::visit([&](const auto& c) { return on(s, c, ctx); }, command);
}

State evolve(State s, const Event& event) {
  std::visit([&](const auto& e) { apply(s, e); }, event);
  return s;
}

core::Summary summarise(const State& s) { return {std::string(core::name_of(s.status)), {}, s.reason}; }

}  // namespace nova::sensitive_session
