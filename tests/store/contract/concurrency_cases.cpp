// Many writers at once: what must hold whoever comes first.
#include "tests/testkit/catch.hpp"
#include "tests/testkit/store_contract.hpp"

#include <map>
#include <mutex>
#include <thread>

using namespace nova;
using namespace nova::testkit;

namespace {

constexpr int writers = 8;

void run_writers(const std::function<void(int)>& body) {
  std::vector<std::thread> threads;
  for (int i = 0; i < writers; ++i) threads.emplace_back([&, i] { body(i); });
  for (auto& thread : threads) thread.join();
}

}  // namespace

TEST_CASE("positions are dense and streams without gaps under many concurrent writers") {
  auto made = make_store_under_test();
  auto& store = made->store();
  constexpr int each = 200;
  std::atomic<int> failed = 0;
  run_writers([&](int writer) {
    for (int i = 0; i < each; ++i)
      failed += !append(store, change_of(key("w" + std::to_string(writer) + "-" + std::to_string(i % 3)),
                                         std::uint64_t(i / 3) * 2, 2))
                     .ok();
  });
  CHECK(failed == 0);
  CHECK(store.head() == std::uint64_t(writers) * each * 2);
  std::uint64_t expected = 0, out_of_order = 0;
  std::map<std::string, std::uint64_t> versions;
  for (std::uint64_t at = 0; at < store.head();) {
    const auto slice = store.read_all(at, {}, 1000).value();
    REQUIRE(slice.scanned_to > at);
    for (const auto& event : slice.events) {
      out_of_order += event.position != ++expected;
      out_of_order += event.version != ++versions[event.entity.id];
    }
    at = slice.scanned_to;
  }
  CHECK(expected == store.head());
  CHECK(out_of_order == 0);
}

TEST_CASE("of two writers at one version one wins and the other gets a conflict") {
  auto made = make_store_under_test();
  auto& store = made->store();
  for (std::uint64_t version = 0; version < 30; ++version) {
    std::atomic<int> won = 0, conflicts = 0;
    run_writers([&](int) {
      const auto result = append(store, change_of(key("hot"), version));
      won += result.ok();
      conflicts += code_of(result) == "store.conflict";
    });
    REQUIRE(won == 1);
    REQUIRE(conflicts == writers - 1);
  }
  CHECK(store.head() == 30);
}

TEST_CASE("many appends with idempotency keys at once: each key is kept for the first that brought it") {
  auto made = make_store_under_test();
  auto& store = made->store();
  const auto expires = made->clock.now() + std::chrono::hours(24);
  // One after the other into the queue, so that most of them meet in one batch. Each fifth repeats the key of the one
  // before; in the third round those of the first round are expired, and each third key was used in the second.
  const auto scope = [](int round, int i) {
    if (round == 2) return "k" + std::to_string(i % 3 == 0 ? 1 : 0) + "-" + std::to_string(i);
    return "k" + std::to_string(round) + "-" + std::to_string(i % 5 == 4 ? i - 1 : i);
  };
  constexpr int count = 100;
  for (int round = 0; round < 3; ++round) {
    std::vector<std::promise<core::Result<store::Appended>>> answers(count);
    for (int i = 0; i < count; ++i) {
      auto change = change_of(key("e" + std::to_string(round) + "-" + std::to_string(i)), 0);
      change.idempotency = {scope(round, i), "h" + std::to_string(i), "{}", expires};
      if (round > 0) change.idempotency->expires_at = expires + std::chrono::hours(24);
      store.append(std::move(change), [&answers, i](auto result) { answers[i].set_value(std::move(result)); });
    }
    int wrong = 0;
    for (int i = 0; i < count; ++i) {
      const auto answer = answers[i].get_future().get();
      const bool refused = round == 2 ? i % 3 == 0 && i % 5 != 4 : i % 5 == 4;
      wrong += answer.ok() == refused;
      if (refused) wrong += answer.ok() || detail_of(answer.error(), "what") != "idempotency";
      const auto stored = store.document(key("e" + std::to_string(round) + "-" + std::to_string(i)));
      wrong += stored.value().has_value() == refused;
      if (refused) continue;
      const auto kept = store.idempotency(scope(round, i)).value();
      wrong += !kept || kept->body_hash != "h" + std::to_string(i);
    }
    CHECK(wrong == 0);
    if (round == 1) made->clock.advance(std::chrono::hours(24));
  }
}

TEST_CASE("in a race for one name exactly one entity gets it") {
  auto made = make_store_under_test();
  auto& store = made->store();
  for (int round = 0; round < 20; ++round) {
    std::atomic<int> won = 0, refused = 0;
    run_writers([&](int writer) {
      auto change = change_of(key("r" + std::to_string(round) + "-" + std::to_string(writer)), 0);
      change.asks.claims = {{"name-" + std::to_string(round), false, "tenant.slug_taken"}};
      const auto result = append(store, std::move(change));
      won += result.ok();
      refused += code_of(result) == "tenant.slug_taken";
    });
    REQUIRE(won == 1);
    REQUIRE(refused == writers - 1);
  }
  CHECK(store.head() == 20);
}

TEST_CASE("appends of one caller commit in the order they were given, and a conflicting one drops out alone") {
  auto made = make_store_under_test();
  auto& store = made->store();
  constexpr int count = 3000;
  std::mutex mutex;
  std::vector<int> order;
  int won = 0, lost = 0;
  std::promise<void> all;
  for (int i = 0; i < count; ++i) {
    // Every seventh is late by one version; the others build on each other without waiting for an answer.
    const bool bad = i % 7 == 6;
    const std::uint64_t version = std::uint64_t(i - i / 7);
    store.append(change_of(key("a"), bad ? version + 1 : version), [&, i, bad](auto result) {
      std::lock_guard lock(mutex);
      order.push_back(i);
      (result.ok() ? won : lost) += bad == !result.ok();
      if (int(order.size()) == count) all.set_value();
    });
  }
  REQUIRE(all.get_future().wait_for(std::chrono::seconds(60)) == std::future_status::ready);
  CHECK(std::is_sorted(order.begin(), order.end()));
  CHECK(lost == count / 7);
  CHECK(won == count - count / 7);
  CHECK(store.head() == std::uint64_t(count - count / 7));
}

TEST_CASE("what an append wrote can be read as soon as it is answered") {
  auto made = make_store_under_test();
  auto& store = made->store();
  std::atomic<int> stale = 0;
  run_writers([&](int writer) {
    const auto mine = key("w" + std::to_string(writer));
    for (std::uint64_t version = 0; version < 50; ++version) {
      if (!append(store, change_of(mine, version)).ok()) ++stale;
      const auto document = store.document(mine);
      stale += !document.ok() || !*document || (*document)->version != version + 1;
      stale += store.read(mine, version, 10).value().size() != 1;
    }
  });
  CHECK(stale == 0);
}
