#include "actors/work_outcome/work_outcome.hpp"

namespace nova::work_outcome {
namespace {

using Events = std::vector<Event>;

core::Decision<Event> on(const State& s, const MissOutcome& c, const core::Context& ctx) {
  if (c.intent.owner.tenant != ctx.self.tenant && ctx.self.tenant != "system")
    return core::refuse("effect.foreign", "the effect belongs to another tenant");
  // Once for each: its address is made of whose it is, so another one is a mistake of the caller.
  if (ctx.version == 0)
    return Events{OutcomeMissing{c.intent, std::int64_t(c.attempts), c.under_way, c.buried, c.last_error, ctx.now}};
  if (s.intent.owner != c.intent.owner || s.intent.work != c.intent.work)
    return core::refuse("effect.another", "this is the record of another effect");
  return Events{};
}

core::Decision<Event> on(const State& s, const NoteOutcome&, const core::Context& ctx) {
  if (s.status == Status::came) return Events{};
  return Events{OutcomeCame{ctx.now}};
}

void apply(State& s, const OutcomeMissing& e) {
  s.status = Status::missing;
  s.intent = e.intent;
  s.attempts = e.attempts;
  s.under_way = e.under_way;
  s.buried = e.buried;
  s.last_error = e.last_error;
  s.missing_since = e.at;
}

void apply(State& s, const OutcomeCame& e) {
  s.status = Status::came;
  s.came_at = e.at;
}

}  // namespace

core::Decision<Event> decide(const State& s, const Command& command, const core::Context& ctx) {
  return std::visit([&](const auto& c) { return on(s, c, ctx); }, command);
}

State evolve(State s, const Event& event) {
  std::visit([&](const auto& e) { apply(s, e); }, event);
  return s;
}

core::Summary summarise(const State& s) {
  if (s.intent.work.empty()) return {"absent", "", ""};
  const auto whose = std::string(s.intent.driver) + " " + std::string(s.intent.verb) + " of " + s.intent.owner.kind +
                     "/" + s.intent.owner.id;
  return {std::string(core::name_of(s.status)), s.intent.owner.kind + "/" + s.intent.owner.id,
          s.status == Status::missing ? "nobody knows yet what came of: " + whose : "its outcome came late: " + whose};
}

}  // namespace nova::work_outcome
