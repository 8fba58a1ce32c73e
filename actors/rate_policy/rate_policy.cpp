#include "actors/rate_policy/rate_policy.hpp"

namespace nova::rate_policy {
namespace {

using Outcome = core::Decision<Event>;

Outcome on(const State& s, const Set& c, const core::Context& ctx) {
  if (ctx.self.tenant != "system" || !core::find_rate_default(ctx.self.id))
    return core::refuse("rate_policy.not_found", "there is no policy `" + core::printable(ctx.self.id) + "`")
        .fix("GET /v1/limits lists them");
  if (s.status == Status::set && s.window_s == c.window_s && s.max == c.max && s.burst == c.burst &&
      s.warning_percent == c.warning_percent && s.block_s == c.block_s)
    return std::vector<Event>{};
  return std::vector<Event>{
      WasSet{c.window_s, c.max, c.burst, c.warning_percent, c.block_s, ctx.principal.id, ctx.now}};
}

void apply(State& s, const WasSet& e) {
  s = {Status::set, e.window_s, e.max, e.burst, e.warning_percent, e.block_s, e.by, e.at};
}

}  // namespace

core::Decision<Event> decide(const State& s, const Command& command, const core::Context& ctx) {
  return std::visit([&](const auto& c) { return on(s, c, ctx); }, command);
}

State evolve(State s, const Event& event) {
  std::visit([&](const auto& e) { apply(s, e); }, event);
  return s;
}

core::Summary summarise(const State& s) { return {std::string(core::name_of(s.status)), "", ""}; }

}  // namespace nova::rate_policy
