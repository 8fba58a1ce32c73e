// Lists, the log forwards and backwards, subscriptions, digests.
#include "tests/testkit/await.hpp"
#include "tests/testkit/catch.hpp"
#include "tests/testkit/store_contract.hpp"

#include <set>
#include <thread>

using namespace nova;
using namespace nova::testkit;

namespace {

store::Append typed(const core::EntityKey& entity, std::uint64_t expected, const std::string& type) {
  auto change = change_of(entity, expected);
  change.events[0].type = type;
  return change;
}

std::vector<std::uint64_t> positions(const std::vector<core::StoredEvent>& events) {
  std::vector<std::uint64_t> found;
  for (const auto& event : events) found.push_back(event.position);
  return found;
}

using Positions = std::vector<std::uint64_t>;

/// 1 acme/platform/a, 2 zeta/platform/a, 3 acme/tenant/acme, 4 acme/platform/b, 5 acme/platform/a, 6 zeta/platform/a
void fill(store::EventStore& store) {
  REQUIRE(append(store, typed(key("a"), 0, "platform.created")).ok());
  REQUIRE(append(store, typed(key("a", "zeta"), 0, "platform.created")).ok());
  REQUIRE(append(store, typed(key("acme", "acme", "tenant"), 0, "tenant.created")).ok());
  REQUIRE(append(store, typed(key("b"), 0, "platform.created")).ok());
  REQUIRE(append(store, typed(key("a"), 1, "platform.closed")).ok());
  REQUIRE(append(store, typed(key("a", "zeta"), 1, "platformer.closed")).ok());
}

}  // namespace

TEST_CASE("a stream is read oldest first, after a version, in pages") {
  auto made = make_store_under_test();
  auto& store = made->store();
  for (std::uint64_t v = 0; v < 10; v += 2) REQUIRE(append(store, change_of(key("a"), v, 2)).ok());
  const auto page = store.read(key("a"), 3, 4).value();
  REQUIRE(page.size() == 4);
  for (std::size_t i = 0; i < 4; ++i) CHECK(page[i].version == 4 + i);
  CHECK(store.read(key("a"), 9, 100).value().size() == 1);
  CHECK(store.read(key("a"), 10, 100).value().empty());
}

TEST_CASE("of what was never written a store says so without reading, of what was written never") {
  auto made = make_store_under_test();
  auto& store = made->store();
  REQUIRE(await([&] { return store.presence(key("a")) != store::Presence::unknown; }));
  REQUIRE(append(store, change_of(key("a"), 0)).ok());
  CHECK(store.presence(key("a")) == store::Presence::unknown);
  CHECK(store.presence(key("b")) != store::Presence::unknown);
}

TEST_CASE("the log is read in order, filtered, and says how far it looked") {
  auto made = make_store_under_test();
  auto& store = made->store();
  fill(store);
  struct Row {
    store::EventFilter filter;
    Positions wanted;
  };
  const Row rows[] = {
      {{}, {1, 2, 3, 4, 5, 6}},
      {{"acme", {}, {}, {}}, {1, 3, 4, 5}},
      {{"zeta", {}, {}, {}}, {2, 6}},
      {{"acme", "platform", {}, {}}, {1, 4, 5}},
      {{"acme", "platform", "a", {}}, {1, 5}},
      {{{}, "platform", "a", {}}, {1, 2, 5, 6}},
      {{{}, {}, {}, "platform.created"}, {1, 2, 4}},
      {{{}, {}, {}, "platform."}, {1, 2, 4, 5}},
      {{{}, {}, {}, "platform*"}, {1, 2, 4, 5, 6}},
      {{"acme", "platform", "a", "platform.closed"}, {5}},
      {{"nobody", {}, {}, {}}, {}},
      {{"nobody", "platform", "a", {}}, {}},
  };
  for (const auto& row : rows) {
    INFO(row.filter.tenant << "/" << row.filter.kind << "/" << row.filter.id << " " << row.filter.type);
    const auto slice = store.read_all(0, row.filter, 100).value();
    CHECK(positions(slice.events) == row.wanted);
    CHECK(slice.scanned_to == 6);
    const auto back = store.read_back(0, row.filter, 100).value();
    CHECK(positions(back) == Positions(row.wanted.rbegin(), row.wanted.rend()));
  }
}

TEST_CASE("going on where a slice ended gives each event once") {
  auto made = make_store_under_test();
  auto& store = made->store();
  fill(store);
  for (const store::EventFilter& filter :
       {store::EventFilter{"acme", {}, {}, {}}, store::EventFilter{"acme", "platform", "a", {}}}) {
    Positions seen;
    std::uint64_t at = 0;
    for (int turns = 0; at < store.head() && turns < 20; ++turns) {
      const auto slice = store.read_all(at, filter, 1).value();
      REQUIRE(slice.scanned_to > at);
      at = slice.scanned_to;
      for (const auto p : positions(slice.events)) seen.push_back(p);
    }
    CHECK(seen == (filter.id.empty() ? Positions{1, 3, 4, 5} : Positions{1, 5}));
  }
  const auto end = store.read_all(6, {}, 10).value();
  CHECK(end.events.empty());
  CHECK(end.scanned_to == 6);
}

TEST_CASE("the log is read back from before a position") {
  auto made = make_store_under_test();
  auto& store = made->store();
  fill(store);
  CHECK(positions(store.read_back(5, {}, 2).value()) == Positions{4, 3});
  CHECK(positions(store.read_back(5, {"acme", "platform", "a", {}}, 9).value()) == Positions{1});
  CHECK(store.read_back(1, {}, 9).value().empty());
}

TEST_CASE("documents are listed by kind with tenant, status and parent as filters") {
  auto made = make_store_under_test();
  auto& store = made->store();
  const auto put = [&](const std::string& tenant, const std::string& id, const std::string& status,
                       const std::string& parent) {
    auto change = change_of(key(id, tenant), 0);
    change.document.status = status;
    change.document.parent = parent;
    REQUIRE(append(store, std::move(change)).ok());
  };
  put("zeta", "a", "open", "");
  put("acme", "c", "open", "tenant/acme");
  put("acme", "b", "closed", "tenant/acme");
  put("acme", "a", "open", "");
  REQUIRE(append(store, change_of(key("x", "acme", "provider"), 0)).ok());
  struct Row {
    store::DocumentQuery query;
    std::string wanted;
  };
  const Row rows[] = {
      {{"", "platform", "", "", "", 10}, "acme/a acme/b acme/c zeta/a "},
      {{"acme", "platform", "", "", "", 10}, "acme/a acme/b acme/c "},
      {{"acme", "platform", "open", "", "", 10}, "acme/a acme/c "},
      {{"", "platform", "open", "", "", 10}, "acme/a acme/c zeta/a "},
      {{"acme", "platform", "", "tenant/acme", "", 10}, "acme/b acme/c "},
      {{"", "platform", "", "tenant/acme", "", 10}, "acme/b acme/c "},
      {{"acme", "platform", "closed", "tenant/acme", "", 10}, "acme/b "},
      {{"", "platform", "open", "tenant/acme", "", 10}, "acme/c "},
      {{"acme", "provider", "", "", "", 10}, "acme/x "},
      {{"nobody", "platform", "", "", "", 10}, ""},
  };
  for (const auto& row : rows) {
    for (const std::size_t limit : {10u, 1u, 2u}) {
      std::string listed;
      auto query = row.query;
      query.limit = limit;
      do {
        const auto page = store.documents(query).value();
        CHECK(page.items.size() <= limit);
        for (const auto& document : page.items) listed += document.key.tenant + "/" + document.key.id + " ";
        query.after = page.next;
      } while (!query.after.empty());
      INFO(row.query.tenant << " " << row.query.status << " " << row.query.parent << " by " << limit);
      CHECK(listed == row.wanted);
    }
  }
  CHECK(code_of(store.documents({"", "", "", "", "", 10})) == "input.invalid");
  CHECK(code_of(store.documents({"", "platform", "", "", "", 0})) == "input.invalid");
  CHECK(code_of(store.documents({"", "platform", "", "", "", 1001})) == "input.invalid");
  CHECK(code_of(store.documents({"", "platform", "", "", "no cursor", 10})) == "input.invalid");
}

TEST_CASE("a document that changes its status changes the lists it stands in") {
  auto made = make_store_under_test();
  auto& store = made->store();
  REQUIRE(append(store, change_of(key("a"), 0)).ok());
  auto change = change_of(key("a"), 1);
  change.document.status = "closed";
  change.document.parent = "tenant/acme";
  REQUIRE(append(store, std::move(change)).ok());
  CHECK(store.documents({"acme", "platform", "open", "", "", 10}).value().items.empty());
  CHECK(store.documents({"acme", "platform", "closed", "", "", 10}).value().items.size() == 1);
  CHECK(store.documents({"acme", "platform", "", "tenant/acme", "", 10}).value().items.size() == 1);
}

TEST_CASE("a list of ten thousand has no gaps and no doubles while writers insert") {
  auto made = make_store_under_test();
  auto& store = made->store();
  constexpr int count = 10'000;
  std::atomic<int> done = 0;
  const auto id_of = [](int i) {
    const auto digits = std::to_string(i);
    return "e" + std::string(6 - digits.size(), '0') + digits;
  };
  for (int i = 0; i < count; ++i) {
    store.append(change_of(key(id_of(2 * i)), 0), [&](auto result) { done += result.ok(); });
    if (i % 5000 == 4999)
      REQUIRE(append(store, change_of(key("barrier" + std::to_string(i), "acme", "provider"), 0)).ok());
  }
  REQUIRE(append(store, change_of(key("last", "acme", "provider"), 0)).ok());
  REQUIRE(done == count);

  std::atomic<bool> stop = false;
  std::thread writer([&] {
    for (int i = 0; !stop && i < count; ++i) (void)append(store, change_of(key(id_of(2 * i + 1)), 0));
  });
  std::set<std::string> seen;
  std::string last;
  bool ordered = true, doubled = false;
  store::DocumentQuery query{"acme", "platform", "", "", "", 1000};
  do {
    const auto page = store.documents(query).value();
    for (const auto& document : page.items) {
      ordered = ordered && document.key.id > last;
      last = document.key.id;
      doubled = doubled || !seen.insert(last).second;
    }
    query.after = page.next;
  } while (!query.after.empty());
  stop = true;
  writer.join();
  int missing = 0;
  for (int i = 0; i < count; ++i) missing += !seen.contains(id_of(2 * i));
  CHECK(missing == 0);
  CHECK(ordered);
  CHECK_FALSE(doubled);
}

TEST_CASE("subscribers hear of each commit after it can be read, and no more once they left") {
  auto made = make_store_under_test();
  auto& store = made->store();
  std::mutex mutex;
  std::vector<std::uint64_t> heads;
  bool readable = true;
  auto subscription = store.subscribe([&](std::uint64_t head) {
    std::lock_guard lock(mutex);
    heads.push_back(head);
    readable = readable && store.head() >= head && store.read_all(head - 1, {}, 1).value().events.size() == 1;
  });
  std::uint64_t left_heard = 0;
  auto leaves = store.subscribe([&](std::uint64_t head) { left_heard = head; });
  REQUIRE(append(store, change_of(key("a"), 0)).ok());
  leaves.reset();
  const auto left_after = left_heard;
  for (std::uint64_t v = 1; v < 20; ++v) REQUIRE(append(store, change_of(key("a"), v)).ok());
  CHECK(code_of(append(store, change_of(key("a"), 3))) == "store.conflict");
  store.close();
  subscription.reset();
  CHECK(readable);
  REQUIRE_FALSE(heads.empty());
  CHECK(heads.back() == 20);
  CHECK(std::is_sorted(heads.begin(), heads.end()));
  CHECK(left_heard == left_after);
}

TEST_CASE("digests tell equal from unequal contents, and are the same in every store") {
  const auto fill_with = [](store::EventStore& store, const std::string& body) {
    for (int i = 0; i < 5; ++i) {
      auto change = change_of(key("e" + std::to_string(i % 3)), std::uint64_t(i / 3));
      change.events[0].id = "0190a000-0000-7000-8000-00000000000" + std::to_string(i);
      change.events[0].body = body;
      REQUIRE(append(store, std::move(change)).ok());
    }
  };
  auto a = make_store_under_test(), b = make_store_under_test(), c = make_store_under_test();
  fill_with(a->store(), "{}");
  fill_with(b->store(), "{}");
  fill_with(c->store(), "{ }");
  const auto digests = a->store().digests().value();
  CHECK(digests.log == b->store().digests().value().log);
  CHECK(digests.documents == b->store().digests().value().documents);
  CHECK(digests.log != c->store().digests().value().log);
  CHECK(digests.documents == c->store().digests().value().documents);
  // Fixed for all adapters: a store that is moved to another kind of store keeps them.
  CHECK(digests.log == "df5acf60e000788558771584e13018268e0160f2fc8548ec6ba862a6ed7c1aff");
  CHECK(digests.documents == "bff0a4d4097ef84ec2753c70708629446c34c5ccd3b36363f31119304a9b58fd");
  auto empty = make_store_under_test();
  CHECK(empty->store().digests().value().log == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}
