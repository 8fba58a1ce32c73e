#include "actors/abuse_block/abuse_block.hpp"

#include <utility>

namespace nova::abuse_block {
namespace {

using Events = std::vector<Event>;
using Outcome = core::Decision<Event>;

constexpr std::string_view end_timer = "end";

core::Error wrong_state(const State& s) { return core::wrong_state(core::name_of(s.status), {"active"}); }

core::TimerAsk end_at(std::optional<core::Timestamp> at) { return {std::string(end_timer), at}; }

Outcome on(const State& s, const Block& c, const core::Context& ctx) {
  // Its address in the store is its subject's, so that nobody is blocked twice at a time.
  if (c.subject.substr(0, ctx.self.id.size()) != ctx.self.id)
    return core::invalid_input("subject", "must begin with the block's own id");
  const auto until = ctx.now + std::chrono::seconds(std::int64_t(c.seconds));
  if (s.status == Status::active && ctx.now < s.until && until <= s.until) return Events{};
  return Outcome(Events{Blocked{std::string(audit_type), c.subject, c.keyed_by, c.policy, c.name, c.reason,
                                ctx.principal.id, ctx.now, until}})
      .timer(end_at(until));
}

Outcome on(const State& s, const Unblock& c, const core::Context& ctx) {
  if (s.status == Status::lifted) return Events{};
  if (s.status != Status::active) return wrong_state(s);
  return Outcome(Events{Unblocked{c.reason, ctx.principal.id, ctx.now}}).timer(end_at(std::nullopt));
}

Outcome on(const State& s, const core::Fire& c, const core::Context& ctx) {
  if (s.status != Status::active || c.timer_id != end_timer) return Events{};
  if (ctx.now < s.until) return Outcome(Events{}).timer(end_at(s.until));
  return Events{Expired{ctx.now}};
}

void apply(State& s, const Blocked& e) {
  s.status = Status::active;
  s.subject = e.subject;
  s.keyed_by = e.keyed_by;
  s.policy = e.policy;
  s.name = e.name;
  s.reason = e.reason;
  s.by = e.by;
  s.at = e.at;
  s.until = e.until;
  s.ended_at = {};
  ++s.times;
}
void apply(State& s, const Unblocked& e) {
  s.status = Status::lifted;
  s.reason = e.reason;
  s.ended_at = e.at;
}
void apply(State& s, const Expired& e) {
  s.status = Status::expired;
  s.ended_at = e.at;
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

}  // namespace nova::abuse_block
