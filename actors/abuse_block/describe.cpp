#include "actors/abuse_block/abuse_block.hpp"

namespace nova::abuse_block {

using core::field;
using core::optional_field;
using core::record;

const std::vector<std::string_view>& names_of(const Status*) {
  static const std::vector<std::string_view> names = {"absent", "active", "expired", "lifted"};
  return names;
}
const std::vector<std::string_view>& names_of(const Subject*) {
  static const std::vector<std::string_view> names = {"ip", "tenant_user", "token"};
  return names;
}

const core::Record& describe(const Block*) {
  static const auto row = record<Block>(
      "block", "Hear nothing of somebody for a while.",
      {field("subject", &Block::subject, "keyed hash of the address, user or token"),
       optional_field("keyed_by", &Block::keyed_by, "what it is a hash of"),
       optional_field("policy", &Block::policy, "what was overrun"),
       optional_field("name", &Block::name, "of a user or token"),
       optional_field("seconds", &Block::seconds, "for how long"), optional_field("reason", &Block::reason, "why")});
  return row;
}
const core::Record& describe(const Unblock*) {
  static const auto row =
      record<Unblock>("unblock", "Hear them again.", {optional_field("reason", &Unblock::reason, "why")});
  return row;
}

const core::Record& describe(const Blocked*) {
  static const auto row = record<Blocked>(
      "blocked", "Somebody is heard no more for a while.",
      {field("type", &Blocked::type, "RATE_LIMIT_BLOCKED"),
       field("subject", &Blocked::subject, "keyed hash of the address, user or token"),
       field("keyed_by", &Blocked::keyed_by, "what it is a hash of"),
       field("policy", &Blocked::policy, "what was overrun"), field("name", &Blocked::name, "of a user or token"),
       field("reason", &Blocked::reason, "why"), field("by", &Blocked::by, "who"), field("at", &Blocked::at, "when"),
       field("until", &Blocked::until, "until when")});
  return row;
}
const core::Record& describe(const Unblocked*) {
  static const auto row = record<Unblocked>("unblocked", "They are heard again.",
                                            {field("reason", &Unblocked::reason, "why"),
                                             field("by", &Unblocked::by, "who"), field("at", &Unblocked::at, "when")});
  return row;
}
const core::Record& describe(const Expired*) {
  static const auto row = record<Expired>("expired", "Its time was over.", {field("at", &Expired::at, "when")});
  return row;
}

const core::Record& describe(const State*) {
  static const auto row = record<State>(
      "abuse_block", "Somebody who is heard no more for a while.",
      {field("status", &State::status, "where it stands"),
       field("subject", &State::subject, "keyed hash of the address, user or token"),
       field("keyed_by", &State::keyed_by, "what it is a hash of"), field("policy", &State::policy, "what was overrun"),
       field("name", &State::name, "of a user or token"), field("reason", &State::reason, "why"),
       field("by", &State::by, "who blocked"), field("at", &State::at, "since when"),
       field("until", &State::until, "until when"), field("ended_at", &State::ended_at, "when it ended"),
       field("times", &State::times, "how often it happened")});
  return row;
}

const core::Kind& kind() {
  using enum core::Door;
  // The platform's admins update users; nobody below them does.
  static constexpr core::Access guarding{.permission = "users:update"};
  static const core::Kind made = core::kind_of<State, Command, Event>({
      .name = "abuse_block",
      .plural = "abuse_blocks",
      .doc = "Somebody who is heard no more for a while.",
      .short_names = {"block"},
      .commands = {{.name = "block",
                    .doc = "Hear nothing of somebody for a while.",
                    .door = assisted,
                    .impact = 4,
                    .creates = true,
                    .access = guarding},
                   {.name = "unblock", .doc = "Hear them again.", .impact = 4, .access = guarding},
                   {.name = "fire", .doc = "Its time may be over.", .door = internal}},
      .events = {{.name = "abuse.blocked", .doc = "Somebody is heard no more for a while."},
                 {.name = "abuse.unblocked", .doc = "They are heard again."},
                 {.name = "abuse.expired", .doc = "Its time was over.", .observation = true}},
      .authority = true,
      .read = {.permission = "platform:read"},
  });
  return made;
}

}  // namespace nova::abuse_block
