#include "actors/rate_counter/rate_counter.hpp"

#include <algorithm>
#include <utility>

namespace nova::rate_counter {
namespace {

using Events = std::vector<Event>;
using Outcome = core::Decision<Event>;

// Nodes count together, and each would tell of the same caller.
bool was_told(const State& s, const About& about, Told told, core::Timestamp now) {
  return std::any_of(s.remembered.begin(), s.remembered.end(), [&](const Remembered& one) {
    return one.told == told && one.subject == about.subject && now < one.until;
  });
}

Outcome on(const State& s, const NoteWarned& c, const core::Context& ctx) {
  if (was_told(s, c.about, Told::warned, ctx.now)) return Events{};
  return Events{Warned{c.about, ctx.self.id, std::uint64_t(std::int64_t(c.used)), ctx.now}};
}

Outcome on(const State& s, const NoteLimited& c, const core::Context& ctx) {
  if (was_told(s, c.about, Told::limited, ctx.now)) return Events{};
  return Events{Limited{c.about, ctx.self.id, std::uint64_t(std::int64_t(c.refused)), ctx.now}};
}

void remember(State& s, const About& about, Told told, core::Timestamp at) {
  s.at = at;
  std::erase_if(s.remembered, [&](const Remembered& one) {
    return one.until <= at || (one.told == told && one.subject == about.subject);
  });
  if (s.remembered.size() >= remembered_max) s.remembered.erase(s.remembered.begin());
  s.remembered.push_back({about.subject, told, at + std::chrono::seconds(std::int64_t(about.window_s))});
}

void apply(State& s, const Warned& e) {
  ++s.warnings;
  s.status = Status::warned;
  remember(s, e.about, Told::warned, e.at);
}
void apply(State& s, const Limited& e) {
  ++s.limited;
  s.refused += e.refused;
  s.status = Status::limited;
  remember(s, e.about, Told::limited, e.at);
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

}  // namespace nova::rate_counter
