// One request to AI (S02): judged in a fixed order, recorded whatever the answer, held when it is weighty. Money and
// requests are held before it may run. No model is called: what is allowed to generate ends as `ai.no_provider`.
#pragma once
#include "core/ai/execution.hpp"
#include "core/kind.hpp"
#include "core/work.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

namespace nova::ai_execution {

enum class Status : std::uint8_t {
  absent,
  requested,
  held,
  allowed,
  running,
  refused,
  succeeded,
  failed,
  killed,
  expired
};
enum class Severity : std::uint8_t { block, warning, log };
const std::vector<std::string_view>& names_of(const Status*);
const std::vector<std::string_view>& names_of(const Severity*);

using OptionalName = core::Text<0, 128, core::Shape::name>;
using PermissionCode = core::Text<1, 64, core::Shape::name>;
/// A held request that nobody decides is over: time never means yes.
inline constexpr std::chrono::minutes held_time{30};
/// A request that was allowed and of which nothing was heard has failed.
inline constexpr auto run_time = core::execution_run_time;
inline constexpr std::size_t violations_max = 16;

struct Violation {
  std::string code;
  std::string rule;
  Severity severity = Severity::block;
  std::string message;
  friend bool operator==(const Violation&, const Violation&) = default;
};

struct Switches {
  bool no_ai_without_layer = true;
  bool no_ai_without_limits = true;
  bool no_undefined_power = true;
  bool no_external_without_approval = true;
  bool no_subscriber_access_without_decision = true;
  core::Enforcement enforcement = core::Enforcement::strict;
  friend bool operator==(const Switches&, const Switches&) = default;
};

struct Requester {
  OptionalName user;
  OptionalName agent;
  bool subscriber = true;
  core::Text<0, 32, core::Shape::name> tier;
  friend bool operator==(const Requester&, const Requester&) = default;
};

// ---- commands

struct Request {
  core::AiAction action = core::AiAction::generate;
  OptionalName layer;
  OptionalName agent;
  OptionalName provider;
  core::Text<1, 64, core::Shape::name> task_type;
  core::Impact impact = core::Impact::low;
  core::Bounded<1, 128000> tokens{1000};
  std::set<PermissionCode> needs;
  bool asks_approval = false;
  bool takes_final_decision = false;
  bool ambiguous = false;
  std::optional<core::Digest> payload_digest;
  Requester requester;
  Switches switches;
  core::Label killed_by;
};
struct Resume {
  core::Text<0, 128, core::Shape::name> approval_id;
};
struct Reject {
  core::Prose reason;
};
struct Finish {
  std::optional<core::Digest> result_digest;
};
struct Fail {
  core::Text<1, 64, core::Shape::line> code;
  core::Prose message;
};
struct Kill {
  core::Reason reason;
};
using Command = std::variant<Request, Resume, Reject, Finish, Fail, Kill, core::Settle, core::Fire>;

// ---- events: stored for ever

struct Requested {
  Request request;
  bool subscriber = false;
  std::string by;
  core::Timestamp at;
};
struct Warned {
  Violation violation;
  core::Timestamp at;
};
struct Refused {
  Violation violation;
  std::string by;
  core::Timestamp at;
};
struct Held {
  std::vector<std::string> rules;
  core::Timestamp expires_at;
  core::Timestamp at;
  std::string approval_id = {};  ///< of the approval that asks people, in the same tenant
};
struct Released {
  std::string approval_id;
  std::string by;
  core::Timestamp at;
};
struct Reserving {
  std::string ledger;
  core::Timestamp at;
};
struct Allowed {
  core::Timestamp at;
};
struct Started {
  core::Timestamp at;
};
struct Finished {
  std::string result_digest;
  core::Timestamp at;
};
struct Failed {
  std::string code;
  std::string message;
  core::Timestamp at;
};
struct Killed {
  std::string reason;
  core::Timestamp at;
};
struct Expired {
  core::Timestamp at;
};
using Event = std::variant<Requested, Warned, Refused, Held, Released, Reserving, Allowed, Started, Finished, Failed,
                           Killed, Expired>;

// ---- state

struct State {
  Status status = Status::absent;
  Request request;
  std::vector<Violation> violations;
  std::vector<std::string> held_by;
  std::string approval_id;
  std::string decided_by;
  std::vector<std::string> ledgers;
  std::string reserving;
  std::string code;
  std::string reason;
  std::string result_digest;
  std::string requested_by;
  core::Timestamp requested_at;
  core::Timestamp expires_at;
  core::Timestamp ended_at;
};

core::Decision<Event> decide(const State&, const Command&, const core::Context&);
State evolve(State, const Event&);
core::Summary summarise(const State&);
const core::Kind& kind();

const core::Record& describe(const Violation*);
const core::Record& describe(const Switches*);
const core::Record& describe(const Requester*);
const core::Record& describe(const Request*);
const core::Record& describe(const Resume*);
const core::Record& describe(const Reject*);
const core::Record& describe(const Finish*);
const core::Record& describe(const Fail*);
const core::Record& describe(const Kill*);
const core::Record& describe(const Requested*);
const core::Record& describe(const Warned*);
const core::Record& describe(const Refused*);
const core::Record& describe(const Held*);
const core::Record& describe(const Released*);
const core::Record& describe(const Reserving*);
const core::Record& describe(const Allowed*);
const core::Record& describe(const Started*);
const core::Record& describe(const Finished*);
const core::Record& describe(const Failed*);
const core::Record& describe(const Killed*);
const core::Record& describe(const Expired*);
const core::Record& describe(const State*);

}  // namespace nova::ai_execution
