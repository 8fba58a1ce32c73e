#include "actors/login_flow/login_flow.hpp"

namespace nova::login_flow {

using core::field;
using core::optional_field;
using core::record;

const std::vector<std::string_view>& names_of(const Status*) {
  static const std::vector<std::string_view> names = {"absent", "in_progress", "completed",
                                                      "failed", "expired",     "cancelled"};
  return names;
}

const core::Record& describe(const Start*) {
  static const auto row = record<Start>("start", "A password was right and a second factor is needed.",
                                        {field("user", &Start::user, "whose it was"),
                                         optional_field("device", &Start::device, "device and browser, for people"),
                                         optional_field("place", &Start::place, "from where, keyed hash")});
  return row;
}
const core::Record& describe(const Attempt*) {
  static const auto row = record<Attempt>("attempt", "A code is about to be looked at.", {});
  return row;
}
const core::Record& describe(const Complete*) {
  static const auto row = record<Complete>("complete", "The second factor was right.", {});
  return row;
}
const core::Record& describe(const Cancel*) {
  static const auto row = record<Cancel>("cancel", "Who began it does not go on.", {});
  return row;
}
const core::Record& describe(const Started*) {
  static const auto row = record<Started>(
      "started", "A second factor is waited for.",
      {field("user", &Started::user, "whose password it was"), field("device", &Started::device, "device and browser"),
       field("place", &Started::place, "from where, keyed hash"), field("at", &Started::at, "when"),
       field("expires_at", &Started::expires_at, "until when")});
  return row;
}
const core::Record& describe(const Attempted*) {
  static const auto row = record<Attempted>(
      "attempted", "A code was tried.",
      {field("tries", &Attempted::tries, "how many there were"), field("at", &Attempted::at, "when")});
  return row;
}
const core::Record& describe(const Completed*) {
  static const auto row = record<Completed>("completed", "They are in.", {field("at", &Completed::at, "when")});
  return row;
}
const core::Record& describe(const Failed*) {
  static const auto row = record<Failed>("failed", "Too many codes were wrong.", {field("at", &Failed::at, "when")});
  return row;
}
const core::Record& describe(const Expired*) {
  static const auto row = record<Expired>("expired", "Nobody came in time.", {field("at", &Expired::at, "when")});
  return row;
}
const core::Record& describe(const Cancelled*) {
  static const auto row =
      record<Cancelled>("cancelled", "Who began it did not go on.", {field("at", &Cancelled::at, "when")});
  return row;
}
const core::Record& describe(const State*) {
  static const auto row = record<State>(
      "login_flow", "A sign-in that waits for a second factor.",
      {field("status", &State::status, "where it stands"), field("user", &State::user, "whose password was right"),
       field("device", &State::device, "device and browser"), field("place", &State::place, "from where, keyed hash"),
       field("tries", &State::tries, "codes that were tried"), field("started_at", &State::started_at, "when"),
       field("expires_at", &State::expires_at, "until when"), field("ended_at", &State::ended_at, "since when")});
  return row;
}

const core::Kind& kind() {
  using enum core::Door;
  static const core::Kind made = core::kind_of<State, Command, Event>({
      .name = "login_flow",
      .plural = "login_flows",
      .doc = "A sign-in that waits for a second factor.",
      .short_names = {"flow"},
      .commands = {{.name = "start", .doc = "A password was right.", .door = internal, .creates = true},
                   {.name = "attempt", .doc = "A code is about to be looked at.", .door = internal},
                   {.name = "complete", .doc = "The second factor was right.", .door = internal},
                   {.name = "fire", .doc = "Its time is over.", .door = internal},
                   {.name = "cancel", .doc = "Who began it does not go on.", .door = internal}},
      .events = {{.name = "login_flow.started", .doc = "A second factor is waited for.", .observation = true},
                 {.name = "login_flow.attempted", .doc = "A code was tried.", .observation = true},
                 {.name = "login_flow.completed", .doc = "They are in.", .observation = true},
                 {.name = "login_flow.failed", .doc = "Too many codes were wrong.", .observation = true},
                 {.name = "login_flow.expired", .doc = "Nobody came in time.", .observation = true},
                 {.name = "login_flow.cancelled", .doc = "Who began it did not go on.", .observation = true}},
      .read = {.permission = "users:read"},
  });
  return made;
}

}  // namespace nova::login_flow
