#include "actors/ai_layer/ai_layer.hpp"
#include "core/authority/access.hpp"

namespace nova::ai_layer {

using core::field;
using core::optional_field;
using core::record;

const std::vector<std::string_view>& names_of(const Status*) {
  static const std::vector<std::string_view> names = {"absent", "active", "suspended", "disabled", "emergency_stopped",
                                                      "deleted"};
  return names;
}
const std::vector<std::string_view>& names_of(const Type*) {
  static const std::vector<std::string_view> names = {"INTERNAL_SOVEREIGN", "EXTERNAL_MANAGED", "HYBRID",
                                                      "SUBSCRIBER_RESTRICTED"};
  return names;
}
const std::vector<std::string_view>& names_of(const Visibility*) {
  static const std::vector<std::string_view> names = {"hidden", "limited", "full"};
  return names;
}
const std::vector<std::string_view>& names_of(const Allocation*) {
  static const std::vector<std::string_view> names = {"minimal", "standard", "high", "maximum"};
  return names;
}

const core::Record& describe(const Power*) {
  static const auto row = record<Power>(
      "power", "What bounds a layer.",
      {optional_field("level", &Power::level, "one of ten"),
       optional_field("max_tokens_per_request", &Power::max_tokens_per_request, "tokens in one request"),
       optional_field("max_requests_per_minute", &Power::max_requests_per_minute, "requests in a minute"),
       optional_field("max_concurrent_requests", &Power::max_concurrent_requests, "requests at once"),
       optional_field("cpu_allocation", &Power::cpu_allocation, "of the machine"),
       optional_field("memory_allocation", &Power::memory_allocation, "of the machine"),
       optional_field("cost_per_request", &Power::cost_per_request, "millionths of a US dollar"),
       field("monthly_budget_limit", &Power::monthly_budget_limit, "millionths of a US dollar; none: unlimited"),
       optional_field("subscriber_can_see_cost", &Power::subscriber_can_see_cost, "subscribers see what it costs"),
       optional_field("owner_can_see_real_cost", &Power::owner_can_see_real_cost, "the owner sees the real cost")});
  return row;
}
const core::Record& describe(const Profile*) {
  static const auto row = record<Profile>(
      "profile", "What a layer is for.",
      {field("name", &Profile::name, "unique"), field("name_ar", &Profile::name_ar, "in Arabic"),
       field("purpose", &Profile::purpose, "what it is for"), field("purpose_ar", &Profile::purpose_ar, "in Arabic"),
       optional_field("priority", &Profile::priority, "higher wins"),
       optional_field("allowed_for_subscribers", &Profile::allowed_for_subscribers, "subscribers may use it"),
       optional_field("subscriber_visibility", &Profile::subscriber_visibility, "what subscribers see of it")});
  return row;
}
const core::Record& describe(const Minute*) {
  static const auto row = record<Minute>(
      "minute", "Requests of the current minute.",
      {field("since", &Minute::since, "when it began"), field("requests", &Minute::requests, "so many")});
  return row;
}

const core::Record& describe(const Create*) {
  static const auto row = record<Create>("create", "Make a layer.",
                                         {field("profile", &Create::profile, "what it is for"),
                                          field("type", &Create::type, "who may be behind it, and before it"),
                                          field("power", &Create::power, "what bounds it")});
  return row;
}
const core::Record& describe(const Update*) {
  static const auto row = record<Update>(
      "update", "Change what a layer is for.",
      {field("name", &Update::name, "unique"), field("name_ar", &Update::name_ar, "in Arabic"),
       field("purpose", &Update::purpose, "what it is for"), field("purpose_ar", &Update::purpose_ar, "in Arabic"),
       field("priority", &Update::priority, "higher wins"),
       field("allowed_for_subscribers", &Update::allowed_for_subscribers, "subscribers may use it"),
       field("subscriber_visibility", &Update::subscriber_visibility, "what subscribers see of it")});
  return row;
}
const core::Record& describe(const SetPower*) {
  static const auto row =
      record<SetPower>("set_power", "Say what bounds a layer.", {field("power", &SetPower::power, "what bounds it")});
  return row;
}
const core::Record& describe(const Suspend*) {
  static const auto row =
      record<Suspend>("suspend", "Stop a layer for a while.", {field("reason", &Suspend::reason, "why")});
  return row;
}
const core::Record& describe(const Resume*) {
  static const auto row = record<Resume>("resume", "Let a suspended layer work again.", {});
  return row;
}
const core::Record& describe(const Disable*) {
  static const auto row =
      record<Disable>("disable", "Put a layer out of use.", {field("reason", &Disable::reason, "why")});
  return row;
}
const core::Record& describe(const Enable*) {
  static const auto row = record<Enable>("enable", "Let a disabled layer work again.", {});
  return row;
}
const core::Record& describe(const Delete*) {
  static const auto row = record<Delete>("delete", "Remove a disabled layer that nothing points at.",
                                         {field("reason", &Delete::reason, "why")});
  return row;
}
const core::Record& describe(const EmergencyStop*) {
  static const auto row = record<EmergencyStop>("emergency_stop", "The kill switch covers it.",
                                                {field("reason", &EmergencyStop::reason, "why")});
  return row;
}
const core::Record& describe(const EmergencyRelease*) {
  static const auto row = record<EmergencyRelease>("emergency_release", "No kill switch covers it any more.", {});
  return row;
}
const core::Record& describe(const Attach*) {
  static const auto row =
      record<Attach>("attach", "An agent or a provider points at it.", {field("by", &Attach::by, "kind/id")});
  return row;
}
const core::Record& describe(const Detach*) {
  static const auto row = record<Detach>("detach", "It points elsewhere.", {field("by", &Detach::by, "kind/id")});
  return row;
}
const core::Record& describe(const Reserve*) {
  static const auto row = record<Reserve>(
      "reserve", "Hold what a request may cost.",
      {field("id", &Reserve::id, "of the request"), optional_field("tokens", &Reserve::tokens, "that it may use")});
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
const core::Record& describe(const RecordUsage*) {
  static const auto row = record<RecordUsage>("record_usage", "Cost that was held by nobody.",
                                              {field("id", &RecordUsage::id, "of what cost it"),
                                               field("cost", &RecordUsage::cost, "millionths of a US dollar")});
  return row;
}

const core::Record& describe(const Created*) {
  static const auto row = record<Created>(
      "created", "A layer was made.",
      {field("profile", &Created::profile, "what it is for"), field("type", &Created::type, "of which type"),
       field("by", &Created::by, "who"), field("at", &Created::at, "when")});
  return row;
}
const core::Record& describe(const Updated*) {
  static const auto row =
      record<Updated>("updated", "It is for something else.",
                      {field("before", &Updated::before, "as it was"), field("after", &Updated::after, "as it is"),
                       field("by", &Updated::by, "who"), field("at", &Updated::at, "when")});
  return row;
}
const core::Record& describe(const PowerSet*) {
  static const auto row =
      record<PowerSet>("power_set", "Other figures bound it.",
                       {field("before", &PowerSet::before, "as it was"), field("after", &PowerSet::after, "as it is"),
                        field("by", &PowerSet::by, "who"), field("at", &PowerSet::at, "when")});
  return row;
}
const core::Record& describe(const Suspended*) {
  static const auto row = record<Suspended>("suspended", "It is stopped for a while.",
                                            {field("reason", &Suspended::reason, "why"),
                                             field("by", &Suspended::by, "who"), field("at", &Suspended::at, "when")});
  return row;
}
const core::Record& describe(const Resumed*) {
  static const auto row = record<Resumed>("resumed", "It works again.",
                                          {field("by", &Resumed::by, "who"), field("at", &Resumed::at, "when")});
  return row;
}
const core::Record& describe(const Disabled*) {
  static const auto row = record<Disabled>("disabled", "It is out of use.",
                                           {field("reason", &Disabled::reason, "why"),
                                            field("by", &Disabled::by, "who"), field("at", &Disabled::at, "when")});
  return row;
}
const core::Record& describe(const Enabled*) {
  static const auto row = record<Enabled>("enabled", "It is in use again.",
                                          {field("by", &Enabled::by, "who"), field("at", &Enabled::at, "when")});
  return row;
}
const core::Record& describe(const Deleted*) {
  static const auto row = record<Deleted>(
      "deleted", "It is removed.",
      {field("reason", &Deleted::reason, "why"), field("by", &Deleted::by, "who"), field("at", &Deleted::at, "when")});
  return row;
}
const core::Record& describe(const EmergencyStopped*) {
  static const auto row = record<EmergencyStopped>(
      "emergency_stopped", "The kill switch covers it.",
      {field("reason", &EmergencyStopped::reason, "why"), field("at", &EmergencyStopped::at, "when")});
  return row;
}
const core::Record& describe(const EmergencyReleased*) {
  static const auto row = record<EmergencyReleased>("emergency_released", "It is what it was before.",
                                                    {field("at", &EmergencyReleased::at, "when")});
  return row;
}
const core::Record& describe(const Attached*) {
  static const auto row = record<Attached>("attached", "Something points at it.",
                                           {field("by", &Attached::by, "kind/id"), field("at", &Attached::at, "when")});
  return row;
}
const core::Record& describe(const Detached*) {
  static const auto row = record<Detached>("detached", "It points elsewhere.",
                                           {field("by", &Detached::by, "kind/id"), field("at", &Detached::at, "when")});
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
      "ai_layer", "What holds AI capabilities, with the power that bounds them.",
      {field("status", &State::status, "where it stands"), field("profile", &State::profile, "what it is for"),
       field("type", &State::type, "who may be behind it, and before it"),
       field("power_set", &State::power_set, "something bounds it"), field("power", &State::power, "what bounds it"),
       field("stopped_from", &State::stopped_from, "what it was before the kill switch"),
       field("reason", &State::reason, "why"), field("used_by", &State::used_by, "what points at it"),
       field("budget", &State::budget, "millionths of a US dollar, by the month"),
       field("minute", &State::minute, "requests of the current minute"),
       field("told_spent", &State::told_spent, "the month whose budget was last said to be spent"),
       field("created_by", &State::created_by, "who made it"), field("created_at", &State::created_at, "when"),
       field("changed_by", &State::changed_by, "who changed it last"),
       field("changed_at", &State::changed_at, "when")});
  return row;
}

const core::Kind& kind() {
  using enum core::Door;
  static const core::Kind made = core::kind_of<State, Command, Event>({
      .name = "ai_layer",
      .plural = "ai_layers",
      .doc = "What holds AI capabilities, with the power that bounds them.",
      .short_names = {"layer"},
      .commands = {{.name = "create", .doc = "Make a layer.", .door = assisted, .impact = 8, .creates = true},
                   {.name = "update", .doc = "Change what a layer is for.", .impact = 7},
                   {.name = "set_power", .doc = "Say what bounds a layer.", .impact = 8},
                   {.name = "suspend", .doc = "Stop a layer for a while.", .impact = 5},
                   {.name = "resume", .doc = "Let a suspended layer work again.", .impact = 7},
                   {.name = "disable", .doc = "Put a layer out of use.", .impact = 5},
                   {.name = "enable", .doc = "Let a disabled layer work again.", .impact = 7},
                   {.name = "delete",
                    .doc = "Remove a disabled layer that nothing points at.",
                    .impact = 9,
                    .destructive = true},
                   {.name = "emergency_stop", .doc = "The kill switch covers it.", .door = internal},
                   {.name = "emergency_release", .doc = "No kill switch covers it any more.", .door = internal},
                   {.name = "attach", .doc = "An agent or a provider points at it.", .door = internal},
                   {.name = "detach", .doc = "It points elsewhere.", .door = internal},
                   {.name = "reserve", .doc = "Hold what a request may cost.", .door = internal},
                   {.name = "commit", .doc = "A request is over: what it cost is spent.", .door = internal},
                   {.name = "release", .doc = "A request did not happen.", .door = internal},
                   {.name = "record_usage", .doc = "Cost that was held by nobody.", .door = internal},
                   {.name = "fire", .doc = "Its time has come.", .door = internal}},
      .events =
          {{.name = "ai_layer.created", .doc = "A layer was made."},
           {.name = "ai_layer.updated", .doc = "It is for something else."},
           {.name = "ai_layer.power_set", .doc = "Other figures bound it."},
           {.name = "ai_layer.suspended", .doc = "It is stopped for a while."},
           {.name = "ai_layer.resumed", .doc = "It works again."},
           {.name = "ai_layer.disabled", .doc = "It is out of use."},
           {.name = "ai_layer.enabled", .doc = "It is in use again."},
           {.name = "ai_layer.deleted", .doc = "It is removed."},
           {.name = "ai_layer.emergency_stopped", .doc = "The kill switch covers it."},
           {.name = "ai_layer.emergency_released", .doc = "It is what it was before."},
           {.name = "ai_layer.attached", .doc = "Something points at it.", .observation = true},
           {.name = "ai_layer.detached", .doc = "It points elsewhere.", .observation = true},
           {.name = "ai_layer.budget_spent", .doc = "Its budget of the month is spent.", .observation = true},
           {.name = "ai_layer.reserved", .doc = "Some of its budget is held for work under way.", .observation = true},
           {.name = "ai_layer.usage_recorded", .doc = "What was held is spent.", .observation = true},
           {.name = "ai_layer.released", .doc = "What was held is given back.", .observation = true},
           {.name = "ai_layer.month_begun", .doc = "Another month begins, with nothing spent.", .observation = true}},
      .authority = true,
      .read = core::access::operating,
  });
  return made;
}

}  // namespace nova::ai_layer
