#include "actors/rate_policy/rate_policy.hpp"

namespace nova::rate_policy {

using core::field;
using core::optional_field;
using core::record;

const std::vector<std::string_view>& names_of(const Status*) {
  static const std::vector<std::string_view> names = {"shipped", "set"};
  return names;
}

const core::Record& describe(const Set*) {
  static const auto row =
      record<Set>("set", "Other numbers than those that ship.",
                  {field("window_s", &Set::window_s, "over how many seconds is counted"),
                   field("max", &Set::max, "how many pass in a window, for the lowest tier"),
                   optional_field("burst", &Set::burst, "how many pass in one second, for the lowest tier"),
                   optional_field("warning_percent", &Set::warning_percent, "from which share on it is warned"),
                   optional_field("block_s", &Set::block_s, "seconds for which is blocked who goes on regardless")});
  return row;
}

const core::Record& describe(const WasSet*) {
  static const auto row = record<WasSet>(
      "set", "Other numbers than those that ship.",
      {field("window_s", &WasSet::window_s, "seconds"), field("max", &WasSet::max, "in a window"),
       field("burst", &WasSet::burst, "in a second"), field("warning_percent", &WasSet::warning_percent, "share"),
       field("block_s", &WasSet::block_s, "seconds"), field("by", &WasSet::by, "who"),
       field("at", &WasSet::at, "when")});
  return row;
}

const core::Record& describe(const State*) {
  static const auto row =
      record<State>("rate_policy", "How many requests of a route or group a caller may make.",
                    {field("status", &State::status, "shipped or set"), field("window_s", &State::window_s, "seconds"),
                     field("max", &State::max, "in a window, for the lowest tier"),
                     field("burst", &State::burst, "in a second, for the lowest tier"),
                     field("warning_percent", &State::warning_percent, "from which share on it is warned"),
                     field("block_s", &State::block_s, "seconds for which is blocked who goes on regardless"),
                     field("by", &State::by, "who set it"), field("at", &State::at, "when")});
  return row;
}

const core::Kind& kind() {
  static const core::Kind made = core::kind_of<State, Command, Event>({
      .name = "rate_policy",
      .plural = "rate_policies",
      .doc = "How many requests of a route or group a caller may make.",
      .short_names = {"rate"},
      // Nobody but the root owner; in the runtime's own tenant only a route of its own makes anything.
      .commands = {{.name = "set",
                    .doc = "Set a policy's numbers.",
                    .door = core::Door::assisted,
                    .impact = 6,
                    .creates = true}},
      .events = {{.name = "rate_policy.set", .doc = "The owner set its numbers."}},
      .authority = true,
      .read = {.permission = "platform:read"},
  });
  return made;
}

}  // namespace nova::rate_policy
