#include "tests/approvals/world.hpp"

using namespace nova;
using namespace nova::testing;
using namespace std::chrono_literals;
using core::json_text;

TEST_CASE("approvals: a held act is told only when its approval is stored, and says what it waits for") {
  World world;
  const auto answer = world.order(World::tenant(), "suspend", R"({"reason":"does not pay"})");
  REQUIRE(answer);
  CHECK(answer->status == "held");
  CHECK(answer->decision.answer == core::DecisionRecord::Answer::hold);
  CHECK(answer->key.kind == "approval");
  CHECK(world.status(answer->key) == "pending");
  const auto& held = answer->held;
  CHECK(json_text(held, "rules[0].en") == "no-lone-suspending.");
  CHECK(json_text(held, "rules[0].ar") == "ع");
  CHECK(json_text(held, "who_may_decide[0].roles[0]") == "tenant:admin");
  CHECK(json_text(held, "expires_at") == core::to_rfc3339(world.clock.now() + 30min));
  CHECK(json_text(held, "digest")->starts_with("sha256:"));
  CHECK(world.state(answer->key).act.shown.text == R"({"reason":"does not pay"})");
  CHECK(world.status(World::tenant()) == "active");
}

TEST_CASE("approvals: the attributes that the rules read stand with what is held, as with what is allowed") {
  World world;
  const auto key = world.held_suspend();
  CHECK(world.state(key).act.read.text.find(R"("resource.state.name":"T")") != std::string::npos);
  CHECK(world.state(key).act.read.text.find(R"("context.caller.role":"")") != std::string::npos);
  const auto requested = world.store->read(key, 0, 1);
  REQUIRE(requested);
  CHECK(requested->front().body.find(R"("resource.state.name":"T")") != std::string::npos);
}

TEST_CASE("approvals: a dry run says that it would be held, and holds nothing") {
  World world;
  auto command = world.command(World::tenant(), "suspend", R"({"reason":"x"})");
  command.dry_run = true;
  const auto head = world.store->head();
  const auto answer = world.send(command);
  REQUIRE(answer);
  CHECK(answer->status == "held");
  CHECK(answer->held.empty());
  CHECK(world.store->head() == head);
}

TEST_CASE("approvals: what cannot be done anyway is refused, not held") {
  World world;
  CHECK(world.order(World::tenant("nobody"), "suspend", R"({"reason":"x"})").error().code == "tenant.not_found");
  CHECK(world.order(World::tenant(), "suspend", "{}").error().code == "input.invalid");
}

TEST_CASE("approvals: an approved act is done once, in the name of who asked, with the approval on record") {
  World world;
  const auto key = world.held_suspend();
  CHECK(world.approve(key, "vera").error().code == "access.denied");
  REQUIRE(world.approve(key, "olga"));
  CHECK(world.status(key) == "executed");
  CHECK(world.status(World::tenant()) == "suspended");
  CHECK(world.count(World::tenant(), "tenant.suspended") == 1);
  const auto events = world.store->read(World::tenant(), 1, 10);
  const auto meta = core::from_json<core::EventMeta>(events->back().meta, core::Reading::stored);
  REQUIRE(meta);
  CHECK(meta->principal == "operator");
  CHECK(meta->decision->rules == std::vector<std::string>{"no-lone-suspending", "approval:" + key.id});
  // Deciding goes on while the tenant is suspended, and says the same.
  CHECK(world.approve(key, "adam").error().code == "approval.already_decided");
  // The sealed body is gone with the act.
  CHECK(world.vault->reveal(world.state(key).content.ref).error().code == "secret.destroyed");
}

TEST_CASE("approvals: two groups that are needed are both needed") {
  World world;
  const auto key = world.held(world.command(World::tenant(), "archive", R"({"reason":"closed"})"));
  REQUIRE(world.approve(key, "olga"));
  CHECK(world.status(key) == "pending");
  CHECK(world.approve(key, "adam").error().code == "access.denied");
  CHECK(world.approve(key, "olga").error().code == "approval.already_voted");
  CHECK(world.status(World::tenant()) == "active");
  REQUIRE(world.approve(key, "fiona"));
  CHECK(world.status(key) == "executed");
  CHECK(world.status(World::tenant()) == "archived");
}

TEST_CASE("approvals: it waits over the death of the node, and is decided after it") {
  World world;
  const auto key = world.held_suspend();
  world.stop();
  world.start();
  CHECK(world.status(key) == "pending");
  REQUIRE(world.approve(key, "olga"));
  CHECK(world.count(World::tenant(), "tenant.suspended") == 1);
}

TEST_CASE("approvals: an approved act is done once also when the node dies in between") {
  World world;
  const auto key = world.held_suspend();
  // Approved, and the node dies before anybody began.
  world.stop();
  world.start(false);
  REQUIRE(world.approve(key, "olga"));
  CHECK(world.status(key) == "approved");
  CHECK(world.status(World::tenant()) == "active");
  SECTION("before it was done") {
    world.stop();
    world.start();
  }
  SECTION("after it was done and before anybody knew") {
    const auto state = world.state(key);
    // The driver alone, whose word on the outcome is lost.
    world.release = approvals::make_release_driver(world.parts());
    world.release->start({core::to_string(key) + "#release", key, {"release", "approval", "release", "{}", {}}, 1, {}},
                         [](const host::WorkEnd&) {});
    world.run();
    CHECK(world.status(World::tenant()) == "suspended");
    CHECK(world.status(key) == "approved");
    world.stop();
    world.start();
  }
  CHECK(world.status(key) == "executed");
  CHECK(world.status(World::tenant()) == "suspended");
  CHECK(world.count(World::tenant(), "tenant.suspended") == 1);
}

TEST_CASE("approvals: after its life nobody can decide, and nothing is done") {
  World world;
  const auto key = world.held_suspend();
  world.pass(29min);
  CHECK(world.status(key) == "pending");
  world.pass(1min);
  CHECK(world.status(key) == "expired");
  const auto late = world.approve(key, "olga");
  CHECK(late.error().code == "entity.gone");
  CHECK(late.error().status == 410);
  CHECK(world.status(World::tenant()) == "active");
}

TEST_CASE("approvals: reminders come, and others are called at the level's time") {
  World world;
  const auto key = world.held_suspend();
  CHECK(world.approve(key, "fiona").error().code == "access.denied");
  world.pass(10min);
  CHECK(world.count(key, "approval.reminded") == 1);
  world.pass(5min);
  CHECK(world.count(key, "approval.escalated") == 1);
  CHECK(world.status(key) == "pending");
  REQUIRE(world.approve(key, "fiona"));
  CHECK(world.status(World::tenant()) == "suspended");
}

TEST_CASE("approvals: what is rejected or taken back is never done") {
  World world;
  const auto one = world.held_suspend(), other = world.held_suspend();
  CHECK(world.order(one, "reject", "{}", {"olga", "user"}).error().code == "input.invalid");
  REQUIRE(world.order(one, "reject", R"({"reason":"no"})", {"olga", "user"}));
  CHECK(world.status(one) == "rejected");
  CHECK(world.order(other, "cancel", "{}", {"olga", "user"}).error().code == "access.denied");
  REQUIRE(world.order(other, "cancel", "{}"));
  CHECK(world.status(other) == "cancelled");
  CHECK(world.status(World::tenant()) == "active");
}

TEST_CASE("approvals: a repeat with the same key finds the same approval, and after the act its outcome") {
  World world;
  auto command = world.command(World::tenant(), "suspend", R"({"reason":"does not pay"})");
  command.idempotency_key = "k-1";
  command.body_hash = "h-1";
  const auto again = [&] {
    command.id = core::new_uuid(world.clock.now());
    return world.send(command);
  };
  const auto first = again(), second = again();
  REQUIRE(first);
  REQUIRE(second);
  CHECK(first->key == second->key);
  CHECK(!first->replayed);
  CHECK(second->replayed);
  CHECK(second->status == "held");
  CHECK(world.count(first->key, "approval.requested") == 1);
  command.body_hash = "h-2";
  CHECK(again().error().code == "idempotency.mismatch");
  command.body_hash = "h-1";
  REQUIRE(world.approve(first->key, "olga"));
  const auto done = again();
  REQUIRE(done);
  CHECK(done->held.empty());
  CHECK(done->replayed);
  CHECK(done->events == std::vector<std::string>{"tenant.suspended"});
  CHECK(world.count(World::tenant(), "tenant.suspended") == 1);
}

TEST_CASE("approvals: an act that changed meanwhile is stale, and nothing is done") {
  const auto end = [](auto change) {
    World world;
    const auto key = world.held_suspend();
    world.stop();
    world.start(false);
    REQUIRE(world.approve(key, "olga"));
    change(world);
    world.start_effects();
    CHECK(world.status(World::tenant()) != "suspended");
    return world.status(key) + " " + world.state(key).outcome_code;
  };
  const std::string stale = "execution_failed approval.stale";
  CHECK(end([](World& w) { w.govern(constitution_text + "// amended\n"); }) == stale);
  CHECK(end([](World& w) { w.govern(rule("all", "permit(principal, action, resource);")); }) == stale);
  CHECK(end([](World& w) { REQUIRE(w.order(World::tenant(), "set_compliance", R"({"regimes":["gdpr"]})")); }) == stale);
  CHECK(end([](World& w) { w.clock.pass(31min); }) == stale);
  CHECK(end([](World& w) {
          w.govern(constitution_text +
                   rule("never", "forbid(principal, action == Action::\"tenant.suspend\", resource);"));
        }) == "execution_failed gate.denied");
}

TEST_CASE("approvals: who may not act any more has nothing done in their name") {
  World world;
  const auto key = world.held(
      world.command({"clinic", "secret", "db"}, "create", R"({"value":"s3cr3t-value","name":"db"})", {"adam", "user"}));
  world.stop();
  world.start(false);
  REQUIRE(world.approve(key, "olga"));
  auto banned = World::person("free");
  banned.status = "banned";
  world.book.put_user("adam", banned, 2);
  world.start_effects();
  CHECK(world.status(key) == "execution_failed");
  CHECK(world.state(key).outcome_code == "user.banned");
  CHECK(world.status({"clinic", "secret", "db"}) == "absent");
}

TEST_CASE("approvals: who holds the key of a machine or an AI is who asked, and does not agree to it") {
  for (const char* type : {"api_key", "ai"}) {
    INFO(type);
    World world;
    authority::KeyLine line;
    line.tenant = "clinic";
    line.id = "k1";
    line.user = "adam";
    line.status = "active";
    world.book.put_key(line, 1);
    gate::Held held;
    held.command = world.command(World::tenant(), "suspend", R"({"reason":"x"})", {"clinic/k1", type});
    held.terms.rules.push_back({"no-lone-suspending", "No.", "لا.", "one"});
    held.at = world.clock.now();
    held.deadline = held.at + std::chrono::minutes(30);
    held.digest = "sha256:" + std::string(64, 'a');
    std::optional<core::Result<host::Answer>> answer;
    world.approvals->hold(std::move(held), "{}", [&](core::Result<host::Answer> one) { answer = std::move(one); });
    world.run();
    REQUIRE(answer);
    if (!*answer) FAIL(core::to_line(answer->error()));
    const auto key = (*answer)->key;
    CHECK(world.state(key).act.person == "adam");
    CHECK(world.approve(key, "adam").error().code == "approval.self");
  }
}

TEST_CASE("approvals: a held secret stands in no event and no document, and works when it is released") {
  World world;
  const std::string canary = "s3cr3t-canary-value";
  const auto key = world.held(world.command({"clinic", "secret", "db"}, "create",
                                            R"({"value":")" + canary + R"(","name":"db"})", {"adam", "user"}));
  CHECK(world.approve(key, "adam").error().code == "approval.self");
  CHECK(world.state(key).act.shown.text.find("(withheld)") != std::string::npos);
  REQUIRE(world.approve(key, "olga"));
  CHECK(world.status(key) == "executed");
  CHECK(world.status({"clinic", "secret", "db"}) == "active");
  const auto log = world.store->read_all(0, {}, 1000);
  REQUIRE(log);
  for (const auto& event : log->events) {
    CHECK(event.body.find(canary) == std::string::npos);
    CHECK(event.meta.find(canary) == std::string::npos);
  }
  for (const auto& one : {key, core::EntityKey{"clinic", "secret", "db"}})
    CHECK((*world.store->document(one))->body.find(canary) == std::string::npos);
}

TEST_CASE("approvals: with one owner and nobody else every held act of the owner can be released, by nobody else") {
  World world;
  for (const char* user : {"fiona", "olga", "adam", "vera"}) {
    auto gone = World::person("free");
    gone.status = "deactivated";
    world.book.put_user(user, gone, 2);
  }
  for (const char* act : {"suspend", "archive"}) {  // the first waits for one group, the second for two
    INFO(act);
    const auto key = world.held(world.command(World::tenant(), act, R"({"reason":"mine"})", {"root", "user"}));
    const auto others = [&] { return int(world.approvals->others_who_may(world.state(key), "clinic", "root")); };
    CHECK(others() == 0);
    CHECK(world.approve(key, "root", "none", others()).error().code == "auth.mfa_required");
    CHECK(world.approve(key, "root", "totp", others()).error().code == "approval.too_early");
    CHECK(world.order(key, "approve", R"({"factor":"totp"})").error().code == "access.denied");
    world.pass(61s);
    REQUIRE(world.approve(key, "root", "totp", others()));
    CHECK(world.status(key) == "executed");
    CHECK(world.state(key).owner_confirmed);
  }
  CHECK(world.status(World::tenant()) == "archived");
}

TEST_CASE("approvals: where somebody else could decide the owner's lone word is none") {
  World world;
  const auto key = world.held(world.command(World::tenant(), "suspend", R"({"reason":"mine"})", {"root", "user"}));
  world.pass(61s);
  CHECK(world.approvals->others_who_may(world.state(key), "clinic", "root", 10) == 2);
  CHECK(world.approve(key, "root", "totp", 2).error().code == "approval.self");
  REQUIRE(world.approve(key, "olga"));
  CHECK(!world.state(key).owner_confirmed);
}
