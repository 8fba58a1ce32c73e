#include "tests/authority/people.hpp"
#include "tests/testkit/random.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace nova;
using namespace nova::test;

TEST_CASE("a version that comes late changes nothing") {
  authority::Book book;
  book.put_user("amy", person("free", "suspended"), 5);
  const auto sequence = book.sequence();
  book.put_user("amy", person("free", "active"), 4);
  CHECK(book.user("amy")->status == "suspended");
  CHECK(book.sequence() == sequence);
}

TEST_CASE("an address leads to its account, and no longer to the one that gave it up") {
  authority::Book book;
  auto amy = person();
  amy.email_key = "one";
  book.put_user("amy", amy, 1);
  CHECK(book.user_by_email("one") == "amy");
  amy.email_key = "two";
  book.put_user("amy", amy, 2);
  CHECK(book.user_by_email("one").empty());
  CHECK(book.user_by_email("two") == "amy");
}

TEST_CASE("a rotated key is found by both hashes, one that was replaced again by the newer two") {
  authority::Book book;
  auto key = key_of("amy", {});
  key.hash = "a";
  book.put_key(key, 1);
  key.previous_hash = std::exchange(key.hash, "b");
  book.put_key(key, 2);
  CHECK(book.key_by_hash("a"));
  CHECK(book.key_by_hash("b"));
  key.previous_hash = std::exchange(key.hash, "c");
  book.put_key(key, 3);
  CHECK_FALSE(book.key_by_hash("a"));
  CHECK(book.key_by_hash("b"));
  CHECK(book.key_by_hash("c"));
}

TEST_CASE("the other owner of a tenant is an active one and somebody else") {
  authority::Book book;
  settle(book);
  CHECK(book.other_owner("clinic", "t-owner").empty());
  book.put_membership("clinic", "t-admin", {"owner", "active"}, 2);
  CHECK(book.other_owner("clinic", "t-owner") == "t-admin");
  book.put_membership("clinic", "t-admin", {"owner", "removed"}, 3);
  CHECK(book.other_owner("clinic", "t-owner").empty());
}

TEST_CASE("sessions that are over stay so, and do not pile up") {
  authority::Book book;
  const auto put = [&](int number, const char* status, std::uint64_t version) {
    book.put_session("s" + std::to_string(number), {"amy", status, {noon.ms + 1}, noon}, version);
  };
  put(0, "active", 1);
  put(1, "active", 1);
  put(1, "revoked", 2);
  put(1, "active", 1);  // late
  CHECK(book.session("s1")->status == "revoked");
  const int many = int(authority::over_max) + 1;
  for (int i = 2; i <= many; ++i) put(i, "ended", 2);
  CHECK_FALSE(book.session("s1"));  // the oldest of them
  CHECK(book.session("s2")->status == "ended");
  CHECK(book.session("s0")->status == "active");
}

TEST_CASE("device logins that are over do not pile up, and those that wait stay") {
  authority::Book book;
  const auto put = [&](int number, const char* status) {
    authority::DeviceLine line;
    line.status = status;
    book.put_device("d" + std::to_string(number), line, 1);
  };
  put(0, "pending");
  put(1, "approved");
  const int many = int(authority::over_max) + 2;
  for (int i = 2; i <= many; ++i) put(i, i % 2 ? "denied" : "expired");
  CHECK_FALSE(book.device("d2"));
  CHECK(book.device("d3"));
  CHECK(book.device("d0")->status == "pending");
  CHECK(book.device("d1")->status == "approved");
}

TEST_CASE("a second factor is an app that proved itself or a passkey, as long as it is there") {
  authority::Book book;
  CHECK_FALSE(book.has_second_factor("amy"));
  for (const auto& [status, counts] : {std::pair{"pending", false}, {"verified", true}, {"removed", false}}) {
    static std::uint64_t version = 0;
    book.put_factor("amy", {status, {}, 0, {}}, ++version);
    CHECK(book.has_second_factor("amy") == counts);
  }
  authority::PasskeyLine key;
  key.user = "amy";
  key.status = "active";
  book.put_passkey("one", key, 1);
  CHECK(book.has_second_factor("amy"));
  CHECK_FALSE(book.has_second_factor("bob"));
  key.status = "removed";
  book.put_passkey("one", key, 2);
  CHECK_FALSE(book.has_second_factor("amy"));
}

TEST_CASE("memberships come page by page, and only active ones") {
  authority::Book book;
  for (const char* tenant : {"a", "b", "c", "d"}) book.put_membership(tenant, "amy", {"staff", "active"}, 1);
  book.put_membership("b", "amy", {"staff", "removed"}, 2);
  const auto first = book.memberships("amy", "", 2);
  REQUIRE(first.size() == 2);
  CHECK(first[0].first == "a");
  CHECK(first[1].first == "c");
  const auto rest = book.memberships("amy", first[1].first, 2);
  REQUIRE(rest.size() == 1);
  CHECK(rest[0].first == "d");
}

TEST_CASE("the places for keys that a tenant has left are as many as its tier allows, whatever was there before") {
  authority::Book book;
  std::uint64_t version = 0;
  const auto put = [&](const std::string& id, std::optional<std::int64_t> place, const std::string& status = "active") {
    auto line = key_of(id, {});
    line.id = id;
    line.status = status;
    line.place = place;
    book.put_key(std::move(line), ++version);
  };
  using Places = std::vector<std::int64_t>;
  CHECK(book.free_key_places("clinic", 3) == Places{0, 1, 2});
  put("a", 1);
  put("b", 2, "suspended");
  CHECK(book.free_key_places("clinic", 3) == Places{0});
  CHECK(book.free_key_places("bakery", 3) == Places{0, 1, 2});
  put("b", std::nullopt, "revoked");
  CHECK(book.free_key_places("clinic", 3) == Places{0, 2});
  // From before there were places, and from a higher tier.
  put("old", std::nullopt);
  CHECK(book.free_key_places("clinic", 3) == Places{0});
  put("high", 40);
  CHECK(book.free_key_places("clinic", 3).empty());
  CHECK(book.free_key_places("clinic", 4) == Places{0});
  put("old", std::nullopt, "expired");
  CHECK(book.free_key_places("clinic", 4) == Places{0, 2});
  // However keys come and go: never more than there may be, and none is held back.
  testkit::Random random(testkit::seed_of_run());
  for (int step = 0; step < 2000; ++step) {
    const auto id = "k" + std::to_string(random.below(30));
    const auto most = std::int64_t(random.below(25));
    const auto keys = std::int64_t(book.keys_of("clinic"));
    const auto free = book.free_key_places("clinic", most);
    REQUIRE(std::int64_t(free.size()) <= std::max<std::int64_t>(most - keys, 0));
    const auto before = book.key("clinic", id);
    if (before && before->status == "active")
      put(id, std::nullopt, "revoked");
    else if (!free.empty())
      put(id, free[random.below(free.size())]);
  }
  const auto keys = std::int64_t(book.keys_of("clinic"));
  CHECK(std::int64_t(book.free_key_places("clinic", 1000).size()) == 1000 - keys);
}
