// What supervision lays before people: escalations, with remedies to choose from.
#include "actors/escalation/escalation.hpp"
#include "tests/approvals/world.hpp"

using namespace nova;
using namespace nova::testing;
using namespace std::chrono_literals;

namespace {

const core::Principal runtime = core::system_principal();
const core::EntityKey question{"clinic", "escalation", "front-development.web.7"};
const core::EntityKey first{"clinic", "approval", "escalation.front-development.web.7.1"},
    second{"clinic", "approval", "escalation.front-development.web.7.2"};

/// The runtime could not heal `web`.
void escalate(World& world, const std::string& options = R"(["retry","rollback","stop"])") {
  REQUIRE(world.order(
      question, "open",
      R"({"subject_kind":"deployment","subject_id":"front-development","service":"web","title":"`web` is down",)"
      R"("code":"restart.intensity","message":"too often","options":)" +
          options + "}",
      runtime));
  world.run();
}

core::Result<host::Answer> choose(World& world, const core::EntityKey& approval, const std::string& user,
                                  const std::string& remedy) {
  return world.order(approval, "approve", R"({"reason":"seen","others":1,"remedy":")" + remedy + R"("})",
                     {user, "user"});
}

/// What was sent to the subject, in order.
std::vector<std::string> decisions(World& world) {
  std::vector<std::string> all;
  const auto events = world.store->read(question, 0, 1000);
  REQUIRE(events);
  for (const auto& event : *events)
    if (event.type == "escalation.answered") all.push_back(core::json_text(event.body, "decision").value_or("?"));
  return all;
}

}  // namespace

TEST_CASE("proposals: an escalation arrives as an approval with its remedies, and the chosen one is done once") {
  World world;
  escalate(world);
  CHECK(world.status(first) == "pending");
  const auto state = world.state(first);
  REQUIRE(state.remedies.size() == 3);
  CHECK(state.remedies[1].name == "rollback");
  CHECK(state.groups.at(0).permissions == std::vector<std::string>{"app.deploy"});
  CHECK(core::json_text(state.act.shown.text, "code") == "restart.intensity");
  CHECK(world.order(question, "answer", R"({"decision":"stop"})", {"vera", "user"}).error().code == "access.denied");
  CHECK(choose(world, first, "vera", "retry").error().code == "access.denied");
  CHECK(choose(world, first, "olga", "").error().code == "input.invalid");
  CHECK(choose(world, first, "olga", "reboot").error().code == "input.invalid");
  CHECK(decisions(world).empty());
  REQUIRE(choose(world, first, "olga", "rollback"));
  CHECK(world.status(first) == "executed");
  CHECK(decisions(world) == std::vector<std::string>{"rollback"});
  // In the name of who chose, through the gate like any command of theirs.
  const auto events = world.store->read(question, 0, 1000);
  for (const auto& event : *events)
    if (event.type == "escalation.answered") {
      const auto meta = core::from_json<core::EventMeta>(event.meta, core::Reading::stored);
      REQUIRE(meta);
      CHECK(meta->principal == "olga");
    }
  CHECK(choose(world, first, "adam", "retry").error().code == "approval.already_decided");
  // There is no such deployment here: the choice could not be carried out, and people are asked anew.
  CHECK(world.status(question) == "open");
  CHECK(world.status(second) == "pending");
  REQUIRE(choose(world, second, "adam", "stop"));
  CHECK(decisions(world) == std::vector<std::string>{"rollback", "stop"});
}

TEST_CASE("proposals: nobody deciding in time, or a no, does nothing") {
  World world;
  escalate(world);
  SECTION("expired") {
    world.pass(23h + 59min);
    CHECK(world.status(first) == "pending");
    world.pass(1min);
    CHECK(world.status(first) == "expired");
    CHECK(choose(world, first, "olga", "retry").error().status == 410);
  }
  SECTION("rejected") {
    REQUIRE(world.order(first, "reject", R"({"reason":"let me look"})", {"olga", "user"}));
    CHECK(world.status(first) == "rejected");
  }
  CHECK(decisions(world).empty());
  CHECK(world.status(question) == "open");
  // It can still be answered as any command is.
  REQUIRE(world.order(question, "answer", R"({"decision":"stop"})", {"olga", "user"}));
}

TEST_CASE("proposals: what healed or was answered elsewhere waits no more") {
  World world;
  escalate(world);
  SECTION("healed") { REQUIRE(world.order(question, "withdraw", R"({"reason":"it healed"})", runtime)); }
  SECTION("answered") { REQUIRE(world.order(question, "answer", R"({"decision":"stop"})", {"adam", "user"})); }
  world.run();
  CHECK(world.status(first) == "cancelled");
  CHECK(choose(world, first, "olga", "retry").error().code == "approval.already_decided");
}

TEST_CASE("proposals: a remedy is carried out once also when the node dies in between") {
  World world;
  escalate(world);
  world.stop();
  world.start(false);
  REQUIRE(choose(world, first, "olga", "stop"));
  CHECK(decisions(world).empty());
  SECTION("before it was done") {}
  SECTION("after it was done and before anybody knew") {
    world.release = approvals::make_release_driver(world.parts());
    world.release->start(
        {core::to_string(first) + "#release", first, {"release", "approval", "release", "{}", {}}, 1, {}},
        [](const host::WorkEnd&) {});
    world.run();
    CHECK(decisions(world).size() == 1);
    CHECK(world.status(first) == "approved");
  }
  world.stop();
  world.start();
  CHECK(world.status(first) == "executed");
  CHECK(decisions(world) == std::vector<std::string>{"stop"});
}

TEST_CASE("proposals: what changed since people agreed is stale, and nothing is done") {
  const auto end = [](auto change) {
    World world;
    escalate(world);
    world.stop();
    world.start(false);
    REQUIRE(choose(world, first, "olga", "stop"));
    change(world);
    const auto before = decisions(world).size();
    world.start_effects();
    CHECK(decisions(world).size() == before);
    return world.status(first) + " " + world.state(first).outcome_code;
  };
  const std::string stale = "execution_failed approval.stale";
  CHECK(end([](World& w) { w.clock.pass(25h); }) == stale);
  CHECK(end([](World& w) {
          REQUIRE(w.order(question, "answer", R"({"decision":"retry"})", {"adam", "user"}));
        }) == stale);
  CHECK(end([](World& w) {
          auto other = gates_json;
          other.replace(other.find("app.deploy"), 10, "users.manage");
          w.gates = *gates::Gates::parse(other);
        }) == stale);
  CHECK(end([](World& w) {
          auto banned = World::person("free");
          banned.status = "banned";
          w.book.put_user("olga", banned, 2);
        }) == "execution_failed user.banned");
  CHECK(end([](World& w) {
          w.govern(constitution_text +
                   rule("never", "forbid(principal, action == Action::\"escalation.answer\", resource);"));
        }) == "execution_failed gate.denied");
}
