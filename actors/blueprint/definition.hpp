// What a blueprint says beside its services: S10's fields, and the report of its validation.
#pragma once
#include "core/describe/describe.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace nova::blueprint {

enum class Surface : std::uint8_t { web, mobile, desktop, api, fullstack };
enum class Language : std::uint8_t { en, ar, both };
enum class IntentType : std::uint8_t { feature, page, component, integration, workflow };
enum class Priority : std::uint8_t { critical, high, medium, low };
enum class ConstraintType : std::uint8_t { technical, business, security, compliance, performance };
enum class Enforcement : std::uint8_t { strict, preferred, optional };
enum class OutputType : std::uint8_t { code, documentation, api, database, deployment };
enum class Complexity : std::uint8_t { simple, moderate, complex, enterprise };
const std::vector<std::string_view>& names_of(const Surface*);
const std::vector<std::string_view>& names_of(const Language*);
const std::vector<std::string_view>& names_of(const IntentType*);
const std::vector<std::string_view>& names_of(const Priority*);
const std::vector<std::string_view>& names_of(const ConstraintType*);
const std::vector<std::string_view>& names_of(const Enforcement*);
const std::vector<std::string_view>& names_of(const OutputType*);
const std::vector<std::string_view>& names_of(const Complexity*);

struct Background {
  core::Label domain;  ///< "healthcare", "saas", ...
  core::Label industry;
  Surface target_platform = Surface::web;
  Language language = Language::en;
};

struct Intent {
  core::Name id;
  IntentType type = IntentType::feature;
  core::Prose description;
  Priority priority = Priority::medium;
  std::vector<core::Name> dependencies;  ///< ids of other intents
  std::vector<core::Text<1, 500, core::Shape::any>> acceptance;
};

struct Constraint {
  ConstraintType type = ConstraintType::technical;
  core::Prose description;
  Enforcement enforcement = Enforcement::preferred;
};

struct Output {
  OutputType type = OutputType::code;
  core::Label format;
  core::Label destination;
};

struct Definition {
  core::Label name;
  core::Prose description;
  core::Text<0, 32, core::Shape::line> version{"1.0.0"};
  Background context;
  std::optional<std::vector<Intent>> intents;  ///< none: each service is one
  std::vector<Constraint> constraints;
  std::vector<Output> outputs;
  std::set<core::Text<1, 64, core::Shape::line>> compliance;  ///< "HIPAA", "GDPR", ...
  std::vector<core::Label> targets;                           ///< where it is to be deployed
  std::map<std::string, core::Text<0, 1024, core::Shape::any>> metadata;
  std::optional<core::RawJson> unified;  ///< entities, screens, navigation, theme: for generated surfaces
};

struct Report {
  std::vector<std::string> errors;  ///< with these it cannot be approved
  std::vector<std::string> warnings;
  std::vector<std::string> suggestions;
  Complexity complexity = Complexity::simple;
  std::uint32_t hours = 0;   ///< estimate
  std::uint32_t tokens = 0;  ///< estimate, of a language model
};

inline constexpr std::size_t report_lines_max = 20;  ///< of each sort; more would not be read

const core::Record& describe(const Background*);
const core::Record& describe(const Intent*);
const core::Record& describe(const Constraint*);
const core::Record& describe(const Output*);
const core::Record& describe(const Definition*);
const core::Record& describe(const Report*);

}  // namespace nova::blueprint
