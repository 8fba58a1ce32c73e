// The driver that halts what runs (S09): what it walks over, what it says of those that refuse.
#include "core/json.hpp"
#include "drivers/emergency/driver.hpp"
#include "store/memory/memory_store.hpp"
#include "tests/testkit/catch.hpp"

#include <deque>
#include <functional>
#include <map>

using namespace nova;

namespace {

/// Answers for each deployment what the test says, at once.
class Answering final : public host::Host {
 public:
  void submit(core::CommandEnvelope command, Done done) override {
    sent.push_back(command.target.tenant + "/" + command.target.id + "." + command.name);
    const auto found = refusals.find(command.target.id);
    if (found != refusals.end()) return done(found->second);
    host::Answer answer;
    if (held.contains(command.target.id)) answer.held = "{}";
    done(std::move(answer));
  }
  void snapshot(std::string, std::size_t, std::function<void(std::vector<host::EntityLine>)> done) override {
    done({});
  }
  host::HostStats stats() const override { return {}; }
  void drain(core::Timestamp, std::function<void()> done) override { done(); }

  std::map<std::string, core::Error> refusals;
  std::map<std::string, bool> held;
  std::vector<std::string> sent;
};

struct Halting {
  void deployment(const std::string& id, const std::string& status, const std::string& body = "{}") {
    store::Append change;
    change.key = {"acme", "deployment", id};
    change.at = core::system_clock().now();
    change.events.push_back({core::new_uuid(change.at), "deployment.requested", "{}", "{}"});
    change.document.key = change.key;
    change.document.version = 1;
    change.document.status = status;
    change.document.body = body;
    bool made = false;
    store->append(std::move(change), [&](core::Result<store::Appended> outcome) { made = outcome.ok(); });
    REQUIRE(made);
  }
  host::WorkEnd run(const char* verb) {
    const auto driver = emergency::make_driver({&host, store.get(), &core::system_clock(), [this](auto step) {
                                                  steps.push_back(std::move(step));
                                                  return true;
                                                }});
    host::Work work;
    work.ask.verb = verb;
    work.ask.payload = R"({"halt":"control-1"})";
    std::optional<host::WorkEnd> ended;
    driver->start(std::move(work), [&](host::WorkEnd end) { ended = std::move(end); });
    while (!steps.empty()) {
      const auto next = std::move(steps.front());
      steps.pop_front();
      next();
    }
    REQUIRE(ended);
    return *ended;
  }

  std::unique_ptr<store::EventStore> store = store::make_memory_store(core::system_clock());
  Answering host;
  std::deque<std::function<void()>> steps;
};

using Words = std::vector<std::string>;

}  // namespace

TEST_CASE("halt: who refuses for good is counted and named, and the others are stopped") {
  Halting world;
  for (const char* id : {"a", "b", "c", "d"}) world.deployment(id, "active");
  world.deployment("e", "stopped");
  world.host.refusals["b"] = core::refusal("gate.denied", "no");
  world.host.held["d"] = true;
  const auto end = world.run("halt");
  CHECK(end.outcome == core::Outcome::done);
  CHECK(world.host.sent == Words{"acme/a.stop", "acme/b.stop", "acme/c.stop", "acme/d.stop"});
  CHECK(core::json_int(end.result, "count") == 2);
  CHECK(core::json_int(end.result, "refused") == 2);
  CHECK(core::json_text(end.result, "refusals[0]") == "acme/b: gate.denied");
  CHECK(core::json_text(end.result, "refusals[1]") == "acme/d: gate.held");
}

TEST_CASE("halt: who cannot answer now is asked again, and is no refusal") {
  Halting world;
  world.deployment("a", "active");
  world.deployment("b", "active");
  world.host.refusals["a"] = core::unavailable("store.overloaded", "later");
  const auto end = world.run("halt");
  CHECK(end.outcome == core::Outcome::failed);
  CHECK(end.retry);
  CHECK(world.host.sent.size() == 2);
}

TEST_CASE("halt: restoring tells of those that would not start again") {
  Halting world;
  const auto reason = "{\"reason\":\"" + emergency::reason_of("control-1") + "\"}";
  world.deployment("a", "stopped", reason);
  world.deployment("b", "stopped", reason);
  world.deployment("c", "stopped", R"({"reason":"somebody else"})");
  world.host.refusals["a"] = core::refusal("entity.wrong_state", "no");
  const auto end = world.run("restore");
  CHECK(world.host.sent == Words{"acme/a.start", "acme/b.start"});
  CHECK(core::json_int(end.result, "count") == 1);
  CHECK(core::json_text(end.result, "refusals[0]") == "acme/a: entity.wrong_state");
}

TEST_CASE("halt: of very many that refuse all are counted, and the first named") {
  Halting world;
  for (int i = 0; i < 250; ++i) {
    const auto id = "d" + std::to_string(1000 + i);
    world.deployment(id, "active");
    world.host.refusals[id] = core::refusal("gate.denied", "no");
  }
  const auto end = world.run("halt");
  CHECK(core::json_int(end.result, "refused") == 250);
  CHECK(core::json_text(end.result, "refusals[" + std::to_string(emergency::refusals_max - 1) + "]"));
  CHECK(!core::json_text(end.result, "refusals[" + std::to_string(emergency::refusals_max) + "]"));
}
