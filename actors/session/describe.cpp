#include "actors/session/session.hpp"

namespace nova::session {

using core::field;
using core::hidden;
using core::optional_field;
using core::record;

const std::vector<std::string_view>& names_of(const Status*) {
  static const std::vector<std::string_view> names = {"absent", "active", "ended", "expired", "revoked"};
  return names;
}
const std::vector<std::string_view>& names_of(const Method*) {
  static const std::vector<std::string_view> names = {
      "password", "google", "github", "apple", "microsoft", "replit", "2fa", "recovery", "passkey", "device", "oidc"};
  return names;
}

const core::Record& describe(const Start*) {
  static const auto row = record<Start>(
      "start", "Somebody signed in on a device.",
      {field("user", &Start::user, "who"), optional_field("method", &Start::method, "how they proved it"),
       optional_field("device", &Start::device, "device and browser, for people"),
       optional_field("place", &Start::place, "from where, keyed hash"),
       field("family_hash", &Start::family_hash, "keyed hash of the secret that all its refresh tokens share"),
       field("token_hash", &Start::token_hash, "keyed hash of the first refresh token")});
  return row;
}
const core::Record& describe(const Refresh*) {
  static const auto row =
      record<Refresh>("refresh", "Give a new refresh token for the newest one.",
                      {field("family_hash", &Refresh::family_hash, "of the token that was shown"),
                       field("token_hash", &Refresh::token_hash, "keyed hash of the token that was shown"),
                       field("next_hash", &Refresh::next_hash, "keyed hash of the one given in its place"),
                       optional_field("place", &Refresh::place, "from where, keyed hash")});
  return row;
}
const core::Record& describe(const Touch*) {
  static const auto row = record<Touch>("touch", "Something happened in it; counts once a minute.",
                                        {optional_field("place", &Touch::place, "from where, keyed hash")});
  return row;
}
const core::Record& describe(const End*) {
  static const auto row = record<End>("end", "Sign out.", {});
  return row;
}
const core::Record& describe(const Revoke*) {
  static const auto row =
      record<Revoke>("revoke", "End somebody's session.", {optional_field("reason", &Revoke::reason, "why")});
  return row;
}

const core::Record& describe(const Started*) {
  static const auto row = record<Started>(
      "started", "Somebody signed in on a device.",
      {field("user", &Started::user, "who"), field("method", &Started::method, "how they proved it"),
       field("device", &Started::device, "device and browser"),
       field("place", &Started::place, "from where, keyed hash"),
       hidden(field("family_hash", &Started::family_hash, "keyed hash of what its tokens share")),
       hidden(field("token_hash", &Started::token_hash, "keyed hash of the token that is good")),
       field("at", &Started::at, "when"), field("expires_at", &Started::expires_at, "its end whatever happens")});
  return row;
}
const core::Record& describe(const Refreshed*) {
  static const auto row = record<Refreshed>(
      "refreshed", "Another token is good now.",
      {field("generation", &Refreshed::generation, "its number in the family"),
       hidden(field("token_hash", &Refreshed::token_hash, "its keyed hash")),
       field("place", &Refreshed::place, "from where, keyed hash"), field("at", &Refreshed::at, "when")});
  return row;
}
const core::Record& describe(const Touched*) {
  static const auto row =
      record<Touched>("touched", "Something happened in it.",
                      {field("place", &Touched::place, "from where, keyed hash"), field("at", &Touched::at, "when")});
  return row;
}
const core::Record& describe(const Ended*) {
  static const auto row =
      record<Ended>("ended", "They signed out.", {field("by", &Ended::by, "who"), field("at", &Ended::at, "when")});
  return row;
}
const core::Record& describe(const Revoked*) {
  static const auto row = record<Revoked>("revoked", "It was ended for them.",
                                          {field("reason", &Revoked::reason, "why; reuse: a token came twice"),
                                           field("by", &Revoked::by, "who"), field("at", &Revoked::at, "when")});
  return row;
}
const core::Record& describe(const Expired*) {
  static const auto row =
      record<Expired>("expired", "Its time was over.",
                      {field("reason", &Expired::reason, "absolute or idle"), field("at", &Expired::at, "when")});
  return row;
}

const core::Record& describe(const State*) {
  static const auto row = record<State>(
      "session", "One device on which somebody is signed in.",
      {field("status", &State::status, "where it stands"), field("user", &State::user, "who"),
       field("method", &State::method, "how they proved it"), field("device", &State::device, "device and browser"),
       field("place", &State::place, "from where last, keyed hash"),
       hidden(field("family_hash", &State::family_hash, "keyed hash of what its tokens share")),
       hidden(field("token_hash", &State::token_hash, "keyed hash of the token that is good")),
       field("generation", &State::generation, "number of that token"),
       field("activities", &State::activities, "how often something happened"),
       field("started_at", &State::started_at, "when"),
       field("last_activity_at", &State::last_activity_at, "when something happened last"),
       field("expires_at", &State::expires_at, "its end whatever happens"),
       field("reason", &State::reason, "why it is over"), field("ended_at", &State::ended_at, "since when")});
  return row;
}

const core::Kind& kind() {
  using enum core::Door;
  static const core::Kind made =
      core::kind_of<State, Command, Event>(
          {
              .name = "session",
              .plural = "sessions",
              .doc = "One device on which somebody is signed in.",
              .short_names = {"sess"},
              .commands = {{.name = "start",
                            .doc = "Somebody signed in.",
                            .door = assisted,
                            .impact = 2,
                            .creates = true,
                            .facts =
                                [](const core::EntityKey& self, const void*, const void* command) {
                                  return std::vector<core::FactNeed>{
                                      {{self.tenant, "user", static_cast<const Start*>(command)->user}, false}};
                                }},
                           {.name = "refresh", .doc = "Give a new refresh token.", .door = assisted, .impact = 1},
                           {.name = "touch", .doc = "Something happened in it.", .door = internal},
                           {.name = "end", .doc = "Sign out.", .impact = 1, .access = {.own = true}},
                           {.name = "revoke",
                            .doc = "End somebody's session.",
                            .impact = 4,
                            .destructive = true,
                            .access = {.permission = "users:update", .own = true}},
                           {.name = "fire", .doc = "Its end may have come.", .door = internal}},
              .events = {{.name = "session.started", .doc = "Somebody signed in."},
                         {.name = "session.refreshed", .doc = "Another token is good now.", .observation = true},
                         {.name = "session.touched", .doc = "Something happened in it.", .observation = true},
                         {.name = "session.ended", .doc = "They signed out."},
                         {.name = "session.revoked", .doc = "It was ended for them."},
                         {.name = "session.expired", .doc = "Its time was over.", .observation = true}},
              .authority = true,
              .read = {.permission = "users:read"},
          });
  return made;
}

}  // namespace nova::session
