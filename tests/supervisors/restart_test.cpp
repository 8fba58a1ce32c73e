#include "supervisors/rule/restart.hpp"

#include "tests/testkit/catch.hpp"

#include <vector>

namespace nova::supervision {
namespace {

using namespace std::chrono_literals;
using What = RestartWindow::What;

constexpr double no_jitter = 1.0;  // The longest wait of each step.

TEST_CASE("restart: the first is at once, then 0.1 s doubling, and the sixth within the period is one too many") {
  RestartWindow window;
  Instant now = 10s;
  const std::vector<Instant> waits = {0ms, 100ms, 200ms, 400ms, 800ms};
  for (const auto wait : waits) {
    const auto verdict = window.next({now, no_jitter});
    CHECK(verdict.at - now == wait);
    CHECK(verdict.what == (wait == 0ms ? What::start_now : What::wait));
    now = verdict.at;
  }
  CHECK(window.within_period(now) == 5);
  CHECK(window.next({now, no_jitter}).what == What::give_up);
}

TEST_CASE("restart: the wait grows up to its bound and stays there") {
  Backoff backoff({1000, 60s, 100ms, 30s});
  Instant now = 0s;
  std::vector<Instant> waits;
  for (int i = 0; i < 40; ++i) {
    const auto at = backoff.next({now, no_jitter});
    waits.push_back(at - now);
    now = at;
  }
  CHECK(waits[9] == 25600ms);
  for (std::size_t i = 10; i < waits.size(); ++i) CHECK(waits[i] == 30s);
}

TEST_CASE("restart: jitter lies between half and all of a step") {
  struct Row {
    double random;
    Instant wait;
  };
  for (const auto row : {Row{0, 50ms}, Row{0.5, 75ms}, Row{1, 100ms}, Row{-3, 50ms}, Row{7, 100ms}}) {
    Backoff backoff;
    CHECK(backoff.next({1s, row.random}) == 1s);
    CHECK(backoff.next({1s, row.random}) - 1s == row.wait);
  }
}

TEST_CASE("restart: what stayed up for a whole period starts again at once") {
  Backoff backoff;
  (void)backoff.next({0s, no_jitter});
  CHECK(backoff.next({1s, no_jitter}) == 1100ms);
  CHECK(backoff.next({61'099ms, no_jitter}) == 61'299ms);    // up for a little less than 60 s
  CHECK(backoff.next({121'299ms, no_jitter}) == 121'299ms);  // up for exactly 60 s
}

TEST_CASE("restart: only restarts within the period count, one exactly that old still does") {
  Intensity intensity({2, 10s, 0ms, 0ms});
  CHECK(intensity.allows(0s));
  CHECK(intensity.allows(5s));
  CHECK_FALSE(intensity.allows(10s));
  Intensity later({2, 10s, 0ms, 0ms});
  CHECK(later.allows(0s));
  CHECK(later.allows(5s));
  CHECK(later.allows(10s + 1ns));
  CHECK(later.within_period(15s + 1ns) == 1);
}

TEST_CASE("restart: an intensity of nothing gives up on the first failure") {
  RestartWindow window({0, 60s, 100ms, 30s});
  CHECK(window.next({0s, 0}).what == What::give_up);
}

TEST_CASE("restart: a lifted quarantine starts with a clean sheet") {
  RestartWindow window({1, 60s, 100ms, 30s});
  (void)window.next({0s, 0});
  CHECK(window.next({1s, 0}).what == What::give_up);
  CHECK(window.next({2s, 0}).what == What::give_up);
  window.reset();
  CHECK(window.next({3s, 0}).what == What::start_now);
}

TEST_CASE("restart: a policy from outside is brought within limits") {
  Backoff backoff({4'000'000'000, -1s, 2s, 1s});
  (void)backoff.next({0s, no_jitter});
  CHECK(backoff.next({0s, no_jitter}) == 1s);
}

}  // namespace
}  // namespace nova::supervision
