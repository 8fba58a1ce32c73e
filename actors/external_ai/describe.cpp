#include "actors/external_ai/external_ai.hpp"
#include "core/authority/access.hpp"

namespace nova::external_ai {

using core::field;
using core::optional_field;
using core::record;

const std::vector<std::string_view>& names_of(const Status*) {
  static const std::vector<std::string_view> names = {"absent", "proposed", "active", "paused", "removed"};
  return names;
}
const std::vector<std::string_view>& names_of(const Provider*) {
  static const std::vector<std::string_view> names = {"openai", "anthropic", "google", "azure", "custom"};
  return names;
}

const core::Record& describe(const Link*) {
  static const auto row = record<Link>(
      "external_link", "How a provider is reached, and how far.",
      {field("provider", &Link::provider, "whose it is"), field("endpoint", &Link::endpoint, "https URL"),
       field("secret", &Link::secret, "the key: tenant/id of a secret"),
       optional_field("allowed_for_subscribers", &Link::allowed_for_subscribers, "subscribers may reach it"),
       field("layers", &Link::layers, "that may use it"),
       optional_field("rate_limit", &Link::rate_limit, "requests in a minute"),
       field("monthly_budget", &Link::monthly_budget, "millionths of a US dollar; none: unlimited")});
  return row;
}
const core::Record& describe(const Minute*) {
  static const auto row = record<Minute>(
      "minute", "Requests of the current minute.",
      {field("since", &Minute::since, "when it began"), field("requests", &Minute::requests, "so many")});
  return row;
}
const core::Record& describe(const Asked*) {
  static const auto row =
      record<Asked>("asked", "Who was asked to count this link.",
                    {field("work", &Asked::work, "the work"), field("target", &Asked::target, "kind/tenant/id")});
  return row;
}

const core::Record& describe(const Create*) {
  static const auto row = record<Create>(
      "create", "Propose a link.",
      {field("provider", &Create::provider, "whose it is"), field("endpoint", &Create::endpoint, "https URL"),
       field("secret", &Create::secret, "the key: tenant/id of a secret"),
       optional_field("allowed_for_subscribers", &Create::allowed_for_subscribers, "subscribers may reach it"),
       field("layers", &Create::layers, "that may use it"),
       optional_field("rate_limit", &Create::rate_limit, "requests in a minute"),
       field("monthly_budget", &Create::monthly_budget, "millionths of a US dollar; none: unlimited")});
  return row;
}
const core::Record& describe(const Update*) {
  static const auto row =
      record<Update>("update", "Change a link; what it reaches is proposed anew.",
                     {field("endpoint", &Update::endpoint, "https URL"),
                      field("secret", &Update::secret, "the key: tenant/id of a secret"),
                      field("allowed_for_subscribers", &Update::allowed_for_subscribers, "subscribers may reach it"),
                      field("layers", &Update::layers, "that may use it"),
                      field("rate_limit", &Update::rate_limit, "requests in a minute"),
                      field("monthly_budget", &Update::monthly_budget, "millionths of a US dollar")});
  return row;
}
const core::Record& describe(const Approve*) {
  static const auto row = record<Approve>("approve", "Let a proposed link be used.", {});
  return row;
}
const core::Record& describe(const Pause*) {
  static const auto row = record<Pause>("pause", "Stop a link for a while.", {field("reason", &Pause::reason, "why")});
  return row;
}
const core::Record& describe(const Resume*) {
  static const auto row = record<Resume>("resume", "Let a paused link be used again.", {});
  return row;
}
const core::Record& describe(const Remove*) {
  static const auto row = record<Remove>("remove", "End a link for good.", {field("reason", &Remove::reason, "why")});
  return row;
}
const core::Record& describe(const Reserve*) {
  static const auto row = record<Reserve>("reserve", "Hold what a request may cost.",
                                          {field("id", &Reserve::id, "of the request"),
                                           optional_field("cost", &Reserve::cost, "millionths of a US dollar")});
  return row;
}
const core::Record& describe(const Commit*) {
  static const auto row =
      record<Commit>("commit", "A request is over: what it cost is spent.",
                     {field("id", &Commit::id, "of the request"),
                      field("cost", &Commit::cost, "millionths of a US dollar; none: what was held")});
  return row;
}
const core::Record& describe(const Release*) {
  static const auto row =
      record<Release>("release", "A request did not happen.", {field("id", &Release::id, "of the request")});
  return row;
}

const core::Record& describe(const Proposed*) {
  static const auto row = record<Proposed>("proposed", "A link was proposed.",
                                           {field("link", &Proposed::link, "how it is reached"),
                                            field("asked", &Proposed::asked, "who was asked to count it"),
                                            field("by", &Proposed::by, "who"), field("at", &Proposed::at, "when")});
  return row;
}
const core::Record& describe(const Updated*) {
  static const auto row =
      record<Updated>("updated", "It is another link.",
                      {field("before", &Updated::before, "as it was"), field("after", &Updated::after, "as it is"),
                       field("asked", &Updated::asked, "who was asked to count it"),
                       field("proposed", &Updated::proposed, "it waits to be approved again"),
                       field("by", &Updated::by, "who"), field("at", &Updated::at, "when")});
  return row;
}
const core::Record& describe(const Counted*) {
  static const auto row =
      record<Counted>("counted", "What it points at counts it.",
                      {field("work", &Counted::work, "that asked"), field("at", &Counted::at, "when")});
  return row;
}
const core::Record& describe(const CountFailed*) {
  static const auto row =
      record<CountFailed>("count_failed", "What it points at is gone.",
                          {field("work", &CountFailed::work, "that asked"), field("code", &CountFailed::code, "why"),
                           field("at", &CountFailed::at, "when")});
  return row;
}
const core::Record& describe(const Linked*) {
  static const auto row =
      record<Linked>("linked", "It may be used.", {field("by", &Linked::by, "who"), field("at", &Linked::at, "when")});
  return row;
}
const core::Record& describe(const Paused*) {
  static const auto row = record<Paused>(
      "paused", "It is stopped for a while.",
      {field("reason", &Paused::reason, "why"), field("by", &Paused::by, "who"), field("at", &Paused::at, "when")});
  return row;
}
const core::Record& describe(const Resumed*) {
  static const auto row = record<Resumed>("resumed", "It may be used again.",
                                          {field("by", &Resumed::by, "who"), field("at", &Resumed::at, "when")});
  return row;
}
const core::Record& describe(const Removed*) {
  static const auto row = record<Removed>(
      "removed", "It is no more.",
      {field("reason", &Removed::reason, "why"), field("by", &Removed::by, "who"), field("at", &Removed::at, "when")});
  return row;
}
const core::Record& describe(const BudgetSpent*) {
  static const auto row = record<BudgetSpent>(
      "budget_spent", "Its budget of the month is spent.",
      {field("month", &BudgetSpent::month, "which"), field("limit", &BudgetSpent::limit, "the budget"),
       field("taken", &BudgetSpent::taken, "spent and held"), field("at", &BudgetSpent::at, "when")});
  return row;
}

const core::Record& describe(const State*) {
  static const auto row = record<State>(
      "external_ai", "A link to an outside AI provider.",
      {field("status", &State::status, "where it stands"), field("link", &State::link, "how it is reached"),
       field("approved", &State::approved, "the owner approved it as it is"),
       field("asked", &State::asked, "what has not answered yet"),
       field("works", &State::works, "that were asked so far"), field("reason", &State::reason, "why"),
       field("budget", &State::budget, "millionths of a US dollar, by the month"),
       field("minute", &State::minute, "requests of the current minute"),
       field("told_spent", &State::told_spent, "the month whose budget was last said to be spent"),
       field("created_by", &State::created_by, "who proposed it"), field("created_at", &State::created_at, "when"),
       field("approved_by", &State::approved_by, "who approved it"),
       field("changed_by", &State::changed_by, "who changed it last"),
       field("changed_at", &State::changed_at, "when")});
  return row;
}

namespace {

std::vector<core::FactNeed> needs(const std::string& secret, const auto& layers) {
  std::vector<core::FactNeed> all;
  if (auto key = secret_key(secret); !key.id.empty()) all.push_back({std::move(key), true});
  for (const auto& layer : layers) all.push_back({{"system", "ai_layer", layer}, true});
  return all;
}
std::vector<core::FactNeed> facts_of_create(const core::EntityKey&, const void*, const void* command) {
  const auto& c = *static_cast<const Create*>(command);
  return needs(c.secret, c.layers);
}
std::vector<core::FactNeed> facts_of_update(const core::EntityKey&, const void* state, const void* command) {
  const auto& c = *static_cast<const Update*>(command);
  const auto& s = static_cast<const State*>(state)->link;
  const std::string secret = c.secret ? std::string(*c.secret) : std::string(s.secret);
  return c.layers ? needs(secret, *c.layers) : needs(secret, s.layers);
}
std::vector<core::FactNeed> facts_of_approve(const core::EntityKey&, const void* state, const void*) {
  const auto& s = static_cast<const State*>(state)->link;
  return needs(s.secret, s.layers);
}

}  // namespace

const core::Kind& kind() {
  using enum core::Door;
  static const core::Kind made = core::kind_of<State, Command, Event>({
      .name = "external_ai",
      .plural = "external_ais",
      .doc = "A link to an outside AI provider.",
      .commands = {{.name = "create",
                    .doc = "Propose a link.",
                    .door = assisted,
                    .impact = 8,
                    .creates = true,
                    .facts = facts_of_create},
                   {.name = "update",
                    .doc = "Change a link; what it reaches is proposed anew.",
                    .impact = 8,
                    .facts = facts_of_update},
                   {.name = "approve", .doc = "Let a proposed link be used.", .impact = 9, .facts = facts_of_approve},
                   {.name = "pause", .doc = "Stop a link for a while.", .impact = 5},
                   {.name = "resume", .doc = "Let a paused link be used again.", .impact = 8},
                   {.name = "remove", .doc = "End a link for good.", .impact = 8, .destructive = true},
                   {.name = "reserve", .doc = "Hold what a request may cost.", .door = internal},
                   {.name = "commit", .doc = "A request is over: what it cost is spent.", .door = internal},
                   {.name = "release", .doc = "A request did not happen.", .door = internal},
                   {.name = "settle", .doc = "What became of work that it asked for.", .door = internal},
                   {.name = "fire", .doc = "Its time has come.", .door = internal}},
      .events = {{.name = "external_ai.proposed", .doc = "A link was proposed."},
                 {.name = "external_ai.updated", .doc = "It is another link."},
                 {.name = "external_ai.counted", .doc = "What it points at counts it.", .observation = true},
                 {.name = "external_ai.count_failed", .doc = "What it points at is gone.", .observation = true},
                 {.name = "external_ai.linked", .doc = "It may be used."},
                 {.name = "external_ai.paused", .doc = "It is stopped for a while."},
                 {.name = "external_ai.resumed", .doc = "It may be used again."},
                 {.name = "external_ai.removed", .doc = "It is no more."},
                 {.name = "external_ai.budget_spent", .doc = "Its budget of the month is spent.", .observation = true},
                 {.name = "external_ai.reserved",
                  .doc = "Some of its budget is held for work under way.",
                  .observation = true},
                 {.name = "external_ai.usage_recorded", .doc = "What was held is spent.", .observation = true},
                 {.name = "external_ai.released", .doc = "What was held is given back.", .observation = true},
                 {.name = "external_ai.month_begun",
                  .doc = "Another month begins, with nothing spent.",
                  .observation = true}},
      .read = core::access::operating,
  });
  return made;
}

}  // namespace nova::external_ai
