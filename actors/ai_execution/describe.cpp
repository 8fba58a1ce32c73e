#include "actors/ai_execution/ai_execution.hpp"
#include "actors/ai_execution/judge.hpp"
#include "core/authority/access.hpp"

namespace nova::ai_execution {

using core::field;
using core::optional_field;
using core::record;

const std::vector<std::string_view>& names_of(const Status*) {
  static const std::vector<std::string_view> names = {"absent",  "requested", "held",   "allowed", "running",
                                                      "refused", "succeeded", "failed", "killed",  "expired"};
  return names;
}
const std::vector<std::string_view>& names_of(const Severity*) {
  static const std::vector<std::string_view> names = {"block", "warning", "log"};
  return names;
}

const core::Record& describe(const Violation*) {
  static const auto row =
      record<Violation>("violation", "A rule that the request breaks.",
                        {field("code", &Violation::code, "stable"),
                         field("rule", &Violation::rule, "of the constitution; empty: none of its five"),
                         field("severity", &Violation::severity, "what it leads to"),
                         field("message", &Violation::message, "in a sentence")});
  return row;
}
const core::Record& describe(const Switches*) {
  static const auto row = record<Switches>(
      "switches", "Which of the five rules are switched on, and how hard they bite.",
      {optional_field("no_ai_without_layer", &Switches::no_ai_without_layer, "no AI without a layer"),
       optional_field("no_ai_without_limits", &Switches::no_ai_without_limits, "no AI without limits"),
       optional_field("no_undefined_power", &Switches::no_undefined_power, "no undefined power"),
       optional_field("no_external_without_approval", &Switches::no_external_without_approval,
                      "no outside AI without approval"),
       optional_field("no_subscriber_access_without_decision", &Switches::no_subscriber_access_without_decision,
                      "no subscriber access without a decision"),
       optional_field("enforcement", &Switches::enforcement,
                      "strict refuses, warning allows and records, permissive only logs")});
  return row;
}
const core::Record& describe(const Requester*) {
  static const auto row = record<Requester>(
      "requester", "Who asks, as the node knows them.",
      {optional_field("user", &Requester::user, "whose limits and access count; empty: a machine of the operator"),
       optional_field("agent", &Requester::agent, "the AI agent that asks, empty: none"),
       optional_field("subscriber", &Requester::subscriber, "neither the owner nor one of the platform's own people"),
       optional_field("tier", &Requester::tier, "whose limits hold")});
  return row;
}

const core::Record& describe(const Request*) {
  static const auto row = record<Request>(
      "request", "Ask AI for something.",
      {field("action", &Request::action, "what is asked"),
       optional_field("layer", &Request::layer, "the layer that it would run in"),
       optional_field("agent", &Request::agent, "the agent that would answer"),
       optional_field("provider", &Request::provider, "the outside provider that would answer"),
       field("task_type", &Request::task_type, "what it is about: text, delete, deploy, payment"),
       optional_field("impact", &Request::impact, "how much hangs on it"),
       optional_field("tokens", &Request::tokens, "that it may use at most"),
       field("needs", &Request::needs, "permission codes that it would use"),
       optional_field("asks_approval", &Request::asks_approval, "a person shall decide in any case"),
       optional_field("takes_final_decision", &Request::takes_final_decision, "it would decide for good"),
       optional_field("ambiguous", &Request::ambiguous, "the task can be read in two ways"),
       field("payload_digest", &Request::payload_digest, "of what is asked; the text itself is kept nowhere"),
       field("requester", &Request::requester, "who asks, filled in by the node"),
       optional_field("switches", &Request::switches, "the constitution's, filled in by the node"),
       optional_field("killed_by", &Request::killed_by, "the kill switch that covers it, filled in by the node")});
  return row;
}
const core::Record& describe(const Resume*) {
  static const auto row = record<Resume>("resume", "The approval is granted.",
                                         {optional_field("approval_id", &Resume::approval_id, "which")});
  return row;
}
const core::Record& describe(const Reject*) {
  static const auto row =
      record<Reject>("reject", "The approval is refused.", {optional_field("reason", &Reject::reason, "why")});
  return row;
}
const core::Record& describe(const Finish*) {
  static const auto row = record<Finish>("finish", "Say that it is done; who asked does.",
                                         {field("result_digest", &Finish::result_digest, "of what came out")});
  return row;
}
const core::Record& describe(const Fail*) {
  static const auto row =
      record<Fail>("fail", "Say that it could not be done; who asked does.",
                   {field("code", &Fail::code, "why"), optional_field("message", &Fail::message, "why")});
  return row;
}
const core::Record& describe(const Kill*) {
  static const auto row =
      record<Kill>("kill", "The kill switch was engaged.", {field("reason", &Kill::reason, "which switch")});
  return row;
}

const core::Record& describe(const Requested*) {
  static const auto row = record<Requested>("requested", "AI is asked for something.",
                                            {field("request", &Requested::request, "what"),
                                             field("subscriber", &Requested::subscriber, "asked by a subscriber"),
                                             field("by", &Requested::by, "who"), field("at", &Requested::at, "when")});
  return row;
}
const core::Record& describe(const Warned*) {
  static const auto row =
      record<Warned>("warned", "It breaks a rule that does not refuse now.",
                     {field("violation", &Warned::violation, "which"), field("at", &Warned::at, "when")});
  return row;
}
const core::Record& describe(const Refused*) {
  static const auto row = record<Refused>(
      "refused", "It may not be done.",
      {field("violation", &Refused::violation, "the first rule that it breaks"),
       field("by", &Refused::by, "the person who refused it; empty: the guard"), field("at", &Refused::at, "when")});
  return row;
}
const core::Record& describe(const Held*) {
  static const auto row =
      record<Held>("held", "A person must decide.",
                   {field("rules", &Held::rules, "why"), field("expires_at", &Held::expires_at, "when it is over"),
                    field("at", &Held::at, "when"),
                    optional_field("approval_id", &Held::approval_id, "of the approval that asks people")});
  return row;
}
const core::Record& describe(const Released*) {
  static const auto row =
      record<Released>("released", "The approval was granted.",
                       {field("approval_id", &Released::approval_id, "which"),
                        field("by", &Released::by, "who said yes"), field("at", &Released::at, "when")});
  return row;
}
const core::Record& describe(const Reserving*) {
  static const auto row =
      record<Reserving>("reserving", "A ledger is asked to hold what it may cost.",
                        {field("ledger", &Reserving::ledger, "kind/id"), field("at", &Reserving::at, "when")});
  return row;
}
const core::Record& describe(const Allowed*) {
  static const auto row = record<Allowed>("allowed", "It may be done.", {field("at", &Allowed::at, "when")});
  return row;
}
const core::Record& describe(const Started*) {
  static const auto row = record<Started>("started", "It is under way.", {field("at", &Started::at, "when")});
  return row;
}
const core::Record& describe(const Finished*) {
  static const auto row = record<Finished>(
      "finished", "It is done.",
      {field("result_digest", &Finished::result_digest, "of what came out"), field("at", &Finished::at, "when")});
  return row;
}
const core::Record& describe(const Failed*) {
  static const auto row = record<Failed>("failed", "It could not be done.",
                                         {field("code", &Failed::code, "why"),
                                          field("message", &Failed::message, "why"), field("at", &Failed::at, "when")});
  return row;
}
const core::Record& describe(const Killed*) {
  static const auto row = record<Killed>("killed", "The kill switch ended it.",
                                         {field("reason", &Killed::reason, "why"), field("at", &Killed::at, "when")});
  return row;
}
const core::Record& describe(const Expired*) {
  static const auto row = record<Expired>("expired", "Nobody decided in time.", {field("at", &Expired::at, "when")});
  return row;
}

const core::Record& describe(const State*) {
  static const auto row = record<State>(
      "ai_execution", "One request to AI, and what became of it.",
      {field("status", &State::status, "where it stands"), field("request", &State::request, "what was asked"),
       field("violations", &State::violations, "rules that it breaks"),
       field("held_by", &State::held_by, "rules that need a person"),
       field("approval_id", &State::approval_id, "of the approval that asks people"),
       field("decided_by", &State::decided_by, "who released or refused it"),
       field("ledgers", &State::ledgers, "that hold something for it: kind/id"),
       field("reserving", &State::reserving, "the ledger that is asked: kind/id"),
       field("code", &State::code, "why it failed"), field("reason", &State::reason, "why"),
       field("result_digest", &State::result_digest, "of what came out"),
       field("requested_by", &State::requested_by, "who asked"), field("requested_at", &State::requested_at, "when"),
       field("expires_at", &State::expires_at, "when a held one is over"),
       field("ended_at", &State::ended_at, "when it was over")});
  return row;
}

namespace {

// Every one is read afresh: what cannot be loaded refuses (S02, `ai.check_failed`).
std::vector<core::FactNeed> needs(const Request& c, const std::string& tenant) {
  std::vector<core::FactNeed> all;
  for (auto& key : switches_of(c, tenant)) all.push_back({std::move(key), false});
  if (!c.layer.empty()) all.push_back({{"system", "ai_layer", c.layer}, false});
  if (!c.agent.empty()) all.push_back({{"system", "ai_agent", c.agent}, false});
  if (!c.requester.agent.empty() && c.requester.agent != c.agent)
    all.push_back({{"system", "ai_agent", c.requester.agent}, false});
  if (!c.provider.empty()) all.push_back({{"system", "external_ai", c.provider}, false});
  if (!c.requester.tier.empty()) all.push_back({{"system", "subscriber_limit", c.requester.tier}, false});
  if (!c.requester.user.empty()) {
    all.push_back({{"system", "ai_access", c.requester.user}, false});
    all.push_back({{"system", "permission_set", "user-" + c.requester.user}, false});
  }
  if (!c.requester.agent.empty()) all.push_back({{"system", "permission_set", "agent-" + c.requester.agent}, false});
  return all;
}
std::vector<core::FactNeed> facts_of_request(const core::EntityKey& self, const void*, const void* command) {
  return needs(*static_cast<const Request*>(command), self.tenant);
}
std::vector<core::FactNeed> facts_of_state(const core::EntityKey& self, const void* state, const void*) {
  return needs(static_cast<const State*>(state)->request, self.tenant);
}

}  // namespace

const core::Kind& kind() {
  using enum core::Door;
  static const core::Kind made = core::kind_of<State, Command, Event>({
      .name = "ai_execution",
      .plural = "ai_executions",
      .doc = "One request to AI, and what became of it.",
      .short_names = {"execution"},
      .commands = {{.name = "request",
                    .doc = "Ask AI for something.",
                    .door = assisted,
                    .impact = 3,
                    .creates = true,
                    .access = {.capability = "builder.access", .permission = "ai:read", .scope = "ai.invoke"},
                    .facts = facts_of_request},
                   {.name = "resume", .doc = "The approval is granted.", .door = internal, .facts = facts_of_state},
                   {.name = "reject", .doc = "The approval is refused.", .door = internal},
                   {.name = "finish",
                    .doc = "Say that it is done; who asked does.",
                    .impact = 3,
                    .access = {.capability = "builder.access", .permission = "ai:read", .scope = "ai.invoke"}},
                   {.name = "fail",
                    .doc = "Say that it could not be done; who asked does.",
                    .impact = 2,
                    .access = {.capability = "builder.access", .permission = "ai:read", .scope = "ai.invoke"}},
                   {.name = "kill", .doc = "The kill switch was engaged.", .door = internal},
                   {.name = "settle", .doc = "A ledger has answered.", .door = internal, .facts = facts_of_state},
                   {.name = "fire", .doc = "Its time is over.", .door = internal}},
      .events = {{.name = "ai_execution.requested", .doc = "AI is asked for something."},
                 {.name = "ai_execution.warned", .doc = "It breaks a rule that does not refuse now."},
                 {.name = "ai_execution.refused", .doc = "It may not be done."},
                 {.name = "ai_execution.held", .doc = "A person must decide."},
                 {.name = "ai_execution.released", .doc = "The approval was granted."},
                 {.name = "ai_execution.reserving",
                  .doc = "A ledger is asked to hold what it may cost.",
                  .observation = true},
                 {.name = "ai_execution.allowed", .doc = "It may be done."},
                 {.name = "ai_execution.started", .doc = "It is under way.", .observation = true},
                 {.name = "ai_execution.finished", .doc = "It is done."},
                 {.name = "ai_execution.failed", .doc = "It could not be done."},
                 {.name = "ai_execution.killed", .doc = "The kill switch ended it."},
                 {.name = "ai_execution.expired", .doc = "Nobody decided in time."}},
      .read = {.capability = "dashboard.view", .permission = "ai:read", .scope = "ai.invoke"},
  });
  return made;
}

}  // namespace nova::ai_execution
