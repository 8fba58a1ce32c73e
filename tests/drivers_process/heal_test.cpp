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

}  // namespace nova::process::test
