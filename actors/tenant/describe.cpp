#include "actors/tenant/tenant.hpp"

namespace nova::tenant {

using core::field;
using core::optional_field;
using core::record;

const std::vector<std::string_view>& names_of(const Status*) {
  static const std::vector<std::string_view> names = {"absent", "pending", "active", "suspended", "archived"};
  return names;
}
const std::vector<std::string_view>& names_of(const Tier*) {
  static const std::vector<std::string_view> names = {"free", "basic", "pro", "enterprise", "sovereign"};
  return names;
}
const std::vector<std::string_view>& names_of(const Language*) {
  static const std::vector<std::string_view> names = {"en", "ar", "both"};
  return names;
}

const core::Record& describe(const Settings*) {
  static const auto row =
      record<Settings>("tenant_settings", "How a tenant's people are spoken to.",
                       {optional_field("language", &Settings::language, "Arabic, English or both"),
                        optional_field("timezone", &Settings::timezone,
                                       "a name of the tz database, for people; the node works in UTC")});
  return row;
}

const core::Record& describe(const Create*) {
  static const auto row = record<Create>(
      "create", "Make a tenant; its id is its slug.",
      {field("name", &Create::name, "its name for people"), optional_field("tier", &Create::tier, "what it may use"),
       optional_field("settings", &Create::settings, "how its people are spoken to"),
       optional_field("activate", &Create::activate, "at once; otherwise it waits as pending")});
  return row;
}
const core::Record& describe(const Activate*) {
  static const auto row = record<Activate>("activate", "Let a pending or suspended tenant work.", {});
  return row;
}
const core::Record& describe(const Suspend*) {
  static const auto row = record<Suspend>("suspend", "Stop a tenant's writes; it can still be read.",
                                          {field("reason", &Suspend::reason, "why; the tenant sees it")});
  return row;
}
const core::Record& describe(const Archive*) {
  static const auto row =
      record<Archive>("archive", "Put a tenant away for good.", {field("reason", &Archive::reason, "why")});
  return row;
}
const core::Record& describe(const UpdateSettings*) {
  static const auto row =
      record<UpdateSettings>("update_settings", "Change what is given, keep the rest.",
                             {field("name", &UpdateSettings::name, "its name for people"),
                              field("settings", &UpdateSettings::settings, "how its people are spoken to")});
  return row;
}

const core::Record& describe(const Created*) {
  static const auto row =
      record<Created>("created", "A tenant was made.",
                      {field("name", &Created::name, "its name"), field("tier", &Created::tier, "what it may use"),
                       field("settings", &Created::settings, "how its people are spoken to"),
                       field("by", &Created::by, "who made it"), field("at", &Created::at, "when")});
  return row;
}
const core::Record& describe(const Activated*) {
  static const auto row = record<Activated>("activated", "It may work.",
                                            {field("by", &Activated::by, "who"), field("at", &Activated::at, "when")});
  return row;
}
const core::Record& describe(const Suspended*) {
  static const auto row = record<Suspended>("suspended", "It may only be read.",
                                            {field("reason", &Suspended::reason, "why"),
                                             field("by", &Suspended::by, "who"), field("at", &Suspended::at, "when")});
  return row;
}
const core::Record& describe(const Archived*) {
  static const auto row = record<Archived>("archived", "It was put away for good.",
                                           {field("reason", &Archived::reason, "why"),
                                            field("by", &Archived::by, "who"), field("at", &Archived::at, "when")});
  return row;
}
const core::Record& describe(const Updated*) {
  static const auto row = record<Updated>(
      "updated", "Its name or settings changed.",
      {field("name", &Updated::name, "its name"), field("settings", &Updated::settings, "how its people are spoken to"),
       field("by", &Updated::by, "who")});
  return row;
}

const core::Record& describe(const State*) {
  static const auto row = record<State>(
      "tenant", "An isolated owner of everything else.",
      {field("status", &State::status, "where it stands"), field("name", &State::name, "its name for people"),
       field("tier", &State::tier, "what it may use"),
       field("settings", &State::settings, "how its people are spoken to"),
       field("reason", &State::reason, "why it is suspended or archived"),
       field("created_by", &State::created_by, "who made it"), field("created_at", &State::created_at, "when"),
       field("changed_by", &State::changed_by, "who gave it this status"),
       field("changed_at", &State::changed_at, "when")});
  return row;
}

const core::Kind& kind() {
  static const core::Kind made = core::kind_of<State, Command, Event>({
      .name = "tenant",
      .plural = "tenants",
      .doc = "An isolated owner of everything else.",
      .short_names = {"tn"},
      .commands = {{.name = "create", .doc = "Make a tenant; its id is its slug.", .impact = 4, .creates = true},
                   {.name = "activate", .doc = "Let a pending or suspended tenant work.", .impact = 4},
                   {.name = "suspend",
                    .doc = "Stop a tenant's writes; it can still be read.",
                    .impact = 7,
                    .destructive = true},
                   {.name = "archive", .doc = "Put a tenant away for good.", .impact = 9, .destructive = true},
                   {.name = "update_settings", .doc = "Change a tenant's name or settings.", .impact = 2}},
      .events = {{.name = "tenant.created", .doc = "A tenant was made."},
                 {.name = "tenant.activated", .doc = "It may work."},
                 {.name = "tenant.suspended", .doc = "It may only be read."},
                 {.name = "tenant.archived", .doc = "It was put away for good."},
                 {.name = "tenant.updated", .doc = "Its name or settings changed."}},
  });
  return made;
}

}  // namespace nova::tenant
