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

/// The tenant has room for everything that is asked of it.
void make_room(Spec& spec) {
  while (!spec.state().waiting.work.empty()) spec.when(settled(spec.state().waiting.work, core::Outcome::done));
}

core::Settle no_room(const Spec& spec) {
  auto settle = settled(spec.state().waiting.work, core::Outcome::failed, "quota.exceeded");
  settle.message = "the tier `free` allows 3 of `projects`, and 3 are in use";
  return settle;
}

using Sent = std::vector<std::string>;

/// What a decision sends, as "kind.command id", in order.
std::function<void(const core::Asks&)> sends(Sent expected) {
  return [expected = std::move(expected)](const core::Asks& asks) {
    Sent sent;
    for (const auto& work : asks.works) {
      const auto command = core::from_json<core::SendCommand>(work.payload);
      REQUIRE(command);
      sent.push_back(command->kind + "." + command->name + " " +
                     core::json_text(command->body.text, "id").value_or(command->id));
    }
    CHECK(sent == expected);
  };
}

}  // namespace

TEST_CASE("platform: what every kind promises") {
  testkit::check_kind(
      kind(), {.history = testkit::history_of<Event>(
                   {Provisioned{"clinic", 1, "development", "clinic-development", "00ff", "deploy-1"},
                    WorkSettled{"deploy-1", "development", core::Outcome::failed, "deployment.port_taken: taken"},
                    Deleting{true, "amy", "no longer needed", {"development"}, {"delete-2"}},
                    EnvironmentDeleted{"development"}, Deleted{},
                    Provisioned{"clinic", 2, "development", "clinic-development", "00ff", "reserve-3", "clinic.3.p",
                                "clinic.3.d", services()},
                    QuotaTaken{"reserve-3", "development", Quota::projects, "reserve-4"},
                    QuotaTaken{"reserve-4", "development", Quota::deployments, "deploy-5"},
                    WorkSettled{"deploy-5", "development", core::Outcome::failed, "deployment.port_taken: taken"},
                    SlotReturned{"development"},
                    Provisioned{"clinic", 2, "development", "clinic-development", "00ff", "reserve-6", "", "clinic.6.d",
                                services()},
                    QuotaRefused{"reserve-6", "development", Quota::deployments, "quota.exceeded: 1 of 1"}})});
}

TEST_CASE("platform: a provision becomes a deploy of the environment's deployment") {
  auto spec = fresh();
  spec.when(provision()).then_types<Provisioned>().then_asks(sends({"tenant.reserve_quota clinic.1.p"}));
  spec.when(settled("reserve-1", core::Outcome::done))
      .then_types<QuotaTaken>()
      .then_asks(sends({"tenant.confirm_quota clinic.1.p", "tenant.reserve_quota clinic.1.d"}));
  spec.when(settled("reserve-2", core::Outcome::done)).then_types<QuotaTaken>();
  spec.then_work("command", "send", [](const core::DoAsk& ask) {
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
  make_room(spec);
  spec.when(provision()).then_nothing();
  spec.when(settled(work_of(spec), core::Outcome::failed, "deployment.port_taken"))
      .then_types<WorkSettled, SlotReturned>()
      .then_asks(sends({"tenant.release_quota clinic.1.d"}));
  CHECK(summarise(spec.state()).reason.find("deployment.port_taken") != std::string::npos);
  spec.when(provision()).then_types<Provisioned>().then_work("command", "send");
  CHECK(summarise(spec.state()).reason.empty());
}

TEST_CASE(
    "platform: a provision that was answered is passed on again, since only the deployment knows what became of it") {
  auto spec = fresh();
  spec.when(provision());
  make_room(spec);
  spec.when(settled(work_of(spec), core::Outcome::done))
      .then_types<WorkSettled>()
      .then_asks(sends({"tenant.confirm_quota clinic.1.d"}));
  spec.when(provision())
      .then_asks(sends({"deployment.deploy clinic-development"}))
      .then_types<Provisioned>()
      .then_work("command", "send");
}

TEST_CASE("platform: delete reaches every environment and ends with the last of them") {
  auto spec = fresh();
  spec.when(provision());
  make_room(spec);
  spec.when(provision(1, "staging"));
  make_room(spec);
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
  spec.when(provision());
  make_room(spec);
  spec.when(settled(work_of(spec), core::Outcome::done)).when(Delete{});
  spec.when(settled(work_of(spec), core::Outcome::failed, "tenant.suspended")).then_types<WorkSettled>();
  spec.when(Delete{}).then_types<Deleting>().then_work("command", "send");
}

TEST_CASE("platform: a deployment that never came to be is nothing to wait for") {
  auto spec = fresh();
  spec.when(provision());
  make_room(spec);
  spec.when(settled(work_of(spec), core::Outcome::failed, "deployment.port_taken")).when(Delete{});
  spec.when(settled(work_of(spec), core::Outcome::failed, "entity.not_found"))
      .then_types<WorkSettled, EnvironmentDeleted, Deleted>();
}

TEST_CASE("platform: a platform without deployments is deleted at once") {
  auto spec = fresh();
  spec.when(provision()).when(DeploymentDeleted{"development", false}).when(Delete{}).then_types<Deleting, Deleted>();
}

TEST_CASE("platform: a project that the tenant has no room for is refused, says why, and may be tried again") {
  auto spec = fresh();
  spec.when(provision()).when(no_room(spec)).then_types<QuotaRefused>().then_no_asks();
  CHECK(summarise(spec.state()).status == "refused");
  CHECK(summarise(spec.state()).reason ==
        "development: quota.exceeded: the tier `free` allows 3 of `projects`, and 3 are in use");
  spec.when(provision()).then_asks(sends({"tenant.reserve_quota clinic.2.p"}));
  make_room(spec);
  CHECK(summarise(spec.state()).status == "active");
  CHECK(summarise(spec.state()).reason.empty());
}

TEST_CASE("platform: without room for the deployment the project stays, and only the deployment is asked for again") {
  auto spec = fresh();
  spec.when(provision()).when(settled("reserve-1", core::Outcome::done)).when(no_room(spec));
  spec.then_types<QuotaRefused>().then_no_asks();
  CHECK(summarise(spec.state()).status == "active");
  spec.when(provision()).then_asks(sends({"tenant.reserve_quota clinic.3.d"}));
}

TEST_CASE("platform: what is deleted gives back what it took, once") {
  auto spec = fresh();
  spec.when(provision());
  make_room(spec);
  spec.when(settled(work_of(spec), core::Outcome::done)).when(Delete{});
  spec.when(DeploymentDeleted{"development", false})
      .then_types<EnvironmentDeleted, Deleted>()
      .then_asks(sends({"tenant.release_quota clinic.1.d.back", "tenant.release_quota clinic.1.p.back"}));
  spec.when(DeploymentDeleted{"development", false}).then_nothing();
}

TEST_CASE("platform: room that comes when nobody wants it any more is given back") {
  auto spec = fresh();
  spec.when(provision()).when(Delete{});
  spec.when(provision(2)).then_refused("entity.wrong_state");
  spec.when(settled("reserve-1", core::Outcome::done))
      .then_types<QuotaTaken>()
      .then_asks(sends({"tenant.release_quota clinic.1.p"}));
  CHECK(spec.state().project.empty());
  CHECK(spec.state().waiting.work.empty());
}

TEST_CASE("platform: when nobody knows whether the room was taken, it is given back") {
  auto spec = fresh();
  spec.when(provision()).when(settled("reserve-1", core::Outcome::unknown));
  spec.then_types<QuotaRefused>().then_asks(sends({"tenant.release_quota clinic.1.p"}));
}

TEST_CASE("platform: one from before quotas were taken goes on without, and gives nothing back") {
  Spec spec;
  spec.self({"clinic", "platform", "clinic"})
      .as_system()
      .given({Provisioned{"clinic", 1, "development", "clinic-development", "00ff", "deploy-1"},
              WorkSettled{"deploy-1", "development", core::Outcome::done, ""}});
  spec.when(provision(2)).then_asks(sends({"deployment.deploy clinic-development"}));
  spec.when(settled(work_of(spec), core::Outcome::done)).then_no_asks();
  spec.when(Delete{}).when(DeploymentDeleted{"development", false}).then_types<EnvironmentDeleted, Deleted>();
  spec.then_no_asks();
}
