#include "actors/escalation/escalation.hpp"

#include "core/describe/codec.hpp"
#include "core/json.hpp"
#include "core/text.hpp"

#include <algorithm>
#include <utility>

namespace nova::escalation {
namespace {

using Events = std::vector<Event>;
using Outcome = core::Decision<Event>;

constexpr std::size_t message_bytes_max = 500;

Outcome on(const State&, const Open& c, const core::Context& ctx) {
  if (ctx.version != 0) return Events{};
  return Events{Opened{c.subject_kind, c.subject_id, c.service, c.title, c.code, c.message, c.options, ctx.now}};
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
  return Outcome(Events{std::move(answered)}).work(std::move(work));
}

Outcome on(const State& s, const Withdraw& c, const core::Context&) {
  // An answer stands: that the subject healed meanwhile does not make it undone.
  if (s.status != Status::open) return Events{};
  return Events{Withdrawn{c.reason}};
}

Outcome on(const State& s, const core::Settle& c, const core::Context&) {
  if (s.work.empty() || c.work_id != s.work) return Events{};
  if (c.outcome == core::Outcome::done) return Events{Accepted{}};
  return Events{Reopened{c.code, core::clean_text(c.message, message_bytes_max)}};
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
