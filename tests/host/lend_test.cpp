// Turns on a lent thread: the same as the actor's, in the same order, and only where nothing else is under way.
#include "actors/host/scheduler.hpp"
#include "store/memory/memory_store.hpp"
#include "tests/host/sample.hpp"
#include "tests/testkit/catch.hpp"
#include "tests/testkit/faulty_store.hpp"

#include <condition_variable>
#include <thread>

using namespace nova;
using testkit::HostWorld;

namespace {

using Answers = std::vector<core::Result<host::Answer>>;

void lend(HostWorld& world, Answers& answers, std::string name, std::string body) {
  world.host->submit_here(world.command("a", std::move(name), std::move(body)),
                          [&answers](auto answer) { answers.push_back(std::move(answer)); });
}

}  // namespace

TEST_CASE("lent turn: an awake entity answers within the call, a sleeping one by its actor") {
  HostWorld world;
  Answers answers;
  lend(world, answers, "add", R"({"amount":1})");
  CHECK(answers.empty());
  world.run();
  REQUIRE(answers.size() == 1);
  lend(world, answers, "add", R"({"amount":2})");
  REQUIRE(answers.size() == 2);
  REQUIRE(answers[1].ok());
  CHECK(answers[1]->version == 2);
  CHECK(answers[1]->position == 2);
  CHECK(world.store->head() == 2);
  lend(world, answers, "add", R"({"amount":-9})");
  REQUIRE(answers.size() == 3);
  CHECK(answers[2].error().code == "sample.below_zero");
  CHECK(world.send("a", "add", R"({"amount":1})")->version == 3);
  CHECK(world.host->stats().in_flight == 0);
}

TEST_CASE("lent turn: the gate stands before it, too") {
  HostWorld world;
  REQUIRE(world.send("a", "add", R"({"amount":1})").ok());
  world.rules = nullptr;
  Answers answers;
  lend(world, answers, "add", R"({"amount":2})");
  REQUIRE(answers.size() == 1);
  CHECK(answers[0].error().code == "gate.denied");
  CHECK(world.store->head() == 1);
}

TEST_CASE("lent turn: no command overtakes one that is on its way to the actor") {
  HostWorld world;
  REQUIRE(world.send("a", "add", R"({"amount":1})").ok());
  Answers answers;
  world.host->submit(world.command("a", "add", R"({"amount":2})"), [&](auto answer) { answers.push_back(answer); });
  lend(world, answers, "add", R"({"amount":4})");
  CHECK(answers.empty());
  world.run();
  REQUIRE(answers.size() == 2);
  CHECK(answers[0]->version == 2);
  CHECK(answers[1]->version == 3);
  lend(world, answers, "add", R"({"amount":8})");
  CHECK(answers.size() == 3);
}

TEST_CASE("lent turn: what waits for another entity goes on by the actor") {
  HostWorld world;
  REQUIRE(world.send("a", "add", R"({"amount":1})").ok());
  REQUIRE(world.send("b", "add", R"({"amount":5})").ok());
  Answers answers;
  lend(world, answers, "add_from", R"({"other":"b"})");
  lend(world, answers, "add", R"({"amount":10})");
  world.run();
  REQUIRE(answers.size() == 2);
  CHECK(answers[0]->version == 2);
  CHECK(answers[1]->version == 3);
  CHECK(world.document("a").find("16") != std::string::npos);
}

TEST_CASE(
    "lent turn: what must wait for the store or the vault is left to the actor, and what comes next stays behind it") {
  HostWorld world;
  REQUIRE(world.send("a", "add", R"({"amount":1})").ok());
  REQUIRE(world.send("b", "add", R"({"amount":5})").ok());
  Answers answers;
  SECTION("a secret to be sealed") { lend(world, answers, "add", R"({"amount":2,"secret":"x"})"); }
  SECTION("an idempotency key that the store may know") {
    auto command = world.command("a", "add", R"({"amount":2})");
    command.idempotency_key = "k";
    world.host->submit_here(std::move(command), [&answers](auto answer) { answers.push_back(std::move(answer)); });
  }
  SECTION("a fact") { lend(world, answers, "add_from", R"({"other":"b"})"); }
  CHECK(answers.empty());
  lend(world, answers, "add", R"({"amount":4})");
  CHECK(answers.empty());
  world.run();
  REQUIRE(answers.size() == 2);
  REQUIRE(answers[0].ok());
  CHECK(answers[0]->version == 2);
  REQUIRE(answers[1].ok());
  CHECK(answers[1]->version == 3);
  lend(world, answers, "add", R"({"amount":8})");
  CHECK(answers.size() == 3);
  CHECK(world.host->stats().in_flight == 0);
}

TEST_CASE("lent turn: a commit on its way is waited for by message, and a failed one is decided again") {
  auto faulty = std::make_unique<testkit::FaultyStore>(store::make_memory_store(core::system_clock()));
  HostWorld world(faulty.get());
  REQUIRE(world.send("a", "add", R"({"amount":1})").ok());
  faulty->hold(true);
  Answers answers;
  lend(world, answers, "add", R"({"amount":2})");
  lend(world, answers, "add", R"({"amount":4})");
  CHECK(answers.empty());
  faulty->hold(false);
  CHECK(faulty->release() == 2);
  world.run();
  REQUIRE(answers.size() == 2);
  CHECK(answers[1]->version == 3);
  CHECK(world.host->stats().in_flight == 0);
}

TEST_CASE("lent turn: an exception ends the actor alone, and three in a row park the entity") {
  HostWorld world;
  REQUIRE(world.send("a", "add", R"({"amount":1})").ok());
  Answers answers;
  for (int i = 0; i < 3; ++i) {
    lend(world, answers, "throw", "{}");
    world.run();
    REQUIRE(answers.size() == std::size_t(i) + 1);
    CHECK(answers.back().error().code == "entity.restarted");
  }
  CHECK(world.send("a", "add", R"({"amount":1})").error().code == "entity.parked");
  CHECK(world.send("b", "add", R"({"amount":1})").ok());
  CHECK(world.host->stats().in_flight == 0);
}

TEST_CASE("lent turn: many threads and the actors' own lose nothing, and each thread's commands keep their order") {
  constexpr int threads = 4, commands = 400, entities = 3;
  auto store = store::make_memory_store(core::system_clock());
  auto vault = store::make_memory_vault();
  caf::actor_system_config config;
  host::use_scheduler(config, 2);
  caf::actor_system system{config};
  host::HostParts parts;
  parts.store = store.get();
  parts.vault = vault.get();
  parts.clock = &core::system_clock();
  parts.rules = [rules = gate::make_builtin_rules()] { return rules; };
  parts.tenant_status = [](const std::string&) { return std::string("active"); };
  auto host = host::make_local_host(system, std::move(parts));

  std::mutex mutex;
  std::condition_variable answered;
  int left = threads * commands, failed = 0, out_of_order = 0;
  std::map<std::pair<int, int>, std::uint64_t> last;  // thread, entity -> version
  std::vector<std::thread> callers;
  for (int thread = 0; thread < threads; ++thread)
    callers.emplace_back([&, thread] {
      for (int i = 0; i < commands; ++i) {
        const int entity = i % entities;
        core::CommandEnvelope command;
        command.id = core::new_uuid(core::system_clock().now());
        command.target = {"t1", "sample", "e" + std::to_string(entity)};
        command.name = "add";
        command.body = R"({"amount":1})";
        command.principal = {"operator", "service"};
        auto done = [&, thread, entity](core::Result<host::Answer> answer) {
          std::lock_guard lock(mutex);
          if (!answer) {
            ++failed;
          } else {
            auto& before = last[{thread, entity}];
            out_of_order += answer->version <= before;
            before = answer->version;
          }
          if (--left == 0) answered.notify_all();
        };
        if ((i / entities + thread) % 2 == 0)
          host->submit_here(std::move(command), done);
        else
          host->submit(std::move(command), done);
      }
    });
  for (auto& caller : callers) caller.join();
  {
    std::unique_lock lock(mutex);
    REQUIRE(answered.wait_for(lock, std::chrono::seconds(60), [&] { return left == 0; }));
  }
  CHECK(failed == 0);
  CHECK(out_of_order == 0);
  std::uint64_t versions = 0;
  for (int entity = 0; entity < entities; ++entity)
    versions += store->document({"t1", "sample", "e" + std::to_string(entity)}).value()->version;
  CHECK(versions == threads * commands);
  CHECK(store->head() == threads * commands);
  CHECK(host->stats().in_flight == 0);
  host.reset();
}
