#include "actors/decision/decision.hpp"

#include "actors/decision/weigh.hpp"

#include <algorithm>
#include <utility>

namespace nova::decision {
namespace {

using Events = std::vector<Event>;
using Outcome = core::Decision<Event>;
using Refusal = std::optional<core::Error>;

core::Error wrong_state(const State& s, std::initializer_list<std::string_view> allowed) {
  return core::wrong_state(core::name_of(s.status), allowed);
}
core::Error forbidden(std::string code, std::string message) {
  auto error = core::refuse(std::move(code), std::move(message));
  error.status = 403;
  return error;
}

State after(State s, const Events& events) {
  for (const auto& event : events) s = evolve(std::move(s), event);
  return s;
}

std::int64_t feasibility_of(const Look& seen) {
  return seen.violations.empty() ? core::feasibility_clear : core::feasibility_violated;
}

// ---- analysis: anybody who works there, AI assistants too

// "tenant/id" of the decision's own tenant, or of any for what is about the installation.
Refusal refuse_target(const Subject& subject, const core::Context& ctx) {
  const auto& platform = subject.target_platform;
  if (platform.empty()) return std::nullopt;
  const auto slash = platform.find('/');
  if (slash == std::string::npos || !core::is_name(platform.substr(0, slash)) ||
      !core::is_name(platform.substr(slash + 1)))
    return core::invalid_input("subject.target_platform", "must be a tenant and a platform with a slash between them");
  if (ctx.self.tenant != "system" && platform.substr(0, slash) != ctx.self.tenant)
    return core::invalid_input("subject.target_platform", "must be of the tenant that the decision is about");
  return std::nullopt;
}

Outcome on(const State& s, const Request& c, const core::Context& ctx) {
  if (s.status != Status::absent) {
    const bool same = s.subject == c.subject && s.requested_by == ctx.principal;
    return same ? Outcome(Events{}) : Outcome(wrong_state(s, {"absent"}));
  }
  if (auto no = refuse_target(c.subject, ctx)) return *no;
  const auto risk = core::risk_of(c.subject.type, c.subject.urgency, c.subject.facts);
  Events events{Requested{c.subject, risk, core::approval_for(risk), ctx.principal, c.person, ctx.now}};
  const auto asked = after(s, events);
  const auto seen = look(asked, c.policies, ctx);
  if (!seen) return seen.error();
  if (!seen->denied) return events;
  // That it was asked for, and refused, is a fact.
  events.push_back(Objected{seen->violations, "request", ctx.now});
  events.push_back(Rejected{"policy/" + seen->violations.front().policy, seen->violations.front().message, ctx.now});
  return Outcome::refuse_and_record(violated(seen->violations), std::move(events));
}

// All who had a part are remembered, so there is an end to them.
Refusal refuse_crowd(const State& s, const std::string& person, const core::Context& ctx) {
  const auto& who = person.empty() ? ctx.principal.id : person;
  if (s.analysts.size() < analysts_max || s.analysts.contains(who)) return std::nullopt;
  return core::refuse("decision.too_many_analysts", "too many had a part in it already");
}

Outcome on(const State& s, const Analyze& c, const core::Context& ctx) {
  if (s.status != Status::analysis) return wrong_state(s, {"analysis"});
  if (auto no = refuse_crowd(s, c.person, ctx)) return *no;
  Analyzed made;
  made.analysis = c.analysis;
  made.facts = core::worse(s.subject.facts, c.facts);
  made.risk_level = core::risk_of(s.subject.type, s.subject.urgency, made.facts);
  made.required_approval = core::approval_for(made.risk_level);
  if (s.analysis == c.analysis && s.subject.facts == made.facts && s.analyzed_by == ctx.principal) return Events{};
  auto known = s;
  known.subject.facts = made.facts;
  known.risk_level = made.risk_level;
  const auto seen = look(known, c.policies, ctx);
  if (!seen) return seen.error();
  made.feasibility = feasibility_of(*seen);
  made.violations = seen->violations;
  made.by = ctx.principal;
  made.person = c.person;
  made.at = ctx.now;
  return Events{std::move(made)};
}

std::vector<StepPlan> plans_of(const State& s) {
  std::vector<StepPlan> plans;
  for (const auto& step : s.steps) plans.push_back(step.plan);
  return plans;
}

Outcome on(const State& s, const Propose& c, const core::Context& ctx) {
  if (s.status == Status::pending_approval && plans_of(s) == c.steps && s.proposed_by == ctx.principal) return Events{};
  if (s.status != Status::analysis) return wrong_state(s, {"analysis"});
  if (auto no = refuse_crowd(s, c.person, ctx)) return *no;
  if (s.analysis.empty()) return core::refuse("decision.not_analyzed", "nobody has analysed it yet");
  if (c.steps.empty() || c.steps.size() > steps_max)
    return core::invalid_input("steps", "must be one to " + std::to_string(steps_max));
  Proposed made{c.steps, 0, {}, ctx.principal, c.person, ctx.now};
  const auto seen = look(after(s, {made}), c.policies, ctx);
  if (!seen) return seen.error();
  made.feasibility = feasibility_of(*seen);
  made.violations = seen->violations;
  return Events{std::move(made)};
}

// ---- decision: people of the level that the risk asks for, none of whom analysed it

Refusal refuse_level(core::ApprovalLevel needed, const core::Context& ctx) {
  if (ctx.principal.type != "user") return core::refuse("access.denied", "only a person decides");
  if (core::level_of(ctx.caller) >= needed) return std::nullopt;
  const auto level = std::string(core::name_of(needed));
  return forbidden("decision.approval_level", "this needs somebody of the level `" + level + "`")
      .with("needed", level)
      .with("yours", std::string(core::name_of(core::level_of(ctx.caller))));
}

core::Error need_factor(std::string why) {
  auto error = core::refuse("auth.mfa_required", std::move(why));
  error.status = 401;
  return std::move(error).fix("send `code`: of your app, or a recovery code");
}

bool is_analyst(const State& s, const core::Principal& who) { return s.analysts.contains(who.id); }

core::Error not_apart(std::string message) { return forbidden("decision.duties_apart", std::move(message)); }

// Where there is nobody else the root owner decides what they analysed: after a while, and proved anew.
Refusal refuse_alone(const State& s, const Approve& c, const core::Context& ctx) {
  if (!is_analyst(s, ctx.principal)) return std::nullopt;
  if (!ctx.caller.root_owner || c.others > 0) return not_apart("who asked for it or analysed it does not decide it");
  if (c.factor.empty()) return need_factor("deciding alone needs a second factor, proved just now");
  if (ctx.now >= s.proposed_at + owner_wait) return std::nullopt;
  auto early = core::refuse("decision.too_early", "deciding alone waits for 60 seconds after it was proposed");
  early.status = 409;
  early.retryable = true;
  return std::move(early).with("not_before", core::to_rfc3339(s.proposed_at + owner_wait));
}

Outcome on(const State& s, const Approve& c, const core::Context& ctx) {
  if (s.status == Status::approved && s.decided_by == ctx.principal.id) return Events{};
  if (auto no = refuse_level(s.required_approval, ctx)) return *no;
  if (s.status != Status::pending_approval) return wrong_state(s, {"pending_approval"});
  if (auto no = refuse_alone(s, c, ctx)) return *no;
  if (s.required_approval >= core::ApprovalLevel::sovereign && c.factor.empty())
    return need_factor("a decision of this risk needs a second factor, proved just now");
  if (auto no = refuse_stopped(s, ctx)) return *no;
  const auto seen = look(s, c.policies, ctx);
  if (!seen) return seen.error();
  if (!seen->violations.empty()) return violated(seen->violations);
  return Events{Approved{ctx.principal.id, c.reason, c.factor, is_analyst(s, ctx.principal), seen->policies, ctx.now}};
}

Outcome on(const State& s, const Reject& c, const core::Context& ctx) {
  if (s.status == Status::rejected && s.decided_by == ctx.principal.id) return Events{};
  if (auto no = refuse_level(s.required_approval, ctx)) return *no;
  if (s.status != Status::pending_approval) return wrong_state(s, {"pending_approval"});
  return Events{Rejected{ctx.principal.id, c.reason, ctx.now}};
}

// ---- execution: people who did not decide it

bool is_decided(const State& s) { return s.status == Status::approved || s.status == Status::executing; }

const Step* find(const State& s, std::int64_t order) {
  return order >= 1 && std::size_t(order) <= s.steps.size() ? &s.steps[std::size_t(order) - 1] : nullptr;
}

core::Error no_step(std::int64_t order) {
  return core::refuse("decision.step_not_found", "there is no step " + std::to_string(order));
}
core::Error wrong_step(const Step& step, std::initializer_list<std::string_view> allowed) {
  return core::wrong_state(core::name_of(step.status), allowed);
}

Outcome on(const State& s, const ApproveStep& c, const core::Context& ctx) {
  const auto* step = find(s, c.order);
  if (!step) return no_step(c.order);
  if (step->approved_by == ctx.principal.id) return Events{};
  if (auto no = refuse_level(step->plan.approval_level, ctx)) return *no;
  if (!is_decided(s)) return wrong_state(s, {"approved", "executing"});
  if (!step->plan.requires_approval || !step->approved_by.empty())
    return core::refuse("decision.step_already_approved", "the step waits for nobody's agreement");
  if (step->plan.approval_level >= core::ApprovalLevel::sovereign && c.factor.empty())
    return need_factor("a step of this level needs a second factor, proved just now");
  return Events{StepApproved{c.order, ctx.principal.id, ctx.now}};
}

// Who decided does not carry out; the root owner may, proved anew and recorded.
Refusal refuse_executor(const State& s, const Step& step, const std::string& factor, const core::Context& ctx) {
  if (ctx.principal.type == "ai") return core::refuse("access.denied", "an assistant carries out nothing itself");
  const bool decided = ctx.principal.id == s.decided_by || ctx.principal.id == step.approved_by;
  if (!decided) return std::nullopt;
  if (!ctx.caller.root_owner) return not_apart("who decided it does not carry it out");
  if (factor.empty()) return need_factor("carrying out what one decided needs a second factor, proved just now");
  return std::nullopt;
}

Outcome on(const State& s, const ExecuteStep& c, const core::Context& ctx) {
  const auto* step = find(s, c.order);
  if (!step) return no_step(c.order);
  if (!is_decided(s)) return wrong_state(s, {"approved", "executing"});
  if (step->status == StepStatus::in_progress && step->by == ctx.principal.id) return Events{};
  if (step->status != StepStatus::pending && step->status != StepStatus::failed)
    return wrong_step(*step, {"pending", "failed"});
  const bool first_open = std::all_of(s.steps.begin(), s.steps.begin() + (std::int64_t(c.order) - 1),
                                      [](const Step& one) { return one.status == StepStatus::completed; });
  if (!first_open) return core::refuse("decision.step_out_of_order", "a step before it is not completed");
  if (step->plan.requires_approval && step->approved_by.empty())
    return forbidden("decision.step_unapproved", "the step waits for an agreement of its own")
        .with("needed", std::string(core::name_of(step->plan.approval_level)));
  if (auto no = refuse_executor(s, *step, c.factor, ctx)) return *no;
  if (auto no = refuse_stopped(s, ctx)) return *no;
  const auto seen = look(s, c.policies, ctx);
  if (!seen) return seen.error();
  if (!seen->violations.empty()) return violated(seen->violations);
  const bool alone = ctx.principal.id == s.decided_by || ctx.principal.id == step->approved_by;
  return Events{StepStarted{c.order, ctx.principal.id, alone, ctx.now}};
}

Outcome on(const State& s, const FinishStep& c, const core::Context& ctx) {
  const auto* step = find(s, c.order);
  if (!step) return no_step(c.order);
  const bool failed = c.outcome == StepOutcome::failed;
  if (step->status == (failed ? StepStatus::failed : StepStatus::completed) && step->by == ctx.principal.id)
    return Events{};
  if (step->status != StepStatus::in_progress) return wrong_step(*step, {"in_progress"});
  if (step->by != ctx.principal.id) return core::refuse("access.denied", "only who carries it out says how it ended");
  Events events{StepFinished{c.order, c.outcome, ctx.principal.id, c.note,
                             failed ? std::string(step->plan.rollback_plan) : std::string(), ctx.now}};
  const auto now = after(s, events);
  if (std::all_of(now.steps.begin(), now.steps.end(),
                  [](const Step& one) { return one.status == StepStatus::completed; }))
    events.push_back(Completed{ctx.now});
  return events;
}

bool is_open(const State& s) {
  return s.status == Status::analysis || s.status == Status::pending_approval || is_decided(s);
}

Outcome on(const State& s, const Kill& c, const core::Context& ctx) {
  if (s.status == Status::killed) return Events{};
  if (!is_open(s)) return wrong_state(s, {"analysis", "pending_approval", "approved", "executing"});
  // Stopping is easier than going on: who asked may, and everybody who may decide anything there.
  if (!(s.requested_by == ctx.principal))
    if (auto no = refuse_level(core::ApprovalLevel::standard, ctx)) return *no;
  return Events{Killed{ctx.principal.id, c.reason, ctx.now}};
}

// ---- events

void take_part(State& s, const core::Principal& by, const std::string& person) {
  s.analysts.insert(person.empty() ? by.id : person);
}
void apply(State& s, const Requested& e) {
  take_part(s, e.by, e.person);
  s.status = Status::analysis;
  s.subject = e.subject;
  s.risk_level = e.risk_level;
  s.required_approval = e.required_approval;
  s.requested_by = e.by;
  s.requested_at = e.at;
}
void apply(State& s, const Analyzed& e) {
  take_part(s, e.by, e.person);
  s.analysis = e.analysis;
  s.subject.facts = e.facts;
  s.risk_level = e.risk_level;
  s.required_approval = e.required_approval;
  s.feasibility = e.feasibility;
  s.violations = e.violations;
  s.analyzed_by = e.by;
}
void apply(State& s, const Proposed& e) {
  take_part(s, e.by, e.person);
  s.status = Status::pending_approval;
  s.steps.clear();
  for (const auto& plan : e.steps) s.steps.push_back({plan, StepStatus::pending, {}, {}, {}, {}, {}});
  s.feasibility = e.feasibility;
  s.violations = e.violations;
  s.proposed_by = e.by;
  s.proposed_at = e.at;
}
void apply(State& s, const Objected& e) {
  s.violations = e.violations;
  s.feasibility = core::feasibility_violated;
}
void apply(State& s, const Approved& e) {
  s.status = Status::approved;
  s.decided_by = e.by;
  s.reason = e.reason;
  s.factor = e.factor;
  s.owner_confirmed = e.owner_confirmed;
  s.decided_at = e.at;
}
void apply(State& s, const Rejected& e) {
  s.status = Status::rejected;
  s.decided_by = e.by;
  s.reason = e.reason;
  s.decided_at = s.ended_at = e.at;
}
Step* step_of(State& s, std::int64_t order) {
  return order >= 1 && std::size_t(order) <= s.steps.size() ? &s.steps[std::size_t(order) - 1] : nullptr;
}
void apply(State& s, const StepApproved& e) {
  if (auto* step = step_of(s, e.order)) step->approved_by = e.by;
}
void apply(State& s, const StepStarted& e) {
  s.status = Status::executing;
  s.rollback_offered.clear();
  if (auto* step = step_of(s, e.order)) {
    step->status = StepStatus::in_progress;
    step->by = e.by;
    step->started_at = e.at;
  }
}
void apply(State& s, const StepFinished& e) {
  s.rollback_offered = e.rollback_plan;
  if (auto* step = step_of(s, e.order)) {
    step->status = e.outcome == StepOutcome::failed ? StepStatus::failed : StepStatus::completed;
    step->note = e.note;
    step->ended_at = e.at;
  }
}
void apply(State& s, const Completed& e) {
  s.status = Status::completed;
  s.ended_at = e.at;
}
void apply(State& s, const Killed& e) {
  s.status = Status::killed;
  s.reason = e.reason;
  s.ended_at = e.at;
  for (auto& step : s.steps)
    if (step.status == StepStatus::pending || step.status == StepStatus::in_progress) step.status = StepStatus::skipped;
}

}  // namespace

core::Decision<Event> decide(const State& s, const Command& command, const core::Context& ctx) {
  return std::visit([&](const auto& c) { return on(s, c, ctx); }, command);
}

State evolve(State s, const Event& event) {
  std::visit([&](const auto& e) { apply(s, e); }, event);
  return s;
}

core::Summary summarise(const State& s) {
  core::Summary summary{std::string(core::name_of(s.status)), {}, s.reason};
  if (s.status == Status::executing && !s.rollback_offered.empty())
    summary.reason = "a step failed; its rollback plan is offered";
  return summary;
}

}  // namespace nova::decision
