// Approval: an act that waits until the right people have agreed to it, and then is done once (S04).
#pragma once
#include "core/kind.hpp"
#include "core/proposal.hpp"
#include "core/work.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace nova::approval {

enum class Status : std::uint8_t { pending, approved, rejected, expired, cancelled, executed, execution_failed };
/// How somebody who decides has shown, with this decision, that it is them.
enum class Factor : std::uint8_t { none, totp, recovery, passkey };
const std::vector<std::string_view>& names_of(const Status*);
const std::vector<std::string_view>& names_of(const Factor*);

/// The owner waits so long before confirming alone what they asked for.
inline constexpr std::chrono::milliseconds owner_wait{60'000};
/// A request's idempotency key lives so long (`host::idempotency_life`).
inline constexpr std::chrono::hours key_life{24};
inline constexpr std::size_t votes_max = 100;

// ---- parts of commands, events and states: stored for ever

/// The command that waits. Its body lies sealed, in `content`.
struct Act {
  core::EntityKey target;
  std::string command;  ///< "delete"
  std::int64_t impact = 0;
  core::Principal by;   ///< who asked
  std::string person;   ///< the user behind it: of an API key who made it; empty: nobody
  core::RawJson shown;  ///< its body as approvers see it, without secrets and personal data
  std::string digest;   ///< gate::digest_of
  std::string constitution;
  std::uint64_t version = 0, intent_version = 0;  ///< of the target when it was held
  std::int64_t expected_version = -1, expected_intent_version = -1;
  std::string idempotency_key, request_hash, correlation, request_id;
  std::string budget = {};  ///< what it may spend at most; empty: nothing is reserved for it
  core::RawJson read = {};  ///< the attributes that the rules read which held it, by path
};
/// A rule that holds it.
struct Rule {
  std::string id, en, ar, gate;
};
/// People of whom `quorum` must agree.
struct Group {
  std::string name;
  std::int64_t quorum = 1;
  std::vector<std::string> roles, permissions;
};
struct Level {
  std::int64_t level = 1;
  std::string role;
  std::chrono::milliseconds timeout{0};
};
struct Vote {
  std::string user;
  std::string group;  ///< for which it counts; empty: for all that were open (`owner_confirmed`)
  std::string reason;
  Factor factor = Factor::none;
  bool owner_confirmed = false;
  core::Timestamp at;
  std::string remedy = {};  ///< that they chose, where there is a choice
};
using core::Remedy;

// ---- commands

/// Made when the gate holds an act. The same id twice is the same act.
struct Request {
  Act act;
  core::Secret content;  ///< the command's body, byte for byte
  std::vector<Rule> rules;
  std::vector<Group> groups;
  std::vector<Level> escalation;
  bool second_factor = false;
  std::chrono::milliseconds reminder{0};
  core::Timestamp expires_at;
  std::vector<Remedy> remedies = {};                  ///< an entity asks (core::Proposal): what it proposes
  core::Text<0, 63, core::Shape::name> refusal = {};  ///< its command {reason} for when nobody says yes
};
/// `factor` and `others` are found out by the route: what was proved just now, and how many more people could decide.
struct Approve {
  core::Prose reason;
  Factor factor = Factor::none;
  core::Bounded<0, 1'000'000'000> others{0};
  core::Text<0, 63, core::Shape::name> remedy = {};  ///< of several one must be named
};
struct Reject {
  core::Reason reason;
};
struct Cancel {
  core::Prose reason;
};
struct Withdraw {  ///< who proposed it has no use for an answer any more
  core::Prose reason;
};
using Command = std::variant<Request, Approve, Reject, Cancel, Withdraw, core::Settle, core::Fire>;

// ---- events: stored for ever

struct Requested {
  Act act;
  core::Secret content;
  std::vector<Rule> rules;
  std::vector<Group> groups;
  std::vector<Level> escalation;
  bool second_factor = false;
  std::chrono::milliseconds reminder{0};
  core::Timestamp at, expires_at;
  std::vector<Remedy> remedies = {};
  std::string refusal = {};
};
struct Voted {
  Vote vote;
};
struct Approved {
  std::string by;
  std::string reason;
  bool owner_confirmed = false;  ///< by the root owner alone, for want of anybody else
  core::Timestamp at;
  std::string work;         ///< that carries it out
  std::string remedy = {};  ///< that was chosen
};
struct Rejected {
  std::string by;
  std::string reason;
  core::Timestamp at;
};
struct Expired {
  core::Timestamp at;
};
struct Cancelled {
  std::string by;
  std::string reason;
  core::Timestamp at;
};
struct Reminded {
  core::Timestamp at;
};
struct Escalated {
  std::int64_t level = 1;
  std::vector<std::string> roles;  ///< who may decide from now on too
  core::Timestamp at;
};
struct Executed {
  std::uint64_t version = 0;  ///< of the target afterwards
  std::uint64_t position = 0;
  std::vector<std::string> events;
  core::Timestamp at;
};
struct ExecutionFailed {
  std::string code;
  std::string message;
  core::Timestamp at;
};
using Event = std::variant<Requested, Voted, Approved, Rejected, Expired, Cancelled, Reminded, Escalated, Executed,
                           ExecutionFailed>;

// ---- state

struct State {
  Status status = Status::pending;
  Act act;
  core::Secret content;
  std::vector<Rule> rules;
  std::vector<Group> groups;
  std::vector<Level> escalation;
  std::vector<std::string> called;  ///< roles that may decide beside the groups' own, since an escalation
  bool second_factor = false;
  std::chrono::milliseconds reminder{0};
  std::int64_t level = 0;  ///< of escalation; 0: none yet
  std::vector<Vote> votes;
  bool owner_confirmed = false;
  core::Timestamp requested_at, expires_at;
  std::string decided_by, decision_reason;
  core::Timestamp decided_at;
  std::string work;  ///< outstanding
  std::string outcome_code, outcome_message;
  std::uint64_t outcome_version = 0, outcome_position = 0;
  core::Timestamp ended_at;
  std::vector<Remedy> remedies;
  std::string refusal;
  std::string remedy;  ///< that was chosen, by the first yes
};

const core::Record& describe(const Act*);
const core::Record& describe(const Rule*);
const core::Record& describe(const Group*);
const core::Record& describe(const Level*);
const core::Record& describe(const Vote*);
const core::Record& describe(const Request*);
const core::Record& describe(const Approve*);
const core::Record& describe(const Reject*);
const core::Record& describe(const Cancel*);
const core::Record& describe(const Withdraw*);
const core::Record& describe(const Requested*);
const core::Record& describe(const Voted*);
const core::Record& describe(const Approved*);
const core::Record& describe(const Rejected*);
const core::Record& describe(const Expired*);
const core::Record& describe(const Cancelled*);
const core::Record& describe(const Reminded*);
const core::Record& describe(const Escalated*);
const core::Record& describe(const Executed*);
const core::Record& describe(const ExecutionFailed*);
const core::Record& describe(const State*);

/// Yes votes that a group still lacks; 0: it has agreed.
std::int64_t missing(const State& state, const Group& group);
/// Whether a person of this standing could still help: some group that lacks a yes would take theirs.
bool may_help(const State& state, const core::Caller& caller);

core::Decision<Event> decide(const State&, const Command&, const core::Context&);
State evolve(State, const Event&);
core::Summary summarise(const State&);
const core::Kind& kind();

}  // namespace nova::approval
