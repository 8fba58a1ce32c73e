#include "actors/blueprint/blueprint.hpp"
#include "core/describe/codec.hpp"
#include "core/service/check.hpp"
#include "core/text.hpp"

#include <algorithm>
#include <set>

namespace nova::blueprint {
namespace {

constexpr std::size_t intents_many = 50;  // S10: warn above
constexpr std::size_t critical_many = 5;

// A blueprint that lists no intents at all means its services; one that lists none on purpose means nothing.
std::vector<Intent> intents_of(const Content& content) {
  if (content.definition && content.definition->intents) return *content.definition->intents;
  std::vector<Intent> intents;
  for (const auto& [name, service] : content.services) {
    Intent intent;
    intent.id = name;
    intent.type = IntentType::component;
    intent.priority = Priority::high;
    for (const auto& need : service.needs) intent.dependencies.push_back(need);
    intents.push_back(std::move(intent));
  }
  return intents;
}

// The circle that starts at the last step of `way`, as "a -> b -> a"; empty when there is none. Intents already found
// to be in no circle are in `done`.
std::string find_circle(const std::map<std::string, const Intent*>& by_id, std::vector<std::string>& way,
                        std::set<std::string>& done) {
  const auto here = by_id.find(way.back());
  if (here == by_id.end() || done.contains(way.back())) return {};
  for (const auto& next : here->second->dependencies) {
    const auto start = std::find(way.begin(), way.end(), next);
    if (start != way.end()) {
      std::string circle;
      for (auto at = start; at != way.end(); ++at) circle += *at + " -> ";
      return circle + next;
    }
    way.push_back(next);
    auto circle = find_circle(by_id, way, done);
    if (!circle.empty()) return circle;
    way.pop_back();
  }
  done.insert(way.back());
  return {};
}

std::optional<core::Error> broken_dependency(const std::vector<Intent>& intents) {
  std::map<std::string, const Intent*> by_id;
  for (const auto& intent : intents)
    if (!by_id.emplace(intent.id, &intent).second)
      return core::refuse("blueprint.duplicate_intent", "two intents are called `" + intent.id + "`")
          .with("intent", intent.id);
  for (const auto& intent : intents)
    for (const auto& need : intent.dependencies)
      if (!by_id.contains(need))
        return core::refuse("blueprint.missing_dependency",
                            "intent `" + intent.id + "` depends on `" + need + "`, which is no intent here")
            .with("intent", intent.id)
            .with("dependency", need);
  std::set<std::string> done;
  for (const auto& intent : intents) {
    std::vector<std::string> way{intent.id};
    if (const auto circle = find_circle(by_id, way, done); !circle.empty())
      return core::refuse("blueprint.dependency_cycle", "intents depend on each other in a circle: " + circle);
  }
  return {};
}

// Intents, by service checks of their own or derived from services, whose rules are checked by path.
bool intents_are_given(const Content& content) { return content.definition && content.definition->intents; }

bool is_version(std::string_view text) {
  int dots = 0;
  char before = '.';
  for (const char c : text) {
    if (c == '.' ? before == '.' : (c < '0' || c > '9')) return false;
    dots += c == '.';
    before = c;
  }
  return dots == 2 && before != '.';
}

void add(std::vector<std::string>& lines, std::string_view line) {
  if (lines.size() < report_lines_max) lines.push_back(core::clean_text(line, 300));
}

// S10's bands, with its estimates in hours and tokens.
void estimate(Report& report, std::size_t intents, std::size_t critical) {
  struct Band {
    std::uint32_t hours, tokens;
  };
  static constexpr Band bands[] = {{4, 50'000}, {16, 200'000}, {40, 500'000}, {120, 2'000'000}};
  if (intents <= 3)
    report.complexity = Complexity::simple;
  else if (intents <= 8 || (intents <= 10 && critical <= 3))
    report.complexity = Complexity::moderate;
  else if (intents <= 20)
    report.complexity = Complexity::complex;
  else
    report.complexity = Complexity::enterprise;
  report.hours = bands[std::size_t(report.complexity)].hours;
  report.tokens = bands[std::size_t(report.complexity)].tokens;
}

void look_at_definition(Report& report, const Definition& definition) {
  if (!is_version(definition.version)) add(report.errors, "definition.version must be three numbers, such as `1.0.0`");
  if (definition.outputs.empty())
    add(report.suggestions, "definition.outputs: name what is to come out, such as code or an api");
  const auto& domain = definition.context.domain;
  if (domain == "healthcare" && definition.compliance.empty())
    add(report.suggestions, "definition.compliance: healthcare usually falls under HIPAA or its like");
  if ((domain == "financial" || domain == "e-commerce") && definition.compliance.empty())
    add(report.suggestions, "definition.compliance: payments usually fall under PCI-DSS");
}

void look_at_services(Report& report, const Services& services) {
  for (const auto& [name, service] : services) {
    const bool checked = !service.health.http.empty() || service.health.tcp || !service.health.exec.empty();
    if (service.port > 0 && !checked)
      add(report.warnings, "services." + name + ".health: it takes traffic, but nothing tells whether it is well");
    if (service.every.count() == 0 && service.limits.memory_mb == 0)
      add(report.suggestions, "services." + name + ".limits: a memory limit keeps one service from taking all");
  }
}

}  // namespace

std::optional<core::Error> broken_rule(const Content& content) {
  const auto size = core::to_json(content).size();
  if (size > content_size_max) {
    auto error = core::refuse("blueprint.too_large", "it has " + std::to_string(size) + " bytes as JSON, at most " +
                                                         std::to_string(content_size_max) + " are kept");
    error.status = 413;
    return error;
  }
  const auto intents = intents_of(content);
  if (intents.empty())
    return core::refuse("blueprint.no_intents", "it must say what it is for: one intent or service at least");
  // Needs between services have rules and paths of their own.
  return intents_are_given(content) ? broken_dependency(intents) : std::nullopt;
}

Report validate(const Content& content) {
  Report report;
  const auto intents = intents_of(content);
  const auto critical = std::size_t(std::count_if(
      intents.begin(), intents.end(), [](const Intent& intent) { return intent.priority == Priority::critical; }));
  if (!content.services.empty())
    for (const auto& problem : service::check(content.services))
      add(report.errors, problem.path + " " + problem.message);
  if (intents.size() > intents_many)
    add(report.warnings, "more than 50 intents: several blueprints would be easier to change");
  if (critical > critical_many) add(report.warnings, "more than 5 critical intents: when all is critical, nothing is");
  if (content.definition) look_at_definition(report, *content.definition);
  look_at_services(report, content.services);
  estimate(report, intents.size(), critical);
  return report;
}

std::vector<core::Problem> service_problems(const std::string& name, const std::string& environment,
                                            const Services& services) {
  std::vector<core::Problem> problems;
  if (name.size() > name_size_max || !core::has_shape(core::Shape::slug, name))
    problems.push_back({"name", std::string(core::shape_rule(core::Shape::slug)) + ", at most 40"});
  // Without hyphens, so that "<platform>-<environment>" can be told apart again.
  const bool plain = core::has_shape(core::Shape::slug, environment) && environment.find('-') == std::string::npos;
  if (!plain) problems.push_back({"environment", "must be lower-case letters and digits, starting with a letter"});
  for (auto& problem : service::check(services)) problems.push_back(std::move(problem));
  return problems;
}

}  // namespace nova::blueprint
