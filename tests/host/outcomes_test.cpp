// Missing outcomes (S05, ARCHITECTURE.md "Governance in seven rules", 5), on virtual time, with the host and the runner
// that nodes have.
#include "governance/audit/outcomes.hpp"

#include "actors/work_outcome/work_outcome.hpp"
#include "core/describe/codec.hpp"
#include "store/memory/memory_store.hpp"
#include "tests/host/sample.hpp"
#include "tests/testkit/catch.hpp"

using namespace nova;
using testkit::HostWorld;
using namespace std::chrono_literals;

namespace {

/// Ends a work when it is told to.
class SlowWorks final : public host::WorkDriver {
 public:
  std::string_view name() const override { return "fake"; }
  host::Safety safety(std::string_view) const override { return host::Safety::idempotent; }
  void start(host::Work work, std::function<void(host::WorkEnd)> done) override { held[work.ask.id] = std::move(done); }
  void end(const std::string& id) { held.at(id)(host::WorkEnd{}); }
  std::map<std::string, std::function<void(host::WorkEnd)>> held;
};

struct Watched : HostWorld {
  explicit Watched(store::EventStore* given = nullptr) : HostWorld(given) {
    start_effects({&works}, {});
    audit::OutcomeParts parts;
    parts.clock = &clock;
    parts.store = store;
    parts.tenant_exists = [this](const std::string& tenant) { return tenants.contains(tenant); };
    parts.submit = [this](core::CommandEnvelope command) {
      ++sent;
      if (!deaf)
        host->submit(std::move(command), [](const core::Result<host::Answer>& answer) {
          if (!answer) FAIL(core::to_line(answer.error()));
        });
    };
    outcomes = std::make_unique<audit::Outcomes>(std::move(parts));
  }
  void ask(const std::string& entity, const std::string& work) {
    REQUIRE(send(entity, "work", R"({"id":")" + work + R"(","driver":"fake"})").ok());
  }
  void look() {
    REQUIRE(outcomes->look().ok());
    run();
  }
  static core::EntityKey record_of(const std::string& entity, const std::string& work, std::string tenant = "t1") {
    return {std::move(tenant), "work_outcome", audit::effect_id({"t1", "sample", entity}, work)};
  }
  std::vector<std::string> story(const core::EntityKey& key) const {
    std::vector<std::string> types;
    const auto events = store->read(key, 0, 100);
    REQUIRE(events.ok());
    for (const auto& event : *events) types.push_back(event.type);
    return types;
  }
  work_outcome::State state(const core::EntityKey& key) const {
    const auto document = store->document(key);
    REQUIRE((document.ok() && *document));
    return *core::from_json<work_outcome::State>((*document)->body, core::Reading::stored);
  }

  SlowWorks works;
  std::unique_ptr<audit::Outcomes> outcomes;
  std::size_t sent = 0;
  bool deaf = false;
};

using Story = std::vector<std::string>;
const Story missing{"effect.outcome_missing"}, came{"effect.outcome_missing", "effect.outcome_came"};

}  // namespace

TEST_CASE("outcomes: an intent stands in the log before its effect begins, and a missing outcome is told once") {
  Watched world;
  world.ask("a", "w1");
  CHECK(world.works.held.contains("w1"));
  const auto key = Watched::record_of("a", "w1");
  world.advance(audit::outcome_due - 1s);
  world.look();
  CHECK(world.story(key).empty());
  CHECK(world.outcomes->missing() == 0);
  world.advance(1s);
  world.look();
  CHECK(world.story(key) == missing);
  const auto said = world.state(key);
  CHECK(said.intent.owner == core::EntityKey{"t1", "sample", "a"});
  CHECK(said.intent.work == "w1");
  CHECK(said.intent.driver == "fake");
  CHECK(said.intent.verb == "do");
  CHECK(said.intent.position == 1);
  CHECK(said.intent.due_at - said.intent.asked_at == audit::outcome_due);
  CHECK_FALSE(said.buried);
  for (int i = 0; i < 5; ++i) {
    world.advance(10min);
    world.look();
  }
  CHECK(world.story(key) == missing);
  CHECK(world.outcomes->missing() == 1);
  CHECK(world.sent == 1);
}

TEST_CASE("outcomes: one that comes after its time is told too, once") {
  Watched world;
  world.ask("a", "w1");
  world.advance(audit::outcome_due);
  world.look();
  world.works.end("w1");
  world.run();
  CHECK(world.document("a").find("w1 done") != std::string::npos);
  for (int i = 0; i < 3; ++i) world.look();
  CHECK(world.story(Watched::record_of("a", "w1")) == came);
  CHECK(world.outcomes->missing() == 0);
}

TEST_CASE("outcomes: what ends in time leaves nothing behind, whatever else is late") {
  Watched world;
  world.ask("a", "late");
  world.ask("b", "done");
  world.works.end("done");
  world.run();
  world.advance(audit::outcome_due - 1min);
  world.ask("c", "young");
  world.advance(1min);
  world.look();
  CHECK(world.story(Watched::record_of("a", "late")) == missing);
  CHECK(world.story(Watched::record_of("b", "done")).empty());
  CHECK(world.story(Watched::record_of("c", "young")).empty());
  world.advance(audit::outcome_due);
  world.look();
  CHECK(world.story(Watched::record_of("c", "young")) == missing);
  CHECK(world.story(Watched::record_of("a", "late")) == missing);
}

TEST_CASE("outcomes: the death of a node loses no report and makes none twice") {
  testkit::FakeClock clock;
  const auto store = store::make_memory_store(clock);
  const auto key = Watched::record_of("a", "w1");
  {
    Watched before(store.get());
    before.ask("a", "w1");
    before.advance(audit::outcome_due);
    before.deaf = true;  // it dies before what it says is written
    before.look();
    CHECK(before.sent == 1);
    CHECK(before.story(key).empty());
  }
  for (int life = 0; life < 3; ++life) {
    Watched after(store.get());
    after.advance(audit::outcome_due);
    after.look();
    after.look();
    CHECK(after.story(key) == missing);
  }
  // Two that look at one store say it once as well.
  Watched one(store.get());
  one.advance(audit::outcome_due);
  one.works.end("w1");
  one.run();
  REQUIRE(one.outcomes->look().ok());
  REQUIRE(one.outcomes->look().ok());
  one.run();
  CHECK(one.story(key) == came);
}

TEST_CASE("outcomes: an outcome that its entity would not take is missing in the log, and says so") {
  Watched world;
  world.ask("a", "w1");
  for (int i = 0; i < 3; ++i) CHECK(!world.send("a", "throw").ok());  // parked
  world.works.end("w1");
  world.run();
  REQUIRE(world.store->dead_letters("pending", "", 10)->size() == 1);
  world.advance(audit::outcome_due);
  world.look();
  CHECK(world.story(Watched::record_of("a", "w1")) == missing);
  CHECK(world.state(Watched::record_of("a", "w1")).buried);
  CHECK(world.state(Watched::record_of("a", "w1")).last_error.find("entity.parked") != std::string::npos);
}

TEST_CASE("outcomes: where the tenant has gone the installation keeps the record") {
  Watched world;
  world.ask("a", "w1");
  world.tenants.clear();
  world.tenants["system"] = "active";
  world.advance(audit::outcome_due);
  world.look();
  CHECK(world.story(Watched::record_of("a", "w1", "system")) == missing);
}

TEST_CASE("outcomes: however many are late, one look writes a bound of them, and the next the rest") {
  Watched world;
  const auto many = audit::outcomes_at_once + 50;
  for (std::size_t i = 0; i < many; ++i) world.ask("e" + std::to_string(i), "w");
  world.advance(audit::outcome_due);
  world.look();
  CHECK(world.sent == audit::outcomes_at_once);
  world.look();
  CHECK(world.sent == many);
  world.look();
  CHECK(world.sent == many);
  CHECK(world.outcomes->missing() == many);
}
