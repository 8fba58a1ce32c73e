#include "actors/auth_method/auth_method.hpp"

namespace nova::auth_method {

using core::field;
using core::record;

const std::vector<std::string_view>& names_of(const Status*) {
  static const std::vector<std::string_view> names = {"open", "closed"};
  return names;
}

const core::Record& describe(const Disable*) {
  static const auto row = record<Disable>("disable", "Nobody comes in this way any more; sessions that are open stay.",
                                          {field("reason", &Disable::reason, "why, for those who come this way")});
  return row;
}

const core::Record& describe(const Enable*) {
  static const auto row = record<Enable>("enable", "People may come in this way again.", {});
  return row;
}

const core::Record& describe(const Disabled*) {
  static const auto row =
      record<Disabled>("disabled", "Nobody comes in this way any more.",
                       {field("reason", &Disabled::reason, "why"), field("by", &Disabled::by, "who closed it"),
                        field("at", &Disabled::at, "when")});
  return row;
}

const core::Record& describe(const Enabled*) {
  static const auto row =
      record<Enabled>("enabled", "People may come in this way again.",
                      {field("by", &Enabled::by, "who opened it"), field("at", &Enabled::at, "when")});
  return row;
}

const core::Record& describe(const State*) {
  static const auto row =
      record<State>("auth_method", "A way of coming in.",
                    {field("status", &State::status, "open or closed"), field("reason", &State::reason, "why"),
                     field("by", &State::by, "who"), field("at", &State::at, "when")});
  return row;
}

const core::Kind& kind() {
  static const core::Kind made = core::kind_of<State, Command, Event>({
      .name = "auth_method",
      .plural = "auth_methods",
      .doc = "A way of coming in that the owner may close.",
      // Nobody but the root owner; in the runtime's own tenant only a route of its own makes anything.
      .commands =
          {{.name = "disable",
            .doc = "Close a way of coming in.",
            .door = core::Door::assisted,
            .impact = 7,
            .creates = true},
           {.name = "enable", .doc = "Open it again.", .door = core::Door::assisted, .impact = 6, .creates = true}},
      .events = {{.name = "auth_method.disabled", .doc = "The owner closed it."},
                 {.name = "auth_method.enabled", .doc = "The owner opened it again."}},
      .authority = true,
      .read = {.permission = "platform:read"},
  });
  return made;
}

}  // namespace nova::auth_method
