// A small kind for the tests of core and of the test kit: a fixed number of people must say yes before work goes on.
#pragma once
#include "core/decision.hpp"
#include "core/kind.hpp"

#include <cstdint>
#include <set>
#include <string>
#include <variant>

namespace nova::approval {

struct Open {
  core::Bounded<0, 10> votes_needed;
};
struct Approve {};
using Command = std::variant<Open, Approve>;

struct Opened {
  std::string owner_id;
  std::uint32_t votes_needed = 0;
};
struct VoteCast {
  std::string voter_id;
};
struct Granted {};
using Event = std::variant<Opened, VoteCast, Granted>;

enum class Phase : std::uint8_t { absent, open, granted };
inline const std::vector<std::string_view>& names_of(const Phase*) {
  static const std::vector<std::string_view> names = {"absent", "open", "granted"};
  return names;
}

struct State {
  Phase phase = Phase::absent;
  std::string owner_id;
  std::uint32_t votes_needed = 0;
  std::set<std::string> voter_ids;
};

core::Decision<Event> decide(const State&, const Command&, const core::Context&);
State evolve(State, const Event&);
core::Summary summarise(const State&);
const core::Kind& kind();

const core::Record& describe(const Open*);
const core::Record& describe(const Approve*);
const core::Record& describe(const Opened*);
const core::Record& describe(const VoteCast*);
const core::Record& describe(const Granted*);
const core::Record& describe(const State*);

}  // namespace nova::approval
