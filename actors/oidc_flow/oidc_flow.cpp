#include "actors/oidc_flow/oidc_flow.hpp"

#include <utility>

namespace nova::oidc_flow {
namespace {

using Events = std::vector<Event>;
using Outcome = core::Decision<Event>;

constexpr std::string_view end_timer = "end";

core::Error over() { return core::refuse("auth.flow_expired", "this sign-in is over").fix("begin again"); }
core::TimerAsk no_timer() { return {std::string(end_timer), std::nullopt}; }

Outcome on(const State& s, const Take& c, const core::Context& ctx) {
  // An answer that comes twice was overheard, or is played again.
  if (s.status != Status::absent) return over();
  return Outcome(Events{Taken{c.provider, ctx.now, ctx.now + life}}).timer({std::string(end_timer), ctx.now + life});
}

Outcome on(const State& s, const Finish& c, const core::Context& ctx) {
  if (s.status == Status::ready && s.code_hash == c.code_hash) return Events{};
  if (s.status != Status::taken || ctx.now >= s.expires_at) return over();
  return Events{Finished{c.user, c.code_hash, ctx.now}};
}

Outcome on(const State& s, const Fail& c, const core::Context& ctx) {
  if (s.status != Status::taken) return Events{};
  return Outcome(Events{Failed{c.code, ctx.now}}).timer(no_timer());
}

Outcome on(const State& s, const Redeem& c, const core::Context& ctx) {
  if (s.status != Status::ready || s.code_hash != c.code_hash || ctx.now >= s.expires_at) return over();
  return Outcome(Events{Redeemed{ctx.now}}).timer(no_timer());
}

Outcome on(const State& s, const core::Fire& c, const core::Context& ctx) {
  const bool open = s.status == Status::taken || s.status == Status::ready;
  if (!open || c.timer_id != end_timer || ctx.now < s.expires_at) return Events{};
  return Events{Expired{ctx.now}};
}

void end(State& s, Status status, core::Timestamp at) {
  s.status = status;
  s.ended_at = at;
}

void apply(State& s, const Taken& e) {
  s.status = Status::taken;
  s.provider = e.provider;
  s.taken_at = e.at;
  s.expires_at = e.expires_at;
}
void apply(State& s, const Finished& e) {
  s.status = Status::ready;
  s.user = e.user;
  s.code_hash = e.code_hash;
}
void apply(State& s, const Failed& e) {
  s.reason = e.code;
  end(s, Status::failed, e.at);
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
  return {std::string(core::name_of(s.status)), s.user.empty() ? "" : "user/" + s.user, s.reason};
}

}  // namespace nova::oidc_flow
