#include "actors/passkey/passkey.hpp"

namespace nova::passkey {

using core::field;
using core::hidden;
using core::optional_field;
using core::record;

const std::vector<std::string_view>& names_of(const Status*) {
  static const std::vector<std::string_view> names = {"absent", "active", "removed"};
  return names;
}

const core::Record& describe(const Credential*) {
  static const auto row = record<Credential>(
      "credential", "What an authenticator gave out.",
      {field("id", &Credential::id, "base64url"), field("public_key", &Credential::public_key, "COSE key, base64url"),
       field("algorithm", &Credential::algorithm, "number of the COSE registry"),
       field("aaguid", &Credential::aaguid, "the authenticator's model, as it claims"),
       field("backup_eligible", &Credential::backup_eligible, "whether the key may leave its device")});
  return row;
}
const core::Record& describe(const Enrol*) {
  static const auto row = record<Enrol>(
      "enrol", "Take a new passkey.",
      {field("user", &Enrol::user, "whose it is"), field("of_owner", &Enrol::of_owner, "of the root owner"),
       field("name", &Enrol::name, "what they call it"),
       field("credential_key", &Enrol::credential_key, "keyed hash of the credential's id"),
       field("credential", &Enrol::credential, "what the authenticator gave out"),
       field("sign_count", &Enrol::sign_count, "its counter"),
       field("backed_up", &Enrol::backed_up, "kept elsewhere too")});
  return row;
}
const core::Record& describe(const Use*) {
  static const auto row = record<Use>("use", "It signed.",
                                      {field("sign_count", &Use::sign_count, "its counter"),
                                       field("backed_up", &Use::backed_up, "kept elsewhere too")});
  return row;
}
const core::Record& describe(const Alarm*) {
  static const auto row = record<Alarm>("alarm", "It signed with a counter that did not grow: it may have been copied.",
                                        {field("sign_count", &Alarm::sign_count, "the counter that was shown")});
  return row;
}
const core::Record& describe(const Rename*) {
  static const auto row =
      record<Rename>("rename", "Call it otherwise.", {field("name", &Rename::name, "what they call it")});
  return row;
}
const core::Record& describe(const Remove*) {
  static const auto row =
      record<Remove>("remove", "Do without it.",
                     {optional_field("reason", &Remove::reason, "why"),
                      optional_field("other", &Remove::other, "of the root owner: the passkey that is left")});
  return row;
}

const core::Record& describe(const Enrolled*) {
  static const auto row = record<Enrolled>(
      "enrolled", "They can sign in with it.",
      {field("user", &Enrolled::user, "whose it is"), field("of_owner", &Enrolled::of_owner, "of the root owner"),
       field("name", &Enrolled::name, "what they call it"),
       hidden(field("credential_key", &Enrolled::credential_key, "keyed hash of the credential's id")),
       hidden(field("credential", &Enrolled::credential, "what the authenticator gave out")),
       field("sign_count", &Enrolled::sign_count, "its counter"),
       field("backed_up", &Enrolled::backed_up, "kept elsewhere too"), field("at", &Enrolled::at, "when")});
  return row;
}
const core::Record& describe(const Used*) {
  static const auto row =
      record<Used>("used", "It signed.",
                   {field("sign_count", &Used::sign_count, "its counter"),
                    field("backed_up", &Used::backed_up, "kept elsewhere too"), field("at", &Used::at, "when")});
  return row;
}
const core::Record& describe(const Alarmed*) {
  static const auto row =
      record<Alarmed>("alarmed", "Its counter did not grow: it may have been copied, or an answer was played again.",
                      {field("expected", &Alarmed::expected, "it was to be more than this"),
                       field("sign_count", &Alarmed::sign_count, "what it was"), field("at", &Alarmed::at, "when")});
  return row;
}
const core::Record& describe(const Renamed*) {
  static const auto row =
      record<Renamed>("renamed", "They call it otherwise.",
                      {field("name", &Renamed::name, "what they call it"), field("at", &Renamed::at, "when")});
  return row;
}
const core::Record& describe(const Removed*) {
  static const auto row = record<Removed>(
      "removed", "It opens nothing any more.",
      {field("reason", &Removed::reason, "why"), field("by", &Removed::by, "who"), field("at", &Removed::at, "when")});
  return row;
}

const core::Record& describe(const State*) {
  static const auto row = record<State>(
      "passkey", "A credential of an authenticator.",
      {field("status", &State::status, "where it stands"), field("user", &State::user, "whose it is"),
       field("of_owner", &State::of_owner, "of the root owner"), field("name", &State::name, "what they call it"),
       hidden(field("credential_key", &State::credential_key, "keyed hash of the credential's id")),
       hidden(field("credential", &State::credential, "what the authenticator gave out")),
       field("sign_count", &State::sign_count, "its counter"),
       field("backed_up", &State::backed_up, "kept elsewhere too"), field("uses", &State::uses, "how often it signed"),
       field("enrolled_at", &State::enrolled_at, "since when"),
       field("used_at", &State::used_at, "when it signed last"),
       field("alarmed_at", &State::alarmed_at, "when its counter did not grow"),
       field("removed_at", &State::removed_at, "since when it is no more"),
       field("reason", &State::reason, "why it was removed")});
  return row;
}

namespace {

// The one that is left must stay: of two removals at the same moment one fails.
std::vector<core::FactNeed> the_other(const core::EntityKey& self, const void* state, const void* command) {
  const auto& other = static_cast<const Remove*>(command)->other;
  if (!static_cast<const State*>(state)->of_owner || other.empty() || other == self.id) return {};
  return {{{self.tenant, "passkey", other}, true}};
}

}  // namespace

const core::Kind& kind() {
  using enum core::Door;
  static const core::Kind made = core::kind_of<State, Command, Event>({
      .name = "passkey",
      .plural = "passkeys",
      .doc = "A credential of an authenticator, with which a user signs in.",
      .commands = {{.name = "enrol", .doc = "Take a new passkey.", .door = internal, .impact = 6, .creates = true},
                   {.name = "use", .doc = "It signed.", .door = internal},
                   {.name = "alarm", .doc = "Its counter did not grow.", .door = internal},
                   {.name = "rename", .doc = "Call it otherwise.", .impact = 1, .access = {.own = true}},
                   {.name = "remove",
                    .doc = "Do without it.",
                    .impact = 6,
                    .destructive = true,
                    .access = {.permission = "users:update", .own = true},
                    .facts = the_other}},
      .events = {{.name = "passkey.enrolled", .doc = "They can sign in with it."},
                 {.name = "passkey.used", .doc = "It signed.", .observation = true},
                 {.name = "passkey.alarmed", .doc = "Its counter did not grow."},
                 {.name = "passkey.renamed", .doc = "They call it otherwise."},
                 {.name = "passkey.removed", .doc = "It opens nothing any more."}},
      .authority = true,
      .read = {.permission = "users:read"},
  });
  return made;
}

}  // namespace nova::passkey
