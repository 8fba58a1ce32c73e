// Rate limits of two nodes on one PostgreSQL.
#include "store/postgres/shared_rates.hpp"
#include "tests/testkit/await.hpp"
#include "tests/testkit/catch.hpp"
#include "tests/testkit/postgres_server.hpp"

#include <atomic>
#include <thread>

using namespace nova;
using namespace nova::testkit;

namespace {

constexpr limits::PolicyId login = 6, other = 5;

limits::Options options() {
  limits::Options made;
  made.key = "the installation's";
  return made;
}

struct Node {
  Node(const std::string& url, const std::string& name) : limits(options()) {
    store::PostgresOptions database;
    database.url = url;
    database.node = name;
    store = store::open_postgres_store(database).value();
    store::SharedRatesOptions made;
    made.database = database;
    made.after = [this] { ++exchanges; };
    shared = store::SharedRates::start(limits, std::move(made));
    limits.share(shared.get());
  }
  limits::Verdict take(const limits::Subject& who, limits::PolicyId policy = login,
                       limits::Tier tier = limits::Tier::free) {
    const auto here = limits.take(who, limits::KeyedBy::ip, policy, tier, {});
    if (!here.passes) return here;
    return limits.take_shared(who, policy).value_or(here);
  }
  std::uint32_t used() {
    const auto top = limits.top(0, 1);
    return top.empty() ? 0 : top[0].used;
  }
  void exchange() {
    const auto seen = exchanges.load();
    REQUIRE(await([&] { return exchanges.load() >= seen + 2; }, std::chrono::seconds(20)));
  }

  limits::Limits limits;
  std::unique_ptr<store::EventStore> store;
  std::unique_ptr<limits::Shared> shared;
  std::atomic<int> exchanges{0};
};

struct Pair {
  std::string url = PostgresServer::shared().make_database();
  Node one{url, "one"}, two{url, "two"};
};

limits::Subject subject(int number) { return credentials::sha256(std::to_string(number)); }

}  // namespace

TEST_CASE("shared rates: two nodes count sign-ins as one, however many come together") {
  Pair pair;
  std::atomic<int> passed{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 6; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 5; ++i) passed += (t % 2 ? pair.one : pair.two).take(subject(1)).passes;
    });
  for (auto& thread : threads) thread.join();
  CHECK(passed == 10);
  const auto refused = pair.two.take(subject(1));
  CHECK_FALSE(refused.passes);
  CHECK(refused.retry_after > 200'000);
  CHECK(pair.one.take(subject(2)).passes);
}

TEST_CASE("shared rates: the time that is named is when the oldest leaves") {
  Pair pair;
  pair.one.limits.set(login, {2, 2, 10, 80, 1});
  pair.two.limits.set(login, {2, 2, 10, 80, 1});
  REQUIRE(pair.one.take(subject(1)).passes);
  REQUIRE(pair.two.take(subject(1)).passes);
  const auto refused = pair.two.take(subject(1));
  REQUIRE_FALSE(refused.passes);
  CHECK(refused.retry_after > 0);
  CHECK(refused.retry_after <= 2000);
  CHECK(await([&] { return pair.two.take(subject(1)).passes; }, std::chrono::seconds(20)));
}

TEST_CASE("shared rates: what one node let pass counts on the other, once") {
  Pair pair;
  // 2,000 a minute, 100 of them in a second.
  const auto take = [&] { return pair.one.take(subject(1), other, limits::Tier::enterprise).passes; };
  for (int i = 0; i < 90; ++i) REQUIRE(take());
  pair.one.exchange();
  pair.two.exchange();
  CHECK(pair.two.used() == 0);  // no tenth of the limit
  for (auto* node : {&pair.one, &pair.two}) node->limits.set(other, {60, 50, 1000, 80, 900});
  REQUIRE(take());  // of 500, it is
  CHECK(await([&] { return pair.two.used() == 91; }, std::chrono::seconds(20)));
  pair.two.exchange();
  pair.one.exchange();
  CHECK(pair.two.used() == 91);
  CHECK(pair.one.used() == 91);
}

TEST_CASE("shared rates: while the database is away each node counts alone, and then together again") {
  PostgresServer server;
  const auto url = server.make_database();
  Node one(url, "one"), two(url, "two");
  REQUIRE(one.take(subject(1)).passes);
  server.kill();
  for (int i = 0; i < 9; ++i) REQUIRE(one.take(subject(1)).passes);
  CHECK_FALSE(one.take(subject(1)).passes);
  CHECK(two.take(subject(1)).passes);
  server.start();
  // What the server forgot, it forgot; from now on they count as one.
  CHECK(await(
      [&] {
        const auto who = subject(100 + one.exchanges);
        for (int i = 0; i < 10; ++i) (i % 2 ? one : two).take(who);
        return !one.take(who).passes && !two.take(who).passes;
      },
      std::chrono::seconds(20)));
}

TEST_CASE("shared rates: their rows go when they are of no use") {
  Pair pair;
  pair.one.limits.set(login, {1, 2, 10, 80, 900});
  REQUIRE(pair.one.take(subject(1)).passes);
  CHECK(PostgresServer::sql(pair.url, "SELECT count(*) FROM nova.rate_passes") == "1");
  CHECK(await([&] { return PostgresServer::sql(pair.url, "SELECT count(*) FROM nova.rate_passes") == "0"; },
              std::chrono::seconds(20)));
}
