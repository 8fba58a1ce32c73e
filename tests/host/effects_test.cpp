#include "actors/host/effects/command_driver.hpp"
#include "actors/host/effects/queues.hpp"
#include "core/describe/codec.hpp"
#include "store/memory/memory_store.hpp"
#include "tests/host/sample.hpp"
#include "tests/testkit/catch.hpp"
#include "tests/testkit/faulty_store.hpp"

#include <caf/send.hpp>

using namespace nova;
using testkit::HostWorld;

namespace {

class FakeWorks final : public host::WorkDriver {
 public:
  explicit FakeWorks(host::Safety safety = host::Safety::idempotent) : safety_(safety) {}
  std::string_view name() const override { return "fake"; }
  host::Safety safety(std::string_view) const override { return safety_; }
  void start(host::Work work, std::function<void(host::WorkEnd)> done) override {
    starts.push_back(work.ask.id);
    if (hold)
      held.push_back(std::move(done));
    else
      done(next(work));
  }
  void look(host::Work work, std::function<void(std::optional<host::WorkEnd>)> found) override {
    looks.push_back(work.ask.id);
    found(seen);
  }

  std::vector<std::string> starts, looks;
  std::optional<host::WorkEnd> seen = host::WorkEnd{};  ///< what a look finds; none: nothing happened
  std::vector<std::function<void(host::WorkEnd)>> held;
  bool hold = false;
  std::function<host::WorkEnd(const host::Work&)> next = [](const host::Work&) { return host::WorkEnd{}; };

 private:
  host::Safety safety_;
};

class FakeKeeps final : public host::KeepDriver {
 public:
  std::string_view name() const override { return "fake"; }
  void adopt(std::vector<host::Kept> all, Sink to) override {
    for (auto& each : all) adopted.push_back(each.ask.key);
    sink = std::move(to);
  }
  void keep(host::Kept wanted) override { kept.push_back(wanted.ask.key); }
  void drop(std::string, std::string key) override { dropped.push_back(key); }
  void shut_down(bool) override {}
  std::vector<Line> snapshot() const override { return {}; }

  std::vector<std::string> adopted, kept, dropped;
  Sink sink;
};

host::WorkEnd failure(bool retry) {
  host::WorkEnd end;
  end.outcome = core::Outcome::failed;
  end.retry = retry;
  end.error = core::refusal("fake.failed", "no luck");
  return end;
}

std::string work_body(const std::string& id, const std::string& driver = "fake") {
  return R"({"id":")" + id + R"(","driver":")" + driver + R"("})";
}

}  // namespace

TEST_CASE("effects: a work runs after its commit, and its outcome comes back and removes it") {
  HostWorld world;
  FakeWorks works;
  world.start_effects({&works}, {});
  REQUIRE(world.send("a", "work", work_body("w1")).ok());
  CHECK(works.starts == std::vector<std::string>{"w1"});
  CHECK(world.document("a").find("w1 done") != std::string::npos);
  CHECK(world.store->works(0, 10)->empty());
}

TEST_CASE("effects: one entity's works run in order, each after the end of the one before") {
  HostWorld world;
  FakeWorks works;
  works.hold = true;
  world.start_effects({&works}, {});
  for (const char* id : {"w1", "w2", "w3"}) REQUIRE(world.send("a", "work", work_body(id)).ok());
  REQUIRE(world.send("b", "work", work_body("other")).ok());
  CHECK(works.starts == std::vector<std::string>{"w1", "other"});
  works.held[0](host::WorkEnd{});
  world.run();
  CHECK(works.starts == std::vector<std::string>{"w1", "other", "w2"});
}

TEST_CASE("effects: a failing work is tried again with growing delays, then its failure is told") {
  HostWorld world;
  FakeWorks works;
  works.next = [](const host::Work&) { return failure(true); };
  world.start_effects({&works}, {});
  REQUIRE(world.send("a", "work", work_body("w1")).ok());
  CHECK(works.starts.size() == 1);
  world.advance(std::chrono::milliseconds(150));
  CHECK(works.starts.size() == 1);
  world.advance(std::chrono::milliseconds(100));
  CHECK(works.starts.size() == 2);
  world.advance(std::chrono::minutes(6));
  CHECK(works.starts.size() == host::attempts_max);
  CHECK(world.document("a").find("w1 failed") != std::string::npos);
}

TEST_CASE("effects: a final failure is told at once") {
  HostWorld world;
  FakeWorks works;
  works.next = [](const host::Work&) { return failure(false); };
  world.start_effects({&works}, {});
  REQUIRE(world.send("a", "work", work_body("w1")).ok());
  CHECK(works.starts.size() == 1);
  CHECK(world.document("a").find("w1 failed") != std::string::npos);
}

TEST_CASE("effects: whatever bytes the world answers with, the work is settled") {
  HostWorld world;
  FakeWorks works;
  works.next = [](const host::Work& work) {
    auto end = work.ask.id == "w1" ? failure(false) : host::WorkEnd{};
    end.error.message = "\x1b[31m\xff" + std::string(100'000, 'x');
    end.result = "not JSON";
    return end;
  };
  world.start_effects({&works}, {});
  REQUIRE(world.send("a", "work", work_body("w1")).ok());
  REQUIRE(world.send("a", "work", work_body("w2")).ok());
  CHECK(world.document("a").find("w1 failed") != std::string::npos);
  CHECK(works.starts == std::vector<std::string>{"w1", "w2"});
}

TEST_CASE("effects: an ask for a driver that is not there fails and says so") {
  HostWorld world;
  world.start_effects({}, {});
  REQUIRE(world.send("a", "work", work_body("w1", "nobody")).ok());
  CHECK(world.document("a").find("w1 failed") != std::string::npos);
}

TEST_CASE("effects: after a crash, what was asked is taken up as the driver's safety allows") {
  using host::Safety;
  struct Row {
    Safety safety;
    std::size_t starts, looks;
    const char* outcome;
  };
  for (const auto& row : {Row{Safety::idempotent, 1, 0, "w1 done"}, Row{Safety::observable, 0, 1, "w1 done"},
                          Row{Safety::uncertain, 0, 0, "w1 unknown"}}) {
    testkit::FakeClock clock;
    auto store = store::make_memory_store(clock);
    {
      HostWorld before(store.get());
      FakeWorks works(row.safety);
      works.hold = true;  // the attempt begins and the node dies before its end
      before.start_effects({&works}, {});
      REQUIRE(before.send("a", "work", work_body("w1")).ok());
      REQUIRE(works.starts.size() == 1);
    }
    HostWorld after(store.get());
    FakeWorks works(row.safety);
    after.start_effects({&works}, {});
    CHECK(works.starts.size() == row.starts);
    CHECK(works.looks.size() == row.looks);
    CHECK(after.document("a").find(row.outcome) != std::string::npos);
    CHECK(store->works(0, 10)->empty());
  }
}

TEST_CASE("effects: keeps reach their driver, are adopted after a restart, and dropped ones are not") {
  testkit::FakeClock clock;
  auto store = store::make_memory_store(clock);
  {
    HostWorld before(store.get());
    FakeKeeps keeps;
    before.start_effects({}, {&keeps});
    for (const char* key : {"k1", "k2"})
      REQUIRE(before.send("a", "keep", R"({"key":")" + std::string(key) + R"("})").ok());
    REQUIRE(before.send("a", "keep", R"({"key":"k1","wanted":false})").ok());
    CHECK(keeps.kept == std::vector<std::string>{"k1", "k2"});
    CHECK(keeps.dropped == std::vector<std::string>{"k1"});
  }
  HostWorld after(store.get());
  FakeKeeps keeps;
  after.start_effects({}, {&keeps});
  CHECK(keeps.adopted == std::vector<std::string>{"k2"});
}

TEST_CASE("effects: reports reach their entity in order, and wait while it cannot take them") {
  HostWorld world;
  FakeKeeps keeps;
  world.start_effects({}, {&keeps});
  world.tenants["t1"] = "active";
  for (const char* phase : {"started", "ready", "exited"}) {
    core::Report report;
    report.driver = "fake";
    report.key = "k";
    report.phase = phase;
    keeps.sink({"t1", "sample", "a"}, report);
  }
  world.run();
  CHECK(world.document("a").find(R"(["report started","report ready","report exited"])") != std::string::npos);
  // Observation moves the version, not what people decided.
  const auto document = world.store->document({"t1", "sample", "a"});
  CHECK((**document).version == 3);
  CHECK((**document).intent_version == 0);
}

TEST_CASE("effects: a timer fires at its time, also after a restart, and once") {
  testkit::FakeClock clock;
  auto store = store::make_memory_store(clock);
  {
    HostWorld before(store.get());
    before.start_effects({}, {});
    const auto at = core::to_rfc3339(before.clock.now() + std::chrono::seconds(30));
    REQUIRE(before.send("a", "alarm", R"({"id":"t","at":")" + at + R"("})").ok());
    before.advance(std::chrono::seconds(29));
    CHECK(before.document("a").find("fired") == std::string::npos);
  }
  HostWorld after(store.get());
  after.clock.advance(std::chrono::seconds(29));
  after.start_effects({}, {});
  CHECK(after.document("a").find("fired") == std::string::npos);
  after.advance(std::chrono::seconds(2));
  CHECK(after.document("a").find("fired t") != std::string::npos);
  CHECK(store->timers(10)->empty());
  after.advance(std::chrono::seconds(60));
  CHECK(after.event_types("a").size() == 2);
}

TEST_CASE("effects: the command driver delivers once, though it may be asked twice") {
  HostWorld world;
  auto driver = host::make_command_driver(*world.host, world.clock);
  host::Work work;
  work.id = "t1/sample/a#w1";
  work.ask.payload = R"({"tenant":"t1","kind":"sample","id":"b","name":"add","body":{"amount":3}})";
  std::vector<core::Outcome> outcomes;
  for (int i = 0; i < 2; ++i) driver->start(work, [&](host::WorkEnd end) { outcomes.push_back(end.outcome); });
  world.run();
  CHECK(outcomes == std::vector<core::Outcome>{core::Outcome::done, core::Outcome::done});
  CHECK(world.event_types("b").size() == 1);

  work.id = "t1/sample/a#w2";
  work.ask.payload = R"({"tenant":"t1","kind":"sample","id":"b","name":"add","body":{"amount":-30}})";
  std::optional<host::WorkEnd> refused;
  driver->start(work, [&](host::WorkEnd end) { refused = end; });
  world.run();
  REQUIRE(refused);
  CHECK(refused->outcome == core::Outcome::failed);
  CHECK(!refused->retry);
  CHECK(refused->error.code == "sample.below_zero");
}

TEST_CASE("effects: a runner that failed is replaced by one that knows what is outstanding") {
  HostWorld world;
  FakeWorks works;
  FakeKeeps keeps;
  works.hold = true;
  world.start_effects({&works}, {&keeps});
  REQUIRE(world.send("a", "work", work_body("w1")).ok());
  REQUIRE(world.send("a", "keep", R"({"key":"k1"})").ok());
  works.hold = false;
  caf::anon_send_exit(world.runner, caf::exit_reason::kill);
  world.run();
  REQUIRE(world.send("b", "work", work_body("w2")).ok());  // asked while there is no runner
  CHECK(works.starts == std::vector<std::string>{"w1"});
  world.effects->spawn();
  world.run();
  // The attempt that the last runner began goes on in its driver; a second one beside it would do things twice.
  CHECK(works.starts == std::vector<std::string>{"w1", "w2"});
  CHECK(keeps.kept == std::vector<std::string>{"k1", "k1"});
  REQUIRE(works.held.size() == 1);
  works.held[0]({});
  world.run();
  CHECK(world.store->works(0, 10)->empty());
}

TEST_CASE("effects: works go round-robin by tenant, each within its bound") {
  host::WorkQueue queue;
  const auto row = [](const std::string& tenant, const std::string& id) {
    store::WorkRow made;
    made.owner = {tenant, "sample", id};
    made.ask.id = "w";
    return made;
  };
  for (int i = 0; i < 10; ++i) queue.add(row("busy", "e" + std::to_string(i)));
  queue.add(row("quiet", "e0"));
  std::vector<std::string> order;
  while (auto next = queue.next({0})) order.push_back(next->owner.tenant);
  CHECK(order == std::vector<std::string>{"busy", "quiet", "busy", "busy", "busy"});
  CHECK(queue.running() == 1 + host::works_per_tenant_max);
  queue.finish(row("busy", "e0"));
  CHECK(queue.next({0}).has_value());
  CHECK(!queue.next({0}).has_value());
}

TEST_CASE("effects: a key whose works follow each other leaves the tenant's other keys their turn") {
  host::WorkQueue queue;
  const auto row = [](int endpoint, int number) {
    store::WorkRow made;
    made.owner = {"t1", "sample", "e" + std::to_string(endpoint) + "-" + std::to_string(number)};
    made.ask.id = "w";
    made.ask.order_key = "endpoint-" + std::to_string(endpoint);
    return made;
  };
  const int keys = int(host::works_per_tenant_max) + 1;
  for (int number = 0; number < 3; ++number)
    for (int endpoint = 0; endpoint < keys; ++endpoint) queue.add(row(endpoint, number));
  for (std::size_t i = 0; i < host::works_per_tenant_max; ++i) REQUIRE(queue.next({0}).has_value());
  queue.finish(row(0, 0));
  const auto next = queue.next({0});
  REQUIRE(next.has_value());
  CHECK(next->ask.order_key == "endpoint-" + std::to_string(keys - 1));
}

TEST_CASE("effects: works that wait for other people's machines take nobody's place") {
  host::WorkQueues queues([](const std::string& driver) { return driver == "http"; });
  const auto row = [](const std::string& driver, int number) {
    store::WorkRow made;
    made.owner = {"t1", "sample", driver + std::to_string(number)};
    made.ask.id = "w";
    made.ask.driver = driver;
    return made;
  };
  for (int i = 0; i < 6; ++i) queues.add(row("http", i));
  std::size_t far = 0;
  while (queues.next({0})) ++far;
  CHECK(far == host::works_per_tenant_max);
  queues.add(row("command", 0));
  const auto near = queues.next({0});
  REQUIRE(near.has_value());
  CHECK(near->ask.driver == "command");
  queues.finish(*near);
  CHECK(queues.running() == far);
  CHECK(queues.waiting() == 6 - far);
}

TEST_CASE("effects: a report that waited for the store outlives the runner that failed meanwhile") {
  testkit::FakeClock clock;
  testkit::FaultyStore store(store::make_memory_store(clock));
  HostWorld world(&store);
  FakeKeeps keeps;
  world.start_effects({}, {&keeps});
  REQUIRE(world.send("a", "keep", R"({"key":"k1"})").ok());
  store.fail_next(1);
  core::Report report;
  report.driver = "fake";
  report.key = "k1";
  report.sequence = 1;
  report.phase = "ready";
  keeps.sink({"t1", "sample", "a"}, report);
  world.run();
  caf::anon_send_exit(world.runner, caf::exit_reason::kill);
  world.run();
  world.effects->spawn();
  world.run();
  CHECK(world.event_types("a") == std::vector<std::string>{"sample.asked", "sample.reported"});
}

TEST_CASE("effects: a clock that was set holds nothing back") {
  host::WorkQueue queue;
  store::WorkRow row;
  row.owner = {"t1", "sample", "a"};
  row.ask.id = "w";
  row.due_at = {3'600'000};  // written while the clock was an hour ahead
  queue.add(row);
  CHECK(queue.next({0}).has_value());
}

TEST_CASE("effects: a work that is heard of late goes before the younger ones of its key") {
  host::WorkQueue queue;
  store::WorkRow row;
  row.owner = {"t1", "sample", "a"};
  for (const std::uint64_t sequence : {7, 3, 5}) {
    row.sequence = sequence;
    row.ask.id = "w" + std::to_string(sequence);
    queue.add(row);
  }
  for (const std::uint64_t sequence : {3, 5, 7}) {
    const auto next = queue.next({0});
    REQUIRE(next.has_value());
    CHECK(next->sequence == sequence);
    queue.finish(*next);
  }
}

TEST_CASE("effects: an outcome that is on its way when the runner fails is not forgotten") {
  testkit::FakeClock clock;
  testkit::FaultyStore store(store::make_memory_store(clock));
  HostWorld world(&store);
  FakeWorks works(host::Safety::observable);
  works.next = [](const host::Work&) { return failure(false); };
  world.start_effects({&works}, {});
  works.hold = true;
  REQUIRE(world.send("a", "work", work_body("w1")).ok());
  store.fail_next(1);  // the outcome is not taken at once
  works.held.at(0)(failure(false));
  world.run();
  caf::anon_send_exit(world.runner, caf::exit_reason::kill);
  world.run();
  world.effects->spawn();
  world.run();
  CHECK(works.starts == std::vector<std::string>{"w1"});
  CHECK(works.looks.empty());
  CHECK(world.document("a").find("w1 failed") != std::string::npos);
}

TEST_CASE("effects: a work to be tried again is not begun by a successor before that is on disk") {
  testkit::FakeClock clock;
  testkit::FaultyStore store(store::make_memory_store(clock));
  HostWorld world(&store);
  FakeWorks works(host::Safety::observable);
  works.hold = true;
  works.seen = std::nullopt;
  world.start_effects({&works}, {});
  REQUIRE(world.send("a", "work", work_body("w1")).ok());
  store.delay_next(1);  // the mark that no attempt is under way any more
  works.held.at(0)(failure(true));
  world.run();
  REQUIRE(store.held() == 1);
  store.delay_next(1);  // and whatever the successor marks
  caf::anon_send_exit(world.runner, caf::exit_reason::kill);
  world.run();
  world.effects->spawn();
  world.run();
  CHECK(works.starts == std::vector<std::string>{"w1"});
  CHECK(works.looks.empty());
  store.release();
  world.run();
  CHECK(works.starts == std::vector<std::string>{"w1"});
  world.advance(std::chrono::seconds(2));
  CHECK(works.starts == std::vector<std::string>{"w1", "w1"});
  CHECK(works.looks.empty());
  // The attempt under way is marked as such: the earlier mark did not come behind it.
  REQUIRE(store.works(0, 10)->size() == 1);
  CHECK(store.works(0, 10)->front().started);
}

TEST_CASE("effects: while the store cannot tell, the end of waiting for late appends begins nothing") {
  testkit::FakeClock clock;
  testkit::FaultyStore store(store::make_memory_store(clock));
  HostWorld world(&store);
  FakeWorks works;
  world.start_effects({&works}, {});
  const auto asked = [&](const std::string& id, std::uint64_t position) {
    core::Asks asks;
    asks.works.push_back({id, "fake", "do", "{}", {}});
    world.effects->asked({"t1", "sample", "a"}, id, id, position, asks);
    world.run();
  };
  store.say_writable(false);
  world.effects->look_again();
  world.advance(std::chrono::seconds(60));  // longer than a lost append may be on its way
  asked("w2", 20);
  CHECK(works.starts.empty());  // an older one of the same key may be missing still
  asked("w1", 10);
  CHECK(works.starts.empty());
  store.say_writable(true);
  world.advance(std::chrono::seconds(1));
  CHECK(works.starts == std::vector<std::string>{"w1", "w2"});
}
