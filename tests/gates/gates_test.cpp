#include "governance/gates/gates.hpp"

#include "drivers/yaml/yaml.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace nova;
using namespace std::chrono_literals;

namespace {

std::string json_of(std::string_view yaml) {
  const auto read = yaml::read(yaml, "gates.yaml");
  REQUIRE(read);
  REQUIRE(read->size() == 1);
  return read->front().json;
}

/// One gate `g` with these lines, in the flow style.
std::string gate(const std::string& fields) { return json_of("gates: {g: {en: E., ar: ع., " + fields + "}}"); }

/// "path message" of each problem.
std::string faults(const std::string& json) {
  const auto gates = gates::Gates::parse(json);
  if (gates) return "";
  CHECK(gates.error().code == "gates.invalid");
  std::string out;
  for (const auto& problem : gates.error().problems) out += problem.path + " " + problem.message + "\n";
  return out;
}

}  // namespace

TEST_CASE("gates: the shipped ones hold together") {
  const auto gates = gates::Gates::parse(json_of(gates::shipped_text()));
  if (!gates) FAIL(core::to_line(gates.error()));
  const auto* production = (*gates)->find("production-destruction");
  REQUIRE(production);
  CHECK(production->second_factor);
  CHECK(production->expiry == 30min);
  CHECK((*gates)->find("nothing") == nullptr);
  CHECK((*gates)->bytes_of("production-destruction").find("platform:owner") != std::string::npos);
}

TEST_CASE("gates: a file of one's own has the shipped ones that the program and the shipped constitution ask for") {
  const auto shipped = gates::Gates::parse(json_of(gates::shipped_text()));
  const auto own = gates::Gates::parse(gate("groups: [{name: a, roles: [root_owner]}]"));
  REQUIRE(shipped);
  REQUIRE(own);
  const auto all = (*own)->completed(**shipped);
  for (const char* name : {"g", "supervision", "ai-execution", "data-region"}) {
    INFO(name);
    CHECK(all->find(name));
  }
  CHECK(all->find("production-destruction") == nullptr);
  REQUIRE((*shipped)->find("data-region"));
  CHECK((*shipped)->find("data-region")->second_factor);
}

TEST_CASE("gates: what is left out is 30 minutes, one of each group, no second factor") {
  const auto gates = gates::Gates::parse(gate("groups: [{name: a, roles: [root_owner]}]"));
  REQUIRE(gates);
  const auto* g = (*gates)->find("g");
  REQUIRE(g);
  CHECK(g->expiry == 30min);
  CHECK(std::int64_t(g->groups[0].quorum) == 1);
  CHECK(!g->second_factor);
  CHECK(g->reminder.count() == 0);
}

TEST_CASE("gates: every fault is told once, with its path") {
  struct Row {
    const char* fields;
    const char* fault;
  };
  const Row rows[] = {
      {"groups: []", "gates.g.groups needs at least one group"},
      {"groups: [{name: a}]", "gates.g.groups[0] names neither roles nor permissions"},
      {"groups: [{name: a, roles: [admin]}]", "gates.g.groups[0].roles[0] `admin` is no role"},
      {"groups: [{name: a, roles: [platform:king]}]", "gates.g.groups[0].roles[0] `platform:king` is no role"},
      {"groups: [{name: a, roles: [platform:accountant]}]", "cannot open approvals"},
      {"groups: [{name: a, permissions: [users:fly]}]",
       "gates.g.groups[0].permissions[0] `users:fly` is no permission"},
      {"groups: [{name: a, roles: [root_owner]}, {name: a, roles: [root_owner]}]",
       "gates.g.groups[1].name stands twice"},
      {"groups: [{name: a, roles: [root_owner], quorum: 0}]", "gates.g.groups[0].quorum"},
      {"groups: [{name: a, roles: [root_owner]}], expiry: 10s", "gates.g.expiry must be 1m to 7d"},
      {"groups: [{name: a, roles: [root_owner]}], expiry: 30d", "gates.g.expiry must be 1m to 7d"},
      {"groups: [{name: a, roles: [root_owner]}], reminder: 30m", "gates.g.reminder"},
      {"groups: [{name: a, roles: [root_owner]}], colour: red", "gates.g.colour"},
      {"groups: [{name: a, roles: [root_owner]}], escalation: [{level: 2, role: root_owner, timeout: 5m}]",
       "gates.g.escalation[0].level must be 1"},
      {"groups: [{name: a, roles: [root_owner]}], escalation: [{level: 1, role: root_owner, timeout: 40m}]",
       "gates.g.escalation[0].timeout comes after the expiry"},
      {"groups: [{name: a, roles: [root_owner]}], escalation: [{level: 1, role: boss, timeout: 5m}]",
       "gates.g.escalation[0].role `boss` is no role"},
  };
  for (const auto& row : rows) {
    const auto told = faults(gate(row.fields));
    INFO(row.fields << "\n" << told);
    CHECK(told.find(row.fault) != std::string::npos);
    CHECK(std::count(told.begin(), told.end(), '\n') == 1);
  }
  CHECK(!gates::Gates::parse("nonsense").ok());
}

TEST_CASE("gates: several together ask for all of each") {
  const auto gates = gates::Gates::parse(json_of(
      "gates:\n"
      "  a: {en: A., ar: ع., expiry: 1h, reminder: 20m, groups: [{name: x, roles: [root_owner]}],\n"
      "      escalation: [{level: 1, role: platform:owner, timeout: 10m}]}\n"
      "  b: {en: B., ar: ع., expiry: 20m, second_factor: true, groups: [{name: x, roles: [tenant:admin], quorum: 2}],\n"
      "      escalation: [{level: 1, role: platform:owner, timeout: 5m}, {level: 2, role: root_owner, timeout: "
      "5m}]}\n"));
  if (!gates) FAIL(core::to_line(gates.error()));
  const auto all = gates::together(**gates, {"a", "b"});
  REQUIRE(all.groups.size() == 2);
  CHECK(all.groups[0].name == "a.x");
  CHECK(all.groups[1].name == "b.x");
  CHECK(all.expiry == 20min);
  CHECK(all.reminder == 20min);
  CHECK(all.second_factor);
  REQUIRE(all.escalation.size() == 2);
  CHECK(all.escalation[0].timeout == 5min);
  CHECK(gates::together(**gates, {"none"}).expiry.count() == 0);
}
