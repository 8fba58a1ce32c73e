#include "actors/subscriber_limit/subscriber_limit.hpp"
#include "core/authority/access.hpp"

namespace nova::subscriber_limit {

using core::field;
using core::optional_field;
using core::record;

const std::vector<std::string_view>& names_of(const Status*) {
  static const std::vector<std::string_view> names = {"absent", "active", "removed"};
  return names;
}
const std::vector<std::string_view>& names_of(const Enforcement*) {
  static const std::vector<std::string_view> names = {"block", "log", "auto_suspend"};
  return names;
}

const core::Record& describe(const Limits*) {
  static const auto row = record<Limits>(
      "limits", "How much.",
      {field("max_power_level", &Limits::max_power_level, "of layers that may be used"),
       field("max_tokens_per_request", &Limits::max_tokens_per_request, "tokens in one request"),
       field("max_requests_per_day", &Limits::max_requests_per_day, "requests in a day"),
       field("max_requests_per_minute", &Limits::max_requests_per_minute, "requests in a minute"),
       field("allowed_task_types", &Limits::allowed_task_types, "none: any"),
       field("blocked_task_types", &Limits::blocked_task_types, "wins over what is allowed"),
       optional_field("can_access_external_ai", &Limits::can_access_external_ai, "may reach outside providers"),
       optional_field("can_see_layers", &Limits::can_see_layers, "is shown the layers"),
       optional_field("enforcement", &Limits::enforcement, "what a breach leads to")});
  return row;
}

const core::Record& describe(const Set*) {
  static const auto row =
      record<Set>("set", "Say how much a tier may use.", {field("limits", &Set::limits, "how much")});
  return row;
}
const core::Record& describe(const Remove*) {
  static const auto row =
      record<Remove>("remove", "A tier has no AI any more.", {field("reason", &Remove::reason, "why")});
  return row;
}

const core::Record& describe(const LimitsSet*) {
  static const auto row = record<LimitsSet>(
      "limits_set", "A tier may use so much.",
      {field("before", &LimitsSet::before, "as it was"), field("after", &LimitsSet::after, "as it is"),
       field("by", &LimitsSet::by, "who"), field("at", &LimitsSet::at, "when")});
  return row;
}
const core::Record& describe(const Removed*) {
  static const auto row = record<Removed>(
      "removed", "A tier has no AI any more.",
      {field("reason", &Removed::reason, "why"), field("by", &Removed::by, "who"), field("at", &Removed::at, "when")});
  return row;
}

const core::Record& describe(const State*) {
  static const auto row = record<State>(
      "subscriber_limit", "How much AI the subscribers of a tier may use.",
      {field("status", &State::status, "where it stands"), field("limits", &State::limits, "how much"),
       field("reason", &State::reason, "why"), field("changed_by", &State::changed_by, "who changed it last"),
       field("changed_at", &State::changed_at, "when")});
  return row;
}

const core::Kind& kind() {
  using enum core::Door;
  static const core::Kind made = core::kind_of<State, Command, Event>({
      .name = "subscriber_limit",
      .plural = "subscriber_limits",
      .doc = "How much AI the subscribers of a tier may use.",
      .commands =
          {{.name = "set", .doc = "Say how much a tier may use.", .door = assisted, .impact = 7, .creates = true},
           {.name = "remove", .doc = "A tier has no AI any more.", .impact = 7, .destructive = true}},
      .events = {{.name = "subscriber_limit.set", .doc = "A tier may use so much."},
                 {.name = "subscriber_limit.removed", .doc = "A tier has no AI any more."}},
      .read = core::access::operating,
  });
  return made;
}

}  // namespace nova::subscriber_limit
