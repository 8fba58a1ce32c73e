#include "core/describe/codec.hpp"
#include "tests/host/sample.hpp"
#include "tests/testkit/catch.hpp"
#include "tests/testkit/random.hpp"

#include <set>

using namespace nova;
using testkit::HostWorld;

namespace {

/// Holds amounts of a hundred and more, denies whom it does not know, and counts how often it was asked.
class Rules final : public gate::Rules {
 public:
  core::DecisionRecord decide(const gate::Request& request) const override {
    using enum core::DecisionRecord::Answer;
    ++asked;
    if (request.read && request.principal.type == "user") *request.read = R"({"context.input.amount":7})";
    if (request.principal.type != "service") return gate::decision_of(deny, "nobody");
    const bool adds = request.command.name == "add";
    const bool large = adds && static_cast<const sample::Add*>(request.input)->amount >= 100;
    return gate::decision_of(large ? hold : allow, large ? "large" : "small");
  }
  gate::HoldTerms terms(const gate::Request& request, const core::DecisionRecord&) const override {
    return {{{"large", "Large.", "كبير.", "g"}}, std::chrono::minutes(30), basis + request.caller.platform_role};
  }
  mutable std::uint64_t asked = 0;
  std::string basis = "one";
};

struct Gated : HostWorld {
  Gated() {
    rules = own;
    hold = [this](gate::Held given, const host::Host::Done& done) {
      held.push_back(std::move(given));
      host::Answer answer;
      answer.held = "{}";
      answer.status = "held";
      done(std::move(answer));
    };
  }
  core::Result<host::Answer> release(core::CommandEnvelope command, gate::Release what) {
    std::optional<core::Result<host::Answer>> answer;
    host->submit_released(std::move(command), std::move(what), [&](auto given) { answer = std::move(given); });
    run();
    REQUIRE(answer);
    return std::move(*answer);
  }
  gate::Release of(const gate::Held& one) const { return {{"t1", "approval", "a"}, one.digest, one.deadline}; }

  std::shared_ptr<Rules> own = std::make_shared<Rules>();
  std::vector<gate::Held> held;
};

}  // namespace

TEST_CASE("host: a held command changes nothing, and its body goes nowhere but to who keeps it") {
  Gated world;
  const auto answer = world.send("a", "add", R"({"amount":100,"secret":"s3cret"})");
  REQUIRE(answer.ok());
  CHECK(answer->status == "held");
  REQUIRE(world.held.size() == 1);
  CHECK(world.held[0].command.body == R"({"amount":100,"secret":"s3cret"})");
  CHECK(world.held[0].deadline == world.clock.now() + std::chrono::minutes(30));
  CHECK(world.store->head() == 0);
  CHECK(!*world.vault->newest("t1/sample/a/secret"));  // nothing is sealed for what may never be done
  CHECK(world.host->stats().in_flight == 0);
}

TEST_CASE("host: what the rules read goes with each denial and each hold, as with what is allowed") {
  Gated world;
  auto foreign = world.command("a", "add", R"({"amount":1})");
  foreign.principal = {"amy", "user"};
  CHECK(!world.send(foreign).ok());
  CHECK(world.denied_on == std::vector<std::string>{R"({"context.input.amount":7})"});
  // Rules that keep no record of their own stand on the caller and the tenant.
  foreign.principal = {"k", "api_key"};
  CHECK(!world.send(foreign).ok());
  REQUIRE(world.denied_on.size() == 2);
  CHECK(world.denied_on[1].find(R"("context.tenant_status":"active")") != std::string::npos);
  CHECK(world.denied_on[1].find(R"("context.caller.root_owner":false)") != std::string::npos);
  // Also where the gate is asked before anything is sealed.
  REQUIRE(world.send("a", "add", R"({"amount":100})").ok());
  REQUIRE(world.send("a", "add", R"({"amount":100,"secret":"s3cret"})").ok());
  REQUIRE(world.held_on.size() == 2);
  for (const auto& read : world.held_on) CHECK(read.find("context.caller.role") != std::string::npos);
  CHECK(world.denied_on.size() == 2);
}

TEST_CASE("host: nobody waits for a yes to what would be refused anyway") {
  Gated world;
  auto late = world.command("a", "add", R"({"amount":100})");
  late.expected_version = 7;
  CHECK(world.send(late).error().code == "entity.version_mismatch");
  CHECK(world.held.empty());
}

TEST_CASE("host: where nobody keeps what is held, it is not done") {
  HostWorld world;
  world.rules = std::make_shared<Rules>();
  CHECK(!world.send("a", "add", R"({"amount":100})").ok());
  CHECK(world.store->head() == 0);
}

TEST_CASE("host: a release does exactly the act that was held, once, with the yes on record") {
  Gated world;
  auto command = world.command("a", "add", R"({"amount":100,"secret":"s3cret"})");
  REQUIRE(world.send(command).ok());
  command.idempotency_key = "release-1";
  const auto release = world.of(world.held[0]);
  const auto done = world.release(command, release);
  REQUIRE(done.ok());
  CHECK(done->decision.rules == std::vector<std::string>{"large", "approval:a"});
  const auto again = world.release(command, release);
  REQUIRE(again.ok());
  CHECK(again->replayed);
  CHECK(world.event_types("a") == std::vector<std::string>{"sample.added"});
}

TEST_CASE("host: a release of anything else is stale") {
  Gated world;
  const auto command = world.command("a", "add", R"({"amount":100})");
  REQUIRE(world.send(command).ok());
  const auto release = world.of(world.held[0]);
  const auto stale = [&](auto change) {
    auto other = command;
    auto given = release;
    change(other, given);
    const auto answer = world.release(other, given);
    return !answer.ok() && answer.error().code == "approval.stale" && answer.error().status == 409;
  };
  CHECK(stale([](auto& c, auto&) { c.body = R"({"amount":101})"; }));
  CHECK(stale([](auto& c, auto&) { c.body = R"({"amount":1})"; }));  // which nobody would hold
  CHECK(stale([](auto& c, auto&) { c.target.id = "b"; }));
  CHECK(stale([](auto& c, auto&) { c.principal.id = "other"; }));
  CHECK(stale([](auto&, auto& r) { r.digest[10] = r.digest[10] == 'a' ? 'b' : 'a'; }));
  CHECK(stale([](auto&, auto& r) { r.deadline = r.deadline + std::chrono::minutes(1); }));
  world.own->basis = "two";
  CHECK(stale([](auto&, auto&) {}));
  world.own->basis = "one";
  REQUIRE(world.send("a", "add", R"({"amount":1})").ok());  // the entity's intent went on
  CHECK(stale([](auto&, auto&) {}));
  world.clock.advance(std::chrono::minutes(31));
  CHECK(stale([](auto&, auto&) {}));
  CHECK(world.event_types("a") == std::vector<std::string>{"sample.added"});
}

TEST_CASE("host: no command reaches an entity without a recorded decision") {
  const auto seed = testkit::seed_of_run();
  CAPTURE(seed);
  testkit::Random random(seed);
  Gated world;
  const auto decided_before = sample::decisions();
  std::uint64_t accepted = 0, denied = 0, held = 0, refused = 0;
  std::vector<std::string> ids;
  for (int i = 0; i < 3000; ++i) {
    auto command = world.command("e" + std::to_string(random.below(20)), "add",
                                 "{\"amount\":" + std::to_string(random.between(-50, 130)) + "}");
    if (random.one_in(5)) command.principal = {"mallory", "user"};
    const auto before = world.held.size();
    const auto answer = world.send(command);
    const bool was_held = world.held.size() > before;
    if (answer.ok() && !was_held) {
      ++accepted;
      ids.push_back(command.id);
    } else if (was_held) {
      ++held;
    } else if (answer.error().code == "gate.denied") {
      ++denied;
    } else {
      ++refused;
    }
  }
  CHECK(accepted > 500);
  CHECK(denied > 100);
  CHECK(held > 100);
  CHECK(refused > 10);
  // `decide` was asked for what the gate did not deny, and for nothing else.
  CHECK(sample::decisions() - decided_before == accepted + held + refused);
  CHECK(world.own->asked == accepted + held + refused + denied);
  // What reached an entity is on record with the decision that let it, and nothing else is.
  std::set<std::string> recorded;
  std::uint64_t after = 0;
  for (;;) {
    const auto slice = world.store->read_all(after, {}, 1000);
    REQUIRE(slice.ok());
    if (slice->events.empty()) break;
    for (const auto& event : slice->events) {
      const auto meta = core::from_json<core::EventMeta>(event.meta, core::Reading::stored);
      REQUIRE(meta.ok());
      REQUIRE(meta->decision.has_value());  // one event a command here: each is its first
      CHECK(meta->decision->answer == core::DecisionRecord::Answer::allow);
      CHECK(recorded.insert(meta->command_id).second);
    }
    after = slice->scanned_to;
  }
  CHECK(recorded == std::set<std::string>(ids.begin(), ids.end()));
  CHECK(recorded.size() == accepted);
}
