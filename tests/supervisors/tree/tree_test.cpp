#include "tests/supervisors/tree/tree_fixture.hpp"

#include <algorithm>

namespace nova::supervision {
namespace {

TEST_CASE("tree: children start in order, and a dead one comes back through the mailbox at once") {
  Fixture f;
  f.root = spawn_supervisor(f.system, f.plan({f.child("a"), f.child("b")})).value();
  f.time.run();
  CHECK(f.told() == "start a, start b");
  f.log.clear();
  f.tell("a", Die{"boom"});
  CHECK(f.told() == "end a, start a");
  CHECK(below(f.look(), "a").last_error == "boom");
}

TEST_CASE("tree: the second restart waits for its backoff on the virtual clock") {
  Fixture f;
  f.run(f.plan({f.child("a")}));
  f.tell("a", Die{"boom"});
  f.log.clear();
  f.tell("a", Die{"boom"});
  CHECK(f.told() == "end a");
  CHECK(below(f.look(), "a").state == "waiting");
  f.pass(49ms);
  CHECK(f.told() == "end a");
  f.pass(51ms);
  CHECK(f.told() == "end a, start a");
}

TEST_CASE("tree: the grid holds for real actors too") {
  struct Row {
    Lifetime kind;
    Strategy strategy;
    int how;
    std::string told;
  };
  const auto one = Strategy::one_for_one;
  const auto all = Strategy::one_for_all;
  const auto rest = Strategy::rest_for_one;
  const std::vector<Row> rows = {
      {Lifetime::permanent, one, 0, "end b, start b"},
      {Lifetime::permanent, all, 1, "end b, end c, end a, start a, start b, start c"},
      {Lifetime::permanent, rest, 2, "end b, end c, start b, start c"},
      {Lifetime::permanent, one, 3, "end b, start b"},
      {Lifetime::transient, one, 0, "end b"},
      {Lifetime::transient, all, 1, "end b"},
      {Lifetime::transient, rest, 2, "end b, end c, start b, start c"},
      {Lifetime::transient, all, 3, "end b, end c, end a, start a, start b, start c"},
      {Lifetime::temporary, one, 0, "end b"},
      {Lifetime::temporary, all, 2, "end b"},
      {Lifetime::temporary, rest, 3, "end b"},
  };
  for (const auto& row : rows) {
    INFO(name_of(row.kind) << " under " << name_of(row.strategy) << ", end " << row.how);
    Fixture f;
    f.run(f.plan({f.child("a"), f.child("b", row.kind), f.child("c")}, row.strategy));
    if (row.how == 2)
      f.tell("b", Die{"boom"});
    else if (row.how == 3)
      caf::anon_send_exit(f.now_alive.at("b"), caf::exit_reason::kill);
    else
      f.tell("b", Finish{row.how});
    f.time.run();
    CHECK(f.told() == row.told);
  }
}

TEST_CASE("tree: a stop goes in reverse and kills the deaf at their deadline") {
  Fixture f;
  f.run(f.plan({f.child("a"), f.child("b", Lifetime::permanent, Fixture::Manner::deaf), f.child("c")}));
  std::optional<bool> stopped;
  stop_tree(f.system, f.root, 1min, [&](core::Status status) { stopped = status.ok(); });
  f.time.run();
  CHECK(f.told() == "end c");
  f.pass(shutdown_default - 1ms);
  CHECK(f.told() == "end c");
  CHECK_FALSE(stopped);
  f.pass(1ms);
  CHECK(f.told() == "end c, end b, end a");
  CHECK(stopped == true);
  CHECK(f.notices == std::vector<std::string>{"end root: stopped"});
}

TEST_CASE("tree: a stop that takes longer than the caller waits is told so") {
  Fixture f;
  f.run(f.plan({f.child("a", Lifetime::permanent, Fixture::Manner::deaf)}));
  std::string code;
  stop_tree(f.system, f.root, 100ms, [&](core::Status status) { code = status ? "ok" : status.error().code; });
  f.time.run();
  f.pass(100ms);
  CHECK(code == "supervision.timeout");
}

TEST_CASE("tree: a stop is heard while a restart waits") {
  Fixture f;
  f.run(f.plan({f.child("a"), f.child("b")}));
  f.tell("a", Die{"boom"});
  f.tell("a", Die{"boom"});
  f.log.clear();
  caf::anon_send_exit(f.root, caf::exit_reason::user_shutdown);
  f.time.run();
  CHECK(f.told() == "end b");
  f.pass(1h);
  CHECK(f.told() == "end b");
}

TEST_CASE("tree: a factory that throws on restart goes round again until it works") {
  Fixture f;
  f.run(f.plan({f.child("a")}));
  f.failures_to_come["a"] = 2;
  f.tell("a", Die{"boom"});
  CHECK(below(f.look(), "a").last_error.find("no port for a") != std::string::npos);
  f.pass(100ms);
  f.pass(200ms);
  CHECK(f.starts["a"] == 2);
  CHECK(below(f.look(), "a").state == "running");
  CHECK(below(f.look(), "a").restarts == 3);
}

TEST_CASE("tree: a first start that fails is told to who waits, and undone") {
  Fixture f;
  f.failures_to_come["b"] = 1;
  f.root = spawn_supervisor(f.system, f.plan({f.child("a"), f.child("b")})).value();
  std::string told;
  await_up(f.system, f.root, 1s, [&](core::Status status) { told = status ? "up" : status.error().message; });
  f.time.run();
  CHECK(f.told() == "start a, end a");
  CHECK_FALSE(told.empty());
  CHECK(told != "up");
}

TEST_CASE("tree: who waits hears when all children are up, supervisors below included") {
  Fixture f;
  auto inner = f.plan({f.child("x"), f.child("y")});
  inner.name = "inner";
  f.root = spawn_supervisor(f.system, f.plan({f.child("a"), supervisor_child(inner), f.child("b")})).value();
  bool up = false;
  await_up(f.system, f.root, 1s, [&](core::Status status) { up = status.ok(); });
  f.time.run();
  CHECK(up);
  CHECK(f.told() == "start a, start x, start y, start b");
}

TEST_CASE("tree: too many restarts end a supervisor, and its parent starts it afresh") {
  Fixture f;
  auto inner = f.plan({f.child("x"), f.child("y")});
  inner.name = "inner";
  inner.restart.intensity = 1;
  f.run(f.plan({supervisor_child(inner), f.child("b")}));
  f.tell("x", Die{"boom"});
  f.log.clear();
  f.tell("x", Die{"broken disk"});
  CHECK(f.told() == "end x, end y, start x, start y");
  const auto tree = f.look();
  CHECK(below(tree, "inner").restarts == 1);
  CHECK(below(tree, "inner").last_error == "more than 1 restarts within 1m, the last of child `x`: broken disk");
  CHECK(below(tree, "b").restarts == 0);
}

TEST_CASE("tree: a supervisor that is killed leaves no child behind") {
  Fixture f;
  auto inner = f.plan({f.child("x")});
  inner.name = "inner";
  f.run(f.plan({f.child("a"), supervisor_child(inner)}));
  caf::anon_send_exit(f.root, caf::exit_reason::kill);
  f.time.run();
  std::sort(f.log.begin(), f.log.end());
  CHECK(f.told() == "end a, end x");
}

TEST_CASE("tree: a child that never says it is up is killed when its time is over") {
  Fixture f;
  auto late = f.child("late");
  late.says_when_up = true;
  late.start = [&f](caf::event_based_actor* parent) -> core::Result<caf::actor> {
    ++f.starts["late"];
    return parent->spawn([](caf::event_based_actor* self) -> caf::behavior {
      return {[self](AwaitUp) -> caf::result<void> { return self->make_response_promise(); }};
    });
  };
  f.root = spawn_supervisor(f.system, f.plan({late})).value();
  f.time.run();
  f.pass(30s);
  CHECK(f.starts["late"] == 1);
  CHECK(f.notices == std::vector<std::string>{"end root: child `late` did not start: did not come up within 30s"});
}

TEST_CASE("tree: a snapshot names state, restarts, errors and mailboxes of the whole tree") {
  Fixture f;
  auto inner = f.plan({f.child("x", Lifetime::transient)}, Strategy::rest_for_one);
  inner.name = "inner";
  f.run(f.plan({f.child("a"), supervisor_child(inner)}));
  f.tell("x", Finish{0});
  f.pass(250ms);
  const auto tree = f.look();
  CHECK(tree.name == "root");
  CHECK(tree.strategy == "one_for_one");
  CHECK(tree.children_count == 2);
  CHECK(below(tree, "a").mailbox == 0u);
  CHECK(below(tree, "a").age == 250ms);
  const auto& seen = below(tree, "inner");
  CHECK(seen.kind == NodeKind::supervisor);
  CHECK(seen.strategy == "rest_for_one");
  CHECK(below(seen, "x").state == "done");
  CHECK(below(seen, "x").lifetime == "transient");
}

TEST_CASE("tree: a child that does not answer is shown so and holds up nobody") {
  Fixture f;
  auto stuck = f.child("stuck");
  stuck.start = [](caf::event_based_actor* parent) -> core::Result<caf::actor> {
    return parent->spawn([](caf::event_based_actor* self) -> caf::behavior {
      return {[self](AskNote) -> caf::result<Note> { return self->make_response_promise(); }};
    });
  };
  auto inner = f.plan({stuck, f.child("x")});
  inner.name = "inner";
  f.run(f.plan({f.child("a"), supervisor_child(inner)}));
  const auto tree = f.look(1s);
  CHECK(below(tree, "inner").answers);
  CHECK_FALSE(below(below(tree, "inner"), "stuck").answers);
  CHECK(below(below(tree, "inner"), "stuck").state == "running");
  CHECK(below(below(tree, "inner"), "x").answers);
}

TEST_CASE("tree: a child that knows nothing of supervision still proves that it lives") {
  Fixture f;
  auto plain = f.child("plain");
  plain.gives_notes = false;
  f.run(f.plan({plain}));
  const auto tree = f.look();
  CHECK(below(tree, "plain").answers);
  CHECK_FALSE(below(tree, "plain").mailbox);
}

TEST_CASE("tree: nobody asks, nothing ticks") {
  Fixture f;
  f.run(f.plan({f.child("a"), f.child("b")}));
  CHECK_FALSE(f.time.has_pending_timeout());
  CHECK_FALSE(f.time.has_job());
}

TEST_CASE("tree: quarantine leaves the siblings alone, tells the watcher, and is lifted on request") {
  Fixture f;
  auto made = f.plan({f.child("a"), f.child("b")});
  made.on_excess = Excess::quarantine;
  made.restart.intensity = 1;
  f.run(made);
  f.tell("a", Die{"boom"});
  f.tell("a", Die{"bad config"});
  CHECK(f.notices == std::vector<std::string>{"quarantine a: bad config"});
  CHECK(below(f.look(), "a").state == "quarantined");
  CHECK(f.starts["b"] == 1);
  caf::anon_send(f.root, RestartChild{"a"});
  f.time.run();
  CHECK(below(f.look(), "a").state == "running");
}

TEST_CASE("tree: a plan that makes no sense is refused before anything is spawned") {
  Fixture f;
  CHECK(spawn_supervisor(f.system, f.plan({f.child("a"), f.child("a")})).error().code == "supervision.invalid_spec");
  CHECK(f.system.registry().running() == 0);
}

}  // namespace
}  // namespace nova::supervision
