#include "governance/limits/window.hpp"
#include "tests/testkit/catch.hpp"
#include "tests/testkit/random.hpp"

#include <deque>
#include <vector>

using namespace nova;
using namespace nova::limits;

namespace {

// Takes whenever it may and looks back over all that passed.
struct Log {
  Span span;
  Window window;
  std::vector<Millis> passed;

  bool take(Millis now) {
    if (window.used(span, now) >= span.max) return false;
    window.add(span, now);
    passed.push_back(now);
    return true;
  }
  // The most that passed in any stretch of the window's length.
  std::size_t busiest() const {
    std::size_t most = 0, begin = 0;
    for (std::size_t end = 0; end < passed.size(); ++end) {
      while (passed[end] - passed[begin] >= span.window) ++begin;
      most = std::max(most, end - begin + 1);
    }
    return most;
  }
};

}  // namespace

TEST_CASE("window: what passed leaves exactly one window later") {
  const Span span{300'000, 10};
  Window window;
  for (Millis at = 0; at < 10; ++at) window.add(span, at * 1000);
  CHECK(window.used(span, 9000) == 10);
  CHECK(window.passes_at(span, 9000) == 300'000);
  CHECK(window.used(span, 299'999) == 10);
  CHECK(window.used(span, 300'000) == 9);
  CHECK(window.passes_at(span, 300'000) == 300'000);
  CHECK(window.empty_at(span, 300'000) == 309'000);
  CHECK(window.used(span, 309'000) == 0);
}

TEST_CASE("window: two bursts around a border do not both pass, as they would in fixed windows") {
  for (const std::uint32_t max : {10U, 100U, 10'000U}) {
    Log log{{60'000, max}, {}, {}};
    for (std::uint32_t i = 0; i < 2 * max; ++i) log.take(59'900);
    for (std::uint32_t i = 0; i < 2 * max; ++i) log.take(60'100);
    CHECK(log.passed.size() == max);
  }
}

TEST_CASE("window: never more than its limit in any stretch of its length, and the time it names is exact") {
  testkit::Random random(testkit::seed_of_run());
  for (int round = 0; round < 300; ++round) {
    const auto max = std::uint32_t(round % 3 == 0 ? random.between(1, 10) : random.between(1, 400));
    Log log{{Millis(random.between(1, 120'000)), max}, {}, {}};
    INFO("window " << log.span.window << " max " << max << " round " << round);
    const auto step = log.span.window / max * random.between(0, 3) + 1;
    Millis now = random.between(0, 1'000'000'000);
    for (int i = 0; i < 1000; ++i) {
      now += random.between(0, step);
      if (log.take(now)) continue;
      const auto next = log.window.passes_at(log.span, now);
      REQUIRE(next > now);
      REQUIRE(next <= now + log.span.window + log.span.window / slots_of_window + 1);
      auto early = log.window, later = log.window;
      REQUIRE(early.used(log.span, next - 1) >= max);
      REQUIRE(later.used(log.span, next) < max);
    }
    REQUIRE(log.busiest() <= max);
  }
}

TEST_CASE("window: who keeps to the rate is let through, but for a slot's share") {
  Log log{{60'000, 600}, {}, {}};
  std::size_t asked = 0;
  for (Millis now = 0; now < 3'600'000; now += 100, ++asked) log.take(now);
  CHECK(log.passed.size() > asked * 97 / 100);
}

TEST_CASE("window: its memory is bounded whatever comes") {
  const Span span{60'000, 10'000};
  Window window;
  for (Millis now = 0; now < 3'600'000; now += 7)
    if (window.used(span, now) < span.max) window.add(span, now);
  CHECK(window.bytes() <= 128 * sizeof(std::uint64_t));
}

TEST_CASE("window: a clock that stands or goes back lets nothing more pass") {
  Log log{{60'000, 5}, {}, {}};
  for (int i = 0; i < 20; ++i) log.take(1'000'000 - i);
  CHECK(log.passed.size() == 5);
  CHECK(log.window.used(log.span, 1'059'999) == 5);
  CHECK(log.window.used(log.span, 1'060'000) == 0);
}

TEST_CASE("window: nothing passes a limit of none") {
  Window window;
  CHECK(window.used({1000, 0}, 5) == 0);
  CHECK(window.passes_at({1000, 0}, 5) == 1005);
}
