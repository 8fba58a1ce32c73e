// What subscribers of one tier may ask of AI (S08); its id is the tier. A tier without one has no AI at all. Lives in
// the tenant `system`.
#pragma once
#include "core/kind.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

namespace nova::subscriber_limit {

enum class Status : std::uint8_t { absent, active, removed };
enum class Enforcement : std::uint8_t { block, log, auto_suspend };
const std::vector<std::string_view>& names_of(const Status*);
const std::vector<std::string_view>& names_of(const Enforcement*);

using TaskType = core::Text<1, 64, core::Shape::name>;
inline constexpr std::size_t task_types_max = 64;

struct Limits {
  core::Bounded<1, 10> max_power_level{1};
  core::Bounded<100, 32000> max_tokens_per_request{100};
  core::Bounded<1, 100000> max_requests_per_day{1};
  core::Bounded<1, 1000> max_requests_per_minute{1};
  std::vector<std::string> allowed_task_types;
  std::vector<std::string> blocked_task_types;
  bool can_access_external_ai = false;
  bool can_see_layers = false;
  Enforcement enforcement = Enforcement::block;
  friend bool operator==(const Limits&, const Limits&) = default;
};

// ---- commands

struct Set {
  Limits limits;
};
struct Remove {
  core::Reason reason;
};
using Command = std::variant<Set, Remove>;

// ---- events: stored for ever

struct LimitsSet {
  std::optional<Limits> before;
  Limits after;
  std::string by;
  core::Timestamp at;
};
struct Removed {
  std::string reason;
  std::string by;
  core::Timestamp at;
};
using Event = std::variant<LimitsSet, Removed>;

// ---- state

struct State {
  Status status = Status::absent;
  Limits limits;
  std::string reason;
  std::string changed_by;
  core::Timestamp changed_at;
};

/// The limits that ship for a tier (config/tiers.json); none for a tier that there is not.
std::optional<Limits> shipped_limits(std::string_view tier);

core::Decision<Event> decide(const State&, const Command&, const core::Context&);
State evolve(State, const Event&);
core::Summary summarise(const State&);
const core::Kind& kind();

const core::Record& describe(const Limits*);
const core::Record& describe(const Set*);
const core::Record& describe(const Remove*);
const core::Record& describe(const LimitsSet*);
const core::Record& describe(const Removed*);
const core::Record& describe(const State*);

}  // namespace nova::subscriber_limit
