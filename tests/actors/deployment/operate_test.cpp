// What people do to a deployment that runs: scale, stop, start, delete. Restarts: restart_test.cpp.
#include "core/json.hpp"
#include "tests/actors/deployment/story.hpp"

using namespace nova;
using namespace nova::deployment;
using namespace nova::deployment::story;

namespace {

std::size_t kept_instances(const Spec& spec, const std::string& service) {
  std::size_t count = 0;
  for (const auto& [id, known] : spec.state().instances) count += known.service == service && known.wanted;
  return count;
}

bool drops(const Spec& spec, const std::string& key) {
  for (const auto& keep : spec.asks().keeps)
    if (keep.key == key && !keep.payload) return true;
  return false;
}

/// `web` has three instances, all behind the route.
Spec three_webs() {
  auto spec = running();
  World world(spec);
  spec.as("operator").when(Scale{"web", 3});
  world.ready("web.r1.1").ready("web.r1.2").edge("web", "applied").edge("web", "drained");
  REQUIRE(spec.state().routes.at("web").backends.size() == 3);
  REQUIRE(spec.state().timers.empty());
  return spec;
}

core::SendCommand sent(const Spec& spec) {
  REQUIRE_FALSE(spec.asks().works.empty());
  const auto command = core::from_json<core::SendCommand>(spec.asks().works.back().payload);
  REQUIRE(command);
  return *command;
}

/// Stops or deletes are under way; the world ends everything in order.
void end_all(Spec& spec) {
  World world(spec);
  world.edge("web", "stopped").edge("api", "stopped");
  world.say("web.r1.0", Phase::stopped, "stop.dropped").say("api.r1.0", Phase::stopped, "stop.dropped");
}

}  // namespace

TEST_CASE("deployment: more instances take traffic only when they are ready") {
  auto spec = running();
  World world(spec);
  spec.as("operator")
      .when(Scale{"web", 2})
      .then_types<Scaled, Step, HealthChanged>()
      .then_keep("process", instance("web.r1.1"));
  CHECK(spec.state().health == Health::degraded);
  CHECK(spec.state().routes.at("web").backends.size() == 1);
  world.ready("web.r1.1");
  spec.then_types<InstanceChanged, RouteChanged, HealthChanged>();
  CHECK(spec.state().routes.at("web").backends.size() == 2);
  CHECK(spec.state().health == Health::healthy);
  spec.when(Scale{"web", 2}).then_nothing();
}

TEST_CASE("deployment: fewer instances leave the route first and end when they have drained") {
  auto spec = three_webs();
  World world(spec);
  spec.as("operator").when(Scale{"web", 1}).then_types<Scaled, RouteChanged>();
  CHECK(spec.state().routes.at("web").backends.size() == 1);
  CHECK(kept_instances(spec, "web") == 3);
  world.edge("web", "applied");
  CHECK(kept_instances(spec, "web") == 3);
  world.edge("web", "drained");
  CHECK(kept_instances(spec, "web") == 1);
  CHECK(drops(spec, instance("web.r1.2")));
  CHECK(spec.state().health == Health::healthy);
}

TEST_CASE("deployment: an instance on its way out comes back when it is wanted again") {
  auto spec = three_webs();
  World world(spec);
  SECTION("before it was dropped, as it is") {
    spec.as("operator").when(Scale{"web", 1});
    world.edge("web", "applied");
    spec.as("operator").when(Scale{"web", 3});
    CHECK(spec.state().routes.at("web").backends.size() == 3);
    world.edge("web", "applied").edge("web", "drained");
    CHECK(kept_instances(spec, "web") == 3);
    CHECK(spec.state().timers.empty());
  }
  SECTION("after it was dropped, as a new life whose forerunner's end is no news") {
    spec.as("operator").when(Scale{"web", 1});
    world.edge("web", "applied").edge("web", "drained");
    const auto before = spec.state().instances.at(instance("web.r1.2")).attempt;
    spec.as("operator").when(Scale{"web", 3}).then_keep("process", instance("web.r1.2"));
    CHECK(spec.state().instances.at(instance("web.r1.2")).attempt > before);
    ObserveInstance end;
    end.instance = instance("web.r1.2");
    end.phase = Phase::stopped;
    end.attempt = before;
    spec.as_system().when(end).then_nothing();
    CHECK(spec.state().routes.at("web").backends.size() == 1);
  }
}

TEST_CASE("deployment: scaling says what it cannot do") {
  running().when(Scale{"shop", 2}).then_refused("deployment.service_not_found");
  running().when(Stop{}).when(Scale{"web", 2}).then_refused("entity.wrong_state");
  auto spec = running();
  spec.when(Scale{"api", 32}).when(Scale{"web", 32}).then_refused("deployment.too_large");
}

TEST_CASE("deployment: a service scaled to nothing is not ill, and a new revision brings its own number") {
  auto spec = running();
  World world(spec);
  spec.as("operator").when(Scale{"web", 0});
  world.edge("web", "applied").edge("web", "drained").say("web.r1.0", Phase::stopped);
  CHECK(spec.state().health == Health::healthy);
  CHECK(spec.state().routes.at("web").backends.empty());
  spec.as("operator").when(deploy(clinic(2)));
  roll_out(spec);
  CHECK(spec.state().current == 2);
  CHECK(spec.state().scales.empty());
  CHECK(spec.state().routes.at("web").backends.size() == 1);
}

TEST_CASE("deployment: stop closes the routes, then ends instances in reverse order of needs") {
  auto spec = running();
  World world(spec);
  spec.as("operator").when(Stop{"night"}).then_types<Stopping, RouteChanged, RouteChanged, HealthChanged>();
  CHECK(drops(spec, "clinic-development.web"));
  CHECK(kept_instances(spec, "web") == 1);
  spec.when(Stop{"night"}).then_nothing();
  world.edge("api", "stopped");
  CHECK_FALSE(drops(spec, instance("api.r1.0")));
  world.edge("web", "stopped");
  CHECK(drops(spec, instance("web.r1.0")));
  CHECK_FALSE(drops(spec, instance("api.r1.0")));
  world.say("web.r1.0", Phase::stopped, "stop.dropped");
  CHECK(drops(spec, instance("api.r1.0")));
  CHECK(spec.state().status == Status::stopping);
  world.say("api.r1.0", Phase::stopped, "stop.dropped");
  CHECK(spec.state().status == Status::stopped);
  CHECK(spec.state().revisions.back().state == RevisionState::stopped);
  CHECK(spec.state().reason == "night");
  CHECK(spec.state().timers.empty());
  CHECK(spec.state().health == Health::unknown);
}

TEST_CASE("deployment: a stop ends although nobody answers") {
  auto spec = running();
  spec.as("operator").when(Stop{});
  World world(spec);
  SECTION("neither edge nor instances") {
    world.fire(Wait::stop);
    CHECK(spec.state().reason.find("did not report their end") != std::string::npos);
    CHECK(drops(spec, instance("web.r1.0")));
  }
  SECTION("not the edge, step by step") {
    world.fire(Wait::drain).fire(Wait::drain).fire(Wait::forget).fire(Wait::forget);
  }
  CHECK(spec.state().status == Status::stopped);
  CHECK(spec.state().timers.empty());
}

TEST_CASE("deployment: a stop during a rollout ends both revisions") {
  auto spec = running();
  World world(spec);
  spec.as("operator").when(deploy(clinic(2)));
  world.fetch().ready("api.r2.0");
  spec.as("operator").when(Stop{});
  CHECK(spec.state().candidate == 0);
  end_all(spec);
  world.say("web.r2.0", Phase::stopped).say("api.r2.0", Phase::stopped);
  CHECK(spec.state().status == Status::stopped);
}

TEST_CASE("deployment: start runs what was stopped, as the same revision and as new lives") {
  auto spec = running();
  spec.as("operator").when(Scale{"web", 2}).when(Scale{"web", 1});
  World(spec).say("web.r1.1", Phase::stopped);
  spec.as("operator").when(Stop{});
  const auto before = spec.state().instances.at(instance("api.r1.0")).attempt;
  spec.when(Start{}).then_refused("entity.wrong_state");
  CHECK(spec.refused()->retryable);
  end_all(spec);
  spec.as("operator").when(Start{}).then_types<StartedAgain>().then_work("sources", "fetch");
  spec.when(Start{}).then_nothing();
  World world(spec);
  world.fetch();
  CHECK(spec.state().instances.at(instance("api.r1.0")).attempt > before);
  world.ready("api.r1.0").edge("api", "applied").ready("web.r1.0").edge("web", "applied");
  CHECK(spec.state().status == Status::running);
  CHECK(spec.state().current == 1);
  CHECK(spec.state().last_revision == 1);
  spec.when(Start{}).then_nothing();
}

TEST_CASE("deployment: a start that fails leaves it failed, and it can be started again") {
  auto spec = running();
  spec.as("operator").when(Stop{});
  end_all(spec);
  spec.as("operator").when(Start{});
  World(spec).fetch(core::Outcome::failed, "source.not_found");
  CHECK(spec.state().status == Status::failed);
  spec.as("operator").when(Start{}).then_types<StartedAgain>();
}

TEST_CASE("deployment: what was stopped in its first rollout can be started") {
  auto spec = fresh();
  spec.when(deploy()).when(Stop{}).then_types<Cancelled, Stopping, Stopped>();
  spec.when(settle("fetch-1")).then_types<WorkSettled>();
  spec.as("operator").when(Start{}).then_types<StartedAgain>();
}

TEST_CASE("deployment: delete ends everything, gives ports back and tells the platform") {
  auto spec = running();
  spec.as("operator").when(Delete{}).then_types<Deleting, RouteChanged, RouteChanged, HealthChanged>();
  spec.when(Delete{}).then_nothing().when(deploy(clinic(2))).then_refused("entity.wrong_state");
  end_all(spec);
  CHECK(spec.state().status == Status::deleted);
  CHECK(sent(spec).kind == "platform");
  CHECK(sent(spec).name == "deployment_deleted");
  CHECK(sent(spec).body.text == R"({"environment":"development","purged":false})");
  spec.then_asks([](const core::Asks& asks) {
    REQUIRE(asks.claims.size() == 2);
    CHECK(asks.claims[0].release);
  });
  spec.when(settle(spec.state().works.begin()->first));
  CHECK(spec.state().works.empty());
  CHECK(spec.state().timers.empty());
  spec.as("operator").when(Delete{}).then_nothing().when(Start{}).then_refused("entity.wrong_state");
  // The name is not spent: what comes next has higher numbers.
  spec.as_system().when(deploy()).then_types<Requested, Started>();
  CHECK(spec.state().candidate == 2);
}

TEST_CASE("deployment: purge removes the data last, and says when it could not") {
  auto spec = running();
  spec.as("operator").when(Delete{true, ""});
  end_all(spec);
  CHECK(spec.state().status == Status::deleting);
  spec.then_work("data", "purge", [](const core::DoAsk& ask) {
    CHECK(ask.payload == R"({"tenant":"clinic","platform":"clinic","environment":"development"})");
  });
  const auto work = spec.state().works.begin()->first;
  SECTION("done") {
    spec.when(settle(work)).then_types<WorkSettled, Deleted>();
    CHECK(sent(spec).body.text == R"({"environment":"development","purged":true})");
    spec.as("operator").when(Delete{true, ""}).then_nothing();
  }
  SECTION("failed") {
    spec.when(settle(work, core::Outcome::failed, "data.busy")).then_types<WorkSettled, PurgeFailed>();
    CHECK(spec.state().status == Status::failed);
    spec.as("operator").when(Delete{true, ""}).then_work("data", "purge");
  }
}

TEST_CASE("deployment: data that a delete kept can be purged later") {
  auto spec = running();
  spec.as("operator").when(Delete{});
  end_all(spec);
  spec.when(settle(spec.state().works.begin()->first));
  spec.as("operator").when(Delete{true, ""}).then_types<Deleting, Purging>().then_work("data", "purge");
}

TEST_CASE("deployment: a delete during a rollout cancels it") {
  auto spec = running();
  World world(spec);
  spec.as("operator").when(deploy(clinic(2)));
  world.fetch();
  spec.as("operator").when(Delete{});
  end_all(spec);
  world.say("api.r2.0", Phase::stopped);
  CHECK(spec.state().status == Status::deleted);
}
