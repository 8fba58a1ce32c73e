#include "tests/testkit/faulty_store.hpp"

#include "store/memory/memory_store.hpp"
#include "tests/testkit/catch.hpp"
#include "tests/testkit/store_contract.hpp"

using namespace nova;
using namespace nova::testkit;

TEST_CASE("faulty store: failed changes are not made, doubted ones are, lost ones are never answered") {
  ManualClock clock;
  FaultyStore store(store::make_memory_store(clock));
  store.fail_next(1);
  CHECK(code_of(append(store, change_of(key("a"), 0))) == "store.read_only");
  CHECK(store.head() == 0);
  store.doubt_next(1);
  const auto doubted = append(store, change_of(key("a"), 0));
  CHECK(detail_of(doubted.error(), "outcome") == "unknown");
  CHECK(store.head() == 1);
  store.lose_next(1);
  bool answered = false;
  store.append(change_of(key("a"), 1), [&](auto) { answered = true; });
  CHECK_FALSE(answered);
  CHECK(store.head() == 2);
  CHECK(append(store, change_of(key("a"), 2)).ok());
}

TEST_CASE("faulty store: answers are held until they are released, in order") {
  ManualClock clock;
  FaultyStore store(store::make_memory_store(clock));
  store.hold(true);
  std::string order;
  store.append(change_of(key("a"), 0), [&](auto) { order += "a"; });
  store.append(change_of(key("b"), 0), [&](auto) { order += "b"; });
  store.load(key("a"), [&](auto loaded) { order += loaded.value() ? "L" : "?"; });
  CHECK(order.empty());
  CHECK(store.held() == 3);
  CHECK(store.release(1) == 1);
  CHECK(order == "a");
  CHECK(store.release() == 2);
  CHECK(order == "abL");
}

TEST_CASE("faulty store: reads fail while they are told to") {
  ManualClock clock;
  FaultyStore store(store::make_memory_store(clock));
  REQUIRE(append(store, change_of(key("a"), 0)).ok());
  store.fail_reads(true);
  CHECK(code_of(store.document(key("a"))) == "store.unavailable");
  store.fail_reads(false);
  CHECK(store.document(key("a")).value());
}
