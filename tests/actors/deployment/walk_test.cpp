// Random stories: people ask for anything at any time while the world answers late, twice, in any order or not at all.
// What must hold at each step stands in world.cpp; here is where every story must end. NOVA_SEED repeats one.
#include "tests/actors/deployment/world.hpp"

#include <algorithm>
#include <set>

using namespace nova;
using namespace nova::deployment;
using namespace nova::deployment::story;

namespace {

void walk(RandomWorld::Manner manner, int stories, int steps) {
  const auto seed = testkit::seed_of_run();
  std::set<Status> ends;
  for (int story = 0; story < stories; ++story) {
    INFO("NOVA_SEED=" << seed << ", story " << story);
    testkit::Random random(seed + std::uint64_t(story) * 7919);
    RandomWorld world(random, manner);
    world.command(deploy());
    for (int step = 0; step < steps; ++step) world.step();
    world.come_to_rest();
    const auto& s = world.state();
    INFO(core::to_json(s));
    ends.insert(s.status);
    const std::set<Status> allowed = {Status::running, Status::failed, Status::stopped, Status::deleted};
    REQUIRE(allowed.contains(s.status));
    REQUIRE(s.candidate == 0);
    REQUIRE(s.works.empty());
    REQUIRE(s.timers.empty());
    for (const auto& [id, known] : s.instances) REQUIRE((known.wanted && known.revision == s.current && s.serving));
    if (s.status != Status::running) REQUIRE((s.instances.empty() && s.routes.empty()));
    if (s.status == Status::deleted) REQUIRE(s.current == 0);
    REQUIRE((s.draining.empty() && s.restarting.empty() && s.restart_queue.empty()));
    for (const auto& [id, known] : s.instances) {
      const auto route = s.routes.find(known.service);
      if (known.phase != Phase::ready || route == s.routes.end()) continue;
      const auto& behind = route->second.backends;
      REQUIRE(std::any_of(behind.begin(), behind.end(), [&, &name = id](const auto& b) { return b.id == name; }));
    }
  }
  CHECK(ends.size() >= 3);  // Else the stories would be too tame to say anything.
}

}  // namespace

TEST_CASE("deployment: whatever happens in a world that answers, every story ends well and nothing is forgotten") {
  walk({.friendly = true, .failures_in = 12}, 50, 200);
}

TEST_CASE("deployment: in a world that loses every fourth word, timers bring every story to its end") {
  walk({.friendly = false, .failures_in = 6}, 50, 200);
}
