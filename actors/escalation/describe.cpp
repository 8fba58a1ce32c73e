#include "actors/escalation/escalation.hpp"

#include "core/authority/access.hpp"

namespace nova::escalation {

using core::field;
using core::optional_field;
using core::record;

const std::vector<std::string_view>& names_of(const Status*) {
  static const std::vector<std::string_view> names = {"open", "answered", "withdrawn"};
  return names;
}
const std::vector<std::string_view>& names_of(const Choice*) {
  static const std::vector<std::string_view> names = {"retry", "rollback", "stop"};
  return names;
}

const core::Record& describe(const Open*) {
  static const auto row = record<Open>(
      "open", "Ask a person.",
      {field("subject_kind", &Open::subject_kind, "kind of the entity that asks"),
       field("subject_id", &Open::subject_id, "its id"),
       optional_field("service", &Open::service, "the service it is about"),
       field("title", &Open::title, "the question"), optional_field("code", &Open::code, "the cause, as a code"),
       optional_field("message", &Open::message, "the cause, for people"),
       field("options", &Open::options, "possible answers")});
  return row;
}
const core::Record& describe(const Answer*) {
  static const auto row = record<Answer>(
      "answer", "Decide what is done about it.",
      {field("decision", &Answer::decision, "one of the options"), optional_field("reason", &Answer::reason, "why")});
  return row;
}
const core::Record& describe(const Withdraw*) {
  static const auto row = record<Withdraw>("withdraw", "The question has lost its reason.",
                                           {optional_field("reason", &Withdraw::reason, "why")});
  return row;
}

const core::Record& describe(const Opened*) {
  static const auto row = record<Opened>(
      "opened", "A person is asked.",
      {field("subject_kind", &Opened::subject_kind, "kind of the entity that asks"),
       field("subject_id", &Opened::subject_id, "its id"),
       field("service", &Opened::service, "the service it is about"), field("title", &Opened::title, "the question"),
       field("code", &Opened::code, "the cause, as a code"),
       field("message", &Opened::message, "the cause, for people"),
       field("options", &Opened::options, "possible answers"), field("at", &Opened::at, "when"),
       optional_field("approval", &Opened::approval, "id of the approval that asks people")});
  return row;
}
const core::Record& describe(const Answered*) {
  static const auto row =
      record<Answered>("answered", "A person decided.",
                       {field("decision", &Answered::decision, "what"), field("reason", &Answered::reason, "why"),
                        field("by", &Answered::by, "who"), field("at", &Answered::at, "when"),
                        field("work", &Answered::work, "id of the work that tells the subject")});
  return row;
}
const core::Record& describe(const Accepted*) {
  static const auto row = record<Accepted>("accepted", "The answer is being carried out.", {});
  return row;
}
const core::Record& describe(const Reopened*) {
  static const auto row = record<Reopened>(
      "reopened", "The answer could not be carried out.",
      {field("code", &Reopened::code, "why, as a code"), field("message", &Reopened::message, "why, for people"),
       optional_field("approval", &Reopened::approval, "id of the approval that asks people anew")});
  return row;
}
const core::Record& describe(const Withdrawn*) {
  static const auto row =
      record<Withdrawn>("withdrawn", "The question has lost its reason.", {field("reason", &Withdrawn::reason, "why")});
  return row;
}

const core::Record& describe(const State*) {
  static const auto row = record<State>(
      "escalation", "A question to a person.",
      {field("status", &State::status, "where it stands"),
       field("subject_kind", &State::subject_kind, "kind of the entity that asks"),
       field("subject_id", &State::subject_id, "its id"), field("service", &State::service, "the service it is about"),
       field("title", &State::title, "the question"), field("code", &State::code, "the cause, as a code"),
       field("message", &State::message, "the cause, for people"),
       field("options", &State::options, "possible answers"),
       field("opened_at", &State::opened_at, "when it was asked"), field("decision", &State::decision, "the answer"),
       field("reason", &State::reason, "why that answer, or why it was withdrawn"),
       field("by", &State::by, "who answered"), field("answered_at", &State::answered_at, "when it was answered"),
       field("refused", &State::refused, "why the last answer could not be carried out"),
       field("work", &State::work, "outstanding work"),
       field("answers", &State::answers, "how many answers there were"),
       field("approval", &State::approval, "id of the approval that asks people")});
  return row;
}

const core::Kind& kind() {
  using enum core::Door;
  static const core::Kind kind = core::kind_of<State, Command, Event>({
      .name = "escalation",
      .plural = "escalations",
      .doc = "What the runtime could not heal, as a question to a person.",
      .short_names = {"esc"},
      .commands =
          {{.name = "open", .doc = "Ask a person.", .door = internal, .creates = true},
           {.name = "answer", .doc = "Decide what is done about it.", .impact = 5, .access = core::access::deploying},
           {.name = "withdraw", .doc = "The question has lost its reason.", .door = internal},
           {.name = "settle", .doc = "A work has ended.", .door = internal}},
      .events = {{.name = "escalation.opened", .doc = "A person is asked.", .observation = true},
                 {.name = "escalation.answered", .doc = "A person decided."},
                 {.name = "escalation.accepted", .doc = "The answer is being carried out.", .observation = true},
                 {.name = "escalation.reopened", .doc = "The answer could not be carried out.", .observation = true},
                 {.name = "escalation.withdrawn", .doc = "The question has lost its reason.", .observation = true}},
  });
  return kind;
}

}  // namespace nova::escalation
