#include "actors/oidc_flow/oidc_flow.hpp"

namespace nova::oidc_flow {

using core::field;
using core::hidden;
using core::record;

const std::vector<std::string_view>& names_of(const Status*) {
  static const std::vector<std::string_view> names = {"absent", "taken", "ready", "redeemed", "failed", "expired"};
  return names;
}

const core::Record& describe(const Take*) {
  static const auto row = record<Take>("take", "A provider answered.",
                                       {field("provider", &Take::provider, "as the configuration calls it")});
  return row;
}
const core::Record& describe(const Finish*) {
  static const auto row = record<Finish>("finish", "It is known who came.",
                                         {field("user", &Finish::user, "whose account it is"),
                                          field("code_hash", &Finish::code_hash, "keyed hash of the page's code")});
  return row;
}
const core::Record& describe(const Fail*) {
  static const auto row = record<Fail>("fail", "Nobody comes in by it.", {field("code", &Fail::code, "why")});
  return row;
}
const core::Record& describe(const Redeem*) {
  static const auto row = record<Redeem>("redeem", "The page fetches what came of it.",
                                         {field("code_hash", &Redeem::code_hash, "keyed hash of its code")});
  return row;
}
const core::Record& describe(const Taken*) {
  static const auto row =
      record<Taken>("taken", "A provider answered.",
                    {field("provider", &Taken::provider, "as the configuration calls it"),
                     field("at", &Taken::at, "when"), field("expires_at", &Taken::expires_at, "until when")});
  return row;
}
const core::Record& describe(const Finished*) {
  static const auto row =
      record<Finished>("finished", "It is known who came.",
                       {field("user", &Finished::user, "whose account it is"),
                        hidden(field("code_hash", &Finished::code_hash, "keyed hash of the page's code")),
                        field("at", &Finished::at, "when")});
  return row;
}
const core::Record& describe(const Failed*) {
  static const auto row = record<Failed>("failed", "Nobody comes in by it.",
                                         {field("code", &Failed::code, "why"), field("at", &Failed::at, "when")});
  return row;
}
const core::Record& describe(const Redeemed*) {
  static const auto row = record<Redeemed>("redeemed", "The page has it.", {field("at", &Redeemed::at, "when")});
  return row;
}
const core::Record& describe(const Expired*) {
  static const auto row = record<Expired>("expired", "Nobody fetched it in time.", {field("at", &Expired::at, "when")});
  return row;
}
const core::Record& describe(const State*) {
  static const auto row = record<State>(
      "oidc_flow", "Somebody who came back from an outside provider.",
      {field("status", &State::status, "where it stands"),
       field("provider", &State::provider, "as the configuration calls it"),
       field("user", &State::user, "whose account it is"),
       hidden(field("code_hash", &State::code_hash, "keyed hash of the page's code")),
       field("reason", &State::reason, "why nobody comes in"), field("taken_at", &State::taken_at, "when"),
       field("expires_at", &State::expires_at, "until when"), field("ended_at", &State::ended_at, "since when")});
  return row;
}

const core::Kind& kind() {
  using enum core::Door;
  static const core::Kind made = core::kind_of<State, Command, Event>({
      .name = "oidc_flow",
      .plural = "oidc_flows",
      .doc = "Somebody who came back from an outside provider.",
      .short_names = {"oidc"},
      .commands = {{.name = "take", .doc = "A provider answered.", .door = internal, .creates = true},
                   {.name = "finish", .doc = "It is known who came.", .door = internal},
                   {.name = "fail", .doc = "Nobody comes in by it.", .door = internal},
                   {.name = "redeem", .doc = "The page fetches it.", .door = internal},
                   {.name = "fire", .doc = "Its time is over.", .door = internal}},
      .events = {{.name = "oidc_flow.taken", .doc = "A provider answered.", .observation = true},
                 {.name = "oidc_flow.finished", .doc = "It is known who came.", .observation = true},
                 {.name = "oidc_flow.failed", .doc = "Nobody comes in by it.", .observation = true},
                 {.name = "oidc_flow.redeemed", .doc = "The page has it.", .observation = true},
                 {.name = "oidc_flow.expired", .doc = "Nobody fetched it in time.", .observation = true}},
      .read = {.permission = "users:read"},
  });
  return made;
}

}  // namespace nova::oidc_flow
