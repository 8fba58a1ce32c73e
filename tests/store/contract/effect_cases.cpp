// Works, keeps, timers and dead letters from birth to end.
#include "tests/testkit/catch.hpp"
#include "tests/testkit/store_contract.hpp"

#include "core/ids.hpp"

using namespace nova;
using namespace nova::testkit;

namespace {

core::DoAsk work(const std::string& id) { return {id, "sources", "fetch", R"({"url":"x"})", "repo-1"}; }

store::DeadLetter letter(const std::string& id) {
  store::DeadLetter made;
  made.id = id;
  made.owner = key("a");
  made.what = R"({"work":"w1"})";
  made.error = "connection refused";
  made.at = {42};
  return made;
}

}  // namespace

TEST_CASE("a work is outstanding from the commit that asks until the commit that settles") {
  auto made = make_store_under_test();
  auto& store = made->store();
  auto ask = change_of(key("a"), 0, 2);
  ask.asks.works = {work("w2"), work("w1")};
  REQUIRE(append(store, ask).ok());
  auto other = change_of(key("b"), 0);
  other.asks.works = {work("w1")};
  REQUIRE(append(store, other).ok());

  const auto rows = store.works(0, 10).value();
  REQUIRE(rows.size() == 3);
  CHECK(rows[0].sequence == 2);
  CHECK(rows[0].ask.id == "w1");
  CHECK(rows[1].sequence == 2);
  CHECK(rows[1].ask.id == "w2");
  CHECK(rows[2].sequence == 3);
  CHECK(rows[2].owner == key("b"));
  CHECK(rows[0].owner == key("a"));
  CHECK(rows[0].ask.driver == "sources");
  CHECK(rows[0].ask.verb == "fetch");
  CHECK(rows[0].ask.payload == R"({"url":"x"})");
  CHECK(rows[0].ask.order_key == "repo-1");
  CHECK(rows[0].cause == "command-1");
  CHECK(rows[0].correlation == "request-1");
  CHECK(rows[0].attempts == 0);
  CHECK_FALSE(rows[0].started);
  CHECK(store.works(2, 10).value().size() == 1);

  auto settle = change_of(key("a"), 2);
  settle.settled_works = {"w1", "never-was"};
  REQUIRE(append(store, settle).ok());
  const auto left = store.works(0, 10).value();
  REQUIRE(left.size() == 2);
  CHECK(left[0].ask.id == "w2");
  CHECK(left[1].owner == key("b"));
}

TEST_CASE("an attempt is noted before it begins, and after it failed") {
  auto made = make_store_under_test();
  auto& store = made->store();
  auto ask = change_of(key("a"), 0);
  ask.asks.works = {work("w1")};
  REQUIRE(append(store, ask).ok());
  REQUIRE(mark_work(store, key("a"), "w1", true, 1, {100}, "").ok());
  CHECK(store.works(0, 10).value().at(0).started);
  REQUIRE(mark_work(store, key("a"), "w1", false, 1, {900}, std::string(10000, 'e')).ok());
  const auto row = store.works(0, 10).value().at(0);
  CHECK_FALSE(row.started);
  CHECK(row.attempts == 1);
  CHECK(row.due_at.ms == 900);
  CHECK(row.last_error == std::string(4096, 'e'));
  CHECK(code_of(mark_work(store, key("a"), "w9", true, 1, {1}, "")) == "work.not_found");
  CHECK(code_of(mark_work(store, key("b"), "w1", true, 1, {1}, "")) == "work.not_found");
}

TEST_CASE("a work id cannot be asked for twice while it is outstanding") {
  auto made = make_store_under_test();
  auto& store = made->store();
  auto ask = change_of(key("a"), 0);
  ask.asks.works = {work("w1")};
  REQUIRE(append(store, ask).ok());
  auto again = change_of(key("a"), 1);
  again.asks.works = {work("w1")};
  const auto refused = append(store, again);
  REQUIRE(code_of(refused) == "store.conflict");
  CHECK(detail_of(refused.error(), "what") == "work");
  auto twice = change_of(key("b"), 0);
  twice.asks.works = {work("w1"), work("w1")};
  CHECK(code_of(append(store, twice)) == "store.conflict");
  again.settled_works = {"w1"};
  CHECK(append(store, again).ok());
  CHECK(store.works(0, 10).value().size() == 1);
}

TEST_CASE("pages of works and keeps end with a whole sequence, so that going on by sequence skips none") {
  auto made = make_store_under_test();
  auto& store = made->store();
  for (int i = 0; i < 3; ++i) {
    auto ask = change_of(key("e" + std::to_string(i)), 0);
    for (const char* id : {"w1", "w2", "w3"}) {
      ask.asks.works.push_back(work(id));
      ask.asks.keeps.push_back({"process", ask.key.id + id, "{}", ask.key});
    }
    REQUIRE(append(store, ask).ok());
  }
  std::size_t works = 0, keeps = 0;
  for (std::uint64_t after = 0;;) {
    const auto page = store.works(after, 2).value();
    if (page.empty()) break;
    works += page.size();
    after = page.back().sequence;
  }
  for (std::uint64_t after = 0;;) {
    const auto page = store.keeps(after, 2).value();
    if (page.empty()) break;
    keeps += page.size();
    after = page.back().sequence;
  }
  CHECK(works == 9);
  CHECK(keeps == 9);
}

TEST_CASE("a keep is superseded by key within its tenant, and a dropped one can be seen") {
  auto made = make_store_under_test();
  auto& store = made->store();
  auto first = change_of(key("a"), 0);
  first.asks.keeps = {{"process", "api", R"({"run":1})", key("i1", "acme", "instance")},
                      {"edge", "api", "{}", key("a")}};
  REQUIRE(append(store, first).ok());
  auto abroad = change_of(key("a", "zeta"), 0);
  abroad.asks.keeps = {{"process", "api", R"({"run":9})", key("i1", "zeta", "instance")}};
  REQUIRE(append(store, abroad).ok());
  auto second = change_of(key("b"), 0);
  second.asks.keeps = {{"process", "api", R"({"run":2})", key("i2", "acme", "instance")}};
  REQUIRE(append(store, second).ok());

  auto rows = store.keeps(0, 10).value();
  REQUIRE(rows.size() == 3);
  CHECK(rows[0].ask.driver == "edge");
  CHECK(rows[1].owner == key("a", "zeta"));
  CHECK(rows[2].sequence == 3);
  CHECK(rows[2].owner == key("b"));
  CHECK(rows[2].ask.payload == R"({"run":2})");
  CHECK(rows[2].ask.report_to == key("i2", "acme", "instance"));
  CHECK(rows[2].cause == "command-1");

  auto drop = change_of(key("b"), 1);
  drop.asks.keeps = {{"process", "api", std::nullopt, key("i2", "acme", "instance")}};
  REQUIRE(append(store, drop).ok());
  rows = store.keeps(3, 10).value();
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].sequence == 4);
  CHECK_FALSE(rows[0].ask.payload);
  CHECK(rows[0].ask.report_to == key("i2", "acme", "instance"));
}

TEST_CASE("timers come by time, are replaced by id, cancelled, and removed when they fired") {
  auto made = make_store_under_test();
  auto& store = made->store();
  auto set = change_of(key("a"), 0);
  const auto now = set.at;
  set.asks.timers = {{"late", now + std::chrono::hours(2)},
                     {"soon", now + std::chrono::hours(1)},
                     {"never", now + std::chrono::hours(3)}};
  REQUIRE(append(store, set).ok());
  auto other = change_of(key("b"), 0);
  other.asks.timers = {{"soon", now + std::chrono::minutes(30)}};
  REQUIRE(append(store, other).ok());
  auto rows = store.timers(10).value();
  REQUIRE(rows.size() == 4);
  CHECK(rows[0].owner == key("b"));
  CHECK(rows[0].at == now + std::chrono::minutes(30));
  CHECK(rows[1].id == "soon");
  CHECK(rows[1].cause == "command-1");
  CHECK(rows[3].id == "never");
  CHECK(store.timers(1).value().size() == 1);

  auto change = change_of(key("a"), 1);
  change.asks.timers = {{"late", now + std::chrono::minutes(1)}, {"never", std::nullopt}};
  REQUIRE(append(store, change).ok());
  rows = store.timers(10).value();
  REQUIRE(rows.size() == 3);
  CHECK(rows[0].id == "late");

  SECTION("one that is due goes with the command that it was") {
    auto fire = change_of(key("a"), 2);
    fire.at = now + std::chrono::minutes(1);
    fire.fired_timers = {"late", "unknown"};
    REQUIRE(append(store, fire).ok());
    CHECK(store.timers(10).value().size() == 2);
  }
  SECTION("one that was set anew for later is not the one that fired") {
    auto fire = change_of(key("a"), 2);
    fire.at = now;
    fire.fired_timers = {"late"};
    REQUIRE(append(store, fire).ok());
    CHECK(store.timers(10).value().size() == 3);
  }
  SECTION("a command may set the timer that it was") {
    auto fire = change_of(key("a"), 2);
    fire.at = now + std::chrono::minutes(1);
    fire.fired_timers = {"late"};
    fire.asks.timers = {{"late", now + std::chrono::minutes(9)}};
    REQUIRE(append(store, fire).ok());
    CHECK(store.timers(1).value().at(0).at == now + std::chrono::minutes(9));
  }
}

TEST_CASE("asks of an append that is refused are not carried out") {
  auto made = make_store_under_test();
  auto& store = made->store();
  auto taken = change_of(key("holder"), 0);
  taken.asks.claims = {{"name", false, {}}};
  REQUIRE(append(store, taken).ok());
  auto change = change_of(key("a"), 0);
  change.asks.works = {work("w1")};
  change.asks.keeps = {{"process", "api", "{}", key("a")}};
  change.asks.timers = {{"t", core::Timestamp{1}}};
  change.asks.claims = {{"free", false, {}}, {"name", false, {}}};
  change.idempotency = {"scope", "h", "{}", made->clock.now() + std::chrono::hours(1)};
  REQUIRE(code_of(append(store, change)) == "store.claim_taken");
  CHECK(store.works(0, 10).value().empty());
  CHECK(store.keeps(0, 10).value().empty());
  CHECK(store.timers(10).value().empty());
  CHECK_FALSE(store.claim_holder("free").value());
  CHECK_FALSE(store.idempotency("scope").value());
}

TEST_CASE("dead letters are listed oldest first and move as S18 has them") {
  auto made = make_store_under_test();
  auto& store = made->store();
  std::vector<std::string> ids;
  for (int i = 0; i < 3; ++i) ids.push_back(core::new_uuid({1000 + i}));
  for (const auto i : {2, 0, 1}) REQUIRE(add_dead_letter(store, letter(ids[i])).ok());
  CHECK(code_of(add_dead_letter(store, letter(ids[0]))) == "dead_letter.duplicate");
  const auto all = store.dead_letters("", "", 10).value();
  REQUIRE(all.size() == 3);
  for (int i = 0; i < 3; ++i) CHECK(all[i].id == ids[i]);
  CHECK(all[0].owner == key("a"));
  CHECK(all[0].what == R"({"work":"w1"})");
  CHECK(all[0].error == "connection refused");
  CHECK(all[0].status == "pending");
  CHECK(all[0].at.ms == 42);
  CHECK(store.dead_letters("", ids[0], 1).value().at(0).id == ids[1]);

  const auto& id = ids[0];
  for (std::uint32_t retry = 1; retry <= 3; ++retry) {
    REQUIRE(set_dead_letter(store, id, "retrying", retry, "").ok());
    CHECK(code_of(set_dead_letter(store, id, "retrying", retry, "")) == "dead_letter.wrong_state");
    REQUIRE(set_dead_letter(store, id, retry < 3 ? "pending" : "failed", retry, "").ok());
  }
  REQUIRE(store.dead_letters("failed", "", 10).value().size() == 1);
  CHECK(store.dead_letters("failed", "", 10).value()[0].retries == 3);
  CHECK(store.dead_letters("pending", "", 10).value().size() == 2);
  REQUIRE(set_dead_letter(store, id, "retrying", 4, "").ok());
  REQUIRE(set_dead_letter(store, id, "resolved", 4, "the server was moved").ok());
  CHECK(store.dead_letters("resolved", "", 10).value().at(0).reason == "the server was moved");
  CHECK(code_of(set_dead_letter(store, id, "retrying", 5, "")) == "dead_letter.wrong_state");
  CHECK(code_of(set_dead_letter(store, "unknown", "retrying", 1, "")) == "dead_letter.not_found");
  CHECK(code_of(set_dead_letter(store, ids[1], "sleeping", 1, "")) == "dead_letter.wrong_state");
}
