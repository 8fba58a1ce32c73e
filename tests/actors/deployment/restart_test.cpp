// A restart takes each instance out of its route, lets it finish, restarts it and puts it back; and whatever comes in
// between, none is left outside.
#include "core/json.hpp"
#include "tests/actors/deployment/story.hpp"

#include <algorithm>

using namespace nova;
using namespace nova::deployment;
using namespace nova::deployment::story;

namespace {

/// `web` has that many instances, all behind the route.
Spec webs(std::uint32_t count) {
  auto spec = running();
  World world(spec);
  if (count == 1) return spec;
  spec.as("operator").when(Scale{"web", count});
  for (std::uint32_t i = 1; i < count; ++i) world.ready("web.r1." + std::to_string(i));
  world.edge("web", "applied").edge("web", "drained");
  REQUIRE(spec.state().routes.at("web").backends.size() == count);
  REQUIRE(spec.state().timers.empty());
  return spec;
}

/// The first of two is on its way out of the route.
Spec draining() {
  auto spec = webs(2);
  spec.as("operator").when(Restart{"web"});
  return spec;
}

/// The first of two is out of the route and begins its new life.
Spec restarting() {
  auto spec = draining();
  World(spec).edge("web", "applied").edge("web", "drained");
  REQUIRE(spec.state().restarting == instance("web.r1.0"));
  return spec;
}

/// Where the route of a service leads as it was last asked: "0,1".
std::string behind(const Spec& spec, const std::string& service = "web") {
  std::string all;
  for (const auto& backend : spec.state().routes.at(service).backends)
    all += (all.empty() ? "" : ",") + backend.id.substr(backend.id.rfind('.') + 1);
  return all;
}

/// The last decision asks for a life of that process.
bool starts(const Spec& spec, const std::string& name) {
  const auto& keeps = spec.asks().keeps;
  return std::any_of(keeps.begin(), keeps.end(),
                     [&](const auto& keep) { return keep.driver == "process" && keep.key == instance(name); });
}

bool asks_processes(const Spec& spec) {
  const auto& keeps = spec.asks().keeps;
  return std::any_of(keeps.begin(), keeps.end(), [](const auto& keep) { return keep.driver == "process"; });
}

std::uint64_t attempt(const Spec& spec, const std::string& name) {
  return spec.state().instances.at(instance(name)).attempt;
}

/// Nothing of a restart is left, and nobody waits for anything.
void check_at_rest(const Spec& spec) {
  const auto& s = spec.state();
  CHECK(s.draining.empty());
  CHECK(s.restarting.empty());
  CHECK(s.restart_queue.empty());
  CHECK(s.timers.empty());
}

}  // namespace

TEST_CASE("deployment: a restarted instance leaves its route first, and is back in it before the next one leaves") {
  auto spec = webs(3);
  World world(spec);
  spec.as("operator").when(Restart{"web"}).then_types<Restarted, InstanceDraining, RouteChanged>();
  CHECK(behind(spec) == "1,2");
  CHECK_FALSE(asks_processes(spec));
  spec.then_keep("edge", "clinic-development.web", [](const core::KeepAsk& ask) {
    CHECK(core::json_text(*ask.payload, "backends[0].id") == instance("web.r1.1"));
    CHECK(core::json_text(*ask.payload, "backends[1].id") == instance("web.r1.2"));
    CHECK(core::json_part(*ask.payload, "hold") == "false");
  });
  CHECK(spec.state().health == Health::healthy);
  world.edge("web", "applied");
  spec.then_types<RouteChanged>();
  CHECK_FALSE(asks_processes(spec));  // Requests may still be under way there.
  world.edge("web", "drained");
  spec.then_types<RouteChanged, InstanceRestarted, HealthChanged>();
  CHECK(starts(spec, "web.r1.0"));
  CHECK(behind(spec) == "1,2");
  world.say("web.r1.0", Phase::starting);
  CHECK(behind(spec) == "1,2");
  world.ready("web.r1.0");
  spec.then_types<InstanceChanged, RouteChanged, HealthChanged>();
  CHECK(behind(spec) == "0,1,2");
  CHECK(spec.state().draining.empty());
  world.edge("web", "applied");
  spec.then_types<RouteChanged, InstanceDraining, RouteChanged>();
  CHECK(behind(spec) == "0,2");
  for (const char* name : {"web.r1.1", "web.r1.2"}) {
    world.edge("web", "applied").edge("web", "drained");
    CHECK(starts(spec, name));
    world.ready(name).edge("web", "applied");
  }
  world.edge("web", "drained");
  CHECK(behind(spec) == "0,1,2");
  CHECK(spec.state().health == Health::healthy);
  check_at_rest(spec);
}

TEST_CASE("deployment: requests to a service's only instance wait at the edge while it restarts") {
  auto spec = webs(1);
  World world(spec);
  const auto holds = [](const core::KeepAsk& ask) {
    CHECK(core::json_part(*ask.payload, "backends") == "[]");
    CHECK(core::json_part(*ask.payload, "hold") == "true");
  };
  spec.as("operator").when(Restart{"web"}).then_keep("edge", "clinic-development.web", holds);
  world.edge("web", "applied").edge("web", "drained");
  CHECK(starts(spec, "web.r1.0"));
  world.ready("web.r1.0");
  spec.then_keep("edge", "clinic-development.web",
                 [](const core::KeepAsk& ask) { CHECK(core::json_part(*ask.payload, "hold") == "false"); });
  CHECK(behind(spec) == "0");
  world.edge("web", "applied").edge("web", "drained");
  check_at_rest(spec);
}

TEST_CASE("deployment: what is scaled to nothing holds nobody, and the first of its instances is waited for") {
  auto spec = webs(1);
  World world(spec);
  spec.as("operator").when(Scale{"web", 0});
  CHECK_FALSE(spec.state().routes.at("web").hold);
  world.edge("web", "applied").edge("web", "drained").say("web.r1.0", Phase::stopped, "stop.dropped");
  spec.as("operator").when(Scale{"web", 1});
  CHECK(spec.state().routes.at("web").hold);
  world.say("web.r1.0", Phase::quarantined, "restart.intensity");
  CHECK_FALSE(spec.state().routes.at("web").hold);
}

TEST_CASE("deployment: a service without a port restarts at once") {
  auto services = clinic();
  services["worker"] = api();
  services["worker"].port = 0;
  services["worker"].health = {};
  auto spec = fresh();
  spec.when(deploy(services));
  roll_out(spec);
  World(spec).ready("worker.r1.0").edge("web", "applied");
  REQUIRE(spec.state().status == Status::running);
  spec.as("operator").when(Restart{"worker"}).then_types<Restarted, InstanceRestarted, HealthChanged>();
  CHECK(starts(spec, "worker.r1.0"));
  World(spec).ready("worker.r1.0");
  check_at_rest(spec);
}

TEST_CASE("deployment: services restart in turn, each one's route whole again before the next one's is touched") {
  auto spec = webs(1);
  World world(spec);
  spec.as("operator").when(Restart{});
  CHECK(spec.state().draining == instance("api.r1.0"));
  world.edge("api", "applied").edge("api", "drained").ready("api.r1.0");
  CHECK(behind(spec, "web") == "0");
  world.edge("api", "applied");
  CHECK(spec.state().draining == instance("web.r1.0"));
  CHECK(behind(spec, "api") == "0");
  CHECK(behind(spec, "web").empty());
}

TEST_CASE("deployment: an edge that never says that it drained holds up no restart for long") {
  auto spec = draining();
  World world(spec);
  world.edge("web", "applied");
  REQUIRE_FALSE(starts(spec, "web.r1.0"));
  world.fire(Wait::drain);
  CHECK(starts(spec, "web.r1.0"));
}

TEST_CASE(
    "deployment: an edge that does not follow is waited for, then the restart is given up and nobody is outside") {
  auto spec = draining();
  World world(spec);
  world.edge("web", "failed");
  CHECK(spec.state().draining == instance("web.r1.0"));
  SECTION("it comes through after all") {
    world.edge("web", "applied").edge("web", "drained");
    CHECK(starts(spec, "web.r1.0"));
  }
  SECTION("it does not") {
    const auto before = attempt(spec, "web.r1.0");
    world.fire(Wait::route);
    spec.then_types<RouteChanged, RestartStalled, RouteChanged, HealthChanged>();
    CHECK(std::get<RestartStalled>(spec.events()[1]).code == "deployment.route_overdue");
    CHECK(behind(spec) == "0,1");
    CHECK(attempt(spec, "web.r1.0") == before);
    world.edge("web", "applied").edge("web", "drained");
    check_at_rest(spec);
    CHECK(spec.state().health == Health::healthy);
  }
}

TEST_CASE("deployment: a route that does not get its instance back in time does not keep the others from their turn") {
  auto spec = restarting();
  World world(spec);
  world.ready("web.r1.0");
  CHECK(spec.state().draining.empty());
  world.fire(Wait::route);
  CHECK(spec.state().draining == instance("web.r1.1"));
}

TEST_CASE("deployment: an instance that dies while it drains has nothing to finish, and what is dead does not drain") {
  const auto phase = GENERATE(Phase::backoff, Phase::quarantined, Phase::failed);
  SECTION("while it drains") {
    auto spec = draining();
    World world(spec);
    if (GENERATE(true, false)) world.edge("web", "applied");
    world.say("web.r1.0", phase, "exit.signal");
    CHECK(starts(spec, "web.r1.0"));
    CHECK(spec.state().escalations.empty());
    world.edge("web", "applied").edge("web", "drained").ready("web.r1.0");
    CHECK(behind(spec) == "0,1");
  }
  SECTION("before") {
    auto spec = webs(2);
    World(spec).say("web.r1.0", phase, "exit.signal");
    spec.as("operator").when(Restart{"web"});
    CHECK(starts(spec, "web.r1.0"));
    CHECK(behind(spec) == "1");
    World(spec).edge("web", "applied").edge("web", "drained").ready("web.r1.0");
    CHECK(behind(spec) == "0,1");
  }
}

TEST_CASE("deployment: a restart stops at an instance that falls, which is led to again when it is well") {
  auto spec = restarting();
  World world(spec);
  world.say("web.r1.0", Phase::quarantined, "restart.intensity");
  spec.then_types<InstanceChanged, RestartStalled, ServiceQuarantined, Escalated>();
  CHECK(std::get<RestartStalled>(spec.events()[1]).code == "restart.intensity");
  CHECK(behind(spec) == "1");
  CHECK(spec.state().draining.empty());
  CHECK(spec.state().restart_queue.empty());
  SECTION("by itself") { world.ready("web.r1.0"); }
  SECTION("by an answer") {
    spec.as_system().when(Resolve{spec.state().escalations.at("web"), Answer::retry, "because", "amy"});
    CHECK(starts(spec, "web.r1.0"));
    world.ready("web.r1.0");
  }
  SECTION("by another restart") {
    spec.as("operator").when(Restart{"web"});
    CHECK(starts(spec, "web.r1.0"));
    world.ready("web.r1.0");
    CHECK(behind(spec) == "0,1");
    world.edge("web", "applied");
    CHECK(spec.state().draining == instance("web.r1.1"));
    world.edge("web", "applied").edge("web", "drained").ready("web.r1.1");
  }
  world.edge("web", "applied").edge("web", "drained");
  CHECK(behind(spec) == "0,1");
  check_at_rest(spec);
}

TEST_CASE("deployment: a restart stops where an instance does not come back, and it is led to when it does") {
  auto spec = restarting();
  World world(spec);
  world.fire(Wait::restart);
  spec.then_types<RestartStalled>();
  CHECK(spec.state().restart_queue.empty());
  CHECK(spec.state().instances.at(instance("web.r1.1")).phase == Phase::ready);
  CHECK(behind(spec) == "1");
  world.ready("web.r1.0").edge("web", "applied").edge("web", "drained");
  CHECK(behind(spec) == "0,1");
  check_at_rest(spec);
}

TEST_CASE("deployment: another restart repeats what has begun and nothing else") {
  auto spec = draining();
  World world(spec);
  spec.as("operator").when(Restart{"web"}).then_nothing();
  world.edge("web", "applied").edge("web", "drained");
  REQUIRE(spec.state().restarting == instance("web.r1.0"));
  spec.as("operator").when(Restart{"web"}).then_types<Restarted>();
  CHECK(spec.state().restart_queue == std::vector{instance("web.r1.1"), instance("web.r1.0")});
}

TEST_CASE("deployment: a new revision ends a restart, and puts back who was outside") {
  SECTION("not yet restarted: at once") {
    auto spec = draining();
    spec.as("operator").when(deploy(clinic(2))).then_types<Requested, Started, RouteChanged>();
    CHECK(behind(spec) == "0,1");
    CHECK(spec.state().draining.empty());
    World(spec).fetch(core::Outcome::failed, "source.not_found").edge("web", "applied").edge("web", "drained");
    CHECK(behind(spec) == "0,1");
    check_at_rest(spec);
  }
  SECTION("restarted: when it is ready") {
    auto spec = restarting();
    World world(spec);
    spec.as("operator").when(deploy(clinic(2)));
    CHECK(behind(spec) == "1");
    spec.as("operator").when(Cancel{"not now"});
    world.ready("web.r1.0");
    CHECK(behind(spec) == "0,1");
    CHECK(attempt(spec, "web.r1.1") < attempt(spec, "web.r1.0"));
  }
  SECTION("a rollback likewise") {
    auto spec = running();
    spec.as("operator").when(deploy(clinic(2)));
    roll_out(spec);
    spec.as("operator").when(Restart{"web"});
    REQUIRE(spec.state().draining == instance("web.r2.0"));
    spec.as("operator").when(Rollback{});
    CHECK(behind(spec) == "0");
    CHECK(spec.state().draining.empty());
    roll_out(spec);
    CHECK(spec.state().current == 3);
    check_at_rest(spec);
  }
}

TEST_CASE("deployment: an instance that is scaled away while it drains ends instead of restarting") {
  auto spec = webs(2);
  World world(spec);
  spec.as("operator").when(Restart{"web"});
  world.edge("web", "applied").edge("web", "drained").ready("web.r1.0").edge("web", "applied");
  REQUIRE(spec.state().draining == instance("web.r1.1"));
  const auto before = attempt(spec, "web.r1.1");
  spec.as("operator").when(Scale{"web", 1});
  SECTION("for good") {
    world.edge("web", "applied").edge("web", "drained");
    spec.then_types<RouteChanged, InstancesDropped>();
    world.say("web.r1.1", Phase::stopped, "stop.dropped");
    CHECK(behind(spec) == "0");
  }
  SECTION("and wanted again: then it restarts after all") {
    spec.as("operator").when(Scale{"web", 2});
    world.edge("web", "applied").edge("web", "drained");
    CHECK(attempt(spec, "web.r1.1") > before);
    world.ready("web.r1.1").edge("web", "applied").edge("web", "drained");
    CHECK(behind(spec) == "0,1");
  }
  check_at_rest(spec);
}

TEST_CASE("deployment: who is scaled away while it waits for its turn has none") {
  auto spec = webs(3);
  World world(spec);
  spec.as("operator").when(Restart{"web"});
  const auto before = attempt(spec, "web.r1.1");
  spec.as("operator").when(Scale{"web", 1});
  CHECK(behind(spec).empty());
  CHECK(spec.state().routes.at("web").hold);
  world.edge("web", "applied").edge("web", "drained");
  CHECK(starts(spec, "web.r1.0"));
  CHECK(spec.state().instances.at(instance("web.r1.1")).attempt == before);
  world.say("web.r1.1", Phase::stopped, "stop.dropped").say("web.r1.2", Phase::stopped, "stop.dropped");
  world.ready("web.r1.0").edge("web", "applied").edge("web", "drained");
  CHECK(behind(spec) == "0");
  check_at_rest(spec);
}

TEST_CASE("deployment: an instance that is added during a restart is led to, and not restarted") {
  auto spec = draining();
  World world(spec);
  spec.as("operator").when(Scale{"web", 3});
  world.ready("web.r1.2");
  CHECK(behind(spec) == "1,2");
  world.edge("web", "applied").edge("web", "drained");
  CHECK(starts(spec, "web.r1.0"));
  world.ready("web.r1.0").edge("web", "applied");
  world.edge("web", "applied").edge("web", "drained").ready("web.r1.1").edge("web", "applied").edge("web", "drained");
  CHECK(behind(spec) == "0,1,2");
  check_at_rest(spec);
}

TEST_CASE("deployment: stop and delete end a restart wherever it is") {
  const bool drains = GENERATE(true, false), deletes = GENERATE(true, false);
  auto spec = drains ? draining() : restarting();
  World world(spec);
  if (deletes)
    spec.as("operator").when(Delete{});
  else
    spec.as("operator").when(Stop{"night"});
  CHECK(spec.state().draining.empty());
  CHECK(spec.state().restarting.empty());
  CHECK(spec.state().restart_queue.empty());
  world.edge("web", "stopped").edge("api", "stopped");
  for (const char* name : {"web.r1.0", "web.r1.1", "api.r1.0"}) world.say(name, Phase::stopped, "stop.dropped");
  CHECK(spec.state().status == (deletes ? Status::deleted : Status::stopped));
  CHECK(spec.state().timers.empty());
}

TEST_CASE("deployment: an answer to another instance's fall does not wait for the one that drains") {
  auto spec = webs(3);
  World world(spec);
  world.say("web.r1.2", Phase::quarantined, "restart.intensity");
  spec.as("operator").when(Restart{"web"});
  REQUIRE(spec.state().draining == instance("web.r1.0"));
  spec.as_system().when(Resolve{spec.state().escalations.at("web"), Answer::retry, "because", "amy"});
  CHECK(starts(spec, "web.r1.2"));
  CHECK(spec.state().draining == instance("web.r1.0"));
  CHECK(spec.state().restart_queue == std::vector{instance("web.r1.0"), instance("web.r1.1")});
}

TEST_CASE("deployment: the restart that an older version had begun is finished") {
  // As it was written then: the instance stayed behind its route for its new life.
  auto spec = webs(2);
  spec.given({Restarted{"web", {instance("web.r1.0"), instance("web.r1.1")}},
              InstanceRestarted{instance("web.r1.0"), 50, {"restart-51", testkit::story_start}}});
  CHECK(spec.state().instances.at(instance("web.r1.0")).admitted);
  World world(spec);
  world.ready("web.r1.0");
  CHECK(spec.state().draining == instance("web.r1.1"));
  world.edge("web", "applied").edge("web", "drained").ready("web.r1.1").edge("web", "applied").edge("web", "drained");
  CHECK(behind(spec) == "0,1");
  check_at_rest(spec);
}
