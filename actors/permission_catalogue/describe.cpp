#include "actors/permission_catalogue/permission_catalogue.hpp"
#include "core/authority/access.hpp"

namespace nova::permission_catalogue {

using core::field;
using core::optional_field;
using core::record;

const std::vector<std::string_view>& names_of(const Status*) {
  static const std::vector<std::string_view> names = {"absent", "active"};
  return names;
}

const core::Record& describe(const Definition*) {
  static const auto row =
      record<Definition>("permission_definition", "A permission code.",
                         {field("category", &Definition::category, "what it is about"),
                          field("security_level", &Definition::security_level, "how safe it is: high is the safest")});
  return row;
}

const core::Record& describe(const Define*) {
  static const auto row =
      record<Define>("define", "Add a permission code.",
                     {field("code", &Define::code, "which"), field("category", &Define::category, "one of the 22"),
                      field("security_level", &Define::security_level, "how safe it is: high is the safest")});
  return row;
}
const core::Record& describe(const DefinePreset*) {
  static const auto row = record<DefinePreset>(
      "define_preset", "Add or change a preset.",
      {field("code", &DefinePreset::code, "which"), field("permissions", &DefinePreset::permissions, "what it holds")});
  return row;
}

const core::Record& describe(const Defined*) {
  static const auto row =
      record<Defined>("defined", "There is another permission code.",
                      {field("code", &Defined::code, "which"), field("definition", &Defined::definition, "what it is"),
                       field("by", &Defined::by, "who"), field("at", &Defined::at, "when")});
  return row;
}
const core::Record& describe(const PresetDefined*) {
  static const auto row = record<PresetDefined>(
      "preset_defined", "There is another preset.",
      {field("code", &PresetDefined::code, "which"), field("permissions", &PresetDefined::permissions, "what it holds"),
       field("by", &PresetDefined::by, "who"), field("at", &PresetDefined::at, "when")});
  return row;
}

const core::Record& describe(const State*) {
  static const auto row = record<State>(
      "permission_catalogue", "Permission codes and presets beside those that ship.",
      {field("status", &State::status, "where it stands"), field("definitions", &State::definitions, "by code"),
       field("presets", &State::presets, "by code"), field("changed_by", &State::changed_by, "who changed it last"),
       field("changed_at", &State::changed_at, "when")});
  return row;
}

const core::Kind& kind() {
  using enum core::Door;
  static const core::Kind made = core::kind_of<State, Command, Event>({
      .name = "permission_catalogue",
      .plural = "permission_catalogues",
      .doc = "Permission codes and presets beside those that ship.",
      .commands =
          {{.name = "define", .doc = "Add a permission code.", .door = assisted, .impact = 7, .creates = true},
           {.name = "define_preset", .doc = "Add or change a preset.", .door = assisted, .impact = 7, .creates = true}},
      .events = {{.name = "permission.defined", .doc = "There is another permission code."},
                 {.name = "permission.preset_defined", .doc = "There is another preset."}},
      .authority = true,
      .read = {.permission = "platform:read"},
  });
  return made;
}

}  // namespace nova::permission_catalogue
