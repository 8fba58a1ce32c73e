// Policy (S07): what the owner asks of every sovereign decision that it speaks of. Lives in the tenant `system`.
#pragma once
#include "core/governor/policy.hpp"
#include "core/kind.hpp"

#include <optional>
#include <string>
#include <variant>

namespace nova::policy {

enum class Status : std::uint8_t { absent, draft, active, disabled, deleted };
const std::vector<std::string_view>& names_of(const Status*);

// ---- commands

struct Create {
  core::PolicyTerms terms;
};
struct Update {
  core::PolicyTerms terms;
};
/// In force from then on.
struct Approve {
  core::Prose reason;
};
struct Toggle {
  bool active = false;
  core::Prose reason;
};
struct Delete {
  core::Reason reason;
};
using Command = std::variant<Create, Update, Approve, Toggle, Delete>;

// ---- events: stored for ever

struct Created {
  core::PolicyTerms terms;
  std::string by;
  core::Timestamp at;
};
/// What was changed needs approving again.
struct Updated {
  core::PolicyTerms before, after;
  std::string by;
  core::Timestamp at;
};
struct Approved {
  std::string by, reason;
  core::Timestamp at;
};
struct Toggled {
  bool active = false;
  std::string by, reason;
  core::Timestamp at;
};
struct Deleted {
  std::string by, reason;
  core::Timestamp at;
};
using Event = std::variant<Created, Updated, Approved, Toggled, Deleted>;

// ---- state

struct State {
  Status status = Status::absent;
  core::PolicyTerms terms;
  std::string created_by, approved_by, reason;
  core::Timestamp created_at, changed_at;
};

core::Decision<Event> decide(const State&, const Command&, const core::Context&);
State evolve(State, const Event&);
core::Summary summarise(const State&);
const core::Kind& kind();

const core::Record& describe(const Create*);
const core::Record& describe(const Update*);
const core::Record& describe(const Approve*);
const core::Record& describe(const Toggle*);
const core::Record& describe(const Delete*);
const core::Record& describe(const Created*);
const core::Record& describe(const Updated*);
const core::Record& describe(const Approved*);
const core::Record& describe(const Toggled*);
const core::Record& describe(const Deleted*);
const core::Record& describe(const State*);

}  // namespace nova::policy
