#include "governance/limits/limiter.hpp"

#include "governance/limits/subject.hpp"
#include "tests/testkit/catch.hpp"
#include "tests/testkit/random.hpp"

#include <chrono>
#include <thread>

using namespace nova;
using namespace nova::limits;

namespace {

constexpr PolicyId login = 6, api = 1, other = 5;
constexpr Millis minute = 60'000;

Subject subject(std::uint64_t number) { return credentials::sha256(std::to_string(number)); }

struct Desk {
  explicit Desk(std::size_t entries = entries_max, std::size_t blocks = blocks_max) : limiter(entries, blocks) {}
  Verdict take(const Subject& who, PolicyId policy = login, Tier tier = Tier::free) {
    return limiter.take({who, policy, KeyedBy::ip, tier, policies.allowance(policy, tier), {}}, now);
  }
  Policies policies;
  Limiter limiter;
  Millis now = 1'000'000;
};

}  // namespace

TEST_CASE("limiter: the 11th login in 5 minutes from one address waits as long as it must") {
  Desk desk;
  const auto one = subject(1);
  for (int i = 0; i < 10; ++i) {
    const auto verdict = desk.take(one);
    REQUIRE(verdict.passes);
    CHECK(verdict.limit == 10);
    CHECK(verdict.remaining == std::uint32_t(9 - i));
    CHECK(verdict.warned == (i == 7));
    desk.now += 1000;
  }
  const auto eleventh = desk.take(one);
  REQUIRE_FALSE(eleventh.passes);
  CHECK(eleventh.began);
  CHECK(eleventh.retry_after == 290'000);  // the first was 10 s ago
  CHECK(eleventh.reset_after == 299'000);
  CHECK(eleventh.remaining == 0);
  CHECK(desk.take(subject(2)).passes);
  desk.now += 289'999;
  CHECK_FALSE(desk.take(one).passes);
  desk.now += 1;
  CHECK(desk.take(one).passes);
  CHECK_FALSE(desk.take(one).passes);  // the second was a second later
  CHECK(desk.take(one).retry_after == 1000);
}

TEST_CASE("limiter: no more than the burst in a second, and the time named is exact") {
  Desk desk;
  const auto one = subject(1);
  for (int i = 0; i < 10; ++i) {
    REQUIRE(desk.take(one, api).passes);
    desk.now += 10;
  }
  const auto verdict = desk.take(one, api);
  REQUIRE_FALSE(verdict.passes);
  CHECK(verdict.retry_after == 900);
  CHECK(verdict.remaining == 90);
  desk.now += 900;
  CHECK(desk.take(one, api).passes);
}

TEST_CASE("limiter: whatever comes, no more pass than may, and waiting as told always helps") {
  testkit::Random random(testkit::seed_of_run());
  for (int round = 0; round < 60; ++round) {
    Desk desk;
    const auto policy = PolicyId(random.below(Policies::size()));
    const auto tier = Tier(random.below(6));
    const auto allowance = desk.policies.allowance(policy, tier);
    std::vector<Millis> passed;
    const auto one = subject(1);
    for (int i = 0; i < 3000; ++i) {
      desk.now += random.one_in(50) ? random.between(0, allowance.main.window / 3) : random.between(0, 200);
      const auto verdict = desk.take(one, policy, tier);
      if (verdict.passes) {
        passed.push_back(desk.now);
        continue;
      }
      REQUIRE(verdict.retry_after > 0);
      if (!random.one_in(4)) continue;
      desk.now += verdict.retry_after - 1;
      REQUIRE_FALSE(desk.take(one, policy, tier).passes);
      // That refusal may have been one too many: then a block is what must be waited for.
      const auto again = desk.take(one, policy, tier);
      desk.now += again.retry_after;
      REQUIRE(desk.take(one, policy, tier).passes);
      passed.push_back(desk.now);
    }
    for (const auto span : {allowance.main, allowance.burst}) {
      if (span.max >= allowance.main.max && span.window != allowance.main.window) continue;
      std::size_t begin = 0;
      for (std::size_t end = 0; end < passed.size(); ++end) {
        while (passed[end] - passed[begin] >= span.window) ++begin;
        REQUIRE(end - begin < span.max);
      }
    }
  }
}

TEST_CASE("limiter: who goes on regardless is blocked, for all policies, until the block ends") {
  Desk desk;
  const auto one = subject(1);
  for (int i = 0; i < 10; ++i) desk.take(one);
  for (int i = 0; i < 9; ++i) CHECK_FALSE(desk.take(one).to_block);
  const auto last = desk.take(one);
  CHECK(last.to_block);
  CHECK(last.retry_after == 15 * minute);
  const auto later = desk.take(one, api);
  CHECK_FALSE(later.passes);
  CHECK(later.blocked);
  CHECK_FALSE(later.to_block);
  CHECK(desk.take(subject(2), api).passes);
  desk.now += 15 * minute - 1;
  CHECK(desk.take(one).retry_after == 1);
  desk.now += 1;
  CHECK(desk.take(one).passes);
}

TEST_CASE("limiter: refusals are counted within one window only") {
  Desk desk;
  const auto one = subject(1);
  for (int round = 0; round < 5; ++round) {
    for (int i = 0; i < 10; ++i) REQUIRE(desk.take(one).passes);
    for (int i = 0; i < 9; ++i) REQUIRE_FALSE(desk.take(one).to_block);
    desk.now += 5 * minute;
  }
}

TEST_CASE("limiter: refusals are told of once a window, with how many there were") {
  Desk desk;
  const auto one = subject(1);
  for (int i = 0; i < 10; ++i) REQUIRE(desk.take(one).untold == 0);
  CHECK(desk.take(one).untold == 1);
  for (int i = 0; i < 7; ++i) CHECK(desk.take(one).untold == 0);
  CHECK(desk.take(subject(2)).untold == 0);
  desk.now += 5 * minute;
  for (int i = 0; i < 10; ++i) REQUIRE(desk.take(one).passes);
  CHECK(desk.take(one).untold == 8);  // the seven from before too
  CHECK(desk.take(one).untold == 0);
  // One at a time, as a caller does who never waits long enough: still once a window.
  Desk slow;
  std::uint32_t refused = 0, told = 0, notices = 0;
  for (int i = 0; i < 20'000; ++i) {
    slow.now += 50;
    const auto verdict = slow.take(one, api);
    refused += !verdict.passes;
    told += verdict.untold;
    notices += verdict.untold > 0;
  }
  CHECK(told <= refused);
  CHECK(notices <= 20'000 * 50 / minute + 1);
  CHECK(notices >= 1);
}

TEST_CASE("limiter: unblocking lets the next request pass") {
  Desk desk;
  const auto one = subject(1);
  for (int i = 0; i < 20; ++i) desk.take(one);
  REQUIRE(desk.take(one).blocked);
  desk.limiter.unblock(one);
  CHECK(desk.take(one).passes);
}

TEST_CASE("limiter: a flood of strangers fills no memory and makes nobody forgotten who is at a limit or blocked") {
  Desk desk(4096, 1024);
  std::vector<Subject> limited, blocked;
  for (std::uint64_t i = 0; i < 200; ++i) {
    limited.push_back(subject(i));
    for (int n = 0; n < 11; ++n) desk.take(limited.back());
    blocked.push_back(subject(1000 + i));
    desk.limiter.block(blocked.back(), desk.now + 15 * minute, desk.now);
  }
  for (std::uint64_t i = 10'000; i < 410'000; ++i) REQUIRE(desk.take(subject(i)).passes);
  const auto stats = desk.limiter.stats();
  CHECK(stats.entries <= 4096);
  CHECK(stats.pushed_out > 300'000);
  CHECK(stats.bytes < 4 * 1024 * 1024);
  for (const auto& one : blocked) REQUIRE(desk.take(one).blocked);
  for (const auto& one : limited) REQUIRE_FALSE(desk.take(one).passes);
}

TEST_CASE("limiter: blocks are bounded, those there are stay, and those that ended make room") {
  Desk desk(64, 64);
  std::vector<Subject> blocked;
  for (std::uint64_t i = 0; i < 5000; ++i) {
    const auto one = subject(i);
    if (desk.limiter.block(one, desk.now + minute, desk.now)) blocked.push_back(one);
  }
  CHECK(desk.limiter.stats().blocks == blocked.size());
  CHECK(desk.limiter.stats().blocks_refused == 5000 - blocked.size());
  CHECK(blocked.size() <= 64);
  for (const auto& one : blocked) REQUIRE(desk.take(one).blocked);
  desk.now += minute;
  CHECK(desk.limiter.block(subject(9999), desk.now + minute, desk.now));
}

TEST_CASE("limiter: what other nodes let pass counts here") {
  Desk here, there;
  const auto one = subject(1);
  for (int i = 0; i < 6; ++i) REQUIRE(here.take(one).passes);
  for (int i = 0; i < 4; ++i) REQUIRE(there.take(one).passes);
  const auto spent = there.limiter.take_spent(100, there.now);
  REQUIRE(spent.size() == 1);
  CHECK(spent[0].count == 4);
  CHECK(there.limiter.take_spent(100, there.now).empty());
  here.limiter.add_remote(spent[0], here.policies.allowance(login, Tier::free), here.now);
  CHECK_FALSE(here.take(one).passes);
  const auto own = here.limiter.take_spent(100, here.now);
  REQUIRE(own.size() == 1);
  CHECK(own[0].count == 6);  // not what the other node said
  CHECK(here.limiter.take_spent(100, here.now).empty());
}

TEST_CASE("limiter: what is far from its limit is not told, what was told late counts whole") {
  Desk desk;
  const auto one = subject(1);
  for (int i = 0; i < 9; ++i) desk.take(one, api);
  CHECK(desk.limiter.take_spent(100, desk.now).empty());
  desk.take(one, api);
  const auto spent = desk.limiter.take_spent(100, desk.now);
  REQUIRE(spent.size() == 1);
  CHECK(spent[0].count == 10);
}

TEST_CASE("limiter: nodes that tell each other let no more pass than 5 percent above the limit") {
  // Two nodes, a caller who asks both as fast as they let it, word from one to the other in 100 to 200 ms.
  testkit::Random random(testkit::seed_of_run());
  for (const auto tier : {Tier::free, Tier::pro, Tier::owner}) {
    Desk nodes[2];
    const auto one = subject(1);
    const auto limit = nodes[0].policies.allowance(other, tier).main.max;
    std::uint32_t passed = 0;
    std::vector<Spent> under_way[2];
    Millis not_before[2] = {0, 0};
    for (Millis at = 0; at < 60'000; at += 5) {
      for (int n = 0; n < 2; ++n) {
        nodes[n].now = 1'000'000 + at;
        for (auto i = random.between(0, 20); i >= 0 && at >= not_before[n]; --i) {
          const auto verdict = nodes[n].take(one, other, tier);
          passed += verdict.passes;
          if (!verdict.passes) not_before[n] = at + verdict.retry_after;
        }
      }
      if (at % 100 != 0) continue;
      for (int to = 0; to < 2; ++to) {
        for (const auto& spent : under_way[to])
          nodes[to].limiter.add_remote(spent, nodes[to].policies.allowance(other, tier), nodes[to].now);
        under_way[to] = nodes[1 - to].limiter.take_spent(100, nodes[1 - to].now);
      }
    }
    INFO("tier " << int(tier) << " passed " << passed << " of " << limit);
    CHECK(passed >= limit * 95 / 100);
    CHECK(passed <= limit * 105 / 100);
  }
}

TEST_CASE("limiter: what was refused elsewhere counts as refused here") {
  Desk desk;
  const auto one = subject(1);
  const Asked asked{one, login, KeyedBy::ip, Tier::free, desk.policies.allowance(login, Tier::free), {}};
  for (int i = 0; i < 10; ++i) {
    REQUIRE(desk.take(one).passes);
    const auto verdict = desk.limiter.take_back(asked, desk.now);
    CHECK_FALSE(verdict.passes);
    CHECK(verdict.to_block == (i == 9));
  }
  CHECK(desk.take(one).blocked);
}

TEST_CASE("limiter: the busiest come first, page by page") {
  Desk desk;
  for (std::uint64_t i = 0; i < 30; ++i)
    for (std::uint64_t n = 0; n <= i % 10; ++n) desk.take(subject(i));
  const auto first = desk.limiter.top(0, 5, desk.now), next = desk.limiter.top(5, 100, desk.now);
  REQUIRE(first.size() == 5);
  REQUIRE(next.size() == 25);
  CHECK(first[0].used == 10);
  CHECK(first[0].limit == 10);
  CHECK(next.back().used == 1);
  CHECK(desk.limiter.top(30, 5, desk.now).empty());
}

TEST_CASE("limiter: many threads together let no more pass than one") {
  Desk desk;
  const auto one = subject(1);
  std::atomic<int> passed{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 500; ++i) passed += desk.take(one, other, Tier::owner).passes;
    });
  for (auto& thread : threads) thread.join();
  CHECK(passed == 1000);  // the burst of the highest tier
}

TEST_CASE("limiter: what is given back counts nowhere, and is held against nobody") {
  Desk desk;
  const auto one = subject(1);
  for (int i = 0; i < 100; ++i) {
    REQUIRE(desk.take(one).passes);
    desk.limiter.give_back(one, login);
  }
  desk.limiter.give_back(subject(2), login);  // of whom nothing is known
  for (int i = 0; i < 10; ++i) CHECK(desk.take(one).passes);
  CHECK_FALSE(desk.take(one).passes);
  CHECK(desk.limiter.stats().passed == 10);
}
