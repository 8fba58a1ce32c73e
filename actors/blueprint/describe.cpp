#include "actors/blueprint/blueprint.hpp"

#include "core/authority/access.hpp"

namespace nova::blueprint {

using core::field;
using core::optional_field;
using core::record;

const std::vector<std::string_view>& names_of(const Status*) {
  static const std::vector<std::string_view> names = {"absent",     "draft",     "approved", "rejected",
                                                      "generating", "completed", "archived"};
  return names;
}

const core::Record& describe(const Content*) {
  static const auto row = record<Content>("content", "What a blueprint says.",
                                          {field("definition", &Content::definition, "what the platform is to be"),
                                           field("services", &Content::services, "what runs")});
  return row;
}

const core::Record& describe(const Draft*) {
  static const auto row = record<Draft>("draft", "Write a blueprint down; it may be unfinished.",
                                        {optional_field("environment", &Draft::environment, "for which environment"),
                                         field("definition", &Draft::definition, "what the platform is to be"),
                                         field("services", &Draft::services, "what runs")});
  return row;
}
const core::Record& describe(const Revise*) {
  static const auto row =
      record<Revise>("revise", "Change what is given, keep the rest; a frozen one gets its next version.",
                     {field("environment", &Revise::environment, "for which environment"),
                      field("definition", &Revise::definition, "what the platform is to be"),
                      field("services", &Revise::services, "what runs")});
  return row;
}
const core::Record& describe(const Submit*) {
  static const auto row = record<Submit>("submit", "Say that a draft is ready for approval.", {});
  return row;
}
const core::Record& describe(const Approve*) {
  static const auto row = record<Approve>("approve", "Freeze this version and bring it into its environment.", {});
  return row;
}
const core::Record& describe(const Reject*) {
  static const auto row = record<Reject>("reject", "Send a draft back.", {field("reason", &Reject::reason, "why")});
  return row;
}
const core::Record& describe(const Archive*) {
  static const auto row = record<Archive>("archive", "Put a blueprint away; what runs is not touched.",
                                          {optional_field("reason", &Archive::reason, "why")});
  return row;
}
const core::Record& describe(const Apply*) {
  static const auto row =
      record<Apply>("apply", "Draft or revise, validate, approve and bring into an environment: all or nothing.",
                    {optional_field("environment", &Apply::environment, "into which environment"),
                     field("definition", &Apply::definition, "what the platform is to be"),
                     field("services", &Apply::services, "what runs")});
  return row;
}

namespace {
std::vector<core::Field> drafted_fields() {
  return {field("version", &Drafted::version, "number of the version"),
          field("environment", &Drafted::environment, "for which environment"),
          field("content", &Drafted::content, "what it says"),
          field("report", &Drafted::report, "what validation found"),
          field("by", &Drafted::by, "who"),
          field("at", &Drafted::at, "when")};
}
}  // namespace

const core::Record& describe(const Drafted*) {
  static const auto row = record<Drafted>("drafted", "A blueprint was written down.", drafted_fields());
  return row;
}
const core::Record& describe(const Updated*) {
  static const auto row = record<Updated>("updated", "Its draft changed, or a next version began.", drafted_fields());
  return row;
}
const core::Record& describe(const Submitted*) {
  static const auto row = record<Submitted>("submitted", "It is ready for approval.",
                                            {field("by", &Submitted::by, "who"), field("at", &Submitted::at, "when")});
  return row;
}
const core::Record& describe(const Approved*) {
  static const auto row = record<Approved>("approved", "This version is frozen.",
                                           {field("version", &Approved::version, "number of the version"),
                                            field("by", &Approved::by, "who"), field("at", &Approved::at, "when")});
  return row;
}
const core::Record& describe(const Rejected*) {
  static const auto row = record<Rejected>("rejected", "It was sent back.",
                                           {field("reason", &Rejected::reason, "why"),
                                            field("by", &Rejected::by, "who"), field("at", &Rejected::at, "when")});
  return row;
}
const core::Record& describe(const Archived*) {
  static const auto row = record<Archived>("archived", "It was put away.",
                                           {field("reason", &Archived::reason, "why"),
                                            field("by", &Archived::by, "who"), field("at", &Archived::at, "when")});
  return row;
}
const core::Record& describe(const ProvisionAsked*) {
  static const auto row =
      record<ProvisionAsked>("provision_asked", "The platform was asked to become this version.",
                             {field("work", &ProvisionAsked::work, "id of the work"),
                              field("version", &ProvisionAsked::version, "number of the version"),
                              field("environment", &ProvisionAsked::environment, "in which environment")});
  return row;
}
const core::Record& describe(const ProvisionEnded*) {
  static const auto row =
      record<ProvisionEnded>("provision_ended", "The platform has answered.",
                             {field("work", &ProvisionEnded::work, "id of the work"),
                              field("environment", &ProvisionEnded::environment, "for which environment"),
                              field("outcome", &ProvisionEnded::outcome, "what became of it"),
                              field("code", &ProvisionEnded::code, "why not, as a code"),
                              field("message", &ProvisionEnded::message, "why not, in a sentence")});
  return row;
}

const core::Record& describe(const VersionLine*) {
  static const auto row = record<VersionLine>(
      "version", "Where a version stands.",
      {field("version", &VersionLine::version, "its number"), field("status", &VersionLine::status, "where it stands"),
       field("by", &VersionLine::by, "who brought it there"), field("at", &VersionLine::at, "when")});
  return row;
}
const core::Record& describe(const Provision*) {
  static const auto row =
      record<Provision>("provision", "What became of the newest version in an environment.",
                        {field("version", &Provision::version, "number of the version"),
                         field("work", &Provision::work, "id of the work; empty when it has ended"),
                         field("code", &Provision::code, "why not, as a code; empty: the platform has it"),
                         field("message", &Provision::message, "why not, in a sentence")});
  return row;
}
const core::Record& describe(const State*) {
  static const auto row = record<State>(
      "blueprint", "What a platform is to be.",
      {field("status", &State::status, "where it stands"),
       field("version", &State::version, "number of the newest version"),
       field("environment", &State::environment, "for which it was last meant"),
       field("content", &State::content, "what it says"), field("report", &State::report, "what validation found"),
       field("submitted", &State::submitted, "its draft is ready for approval"),
       field("reason", &State::reason, "why it was rejected or archived"),
       field("versions", &State::versions, "newest versions and where they stand"),
       field("provisions", &State::provisions, "what became of it, by environment"),
       field("works", &State::works, "last number of a work")});
  return row;
}

const core::Kind& kind() {
  static const core::Kind made = core::kind_of<State, Command, Event>({
      .name = "blueprint",
      .plural = "blueprints",
      .doc = "The single source of truth for what a platform is to be.",
      .short_names = {"bp"},
      .commands = {{.name = "draft",
                    .doc = "Write a blueprint down; it may be unfinished.",
                    .impact = 2,
                    .creates = true,
                    .access = core::access::building},
                   {.name = "revise",
                    .doc = "Change it; a frozen one gets its next version.",
                    .impact = 2,
                    .access = core::access::building},
                   {.name = "submit",
                    .doc = "Say that a draft is ready for approval.",
                    .impact = 2,
                    .access = core::access::building},
                   {.name = "approve",
                    .doc = "Freeze this version and bring it into its environment.",
                    .impact = 6,
                    .access = core::access::deploying,
                    .facts = facts_for_approve},
                   {.name = "reject", .doc = "Send a draft back.", .impact = 3, .access = core::access::deploying},
                   {.name = "archive",
                    .doc = "Put a blueprint away; what runs is not touched.",
                    .impact = 5,
                    .destructive = true,
                    .access = core::access::building},
                   {.name = "apply",
                    .doc = "Draft or revise, validate, approve and bring into an environment: all or nothing.",
                    .impact = 6,
                    .creates = true,
                    .access = core::access::deploying,
                    .facts = facts_for_apply},
                   {.name = "settle", .doc = "The platform has answered.", .door = core::Door::internal}},
      .events = {{.name = "blueprint.drafted", .doc = "A blueprint was written down."},
                 {.name = "blueprint.updated", .doc = "Its draft changed, or a next version began."},
                 {.name = "blueprint.submitted", .doc = "It is ready for approval."},
                 {.name = "blueprint.approved", .doc = "This version is frozen."},
                 {.name = "blueprint.rejected", .doc = "It was sent back."},
                 {.name = "blueprint.archived", .doc = "It was put away."},
                 {.name = "blueprint.provision_asked", .doc = "The platform was asked to become this version."},
                 {.name = "blueprint.provision_ended", .doc = "The platform has answered.", .observation = true}},
      // What it says of laws and standards switches packs of the constitution on.
      .authority = true,
  });
  return made;
}

}  // namespace nova::blueprint
