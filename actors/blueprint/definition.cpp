#include "actors/blueprint/definition.hpp"

namespace nova::blueprint {

using core::field;
using core::optional_field;
using core::record;

namespace {
using Names = std::vector<std::string_view>;
}

const Names& names_of(const Surface*) {
  static const Names names = {"web", "mobile", "desktop", "api", "fullstack"};
  return names;
}
const Names& names_of(const Language*) {
  static const Names names = {"en", "ar", "both"};
  return names;
}
const Names& names_of(const IntentType*) {
  static const Names names = {"feature", "page", "component", "integration", "workflow"};
  return names;
}
const Names& names_of(const Priority*) {
  static const Names names = {"critical", "high", "medium", "low"};
  return names;
}
const Names& names_of(const ConstraintType*) {
  static const Names names = {"technical", "business", "security", "compliance", "performance"};
  return names;
}
const Names& names_of(const Enforcement*) {
  static const Names names = {"strict", "preferred", "optional"};
  return names;
}
const Names& names_of(const OutputType*) {
  static const Names names = {"code", "documentation", "api", "database", "deployment"};
  return names;
}
const Names& names_of(const Complexity*) {
  static const Names names = {"simple", "moderate", "complex", "enterprise"};
  return names;
}

const core::Record& describe(const Background*) {
  static const auto row =
      record<Background>("blueprint_context", "Whom and what it is for.",
                         {optional_field("domain", &Background::domain, "healthcare, e-commerce, saas, education, ..."),
                          optional_field("industry", &Background::industry, "in more detail"),
                          optional_field("target_platform", &Background::target_platform, "where people meet it"),
                          optional_field("language", &Background::language, "Arabic, English or both")});
  return row;
}

const core::Record& describe(const Intent*) {
  static const auto row =
      record<Intent>("intent", "One thing that the platform is to do.",
                     {field("id", &Intent::id, "its name within the blueprint"),
                      optional_field("type", &Intent::type, "what sort of thing it is"),
                      optional_field("description", &Intent::description, "in words"),
                      optional_field("priority", &Intent::priority, "how much depends on it"),
                      field("dependencies", &Intent::dependencies, "intents that must be there first"),
                      field("acceptance", &Intent::acceptance, "how one sees that it is done")});
  return row;
}

const core::Record& describe(const Constraint*) {
  static const auto row =
      record<Constraint>("constraint", "A rule that the platform must keep.",
                         {optional_field("type", &Constraint::type, "what sort of rule"),
                          field("description", &Constraint::description, "in words"),
                          optional_field("enforcement", &Constraint::enforcement, "how strictly it holds")});
  return row;
}

const core::Record& describe(const Output*) {
  static const auto row = record<Output>(
      "output", "Something that comes out.",
      {optional_field("type", &Output::type, "what it is"), optional_field("format", &Output::format, "in which form"),
       optional_field("destination", &Output::destination, "where it goes")});
  return row;
}

const core::Record& describe(const Definition*) {
  static const auto row = record<Definition>(
      "definition", "What the platform is to be.",
      {optional_field("name", &Definition::name, "its name for people"),
       optional_field("description", &Definition::description, "in words"),
       optional_field("version", &Definition::version, "the author's version, three numbers"),
       optional_field("context", &Definition::context, "whom and what it is for"),
       field("intents", &Definition::intents, "what it is to do; left out: each service is one intent"),
       field("constraints", &Definition::constraints, "rules it must keep"),
       field("outputs", &Definition::outputs, "what comes out"),
       field("compliance", &Definition::compliance, "laws and standards it falls under: HIPAA, GDPR, PCI-DSS"),
       field("targets", &Definition::targets, "where it is to be deployed"),
       field("metadata", &Definition::metadata, "anything else, by name"),
       field("unified", &Definition::unified, "entities, screens, navigation and theme for generated surfaces")});
  return row;
}

const core::Record& describe(const Report*) {
  static const auto row = record<Report>(
      "report", "What validation found.",
      {field("errors", &Report::errors, "with these it cannot be approved"),
       field("warnings", &Report::warnings, "doubtful"), field("suggestions", &Report::suggestions, "worth a thought"),
       field("complexity", &Report::complexity, "by the number and weight of intents"),
       field("hours", &Report::hours, "estimate of work"),
       field("tokens", &Report::tokens, "estimate of language model use")});
  return row;
}

}  // namespace nova::blueprint
