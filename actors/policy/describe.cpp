#include "actors/policy/policy.hpp"
#include "core/authority/access.hpp"

namespace nova::policy {

using core::field;
using core::optional_field;
using core::record;

const std::vector<std::string_view>& names_of(const Status*) {
  static const std::vector<std::string_view> names = {"absent", "draft", "active", "disabled", "deleted"};
  return names;
}

const core::Record& describe(const Create*) {
  static const auto row = record<Create>("create", "Write a policy; it binds nobody before it is approved.",
                                         {field("terms", &Create::terms, "what it asks")});
  return row;
}
const core::Record& describe(const Update*) {
  static const auto row = record<Update>("update", "Change what it asks; it must be approved again.",
                                         {field("terms", &Update::terms, "what it asks from then on")});
  return row;
}
const core::Record& describe(const Approve*) {
  static const auto row =
      record<Approve>("approve", "Put it in force.", {optional_field("reason", &Approve::reason, "why")});
  return row;
}
const core::Record& describe(const Toggle*) {
  static const auto row = record<Toggle>(
      "toggle", "Put it in force or out of force.",
      {field("active", &Toggle::active, "it shall bind"), optional_field("reason", &Toggle::reason, "why")});
  return row;
}
const core::Record& describe(const Delete*) {
  static const auto row = record<Delete>("delete", "Remove it.", {field("reason", &Delete::reason, "why")});
  return row;
}

const core::Record& describe(const Created*) {
  static const auto row = record<Created>("created", "A policy was written.",
                                          {field("terms", &Created::terms, "what it asks"),
                                           field("by", &Created::by, "who"), field("at", &Created::at, "when")});
  return row;
}
const core::Record& describe(const Updated*) {
  static const auto row = record<Updated>(
      "updated", "It asks something else.",
      {field("before", &Updated::before, "what it asked"), field("after", &Updated::after, "what it asks"),
       field("by", &Updated::by, "who"), field("at", &Updated::at, "when")});
  return row;
}
const core::Record& describe(const Approved*) {
  static const auto row =
      record<Approved>("approved", "It is in force.",
                       {field("by", &Approved::by, "who"), field("reason", &Approved::reason, "why"),
                        field("at", &Approved::at, "when")});
  return row;
}
const core::Record& describe(const Toggled*) {
  static const auto row =
      record<Toggled>("toggled", "It is in force, or not any more.",
                      {field("active", &Toggled::active, "it binds"), field("by", &Toggled::by, "who"),
                       field("reason", &Toggled::reason, "why"), field("at", &Toggled::at, "when")});
  return row;
}
const core::Record& describe(const Deleted*) {
  static const auto row = record<Deleted>(
      "deleted", "It is removed.",
      {field("by", &Deleted::by, "who"), field("reason", &Deleted::reason, "why"), field("at", &Deleted::at, "when")});
  return row;
}
const core::Record& describe(const State*) {
  static const auto row = record<State>(
      "policy", "What is asked of decisions.",
      {field("status", &State::status, "only an active one binds"), field("terms", &State::terms, "what it asks"),
       field("created_by", &State::created_by, "who wrote it"),
       field("approved_by", &State::approved_by, "who put it in force"),
       field("reason", &State::reason, "of the last change"),
       field("created_at", &State::created_at, "when it was written"),
       field("changed_at", &State::changed_at, "when it was changed last")});
  return row;
}

const core::Kind& kind() {
  using enum core::Door;
  static const core::Kind made = core::kind_of<State, Command, Event>({
      .name = "policy",
      .plural = "policies",
      .doc = "What the owner asks of sovereign decisions.",
      // Nobody but the root owner.
      .commands = {{.name = "create", .doc = "Write a policy.", .door = assisted, .impact = 7, .creates = true},
                   {.name = "update", .doc = "Change what it asks.", .impact = 7},
                   {.name = "approve", .doc = "Put it in force.", .door = assisted, .impact = 8},
                   {.name = "toggle", .doc = "Put it in force or out of force.", .door = assisted, .impact = 8},
                   {.name = "delete", .doc = "Remove it.", .impact = 8, .destructive = true}},
      .events = {{.name = "policy.created", .doc = "A policy was written."},
                 {.name = "policy.updated", .doc = "It asks something else."},
                 {.name = "policy.approved", .doc = "It is in force."},
                 {.name = "policy.toggled", .doc = "It is in force, or not any more."},
                 {.name = "policy.deleted", .doc = "It is removed."}},
      .read = core::access::operating,
  });
  return made;
}

}  // namespace nova::policy
