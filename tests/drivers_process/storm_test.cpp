// Services that end as soon as they start, many at once: who waits for whom.
#include "tests/drivers_process/bench.hpp"
#include "tests/testkit/catch.hpp"

#include <signal.h>

#include <chrono>

namespace nova::process::test {
namespace {

std::vector<service::Instance> storm(Bench& bench, std::uint32_t count, std::int64_t restarts) {
  std::vector<service::Instance> all;
  for (std::uint32_t i = 0; i < count; ++i) {
    auto stormy = bench.instance("stormy", {"exit=1"}, "aaa");
    stormy.index = i;
    stormy.spec.restart.intensity = restarts;
    stormy.spec.restart.backoff = stormy.spec.restart.backoff_max = milliseconds(1);
    all.push_back(stormy);
  }
  return all;
}

void await_its_end(Bench& bench, const std::vector<service::Instance>& all) {
  for (const auto& stormy : all) REQUIRE(bench.reports.await(Bench::key(stormy), "quarantined"));
}

}  // namespace

TEST_CASE("twenty services that end at once in one tenant do not hold up another tenant's start") {
  Bench bench;
  auto all = storm(bench, 20, 1);
  all.push_back(bench.instance("quiet", {"pause"}, "zzz"));
  bench.adopt(all);
  REQUIRE(bench.reports.await("quiet/1/0", "ready"));
  all.pop_back();
  await_its_end(bench, all);
  // By order, not by time: all 40 starts of the storm were asked for earlier or in the same moment.
  std::size_t before = 0;
  for (const auto& report : bench.reports.all()) {
    if (report.key == "quiet/1/0") break;
    before += report.phase == "exited";
  }
  REQUIRE(before <= 10);
  REQUIRE(bench.lines(all.front(), "journal").size() == 40);
}

TEST_CASE("starts that come to nothing are paced: two in a quarter of a second for a tenant") {
  Bench bench;
  const auto all = storm(bench, 4, 2);
  const auto begin = std::chrono::steady_clock::now();
  bench.adopt(all);
  await_its_end(bench, all);
  // Eight restarts by two slots: the last one begins three pauses after the first one at the earliest.
  REQUIRE(std::chrono::steady_clock::now() - begin >= 3 * milliseconds(250));
  REQUIRE(bench.lines(all.front(), "journal").size() == 12);
}

TEST_CASE("after four starts that came to nothing a tenant's first starts are paced as well") {
  Bench bench;
  auto all = storm(bench, 12, 0);
  const auto begin = std::chrono::steady_clock::now();
  bench.adopt(all);
  await_its_end(bench, all);
  // Of the eight after the fourth, two at a time: the last one begins three pauses after the first of them.
  REQUIRE(std::chrono::steady_clock::now() - begin >= 3 * milliseconds(250));
  // Another tenant's first start is no concern of theirs.
  const auto other = bench.instance("other", {"serve"}, "bbb");
  bench.keep(other);
  REQUIRE(bench.reports.await("other/1/0", "ready"));
}

TEST_CASE("a service that can run does not wait behind siblings that cannot") {
  Bench bench;
  auto all = storm(bench, 20, 2);
  const auto good = bench.instance("good", {"serve"}, "aaa");
  all.push_back(good);
  bench.adopt(all);
  REQUIRE(bench.reports.await("good/1/0", "ready"));
  all.pop_back();
  // Now the others wait for their turn to fail again.
  REQUIRE(testkit::await([&] { return bench.lines(all.front(), "journal").size() >= 21; }));
  const auto runs_before = bench.lines(all.front(), "journal").size();
  REQUIRE(runs_before <= 30);
  ::kill(pid_t(facts_of(bench.reports.last("good/1/0", "ready")).pid), SIGKILL);
  REQUIRE(bench.reports.await("good/1/0", "ready", 2));
  // It had 30 restarts of theirs before it in order of time.
  bool ended = false;
  std::size_t between = 0;
  for (const auto& report : bench.reports.all()) {
    if (report.key == "good/1/0" && report.phase == "exited")
      ended = true;
    else if (report.key == "good/1/0" && ended)
      break;
    else if (ended)
      between += report.phase == "exited" || report.phase == "quarantined";
  }
  REQUIRE(between <= 4);
  await_its_end(bench, all);
}

}  // namespace nova::process::test
