// Effects under a fence (S03), with the production runner: what is covered does not begin and ends killed, what runs is
// stopped, what is not known waits, and what is local goes on.
#include "actors/host/effects/queues.hpp"
#include "store/memory/memory_store.hpp"
#include "tests/host/sample.hpp"
#include "tests/testkit/catch.hpp"

#include <caf/send.hpp>

using namespace nova;
using namespace std::chrono_literals;
using host::Fence;
using host::Safety;
using testkit::HostWorld;

namespace {

struct HandFence final : Fence {
  Verdict judge(const host::Reach& reach) const override {
    ++asked;
    if (reach.is_local() || answer == Answer::go) return {};
    return {answer,
            core::refusal(answer == Answer::stop ? "killswitch.active" : "killswitch.unknown", "says the test")};
  }
  Answer answer = Answer::go;
  mutable int asked = 0;
};

/// Holds what it is given until it is told what became of it.
struct Sender final : host::WorkDriver {
  explicit Sender(Safety how = Safety::idempotent, bool late = false) : safety_(how), late_(late) {}
  std::string_view name() const override { return "fake"; }
  Safety safety(std::string_view) const override { return safety_; }
  bool asks_permit() const override { return late_; }
  host::Reach reach(const host::Work& work) const override {
    return local ? host::local_reach() : host::WorkDriver::reach(work);
  }
  void start(host::Work work, std::function<void(host::WorkEnd)> done) override {
    started.push_back(work.ask.id);
    held.push_back({std::move(work), std::move(done)});
  }
  void stop(const std::string& id) override { stopped.push_back(id); }
  void look(host::Work work, std::function<void(std::optional<host::WorkEnd>)> found) override {
    looks.push_back(work.ask.id);
    found(host::WorkEnd{});
  }
  void end(std::size_t number, core::Outcome outcome = core::Outcome::done) {
    host::WorkEnd made;
    made.outcome = outcome;
    made.retry = outcome != core::Outcome::done;
    held.at(number).second(std::move(made));
  }
  const Safety safety_;
  const bool late_;
  bool local = false;
  std::vector<std::string> started, stopped, looks;
  std::vector<std::pair<host::Work, std::function<void(host::WorkEnd)>>> held;
};

struct World : HostWorld {
  explicit World(Sender& sender, store::EventStore* given = nullptr) : HostWorld(given) {
    fence = &switches;
    start_effects({&sender}, {});
  }
  void ask(const std::string& id, const std::string& entity = "a") {
    REQUIRE(send(entity, "work", R"({"id":")" + id + R"(","driver":"fake"})").ok());
  }
  bool shows(const std::string& what, const std::string& entity = "a") const {
    return document(entity).find(what) != std::string::npos;
  }
  HandFence switches;
};

}  // namespace

TEST_CASE("fence: a covered effect does not begin, ends killed, and one after the release begins") {
  Sender sender;
  World world(sender);
  world.switches.answer = Fence::Answer::stop;
  world.ask("w1");
  CHECK(sender.started.empty());
  CHECK(world.shows("w1 killed"));
  CHECK(world.store->works(0, 10)->empty());
  CHECK(world.effects->stats().works_killed == 1);
  world.switches.answer = Fence::Answer::go;
  world.advance(1min);
  CHECK(sender.started.empty());  // killed is an end
  world.ask("w2");
  CHECK(sender.started == std::vector<std::string>{"w2"});
}

TEST_CASE("fence: local work goes on whatever is switched") {
  Sender sender;
  sender.local = true;
  World world(sender);
  for (const auto answer : {Fence::Answer::stop, Fence::Answer::unknown}) {
    world.switches.answer = answer;
    world.ask("w" + std::to_string(int(answer)), "e" + std::to_string(int(answer)));
  }
  CHECK(sender.started.size() == 2);
  world.advance(5s);
  CHECK(sender.stopped.empty());
}

TEST_CASE("fence: what is not known waits without an end, and begins when it is known") {
  Sender sender;
  World world(sender);
  world.switches.answer = Fence::Answer::unknown;
  // Many, each with a key of its own: they are held back in one go, and not one inside the other.
  for (int i = 0; i < 300; ++i) world.ask("w", "e" + std::to_string(i));
  world.advance(30s);
  CHECK(sender.started.empty());
  CHECK(world.store->works(0, 1000)->size() == 300);
  CHECK(world.effects->stats().works_held_back > 300);
  CHECK(world.effects->stats().works_killed == 0);
  world.switches.answer = Fence::Answer::go;
  world.advance(1s);
  CHECK(sender.started.size() == host::works_per_tenant_max);
}

TEST_CASE("fence: what runs is told to stop within 100 ms, ends killed, and is listed as in doubt") {
  Sender sender;
  World world(sender);
  world.ask("w1");
  REQUIRE(sender.started.size() == 1);
  world.switches.answer = Fence::Answer::stop;
  world.advance(100ms);
  REQUIRE(sender.stopped == std::vector<std::string>{"t1/sample/a#w1"});
  sender.end(0, core::Outcome::failed);
  world.run();
  CHECK(world.shows("w1 killed"));
  const auto doubts = world.effects->in_doubt();
  REQUIRE(doubts.size() == 1);
  CHECK(doubts[0].work == "t1/sample/a#w1");
  CHECK(doubts[0].driver == "fake");
  CHECK(doubts[0].reach.tenant == "t1");
}

TEST_CASE("fence: a driver that does not stop is not waited for, and what it says later is heard by nobody") {
  Sender sender;
  World world(sender);
  world.ask("w1");
  world.switches.answer = Fence::Answer::stop;
  world.advance(1s);
  CHECK(world.shows("w1 killed"));
  sender.end(0);
  world.run();
  CHECK(world.shows("w1 killed"));
  CHECK_FALSE(world.shows("w1 done"));
  CHECK(world.store->works(0, 10)->empty());
}

TEST_CASE("fence: what was done before it could be stopped is done") {
  Sender sender;
  World world(sender);
  world.ask("w1");
  world.switches.answer = Fence::Answer::stop;
  world.advance(100ms);
  sender.end(0);
  world.run();
  CHECK(world.shows("w1 done"));
}

TEST_CASE("fence: a driver that asks itself is refused just before the first byte") {
  Sender sender(Safety::idempotent, true);
  World world(sender);
  world.ask("w1");
  REQUIRE(sender.held.size() == 1);
  const auto permit = sender.held[0].first.permit;
  CHECK_FALSE(permit->is_begun());
  world.switches.answer = Fence::Answer::stop;
  CHECK_FALSE(permit->begin());
  sender.end(0, core::Outcome::failed);
  world.run();
  CHECK(world.shows("w1 killed"));
  CHECK(world.effects->in_doubt().empty());
}

TEST_CASE("fence: switches that stay unknown break off what runs after a second, and it is tried again as it may be") {
  struct Row {
    Safety safety;
    std::size_t starts, looks;
    const char* outcome;
  };
  for (const auto& row : {Row{Safety::idempotent, 2, 0, "w1 done"}, Row{Safety::observable, 1, 1, "w1 done"},
                          Row{Safety::uncertain, 1, 0, "w1 unknown"}}) {
    Sender sender(row.safety);
    World world(sender);
    world.ask("w1");
    REQUIRE(sender.started.size() == 1);
    world.switches.answer = Fence::Answer::unknown;
    world.advance(800ms);
    CHECK(sender.stopped.empty());
    world.switches.answer = Fence::Answer::go;  // a hiccup does nothing
    world.advance(500ms);
    world.switches.answer = Fence::Answer::unknown;
    world.advance(1100ms);
    REQUIRE(sender.stopped.size() == 1);
    sender.end(0, core::Outcome::failed);
    world.run();
    CHECK_FALSE(world.shows("w1 killed"));
    world.switches.answer = Fence::Answer::go;
    world.advance(1s);
    CHECK(sender.started.size() == row.starts);
    CHECK(sender.looks.size() == row.looks);
    if (sender.held.size() > 1) sender.end(1);
    world.run();
    CHECK(world.shows(row.outcome));
  }
}

TEST_CASE("fence: a runner that replaces another watches what that one began") {
  Sender sender;
  World world(sender);
  world.ask("w1");
  caf::anon_send_exit(world.runner, caf::exit_reason::unhandled_exception);
  world.run();
  world.runner = world.effects->spawn();
  world.run();
  world.switches.answer = Fence::Answer::stop;
  world.advance(1s);
  CHECK(sender.stopped.size() == 1);
  CHECK(world.shows("w1 killed"));
}

TEST_CASE("fence: what would be stopped can be asked for") {
  Sender sender;
  World world(sender);
  for (int i = 0; i < 6; ++i) world.ask("w", "e" + std::to_string(i));
  std::map<std::string, host::Outstanding> found;
  world.effects->outstanding([](const host::Reach& reach) { return reach.tenant == "t1"; },
                             [&](const auto& lines) { found = lines; });
  world.run();
  CHECK(found.at("fake").running == host::works_per_tenant_max);
  CHECK(found.at("fake").waiting == 2);
  world.effects->outstanding([](const host::Reach& reach) { return reach.tenant == "t2"; },
                             [&](const auto& lines) { found = lines; });
  world.run();
  CHECK(found.empty());
}
