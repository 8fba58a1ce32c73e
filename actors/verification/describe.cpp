#include "actors/verification/verification.hpp"

namespace nova::verification {

using core::field;
using core::hidden;
using core::record;

const std::vector<std::string_view>& names_of(const Purpose*) {
  static const std::vector<std::string_view> names = {"email", "password", "notice", "new_place"};
  return names;
}
const std::vector<std::string_view>& names_of(const Status*) {
  static const std::vector<std::string_view> names = {"absent", "sending", "sent", "undelivered", "used", "expired"};
  return names;
}

const core::Record& describe(const Issue*) {
  static const auto row = record<Issue>("issue", "Send a mail with another token.",
                                        {field("user", &Issue::user, "whose address it goes to"),
                                         field("purpose", &Issue::purpose, "what the token does"),
                                         field("token_hash", &Issue::token_hash, "its keyed hash"),
                                         field("letter", &Issue::letter, "address and token, for the driver alone")});
  return row;
}
const core::Record& describe(const Use*) {
  static const auto row = record<Use>("use", "The token came back; it is good once.",
                                      {field("token_hash", &Use::token_hash, "its keyed hash")});
  return row;
}
const core::Record& describe(const Issued*) {
  static const auto row = record<Issued>(
      "issued", "A mail is on its way.",
      {field("user", &Issued::user, "to whom"), field("purpose", &Issued::purpose, "what the token does"),
       hidden(field("token_hash", &Issued::token_hash, "its keyed hash")),
       hidden(field("letter", &Issued::letter, "address and token, for the driver alone")),
       field("language", &Issued::language, "of the mail"), field("work", &Issued::work, "the attempt to send it"),
       field("at", &Issued::at, "when"), field("expires_at", &Issued::expires_at, "until when the token is good")});
  return row;
}
const core::Record& describe(const Sent*) {
  static const auto row = record<Sent>("sent", "A mail server took it.", {field("at", &Sent::at, "when")});
  return row;
}
const core::Record& describe(const Deferred*) {
  static const auto row = record<Deferred>(
      "deferred", "It could not be handed over yet.",
      {field("code", &Deferred::code, "why"), field("message", &Deferred::message, "why, in words"),
       field("at", &Deferred::at, "when"), field("again_at", &Deferred::again_at, "when it is tried again")});
  return row;
}
const core::Record& describe(const Retried*) {
  static const auto row =
      record<Retried>("retried", "It is tried again.",
                      {field("work", &Retried::work, "the attempt"), field("at", &Retried::at, "when")});
  return row;
}
const core::Record& describe(const Undelivered*) {
  static const auto row = record<Undelivered>(
      "undelivered", "No mail server took it.",
      {field("code", &Undelivered::code, "why"), field("message", &Undelivered::message, "why, in words"),
       field("at", &Undelivered::at, "when")});
  return row;
}
const core::Record& describe(const Used*) {
  static const auto row = record<Used>("used", "The token came back.", {field("at", &Used::at, "when")});
  return row;
}
const core::Record& describe(const Expired*) {
  static const auto row = record<Expired>("expired", "Nobody came in time.", {field("at", &Expired::at, "when")});
  return row;
}
const core::Record& describe(const Forgotten*) {
  static const auto row =
      record<Forgotten>("forgotten", "Address and token have left the vault.", {field("at", &Forgotten::at, "when")});
  return row;
}
const core::Record& describe(const State*) {
  static const auto row = record<State>(
      "verification", "A mail with a token that is good once.",
      {field("status", &State::status, "where it stands"), field("user", &State::user, "to whom"),
       field("purpose", &State::purpose, "what the token does"),
       hidden(field("token_hash", &State::token_hash, "its keyed hash")),
       hidden(field("letter", &State::letter, "address and token, for the driver alone")),
       field("language", &State::language, "of the mail"), field("work", &State::work, "the attempt under way"),
       field("letter_kept", &State::letter_kept, "the vault has address and token still"),
       field("issues", &State::issues, "mails so far"),
       field("rounds", &State::rounds, "how often this one had to wait"),
       field("in_day", &State::in_day, "mails since `day_from`"),
       field("day_from", &State::day_from, "when the day began that is counted"),
       field("issued_at", &State::issued_at, "when the last one was asked for"),
       field("expires_at", &State::expires_at, "until when its token is good"),
       field("ended_at", &State::ended_at, "since when it is so"), field("reason", &State::reason, "why it failed")});
  return row;
}

const core::Kind& kind() {
  using enum core::Door;
  static const core::Kind made =
      core::kind_of<State, Command, Event>(
          {
              .name = "verification",
              .plural = "verifications",
              .doc = "A mail with a token that is good once.",
              .short_names = {"verif"},
              .commands = {{.name = "issue",
                            .doc = "Send a mail with another token.",
                            .door = internal,
                            .creates = true,
                            .facts =
                                [](const core::EntityKey& self, const void*, const void* command) {
                                  return std::vector<core::FactNeed>{
                                      {{self.tenant, "user", static_cast<const Issue*>(command)->user}, false}};
                                }},
                           {.name = "use",
                            .doc = "The token came back.",
                            .door = internal,
                            .facts =
                                [](const core::EntityKey& self, const void* state, const void*) {
                                  return std::vector<core::FactNeed>{
                                      {{self.tenant, "user", static_cast<const State*>(state)->user}, false}};
                                }},
                           {.name = "settle", .doc = "What became of a mail.", .door = internal},
                           {.name = "fire", .doc = "A time has come.", .door = internal}},
              .events = {{.name = "verification.issued", .doc = "A mail is on its way."},
                         {.name = "verification.sent", .doc = "A mail server took it.", .observation = true},
                         {.name = "verification.deferred",
                          .doc = "It could not be handed over yet.",
                          .observation = true},
                         {.name = "verification.retried", .doc = "It is tried again.", .observation = true},
                         {.name = "verification.undelivered", .doc = "No mail server took it.", .observation = true},
                         {.name = "verification.used", .doc = "The token came back."},
                         {.name = "verification.expired", .doc = "Nobody came in time.", .observation = true},
                         {.name = "verification.forgotten", .doc = "The vault has it no more.", .observation = true}},
              .read = {.permission = "users:read"},
          });
  return made;
}

}  // namespace nova::verification
