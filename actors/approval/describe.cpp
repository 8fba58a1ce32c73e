#include "actors/approval/approval.hpp"
#include "core/authority/access.hpp"

namespace nova::approval {

using core::field;
using core::hidden;
using core::optional_field;
using core::record;

namespace {

// Who sees the tenant may open what waits in it; whether they may decide is said by the gate's groups. No key's scope:
// programs do not decide.
constexpr core::Access deciding{.capability = "dashboard.view", .permission = "platform:read"};
constexpr core::Access asking{.capability = "dashboard.view", .permission = "platform:read", .scope = "platform.write"};

}  // namespace

const std::vector<std::string_view>& names_of(const Status*) {
  static const std::vector<std::string_view> names = {"pending",   "approved", "rejected",        "expired",
                                                      "cancelled", "executed", "execution_failed"};
  return names;
}
const std::vector<std::string_view>& names_of(const Factor*) {
  static const std::vector<std::string_view> names = {"none", "totp", "recovery", "passkey"};
  return names;
}

const core::Record& describe(const Act*) {
  static const auto row = record<Act>(
      "act", "A command that waits.",
      {field("target", &Act::target, "to which entity"), field("command", &Act::command, "what is to be done"),
       field("impact", &Act::impact, "its power level, 1 to 10"), field("by", &Act::by, "who asked"),
       field("person", &Act::person, "the user behind it; empty: nobody"),
       field("shown", &Act::shown, "its fields, without secrets and personal data"),
       field("digest", &Act::digest, "binds every yes to exactly this act"),
       field("constitution", &Act::constitution, "version of the rules that held it"),
       field("version", &Act::version, "of the entity when it was held"),
       field("intent_version", &Act::intent_version, "of what people had decided about it then"),
       optional_field("expected_version", &Act::expected_version, "that the request asked for; -1: any"),
       optional_field("expected_intent_version", &Act::expected_intent_version, "that the request asked for; -1: any"),
       hidden(field("idempotency_key", &Act::idempotency_key, "of the request")),
       hidden(field("request_hash", &Act::request_hash, "of the request")),
       field("correlation", &Act::correlation, "of all that follows from the request"),
       field("request_id", &Act::request_id, "of the request"),
       optional_field("budget", &Act::budget, "what it may spend at most"),
       optional_field("read", &Act::read, "the attributes that the rules read which held it, by path")});
  return row;
}
const core::Record& describe(const Rule*) {
  static const auto row = record<Rule>(
      "rule", "A rule that holds it.",
      {field("id", &Rule::id, "its id in the constitution"), field("en", &Rule::en, "what it says"),
       field("ar", &Rule::ar, "what it says, in Arabic"), field("gate", &Rule::gate, "what it waits for")});
  return row;
}
const core::Record& describe(const Group*) {
  static const auto row = record<Group>(
      "group", "People of whom some must agree.",
      {field("name", &Group::name, "its name"), field("quorum", &Group::quorum, "how many of them must say yes"),
       field("roles", &Group::roles, "who is in it, by role"),
       field("permissions", &Group::permissions, "who is in it, by right")});
  return row;
}
const core::Record& describe(const Level*) {
  static const auto row =
      record<Level>("level", "Who is asked next.",
                    {field("level", &Level::level, "from 1 on"), field("role", &Level::role, "who may decide then too"),
                     field("timeout", &Level::timeout, "after so long without a decision")});
  return row;
}
const core::Record& describe(const Vote*) {
  static const auto row = record<Vote>(
      "vote", "A yes.",
      {field("user", &Vote::user, "whose"), field("group", &Vote::group, "for which group; empty: for all"),
       field("reason", &Vote::reason, "why"), field("factor", &Vote::factor, "how they proved that it was them"),
       field("owner_confirmed", &Vote::owner_confirmed, "the root owner alone, for want of anybody else"),
       field("at", &Vote::at, "when"),
       optional_field("remedy", &Vote::remedy, "what they chose, where there is a choice")});
  return row;
}

const core::Record& describe(const Request*) {
  static const auto row = record<Request>(
      "request", "An act is held.",
      {field("act", &Request::act, "what is to be done"), field("content", &Request::content, "its body, sealed"),
       field("rules", &Request::rules, "what holds it"), field("groups", &Request::groups, "who must agree"),
       field("escalation", &Request::escalation, "who is asked next"),
       optional_field("second_factor", &Request::second_factor, "a yes needs a fresh code"),
       optional_field("reminder", &Request::reminder, "how often it reminds; 0: never"),
       field("expires_at", &Request::expires_at, "until when it waits"),
       optional_field("remedies", &Request::remedies, "what is proposed, where there is a choice"),
       optional_field("refusal", &Request::refusal, "who asks is told with this command that nobody said yes")});
  return row;
}
const core::Record& describe(const Approve*) {
  static const auto row =
      record<Approve>("approve", "Agree to it.",
                      {optional_field("reason", &Approve::reason, "why"),
                       optional_field("factor", &Approve::factor, "what was proved with it"),
                       optional_field("others", &Approve::others, "how many others could decide"),
                       optional_field("remedy", &Approve::remedy, "which, where there is a choice")});
  return row;
}
const core::Record& describe(const Reject*) {
  static const auto row = record<Reject>("reject", "Refuse it.", {field("reason", &Reject::reason, "why")});
  return row;
}
const core::Record& describe(const Cancel*) {
  static const auto row =
      record<Cancel>("cancel", "Take the request back.", {optional_field("reason", &Cancel::reason, "why")});
  return row;
}

const core::Record& describe(const Withdraw*) {
  static const auto row = record<Withdraw>("withdraw", "Nobody needs an answer any more.",
                                           {optional_field("reason", &Withdraw::reason, "why")});
  return row;
}

const core::Record& describe(const Requested*) {
  static const auto row = record<Requested>(
      "requested", "An act is held.",
      {field("act", &Requested::act, "what is to be done"), field("content", &Requested::content, "its body, sealed"),
       field("rules", &Requested::rules, "what holds it"), field("groups", &Requested::groups, "who must agree"),
       field("escalation", &Requested::escalation, "who is asked next"),
       field("second_factor", &Requested::second_factor, "a yes needs a fresh code"),
       field("reminder", &Requested::reminder, "how often it reminds; 0: never"), field("at", &Requested::at, "when"),
       field("expires_at", &Requested::expires_at, "until when it waits"),
       optional_field("remedies", &Requested::remedies, "what is proposed, where there is a choice"),
       optional_field("refusal", &Requested::refusal, "the asker's command for when nobody says yes")});
  return row;
}
const core::Record& describe(const Voted*) {
  static const auto row = record<Voted>("voted", "Somebody agreed.", {field("vote", &Voted::vote, "who and why")});
  return row;
}
const core::Record& describe(const Approved*) {
  static const auto row = record<Approved>(
      "approved", "All who were needed agreed.",
      {field("by", &Approved::by, "who was the last"), field("reason", &Approved::reason, "why"),
       field("owner_confirmed", &Approved::owner_confirmed, "the root owner alone, for want of anybody else"),
       field("at", &Approved::at, "when"), field("work", &Approved::work, "that carries it out"),
       optional_field("remedy", &Approved::remedy, "what was chosen, where there is a choice")});
  return row;
}
const core::Record& describe(const Rejected*) {
  static const auto row =
      record<Rejected>("rejected", "Somebody refused it.",
                       {field("by", &Rejected::by, "who"), field("reason", &Rejected::reason, "why"),
                        field("at", &Rejected::at, "when")});
  return row;
}
const core::Record& describe(const Expired*) {
  static const auto row = record<Expired>("expired", "Nobody decided in time.", {field("at", &Expired::at, "when")});
  return row;
}
const core::Record& describe(const Cancelled*) {
  static const auto row =
      record<Cancelled>("cancelled", "Who asked took it back.",
                        {field("by", &Cancelled::by, "who"), field("reason", &Cancelled::reason, "why"),
                         field("at", &Cancelled::at, "when")});
  return row;
}
const core::Record& describe(const Reminded*) {
  static const auto row = record<Reminded>("reminded", "It still waits.", {field("at", &Reminded::at, "when")});
  return row;
}
const core::Record& describe(const Escalated*) {
  static const auto row =
      record<Escalated>("escalated", "Others may decide too.",
                        {field("level", &Escalated::level, "which level this is"),
                         field("roles", &Escalated::roles, "who they are"), field("at", &Escalated::at, "when")});
  return row;
}
const core::Record& describe(const Executed*) {
  static const auto row =
      record<Executed>("executed", "It was done.",
                       {field("version", &Executed::version, "of the entity afterwards"),
                        field("position", &Executed::position, "of its event in the log"),
                        field("events", &Executed::events, "what happened"), field("at", &Executed::at, "when")});
  return row;
}
const core::Record& describe(const ExecutionFailed*) {
  static const auto row = record<ExecutionFailed>(
      "execution_failed", "It could not be done.",
      {field("code", &ExecutionFailed::code, "why, as a code"),
       field("message", &ExecutionFailed::message, "why, for people"), field("at", &ExecutionFailed::at, "when")});
  return row;
}

const core::Record& describe(const State*) {
  static const auto row =
      record<State>("approval", "An act that waits for people.",
                    {field("status", &State::status, "where it stands"),
                     field("act", &State::act, "what is to be done"),
                     hidden(field("content", &State::content, "its body, sealed")),
                     field("rules", &State::rules, "what holds it"),
                     field("groups", &State::groups, "who must agree; all groups are needed"),
                     field("escalation", &State::escalation, "who is asked next"),
                     field("called", &State::called, "who may decide beside the groups, since an escalation"),
                     field("second_factor", &State::second_factor, "a yes needs a fresh code"),
                     field("reminder", &State::reminder, "how often it reminds; 0: never"),
                     field("level", &State::level, "of escalation; 0: none yet"),
                     field("votes", &State::votes, "who agreed"),
                     field("owner_confirmed", &State::owner_confirmed, "the root owner decided alone"),
                     field("requested_at", &State::requested_at, "when it was held"),
                     field("expires_at", &State::expires_at, "until when it waits"),
                     field("decided_by", &State::decided_by, "who decided"),
                     field("decision_reason", &State::decision_reason, "why"),
                     field("decided_at", &State::decided_at, "when"),
                     field("work", &State::work, "outstanding work"),
                     field("outcome_code", &State::outcome_code, "why it could not be done, as a code"),
                     field("outcome_message", &State::outcome_message, "the same for people"),
                     field("outcome_version", &State::outcome_version, "of the entity afterwards"),
                     field("outcome_position", &State::outcome_position, "of its event in the log"),
                     field("ended_at", &State::ended_at, "when it was done, had failed or was over"),
                     field("remedies", &State::remedies, "what is proposed, where there is a choice"),
                     field("refusal", &State::refusal, "the asker's command for when nobody says yes"),
                     field("remedy", &State::remedy, "what was chosen")});
  return row;
}

const core::Kind& kind() {
  using enum core::Door;
  static const core::Kind kind = core::kind_of<State, Command, Event>({
      .name = "approval",
      .plural = "approvals",
      .doc = "An act that waits until the right people have agreed to it.",
      .commands = {{.name = "request", .doc = "An act is held.", .door = internal, .creates = true},
                   {.name = "approve", .doc = "Agree to it.", .door = assisted, .impact = 5, .access = deciding},
                   {.name = "reject", .doc = "Refuse it; needs a reason.", .impact = 3, .access = deciding},
                   {.name = "cancel", .doc = "Take one's own request back.", .impact = 1, .access = asking},
                   {.name = "withdraw", .doc = "Nobody needs an answer any more.", .door = internal},
                   {.name = "settle", .doc = "A work has ended.", .door = internal},
                   {.name = "fire", .doc = "A timer has run out.", .door = internal}},
      .events = {{.name = "approval.requested", .doc = "An act is held."},
                 {.name = "approval.voted", .doc = "Somebody agreed."},
                 {.name = "approval.approved", .doc = "All who were needed agreed."},
                 {.name = "approval.rejected", .doc = "Somebody refused it."},
                 {.name = "approval.expired", .doc = "Nobody decided in time.", .observation = true},
                 {.name = "approval.cancelled", .doc = "Who asked took it back."},
                 {.name = "approval.reminded", .doc = "It still waits.", .observation = true},
                 {.name = "approval.escalated", .doc = "Others may decide too.", .observation = true},
                 {.name = "approval.executed", .doc = "It was done.", .observation = true},
                 {.name = "approval.execution_failed", .doc = "It could not be done.", .observation = true}},
  });
  return kind;
}

}  // namespace nova::approval
