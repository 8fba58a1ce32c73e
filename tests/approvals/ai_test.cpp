// Requests to AI that need a person: held as approvals, and resumed once.
#include "governance/approvals/proposals.hpp"
#include "tests/approvals/world.hpp"

using namespace nova;
using namespace nova::testing;
using namespace std::chrono_literals;

namespace {

const core::EntityKey execution{"clinic", "ai_execution", "e1"};
const core::EntityKey asked{"clinic", "approval", "ai_execution.e1.1"};

/// Olga asks for a payment, which is weighty. The rules are off, so that no layer is needed here.
void request(World& world, const std::string& more = R"("task_type":"payment")") {
  const auto answer =
      world.order(execution, "request",
                  R"({"action":"execute",)" + more +
                      R"(,"requester":{"user":"olga","subscriber":false},"switches":{"no_ai_without_layer":false,)"
                      R"("no_ai_without_limits":false,"no_undefined_power":false,"no_external_without_approval":false,)"
                      R"("no_subscriber_access_without_decision":false}})",
                  {"olga", "user"});
  if (!answer) FAIL(core::to_line(answer.error()));
  world.run();
}

}  // namespace

TEST_CASE("requests to AI: what AI may not do without a person is held as an approval, and resumes once") {
  World world;
  request(world);
  CHECK(world.status(execution) == "held");
  CHECK(world.status(asked) == "pending");
  CHECK(world.state(asked).rules.at(0).id == "task.payment");
  CHECK(world.state(asked).act.person == "olga");
  CHECK(world.state(asked).act.budget == "1000 tokens of ai_layer/");
  // What was agreed to is bound to the last token.
  auto other = world.state(asked);
  const auto digest = [&] {
    return approvals::digest_of(other.act, other.remedies, world.gates->bytes_of("ai-execution"), other.expires_at);
  };
  CHECK(digest() == other.act.digest);
  other.act.budget = "1001 tokens of ai_layer/";
  CHECK(digest() != other.act.digest);
  CHECK(world.approve(asked, "olga").error().code == "approval.self");
  CHECK(world.approve(asked, "adam").error().code == "access.denied");
  REQUIRE(world.approve(asked, "fiona"));
  CHECK(world.status(asked) == "executed");
  CHECK(world.status(execution) == "running");
  CHECK(world.count(execution, "ai_execution.released") == 1);
  CHECK(world.approve(asked, "fiona").error().code == "approval.already_decided");
}

TEST_CASE("requests to AI: a request to AI resumes once also when the node dies in between") {
  World world;
  request(world);
  world.stop();
  world.start(false);
  REQUIRE(world.approve(asked, "fiona"));
  CHECK(world.status(execution) == "held");
  world.stop();
  world.start();
  CHECK(world.status(asked) == "executed");
  CHECK(world.status(execution) == "running");
  CHECK(world.count(execution, "ai_execution.released") == 1);
  CHECK(world.count(execution, "ai_execution.started") == 1);
}

TEST_CASE("requests to AI: a no, nobody's yes, and who asked taking it back each end a request to AI") {
  World world;
  request(world);
  SECTION("rejected") {
    REQUIRE(world.order(asked, "reject", R"({"reason":"not now"})", {"fiona", "user"}));
    CHECK(world.status(execution) == "refused");
    CHECK(core::json_text((*world.store->document(execution))->body, "code") == "approval.rejected");
  }
  SECTION("nobody decided") {
    world.pass(30min);
    CHECK(world.status(execution) == "expired");
    CHECK(world.approve(asked, "fiona").error().status == 410);
  }
  SECTION("taken back") {
    REQUIRE(world.order(asked, "cancel", "{}", {"olga", "user"}));
    CHECK(world.status(execution) == "refused");
  }
  SECTION("killed") {
    REQUIRE(world.order(execution, "kill", R"({"reason":"global"})", core::system_principal()));
    world.run();
    CHECK(world.status(asked) == "cancelled");
    CHECK(world.approve(asked, "fiona").error().code == "approval.already_decided");
  }
  CHECK(world.count(execution, "ai_execution.released") == 0);
}

TEST_CASE("requests to AI: where no gate says who decides, a request to AI is refused and not left waiting") {
  World world;
  auto none = gates_json;
  none.replace(none.find("ai-execution"), 12, "something-el");
  world.gates = *gates::Gates::parse(none);
  request(world);
  CHECK(world.status(asked) == "absent");
  CHECK(world.status(execution) == "refused");
  CHECK(core::json_text((*world.store->document(execution))->body, "code") == "ai.check_failed");
}

TEST_CASE("requests to AI: both forbidden and weighty is refused, and nobody is asked") {
  World world;
  const auto answer =
      world.order(execution, "request", R"({"action":"execute","task_type":"payment","requester":{"user":"olga"}})",
                  {"olga", "user"});
  CHECK(answer.error().code == "ai.no_layer");
  world.run();
  CHECK(world.status(asked) == "absent");
}
