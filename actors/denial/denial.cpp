#include "actors/denial/denial.hpp"

#include <algorithm>

namespace nova::denial {
namespace {

using Events = std::vector<Event>;

core::Decision<Event> on(const State& s, const Note& c) {
  if (c.last_at < c.first_at) return core::invalid_input("last_at", "is before first_at");
  // Its address is made of who, what and why, so another one is a mistake of the caller.
  if (s.count != 0 && (s.who != c.who || s.act != c.act))
    return core::refuse("denial.another", "this denial is of somebody or something else");
  if (std::find(s.batches.begin(), s.batches.end(), c.batch) != s.batches.end()) return Events{};
  return Events{Noted{std::string(audit_type),
                      c.who,
                      c.who_type,
                      c.act,
                      c.resource,
                      c.code,
                      {c.rules.begin(), c.rules.end()},
                      c.constitution,
                      std::uint64_t(std::int64_t(c.count)),
                      c.first_at,
                      c.last_at,
                      c.batch,
                      c.read}};
}

void apply(State& s, const Noted& e) {
  s.who = e.who;
  s.who_type = e.who_type;
  s.act = e.act;
  s.resource = e.resource;
  s.code = e.code;
  s.rules = e.rules;
  s.constitution = e.constitution;
  s.first_at = s.count == 0 ? e.first_at : std::min(s.first_at, e.first_at);
  if (e.last_at >= s.last_at) s.read = e.read;
  s.last_at = std::max(s.last_at, e.last_at);
  s.count += e.count;
  if (s.batches.size() == batches_max) s.batches.erase(s.batches.begin());
  s.batches.push_back(e.batch);
}

}  // namespace

core::Decision<Event> decide(const State& s, const Command& command, const core::Context&) {
  return std::visit([&](const auto& c) { return on(s, c); }, command);
}

State evolve(State s, const Event& event) {
  std::visit([&](const auto& e) { apply(s, e); }, event);
  return s;
}

core::Summary summarise(const State& s) {
  return {s.count == 0 ? "absent" : "denied", "",
          s.count == 0 ? ""
                       : s.who_type + " " + s.who + " was denied " + s.act + ", " + std::to_string(s.count) + " times"};
}

}  // namespace nova::denial
