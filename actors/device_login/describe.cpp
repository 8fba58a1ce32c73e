#include "actors/device_login/device_login.hpp"

namespace nova::device_login {

using core::field;
using core::hidden;
using core::optional_field;
using core::record;

const std::vector<std::string_view>& names_of(const Status*) {
  static const std::vector<std::string_view> names = {"absent", "pending", "approved", "denied", "redeemed", "expired"};
  return names;
}

const core::Record& describe(const Start*) {
  static const auto row =
      record<Start>("start", "A program asks to be signed in.",
                    {optional_field("device", &Start::device, "what it says of itself"),
                     field("code_hash", &Start::code_hash, "keyed hash of the code that it keeps")});
  return row;
}
const core::Record& describe(const Approve*) {
  static const auto row =
      record<Approve>("approve", "Somebody lets it in, as themselves.", {field("user", &Approve::user, "who")});
  return row;
}
const core::Record& describe(const Deny*) {
  static const auto row = record<Deny>("deny", "Somebody turns it away.", {field("user", &Deny::user, "who")});
  return row;
}
const core::Record& describe(const Redeem*) {
  static const auto row = record<Redeem>("redeem", "The program comes for its session.", {});
  return row;
}
const core::Record& describe(const Started*) {
  static const auto row =
      record<Started>("started", "A program waits for somebody to let it in.",
                      {field("device", &Started::device, "what it says of itself"),
                       hidden(field("code_hash", &Started::code_hash, "keyed hash of the code that it keeps")),
                       field("at", &Started::at, "when"), field("expires_at", &Started::expires_at, "until when")});
  return row;
}
const core::Record& describe(const Approved*) {
  static const auto row = record<Approved>(
      "approved", "It may come in.", {field("user", &Approved::user, "as whom"), field("at", &Approved::at, "when")});
  return row;
}
const core::Record& describe(const Denied*) {
  static const auto row = record<Denied>("denied", "It was turned away.",
                                         {field("user", &Denied::user, "by whom"), field("at", &Denied::at, "when")});
  return row;
}
const core::Record& describe(const Redeemed*) {
  static const auto row = record<Redeemed>("redeemed", "It is signed in.", {field("at", &Redeemed::at, "when")});
  return row;
}
const core::Record& describe(const Expired*) {
  static const auto row = record<Expired>("expired", "Its time was over.", {field("at", &Expired::at, "when")});
  return row;
}
const core::Record& describe(const State*) {
  static const auto row = record<State>(
      "device_login", "A program that asks to be signed in.",
      {field("status", &State::status, "where it stands"),
       field("device", &State::device, "what the program says of itself"),
       hidden(field("code_hash", &State::code_hash, "keyed hash of the code that it keeps")),
       field("user", &State::user, "who answered"), field("started_at", &State::started_at, "when"),
       field("expires_at", &State::expires_at, "until when"), field("answered_at", &State::answered_at, "when"),
       field("ended_at", &State::ended_at, "since when it is over")});
  return row;
}

const core::Kind& kind() {
  using enum core::Door;
  static const core::Kind made = core::kind_of<State, Command, Event>({
      .name = "device_login",
      .plural = "device_logins",
      .doc = "A program that asks to be signed in, and waits for a person to say so.",
      .commands = {{.name = "start", .doc = "A program asks.", .door = internal, .creates = true},
                   {.name = "approve", .doc = "Somebody lets it in.", .door = internal, .impact = 4},
                   {.name = "deny", .doc = "Somebody turns it away.", .door = internal},
                   {.name = "redeem", .doc = "The program comes for its session.", .door = internal},
                   {.name = "fire", .doc = "Its time is over.", .door = internal}},
      .events = {{.name = "device_login.started", .doc = "A program waits.", .observation = true},
                 {.name = "device_login.approved", .doc = "It may come in."},
                 {.name = "device_login.denied", .doc = "It was turned away."},
                 {.name = "device_login.redeemed", .doc = "It is signed in.", .observation = true},
                 {.name = "device_login.expired", .doc = "Its time was over.", .observation = true}},
      .authority = true,
      .read = {.permission = "users:read"},
  });
  return made;
}

}  // namespace nova::device_login
