#include "actors/mfa_enrolment/mfa_enrolment.hpp"

#include <algorithm>
#include <utility>

namespace nova::mfa_enrolment {
namespace {

using Events = std::vector<Event>;
using Outcome = core::Decision<Event>;

core::Error wrong_state(const State& s, std::initializer_list<std::string_view> allowed) {
  return core::wrong_state(core::name_of(s.status), allowed);
}

core::Error failed() { return core::refuse("auth.mfa_failed", "the code is wrong, or was used before"); }

Outcome on(const State& s, const Enrol& c, const core::Context& ctx) {
  if (s.status == Status::verified)
    return core::refuse("mfa.already_enrolled", "there is a second factor already").fix("remove it first");
  return Events{Enrolled{c.secret, ctx.now}};
}

Outcome on(const State& s, const Verify& c, const core::Context& ctx) {
  if (s.status != Status::pending) return wrong_state(s, {"pending"});
  return Events{Verified{std::uint64_t(std::int64_t(c.step)), {c.recovery.begin(), c.recovery.end()}, ctx.now}};
}

// Each try is counted before its code is looked at, so that many at the same moment are many.
Outcome on(const State& s, const Attempt&, const core::Context& ctx) {
  if (s.status != Status::pending && s.status != Status::verified) return wrong_state(s, {"pending", "verified"});
  if (ctx.now < s.locked_until)
    return core::refuse("auth.too_many_attempts", "too many codes were wrong; wait until the lock ends")
        .with("retry_after", std::to_string((s.locked_until.ms - ctx.now.ms + 999) / 1000));
  const auto attempts = s.attempts + 1;
  if (attempts < attempts_max) return Events{Attempted{attempts, {}, ctx.now}};
  return Events{Attempted{attempts, ctx.now + lock_time, ctx.now}};
}

Outcome on(const State& s, const Use& c, const core::Context& ctx) {
  if (s.status != Status::verified) return wrong_state(s, {"verified"});
  const auto step = std::uint64_t(std::int64_t(c.step));
  if (step <= s.last_step) return failed();
  return Events{Used{step, ctx.now}};
}

Outcome on(const State& s, const UseRecovery& c, const core::Context& ctx) {
  if (s.status != Status::verified) return wrong_state(s, {"verified"});
  if (std::find(s.recovery.begin(), s.recovery.end(), std::string(c.hash)) == s.recovery.end()) return failed();
  return Events{RecoveryUsed{c.hash, s.recovery.size() - 1, ctx.now}};
}

// What was printed or stolen before is worth nothing from here on.
Outcome on(const State& s, const RenewRecovery& c, const core::Context& ctx) {
  if (s.status != Status::verified) return wrong_state(s, {"verified"});
  if (std::equal(c.recovery.begin(), c.recovery.end(), s.recovery.begin(), s.recovery.end())) return Events{};
  return Events{RecoveryRenewed{{c.recovery.begin(), c.recovery.end()}, ctx.now}};
}

Outcome on(const State& s, const Remove& c, const core::Context& ctx) {
  if (s.status == Status::removed) return Events{};
  if (s.status == Status::absent) return wrong_state(s, {"pending", "verified"});
  return Events{Removed{c.reason, ctx.principal.id, ctx.now}};
}

void succeed(State& s, core::Timestamp at) {
  s.attempts = 0;
  s.locked_until = {};
  s.used_at = at;
}

void apply(State& s, const Enrolled& e) {
  s = State{};
  s.status = Status::pending;
  s.secret = e.secret;
  s.enrolled_at = e.at;
}
void apply(State& s, const Verified& e) {
  s.status = Status::verified;
  s.last_step = e.step;
  s.recovery = e.recovery;
  s.recovery_left = e.recovery.size();
  s.verified_at = e.at;
  succeed(s, e.at);
}
void apply(State& s, const Attempted& e) {
  // The lock is what ten tries cost; after it ten more are free.
  s.attempts = e.locked_until.ms != 0 ? 0 : e.attempts;
  s.locked_until = e.locked_until;
}
void apply(State& s, const Used& e) {
  s.last_step = e.step;
  succeed(s, e.at);
}
void apply(State& s, const RecoveryUsed& e) {
  std::erase(s.recovery, e.hash);
  s.recovery_left = s.recovery.size();
  succeed(s, e.at);
}
void apply(State& s, const RecoveryRenewed& e) {
  s.recovery = e.recovery;
  s.recovery_left = e.recovery.size();
}
void apply(State& s, const Removed& e) {
  s.status = Status::removed;
  s.secret = {};
  s.recovery.clear();
  s.recovery_left = 0;
  s.reason = e.reason;
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

}  // namespace nova::mfa_enrolment
