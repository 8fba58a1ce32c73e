#include "actors/provider/provider.hpp"

#include "core/authority/access.hpp"

namespace nova::provider {

using core::field;
using core::optional_field;
using core::record;

const std::vector<std::string_view>& names_of(const Status*) {
  static const std::vector<std::string_view> names = {"absent", "disconnected", "connected", "error", "removed"};
  return names;
}
const std::vector<std::string_view>& names_of(const Role*) {
  static const std::vector<std::string_view> names = {"primary", "secondary", "backup", "staging"};
  return names;
}

const core::Record& describe(const Add*) {
  static const auto row = record<Add>(
      "add", "Make a provider known.",
      {field("kind", &Add::kind, "`local`: the machine that the node runs on"),
       field("name", &Add::name, "its name for people"), optional_field("type", &Add::type, "what it is there for")});
  return row;
}
const core::Record& describe(const Verify*) {
  static const auto row = record<Verify>("verify", "Look whether it answers, and what can be had there.", {});
  return row;
}
const core::Record& describe(const Enable*) {
  static const auto row = record<Enable>("enable", "Let platforms run there.", {});
  return row;
}
const core::Record& describe(const Disable*) {
  static const auto row =
      record<Disable>("disable", "Take it out of use.", {optional_field("reason", &Disable::reason, "why")});
  return row;
}
const core::Record& describe(const Remove*) {
  static const auto row = record<Remove>("remove", "Forget a provider that is not in use.",
                                         {optional_field("reason", &Remove::reason, "why")});
  return row;
}

const core::Record& describe(const Added*) {
  static const auto row =
      record<Added>("added", "A provider is known.",
                    {field("kind", &Added::kind, "what it is"), field("name", &Added::name, "its name"),
                     field("type", &Added::type, "what it is there for"), field("by", &Added::by, "who added it"),
                     field("at", &Added::at, "when")});
  return row;
}
const core::Record& describe(const VerifyAsked*) {
  static const auto row = record<VerifyAsked>("verify_asked", "Somebody goes and looks.",
                                              {field("work", &VerifyAsked::work, "id of the work")});
  return row;
}
const core::Record& describe(const Connected*) {
  static const auto row = record<Connected>(
      "connected", "It answers.",
      {field("work", &Connected::work, "id of the work"), field("health", &Connected::health, "0 to 100"),
       field("cpus", &Connected::cpus, "processor cores"), field("memory_mb", &Connected::memory_mb, "memory in MiB"),
       field("disk_free_mb", &Connected::disk_free_mb, "free disk in MiB"),
       field("message", &Connected::message, "what keeps the health below 100"), field("at", &Connected::at, "when")});
  return row;
}
const core::Record& describe(const Failed*) {
  static const auto row =
      record<Failed>("error", "It does not answer as it should.",
                     {field("work", &Failed::work, "id of the work"), field("code", &Failed::code, "why, as a code"),
                      field("message", &Failed::message, "why, in a sentence"), field("at", &Failed::at, "when")});
  return row;
}
const core::Record& describe(const Enabled*) {
  static const auto row = record<Enabled>("enabled", "Platforms may run there.",
                                          {field("by", &Enabled::by, "who"), field("at", &Enabled::at, "when")});
  return row;
}
const core::Record& describe(const Disabled*) {
  static const auto row = record<Disabled>("disabled", "It is out of use.",
                                           {field("reason", &Disabled::reason, "why"),
                                            field("by", &Disabled::by, "who"), field("at", &Disabled::at, "when")});
  return row;
}
const core::Record& describe(const Removed*) {
  static const auto row = record<Removed>(
      "removed", "It is forgotten.",
      {field("reason", &Removed::reason, "why"), field("by", &Removed::by, "who"), field("at", &Removed::at, "when")});
  return row;
}

const core::Record& describe(const State*) {
  static const auto row = record<State>(
      "provider", "Where platforms can run.",
      {field("status", &State::status, "whether it answers"), field("kind", &State::kind, "what it is"),
       field("name", &State::name, "its name for people"), field("type", &State::type, "what it is there for"),
       field("enabled", &State::enabled, "platforms may run there"), field("health", &State::health, "0 to 100"),
       field("cpus", &State::cpus, "processor cores"), field("memory_mb", &State::memory_mb, "memory in MiB"),
       field("disk_free_mb", &State::disk_free_mb, "free disk in MiB"),
       field("verified_at", &State::verified_at, "when somebody last looked"),
       field("reason", &State::reason, "why it is as it is"), field("work", &State::work, "verification under way"),
       field("works", &State::works, "last number of a work")});
  return row;
}

const core::Kind& kind() {
  using core::Door;
  static const core::Kind made = core::kind_of<State, Command, Event>({
      .name = "provider",
      .plural = "providers",
      .doc = "Where platforms can run.",
      .short_names = {"prov"},
      .commands =
          {{.name = "add",
            .doc = "Make a provider known.",
            .impact = 5,
            .creates = true,
            .access = core::access::connecting},
           {.name = "verify",
            .doc = "Look whether it answers, and what can be had there.",
            .impact = 1,
            .access = core::access::connecting},
           {.name = "enable", .doc = "Let platforms run there.", .impact = 5, .access = core::access::connecting},
           {.name = "disable",
            .doc = "Take it out of use.",
            .impact = 6,
            .destructive = true,
            .access = core::access::connecting},
           {.name = "remove",
            .doc = "Forget a provider that is not in use.",
            .impact = 7,
            .destructive = true,
            .access = core::access::connecting},
           {.name = "settle", .doc = "The verification has ended.", .door = Door::internal}},
      .events = {{.name = "infra_provider.added", .doc = "A provider is known."},
                 {.name = "infra_provider.verify_asked", .doc = "Somebody goes and looks.", .observation = true},
                 {.name = "infra_provider.connected", .doc = "It answers.", .observation = true},
                 {.name = "infra_provider.error", .doc = "It does not answer as it should.", .observation = true},
                 {.name = "infra_provider.enabled", .doc = "Platforms may run there."},
                 {.name = "infra_provider.disabled", .doc = "It is out of use."},
                 {.name = "infra_provider.removed", .doc = "It is forgotten."}},
  });
  return made;
}

}  // namespace nova::provider
