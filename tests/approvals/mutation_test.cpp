// Goal: whatever changes between a yes and its act, nothing is done. Method: one act that people agreed to is sent
// 10,000 times with something about it changed, at random from a printed seed; and at the end once as it is, so that
// the trials are known to have failed for what was changed and for nothing else.
#include "tests/approvals/world.hpp"
#include "tests/testkit/random.hpp"

using namespace nova;
using namespace nova::testing;

namespace {

constexpr int trials = 10'000;

struct Trial {
  core::CommandEnvelope command;
  gate::Release release;
};

Trial agreed(World& world, const core::EntityKey& key) {
  const auto state = world.state(key);
  Trial trial;
  trial.command =
      world.command(state.act.target, state.act.command, *world.vault->reveal(state.content.ref), state.act.by);
  trial.command.idempotency_key = "approval/" + key.id;
  trial.command.body_hash = state.act.digest;
  trial.release = {key, state.act.digest, state.expires_at};
  return trial;
}

void change_byte(std::string& text, testkit::Random& random) {
  if (text.empty()) {
    text = "x";
    return;
  }
  const auto at = std::size_t(random.below(text.size()));
  const auto before = text[at];
  do text[at] = char(random.below(256));
  while (text[at] == before);
}

// Changes something of the act itself; what it was.
const char* change_act(Trial& trial, testkit::Random& random) {
  auto& command = trial.command;
  switch (random.below(12)) {
    case 0:
      return change_byte(command.body, random), "a byte of the body";
    case 1:
      return command.body.insert(random.below(command.body.size() + 1), 1, ' '), "a blank in the body";
    case 2:
      return command.body = R"({"reason":"another"})", "the body";
    case 3:
      return change_byte(command.principal.id, random), "who asked";
    case 4:
      return command.principal = {"root", "user"}, "who asked, to the owner";
    case 5:
      return command.name = "archive", "the command";
    case 6:
      return command.target = World::tenant("bakery"), "the target";
    case 7:
      return command.expected_version = std::int64_t(random.below(3)), "the expected version";
    case 8:
      return command.expected_intent_version = std::int64_t(random.below(3)), "the expected intent version";
    case 9:
      return trial.release.deadline.ms += random.between(1, 1'000'000), "the deadline, to later";
    case 10:
      return trial.release.deadline.ms -= random.between(1, 3'600'000), "the deadline, to earlier";
    default:
      return change_byte(trial.release.digest, random), "the digest";
  }
}

}  // namespace

TEST_CASE("approvals: an act, a policy or a target that changed after the yes is never carried out") {
  const auto seed = testkit::seed_of_run();
  CAPTURE(seed);
  testkit::Random random(seed);
  World world;
  world.make_tenant("bakery");
  const auto key = world.held_suspend();
  world.stop();
  world.start(false);  // nobody carries it out but this test
  REQUIRE(world.approve(key, "olga"));
  const auto intact = agreed(world, key);
  const auto rules = world.rules;
  int executions = 0, refused = 0, policies = 0, states = 0;
  // A trial in which chance changed nothing is none.
  for (int i = 0; executions + refused < trials; ++i) {
    auto trial = intact;
    const char* what = nullptr;
    const auto sort = random.below(20);
    if (sort == 0) {  // another policy
      world.govern(constitution_text + "// " + std::to_string(random.next()) + "\n");
      what = "the policy", ++policies;
    } else if (sort == 1) {  // another state of another tenant, whose act was agreed to
      const auto id = "t" + std::to_string(i);
      world.make_tenant(id);
      world.book.put_membership(id, "olga", {"admin", "active"}, 1);
      const auto own = world.held_suspend(id);
      REQUIRE(world.approve(own, "olga"));
      trial = agreed(world, own);
      REQUIRE(world.order(World::tenant(id), "set_data_region", R"({"region":"r)" + std::to_string(i) + "\"}"));
      what = "the target's state", ++states;
    } else {
      what = change_act(trial, random);
      if (trial.command.body == intact.command.body && trial.command.principal == intact.command.principal &&
          trial.command.name == intact.command.name && trial.command.target == intact.command.target &&
          trial.command.expected_version == intact.command.expected_version &&
          trial.command.expected_intent_version == intact.command.expected_intent_version &&
          trial.release.digest == intact.release.digest && trial.release.deadline == intact.release.deadline)
        continue;
    }
    const auto answer = world.send_released(trial.command, trial.release);
    world.rules = rules;
    INFO(what);
    if (answer.ok()) {
      ++executions;
      CHECK(answer.ok() == false);
    } else {
      ++refused;
    }
  }
  CHECK(executions == 0);
  CHECK(refused == trials);
  CHECK(policies > 100);
  CHECK(states > 100);
  CHECK(world.count(World::tenant(), "tenant.suspended") == 0);
  CHECK(world.count(World::tenant("bakery"), "tenant.suspended") == 0);

  // As it was agreed to it is done, and a second time it is only told.
  const auto done = world.send_released(intact.command, intact.release);
  if (!done) FAIL(core::to_line(done.error()));
  CHECK(!done->replayed);
  const auto again = world.send_released(intact.command, intact.release);
  REQUIRE(again);
  CHECK(again->replayed);
  CHECK(world.count(World::tenant(), "tenant.suspended") == 1);
  // A replay under another key finds another state.
  auto replay = intact;
  replay.command.idempotency_key = "other";
  CHECK(!world.send_released(replay.command, replay.release).ok());
  CHECK(world.count(World::tenant(), "tenant.suspended") == 1);
}
