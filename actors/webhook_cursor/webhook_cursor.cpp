#include "actors/webhook_cursor/webhook_cursor.hpp"

namespace nova::webhook_cursor {

// Of two nodes that read the same log one is behind: what it says last changes nothing.
core::Decision<Event> decide(const State& s, const Command& command, const core::Context&) {
  const auto position = std::uint64_t(std::int64_t(std::get<Advance>(command).position));
  if (s.status != Status::absent && position <= s.position) return std::vector<Event>{};
  return std::vector<Event>{Advanced{position}};
}

State evolve(State s, const Event& event) {
  s.status = Status::reading;
  s.position = std::get<Advanced>(event).position;
  return s;
}

core::Summary summarise(const State& s) { return {std::string(core::name_of(s.status)), "", ""}; }

}  // namespace nova::webhook_cursor
