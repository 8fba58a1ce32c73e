// Work outcome: an effect whose outcome is missing. An intent stands in the log before its effect begins, its outcome
// after it ended; where none came within its time, that is a fact too, and this is its record (ARCHITECTURE.md,
// "Governance in seven rules", 5).
#pragma once
#include "core/kind.hpp"
#include "core/work.hpp"

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace nova::work_outcome {

enum class Status : std::uint8_t { missing, came };
const std::vector<std::string_view>& names_of(const Status*);

/// What was asked of a driver, by which entity, and until when its outcome was to be there.
struct Intent {
  core::EntityKey owner;           ///< the entity that asked; it lives in the same tenant
  core::Text<1, 255> work;         ///< its own id of it
  core::Text<0, 64> driver, verb;  ///< of whom, and what
  core::Text<0, 128> cause;        ///< the command whose event asked
  std::uint64_t position = 0;      ///< of that event in the log
  core::Timestamp asked_at, due_at;
};

// ---- commands

struct MissOutcome {
  Intent intent;
  core::Bounded<0, 1'000'000'000> attempts{0};  ///< that ended, each to be tried again
  bool under_way = false;                       ///< an attempt was begun, and its end is not known
  bool buried = false;     ///< it ended, and its entity would not take the outcome: it lies in the dead letters
  core::Prose last_error;  ///< of the last attempt
};
struct NoteOutcome {};
using Command = std::variant<MissOutcome, NoteOutcome>;

// ---- events: stored for ever

struct OutcomeMissing {
  Intent intent;
  std::int64_t attempts = 0;
  bool under_way = false, buried = false;
  std::string last_error;
  core::Timestamp at;
};
struct OutcomeCame {
  core::Timestamp at;  ///< when that was noticed; the outcome itself is an event of the owner
};
using Event = std::variant<OutcomeMissing, OutcomeCame>;

// ---- state

struct State {
  Status status = Status::missing;
  Intent intent;
  std::int64_t attempts = 0;
  bool under_way = false, buried = false;
  std::string last_error;
  core::Timestamp missing_since, came_at;
};

const core::Record& describe(const Intent*);
const core::Record& describe(const MissOutcome*);
const core::Record& describe(const NoteOutcome*);
const core::Record& describe(const OutcomeMissing*);
const core::Record& describe(const OutcomeCame*);
const core::Record& describe(const State*);

core::Decision<Event> decide(const State&, const Command&, const core::Context&);
State evolve(State, const Event&);
core::Summary summarise(const State&);
const core::Kind& kind();

}  // namespace nova::work_outcome
