// One person's use of AI (S08): requests of the day as a ledger of reservations, those of the minute, and whether their
// access is suspended, which leaves the account alone. Its id is the user's. Lives in the tenant `system`.
#pragma once
#include "core/ai/execution.hpp"
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

namespace nova::ai_access {

enum class Status : std::uint8_t { absent, active, suspended };
const std::vector<std::string_view>& names_of(const Status*);

inline constexpr auto hold_time = core::execution_hold_time;
/// A breach that comes again within this time is no further event.
inline constexpr std::chrono::minutes breach_interval{1};

struct Minute {
  core::Timestamp since;
  std::int64_t requests = 0;
  friend bool operator==(const Minute&, const Minute&) = default;
};

// ---- commands

struct Reserve {
  core::LedgerId id;
  core::Text<1, 32, core::Shape::name> tier;
};
struct NoteBreach {
  core::Text<1, 32, core::Shape::name> tier;
  core::Label limit;
};
struct Commit {
  core::LedgerId id;
};
struct Release {
  core::LedgerId id;
};
struct Suspend {
  core::Reason reason;
};
struct Restore {};
using Command = std::variant<Reserve, NoteBreach, Commit, Release, Suspend, Restore, core::Fire>;

// ---- events: stored for ever

struct Breached {
  std::string tier;
  std::string limit;
  core::Timestamp at;
};
struct Suspended {
  std::string reason;
  std::string by;
  core::Timestamp at;
};
struct Restored {
  std::string by;
  core::Timestamp at;
};
using Event = std::variant<Breached, Suspended, Restored, core::LedgerHeld, core::LedgerCommitted, core::LedgerReleased,
                           core::LedgerRolled>;

// ---- state

struct State {
  Status status = Status::absent;
  std::string tier;
  core::Ledger day;
  Minute minute;
  std::string breached_limit;
  core::Timestamp breached_at;
  std::uint64_t breaches = 0;
  std::string reason;
  std::string changed_by;
  core::Timestamp changed_at;
};

core::Decision<Event> decide(const State&, const Command&, const core::Context&);
State evolve(State, const Event&);
core::Summary summarise(const State&);
const core::Kind& kind();

const core::Record& describe(const Minute*);
const core::Record& describe(const Reserve*);
const core::Record& describe(const NoteBreach*);
const core::Record& describe(const Commit*);
const core::Record& describe(const Release*);
const core::Record& describe(const Suspend*);
const core::Record& describe(const Restore*);
const core::Record& describe(const Breached*);
const core::Record& describe(const Suspended*);
const core::Record& describe(const Restored*);
const core::Record& describe(const State*);

}  // namespace nova::ai_access
