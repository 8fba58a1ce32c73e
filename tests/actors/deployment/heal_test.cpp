// What heals by itself, and what a person is asked about.
#include "core/json.hpp"
#include "tests/actors/deployment/story.hpp"
#include "tests/testkit/check_kind.hpp"

#include <set>

using namespace nova;
using namespace nova::deployment;
using namespace nova::deployment::story;

namespace {

/// `web` of the running revision went beyond its restart intensity.
Spec quarantined() {
  auto spec = running();
  World(spec).say("web.r1.0", Phase::quarantined, "restart.intensity");
  return spec;
}

Resolve answer(const Spec& spec, Answer decision) {
  return {spec.state().escalations.at("web"), decision, "because", "amy"};
}

core::SendCommand sent(const Spec& spec) {
  REQUIRE_FALSE(spec.asks().works.empty());
  const auto command = core::from_json<core::SendCommand>(spec.asks().works.back().payload);
  REQUIRE(command);
  return *command;
}

/// The first event of each type out of one long life.
std::vector<Event> long_life() {
  std::vector<Event> all;
  auto spec = fresh();
  std::set<std::size_t> seen;
  const auto note = [&] {
    for (const auto& event : spec.events())
      if (seen.insert(event.index()).second) all.push_back(event);
  };
  World world(spec);
  const auto tell = [&](const Command& command) { spec.as("amy").when(command), note(); };
  const auto say = [&](const std::string& name, Phase phase, const char* code = "") {
    world.say(name, phase, code), note();
  };
  const auto edge = [&](const char* phase) { world.edge("web", phase), note(); };
  const auto fetch = [&](core::Outcome outcome) { world.fetch(outcome, "source.not_found"), note(); };
  const auto settle_all = [&] {
    const auto works = spec.state().works;
    for (const auto& [id, work] : works) spec.as_system().when(settle(id)), note();
  };
  const auto tenant_says = [&](core::Outcome outcome) {
    const auto works = spec.state().works;
    for (const auto& [id, work] : works)
      if (work.job == Job::reserve) spec.as_system().when(settle(id, outcome, "quota.exceeded")), note();
  };
  const Services only_web = {{"web", [] {
                                auto spec_of_web = web();
                                spec_of_web.needs.clear();
                                return spec_of_web;
                              }()}};
  tell(deploy(only_web));
  tenant_says(core::Outcome::done);
  fetch(core::Outcome::done);
  say("web.r1.0", Phase::ready);
  edge("applied");
  tell(Scale{"web", 2});
  say("web.r1.1", Phase::ready);
  edge("applied");
  edge("drained");
  tell(Restart{"web"});
  edge("applied");
  edge("drained");
  world.fire(Wait::restart), note();
  say("web.r1.0", Phase::quarantined, "restart.intensity");
  settle_all();
  say("web.r1.0", Phase::ready);
  settle_all();
  say("web.r1.0", Phase::quarantined, "restart.intensity");
  tell(answer(spec, Answer::retry));
  say("web.r1.0", Phase::ready);
  settle_all();
  auto next = only_web;
  next["web"].env["VERSION"] = "2";
  tell(deploy(next));
  fetch(core::Outcome::failed);
  tell(deploy(next));
  tell(Cancel{"not now"});
  settle_all();
  tell(Stop{"night"});
  world.fire(Wait::stop), note();
  tell(Start{});
  tell(Delete{true, "done with it"});
  const auto works = spec.state().works;
  for (const auto& [id, work] : works)
    if (work.job == Job::purge) spec.as_system().when(settle(id, core::Outcome::failed, "data.busy")), note();
  tell(Delete{false, "keep the data"});
  tell(deploy(next));
  tenant_says(core::Outcome::failed);
  return all;
}

}  // namespace

TEST_CASE("deployment: what every kind promises") {
  const auto life = long_life();
  std::set<std::size_t> types;
  for (const auto& event : life) types.insert(event.index());
  CHECK(types.size() == std::variant_size_v<Event>);
  testkit::check_kind(kind(), {.history = testkit::history_of(life), .acts_again = {"restart"}});
}

TEST_CASE("deployment: an instance that exits and returns is observed, and nothing is asked for") {
  auto spec = running();
  World world(spec);
  world.say("web.r1.0", Phase::backoff, "exit.signal");
  spec.then_types<InstanceChanged, HealthChanged>().then_no_asks();
  CHECK(spec.state().health == Health::degraded);
  CHECK(summarise(spec.state()).reason.find("`clinic-development.web.r1.0` is backoff") != std::string::npos);
  world.ready("web.r1.0");
  spec.then_types<InstanceChanged, HealthChanged>().then_no_asks();
  CHECK(spec.state().health == Health::healthy);
}

TEST_CASE("deployment: the reason of poor health names an instance that is not well") {
  auto spec = running();
  World world(spec);
  spec.as("operator").when(Scale{"web", 2});
  world.ready("web.r1.1").say("web.r1.0", Phase::backoff, "exit.signal").say("web.r1.1", Phase::backoff, "exit.signal");
  spec.then_types<InstanceChanged>();
  world.ready("web.r1.0");
  spec.then_types<InstanceChanged, HealthChanged>();
  CHECK(summarise(spec.state()).reason.find("`clinic-development.web.r1.1` is backoff") != std::string::npos);
}

TEST_CASE("deployment: an instance that comes back on another port is followed by its route") {
  auto spec = running();
  ObserveInstance seen;
  seen.instance = instance("web.r1.0");
  seen.phase = Phase::ready;
  seen.port = 29999;
  spec.as_system().when(seen).then_types<InstanceChanged, RouteChanged>().then_keep(
      "edge", "clinic-development.web",
      [](const core::KeepAsk& ask) { CHECK(core::json_int(*ask.payload, "backends[0].port") == 29999); });
}

TEST_CASE("deployment: a service in quarantine raises one question, however many instances it has") {
  auto spec = running();
  World world(spec);
  spec.as("operator").when(Scale{"web", 2});
  world.ready("web.r1.1").say("web.r1.0", Phase::quarantined, "restart.intensity");
  spec.then_types<InstanceChanged, HealthChanged, ServiceQuarantined, Escalated>();
  const auto command = sent(spec);
  CHECK(command.kind == "escalation");
  CHECK(command.id == spec.state().escalations.at("web"));
  CHECK(command.name == "open");
  CHECK(core::json_text(command.body.text, "code") == "restart.intensity");
  CHECK(core::json_text(command.body.text, "subject_id") == self);
  // Nothing to go back to, so that is not offered.
  CHECK(core::json_part(command.body.text, "options") == R"(["retry","stop"])");
  world.say("web.r1.1", Phase::quarantined, "restart.intensity");
  spec.then_types<InstanceChanged>();
}

TEST_CASE("deployment: retry begins a new life, and a second fall is a new question") {
  auto spec = quarantined();
  const auto first = spec.state().escalations.at("web");
  spec.as_system()
      .when(answer(spec, Answer::retry))
      .then_types<Resolved, InstanceRestarted>()
      .then_keep("process", instance("web.r1.0"));
  Resolve again{first, Answer::retry, "", "amy"};
  spec.when(again).then_nothing();
  World(spec).say("web.r1.0", Phase::quarantined, "restart.intensity");
  CHECK(spec.state().escalations.at("web") != first);
}

TEST_CASE("deployment: stop gives up the service and leaves the others alone") {
  auto spec = quarantined();
  spec.as_system().when(answer(spec, Answer::stop));
  World(spec).edge("web", "applied").edge("web", "drained");
  CHECK_FALSE(spec.state().instances.contains(instance("web.r1.0")));
  CHECK(spec.state().instances.contains(instance("api.r1.0")));
  CHECK(spec.state().health == Health::healthy);
  CHECK(spec.state().status == Status::running);
}

TEST_CASE("deployment: rollback goes back to what ran, or is refused when nothing did") {
  auto spec = quarantined();
  spec.as_system().when(answer(spec, Answer::rollback)).then_refused("deployment.no_previous");

  spec = running();
  spec.as("operator").when(deploy(clinic(2)));
  roll_out(spec);
  World(spec).say("web.r2.0", Phase::quarantined, "restart.intensity");
  CHECK(core::json_part(sent(spec).body.text, "options") == R"(["retry","rollback","stop"])");
  spec.as_system().when(answer(spec, Answer::rollback)).then_types<Requested, Started, Resolved>();
  CHECK(spec.state().revisions.back().equals == 1);
  CHECK(spec.state().revisions.back().by == "amy");
}

TEST_CASE("deployment: a question is withdrawn when its reason is gone") {
  SECTION("because the instance came back") {
    auto spec = quarantined();
    spec.as("operator").when(Restart{"web"});
    CHECK(spec.state().escalations.size() == 1);
    World(spec).ready("web.r1.0");
    spec.then_types<InstanceChanged, RouteChanged, HealthChanged, Recovered>();
    CHECK(sent(spec).name == "withdraw");
    CHECK(spec.state().escalations.empty());
  }
  SECTION("because a new revision took over") {
    auto spec = quarantined();
    spec.as("operator").when(deploy(clinic(2)));
    roll_out(spec);
    CHECK(spec.state().escalations.empty());
  }
  SECTION("because everything was stopped") {
    auto spec = quarantined();
    spec.as("operator").when(Stop{});
    CHECK(sent(spec).name == "withdraw");
  }
}

TEST_CASE("deployment: while a candidate is on its way nobody is asked, and after it failed somebody is") {
  auto spec = running();
  World world(spec);
  spec.as("operator").when(deploy(clinic(2)));
  world.fetch().say("web.r1.0", Phase::quarantined, "restart.intensity");
  CHECK(spec.state().escalations.empty());
  world.say("api.r2.0", Phase::failed, "start.no_such_file");
  CHECK(spec.state().status == Status::running);
  CHECK(spec.state().escalations.size() == 1);
}

TEST_CASE("deployment: what a node stopped is not taken for finished") {
  auto spec = running();
  World world(spec);
  world.say("web.r1.0", Phase::stopped, "stop.node");
  CHECK(spec.state().health == Health::degraded);
  world.say("web.r1.0", Phase::starting).ready("web.r1.0");
  CHECK(spec.state().health == Health::healthy);
}

TEST_CASE("deployment: a job that has finished well counts as ready") {
  Services services = {{"job", api()}};
  services["job"].port = 0;
  services["job"].health = {};
  services["job"].restart.mode = service::RestartMode::never;
  auto spec = fresh();
  spec.when(deploy(services));
  World(spec).fetch().say("job.r1.0", Phase::stopped, "exit.code");
  CHECK(spec.state().status == Status::running);
  CHECK(spec.state().health == Health::healthy);
}

TEST_CASE("deployment: an edge that does not follow a route of what runs is an ailment, not a failure") {
  auto spec = running();
  World world(spec);
  spec.as("operator").when(Scale{"web", 2});
  world.ready("web.r1.1").edge("web", "failed");
  CHECK(spec.state().status == Status::running);
  CHECK(spec.state().health == Health::degraded);
  CHECK(spec.state().health_reason.find("edge.port_in_use") != std::string::npos);
  world.edge("web", "applied");
  CHECK(spec.state().health == Health::healthy);
}
