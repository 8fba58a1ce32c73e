#include "actors/tenant/tenant.hpp"

#include "core/authority/access.hpp"

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
const std::vector<std::string_view>& names_of(const Resource*) {
  static const std::vector<std::string_view> names = {"projects", "storage_mb", "ai_tokens", "deployments"};
  return names;
}
const std::vector<std::string_view>& names_of(const Language*) {
  static const std::vector<std::string_view> names = {"en", "ar", "both"};
  return names;
}

const core::Record& describe(const Settings*) {
  static const auto row = record<Settings>(
      "tenant_settings", "How a tenant's people are spoken to.",
      {optional_field("language", &Settings::language, "Arabic, English or both"),
       optional_field("timezone", &Settings::timezone, "a name of the tz database, for people; the node works in UTC"),
       field("features", &Settings::features, "modules that are switched on")});
  return row;
}

const core::Record& describe(const SettingsChange*) {
  static const auto row =
      record<SettingsChange>("tenant_settings_change", "What is given changes, the rest stays.",
                             {field("language", &SettingsChange::language, "Arabic, English or both"),
                              field("timezone", &SettingsChange::timezone, "a name of the tz database"),
                              field("features", &SettingsChange::features, "all modules that are switched on")});
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
const core::Record& describe(const Register*) {
  static const auto row = record<Register>(
      "register", "Make a tenant for oneself, and become its owner.",
      {field("name", &Register::name, "its name for people"),
       optional_field("tier", &Register::tier, "what it may use; whoever is no sovereign begins with free"),
       optional_field("settings", &Register::settings, "how its people are spoken to"),
       field("place", &Register::place, "which of the founder's own it is")});
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

const core::Record& describe(const ChangeTier*) {
  static const auto row = record<ChangeTier>("change_tier", "Let a tenant use more or less.",
                                             {field("tier", &ChangeTier::tier, "what it may use")});
  return row;
}
const core::Record& describe(const SetDataRegion*) {
  static const auto row = record<SetDataRegion>("set_data_region", "Say where a tenant's data lies.",
                                                {field("region", &SetDataRegion::region, "name of the region")});
  return row;
}
const core::Record& describe(const SetCompliance*) {
  static const auto row = record<SetCompliance>("set_compliance", "Say which regimes a tenant is under.",
                                                {field("regimes", &SetCompliance::regimes, "their names: gdpr, pdpl")});
  return row;
}
const core::Record& describe(const ReserveQuota*) {
  static const auto row = record<ReserveQuota>(
      "reserve_quota", "Take some of a quota for work that begins.",
      {field("id", &ReserveQuota::id, "of the reservation; never used again"),
       field("resource", &ReserveQuota::resource, "of what"), field("amount", &ReserveQuota::amount, "how much")});
  return row;
}
const core::Record& describe(const ConfirmQuota*) {
  static const auto row = record<ConfirmQuota>("confirm_quota", "The work is done; what it took stays taken.",
                                               {field("id", &ConfirmQuota::id, "of the reservation")});
  return row;
}
const core::Record& describe(const ReleaseQuota*) {
  static const auto row = record<ReleaseQuota>(
      "release_quota", "The work failed, or what it made is gone: give it back.",
      {field("id", &ReleaseQuota::id, "of the reservation, or of the giving back"),
       field("resource", &ReleaseQuota::resource, "of what, when there is no reservation any more"),
       optional_field("amount", &ReleaseQuota::amount, "how much, when there is no reservation any more")});
  return row;
}

const core::Record& describe(const TierChanged*) {
  static const auto row = record<TierChanged>(
      "tier_changed", "It may use more or less.",
      {field("from", &TierChanged::from, "the tier before"), field("tier", &TierChanged::tier, "the tier now"),
       field("by", &TierChanged::by, "who"), field("at", &TierChanged::at, "when")});
  return row;
}
const core::Record& describe(const DataRegionSet*) {
  static const auto row =
      record<DataRegionSet>("data_region_set", "Its data lies elsewhere.",
                            {field("region", &DataRegionSet::region, "where"), field("by", &DataRegionSet::by, "who"),
                             field("at", &DataRegionSet::at, "when")});
  return row;
}
const core::Record& describe(const ComplianceSet*) {
  static const auto row =
      record<ComplianceSet>("compliance_set", "It is under these regimes.",
                            {field("regimes", &ComplianceSet::regimes, "their names"),
                             field("by", &ComplianceSet::by, "who"), field("at", &ComplianceSet::at, "when")});
  return row;
}
const core::Record& describe(const QuotaReserved*) {
  static const auto row = record<QuotaReserved>(
      "quota_reserved", "Some of a quota was taken.",
      {field("id", &QuotaReserved::id, "of the reservation"), field("resource", &QuotaReserved::resource, "of what"),
       field("amount", &QuotaReserved::amount, "how much"), field("at", &QuotaReserved::at, "when")});
  return row;
}
const core::Record& describe(const QuotaConfirmed*) {
  static const auto row = record<QuotaConfirmed>("quota_confirmed", "What was taken stays taken.",
                                                 {field("id", &QuotaConfirmed::id, "of the reservation")});
  return row;
}
const core::Record& describe(const QuotaReleased*) {
  static const auto row = record<QuotaReleased>(
      "quota_released", "Some of a quota was given back.",
      {field("id", &QuotaReleased::id, "of the reservation, or of the giving back"),
       field("resource", &QuotaReleased::resource, "of what"), field("amount", &QuotaReleased::amount, "how much")});
  return row;
}
const core::Record& describe(const QuotaExceeded*) {
  static const auto row = record<QuotaExceeded>(
      "quota_exceeded", "More was asked for than the tier allows; told once a minute.",
      {field("resource", &QuotaExceeded::resource, "of what"),
       field("limit", &QuotaExceeded::limit, "what the tier allows"),
       field("used", &QuotaExceeded::used, "what was in use"),
       field("asked", &QuotaExceeded::asked, "how much was asked for"), field("at", &QuotaExceeded::at, "when")});
  return row;
}
const core::Record& describe(const QuotaWarning*) {
  static const auto row = record<QuotaWarning>(
      "quota_warning", "Four fifths of a quota are in use.",
      {field("resource", &QuotaWarning::resource, "of what"),
       field("limit", &QuotaWarning::limit, "what the tier allows"),
       field("used", &QuotaWarning::used, "what is in use"), field("at", &QuotaWarning::at, "when")});
  return row;
}

const core::Record& describe(const Founded*) {
  static const auto row =
      record<Founded>("founded", "Somebody registered it for themselves.",
                      {field("founder", &Founded::founder, "who becomes its owner"),
                       field("place", &Founded::place, "which of the founder's own it is"),
                       field("work", &Founded::work, "makes them its owner"), field("at", &Founded::at, "when")});
  return row;
}
const core::Record& describe(const FounderEnrolled*) {
  static const auto row = record<FounderEnrolled>("founder_enrolled", "Who registered it is its owner.", {});
  return row;
}
const core::Record& describe(const FounderFailed*) {
  static const auto row = record<FounderFailed>("founder_failed", "Who registered it could not become its owner.",
                                                {field("code", &FounderFailed::code, "why, as a code"),
                                                 field("message", &FounderFailed::message, "why, for people")});
  return row;
}

const core::Record& describe(const Usage*) {
  static const auto row =
      record<Usage>("usage", "What is in use, outstanding reservations included.",
                    {field("projects", &Usage::projects), field("storage_mb", &Usage::storage_mb),
                     field("ai_tokens", &Usage::ai_tokens), field("deployments", &Usage::deployments)});
  return row;
}
const core::Record& describe(const Reservation*) {
  static const auto row = record<Reservation>(
      "reservation", "Some of a quota, taken for work under way.",
      {field("id", &Reservation::id, "its id"), field("resource", &Reservation::resource, "of what"),
       field("amount", &Reservation::amount, "how much"), field("at", &Reservation::at, "since when")});
  return row;
}
const core::Record& describe(const Exceeded*) {
  static const auto row =
      record<Exceeded>("exceeded", "When it was last told that a quota is used up.",
                       {field("resource", &Exceeded::resource, "of what"), field("at", &Exceeded::at, "when")});
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
       field("changed_at", &State::changed_at, "when"),
       field("data_region", &State::data_region, "where its data lies"),
       field("compliance", &State::compliance, "the regimes that it is under"),
       field("usage", &State::usage, "what is in use"),
       field("reservations", &State::reservations, "taken for work under way"),
       field("spent", &State::spent, "ids of ended reservations"),
       field("exceeded", &State::exceeded, "when it was last told that a quota is used up"),
       field("founder", &State::founder, "who registered it for themselves"),
       field("place", &State::place, "which of the founder's own it is"),
       field("work", &State::work, "makes the founder its owner; empty: done"),
       field("founder_refused", &State::founder_refused, "why the founder could not become its owner")});
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
                   {.name = "update_settings",
                    .doc = "Change a tenant's name or settings.",
                    .impact = 2,
                    .access = core::access::securing},
                   {.name = "change_tier",
                    .doc = "Let a tenant use more or less.",
                    .impact = 5,
                    .access = {.permission = "subscriptions:update"}},
                   {.name = "set_data_region", .doc = "Say where a tenant's data lies.", .impact = 7},
                   {.name = "set_compliance", .doc = "Say which regimes a tenant is under.", .impact = 6},
                   {.name = "reserve_quota", .doc = "Take some of a quota.", .door = core::Door::internal},
                   {.name = "confirm_quota", .doc = "What was taken stays taken.", .door = core::Door::internal},
                   {.name = "release_quota", .doc = "Give some of a quota back.", .door = core::Door::internal},
                   {.name = "register",
                    .doc = "Make a tenant for oneself, and become its owner.",
                    .door = core::Door::assisted,
                    .impact = 4,
                    .creates = true,
                    .access = {.anyone = true}},
                   {.name = "settle", .doc = "Its founder is its owner.", .door = core::Door::internal}},
      .events = {{.name = "tenant.created", .doc = "A tenant was made."},
                 {.name = "tenant.activated", .doc = "It may work."},
                 {.name = "tenant.suspended", .doc = "It may only be read."},
                 {.name = "tenant.archived", .doc = "It was put away for good."},
                 {.name = "tenant.updated", .doc = "Its name or settings changed."},
                 {.name = "tenant.tier_changed", .doc = "It may use more or less."},
                 {.name = "tenant.data_region_set", .doc = "Its data lies elsewhere."},
                 {.name = "tenant.compliance_set", .doc = "It is under these regimes."},
                 {.name = "tenant.quota.reserved", .doc = "Some of a quota was taken.", .observation = true},
                 {.name = "tenant.quota.confirmed", .doc = "What was taken stays taken.", .observation = true},
                 {.name = "tenant.quota.released", .doc = "Some of a quota was given back.", .observation = true},
                 {.name = "tenant.quota.exceeded", .doc = "More was asked for than allowed.", .observation = true},
                 {.name = "tenant.quota_warning", .doc = "Four fifths of a quota are in use.", .observation = true},
                 {.name = "tenant.founded", .doc = "Somebody registered it for themselves."},
                 {.name = "tenant.founder_enrolled", .doc = "They are its owner.", .observation = true},
                 {.name = "tenant.founder_failed", .doc = "They could not become its owner.", .observation = true}},
      .authority = true,
  });
  return made;
}

}  // namespace nova::tenant
