#include "actors/platform/platform.hpp"
#include "core/json.hpp"
#include "tests/testkit/check_kind.hpp"
#include "tests/testkit/spec.hpp"

using namespace nova;
using namespace nova::platform;
using Spec = testkit::Spec<State, Command, Event>;

namespace {

std::map<std::string, service::Service> services() {
  service::Service web;
  web.run = {"python3", "web.py"};
  web.port = 7481;
  return {{"web", web}};
}

Provision provision(std::uint64_t version = 1, std::string environment = "development") {
  return {"clinic", version, std::move(environment), services()};
}

Spec fresh() {
  Spec spec;
  spec.self({"clinic", "platform", "clinic"}).as_system();
  return spec;
}

core::Settle settled(const std::string& work, core::Outcome outcome, std::string code = {}) {
  core::Settle settle;
  settle.work_id = work;
  settle.outcome = outcome;
  settle.code = std::move(code);
  return settle;
}

std::string work_of(const Spec& spec) { return spec.state().works.begin()->first; }

}  // namespace

TEST_CASE("platform: what every kind promises") {
  testkit::check_kind(
      kind(), {.history = testkit::history_of<Event>(
                   {Provisioned{"clinic", 1, "development", "clinic-development", "00ff", "deploy-1"},
                    WorkSettled{"deploy-1", "development", core::Outcome::failed, "deployment.port_taken: taken"},
                    Deleting{true, "amy", "no longer needed", {"development"}, {"delete-2"}},
                    EnvironmentDeleted{"development"}, Deleted{}})});
}

TEST_CASE("platform: a provision becomes a deploy of the environment's deployment") {
  fresh().when(provision()).then_types<Provisioned>().then_work("command", "send", [](const core::DoAsk& ask) {
    const auto command = core::from_json<core::SendCommand>(ask.payload);
    REQUIRE(command);
    CHECK(command->kind == "deployment");
    CHECK(command->id == "clinic-development");
    CHECK(command->name == "deploy");
    CHECK(core::json_text(command->body.text, "platform") == "clinic");
    CHECK(core::json_int(command->body.text, "services.web.port") == 7481);
  });
}

TEST_CASE("platform: the same provision again asks for nothing, a refused one may be repeated") {
  auto spec = fresh();
  spec.when(provision()).when(provision()).then_nothing();
  spec.when(settled(work_of(spec), core::Outcome::failed, "deployment.port_taken")).then_types<WorkSettled>();
  CHECK(summarise(spec.state()).reason.find("deployment.port_taken") != std::string::npos);
  spec.when(provision()).then_types<Provisioned>().then_work("command", "send");
  CHECK(summarise(spec.state()).reason.empty());
}

TEST_CASE(
    "platform: a provision that was answered is passed on again, since only the deployment knows what became of it") {
  auto spec = fresh();
  spec.when(provision()).when(settled(work_of(spec), core::Outcome::done)).then_types<WorkSettled>();
  spec.when(provision()).then_types<Provisioned>().then_work("command", "send");
}

TEST_CASE("platform: delete reaches every environment and ends with the last of them") {
  auto spec = fresh();
  spec.when(provision()).when(provision(1, "staging"));
  spec.as("amy").when(Delete{true, "done with it"}).then_types<Deleting>().then_asks([](const core::Asks& asks) {
    REQUIRE(asks.works.size() == 2);
    const auto command = core::from_json<core::SendCommand>(asks.works[1].payload);
    REQUIRE(command);
    CHECK(command->id == "clinic-staging");
    CHECK(command->body.text == R"({"purge":true,"reason":"done with it"})");
  });
  spec.when(Delete{true, "again"}).then_nothing();
  spec.as_system().when(provision(2)).then_refused("entity.wrong_state");
  spec.when(DeploymentDeleted{"staging", true}).then_types<EnvironmentDeleted>();
  spec.when(DeploymentDeleted{"staging", true}).then_nothing();
  spec.when(DeploymentDeleted{"development", true}).then_types<EnvironmentDeleted, Deleted>();
  CHECK(summarise(spec.state()).status == "deleted");
  spec.when(provision(3)).then_types<Provisioned>();
  CHECK(summarise(spec.state()).status == "active");
}

TEST_CASE("platform: what a deployment refused to delete is asked for again") {
  auto spec = fresh();
  spec.when(provision()).when(settled(work_of(spec), core::Outcome::done)).when(Delete{});
  spec.when(settled(work_of(spec), core::Outcome::failed, "tenant.suspended")).then_types<WorkSettled>();
  spec.when(Delete{}).then_types<Deleting>().then_work("command", "send");
}

TEST_CASE("platform: a deployment that never came to be is nothing to wait for") {
  auto spec = fresh();
  spec.when(provision()).when(settled(work_of(spec), core::Outcome::failed, "deployment.port_taken")).when(Delete{});
  spec.when(settled(work_of(spec), core::Outcome::failed, "entity.not_found"))
      .then_types<WorkSettled, EnvironmentDeleted, Deleted>();
}

TEST_CASE("platform: a platform without deployments is deleted at once") {
  auto spec = fresh();
  spec.when(provision()).when(DeploymentDeleted{"development", false}).when(Delete{}).then_types<Deleting, Deleted>();
}
