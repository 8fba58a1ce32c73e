// Rate policy: how many requests of a route, or of a group of routes, a caller may make (S24).
#pragma once
#include "core/authority/rates.hpp"
#include "core/kind.hpp"

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace nova::rate_policy {

enum class Status : std::uint8_t { shipped, set };
const std::vector<std::string_view>& names_of(const Status*);

// ---- commands

struct Set {
  core::Bounded<1, 86400> window_s{60};
  core::Bounded<1, 1'000'000> max{100};  ///< for the lowest tier; a tier's multiplier comes on top
  core::Bounded<1, 1'000'000> burst{10};
  core::Bounded<1, 100> warning_percent{80};
  core::Bounded<60, 86400> block_s{900};
};
using Command = std::variant<Set>;

// ---- events: stored for ever

struct WasSet {
  std::int64_t window_s = 0, max = 0, burst = 0, warning_percent = 0, block_s = 0;
  std::string by;
  core::Timestamp at;
};
using Event = std::variant<WasSet>;

// ---- state

struct State {
  Status status = Status::shipped;
  std::int64_t window_s = 0, max = 0, burst = 0, warning_percent = 0, block_s = 0;
  std::string by;
  core::Timestamp at;
};

core::Decision<Event> decide(const State&, const Command&, const core::Context&);
State evolve(State, const Event&);
core::Summary summarise(const State&);
const core::Kind& kind();

const core::Record& describe(const Set*);
const core::Record& describe(const WasSet*);
const core::Record& describe(const State*);

}  // namespace nova::rate_policy
