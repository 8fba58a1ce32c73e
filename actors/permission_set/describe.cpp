#include "actors/permission_set/permission_set.hpp"
#include "core/authority/access.hpp"

namespace nova::permission_set {

using core::field;
using core::optional_field;
using core::record;

const std::vector<std::string_view>& names_of(const Status*) {
  static const std::vector<std::string_view> names = {"absent", "active"};
  return names;
}
const std::vector<std::string_view>& names_of(const Standing*) {
  static const std::vector<std::string_view> names = {"granted", "revoked", "expired"};
  return names;
}

const core::Record& describe(const Grant*) {
  static const auto row = record<Grant>(
      "grant", "One code of a subject.",
      {field("standing", &Grant::standing, "whether it counts"), field("by", &Grant::by, "who gave or took it"),
       field("at", &Grant::at, "when"), field("expires_at", &Grant::expires_at, "none: until it is revoked")});
  return row;
}

const core::Record& describe(const GrantCodes*) {
  static const auto row =
      record<GrantCodes>("grant", "Let AI do this for a subject.",
                         {optional_field("granter", &GrantCodes::granter, "the set of who asks, filled in by the node"),
                          field("codes", &GrantCodes::codes, "what"),
                          field("expires_at", &GrantCodes::expires_at, "none: until it is revoked"),
                          optional_field("reason", &GrantCodes::reason, "why")});
  return row;
}
const core::Record& describe(const RevokeCodes*) {
  static const auto row = record<RevokeCodes>(
      "revoke", "Let AI do this no more.",
      {optional_field("granter", &RevokeCodes::granter, "the set of who asks, filled in by the node"),
       field("codes", &RevokeCodes::codes, "what"), optional_field("reason", &RevokeCodes::reason, "why")});
  return row;
}
const core::Record& describe(const ApplyPreset*) {
  static const auto row = record<ApplyPreset>(
      "apply_preset", "Let AI do what the preset says, and nothing else.",
      {optional_field("granter", &ApplyPreset::granter, "the set of who asks, filled in by the node"),
       field("preset", &ApplyPreset::preset, "which"), optional_field("reason", &ApplyPreset::reason, "why")});
  return row;
}

const core::Record& describe(const Granted*) {
  static const auto row = record<Granted>(
      "granted", "AI may do this.",
      {field("codes", &Granted::codes, "what"), field("expires_at", &Granted::expires_at, "none: until it is revoked"),
       field("reason", &Granted::reason, "why"), field("by", &Granted::by, "who"), field("at", &Granted::at, "when")});
  return row;
}
const core::Record& describe(const Revoked*) {
  static const auto row =
      record<Revoked>("revoked", "AI may do this no more.",
                      {field("codes", &Revoked::codes, "what"), field("reason", &Revoked::reason, "why"),
                       field("by", &Revoked::by, "who"), field("at", &Revoked::at, "when")});
  return row;
}
const core::Record& describe(const Expired*) {
  static const auto row = record<Expired>("expired", "Their time was over.",
                                          {field("codes", &Expired::codes, "what"), field("at", &Expired::at, "when")});
  return row;
}
const core::Record& describe(const PresetApplied*) {
  static const auto row = record<PresetApplied>(
      "preset_applied", "AI may do what the preset says, and nothing else.",
      {field("preset", &PresetApplied::preset, "which"), field("codes", &PresetApplied::codes, "what it held then"),
       field("reason", &PresetApplied::reason, "why"), field("by", &PresetApplied::by, "who"),
       field("at", &PresetApplied::at, "when")});
  return row;
}

const core::Record& describe(const State*) {
  static const auto row =
      record<State>("permission_set", "What AI may do for one subject.",
                    {field("status", &State::status, "where it stands"), field("grants", &State::grants, "by code"),
                     field("preset", &State::preset, "that was applied last"),
                     field("replaced", &State::replaced, "what is on by default counts no more"),
                     field("changed_by", &State::changed_by, "who changed it last"),
                     field("changed_at", &State::changed_at, "when")});
  return row;
}

namespace {

// A delegate may give what is given to them, and no more.
template <class Command>
std::vector<core::FactNeed> the_catalogue(const core::EntityKey&, const void*, const void* command) {
  std::vector<core::FactNeed> all{{{"system", "permission_catalogue", "nova"}, false}};
  const auto& granter = static_cast<const Command*>(command)->granter;
  if (!granter.empty()) all.push_back({{"system", "permission_set", granter}, true});
  return all;
}

}  // namespace

const core::Kind& kind() {
  using enum core::Door;
  static const core::Kind made = core::kind_of<State, Command, Event>({
      .name = "permission_set",
      .plural = "permission_sets",
      .doc = "What AI may do for one subject.",
      .commands = {{.name = "grant",
                    .doc = "Let AI do this for a subject.",
                    .door = assisted,
                    .impact = 7,
                    .creates = true,
                    .access = {.permission = "ai:configure"},
                    .facts = the_catalogue<GrantCodes>},
                   {.name = "revoke",
                    .doc = "Let AI do this no more.",
                    .door = assisted,
                    .impact = 4,
                    .creates = true,
                    .access = {.permission = "ai:configure"},
                    .facts = the_catalogue<RevokeCodes>},
                   {.name = "apply_preset",
                    .doc = "Let AI do what the preset says, and nothing else.",
                    .door = assisted,
                    .impact = 8,
                    .creates = true,
                    .access = {.permission = "ai:configure"},
                    .facts = the_catalogue<ApplyPreset>},
                   {.name = "fire", .doc = "A grant is over.", .door = internal}},
      .events = {{.name = "permission.granted", .doc = "AI may do this."},
                 {.name = "permission.revoked", .doc = "AI may do this no more."},
                 {.name = "permission.expired", .doc = "Their time was over.", .observation = true},
                 {.name = "permission.preset_applied", .doc = "AI may do what the preset says, and nothing else."}},
      .authority = true,
      .read = {.permission = "platform:read"},
  });
  return made;
}

}  // namespace nova::permission_set
