#include "actors/deployment/deployment.hpp"

#include "actors/deployment/turn.hpp"

#include <utility>

namespace nova::deployment {

core::Decision<Event> decide(const State& s, const Command& command, const core::Context& ctx) {
  Turn turn(s, ctx);
  auto refused = std::visit([&](const auto& c) { return on(turn, c); }, command);
  if (refused) return std::move(*refused);
  if (turn.events.empty()) return std::vector<Event>{};  // The state was at rest and still is.
  advance(turn);
  auto asks = asks_between(s, turn.now, ctx);
  return core::Decision<Event>(std::move(turn.events)).ask(std::move(asks));
}

core::Summary summarise(const State& s) {
  core::Summary summary;
  summary.status = core::name_of(s.status);
  summary.parent = s.platform.empty() ? std::string() : "platform/" + s.platform;
  summary.reason = s.reason.empty() ? s.health_reason : s.reason;
  return summary;
}

}  // namespace nova::deployment
