#include "actors/api_key/api_key.hpp"

namespace nova::api_key {

using core::field;
using core::hidden;
using core::optional_field;
using core::record;

const std::vector<std::string_view>& names_of(const Status*) {
  static const std::vector<std::string_view> names = {"absent", "active", "suspended", "revoked", "expired"};
  return names;
}
const std::vector<std::string_view>& names_of(const RateTier*) {
  static const std::vector<std::string_view> names = {"standard", "premium", "unlimited"};
  return names;
}

const core::Record& describe(const Limits*) {
  static const auto row = record<Limits>("limits", "How many requests it may make.",
                                         {optional_field("per_minute", &Limits::per_minute, "in a minute"),
                                          optional_field("per_hour", &Limits::per_hour, "in an hour"),
                                          optional_field("per_day", &Limits::per_day, "in a day")});
  return row;
}
const core::Record& describe(const Mark*) {
  static const auto row = record<Mark>(
      "mark", "What may be known of a secret.",
      {field("prefix", &Mark::prefix, "how it begins"), field("last_four", &Mark::last_four, "how it ends"),
       hidden(field("hash", &Mark::hash, "its keyed hash"))});
  return row;
}

const core::Record& describe(const Create*) {
  static const auto row = record<Create>(
      "create", "Make a key; its secret is shown once.",
      {field("name", &Create::name, "its name for people"),
       field("user", &Create::user, "whose rights bound the key's"), field("mark", &Create::mark, "of its secret"),
       field("scopes", &Create::scopes, "what it is for, `area.verb`"),
       optional_field("rate_tier", &Create::rate_tier,
                      "standard, premium (ten times its limits) or unlimited (its tenant's alone)"),
       optional_field("limits", &Create::limits, "how many requests it may make"),
       field("expires_at", &Create::expires_at, "when it ends, at most 365 days ahead; none: in 90 days"),
       optional_field("agent", &Create::agent, "the AI agent that it signs in"),
       field("place", &Create::place, "which of the tenant's places it takes")});
  return row;
}
const core::Record& describe(const Suspend*) {
  static const auto row =
      record<Suspend>("suspend", "Stop a key for a while.", {optional_field("reason", &Suspend::reason, "why")});
  return row;
}
const core::Record& describe(const Activate*) {
  static const auto row = record<Activate>("activate", "Let a suspended key in again.", {});
  return row;
}
const core::Record& describe(const Revoke*) {
  static const auto row = record<Revoke>("revoke", "End a key for good.", {field("reason", &Revoke::reason, "why")});
  return row;
}
const core::Record& describe(const Rotate*) {
  static const auto row = record<Rotate>("rotate", "Give it another secret; the one before stays good for 24 hours.",
                                         {field("mark", &Rotate::mark, "of the new secret")});
  return row;
}
const core::Record& describe(const NoteUsed*) {
  static const auto row =
      record<NoteUsed>("note_used", "It was used; counts once a minute.",
                       {optional_field("uses", &NoteUsed::uses, "how often since the last note that was taken"),
                        optional_field("place", &NoteUsed::place, "from where, keyed hash")});
  return row;
}

const core::Record& describe(const Created*) {
  static const auto row = record<Created>(
      "created", "A key was made.",
      {field("name", &Created::name, "its name"), field("user", &Created::user, "whose rights bound the key's"),
       field("mark", &Created::mark, "of its secret"), field("scopes", &Created::scopes, "what it is for"),
       field("rate_tier", &Created::rate_tier, "standard, premium or unlimited"),
       field("limits", &Created::limits, "how many requests it may make"),
       field("expires_at", &Created::expires_at, "when it ends"), field("by", &Created::by, "who made it"),
       field("at", &Created::at, "when"), field("agent", &Created::agent, "the AI agent that it signs in"),
       field("place", &Created::place, "which of the tenant's places it took")});
  return row;
}
const core::Record& describe(const Suspended*) {
  static const auto row = record<Suspended>("suspended", "It is stopped for a while.",
                                            {field("reason", &Suspended::reason, "why"),
                                             field("by", &Suspended::by, "who"), field("at", &Suspended::at, "when")});
  return row;
}
const core::Record& describe(const Activated*) {
  static const auto row = record<Activated>("activated", "It opens again.",
                                            {field("by", &Activated::by, "who"), field("at", &Activated::at, "when")});
  return row;
}
const core::Record& describe(const Revoked*) {
  static const auto row = record<Revoked>(
      "revoked", "It was ended for good.",
      {field("reason", &Revoked::reason, "why"), field("by", &Revoked::by, "who"), field("at", &Revoked::at, "when")});
  return row;
}
const core::Record& describe(const Rotated*) {
  static const auto row =
      record<Rotated>("rotated", "It has another secret.",
                      {field("mark", &Rotated::mark, "of the new secret"),
                       field("grace_until", &Rotated::grace_until, "how long the one before stays good"),
                       field("by", &Rotated::by, "who"), field("at", &Rotated::at, "when")});
  return row;
}
const core::Record& describe(const Expired*) {
  static const auto row = record<Expired>("expired", "Its time was over.", {field("at", &Expired::at, "when")});
  return row;
}
const core::Record& describe(const Used*) {
  static const auto row =
      record<Used>("used", "It was used.",
                   {field("uses", &Used::uses, "how often since the event before"),
                    field("place", &Used::place, "from where last, keyed hash"), field("at", &Used::at, "when last")});
  return row;
}

const core::Record& describe(const State*) {
  static const auto row =
      record<State>("api_key", "Scoped machine access to a tenant.",
                    {field("status", &State::status, "where it stands"),
                     field("name", &State::name, "its name for people"),
                     field("user", &State::user, "whose rights bound the key's"),
                     field("mark", &State::mark, "of its secret"),
                     hidden(field("previous_hash", &State::previous_hash, "keyed hash of the secret before")),
                     field("grace_until", &State::grace_until, "how long the secret before stays good"),
                     field("scopes", &State::scopes, "what it is for"),
                     field("rate_tier", &State::rate_tier, "how it is counted"),
                     field("limits", &State::limits, "how many requests it may make"),
                     field("expires_at", &State::expires_at, "when it ends"),
                     field("reason", &State::reason, "why it is suspended or revoked"),
                     field("created_by", &State::created_by, "who made it"),
                     field("created_at", &State::created_at, "when"),
                     field("changed_by", &State::changed_by, "who gave it this status"),
                     field("changed_at", &State::changed_at, "when"),
                     field("rotated_at", &State::rotated_at, "since when this secret"),
                     field("last_used_at", &State::last_used_at, "when it was used last"),
                     field("last_used_from", &State::last_used_from, "from where, keyed hash"),
                     field("uses", &State::uses, "how often it was used"),
                     field("agent", &State::agent, "the AI agent that it signs in"),
                     field("place", &State::place, "which of the tenant's places it holds")});
  return row;
}

const core::Kind& kind() {
  using enum core::Door;
  static const core::Kind made = core::kind_of<State, Command, Event>({
      .name = "api_key",
      .plural = "api_keys",
      .doc = "Scoped machine access to a tenant.",
      .short_names = {"key"},
      .commands = {{.name = "create",
                    .doc = "Make a key.",
                    .door = assisted,
                    .impact = 5,
                    .creates = true,
                    .access = {.capability = "api_keys.manage",
                               .permission = "platform:configure",
                               .scope = "api_keys.manage"}},
                   {.name = "suspend",
                    .doc = "Stop a key for a while.",
                    .impact = 4,
                    .destructive = true,
                    .access = {.capability = "api_keys.manage",
                               .permission = "platform:configure",
                               .scope = "api_keys.manage"}},
                   {.name = "activate",
                    .doc = "Let a suspended key in again.",
                    .impact = 4,
                    .access = {.capability = "api_keys.manage",
                               .permission = "platform:configure",
                               .scope = "api_keys.manage"}},
                   {.name = "revoke",
                    .doc = "End a key for good.",
                    .impact = 5,
                    .destructive = true,
                    .access = {.capability = "api_keys.manage",
                               .permission = "platform:configure",
                               .scope = "api_keys.manage"}},
                   {.name = "rotate",
                    .doc = "Give it another secret.",
                    .door = assisted,
                    .impact = 5,
                    .access = {.capability = "api_keys.manage",
                               .permission = "platform:configure",
                               .scope = "api_keys.manage"}},
                   {.name = "note_used", .doc = "It was used.", .door = internal},
                   {.name = "fire", .doc = "Its time has come.", .door = internal}},
      .events = {{.name = "api_key.created", .doc = "A key was made."},
                 {.name = "api_key.suspended", .doc = "It is stopped for a while."},
                 {.name = "api_key.activated", .doc = "It opens again."},
                 {.name = "api_key.revoked", .doc = "It was ended for good."},
                 {.name = "api_key.rotated", .doc = "It has another secret."},
                 {.name = "api_key.expired", .doc = "Its time was over.", .observation = true},
                 {.name = "api_key.used", .doc = "It was used.", .observation = true}},
      .authority = true,
      .read = {.capability = "api_keys.manage", .permission = "platform:read", .scope = "api_keys.read"},
  });
  return made;
}

}  // namespace nova::api_key
