// Decision (S07): a weighty act that is analysed by some, decided by others and carried out by others again, with every
// phase on record. Lives in the tenant that it is about, or in `system` for what is about the installation.
#pragma once
#include "core/governor/act.hpp"
#include "core/kind.hpp"

#include <chrono>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace nova::decision {

enum class Status : std::uint8_t {
  absent,
  analysis,
  pending_approval,
  approved,
  executing,
  completed,
  rejected,
  killed
};
enum class StepStatus : std::uint8_t { pending, in_progress, completed, failed, skipped };
enum class StepOutcome : std::uint8_t { completed, failed };
const std::vector<std::string_view>& names_of(const Status*);
const std::vector<std::string_view>& names_of(const StepStatus*);
const std::vector<std::string_view>& names_of(const StepOutcome*);

inline constexpr std::size_t steps_max = 16;
inline constexpr std::size_t violations_max = 16;
inline constexpr std::size_t analysts_max = 16;
/// The root owner waits so long before deciding alone what they analysed.
inline constexpr std::chrono::milliseconds owner_wait{60'000};

using Title = core::Text<1, 160>;
using Words = core::Text<0, 1000, core::Shape::any>;
using StepNumber = core::Bounded<1, std::int64_t(steps_max)>;

// ---- parts of commands, events and states: stored for ever

struct Subject {
  core::DecisionType type = core::DecisionType::operational;
  Title title, title_ar;
  Words description, description_ar;
  core::Text<0, 160> target_platform;  ///< "tenant/id"; empty: none
  core::Text<0, 160> target_resource;
  core::Urgency urgency = core::Urgency::normal;
  core::ActFacts facts;
  friend bool operator==(const Subject&, const Subject&) = default;
};
/// What a policy objects to.
struct Violation {
  std::string policy, name, message;
  bool denies = false;  ///< by a `deny`: nothing goes on
};
struct StepPlan {
  Title title;
  core::Text<0, 300, core::Shape::any> impact;
  core::Text<0, 600, core::Shape::any> rollback_plan;
  bool requires_approval = false;
  core::ApprovalLevel approval_level = core::ApprovalLevel::standard;  ///< of a step that requires one
  friend bool operator==(const StepPlan&, const StepPlan&) = default;
};
struct Step {
  StepPlan plan;
  StepStatus status = StepStatus::pending;
  std::string approved_by, by, note;
  core::Timestamp started_at, ended_at;
};

// ---- commands. `policies` are the ids of all active ones, `factor` says what was proved just now, `person` who is
// behind a key: the node fills these in.

using PersonId = core::Text<0, 128>;

struct Request {
  Subject subject;
  PersonId person;
  std::vector<core::EntityId> policies;
};
/// Also an AI assistant's. It may make the facts worse, never better.
struct Analyze {
  core::Text<1, 4000, core::Shape::any> analysis;
  core::ActFacts facts;
  PersonId person;
  std::vector<core::EntityId> policies;
};
/// Also an AI assistant's. Ends the analysis.
struct Propose {
  std::vector<StepPlan> steps;
  PersonId person;
  std::vector<core::EntityId> policies;
};
struct Approve {
  Words reason;
  core::Text<0, 20> factor;            ///< "2fa", "recovery", "passkey"; empty: nothing was proved
  core::Bounded<0, 1'000'000> others;  ///< how many more people could decide
  std::vector<core::EntityId> policies;
};
struct Reject {
  core::Text<1, 1000, core::Shape::any> reason;
};
struct ApproveStep {
  StepNumber order{1};
  core::Text<0, 20> factor;
};
/// Begins a step, or a failed one again.
struct ExecuteStep {
  StepNumber order{1};
  core::Text<0, 20> factor;
  std::vector<core::EntityId> policies;
};
struct FinishStep {
  StepNumber order{1};
  StepOutcome outcome = StepOutcome::completed;
  core::Text<0, 300, core::Shape::any> note;
};
struct Kill {
  core::Text<1, 1000, core::Shape::any> reason;
};
using Command = std::variant<Request, Analyze, Propose, Approve, Reject, ApproveStep, ExecuteStep, FinishStep, Kill>;

// ---- events: stored for ever

struct Requested {
  Subject subject;
  core::RiskLevel risk_level = core::RiskLevel::medium;
  core::ApprovalLevel required_approval = core::ApprovalLevel::standard;
  core::Principal by;
  std::string person;  ///< behind a key
  core::Timestamp at;
};
struct Analyzed {
  std::string analysis;
  core::ActFacts facts;  ///< the worse of what was asked and what was found
  core::RiskLevel risk_level = core::RiskLevel::medium;
  core::ApprovalLevel required_approval = core::ApprovalLevel::standard;
  std::int64_t feasibility = 0;
  std::vector<Violation> violations;
  core::Principal by;
  std::string person;  ///< behind a key
  core::Timestamp at;
};
struct Proposed {
  std::vector<StepPlan> steps;
  std::int64_t feasibility = 0;
  std::vector<Violation> violations;
  core::Principal by;
  std::string person;  ///< behind a key
  core::Timestamp at;
};
/// A policy objected when somebody wanted to go on.
struct Objected {
  std::vector<Violation> violations;
  std::string phase;  ///< "request"
  core::Timestamp at;
};
struct Approved {
  std::string by, reason, factor;
  bool owner_confirmed = false;  ///< by the root owner, of what they analysed themselves
  std::vector<std::string> policies;
  core::Timestamp at;
};
struct Rejected {
  std::string by, reason;
  core::Timestamp at;
};
struct StepApproved {
  std::int64_t order = 1;
  std::string by;
  core::Timestamp at;
};
struct StepStarted {
  std::int64_t order = 1;
  std::string by;
  bool owner_confirmed = false;  ///< by the root owner, who decided it too
  core::Timestamp at;
};
struct StepFinished {
  std::int64_t order = 1;
  StepOutcome outcome = StepOutcome::completed;
  std::string by, note;
  std::string rollback_plan;  ///< of a failed one: what is offered
  core::Timestamp at;
};
struct Completed {
  core::Timestamp at;
};
struct Killed {
  std::string by, reason;
  core::Timestamp at;
};
using Event = std::variant<Requested, Analyzed, Proposed, Objected, Approved, Rejected, StepApproved, StepStarted,
                           StepFinished, Completed, Killed>;

// ---- state

struct State {
  Status status = Status::absent;
  Subject subject;  ///< with the worst facts that anybody named
  core::RiskLevel risk_level = core::RiskLevel::medium;
  core::ApprovalLevel required_approval = core::ApprovalLevel::standard;
  std::int64_t feasibility = 0;
  std::string analysis;
  std::vector<Violation> violations;  ///< of the last look
  std::vector<Step> steps;
  core::Principal requested_by, analyzed_by, proposed_by;
  std::set<std::string> analysts;  ///< all people who had a part in asking and analysing
  std::string decided_by, reason, factor;
  bool owner_confirmed = false;
  std::string rollback_offered;  ///< of the step that failed last
  core::Timestamp requested_at, proposed_at, decided_at, ended_at;
};

core::Decision<Event> decide(const State&, const Command&, const core::Context&);
State evolve(State, const Event&);
core::Summary summarise(const State&);
const core::Kind& kind();

const core::Record& describe(const Subject*);
const core::Record& describe(const Violation*);
const core::Record& describe(const StepPlan*);
const core::Record& describe(const Step*);
const core::Record& describe(const Request*);
const core::Record& describe(const Analyze*);
const core::Record& describe(const Propose*);
const core::Record& describe(const Approve*);
const core::Record& describe(const Reject*);
const core::Record& describe(const ApproveStep*);
const core::Record& describe(const ExecuteStep*);
const core::Record& describe(const FinishStep*);
const core::Record& describe(const Kill*);
const core::Record& describe(const Requested*);
const core::Record& describe(const Analyzed*);
const core::Record& describe(const Proposed*);
const core::Record& describe(const Objected*);
const core::Record& describe(const Approved*);
const core::Record& describe(const Rejected*);
const core::Record& describe(const StepApproved*);
const core::Record& describe(const StepStarted*);
const core::Record& describe(const StepFinished*);
const core::Record& describe(const Completed*);
const core::Record& describe(const Killed*);
const core::Record& describe(const State*);

}  // namespace nova::decision
