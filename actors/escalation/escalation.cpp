#include "actors/escalation/escalation.hpp"

#include "core/describe/codec.hpp"
#include "core/json.hpp"
#include "core/proposal.hpp"
#include "core/text.hpp"

#include <algorithm>
#include <utility>

namespace nova::escalation {
namespace {

using Events = std::vector<Event>;
using Outcome = core::Decision<Event>;

constexpr std::size_t message_bytes_max = 500;

core::Remedy remedy_of(Choice choice) {
  core::Remedy remedy;
  remedy.name = core::name_of(choice);
  remedy.body.text.clear();
  core::JsonWriter(remedy.body.text).object().field("decision", core::name_of(choice)).end();
  switch (choice) {
    case Choice::retry:
      remedy.en = "Start it again as it is.";
      remedy.ar = "إعادة تشغيلها كما هي.";
      break;
    case Choice::rollback:
      remedy.en = "Go back to the revision before.";
      remedy.ar = "الرجوع إلى المراجعة السابقة.";
      break;
    case Choice::stop:
      remedy.en = "Leave it stopped.";
      remedy.ar = "تركها متوقفة.";
      break;
  }
  return remedy;
}

// People choose what is done; no answer never means act, so nothing is said where nobody does.
core::DoAsk ask(const State& s, const core::Context& ctx) {
  core::Proposal proposal;
  proposal.approval = s.approval;
  proposal.gate = "supervision";
  proposal.by = core::system_principal();
  proposal.reasons.push_back({"supervision.escalation", s.title, "لم تُصلح إعادة التشغيل هذه الخدمة، والقرار لإنسان."});
  proposal.shown.text.clear();
  core::JsonWriter(proposal.shown.text)
      .object()
      .field("subject", s.subject_kind + "/" + s.subject_id)
      .field("service", s.service)
      .field("code", s.code)
      .field("message", s.message)
      .field("refused", s.refused)
      .end();
  proposal.command = "answer";
  for (const auto option : s.options) proposal.remedies.push_back(remedy_of(option));
  return core::ask_people(ctx.self, "ask-" + std::to_string(s.answers + 1), proposal);
}

core::DoAsk ask_no_more(const State& s, const core::Context& ctx, std::string_view why) {
  return core::withdraw_question(ctx.self, "withdraw-" + std::to_string(s.answers + 1), s.approval, why);
}

std::string next_approval(const State& s, const core::Context& ctx) {
  return core::proposal_id(ctx.self, s.answers + 1);
}

Outcome on(const State& s, const Open& c, const core::Context& ctx) {
  if (ctx.version != 0) return Events{};
  Events events{Opened{c.subject_kind, c.subject_id, c.service, c.title, c.code, c.message, c.options, ctx.now,
                       c.options.empty() ? std::string() : next_approval(s, ctx)}};
  auto work = ask(evolve(s, events.front()), ctx);
  Outcome outcome(std::move(events));
  return c.options.empty() ? std::move(outcome) : std::move(outcome).work(std::move(work));
}

core::DoAsk tell(const State& s, const Answered& answer, const core::Context& ctx) {
  std::string body;
  core::JsonWriter(body)
      .object()
      .field("escalation", ctx.self.id)
      .field("decision", core::name_of(answer.decision))
      .field("reason", answer.reason)
      .field("by", answer.by)
      .end();
  core::SendCommand command;
  command.tenant = ctx.self.tenant;
  command.kind = s.subject_kind;
  command.id = s.subject_id;
  command.name = "resolve";
  command.body.text = std::move(body);
  return {answer.work, "command", "send", core::to_json(command), {}};
}

Outcome on(const State& s, const Answer& c, const core::Context& ctx) {
  if (s.status == Status::answered && s.decision == c.decision) return Events{};
  if (s.status != Status::open) return core::wrong_state(core::name_of(s.status), {"open"});
  if (std::find(s.options.begin(), s.options.end(), c.decision) == s.options.end()) {
    std::string offered;
    for (const auto option : s.options) offered.append(offered.empty() ? "" : ", ").append(core::name_of(option));
    return core::refuse("escalation.not_offered",
                        "`" + std::string(core::name_of(c.decision)) + "` is not possible here")
        .fix("possible: " + offered);
  }
  Answered answered{c.decision, c.reason, ctx.principal.id, ctx.now, "resolve-" + std::to_string(s.answers + 1)};
  auto work = tell(s, answered, ctx);
  Outcome outcome(Events{std::move(answered)});
  outcome.asks().works.push_back(std::move(work));
  // It may have been answered past the approval.
  if (!s.approval.empty()) outcome.asks().works.push_back(ask_no_more(s, ctx, "it was answered"));
  return outcome;
}

Outcome on(const State& s, const Withdraw& c, const core::Context& ctx) {
  // An answer stands: that the subject healed meanwhile does not make it undone.
  if (s.status != Status::open) return Events{};
  Outcome outcome(Events{Withdrawn{c.reason}});
  if (!s.approval.empty()) outcome.asks().works.push_back(ask_no_more(s, ctx, c.reason));
  return outcome;
}

Outcome on(const State& s, const core::Settle& c, const core::Context& ctx) {
  if (s.work.empty() || c.work_id != s.work) return Events{};
  if (c.outcome == core::Outcome::done) return Events{Accepted{}};
  Events events{Reopened{c.code, core::clean_text(c.message, message_bytes_max), next_approval(s, ctx)}};
  auto work = ask(evolve(s, events.front()), ctx);
  return Outcome(std::move(events)).work(std::move(work));
}

void apply(State& s, const Opened& e) {
  s.status = Status::open;
  s.subject_kind = e.subject_kind;
  s.subject_id = e.subject_id;
  s.service = e.service;
  s.title = e.title;
  s.code = e.code;
  s.message = e.message;
  s.options = e.options;
  s.opened_at = e.at;
  s.approval = e.approval;
}

void apply(State& s, const Answered& e) {
  s.status = Status::answered;
  s.decision = e.decision;
  s.reason = e.reason;
  s.by = e.by;
  s.answered_at = e.at;
  s.refused.clear();
  s.work = e.work;
  ++s.answers;
}

void apply(State& s, const Accepted&) { s.work.clear(); }

void apply(State& s, const Reopened& e) {
  s.status = Status::open;
  s.refused = e.code + ": " + e.message;
  s.work.clear();
  s.approval = e.approval;
}

void apply(State& s, const Withdrawn& e) {
  s.status = Status::withdrawn;
  s.reason = e.reason;
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
  core::Summary summary;
  summary.status = core::name_of(s.status);
  if (!s.subject_id.empty()) summary.parent = s.subject_kind + "/" + s.subject_id;
  summary.reason = s.status != Status::open ? s.reason
                   : s.refused.empty()      ? s.title
                                            : "the answer was refused: " + s.refused;
  return summary;
}

}  // namespace nova::escalation
