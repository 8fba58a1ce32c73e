#include "actors/decision/weigh.hpp"

namespace nova::decision {

using core::field;
using core::optional_field;
using core::record;

namespace {
constexpr core::Access analysing{.capability = "app.deploy", .permission = "platform:configure", .scope = "ai.invoke"};
constexpr core::Access deciding{.capability = "security.manage", .permission = "platform:configure"};
constexpr core::Access executing{.capability = "app.deploy", .permission = "platform:configure"};
}  // namespace

const std::vector<std::string_view>& names_of(const Status*) {
  static const std::vector<std::string_view> names = {"absent",    "analysis",  "pending_approval", "approved",
                                                      "executing", "completed", "rejected",         "killed"};
  return names;
}
const std::vector<std::string_view>& names_of(const StepStatus*) {
  static const std::vector<std::string_view> names = {"pending", "in_progress", "completed", "failed", "skipped"};
  return names;
}
const std::vector<std::string_view>& names_of(const StepOutcome*) {
  static const std::vector<std::string_view> names = {"completed", "failed"};
  return names;
}

const core::Record& describe(const Subject*) {
  static const auto row = record<Subject>(
      "subject", "What is to be decided.",
      {field("type", &Subject::type, "what sort of act"), field("title", &Subject::title, "in English"),
       field("title_ar", &Subject::title_ar, "in Arabic"),
       optional_field("description", &Subject::description, "more of it, in English"),
       optional_field("description_ar", &Subject::description_ar, "the same in Arabic"),
       optional_field("target_platform", &Subject::target_platform, "the platform that it is about, `tenant/id`"),
       optional_field("target_resource", &Subject::target_resource, "what it is about there"),
       optional_field("urgency", &Subject::urgency, "how soon it must be decided"),
       optional_field("facts", &Subject::facts, "what the act is")});
  return row;
}
const core::Record& describe(const Violation*) {
  static const auto row = record<Violation>(
      "violation", "What a policy objects to.",
      {field("policy", &Violation::policy, "its id"), field("name", &Violation::name, "its name"),
       field("message", &Violation::message, "what it says"), field("denies", &Violation::denies, "nothing goes on")});
  return row;
}
const core::Record& describe(const StepPlan*) {
  static const auto row = record<StepPlan>(
      "step_plan", "One step of carrying it out.",
      {field("title", &StepPlan::title, "what is done"),
       optional_field("impact", &StepPlan::impact, "what that changes"),
       optional_field("rollback_plan", &StepPlan::rollback_plan, "how it is taken back"),
       optional_field("requires_approval", &StepPlan::requires_approval, "it waits for an agreement of its own"),
       optional_field("approval_level", &StepPlan::approval_level, "whose")});
  return row;
}
const core::Record& describe(const Step*) {
  static const auto row = record<Step>(
      "step", "A step and what became of it.",
      {field("plan", &Step::plan, "what was proposed"), field("status", &Step::status, "where it stands"),
       field("approved_by", &Step::approved_by, "who agreed to it"), field("by", &Step::by, "who carries it out"),
       field("note", &Step::note, "what they said of it"), field("started_at", &Step::started_at, "when it began"),
       field("ended_at", &Step::ended_at, "when it ended")});
  return row;
}

const core::Record& describe(const Request*) {
  static const auto row =
      record<Request>("request", "Ask for a decision.",
                      {field("subject", &Request::subject, "what is to be decided"),
                       optional_field("person", &Request::person, "who is behind a key; filled in by the node"),
                       field("policies", &Request::policies, "all active ones; filled in by the node")});
  return row;
}
const core::Record& describe(const Analyze*) {
  static const auto row =
      record<Analyze>("analyze", "Say what it means.",
                      {field("analysis", &Analyze::analysis, "in words"),
                       optional_field("facts", &Analyze::facts, "what the act was found to be; the worse counts"),
                       optional_field("person", &Analyze::person, "who is behind a key; filled in by the node"),
                       field("policies", &Analyze::policies, "all active ones; filled in by the node")});
  return row;
}
const core::Record& describe(const Propose*) {
  static const auto row =
      record<Propose>("propose", "Say by which steps it would be done.",
                      {field("steps", &Propose::steps, "in order"),
                       optional_field("person", &Propose::person, "who is behind a key; filled in by the node"),
                       field("policies", &Propose::policies, "all active ones; filled in by the node")});
  return row;
}
const core::Record& describe(const Approve*) {
  static const auto row =
      record<Approve>("approve", "Decide for it.",
                      {optional_field("reason", &Approve::reason, "why"),
                       optional_field("factor", &Approve::factor, "what was proved just now; filled in by the node"),
                       optional_field("others", &Approve::others, "how many more could decide; filled in by the node"),
                       field("policies", &Approve::policies, "all active ones; filled in by the node")});
  return row;
}
const core::Record& describe(const Reject*) {
  static const auto row = record<Reject>("reject", "Decide against it.", {field("reason", &Reject::reason, "why")});
  return row;
}
const core::Record& describe(const ApproveStep*) {
  static const auto row = record<ApproveStep>(
      "approve_step", "Agree to a step that asks for it.",
      {field("order", &ApproveStep::order, "which, from 1"),
       optional_field("factor", &ApproveStep::factor, "what was proved just now; filled in by the node")});
  return row;
}
const core::Record& describe(const ExecuteStep*) {
  static const auto row = record<ExecuteStep>(
      "execute_step", "Begin a step.",
      {field("order", &ExecuteStep::order, "which, from 1"),
       optional_field("factor", &ExecuteStep::factor, "what was proved just now; filled in by the node"),
       field("policies", &ExecuteStep::policies, "all active ones; filled in by the node")});
  return row;
}
const core::Record& describe(const FinishStep*) {
  static const auto row = record<FinishStep>(
      "finish_step", "Say how a step ended.",
      {field("order", &FinishStep::order, "which, from 1"), optional_field("outcome", &FinishStep::outcome, "how"),
       optional_field("note", &FinishStep::note, "in words")});
  return row;
}
const core::Record& describe(const Kill*) {
  static const auto row = record<Kill>("kill", "Stop it for good.", {field("reason", &Kill::reason, "why")});
  return row;
}

const core::Record& describe(const Requested*) {
  static const auto row = record<Requested>(
      "requested", "A decision was asked for.",
      {field("subject", &Requested::subject, "what is to be decided"),
       field("risk_level", &Requested::risk_level, "how great the risk is"),
       field("required_approval", &Requested::required_approval, "who must agree"), field("by", &Requested::by, "who"),
       field("person", &Requested::person, "who is behind a key"), field("at", &Requested::at, "when")});
  return row;
}
const core::Record& describe(const Analyzed*) {
  static const auto row = record<Analyzed>(
      "analyzed", "Somebody said what it means.",
      {field("analysis", &Analyzed::analysis, "in words"),
       field("facts", &Analyzed::facts, "the worst that anybody named"),
       field("risk_level", &Analyzed::risk_level, "how great the risk is"),
       field("required_approval", &Analyzed::required_approval, "who must agree"),
       field("feasibility", &Analyzed::feasibility, "0 to 100"),
       field("violations", &Analyzed::violations, "what policies object to"), field("by", &Analyzed::by, "who"),
       field("person", &Analyzed::person, "who is behind a key"), field("at", &Analyzed::at, "when")});
  return row;
}
const core::Record& describe(const Proposed*) {
  static const auto row = record<Proposed>(
      "proposed", "The steps are known.",
      {field("steps", &Proposed::steps, "in order"), field("feasibility", &Proposed::feasibility, "0 to 100"),
       field("violations", &Proposed::violations, "what policies object to"), field("by", &Proposed::by, "who"),
       field("person", &Proposed::person, "who is behind a key"), field("at", &Proposed::at, "when")});
  return row;
}
const core::Record& describe(const Objected*) {
  static const auto row =
      record<Objected>("objected", "A policy stood against it.",
                       {field("violations", &Objected::violations, "what policies object to"),
                        field("phase", &Objected::phase, "in which"), field("at", &Objected::at, "when")});
  return row;
}
const core::Record& describe(const Approved*) {
  static const auto row = record<Approved>(
      "approved", "It was decided for.",
      {field("by", &Approved::by, "who"), field("reason", &Approved::reason, "why"),
       field("factor", &Approved::factor, "what was proved"),
       field("owner_confirmed", &Approved::owner_confirmed, "by the root owner, of what they analysed themselves"),
       field("policies", &Approved::policies, "that were looked at"), field("at", &Approved::at, "when")});
  return row;
}
const core::Record& describe(const Rejected*) {
  static const auto row =
      record<Rejected>("rejected", "It was decided against.",
                       {field("by", &Rejected::by, "who"), field("reason", &Rejected::reason, "why"),
                        field("at", &Rejected::at, "when")});
  return row;
}
const core::Record& describe(const StepApproved*) {
  static const auto row =
      record<StepApproved>("step_approved", "A step was agreed to.",
                           {field("order", &StepApproved::order, "which"), field("by", &StepApproved::by, "who"),
                            field("at", &StepApproved::at, "when")});
  return row;
}
const core::Record& describe(const StepStarted*) {
  static const auto row = record<StepStarted>(
      "step_started", "A step began.",
      {field("order", &StepStarted::order, "which"), field("by", &StepStarted::by, "who"),
       field("owner_confirmed", &StepStarted::owner_confirmed, "by the root owner, who decided it too"),
       field("at", &StepStarted::at, "when")});
  return row;
}
const core::Record& describe(const StepFinished*) {
  static const auto row = record<StepFinished>(
      "step_finished", "A step ended.",
      {field("order", &StepFinished::order, "which"), field("outcome", &StepFinished::outcome, "how"),
       field("by", &StepFinished::by, "who"), field("note", &StepFinished::note, "in words"),
       field("rollback_plan", &StepFinished::rollback_plan, "what is offered where it failed"),
       field("at", &StepFinished::at, "when")});
  return row;
}
const core::Record& describe(const Completed*) {
  static const auto row = record<Completed>("completed", "All steps are done.", {field("at", &Completed::at, "when")});
  return row;
}
const core::Record& describe(const Killed*) {
  static const auto row = record<Killed>(
      "killed", "It was stopped for good.",
      {field("by", &Killed::by, "who"), field("reason", &Killed::reason, "why"), field("at", &Killed::at, "when")});
  return row;
}

const core::Record& describe(const State*) {
  static const auto row = record<State>(
      "decision", "A decision and all that became of it.",
      {field("status", &State::status, "which phase it is in"),
       field("subject", &State::subject, "what is to be decided"),
       field("risk_level", &State::risk_level, "how great the risk is"),
       field("required_approval", &State::required_approval, "who must agree"),
       field("feasibility", &State::feasibility, "0 to 100"),
       field("analysis", &State::analysis, "what it means"),
       field("violations", &State::violations, "what policies object to"),
       field("steps", &State::steps, "in order"),
       field("requested_by", &State::requested_by, "who asked"),
       field("analyzed_by", &State::analyzed_by, "who analysed it last"),
       field("proposed_by", &State::proposed_by, "who proposed the steps"),
       field("analysts", &State::analysts, "all who had a part in asking and analysing: they do not decide"),
       field("decided_by", &State::decided_by, "who decided"),
       field("reason", &State::reason, "of the decision, or of its end"),
       field("factor", &State::factor, "what who decided had proved"),
       field("owner_confirmed", &State::owner_confirmed, "the root owner decided alone"),
       field("rollback_offered", &State::rollback_offered, "of the step that failed last"),
       field("requested_at", &State::requested_at, "when it was asked for"),
       field("proposed_at", &State::proposed_at, "when the steps were known"),
       field("decided_at", &State::decided_at, "when it was decided"),
       field("ended_at", &State::ended_at, "when it was over")});
  return row;
}

namespace {

template <class C>
std::vector<core::FactNeed> with_policies(const core::EntityKey& self, const void* state, const void* command) {
  return needs_of(self, static_cast<const State*>(state)->subject.target_platform,
                  static_cast<const C*>(command)->policies);
}

}  // namespace

const core::Kind& kind() {
  using enum core::Door;
  // What must know the active policies comes by routes of its own, which list them.
  static const core::Kind made = core::kind_of<State, Command, Event>({
      .name = "decision",
      .plural = "decisions",
      .doc = "A weighty act, with analysis, decision and execution kept apart.",
      .commands = {{.name = "request",
                    .doc = "Ask for a decision.",
                    .door = assisted,
                    .impact = 3,
                    .creates = true,
                    .access = analysing,
                    .facts = with_policies<Request>},
                   {.name = "analyze",
                    .doc = "Say what it means.",
                    .door = assisted,
                    .impact = 3,
                    .access = analysing,
                    .facts = with_policies<Analyze>},
                   {.name = "propose",
                    .doc = "Say by which steps it would be done.",
                    .door = assisted,
                    .impact = 3,
                    .access = analysing,
                    .facts = with_policies<Propose>},
                   {.name = "approve",
                    .doc = "Decide for it.",
                    .door = assisted,
                    .impact = 8,
                    .access = deciding,
                    .facts = with_policies<Approve>},
                   {.name = "reject", .doc = "Decide against it.", .impact = 5, .access = deciding},
                   {.name = "approve_step",
                    .doc = "Agree to a step that asks for it.",
                    .door = assisted,
                    .impact = 7,
                    .access = deciding},
                   {.name = "execute_step",
                    .doc = "Begin a step.",
                    .door = assisted,
                    .impact = 7,
                    .access = executing,
                    .facts = with_policies<ExecuteStep>},
                   {.name = "finish_step", .doc = "Say how a step ended.", .impact = 3, .access = executing},
                   {.name = "kill", .doc = "Stop it for good.", .impact = 5, .access = executing}},
      .events = {{.name = "decision.requested", .doc = "A decision was asked for."},
                 {.name = "decision.analyzed", .doc = "Somebody said what it means."},
                 {.name = "decision.proposed", .doc = "The steps are known."},
                 {.name = "decision.objected", .doc = "A policy stood against it.", .observation = true},
                 {.name = "decision.approved", .doc = "It was decided for."},
                 {.name = "decision.rejected", .doc = "It was decided against."},
                 {.name = "decision.step_approved", .doc = "A step was agreed to."},
                 {.name = "decision.step_started", .doc = "A step began."},
                 {.name = "decision.step_finished", .doc = "A step ended."},
                 {.name = "decision.completed", .doc = "All steps are done.", .observation = true},
                 {.name = "decision.killed", .doc = "It was stopped for good."}},
  });
  return made;
}

}  // namespace nova::decision
