#include "actors/ai_execution/ai_execution.hpp"

#include "actors/ai_execution/judge.hpp"
#include "core/describe/codec.hpp"
#include "core/json.hpp"
#include "core/proposal.hpp"

#include <algorithm>
#include <utility>

namespace nova::ai_execution {
namespace {

using Events = std::vector<Event>;
using Outcome = core::Decision<Event>;

constexpr std::string_view end_timer = "end", ask_work = "ask", withdraw_work = "withdraw";
constexpr std::string_view layer_ledger = "ai_layer/", provider_ledger = "external_ai/", person_ledger = "ai_access/";

core::Error wrong_state(const State& s, std::initializer_list<std::string_view> allowed) {
  return core::wrong_state(core::name_of(s.status), allowed);
}

State after(State s, const Events& events) {
  for (const auto& event : events) s = evolve(std::move(s), event);
  return s;
}

// ---- ledgers: asked one after the other, each only when the one before holds

std::string work_id(std::string_view verb, std::string_view ledger) {
  std::string id = std::string(verb) + "-" + std::string(ledger);
  std::replace(id.begin(), id.end(), '/', '-');
  return id;
}

core::DoAsk tell(const State& s, const core::Context& ctx, const std::string& ledger, std::string_view verb) {
  const auto slash = ledger.find('/');
  core::SendCommand command{"system", ledger.substr(0, slash), ledger.substr(slash + 1), std::string(verb), {}};
  command.body.text.clear();
  core::JsonWriter writer(command.body.text);
  // Ids of executions repeat in other tenants.
  writer.object().field("id", ctx.self.tenant + "." + ctx.self.id);
  if (verb == "reserve" && ledger.starts_with(layer_ledger)) writer.field("tokens", std::int64_t(s.request.tokens));
  if (verb == "reserve" && ledger.starts_with(person_ledger))
    writer.field("tier", std::string_view(s.request.requester.tier));
  // What a request costs is said by its layer, whoever answers it.
  if (verb == "reserve" && ledger.starts_with(provider_ledger) && !s.request.layer.empty())
    writer.field("cost",
                 core::json_int(ctx.fact({"system", "ai_layer", s.request.layer}).document, "power.cost_per_request")
                     .value_or(0));
  writer.end();
  return {work_id(verb, ledger), "command", "send", core::to_json(command), ledger};
}

std::vector<std::string> ledgers_of(const Request& request) {
  std::vector<std::string> all;
  if (request.requester.subscriber && !request.requester.user.empty())
    all.push_back(std::string(person_ledger) + request.requester.user);
  if (!request.layer.empty()) all.push_back(std::string(layer_ledger) + request.layer);
  if (!request.provider.empty()) all.push_back(std::string(provider_ledger) + request.provider);
  return all;
}

// What the rules let through although there is nothing to count it by is not counted (`warning` and `permissive`).
bool is_waived(const State& s, std::string_view ledger) {
  return std::any_of(s.violations.begin(), s.violations.end(), [&](const Violation& violation) {
    if (violation.severity == Severity::block) return false;
    if (ledger.starts_with(person_ledger)) return violation.code == "ai.no_limits";
    if (ledger.starts_with(provider_ledger)) return violation.code == "ai.external_unapproved";
    return violation.code == "ai.invalid_layer" || violation.code == "ai.undefined_power";
  });
}

std::optional<std::string> next_ledger(const State& s) {
  for (auto& ledger : ledgers_of(s.request))
    if (std::find(s.ledgers.begin(), s.ledgers.end(), ledger) == s.ledgers.end() && !is_waived(s, ledger))
      return std::move(ledger);
  return std::nullopt;
}

// Everything that is held is given back, or spent.
Outcome close(const State& s, const core::Context& ctx, Events events, std::string_view verb) {
  Outcome outcome(std::move(events));
  for (const auto& ledger : s.ledgers) outcome.asks().works.push_back(tell(s, ctx, ledger, verb));
  return std::move(outcome).timer({std::string(end_timer), std::nullopt});
}

// ---- people: what is weighty waits for them as an approval

core::ProposalReason reason_of(const std::string& rule) {
  const auto dot = rule.find('.');
  const auto sort = rule.substr(0, dot), word = dot == std::string::npos ? std::string() : rule.substr(dot + 1);
  if (sort == "task")
    return {rule, "Work of the sort `" + word + "` needs a person.", "عمل من نوع `" + word + "` يحتاج إلى إنسان."};
  if (sort == "impact")
    return {rule, "What is of impact `" + word + "` needs a person.", "ما أثره `" + word + "` يحتاج إلى إنسان."};
  if (sort == "agent")
    return {rule, "The owner wants a person to decide on what this agent does.",
            "يريد المالك أن يقرر إنسان فيما يفعله هذا الوكيل."};
  return {rule, "Who asked for it wants a person to decide.", "يريد من طلبه أن يقرر إنسان."};
}

core::DoAsk ask(const Request& c, const Held& held, const core::Context& ctx) {
  core::Proposal proposal;
  proposal.approval = held.approval_id;
  proposal.gate = "ai-execution";
  proposal.by = ctx.principal;
  proposal.person = c.requester.user.empty() && ctx.principal.type == "user" ? ctx.principal.id : c.requester.user;
  for (const auto& rule : held.rules) proposal.reasons.push_back(reason_of(rule));
  proposal.shown.text.clear();
  core::JsonWriter shown(proposal.shown.text);
  shown.object()
      .field("action", core::name_of(c.action))
      .field("task_type", std::string_view(c.task_type))
      .field("impact", core::name_of(c.impact))
      .field("layer", std::string_view(c.layer))
      .field("agent", std::string_view(c.agent.empty() ? c.requester.agent : c.agent))
      .field("provider", std::string_view(c.provider))
      .field("tokens", std::int64_t(c.tokens));
  if (c.payload_digest) shown.field("payload_digest", std::string_view(*c.payload_digest));
  shown.key("needs").array();
  for (const auto& code : c.needs) shown.value(std::string_view(code));
  shown.end().end();
  proposal.budget = std::to_string(std::int64_t(c.tokens)) + " tokens of ai_layer/" + c.layer +
                    (c.provider.empty() ? "" : " at external_ai/" + c.provider);
  proposal.command = "resume";
  proposal.impact = 8;
  core::Remedy run{"run", "Let it run, once.", "السماح بتنفيذه مرة واحدة.", {}};
  run.body.text.clear();
  core::JsonWriter(run.body.text).object().field("approval_id", held.approval_id).end();
  proposal.remedies.push_back(std::move(run));
  proposal.until = held.expires_at;
  proposal.refusal = "reject";
  return core::ask_people(ctx.self, std::string(ask_work), proposal);
}

// It is over while people are asked.
Outcome with_question_withdrawn(Outcome outcome, const State& s, const core::Context& ctx, std::string_view why) {
  if (s.status == Status::held && !s.approval_id.empty())
    outcome.asks().works.push_back(core::withdraw_question(ctx.self, std::string(withdraw_work), s.approval_id, why));
  return outcome;
}

bool needs_model(core::AiAction action) { return action != core::AiAction::execute; }

/// Goes on as far as it can: asks the next ledger, or starts.
Outcome proceed(const State& before, const core::Context& ctx, Events events) {
  const auto s = after(before, events);
  if (auto ledger = next_ledger(s)) {
    events.push_back(Reserving{*ledger, ctx.now});
    return Outcome(std::move(events))
        .work(tell(s, ctx, *ledger, "reserve"))
        .timer({std::string(end_timer), ctx.now + core::execution_ledger_time});
  }
  // Engaged while the ledgers were asked.
  if (auto why = stopped_by(s.request, ctx)) {
    events.push_back(Killed{std::move(*why), ctx.now});
    return close(s, ctx, std::move(events), "release");
  }
  events.push_back(Allowed{ctx.now});
  if (needs_model(s.request.action)) {
    // Nothing is made up in a model's place.
    events.push_back(Failed{"ai.no_provider", "no model is connected to this installation", ctx.now});
    return close(s, ctx, std::move(events), "release");
  }
  events.push_back(Started{ctx.now});
  return Outcome(std::move(events)).timer({std::string(end_timer), ctx.now + run_time});
}

core::Error error_of(const Verdict& verdict) {
  const auto& violation = *verdict.refused;
  auto error = core::refuse(violation.code, violation.message);
  if (violation.code == "killswitch.active" || violation.code == "ai.layer_stopped")
    error.status = 503;
  else if (error.status == 400)
    error.status = 403;
  if (!violation.rule.empty()) error.with("rule", violation.rule);
  if (const auto* prohibition = find_prohibition(violation.rule))
    error.with("rule_en", std::string(prohibition->en)).with("rule_ar", std::string(prohibition->ar));
  if (!verdict.missing.empty()) error.with("missing", verdict.missing);
  return error;
}

// ---- commands

Outcome on(const State& s, const Request& c, const core::Context& ctx) {
  if (s.status != Status::absent) {
    const bool same = core::to_json(s.request) == core::to_json(c) && s.requested_by == ctx.principal.id;
    return same ? Outcome(Events{}) : Outcome(wrong_state(s, {"absent"}));
  }
  Events events{Requested{c, c.requester.subscriber, ctx.principal.id, ctx.now}};
  auto verdict = judge(c, ctx);
  for (auto& violation : verdict.warnings) events.push_back(Warned{std::move(violation), ctx.now});
  if (verdict.refused) {
    auto error = error_of(verdict);
    Outcome asks{Events{}};
    if (!verdict.breached.empty() && !c.requester.user.empty()) {
      core::SendCommand command{"system", "ai_access", c.requester.user, "note_breach", {}};
      command.body.text.clear();
      core::JsonWriter(command.body.text)
          .object()
          .field("tier", std::string_view(c.requester.tier))
          .field("limit", verdict.breached)
          .end();
      asks.asks().works.push_back({"note-breach", "command", "send", core::to_json(command), {}});
    }
    events.push_back(Refused{std::move(*verdict.refused), {}, ctx.now});
    auto outcome = Outcome::refuse_and_record(std::move(error), std::move(events));
    outcome.asks() = std::move(asks.asks());
    return outcome;
  }
  if (!verdict.held_by.empty()) {
    const auto until = ctx.now + held_time;
    Held held{std::move(verdict.held_by), until, ctx.now, core::proposal_id(ctx.self, 1)};
    auto work = ask(c, held, ctx);
    events.push_back(std::move(held));
    return Outcome(std::move(events)).work(std::move(work)).timer({std::string(end_timer), until});
  }
  return proceed(s, ctx, std::move(events));
}

Outcome released(const State& s, const std::string& approval, const core::Context& ctx) {
  // Released once: a second yes finds it under way or over.
  if (s.status != Status::held) return Events{};
  if (ctx.now >= s.expires_at) return core::refuse("entity.gone", "nobody decided in time");
  Events events{Released{approval, ctx.principal.id, ctx.now}};
  // What was true when it was asked need not be true now.
  auto verdict = judge(s.request, ctx);
  if (verdict.refused) {
    events.push_back(Refused{std::move(*verdict.refused), {}, ctx.now});
    return close(s, ctx, std::move(events), "release");
  }
  return proceed(s, ctx, std::move(events));
}

Outcome declined(const State& s, const std::string& why, const core::Context& ctx) {
  if (s.status != Status::held) return Events{};
  return close(s, ctx, {Refused{{"approval.rejected", {}, Severity::block, why}, ctx.principal.id, ctx.now}},
               "release");
}

Outcome on(const State& s, const Resume& c, const core::Context& ctx) { return released(s, c.approval_id, ctx); }

Outcome on(const State& s, const Reject& c, const core::Context& ctx) {
  return declined(s, c.reason.empty() ? std::string("a person said no") : std::string(c.reason), ctx);
}

core::Error not_theirs() {
  auto error = core::refuse("access.denied", "only who asked says how it ended");
  return error;
}

bool may_report(const State& s, const core::Context& ctx) {
  return ctx.principal.type == "system" || ctx.principal.id == s.requested_by;
}

Outcome on(const State& s, const Finish& c, const core::Context& ctx) {
  if (!may_report(s, ctx)) return not_theirs();
  if (s.status == Status::succeeded) return Events{};
  if (s.status != Status::running) return wrong_state(s, {"running"});
  return close(s, ctx, {Finished{c.result_digest ? std::string(*c.result_digest) : std::string(), ctx.now}}, "commit");
}

Outcome on(const State& s, const Fail& c, const core::Context& ctx) {
  if (!may_report(s, ctx)) return not_theirs();
  if (s.status == Status::failed) return Events{};
  if (s.status != Status::running) return wrong_state(s, {"running"});
  return close(s, ctx, {Failed{c.code, c.message, ctx.now}}, "commit");
}

bool is_open(const State& s) {
  return s.status == Status::requested || s.status == Status::held || s.status == Status::allowed ||
         s.status == Status::running;
}

Outcome on(const State& s, const Kill& c, const core::Context& ctx) {
  if (!is_open(s)) return Events{};
  const bool was_running = s.status == Status::running;
  return with_question_withdrawn(close(s, ctx, {Killed{c.reason, ctx.now}}, was_running ? "commit" : "release"), s, ctx,
                                 "the kill switch ended it");
}

Outcome on(const State& s, const core::Settle& c, const core::Context& ctx) {
  // Nobody can be asked, so nobody will say yes.
  if (c.work_id == ask_work && c.outcome != core::Outcome::done && s.status == Status::held)
    return close(
        s, ctx, {Refused{{"ai.check_failed", {}, Severity::block, "nobody could be asked: " + c.message}, {}, ctx.now}},
        "release");
  if (s.reserving.empty() || c.work_id != work_id("reserve", s.reserving)) return Events{};
  if (s.status != Status::requested) {
    // It ended while the ledger was asked: what the ledger holds now is for nobody.
    if (c.outcome != core::Outcome::done) return Events{};
    const auto ledger = s.reserving;
    return Outcome(Events{Reserving{{}, ctx.now}}).work(tell(s, ctx, ledger, "release"));
  }
  if (c.outcome == core::Outcome::done) return proceed(s, ctx, {Reserving{{}, ctx.now}});
  const auto code = c.code.empty() ? std::string("ai.check_failed") : c.code;
  return close(s, ctx, {Refused{{code, {}, Severity::block, c.message}, {}, ctx.now}}, "release");
}

Outcome on(const State& s, const core::Fire& c, const core::Context& ctx) {
  if (c.timer_id != end_timer || !is_open(s)) return Events{};
  if (s.status == Status::held)
    return with_question_withdrawn(close(s, ctx, {Expired{ctx.now}}, "release"), s, ctx, "nobody decided in time");
  if (s.status == Status::running)
    return close(s, ctx, {Failed{"ai.timeout", "nothing was heard of it in time", ctx.now}}, "commit");
  // A ledger that does not answer says no.
  return close(s, ctx, {Refused{{"ai.check_failed", {}, Severity::block, "a ledger did not answer"}, {}, ctx.now}},
               "release");
}

// ---- events

void end(State& s, Status status, std::string code, std::string reason, core::Timestamp at) {
  s.status = status;
  s.code = std::move(code);
  s.reason = std::move(reason);
  s.ended_at = at;
}
void add(State& s, const Violation& violation) {
  if (s.violations.size() < violations_max) s.violations.push_back(violation);
}
void apply(State& s, const Requested& e) {
  s.status = Status::requested;
  s.request = e.request;
  s.requested_by = e.by;
  s.requested_at = e.at;
}
void apply(State& s, const Warned& e) { add(s, e.violation); }
void apply(State& s, const Refused& e) {
  if (!e.by.empty()) s.decided_by = e.by;
  add(s, e.violation);
  end(s, Status::refused, e.violation.code, e.violation.message, e.at);
}
void apply(State& s, const Held& e) {
  s.status = Status::held;
  s.held_by = e.rules;
  s.approval_id = e.approval_id;
  s.expires_at = e.expires_at;
}
void apply(State& s, const Released& e) {
  s.status = Status::requested;
  s.approval_id = e.approval_id;
  s.decided_by = e.by;
}
// Empty: the one that was asked has answered.
void apply(State& s, const Reserving& e) {
  if (!s.reserving.empty() && e.ledger.empty() && s.ledgers.size() < violations_max) s.ledgers.push_back(s.reserving);
  s.reserving = e.ledger;
}
void apply(State& s, const Allowed&) { s.status = Status::allowed; }
void apply(State& s, const Started&) { s.status = Status::running; }
void apply(State& s, const Finished& e) {
  s.result_digest = e.result_digest;
  end(s, Status::succeeded, {}, {}, e.at);
}
void apply(State& s, const Failed& e) { end(s, Status::failed, e.code, e.message, e.at); }
void apply(State& s, const Killed& e) { end(s, Status::killed, "killswitch.active", e.reason, e.at); }
void apply(State& s, const Expired& e) { end(s, Status::expired, "entity.gone", "nobody decided in time", e.at); }

}  // namespace

core::Decision<Event> decide(const State& s, const Command& command, const core::Context& ctx) {
  return std::visit([&](const auto& c) { return on(s, c, ctx); }, command);
}

State evolve(State s, const Event& event) {
  std::visit([&](const auto& e) { apply(s, e); }, event);
  return s;
}

core::Summary summarise(const State& s) {
  return {std::string(core::name_of(s.status)), "",
          s.code.empty() || s.code == s.reason ? s.reason : s.code + ": " + s.reason};
}

}  // namespace nova::ai_execution
