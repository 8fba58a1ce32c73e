// Versions, guards, claims, limits, idempotency: what an append may and may not do.
#include "tests/testkit/catch.hpp"
#include "tests/testkit/store_contract.hpp"

#include <future>

using namespace nova;
using namespace nova::testkit;

TEST_CASE("an append gives positions from 1 and moves the stream's version") {
  auto made = make_store_under_test();
  auto& store = made->store();
  CHECK(store.head() == 0);
  const auto first = append(store, change_of(key("a"), 0, 3));
  REQUIRE(first.ok());
  CHECK(first->position == 3);
  CHECK(first->version == 3);
  const auto second = append(store, change_of(key("b"), 0));
  REQUIRE(second.ok());
  CHECK(second->position == 4);
  CHECK(second->version == 1);
  CHECK(store.head() == 4);
}

TEST_CASE("an append at another version is a conflict that names both and changes nothing") {
  auto made = make_store_under_test();
  auto& store = made->store();
  REQUIRE(append(store, change_of(key("a"), 0, 2)).ok());
  for (const std::uint64_t wrong : {0u, 1u, 3u}) {
    const auto refused = append(store, change_of(key("a"), wrong));
    REQUIRE(code_of(refused) == "store.conflict");
    CHECK(refused.error().status == 409);
    CHECK(detail_of(refused.error(), "what") == "version");
    CHECK(detail_of(refused.error(), "expected") == std::to_string(wrong));
    CHECK(detail_of(refused.error(), "actual") == "2");
  }
  CHECK(store.head() == 2);
  CHECK(append(store, change_of(key("a"), 2)).ok());
  CHECK(store.health().conflicts == 3);
}

TEST_CASE("what stands on a refused decision is refused with it, also when its version came to be by another hand") {
  auto made = make_store_under_test();
  auto& store = made->store();
  REQUIRE(append(store, change_of(key("a"), 0)).ok());
  const bool at_once = GENERATE(true, false);
  INFO("in one batch: " << at_once);
  std::promise<core::Result<store::Appended>> first, second;
  const auto send = [&](std::uint64_t expected, std::shared_ptr<store::Chain> chain, auto& answer) {
    auto change = change_of(key("a"), expected);
    change.chain = std::move(chain);
    store.append(std::move(change), [&answer](auto result) { answer.set_value(std::move(result)); });
  };
  // What was under way before makes one batch of those that come now.
  std::vector<std::future<void>> busy;
  for (int i = 0; i < 50; ++i) {
    auto done = std::make_shared<std::promise<void>>();
    busy.push_back(done->get_future());
    store.append(change_of(key("b" + std::to_string(i)), 0), [done](auto) { done->set_value(); });
  }
  const auto chain = std::make_shared<store::Chain>();
  send(0, chain, first);
  auto refused = first.get_future();
  if (!at_once) REQUIRE(code_of(refused.get()) == "store.conflict");
  send(1, chain, second);
  if (at_once) REQUIRE(code_of(refused.get()) == "store.conflict");
  CHECK(code_of(second.get_future().get()) == "store.conflict");
  for (auto& one : busy) one.get();
  CHECK(store.head() == 51);
  auto anew = change_of(key("a"), 1);
  anew.chain = std::make_shared<store::Chain>();
  CHECK(append(store, anew).ok());
  auto on_it = change_of(key("a"), 2);
  on_it.chain = anew.chain;
  CHECK(append(store, std::move(on_it)).ok());
}

TEST_CASE("the document is written with the events, with the position of the last") {
  auto made = make_store_under_test();
  auto& store = made->store();
  auto change = change_of(key("a"), 0, 2);
  change.document.status = "running";
  change.document.parent = "tenant/acme";
  change.document.reason = "because";
  change.document.intent_version = 1;
  change.document.created_at = {5};
  change.document.updated_at = {7};
  const auto sent = change.document;
  REQUIRE(append(store, std::move(change)).ok());
  const auto stored = store.document(key("a"));
  REQUIRE(stored.ok());
  REQUIRE(stored->has_value());
  const auto& document = **stored;
  CHECK(document.key == sent.key);
  CHECK(document.version == 2);
  CHECK(document.intent_version == 1);
  CHECK(document.position == 2);
  CHECK(document.status == "running");
  CHECK(document.parent == "tenant/acme");
  CHECK(document.reason == "because");
  CHECK(document.body == sent.body);
  CHECK(document.state_hash == sent.state_hash);
  CHECK(document.created_at.ms == 5);
  CHECK(document.updated_at.ms == 7);
}

TEST_CASE("load answers what document answers, and nothing for an entity that does not exist") {
  auto made = make_store_under_test();
  auto& store = made->store();
  REQUIRE(append(store, change_of(key("a"), 0)).ok());
  std::promise<std::optional<store::Document>> there, missing;
  store.load(key("a"), [&](auto loaded) { there.set_value(loaded.value()); });
  store.load(key("a", "other-tenant"), [&](auto loaded) { missing.set_value(loaded.value()); });
  const auto document = there.get_future().get();
  REQUIRE(document);
  CHECK(document->version == 1);
  CHECK_FALSE(missing.get_future().get());
  CHECK_FALSE(store.document(key("b")).value());
}

TEST_CASE("events come back as they were given, NUL bytes and all") {
  auto made = make_store_under_test();
  auto& store = made->store();
  auto change = change_of(key("a"), 0);
  change.events[0].body = std::string("{\"a\":\"\0\xc3\xa4\"}", 11);
  const auto sent = change.events[0];
  const auto at = change.at;
  REQUIRE(append(store, std::move(change)).ok());
  const auto events = store.read(key("a"), 0, 10).value();
  REQUIRE(events.size() == 1);
  CHECK(events[0].position == 1);
  CHECK(events[0].entity == key("a"));
  CHECK(events[0].version == 1);
  CHECK(events[0].id == sent.id);
  CHECK(events[0].type == sent.type);
  CHECK(events[0].body == sent.body);
  CHECK(events[0].meta == sent.meta);
  CHECK(events[0].at == at);
}

TEST_CASE("a guard refuses when the guarded stream moved, and holds when it did not") {
  auto made = make_store_under_test();
  auto& store = made->store();
  REQUIRE(append(store, change_of(key("fact"), 0, 2)).ok());
  auto change = change_of(key("a"), 0);
  change.guards = {{key("fact"), 2}, {key("absent"), 0}};
  REQUIRE(append(store, std::move(change)).ok());

  REQUIRE(append(store, change_of(key("fact"), 2)).ok());
  auto late = change_of(key("a"), 1);
  late.guards = {{key("absent"), 0}, {key("fact"), 2}};
  const auto refused = append(store, std::move(late));
  REQUIRE(code_of(refused) == "store.conflict");
  CHECK(detail_of(refused.error(), "what") == "guard");
  CHECK(detail_of(refused.error(), "entity") == "acme/platform/fact");
  CHECK(detail_of(refused.error(), "actual") == "3");

  auto exists_now = change_of(key("b"), 0);
  exists_now.guards = {{key("a"), 0}};
  CHECK(code_of(append(store, std::move(exists_now))) == "store.conflict");
}

TEST_CASE("a claim belongs to one entity until it is released, and its refusal is the asker's own") {
  auto made = make_store_under_test();
  auto& store = made->store();
  auto take = change_of(key("a"), 0);
  take.asks.claims = {{"slug/clinic", false, "tenant.slug_taken"}};
  REQUIRE(append(store, take).ok());
  CHECK(store.claim_holder("slug/clinic").value() == key("a"));
  CHECK_FALSE(store.claim_holder("slug/other").value());

  auto again = change_of(key("a"), 1);
  again.asks.claims = take.asks.claims;
  CHECK(append(store, again).ok());

  auto neighbour = change_of(key("b"), 0);
  neighbour.asks.claims = take.asks.claims;
  const auto refused = append(store, neighbour);
  REQUIRE(code_of(refused) == "tenant.slug_taken");
  CHECK(refused.error().status == 409);
  CHECK(detail_of(refused.error(), "holder") == "acme/platform/a");
  CHECK_FALSE(store.document(key("b")).value());

  auto foreigner = change_of(key("b", "zeta"), 0);
  foreigner.asks.claims = take.asks.claims;
  const auto refused_abroad = append(store, foreigner);
  REQUIRE(code_of(refused_abroad) == "tenant.slug_taken");
  CHECK(detail_of(refused_abroad.error(), "holder").empty());

  auto thief = change_of(key("b"), 0);
  thief.asks.claims = {{"slug/clinic", true, {}}};
  REQUIRE(append(store, thief).ok());
  CHECK(store.claim_holder("slug/clinic").value() == key("a"));

  auto release = change_of(key("a"), 2);
  release.asks.claims = {{"slug/clinic", true, {}}};
  REQUIRE(append(store, release).ok());
  CHECK_FALSE(store.claim_holder("slug/clinic").value());
  auto heir = change_of(key("c"), 0);
  heir.asks.claims = {{"slug/clinic", false, {}}};
  CHECK(append(store, heir).ok());
}

TEST_CASE("a repeat of an idempotency key is a conflict until it expires") {
  auto made = make_store_under_test();
  auto& store = made->store();
  const auto expires = made->clock.now() + std::chrono::hours(24);
  auto first = change_of(key("a"), 0);
  first.idempotency = {"acme|amy|open|k1", "hash-1", R"({"id":"a"})", expires};
  REQUIRE(append(store, first).ok());
  const auto stored = store.idempotency("acme|amy|open|k1").value();
  REQUIRE(stored);
  CHECK(stored->body_hash == "hash-1");
  CHECK(stored->answer == R"({"id":"a"})");
  CHECK(stored->expires_at == expires);
  CHECK_FALSE(store.idempotency("acme|bob|open|k1").value());

  auto repeat = change_of(key("b"), 0);
  repeat.idempotency = first.idempotency;
  const auto refused = append(store, repeat);
  REQUIRE(code_of(refused) == "store.conflict");
  CHECK(detail_of(refused.error(), "what") == "idempotency");
  CHECK_FALSE(store.document(key("b")).value());

  made->clock.advance(std::chrono::hours(24));
  CHECK_FALSE(store.idempotency("acme|amy|open|k1").value());
  repeat.idempotency->expires_at = made->clock.now() + std::chrono::hours(24);
  CHECK(append(store, repeat).ok());
  CHECK(store.idempotency("acme|amy|open|k1").value());
}

TEST_CASE("everything has a size, and what is larger is refused by name before anything is written") {
  auto made = make_store_under_test();
  auto& store = made->store();
  struct Row {
    const char* part;
    void (*grow)(store::Append&);
  };
  const Row rows[] = {
      {"events", [](store::Append& c) { c = change_of(c.key, 0, store::append_events_max + 1); }},
      {"event.body", [](store::Append& c) { c.events[0].body.resize(store::event_bytes_max + 1, 'x'); }},
      {"event.meta", [](store::Append& c) { c.events[0].meta.resize(store::event_bytes_max + 1, 'x'); }},
      {"document", [](store::Append& c) { c.document.body.resize(store::document_bytes_max + 1, 'x'); }},
      {"work.payload",
       [](store::Append& c) {
         c.asks.works = {{"w", "d", "v", std::string(store::payload_bytes_max + 1, 'x'), {}}};
       }},
      {"keep.payload",
       [](store::Append& c) {
         c.asks.keeps = {{"d", "k", std::string(store::payload_bytes_max + 1, 'x'), c.key}};
       }},
      {"idempotency.scope",
       [](store::Append& c) {
         c.idempotency = {std::string(5000, 'x'), {}, {}, {}};
       }},
      {"claim.name",
       [](store::Append& c) {
         c.asks.claims = {{std::string(5000, 'x'), false, {}}};
       }},
      {"guards",
       [](store::Append& c) {
         c.guards.assign(65, {key("g"), 0});
       }},
      {"key", [](store::Append& c) { c.key.id = std::string(129, 'x'); }},
  };
  for (const auto& row : rows) {
    auto change = change_of(key("a"), 0);
    row.grow(change);
    const auto refused = append(store, std::move(change));
    INFO(row.part);
    REQUIRE(code_of(refused) == "store.too_large");
    CHECK(refused.error().status == 413);
    CHECK(detail_of(refused.error(), "part") == row.part);
  }
  CHECK(store.head() == 0);

  auto largest = change_of(key("a"), 0, store::append_events_max);
  for (auto& event : largest.events) event.body.assign(1000, 'x');
  largest.events[0].body.assign(store::event_bytes_max, 'x');
  largest.document.body.assign(store::document_bytes_max, 'y');
  REQUIRE(append(store, std::move(largest)).ok());
  CHECK(store.document(key("a")).value()->body.size() == store::document_bytes_max);
}

TEST_CASE("what a correct caller never sends is refused as malformed") {
  auto made = make_store_under_test();
  auto& store = made->store();
  auto other_document = change_of(key("a"), 0);
  other_document.document.key = key("b");
  CHECK(code_of(append(store, other_document)) == "store.malformed");
  auto other_version = change_of(key("a"), 0);
  other_version.document.version = 7;
  CHECK(code_of(append(store, other_version)) == "store.malformed");
  auto no_tenant = change_of(key("a", ""), 0);
  CHECK(code_of(append(store, no_tenant)) == "store.malformed");
  auto slash = change_of(key("a/b"), 0);
  CHECK(code_of(append(store, slash)) == "store.malformed");
  auto nothing = change_of(key("a"), 0, 0);
  CHECK(code_of(append(store, nothing)) == "store.malformed");
  CHECK(store.head() == 0);
}

TEST_CASE("an append without events keeps the books and moves nothing") {
  auto made = make_store_under_test();
  auto& store = made->store();
  auto first = change_of(key("a"), 0);
  first.asks.works = {{"w1", "sources", "fetch", "{}", {}}};
  first.asks.timers = {{"t1", core::Timestamp{first.at.ms}}};
  REQUIRE(append(store, first).ok());
  auto books = change_of(key("a"), 1, 0);
  books.settled_works = {"w1"};
  books.fired_timers = {"t1"};
  const auto kept = append(store, books);
  REQUIRE(kept.ok());
  CHECK(kept->position == 1);
  CHECK(kept->version == 1);
  CHECK(store.head() == 1);
  CHECK(store.works(0, 10).value().empty());
  CHECK(store.timers(10).value().empty());
  CHECK(store.document(key("a")).value()->version == 1);

  auto late = change_of(key("a"), 0, 0);
  late.expected_version = 5;
  CHECK(code_of(append(store, late)) == "store.conflict");
  auto asks = change_of(key("a"), 1, 0);
  asks.asks.works = {{"w2", "sources", "fetch", "{}", {}}};
  CHECK(code_of(append(store, asks)) == "store.malformed");
}

TEST_CASE("tenants are part of every key") {
  auto made = make_store_under_test();
  auto& store = made->store();
  REQUIRE(append(store, change_of(key("a", "acme"), 0, 2)).ok());
  REQUIRE(append(store, change_of(key("a", "zeta"), 0)).ok());
  CHECK(store.document(key("a", "acme")).value()->version == 2);
  CHECK(store.document(key("a", "zeta")).value()->version == 1);
  CHECK(store.read(key("a", "zeta"), 0, 10).value().size() == 1);
  CHECK(store.read(key("a", "other"), 0, 10).value().empty());
}

TEST_CASE("after close what was queued is done and appends are refused") {
  auto made = make_store_under_test();
  auto& store = made->store();
  std::atomic<int> committed = 0, answered = 0;
  for (int i = 0; i < 500; ++i)
    store.append(change_of(key("e" + std::to_string(i)), 0), [&](auto result) {
      committed += result.ok();
      ++answered;
    });
  store.close();
  CHECK(answered == 500);
  CHECK(committed == 500);
  const auto refused = append(store, change_of(key("late"), 0));
  CHECK(code_of(refused) == "node.draining");
  CHECK_FALSE(store.health().writable);
  CHECK_FALSE(store.health().reason.empty());
}
