// A whole store is copied between SQLite and PostgreSQL, and comes back the same.
#include "tests/testkit/catch.hpp"
#include "tests/testkit/postgres_server.hpp"
#include "tests/testkit/store_contract.hpp"
#include "tests/testkit/temp_dir.hpp"

#include "store/postgres/postgres_store.hpp"
#include "store/postgres/transfer.hpp"
#include "store/sqlite/sqlite_store.hpp"
#include "store/sqlite/transfer.hpp"
#include "store/transfer/copy.hpp"

#include <filesystem>

using namespace nova;
using namespace nova::testkit;
using store::Hold;
using store::transfer::Import;
using store::transfer::Row;
using store::transfer::Snapshot;

namespace {

const auto quiet = [](std::string_view, std::uint64_t) {};

std::unique_ptr<store::EventStore> open_sqlite(const std::string& file, ManualClock& clock) {
  store::SqliteOptions options;
  options.file = file;
  options.clock = &clock;
  auto opened = store::open_sqlite_store(std::move(options));
  if (!opened) throw std::runtime_error(core::to_line(opened.error()));
  return std::move(*opened);
}

core::Result<std::unique_ptr<store::EventStore>> try_postgres(const std::string& url, ManualClock& clock) {
  store::PostgresOptions options;
  options.url = url;
  options.clock = &clock;
  return store::open_postgres_store(std::move(options));
}

/// Something in every table, with bytes that text cannot hold where that is allowed.
void fill(store::EventStore& store, int entities) {
  for (int i = 0; i < entities; ++i) {
    auto change = change_of(key("e" + std::to_string(i), i % 2 ? "acme" : "other"), 0, 3);
    change.document.reason = std::string("why\0\xff", 5);
    change.document.body = std::string("\0\x01\x02", 3);
    change.asks.works.push_back({"w", "driver", "verb", std::string("\0pay", 4), "order"});
    change.asks.keeps.push_back({"driver", "k" + std::to_string(i), "load", change.key});
    change.asks.timers.push_back({"t", core::Timestamp{1'800'000'000'000 + i}});
    change.asks.claims.push_back({"name" + std::to_string(i), false, "test.taken"});
    change.idempotency = store::IdempotencyRecord{"s" + std::to_string(i), "hash", "{}", {1'800'000'000'000}};
    REQUIRE(code_of(append(store, std::move(change))) == "ok");
  }
  auto dropped = change_of(key("e1"), 3, 1);
  dropped.asks.keeps.push_back({"driver", "k1", std::nullopt, dropped.key});
  REQUIRE(code_of(append(store, std::move(dropped))) == "ok");
  REQUIRE(mark_work(store, key("e1"), "w", true, 3, {1'800'000'000'001}, "bad\xff").ok());
  store::DeadLetter letter;
  letter.id = "01900000-0000-7000-8000-000000000001";
  letter.owner = key("e1");
  letter.what = "{}";
  letter.error = "it \xfe failed";
  REQUIRE(add_dead_letter(store, letter).ok());
}

std::map<std::string, std::vector<std::string>> rows_of(Snapshot& snapshot) {
  std::map<std::string, std::vector<std::string>> all;
  for (const auto& table : store::transfer::tables()) {
    auto& rows = all[std::string(table.name)];
    const auto read = snapshot.read(table, 0, [&](const Row& row) {
      rows.push_back(store::transfer::encode(row));
      const auto again = store::transfer::decode(table, rows.back());
      if (!again || *again != row) throw std::runtime_error("a row does not survive its bytes");
      return core::ok();
    });
    if (!read) throw std::runtime_error(core::to_line(read.error()));
  }
  return all;
}

struct Place {
  TempDir dir;
  ManualClock clock;
  std::string file(const std::string& name) const { return (dir / name).string(); }
  store::PostgresPlace database() { return {PostgresServer::shared().make_database(), {}}; }
  std::unique_ptr<Snapshot> sqlite(const std::string& name, Hold hold = Hold::exclusive) {
    auto opened = store::open_sqlite_snapshot(file(name), hold);
    if (!opened) throw std::runtime_error(core::to_line(opened.error()));
    return std::move(*opened);
  }
  std::unique_ptr<Import> into_sqlite(const std::string& name, const std::string& id) {
    auto begun = store::begin_sqlite_import(file(name), id, "a move from `x` was interrupted", clock);
    if (!begun) throw std::runtime_error(core::to_line(begun.error()));
    return std::move(*begun);
  }
  std::unique_ptr<Import> into_postgres(const store::PostgresPlace& place, const std::string& id) {
    auto begun = store::begin_postgres_import(place, id, "a move from `x` was interrupted", clock);
    if (!begun) throw std::runtime_error(core::to_line(begun.error()));
    return std::move(*begun);
  }
  std::unique_ptr<Snapshot> postgres(const store::PostgresPlace& place, bool for_move = true) {
    auto opened = store::open_postgres_snapshot(place, for_move);
    if (!opened) throw std::runtime_error(core::to_line(opened.error()));
    return std::move(*opened);
  }
};

}  // namespace

TEST_CASE("transfer: SQLite to PostgreSQL and back, every row of every table the same") {
  Place place;
  const int entities = 700;  // more than a page of either
  store::EventStore::Digests original;
  {
    const auto store = open_sqlite(place.file("a.db"), place.clock);
    fill(*store, entities);
    original = store->digests().value();
    store->close();
  }
  const auto database = place.database();
  std::map<std::string, std::vector<std::string>> before, between;
  {
    auto from = place.sqlite("a.db");
    before = rows_of(*from);
    for (const auto& [table, rows] : before) {
      INFO(table);
      CHECK_FALSE(rows.empty());
    }
    auto into = place.into_postgres(database, from->head().store_id);
    const auto copied = store::transfer::copy(*from, *into, quiet);
    REQUIRE(copied.ok());
    CHECK(copied->digests.log == original.log);
    CHECK(copied->digests.documents == original.documents);
    CHECK(copied->rows.at("events") == 3 * entities + 1);
  }
  {
    auto from = place.postgres(database);
    between = rows_of(*from);
    CHECK(between == before);
    auto into = place.into_sqlite("b.db", from->head().store_id);
    REQUIRE(store::transfer::copy(*from, *into, quiet).ok());
  }
  {
    auto back = place.sqlite("b.db");
    CHECK(rows_of(*back) == before);
    CHECK(back->head().position == 3 * entities + 1);
  }
  // And both go on as stores.
  const auto sqlite = open_sqlite(place.file("b.db"), place.clock);
  CHECK(sqlite->digests().value().documents == original.documents);
  CHECK(append(*sqlite, change_of(key("e1"), 4)).ok());
  CHECK(append(*sqlite, change_of(key("fresh"), 0)).ok());
  auto postgres = try_postgres(database.url, place.clock);
  REQUIRE(postgres.ok());
  CHECK((*postgres)->digests().value().log == original.log);
  CHECK(append(**postgres, change_of(key("e1"), 4)).ok());
  CHECK(append(**postgres, change_of(key("fresh"), 0)).ok());
  CHECK((*postgres)->document(key("e3")).value()->body == std::string("\0\x01\x02", 3));
}

TEST_CASE("transfer: a snapshot stays what it was while commits go on") {
  Place place;
  const auto store = open_sqlite(place.file("a.db"), place.clock);
  fill(*store, 4);
  const auto snapshot = place.sqlite("a.db", Hold::none);
  const auto digests = store->digests().value();
  const auto rows = rows_of(*snapshot);
  REQUIRE(append(*store, change_of(key("later"), 0)).ok());
  CHECK(rows_of(*snapshot) == rows);
  CHECK(snapshot->digests().value().log == digests.log);

  const auto database = place.database();
  auto postgres = try_postgres(database.url, place.clock);
  REQUIRE(postgres.ok());
  fill(**postgres, 4);
  const auto frozen = place.postgres(database, false);
  const auto frozen_rows = rows_of(*frozen);
  REQUIRE(append(**postgres, change_of(key("later"), 0)).ok());
  CHECK(rows_of(*frozen) == frozen_rows);
  CHECK(frozen->digests().value().log != (*postgres)->digests().value().log);
}

TEST_CASE("transfer: only what is new since a position is read where positions tell") {
  Place place;
  const auto store = open_sqlite(place.file("a.db"), place.clock);
  fill(*store, 4);
  const auto head = store->head();
  REQUIRE(append(*store, change_of(key("later"), 0, 2)).ok());
  REQUIRE(append(*store, change_of(key("e1"), 4, 1)).ok());
  const auto snapshot = place.sqlite("a.db", Hold::none);
  const auto count = [&](const char* table) {
    int rows = 0;
    REQUIRE(
        snapshot->read(*store::transfer::find_table(table), head, [&](const Row&) { return ++rows, core::ok(); }).ok());
    return rows;
  };
  CHECK(count("events") == 3);
  CHECK(count("documents") == 2);
}

TEST_CASE("transfer: a store in use is not moved, and who has it is named") {
  Place place;
  const auto store = open_sqlite(place.file("a.db"), place.clock);
  const auto refused = store::open_sqlite_snapshot(place.file("a.db"), Hold::exclusive);
  CHECK(code_of(refused) == "store.locked");
  CHECK(detail_of(refused.error(), "pid") == std::to_string(::getpid()));

  const auto database = place.database();
  auto postgres = try_postgres(database.url, place.clock);
  REQUIRE(postgres.ok());
  const auto busy = store::open_postgres_snapshot(database, true);
  CHECK(code_of(busy) == "store.locked");
  CHECK(detail_of(busy.error(), "node") == "local");
  CHECK(code_of(store::begin_postgres_import(database, "x", "y", place.clock)) == "store.locked");
  (*postgres)->close();
  CHECK(store::open_postgres_snapshot(database, true).ok());
}

TEST_CASE("transfer: an old copy of a store is not moved") {
  Place place;
  { fill(*open_sqlite(place.file("a.db"), place.clock), 2); }
  std::filesystem::copy_file(place.file("a.db"), place.file("old.db"));
  std::filesystem::copy_file(place.file("a.db-wal"), place.file("old.db-wal"));
  {
    const auto store = open_sqlite(place.file("a.db"), place.clock);
    REQUIRE(append(*store, change_of(key("later"), 0)).ok());
  }
  std::filesystem::copy_file(place.file("a.db.head"), place.file("old.db.head"));
  CHECK(code_of(store::open_sqlite_snapshot(place.file("old.db"), Hold::exclusive)) == "store.went_back");
  CHECK(store::open_sqlite_snapshot(place.file("a.db"), Hold::exclusive).ok());

  auto database = place.database();
  { fill(**try_postgres(database.url, place.clock), 2); }
  database.witness_file = place.file("a.db.head");
  CHECK(code_of(store::open_postgres_snapshot(database, true)) == "store.went_back");
}

TEST_CASE("transfer: a snapshot that ended can still be marked, and commits go on after it") {
  Place place;
  const auto database = place.database();
  { fill(**try_postgres(database.url, place.clock), 2); }
  const auto snapshot = place.postgres(database);
  snapshot->end();
  REQUIRE(snapshot->mark_moved("there").ok());
  CHECK(store::reopen_postgres_store(database).value());
}

TEST_CASE("transfer: what holds something is never filled, and what was not finished is begun anew") {
  Place place;
  { fill(*open_sqlite(place.file("full.db"), place.clock), 2); }
  CHECK(code_of(store::begin_sqlite_import(place.file("full.db"), "x", "y", place.clock)) == "store.not_empty");
  const auto full = place.database();
  { fill(**try_postgres(full.url, place.clock), 2); }
  CHECK(code_of(store::begin_postgres_import(full, "x", "y", place.clock)) == "store.not_empty");

  // Half of a move, then nothing.
  const auto database = place.database();
  const auto half = [&](Import& into) {
    auto from = place.sqlite("full.db");
    const auto& documents = *store::transfer::find_table("documents");
    REQUIRE(from->read(documents, 0, [&](const Row& row) { return into.put(documents, row); }).ok());
  };
  half(*place.into_sqlite("half.db", "x"));
  half(*place.into_postgres(database, "x"));
  store::SqliteOptions options;
  options.file = place.file("half.db");
  const auto unfinished = store::open_sqlite_store(options);
  CHECK(code_of(unfinished) == "store.unfinished");
  CHECK(unfinished.error().message.find("a move from `x` was interrupted") != std::string::npos);
  CHECK(code_of(try_postgres(database.url, place.clock)) == "store.unfinished");
  CHECK(code_of(store::open_sqlite_snapshot(place.file("half.db"), Hold::none)) == "store.unfinished");
  CHECK(code_of(store::open_postgres_snapshot(database, false)) == "store.unfinished");

  auto from = place.sqlite("full.db");
  CHECK(store::transfer::copy(*from, *place.into_sqlite("half.db", from->head().store_id), quiet).ok());
  CHECK(store::transfer::copy(*from, *place.into_postgres(database, from->head().store_id), quiet).ok());
  CHECK(open_sqlite(place.file("half.db"), place.clock)->head() == 7);
  CHECK(try_postgres(database.url, place.clock).ok());
}

TEST_CASE("transfer: a store that was moved away is not started on again, until it is opened anew on purpose") {
  Place place;
  { fill(*open_sqlite(place.file("a.db"), place.clock), 2); }
  const auto database = place.database();
  { fill(**try_postgres(database.url, place.clock), 2); }
  REQUIRE(place.sqlite("a.db")->mark_moved("there").ok());
  REQUIRE(place.postgres(database)->mark_moved("elsewhere").ok());
  store::SqliteOptions options;
  options.file = place.file("a.db");
  const auto moved = store::open_sqlite_store(options);
  CHECK(code_of(moved) == "store.moved");
  CHECK(detail_of(moved.error(), "moved_to") == "there");
  CHECK(code_of(try_postgres(database.url, place.clock)) == "store.moved");
  CHECK(store::reopen_sqlite_store(place.file("a.db")).value());
  CHECK_FALSE(store::reopen_sqlite_store(place.file("a.db")).value());
  CHECK(store::reopen_postgres_store(database).value());
  CHECK_FALSE(store::reopen_postgres_store(database).value());
  CHECK(open_sqlite(place.file("a.db"), place.clock)->head() == 7);
  CHECK(try_postgres(database.url, place.clock).ok());
}

TEST_CASE("transfer: a name that PostgreSQL cannot hold is one clear error, and the target stays unfinished") {
  Place place;
  {
    const auto store = open_sqlite(place.file("a.db"), place.clock);
    auto change = change_of(key("e"), 0);
    change.asks.claims.push_back({"na\xffme", false, "test.taken"});
    REQUIRE(append(*store, std::move(change)).ok());
  }
  const auto database = place.database();
  auto from = place.sqlite("a.db");
  const auto refused = store::transfer::copy(*from, *place.into_postgres(database, "x"), quiet);
  CHECK(code_of(refused) == "store.malformed");
  CHECK(refused.error().message.find("`claims`") != std::string::npos);
  CHECK(code_of(try_postgres(database.url, place.clock)) == "store.unfinished");
}

TEST_CASE("transfer: bytes that are no row of the table are refused") {
  const auto& timers = *store::transfer::find_table("timers");
  const Row row = {std::int64_t{1}, std::string("id"), std::int64_t{-2}, std::string("cause")};
  const auto whole = store::transfer::encode(row);
  REQUIRE(store::transfer::decode(timers, whole).has_value());
  for (std::size_t i = 0; i < whole.size(); ++i)
    CHECK_FALSE(store::transfer::decode(timers, std::string_view(whole).substr(0, i)).has_value());
  CHECK_FALSE(store::transfer::decode(timers, whole + "x").has_value());
  CHECK_FALSE(store::transfer::decode(timers, store::transfer::encode({std::string("1"), std::string("id"),
                                                                       std::int64_t{-2}, std::string("c")}))
                  .has_value());
  CHECK_FALSE(store::transfer::decode(timers, store::transfer::encode({std::monostate(), std::string("id"),
                                                                       std::int64_t{-2}, std::string("c")}))
                  .has_value());
}
