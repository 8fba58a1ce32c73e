#include "actors/node/node.hpp"

#include <utility>

namespace nova::node::entity {
namespace {

using Events = std::vector<Event>;
using Outcome = core::Decision<Event>;

Outcome on(const State& s, const Register& c, const core::Context&) {
  // Pids come round again; together with the time of the start they name one life.
  const bool same_life = s.status != Status::absent && s.pid == c.pid && s.started_at == c.started_at;
  if (same_life) return Events{};
  const bool after_crash = s.status == Status::up || s.status == Status::draining;
  return Events{Started{c.version, c.pid, c.address, c.started_at, after_crash}};
}

Outcome on(const State& s, const Drain& c, const core::Context& ctx) {
  if (s.status == Status::draining) return Events{};
  if (s.status != Status::up) return core::wrong_state(core::name_of(s.status), {"up"});
  return Events{Draining{c.reason, ctx.principal.id, ctx.now}};
}

Outcome on(const State& s, const Leave& c, const core::Context& ctx) {
  if (s.status != Status::up && s.status != Status::draining) return Events{};
  return Events{Left{c.reason, ctx.now}};
}

void apply(State& s, const Started& e) {
  if (!s.version.empty() && s.version != e.version) s.previous_version = s.version;
  s.status = Status::up;
  s.version = e.version;
  s.pid = e.pid;
  s.address = e.address;
  s.started_at = e.started_at;
  s.reason.clear();
  ++s.boots;
  s.crashes += e.after_crash;
}
void apply(State& s, const Draining& e) {
  s.status = Status::draining;
  s.reason = e.reason;
}
void apply(State& s, const Left& e) {
  s.status = Status::left;
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

core::Summary summarise(const State& s) { return {std::string(core::name_of(s.status)), "", s.reason}; }

}  // namespace nova::node::entity
