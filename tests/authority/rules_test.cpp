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
                              const std::string& tenant = "clinic", const std::string& tenant_status = "active") {
    kind.name = "deployment";
    resource = {tenant, "deployment", "web"};
    const gate::Request request{principal, kind, row, resource, tenant_status, {}, noon};
    auto decision = gate::decide(rules, request);
    if (decision.answer != Answer::allow) error = gate::denied(decision, request);
    return decision;
  }

  authority::Book book;
  std::shared_ptr<const gate::Rules> rules = authority::make_role_rules(book);
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
