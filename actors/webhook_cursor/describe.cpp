#include "actors/webhook_cursor/webhook_cursor.hpp"

namespace nova::webhook_cursor {

using core::field;
using core::record;

const std::vector<std::string_view>& names_of(const Status*) {
  static const std::vector<std::string_view> names = {"absent", "reading"};
  return names;
}

const core::Record& describe(const Advance*) {
  static const auto row =
      record<Advance>("advance", "The log was read further.", {field("position", &Advance::position, "up to where")});
  return row;
}
const core::Record& describe(const Advanced*) {
  static const auto row = record<Advanced>("advanced", "The log was read further.",
                                           {field("position", &Advanced::position, "up to where")});
  return row;
}
const core::Record& describe(const State*) {
  static const auto row = record<State>(
      "webhook_cursor", "Up to where the log was read for webhooks.",
      {field("status", &State::status, "where it stands"), field("position", &State::position, "up to where")});
  return row;
}

const core::Kind& kind() {
  static const core::Kind made = core::kind_of<State, Command, Event>({
      .name = "webhook_cursor",
      .plural = "webhook_cursors",
      .doc = "Up to where the log was read for webhooks.",
      .commands =
          {{.name = "advance", .doc = "The log was read further.", .door = core::Door::internal, .creates = true}},
      .events = {{.name = "webhook_cursor.advanced", .doc = "The log was read further.", .observation = true}},
      .observed = true,
      .read = {.permission = "platform:read"},
  });
  return made;
}

}  // namespace nova::webhook_cursor
