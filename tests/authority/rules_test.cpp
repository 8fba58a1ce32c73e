// The gate with roles: the same book, asked inside a turn.
#include "governance/authority/rules.hpp"

#include "core/authority/access.hpp"
#include "tests/authority/people.hpp"

#include <catch2/catch.hpp>

using namespace nova;
using namespace nova::test;
using Answer = core::DecisionRecord::Answer;

namespace {

struct Gate {
  Gate() { settle(book); }

  core::DecisionRecord decide(const core::Principal& principal, const core::CommandRow& row,
                              const std::string& tenant = "clinic", const std::string& tenant_status = "active",
                              const std::string& of_kind = "deployment") {
    name = of_kind;
    kind.name = name;
    resource = {tenant, name, "web"};
    const gate::Request request{principal, kind, row, resource, tenant_status, {}, noon};
    auto decision = gate::decide(rules, request);
    if (decision.answer != Answer::allow) error = gate::denied(decision, request);
    return decision;
  }

  authority::Book book;
  std::shared_ptr<const gate::Rules> rules = authority::make_role_rules(book);
  std::string name;
  core::Kind kind;
  core::EntityKey resource;
  core::Error error;
  core::CommandRow deploy{.name = "deploy", .access = core::access::deploying};
  core::CommandRow only_owner{.name = "purge"};
};

}  // namespace

TEST_CASE("a decision names its rule and the state of authority it was made on") {
  Gate gate;
  const auto decision = gate.decide({"t-staff", "user"}, gate.deploy);
  CHECK(decision.answer == Answer::allow);
  CHECK(decision.rules == std::vector<std::string>{"access.tenant_role.staff"});
  CHECK(decision.authority == gate.book.sequence());
}

TEST_CASE("who lacks a right is told which, and who is a stranger nothing") {
  Gate gate;
  CHECK(gate.decide({"t-viewer", "user"}, gate.deploy).answer == Answer::deny);
  CHECK(gate.error.code == "access.denied");
  CHECK(gate.error.details.front() == std::pair<std::string, std::string>{"missing", "app.deploy"});
  CHECK(gate.decide({"t-owner", "user"}, gate.only_owner).answer == Answer::deny);
  CHECK(gate.error.code == "auth.owner_required");
  CHECK(gate.decide({"stranger", "user"}, gate.deploy).answer == Answer::deny);
  CHECK(gate.error.code == "deployment.not_found");
  CHECK(gate.error.status == 404);
}

TEST_CASE("a suspended tenant stops its own people and its owner's keys at once") {
  Gate gate;
  CHECK(gate.decide({"t-owner", "user"}, gate.deploy, "clinic", "suspended").answer == Answer::deny);
  CHECK(gate.error.code == "tenant.suspended");
}

TEST_CASE("a suspended tenant can pay: its tier changes while nothing else of it does") {
  Gate gate;
  const core::CommandRow tier{.name = "change_tier", .access = {.permission = "subscriptions:update"}};
  const core::CommandRow settings{.name = "update_settings", .access = core::access::securing};
  CHECK(gate.decide({"root", "user"}, tier, "clinic", "suspended", "tenant").answer == Answer::allow);
  CHECK(gate.decide({"root", "user"}, settings, "clinic", "suspended", "tenant").answer == Answer::deny);
  CHECK(gate.error.code == "tenant.suspended");
  CHECK(gate.decide({"root", "user"}, tier, "clinic", "suspended", "deployment").answer == Answer::deny);
}

TEST_CASE("a tenant that waits takes members and nothing else, one put away only what ends things") {
  struct Row {
    const char *kind, *command, *status;
    bool allowed;
  };
  const Row rows[] = {{"deployment", "deploy", "pending", false},     {"deployment", "delete", "pending", false},
                      {"membership", "invite", "pending", true},      {"tenant", "activate", "pending", true},
                      {"tenant", "update_settings", "pending", true}, {"approval", "approve", "pending", true},
                      {"deployment", "deploy", "archived", false},    {"deployment", "stop", "archived", true},
                      {"platform", "delete", "archived", true},       {"membership", "invite", "archived", false},
                      {"membership", "remove", "archived", true},     {"api_key", "revoke", "archived", true},
                      {"tenant", "archive", "archived", true},        {"deployment", "deploy", "active", true}};
  for (const auto& row : rows) {
    INFO(row.kind << "." << row.command << " while " << row.status);
    Gate gate;
    const core::CommandRow command{.name = row.command};
    const auto decision = gate.decide({"root", "user"}, command, "clinic", row.status, row.kind);
    CHECK((decision.answer == Answer::allow) == row.allowed);
    if (row.allowed) continue;
    CHECK(decision.rules == std::vector<std::string>{"builtin.tenant_not_active"});
    CHECK(gate.error.code == "entity.wrong_state");
    CHECK(gate.error.status == 409);
    CHECK((gate.error.remedy == "activate the tenant first") == (row.status == std::string_view("pending")));
    CHECK_FALSE(gate.error.remedy.empty());
    // What the runtime has to tell comes through all the same.
    const core::CommandRow outcome{.name = "settle", .door = core::Door::internal};
    CHECK(gate.decide(core::system_principal(), outcome, "clinic", row.status, row.kind).answer == Answer::allow);
  }
}

TEST_CASE("internal commands are the runtime's alone, whoever asks") {
  Gate gate;
  const core::CommandRow settle{.name = "settle", .door = core::Door::internal, .access = {.anyone = true}};
  for (const char* user : {"root", "t-owner", "admin"})
    CHECK(gate.decide({user, "user"}, settle).answer == Answer::deny);
  CHECK(gate.decide({"operator", "service"}, settle).answer == Answer::deny);
  CHECK(gate.decide(core::system_principal(), settle).answer == Answer::allow);
}

TEST_CASE("the service principal keeps within its tenants") {
  Gate gate;
  gate.rules = authority::make_role_rules(gate.book, {{"clinic"}, {}});
  CHECK(gate.decide({"operator", "service"}, gate.deploy).answer == Answer::allow);
  CHECK(gate.decide({"operator", "service"}, gate.deploy, "bakery").answer == Answer::deny);
}
