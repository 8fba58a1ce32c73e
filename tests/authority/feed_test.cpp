// How the book hears of what was committed: at start, and of what other nodes write.
#include "governance/authority/feed.hpp"

#include "actors/membership/membership.hpp"
#include "actors/session/session.hpp"
#include "actors/user/user.hpp"
#include "core/describe/codec.hpp"
#include "node/follower.hpp"
#include "store/memory/memory_store.hpp"
#include "tests/authority/people.hpp"
#include "tests/testkit/await.hpp"

#include <catch2/catch.hpp>

using namespace nova;
using namespace nova::test;

namespace {

struct Log {
  void put(core::EntityKey key, std::string status, std::string body, std::uint64_t version) {
    store::Append change;
    change.key = key;
    change.expected_version = version - 1;
    change.events.push_back({core::new_uuid(core::system_clock().now()), key.kind + ".changed", "{}", "{}"});
    change.document.key = std::move(key);
    change.document.version = version;
    change.document.status = std::move(status);
    change.document.body = std::move(body);
    change.at = change.document.created_at = change.document.updated_at = core::system_clock().now();
    bool made = false;
    store->append(std::move(change), [&](const core::Result<store::Appended>& outcome) { made = outcome.ok(); });
    REQUIRE(made);
  }
  void put_user(const std::string& id, const std::string& status, std::uint64_t version) {
    user::State state;
    state.role = "support_agent";
    put({"system", "user", id}, status, core::to_json(state), version);
  }

  std::unique_ptr<store::EventStore> store = store::make_memory_store(core::system_clock());
  authority::Book book;
  authority::Feed feed{book};
};

}  // namespace

TEST_CASE("the feed brings what is there at start, and then what others commit") {
  Log log;
  log.put_user("amy", "active", 1);
  REQUIRE(log.feed.load(*log.store));
  REQUIRE(log.book.user("amy"));
  CHECK(log.book.user("amy")->role == "support_agent");

  log.put_user("amy", "suspended", 2);
  membership::State member;
  member.role = core::TenantRole::staff;
  log.put({"clinic", "membership", "amy"}, "active", core::to_json(member), 1);
  log.put({"clinic", "deployment", "web"}, "running", "{}", 1);
  CHECK(log.book.user("amy")->status == "active");
  REQUIRE(log.feed.follow(*log.store));
  CHECK(log.book.user("amy")->status == "suspended");
  REQUIRE(log.book.membership("clinic", "amy"));
  CHECK(log.book.membership("clinic", "amy")->role == "staff");
}

TEST_CASE("sessions that are over are not taken into memory, and end there when they end") {
  Log log;
  session::State state;
  state.user = "amy";
  log.put({"system", "session", "open"}, "active", core::to_json(state), 1);
  for (const char* status : {"ended", "expired", "revoked"})
    log.put({"system", "session", status}, status, core::to_json(state), 1);
  REQUIRE(log.feed.load(*log.store));
  CHECK(log.book.session("open"));
  for (const char* status : {"ended", "expired", "revoked"}) CHECK_FALSE(log.book.session(status));
  log.put({"system", "session", "open"}, "revoked", core::to_json(state), 2);
  REQUIRE(log.feed.follow(*log.store));
  CHECK(log.book.session("open")->status == "revoked");
}

TEST_CASE("a document that cannot be read leaves what was known") {
  Log log;
  log.put_user("amy", "active", 1);
  REQUIRE(log.feed.load(*log.store));
  log.put({"system", "user", "amy"}, "suspended", R"({"role":7})", 2);
  REQUIRE(log.feed.follow(*log.store));
  CHECK(log.book.user("amy")->status == "active");
}

TEST_CASE("a follower hears of what another node commits, from that node's first commit on") {
  Log log;
  log.put({"system", "node", "this"}, "up", "{}", 1);
  log.put({"system", "node", "gone"}, "left", "{}", 1);
  REQUIRE(log.feed.load(*log.store));
  node::Follower follower(log.book, log.feed, *log.store, "this");
  log.put({"system", "node", "other"}, "up", "{}", 1);
  log.put_user("amy", "banned", 1);
  CHECK(testkit::await([&] { return log.book.user("amy").has_value(); }));
}

TEST_CASE("a follower that is alone reads no log, and from the first look after another node's commit on reads all") {
  using Clock = std::chrono::steady_clock;
  Log log;
  log.put({"system", "node", "this"}, "up", "{}", 1);
  REQUIRE(log.feed.load(*log.store));
  node::Follower follower(log.book, log.feed, *log.store, "this");
  // A look that began after now has ended: from here on the book counts as heard of until a second later.
  const auto looked = [&] {
    const auto from = Clock::now();
    return testkit::await([&] { return !log.book.stale(from + authority::stale_after + Clock::duration(1)); });
  };
  // By an unknown hand, since what nodes write of themselves is in the book before it is in the log.
  log.put_user("amy", "active", 1);
  REQUIRE(looked());
  REQUIRE(looked());
  CHECK_FALSE(log.book.user("amy"));
  log.put({"system", "node", "other"}, "up", "{}", 1);
  log.put_user("bob", "banned", 1);
  REQUIRE(looked());
  CHECK(log.book.user("bob"));
  CHECK_FALSE(log.book.user("amy"));  // what was written while it was alone was never read
}

TEST_CASE("who has not heard from the log for a second lets nobody act whom the log could have stopped") {
  authority::Book book;
  settle(book);
  const auto now = std::chrono::steady_clock::now();
  CHECK(authority::may_act(book, {"t-owner", "user"}, noon));  // nobody else writes
  book.fresh_at(now - std::chrono::milliseconds(999));
  CHECK_FALSE(book.stale(now));
  book.fresh_at(now - std::chrono::milliseconds(1001));
  CHECK(book.stale(now));
  const auto refused = authority::may_act(book, {"t-owner", "user"}, noon);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == "authority.stale");
  CHECK(refused.error().status == 503);
  CHECK(authority::may_act(book, core::system_principal(), noon));
  CHECK(authority::may_act(book, {"operator", "service"}, noon));
}
