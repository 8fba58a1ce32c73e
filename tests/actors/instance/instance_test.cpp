#include "actors/instance/instance.hpp"
#include "core/json.hpp"
#include "tests/testkit/check_kind.hpp"
#include "tests/testkit/spec.hpp"

using namespace nova;
using namespace nova::instance;
using Spec = testkit::Spec<State, Command, Event>;

namespace {

constexpr auto id = "clinic-development.web.r3.1";

Spec fresh() {
  Spec spec;
  spec.self({"clinic", "instance", id}).as_system();
  return spec;
}

service::ProcessFacts facts(std::uint32_t restarts = 0) {
  service::ProcessFacts facts;
  facts.pid = 4711;
  facts.port = 20001;
  facts.restarts = restarts;
  facts.attempt = 2;
  return facts;
}

core::Report report(std::uint64_t sequence, std::string phase, service::ProcessFacts seen = facts(),
                    std::string code = {}) {
  core::Report report;
  report.driver = "process";
  report.key = id;
  report.sequence = sequence;
  report.phase = std::move(phase);
  report.code = std::move(code);
  report.at = testkit::story_start;
  report.data.text = core::to_json(seen);
  return report;
}

service::ProcessFacts exited(int code, bool comes_back, std::uint32_t restarts = 0) {
  auto seen = facts(restarts);
  seen.pid = 0;
  seen.exit_code = code;
  if (comes_back) seen.next_start = testkit::story_start;
  return seen;
}

template <class E>
E seen_as(std::uint64_t sequence, std::string code) {
  Seen seen;
  seen.sequence = sequence;
  seen.attempt = 2;
  seen.at = testkit::story_start;
  seen.pid = 4711;
  seen.port = 20001;
  seen.code = std::move(code);
  seen.work = "tell-" + std::to_string(sequence);
  seen.deployment = "clinic-development";
  seen.service = "web";
  seen.revision = 3;
  seen.index = 1;
  return E{seen};
}

}  // namespace

TEST_CASE("instance: what every kind promises") {
  testkit::check_kind(kind(), {.history = testkit::history_of<Event>(
                                   {seen_as<Started>(1, "start.done"), seen_as<Ready>(2, "health.passed"),
                                    seen_as<Unready>(3, "health.timeout"), seen_as<Exited>(4, "exit.signal"),
                                    seen_as<Quarantined>(5, "restart.intensity"), seen_as<Failed>(6, "health.timeout"),
                                    seen_as<Stopped>(7, "stop.dropped")})});
}

TEST_CASE("instance: a report tells the deployment what it is about") {
  auto spec = fresh();
  spec.when(report(1, "started")).then_types<Started>();
  spec.when(report(2, "ready")).then_types<Ready>().then_work("command", "send", [](const core::DoAsk& ask) {
    const auto command = core::from_json<core::SendCommand>(ask.payload);
    REQUIRE(command);
    CHECK(command->id == "clinic-development");
    CHECK(command->name == "instance_changed");
    CHECK(core::json_text(command->body.text, "instance") == id);
    CHECK(core::json_text(command->body.text, "phase") == "ready");
    CHECK(core::json_int(command->body.text, "attempt") == 2);
    CHECK(core::json_int(command->body.text, "port") == 20001);
  });
  const auto summary = summarise(spec.state());
  CHECK(summary.status == "running");
  CHECK(summary.parent == "deployment/clinic-development");
  CHECK(spec.state().service == "web");
  CHECK(spec.state().revision == 3);
  CHECK(spec.state().index == 1);
}

TEST_CASE("instance: a late copy of a report changes nothing") {
  auto spec = fresh();
  spec.when(report(5, "ready")).when(report(5, "ready")).then_nothing();
  spec.when(report(4, "quarantined")).then_nothing();
}

TEST_CASE("instance: a start that follows an exit is no news for the deployment") {
  auto spec = fresh();
  spec.when(report(1, "started")).when(report(2, "ready"));
  spec.when(report(3, "exited", exited(-1, true), "exit.signal")).then_work("command", "send");
  CHECK(spec.state().last_exit->reason == "exit.signal");
  CHECK(summarise(spec.state()).status == "starting");
  spec.when(report(4, "started", facts(1))).then_types<Started>().then_no_asks();
  spec.when(report(5, "ready", facts(1))).then_work("command", "send");
}

TEST_CASE("instance: how an exit is read depends on what comes after it") {
  struct Row {
    int exit_code;
    bool comes_back;
    Phase phase;
    std::string_view status;
  };
  const Row rows[] = {{1, true, Phase::backoff, "starting"},
                      {0, true, Phase::backoff, "starting"},
                      {0, false, Phase::stopped, "stopped"},
                      {1, false, Phase::failed, "error"}};
  for (const auto& row : rows) {
    INFO("exit code " << row.exit_code << ", comes back: " << row.comes_back);
    auto spec = fresh();
    spec.when(report(1, "ready")).when(report(2, "exited", exited(row.exit_code, row.comes_back), "exit.code"));
    CHECK(spec.state().phase == row.phase);
    CHECK(summarise(spec.state()).status == row.status);
  }
}

TEST_CASE("instance: a new life is told even when nothing else differs") {
  auto spec = fresh();
  spec.when(report(1, "started"));
  auto next = facts();
  next.attempt = 3;
  spec.when(report(2, "started", next)).then_work("command", "send");
}

TEST_CASE("instance: reports of others and of another key are none of its business") {
  auto spec = fresh();
  auto other = report(1, "ready");
  other.key = "clinic-development.api.r3.1";
  spec.when(other).then_nothing();
  other = report(1, "ready");
  other.driver = "edge";
  spec.when(other).then_nothing();
  spec.when(report(1, "applied")).then_nothing();
}

TEST_CASE("instance: its name says whose it is") {
  const auto parts = parts_of("my.clinic-development.web.r12.3");
  REQUIRE(parts);
  CHECK(parts->deployment == "my.clinic-development");
  CHECK(parts->service == "web");
  CHECK(parts->revision == 12);
  CHECK(parts->index == 3);
  for (const auto* bad : {"", "web", "a.b.c.d", "clinic.web.r1", "clinic.web.1.1", "clinic.web.rx.1", "clinic.web.r1.x",
                          ".web.r1.1", "clinic..r1.1", "clinic.web.r1.", "clinic.web.r99999999999999999999.1"}) {
    INFO(bad);
    CHECK_FALSE(parts_of(bad));
  }
}
