// What lies between a service's end and its being ready again, told by a clock that the test moves: how long anything
// takes on this machine decides nothing here.
#include "tests/drivers_process/bench.hpp"
#include "tests/testkit/catch.hpp"

#include <signal.h>

#include <atomic>

namespace nova::process::test {
namespace {

using std::chrono::microseconds;
using std::chrono::nanoseconds;

/// Stands still until it is moved; the driver, which looks at it anew for each wait, need not be told.
class StandingClock final : public core::Clock {
 public:
  core::Timestamp now() const override { return {1'800'000'000'000 + monotonic().count() / 1'000'000}; }
  nanoseconds monotonic() const override { return nanoseconds(now_.load()); }
  void move(nanoseconds by) { now_ += by.count(); }

 private:
  std::atomic<std::int64_t> now_{1'000'000'000};
};

struct ByHand {
  ByHand() { bench.options.clock = &clock; }

  StandingClock clock;
  Bench bench;

  service::Instance web() {
    auto web = bench.instance("web", {"serve"});
    web.spec.health.http = "/health";
    web.passes_needed = 1;
    return web;
  }
  std::size_t asked(const service::Instance& of) { return bench.lines(of, "probes").size(); }
  /// Until it answers at its port, whether or not the driver has asked.
  void listens(const service::Instance& of, std::size_t start) {
    REQUIRE(testkit::await([&] { return bench.lines(of, "journal").size() == start; }));
    const std::string line = bench.lines(of, "journal").back();
    const auto port = std::uint32_t(std::stoul(line.substr(line.rfind(' '))));
    const auto before = asked(of);
    REQUIRE(testkit::await([&] { return bench.serves(port) || asked(of) > before; }));
  }
};

}  // namespace

TEST_CASE("a service that answers is found ready within a millisecond, after a start as after a restart") {
  ByHand t;
  const auto web = t.web();
  t.bench.adopt();
  t.bench.keep(web);
  t.listens(web, 1);
  t.clock.move(milliseconds(1));
  REQUIRE(t.bench.reports.await("web/1/0", "ready"));

  t.clock.move(std::chrono::seconds(1));
  ::kill(pid_t(facts_of(t.bench.reports.last("web/1/0", "ready")).pid), SIGKILL);
  t.listens(web, 2);
  t.clock.move(milliseconds(1));
  REQUIRE(t.bench.reports.await("web/1/0", "ready", 2));
  REQUIRE(t.bench.reports.phases("web/1/0") == "started ready exited started ready");
}

TEST_CASE("one that is not well yet is asked less and less often, up to an interval of 50 ms") {
  ByHand t;
  const auto web = t.web();
  t.bench.write(web, "status", "503");
  t.bench.adopt();
  t.bench.keep(web);
  t.listens(web, 1);
  const auto before = t.asked(web);
  std::size_t count = 0;
  for (const int half_ms : {1, 2, 4, 8, 16, 32, 64, 100, 100, 100}) {
    t.clock.move(half_ms * microseconds(500));
    ++count;
    REQUIRE(testkit::await([&] { return t.asked(web) >= before + count; }));
  }
  REQUIRE(t.asked(web) == before + count);
  REQUIRE(t.bench.reports.count("web/1/0", "ready") == 0);
}

TEST_CASE("the passes that admit a new revision lie an interval apart") {
  ByHand t;
  auto web = t.web();
  web.passes_needed = 3;
  t.bench.adopt();
  t.bench.keep(web);
  t.listens(web, 1);
  const auto before = t.asked(web);
  t.clock.move(milliseconds(1));
  REQUIRE(testkit::await([&] { return t.asked(web) == before + 1; }));
  for (const auto pause : {milliseconds(49), milliseconds(2)}) t.clock.move(pause);
  REQUIRE(testkit::await([&] { return t.asked(web) >= before + 2; }));
  REQUIRE(t.bench.reports.count("web/1/0", "ready") == 0);
  t.clock.move(milliseconds(51));
  REQUIRE(t.bench.reports.await("web/1/0", "ready"));
  REQUIRE(t.asked(web) == before + 3);
}

TEST_CASE("a restart goes to the keeper that is there, and a keeper that waits for none leaves") {
  Bench bench;
  auto web = bench.instance("web", {"serve"});
  web.spec.health.http = "/";
  web.passes_needed = 1;
  web.spec.restart.intensity = 2;
  bench.adopt();
  bench.keep(web);
  REQUIRE(bench.reports.await("web/1/0", "ready"));
  const auto first = facts_of(bench.reports.last("web/1/0", "ready"));
  for (std::size_t restart = 1; restart <= 2; ++restart) {
    ::kill(pid_t(facts_of(bench.reports.last("web/1/0", "ready")).pid), SIGKILL);
    REQUIRE(bench.reports.await("web/1/0", "ready", 1 + restart));
    const auto now = facts_of(bench.reports.last("web/1/0", "ready"));
    REQUIRE(now.keeper_pid == first.keeper_pid);
    REQUIRE(now.pid != first.pid);
    REQUIRE(now.restarts == restart);
    const auto record = bench.record(web).value();
    REQUIRE(record.phase == "running");
    REQUIRE(record.service == now.pid);
    REQUIRE(record.keeper == now.keeper_pid);
    REQUIRE(record.signal == 0);
  }
  REQUIRE(bench.lines(web, "doubles").empty());
  // One too many: nothing is to be started any more.
  ::kill(pid_t(facts_of(bench.reports.last("web/1/0", "ready")).pid), SIGKILL);
  REQUIRE(bench.reports.await("web/1/0", "quarantined"));
  REQUIRE(testkit::await([&] { return !lives(pid_t(first.keeper_pid)); }));
  REQUIRE(bench.record(web)->exited());
}

TEST_CASE("while a restart waits its keeper does, and leaves with the driver, which the next one makes good") {
  Bench bench;
  auto web = bench.instance("web", {"serve"});
  web.spec.restart.backoff = web.spec.restart.backoff_max = milliseconds(2000);
  bench.adopt();
  bench.keep(web);
  REQUIRE(bench.reports.await("web/1/0", "ready"));
  const auto first = facts_of(bench.reports.last("web/1/0", "ready"));
  ::kill(pid_t(first.pid), SIGKILL);
  REQUIRE(bench.reports.await("web/1/0", "ready", 2));
  ::kill(pid_t(facts_of(bench.reports.last("web/1/0", "ready")).pid), SIGKILL);
  REQUIRE(bench.reports.await("web/1/0", "exited", 2));
  REQUIRE(lives(pid_t(first.keeper_pid)));
  bench.end_driver();
  REQUIRE(testkit::await([&] { return !lives(pid_t(first.keeper_pid)); }));
  bench.adopt({web});
  REQUIRE(bench.reports.await("web/1/0", "ready", 3));
  REQUIRE(facts_of(bench.reports.last("web/1/0", "ready")).keeper_pid != first.keeper_pid);
  REQUIRE(bench.lines(web, "journal").size() == 3);
  REQUIRE(bench.lines(web, "doubles").empty());
}

TEST_CASE("a keeper that is killed while it waits for the restart is replaced by a new one") {
  Bench bench;
  auto web = bench.instance("web", {"serve"});
  web.spec.restart.backoff = web.spec.restart.backoff_max = milliseconds(500);
  bench.adopt();
  bench.keep(web);
  REQUIRE(bench.reports.await("web/1/0", "ready"));
  const auto first = facts_of(bench.reports.last("web/1/0", "ready"));
  ::kill(pid_t(first.pid), SIGKILL);
  REQUIRE(bench.reports.await("web/1/0", "ready", 2));
  ::kill(pid_t(facts_of(bench.reports.last("web/1/0", "ready")).pid), SIGKILL);
  REQUIRE(bench.reports.await("web/1/0", "exited", 2));
  ::kill(pid_t(first.keeper_pid), SIGKILL);
  REQUIRE(bench.reports.await("web/1/0", "ready", 3));
  REQUIRE(facts_of(bench.reports.last("web/1/0", "ready")).keeper_pid != first.keeper_pid);
  REQUIRE(bench.reports.phases("web/1/0") == "started ready exited started ready exited started ready");
  REQUIRE(bench.lines(web, "doubles").empty());
}

TEST_CASE("a restart whose command is gone fails like a first start, and leaves no keeper") {
  Bench bench;
  auto web = bench.instance("web", {"serve"});
  const auto program = bench.dir / "program";
  std::filesystem::copy_file(TEST_SERVICE, program);
  web.spec.run.front() = program.string();
  bench.adopt();
  bench.keep(web);
  REQUIRE(bench.reports.await("web/1/0", "ready"));
  const auto first = facts_of(bench.reports.last("web/1/0", "ready"));
  std::filesystem::remove(program);
  ::kill(pid_t(first.pid), SIGKILL);
  REQUIRE(bench.reports.await("web/1/0", "failed"));
  REQUIRE(bench.reports.last("web/1/0", "failed").code == "start.command_not_found");
  REQUIRE(testkit::await([&] { return !lives(pid_t(first.keeper_pid)); }));
}

}  // namespace nova::process::test
