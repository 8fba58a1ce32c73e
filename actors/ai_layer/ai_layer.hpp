// AI layer (S01): every AI capability lives in one, and only the owner makes them. Its power bounds tokens, rates,
// concurrency and money; its budget is a ledger of reservations. Lives in the tenant `system`.
#pragma once
#include "core/ai/execution.hpp"
#include "core/ai/power.hpp"
#include "core/kind.hpp"
#include "core/ledger/ledger.hpp"
#include "core/work.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

namespace nova::ai_layer {

enum class Status : std::uint8_t { absent, active, suspended, disabled, emergency_stopped, deleted };
enum class Type : std::uint8_t { internal_sovereign, external_managed, hybrid, subscriber_restricted };
enum class Visibility : std::uint8_t { hidden, limited, full };
enum class Allocation : std::uint8_t { minimal, standard, high, maximum };
const std::vector<std::string_view>& names_of(const Status*);
const std::vector<std::string_view>& names_of(const Type*);
const std::vector<std::string_view>& names_of(const Visibility*);
const std::vector<std::string_view>& names_of(const Allocation*);

using Title = core::Text<1, 120, core::Shape::line>;
using Prose = core::Text<1, 1000, core::Shape::any>;
/// Millionths of a US dollar.
using Micros = core::Bounded<0, 1'000'000'000'000'000>;
using Reference = core::Text<1, 160, core::Shape::line>;  ///< "ai_agent/<id>"
/// How many agents and providers may point at one layer.
inline constexpr std::size_t used_by_max = 256;
/// Work that says nothing for so long is over: what it held is given back.
inline constexpr auto hold_time = core::execution_hold_time;

struct Power {
  core::Bounded<1, 10> level{5};
  core::Bounded<100, 128000> max_tokens_per_request{4096};
  core::Bounded<1, 10000> max_requests_per_minute{60};
  core::Bounded<1, 100> max_concurrent_requests{10};
  Allocation cpu_allocation = Allocation::standard;
  Allocation memory_allocation = Allocation::standard;
  Micros cost_per_request;
  std::optional<Micros> monthly_budget_limit;
  bool subscriber_can_see_cost = false;
  bool owner_can_see_real_cost = true;
  friend bool operator==(const Power&, const Power&) = default;
};

struct Profile {
  Title name;
  Title name_ar;
  Prose purpose;
  Prose purpose_ar;
  core::Bounded<1, 10> priority{5};
  bool allowed_for_subscribers = false;
  Visibility subscriber_visibility = Visibility::hidden;
  friend bool operator==(const Profile&, const Profile&) = default;
};

struct Minute {
  core::Timestamp since;
  std::int64_t requests = 0;
  friend bool operator==(const Minute&, const Minute&) = default;
};

// ---- commands

struct Create {
  Profile profile;
  Type type = Type::internal_sovereign;
  std::optional<Power> power;
};
struct Update {
  std::optional<Title> name;
  std::optional<Title> name_ar;
  std::optional<Prose> purpose;
  std::optional<Prose> purpose_ar;
  std::optional<core::Bounded<1, 10>> priority;
  std::optional<bool> allowed_for_subscribers;
  std::optional<Visibility> subscriber_visibility;
};
struct SetPower {
  Power power;
};
struct Suspend {
  core::Reason reason;
};
struct Resume {};
struct Disable {
  core::Reason reason;
};
struct Enable {};
struct Delete {
  core::Reason reason;
};
struct EmergencyStop {
  core::Reason reason;
};
struct EmergencyRelease {};
struct Attach {
  Reference by;
};
struct Detach {
  Reference by;
};
struct Reserve {
  core::LedgerId id;
  core::Bounded<0, 1000000> tokens;
};
struct Commit {
  core::LedgerId id;
  std::optional<Micros> cost;
};
struct Release {
  core::LedgerId id;
};
struct RecordUsage {
  core::LedgerId id;
  Micros cost;
};
using Command = std::variant<Create, Update, SetPower, Suspend, Resume, Disable, Enable, Delete, EmergencyStop,
                             EmergencyRelease, Attach, Detach, Reserve, Commit, Release, RecordUsage, core::Fire>;

// ---- events: stored for ever

struct Created {
  Profile profile;
  Type type = Type::internal_sovereign;
  std::string by;
  core::Timestamp at;
};
struct Updated {
  Profile before;
  Profile after;
  std::string by;
  core::Timestamp at;
};
struct PowerSet {
  std::optional<Power> before;
  Power after;
  std::string by;
  core::Timestamp at;
};
struct Suspended {
  std::string reason;
  std::string by;
  core::Timestamp at;
};
struct Resumed {
  std::string by;
  core::Timestamp at;
};
struct Disabled {
  std::string reason;
  std::string by;
  core::Timestamp at;
};
struct Enabled {
  std::string by;
  core::Timestamp at;
};
struct Deleted {
  std::string reason;
  std::string by;
  core::Timestamp at;
};
struct EmergencyStopped {
  std::string reason;
  core::Timestamp at;
};
struct EmergencyReleased {
  core::Timestamp at;
};
struct Attached {
  std::string by;
  core::Timestamp at;
};
struct Detached {
  std::string by;
  core::Timestamp at;
};
struct BudgetSpent {
  std::string month;
  std::int64_t limit = 0;
  std::int64_t taken = 0;
  core::Timestamp at;
};
using Event = std::variant<Created, Updated, PowerSet, Suspended, Resumed, Disabled, Enabled, Deleted, EmergencyStopped,
                           EmergencyReleased, Attached, Detached, BudgetSpent, core::LedgerHeld, core::LedgerCommitted,
                           core::LedgerReleased, core::LedgerRolled>;

// ---- state

struct State {
  Status status = Status::absent;
  Profile profile;
  Type type = Type::internal_sovereign;
  bool power_set = false;
  std::optional<Power> power;
  Status stopped_from = Status::absent;
  std::string reason;
  std::vector<std::string> used_by;
  core::Ledger budget;
  Minute minute;
  std::string told_spent;
  std::string created_by;
  core::Timestamp created_at;
  std::string changed_by;
  core::Timestamp changed_at;
};

/// False while its power is not set, or it does not work.
bool works(const State&);

core::Decision<Event> decide(const State&, const Command&, const core::Context&);
State evolve(State, const Event&);
core::Summary summarise(const State&);
const core::Kind& kind();

const core::Record& describe(const Power*);
const core::Record& describe(const Profile*);
const core::Record& describe(const Minute*);
const core::Record& describe(const Create*);
const core::Record& describe(const Update*);
const core::Record& describe(const SetPower*);
const core::Record& describe(const Suspend*);
const core::Record& describe(const Resume*);
const core::Record& describe(const Disable*);
const core::Record& describe(const Enable*);
const core::Record& describe(const Delete*);
const core::Record& describe(const EmergencyStop*);
const core::Record& describe(const EmergencyRelease*);
const core::Record& describe(const Attach*);
const core::Record& describe(const Detach*);
const core::Record& describe(const Reserve*);
const core::Record& describe(const Commit*);
const core::Record& describe(const Release*);
const core::Record& describe(const RecordUsage*);
const core::Record& describe(const Created*);
const core::Record& describe(const Updated*);
const core::Record& describe(const PowerSet*);
const core::Record& describe(const Suspended*);
const core::Record& describe(const Resumed*);
const core::Record& describe(const Disabled*);
const core::Record& describe(const Enabled*);
const core::Record& describe(const Deleted*);
const core::Record& describe(const EmergencyStopped*);
const core::Record& describe(const EmergencyReleased*);
const core::Record& describe(const Attached*);
const core::Record& describe(const Detached*);
const core::Record& describe(const BudgetSpent*);
const core::Record& describe(const State*);

}  // namespace nova::ai_layer
