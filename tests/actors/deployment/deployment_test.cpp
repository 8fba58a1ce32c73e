// The way of a revision, told as stories: deploy, take over, fail, roll back, cancel.
#include "core/json.hpp"
#include "tests/actors/deployment/story.hpp"

#include <algorithm>

using namespace nova;
using namespace nova::deployment;
using namespace nova::deployment::story;

namespace {

bool has_instance(const Spec& spec, const std::string& name) { return spec.state().instances.contains(instance(name)); }

/// The keys of a driver that a decision dropped.
std::vector<std::string> dropped(const Spec& spec, std::string_view driver) {
  std::vector<std::string> keys;
  for (const auto& keep : spec.asks().keeps)
    if (keep.driver == driver && !keep.payload) keys.push_back(keep.key);
  return keys;
}

std::vector<std::string> kept(const Spec& spec, std::string_view driver) {
  std::vector<std::string> keys;
  for (const auto& keep : spec.asks().keeps)
    if (keep.driver == driver && keep.payload) keys.push_back(keep.key);
  return keys;
}

using Keys = std::vector<std::string>;

/// Revision 2 is being verified: all its instances are ready, the edge has not followed yet.
Spec verifying() {
  auto spec = running();
  spec.as("operator").when(deploy(clinic(2)));
  World(spec).fetch().ready("api.r2.0").ready("web.r2.0");
  REQUIRE(spec.state().status == Status::verifying);
  return spec;
}

}  // namespace

TEST_CASE("deployment: a first revision goes from deploy to running, wave by wave") {
  auto spec = fresh();
  World world(spec);
  spec.when(deploy()).then_types<Requested, Started>().then_work("sources", "fetch", [](const core::DoAsk& ask) {
    CHECK(core::json_text(ask.payload, "digests[0]") == api().source.digest);
  });
  spec.then_asks([](const core::Asks& asks) {
    REQUIRE(asks.claims.size() == 2);
    CHECK(asks.claims[0].name == "port/7481");
    CHECK(asks.claims[0].refusal == "deployment.port_taken");
    CHECK(asks.timers.size() == 1);
    CHECK(asks.keeps.empty());
  });

  world.fetch();
  spec.then_types<Step, Step>().then_keep("process", instance("api.r1.0"), [](const core::KeepAsk& ask) {
    CHECK(ask.report_to == core::EntityKey{"clinic", "instance", instance("api.r1.0")});
    const auto process = core::from_json<service::Instance>(*ask.payload);
    REQUIRE(process);
    CHECK(process->urls.at("NOVA_URL_WEB") == "http://127.0.0.1:7481");
    CHECK(process->spec.source.digest == api().source.digest);
    CHECK(process->passes_needed == 3);
  });
  CHECK(spec.state().status == Status::deploying);

  // Nothing serves yet, so `api` gets its stable port at once; `web` needs it there and starts only then.
  world.ready("api.r1.0");
  spec.then_types<InstanceChanged, RouteChanged>().then_keep("edge", "clinic-development.api");
  CHECK_FALSE(has_instance(spec, "web.r1.0"));
  world.edge("api", "applied");
  spec.then_types<RouteChanged, Step>().then_keep("process", instance("web.r1.0"));
  CHECK_FALSE(spec.state().routes.contains("web"));

  world.ready("web.r1.0");
  spec.then_types<InstanceChanged, Step, RouteChanged>().then_keep(
      "edge", "clinic-development.web", [](const core::KeepAsk& ask) {
        CHECK(ask.report_to.kind == "deployment");
        const auto route = core::from_json<service::Route>(*ask.payload);
        REQUIRE(route);
        CHECK(route->port == 7481);
        CHECK(route->http == "/health");
        REQUIRE(route->backends.size() == 1);
        CHECK(route->backends[0].id == instance("web.r1.0"));
      });
  CHECK(spec.state().status == Status::verifying);

  world.edge("web", "applied");
  spec.then_types<RouteChanged, Completed, HealthChanged>();
  CHECK(spec.state().status == Status::running);
  CHECK(spec.state().health == Health::healthy);
  CHECK(spec.state().current == 1);
  CHECK(spec.state().works.empty());
  CHECK(spec.state().timers.empty());
  CHECK(summarise(spec.state()).parent == "platform/clinic");
}

TEST_CASE("deployment: a port that the edge cannot open fails a first revision before its dependents start") {
  auto spec = fresh();
  World world(spec);
  spec.when(deploy());
  world.fetch().ready("api.r1.0").edge("api", "failed");
  CHECK(spec.state().status == Status::failed);
  CHECK_FALSE(has_instance(spec, "web.r1.0"));
  CHECK(summarise(spec.state()).reason.find("edge.port_in_use") != std::string::npos);
}

TEST_CASE("deployment: beside a revision that serves, no route moves before all of the new one is ready") {
  auto spec = running();
  spec.as("operator").when(deploy(clinic(2)));
  World(spec).fetch().ready("api.r2.0");
  spec.then_types<InstanceChanged, Step>().then_keep("process", instance("web.r2.0"));
  CHECK(kept(spec, "edge").empty());
}

TEST_CASE("deployment: the old revision serves until the edge follows the new one, and goes when it has drained") {
  auto spec = verifying();
  World world(spec);
  CHECK(spec.state().current == 1);
  CHECK(dropped(spec, "process").empty());

  world.edge("web", "applied");
  CHECK(dropped(spec, "process").empty());
  world.edge("api", "applied").edge("api", "drained");
  CHECK(spec.state().current == 2);
  CHECK(spec.state().revisions[0].state == RevisionState::superseded);
  // `api` of the old revision has no traffic any more, but `web` of the old revision still needs it.
  CHECK(dropped(spec, "process").empty());
  world.edge("web", "drained");
  CHECK(dropped(spec, "process") == Keys{instance("web.r1.0")});
  world.say("web.r1.0", Phase::stopped, "stop.dropped");
  CHECK(dropped(spec, "process") == Keys{instance("api.r1.0")});
  world.say("api.r1.0", Phase::stopped, "stop.dropped");
  CHECK(spec.state().instances.size() == 2);
  CHECK(spec.state().timers.empty());
}

TEST_CASE("deployment: an edge that never says drained holds the old revision only until the timer") {
  auto spec = verifying();
  World world(spec);
  world.edge("web", "applied").edge("api", "applied");
  world.fire(Wait::drain).fire(Wait::drain);
  CHECK(spec.state().instances.size() == 4);
  CHECK_FALSE(spec.state().instances.at(instance("web.r1.0")).wanted);
  // Nor does an instance that never reports its end stay for ever.
  world.fire(Wait::forget);
  CHECK_FALSE(has_instance(spec, "web.r1.0"));
  world.fire(Wait::forget);
  CHECK(spec.state().instances.size() == 2);
  CHECK(spec.state().timers.empty());
}

TEST_CASE("deployment: drained may be heard before applied") {
  auto spec = verifying();
  World(spec).edge("web", "drained").edge("web", "applied").edge("api", "drained");
  CHECK(spec.state().current == 2);
  CHECK_FALSE(spec.state().instances.at(instance("web.r1.0")).wanted);
}

TEST_CASE("deployment: a candidate whose instance fails never sees traffic, and the old revision serves on") {
  struct Row {
    Phase phase;
    const char* code;
  };
  for (const auto& row : {Row{Phase::failed, "health.timeout"}, Row{Phase::quarantined, "restart.intensity"}}) {
    INFO(core::name_of(row.phase));
    auto spec = running();
    const auto routes = core::to_json(spec.state().routes);
    spec.as("operator").when(deploy(clinic(2)));
    World world(spec);
    world.fetch().ready("api.r2.0");
    world.say("web.r2.0", row.phase, row.code);
    spec.then_types<InstanceChanged, Failed, RolledBack, InstancesDropped, InstancesDropped>();
    CHECK(kept(spec, "edge").empty());
    CHECK(core::to_json(spec.state().routes) == routes);
    CHECK(spec.state().status == Status::running);
    CHECK(spec.state().health == Health::healthy);
    CHECK(spec.state().current == 1);
    CHECK(spec.state().revisions.back().state == RevisionState::rolled_back);
    CHECK(spec.state().reason.find("revision 2 failed") == 0);
    CHECK(has_instance(spec, "api.r1.0"));
    world.say("api.r2.0", Phase::stopped);
    CHECK(spec.state().timers.empty());
  }
}

TEST_CASE("deployment: a first revision that fails leaves nothing running and gives its ports back") {
  auto spec = fresh();
  spec.when(deploy());
  World(spec).fetch().say("api.r1.0", Phase::failed, "start.no_such_file");
  CHECK(spec.state().status == Status::failed);
  CHECK(spec.state().revisions.back().state == RevisionState::failed);
  spec.then_asks([](const core::Asks& asks) {
    REQUIRE(asks.claims.size() == 2);
    CHECK(asks.claims[0].release);
  });
  CHECK(spec.state().instances.empty());
  CHECK(spec.state().timers.empty());
  // The same content may be tried again.
  spec.as("operator").when(deploy()).then_types<Requested, Started>();
  CHECK(spec.state().candidate == 2);
}

TEST_CASE("deployment: when the edge cannot follow, routes are put back before anything of the candidate goes") {
  auto spec = verifying();
  World world(spec);
  world.edge("web", "applied");
  world.edge("api", "failed");
  CHECK(spec.state().status == Status::running);
  CHECK(spec.state().revisions.back().state == RevisionState::rolled_back);
  CHECK(kept(spec, "edge") == Keys{"clinic-development.api", "clinic-development.web"});
  CHECK(spec.state().routes.at("web").backends[0].id == instance("web.r1.0"));
  CHECK(dropped(spec, "process").empty());
  world.edge("web", "applied").edge("api", "applied");
  CHECK(dropped(spec, "process").empty());
  world.edge("web", "drained");
  CHECK(dropped(spec, "process") == Keys{instance("web.r2.0")});
}

TEST_CASE("deployment: an instance that dies for good while its revision takes over sends the traffic back") {
  auto spec = verifying();
  World world(spec);
  world.edge("web", "applied").say("web.r2.0", Phase::quarantined, "restart.intensity");
  CHECK(spec.state().status == Status::running);
  CHECK(spec.state().current == 1);
  CHECK(spec.state().routes.at("web").revision == 1);
}

TEST_CASE("deployment: one that only stumbles while its revision takes over does not stop it") {
  auto spec = verifying();
  World(spec).say("web.r2.0", Phase::backoff, "exit.code").edge("web", "applied").edge("api", "applied");
  CHECK(spec.state().current == 2);
  CHECK(spec.state().health == Health::degraded);
}

TEST_CASE("deployment: missing sources fail a revision and name what is missing") {
  auto spec = running();
  spec.as("operator").when(deploy(clinic(2)));
  World(spec).fetch(core::Outcome::failed, "source.not_found");
  spec.then_types<WorkSettled, Failed, RolledBack>();
  CHECK(spec.state().reason.find("source.not_found") != std::string::npos);
  CHECK(spec.state().works.empty());
}

TEST_CASE("deployment: each wait of a rollout ends by itself") {
  SECTION("for sources") {
    auto spec = running();
    spec.as("operator").when(deploy(clinic(2)));
    const auto work = spec.state().fetch;
    World(spec).fire(Wait::rollout);
    spec.then_types<Failed, RolledBack>();
    // The outcome that comes too late is noted, so that it is no longer outstanding, and changes nothing else.
    spec.when(settle(work)).then_types<WorkSettled>();
    CHECK(spec.state().status == Status::running);
    CHECK(spec.state().works.empty());
  }
  SECTION("for instances") {
    auto spec = running();
    spec.as("operator").when(deploy(clinic(2)));
    World(spec).fetch().fire(Wait::rollout);
    CHECK(spec.state().reason.find("`clinic-development.api.r2.0` is starting") != std::string::npos);
    CHECK(spec.state().current == 1);
  }
  SECTION("for the edge") {
    auto spec = verifying();
    World(spec).edge("web", "applied").fire(Wait::route);
    CHECK(spec.state().current == 1);
    CHECK(spec.state().routes.at("web").revision == 1);
  }
}

TEST_CASE("deployment: services that need longer than five minutes get as long as they say") {
  auto services = clinic();
  services["api"].health.start_timeout = std::chrono::minutes(20);
  auto spec = fresh();
  spec.when(deploy(services));
  World(spec).fetch();
  CHECK(spec.state().timers.at(spec.state().rollout_timer).at - testkit::story_start >= std::chrono::minutes(20));
}

TEST_CASE("deployment: one rollout at a time, and the same order again changes nothing") {
  auto spec = fresh();
  spec.when(deploy()).when(deploy()).then_nothing();
  spec.when(deploy(clinic(2))).then_refused("deployment.already_running");
  spec.when(Scale{"web", 2}).then_refused("deployment.already_running");
  spec.when(Restart{}).then_refused("deployment.already_running");
  roll_out(spec);
  spec.as("operator").when(deploy()).then_nothing();
  CHECK(spec.state().last_revision == 1);
}

TEST_CASE("deployment: reports of an earlier life, of strangers and copies change nothing") {
  auto spec = running();
  World world(spec);
  world.ready("web.r1.0");
  spec.then_nothing();
  world.ready("web.r7.0");
  spec.then_nothing();
  world.edge("web", "applied").edge("nobody", "applied");
  spec.then_nothing();
  spec.as("operator").when(Restart{"web"});
  world.edge("web", "applied").edge("web", "drained");
  ObserveInstance late;
  late.instance = instance("web.r1.0");
  late.phase = Phase::ready;
  late.attempt = 1;
  spec.as_system().when(late).then_nothing();
  CHECK(spec.state().restarting == instance("web.r1.0"));
  spec.when(core::Fire{"rollout-1"}).then_nothing().when(settle("fetch-99")).then_nothing();
}

TEST_CASE("deployment: a rollback appends a revision equal to what ran before") {
  auto spec = running();
  spec.as("operator").when(deploy(clinic(2)));
  roll_out(spec);
  spec.as("amy").when(Rollback{0, "2 is slow"}).then_types<Requested, Started>();
  CHECK(spec.state().candidate == 3);
  spec.when(Rollback{0, "2 is slow"}).then_nothing();
  const auto& revision = spec.state().revisions.back();
  CHECK(revision.equals == 1);
  CHECK(revision.by == "amy");
  CHECK(core::to_json(revision.services) == core::to_json(clinic(1)));
  roll_out(spec);
  CHECK(spec.state().current == 3);
  spec.when(Rollback{3, ""}).then_nothing();
}

TEST_CASE("deployment: a rollback needs something to go back to") {
  auto spec = running();
  spec.when(Rollback{}).then_refused("deployment.no_previous");
  spec.when(Rollback{9, ""}).then_refused("deployment.revision_not_found");
  CHECK(spec.refused()->remedy == "kept: 1");
  // One that failed never ran and is not gone back to.
  spec.as("operator").when(deploy(clinic(2)));
  World(spec).fetch(core::Outcome::failed, "source.not_found");
  spec.when(Rollback{}).then_refused("deployment.no_previous");
}

TEST_CASE("deployment: a rollout can be given up at any step") {
  SECTION("before anything started") {
    auto spec = running();
    spec.as("operator").when(deploy(clinic(2))).when(Cancel{"wrong one"}).then_types<Cancelled>();
    CHECK(spec.state().status == Status::running);
    spec.when(Cancel{"wrong one"}).then_nothing();
  }
  SECTION("while the edge follows") {
    auto spec = verifying();
    World(spec).edge("web", "applied");
    spec.as("operator").when(Cancel{}).then_types<Cancelled, RouteChanged, RouteChanged>();
    CHECK(spec.state().routes.at("web").revision == 1);
    CHECK(spec.state().revisions.back().state == RevisionState::cancelled);
  }
  SECTION("when there is none, it says so") { running().when(Cancel{}).then_refused("entity.wrong_state"); }
}

TEST_CASE("deployment: a port may move to another service in a new revision") {
  auto spec = running();
  auto services = clinic(2);
  services["shop"] = services["web"];
  services.erase("web");
  spec.as("operator").when(deploy(services));
  World world(spec);
  world.fetch().ready("api.r2.0").ready("shop.r2.0");
  // Two routes with one port would be refused by the edge.
  CHECK(dropped(spec, "edge") == Keys{"clinic-development.web"});
  CHECK(spec.asks().keeps.front().key == "clinic-development.web");
  world.edge("api", "applied").edge("shop", "applied");
  CHECK(spec.state().current == 2);
  world.edge("web", "stopped");
  CHECK(dropped(spec, "process") == Keys{instance("web.r1.0")});
}

TEST_CASE("deployment: a service that is gone from the new revision keeps its port until its route has drained") {
  auto spec = running();
  spec.as("operator").when(deploy({{"api", api(2)}}));
  World world(spec);
  world.fetch().ready("api.r2.0");
  CHECK(dropped(spec, "edge").empty());
  world.edge("api", "applied");
  CHECK(spec.state().current == 2);
  CHECK(dropped(spec, "edge") == Keys{"clinic-development.web"});
  CHECK(spec.asks().claims.empty());
  world.edge("web", "stopped");
  REQUIRE(spec.asks().claims.size() == 1);
  CHECK(spec.asks().claims[0].name == "port/7481");
  CHECK(spec.asks().claims[0].release);
}

TEST_CASE("deployment: history is bounded by number and by size, and never gives up what serves") {
  SECTION("by number") {
    auto spec = running();
    for (int version = 0; version < 14; ++version) {
      spec.as("operator").when(deploy(clinic(version % 2 == 0 ? 2 : 3)));
      World(spec).fetch(core::Outcome::failed, "source.not_found");
    }
    CHECK(spec.state().revisions.size() == revisions_max);
    CHECK(spec.state().revisions.front().number == 1);
  }
  SECTION("by size") {
    auto big = clinic();
    big["api"].env["TEXT"] = std::string(14'000, 'x');
    auto spec = running();
    for (int version = 0; version < 5; ++version) {
      big["api"].env["VERSION"] = std::to_string(version);
      spec.as("operator").when(deploy(big));
      World(spec).fetch(core::Outcome::failed, "source.not_found");
      CHECK(core::to_json(spec.state()).size() < 64 * 1024);
    }
    CHECK(spec.state().revisions.size() == 3);
    CHECK(spec.state().revisions.front().number == 1);
  }
}

TEST_CASE("deployment: what could not be held is refused before anything starts") {
  auto services = clinic();
  SECTION("too much text") {
    services["api"].env["TEXT"] = services["web"].env["TEXT"] = std::string(9'000, 'x');
    fresh().when(deploy(services)).then_refused("input.invalid");
  }
  SECTION("too many secrets") {
    for (int i = 0; i < 200; ++i)
      services["api"].secrets["SECRET_" + std::to_string(i)].ref = "secret://" + std::string(80, 'x') + "@1";
    fresh().when(deploy(services)).then_refused("deployment.too_large");
  }
  SECTION("too many instances") {
    for (int i = 0; i < 4; ++i) {
      auto& worker = services["worker" + std::to_string(i)] = api();
      worker.port = 0;
      worker.health = {};
      worker.scale = 32;
    }
    fresh().when(deploy(services)).then_refused("deployment.too_large");
  }
  SECTION("a need that is not there") {
    services["web"].needs = {"database"};
    fresh().when(deploy(services)).then_refused("input.invalid");
  }
  SECTION("nothing") { fresh().when(deploy({})).then_refused("input.invalid"); }
  SECTION("another platform's services") {
    auto order = deploy();
    order.platform = "school";
    fresh().when(order).then_problem("platform");
  }
}

TEST_CASE("deployment: instances of failed attempts that do not end hold up new ones instead of piling up") {
  auto services = clinic();
  services["web"].scale = 32;
  auto spec = running();
  bool refused = false;
  for (int version = 0; version < 8 && !refused; ++version) {
    services["api"].env["VERSION"] = std::to_string(version);
    spec.as("operator").when(deploy(services));
    refused = spec.refused().has_value();
    if (refused) break;
    World world(spec);
    const auto r = ".r" + std::to_string(spec.state().candidate) + ".";
    world.fetch().ready("api" + r + "0").say("web" + r + "3", Phase::failed, "start.no_such_file");
  }
  REQUIRE(refused);
  spec.then_refused("deployment.still_stopping");
  CHECK(spec.refused()->retryable);
  CHECK(core::to_json(spec.state()).size() < 64 * 1024);
}
