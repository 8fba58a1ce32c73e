// doctor and version: the node's health and who is talking to whom.
#include "cli/exit.hpp"
#include "cli/json.hpp"
#include "cli/verbs/verbs.hpp"
#include "core/time.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <ctime>

namespace nova::cli {
namespace {

constexpr const char* doctor_examples =
    "  novactl doctor              red, amber or green for each part\n"
    "  novactl doctor -o json      for monitoring; exit 1 when something is red\n";
constexpr const char* version_examples = "  novactl version\n  novactl version --client\n";

// Tokens and leases stand on clocks that agree; beyond this, they fail in ways that nobody understands.
constexpr std::int64_t skew_seconds_amber = 5, skew_seconds_red = 60;

Json check(const std::string& name, const std::string& level, const std::string& detail,
           const std::string& remedy = {}) {
  return {{"name", name}, {"level", level}, {"detail", detail}, {"remedy", remedy}};
}

Json clock_check(const Answer& answer) {
  std::tm parts{};
  const auto date = answer.header("date");
  if (date.empty() || !::strptime(date.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts))
    return check("clock", "amber", "the node tells no time");
  const auto skew = std::abs(std::int64_t(::timegm(&parts)) - core::system_clock().now().ms / 1000);
  const std::string level = skew > skew_seconds_red ? "red" : skew > skew_seconds_amber ? "amber" : "green";
  return check("clock", level, "differs from the node's by " + std::to_string(skew) + " s",
               level == "green" ? "" : "synchronise both clocks (NTP)");
}

Json version_check(const Json& node) {
  const auto theirs = text_at(node, "version");
  return check("version", theirs == NOVA_VERSION ? "green" : "amber", "novactl " NOVA_VERSION ", node " + theirs,
               theirs == NOVA_VERSION ? "" : "use the novactl of the node's release");
}

core::Result<int> doctor(Session& session) {
  Json checks = Json::array();
  auto node = session.client();
  if (!node) return node.error();
  Ask ask;
  ask.path = "/v1/doctor";
  const auto answer = (*node)->send(ask);
  if (!answer) {
    checks.push_back(check("node", "red", core::to_line(answer.error()), answer.error().remedy));
  } else {
    checks.push_back(check("node", "green", "answers at " + (*node)->options().server));
    checks.push_back(clock_check(*answer));
    if (const auto about = session.get("/v1/node")) checks.push_back(version_check(*about));
    const auto theirs = parse_json(answer->body);
    if (!theirs) return theirs.error();
    for (const auto& item : at(*theirs, "checks")) checks.push_back(item);
  }
  Table table({"CHECK", "LEVEL", "DETAIL", "REMEDY"});
  bool any_red = false;
  for (const auto& item : checks) {
    any_red = any_red || text_at(item, "level") == "red";
    table.row({text_at(item, "name"), text_at(item, "level"), text_at(item, "detail"), text_at(item, "remedy")});
  }
  session.print(Json{{"checks", checks}}, table.text(session.paint(), 1));
  if (!answer) return exit_of(answer.error());
  return any_red ? exit_failed : exit_ok;
}

core::Result<int> version(Session& session, bool client_only) {
  Json versions = {{"client", NOVA_VERSION}};
  std::string text = "novactl " NOVA_VERSION "\n";
  if (!client_only) {
    const auto node = session.get("/v1/node");
    if (!node) {
      session.print(versions, text);
      return node.error();
    }
    versions["server"] = text_at(*node, "version");
    text += "node    " + text_at(*node, "version") + " (" + text_at(*node, "name") + ")\n";
  }
  session.print(versions, text);
  return exit_ok;
}

}  // namespace

void add_node(CLI::App& app, Chosen& chosen) {
  add_verb(app, chosen, "doctor", "Check the node and the way to it", doctor_examples, doctor);
  auto client_only = std::make_shared<bool>(false);
  auto* verb = add_verb(app, chosen, "version", "Show the versions of novactl and the node", version_examples,
                        [client_only](Session& session) { return version(session, *client_only); });
  verb->add_flag("--client", *client_only, "of novactl only");
}

}  // namespace nova::cli
