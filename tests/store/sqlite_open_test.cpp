// What is beside and inside the file when a SQLite store is opened, and what is refused.
#include "store/sqlite/sqlite_store.hpp"

#include "store/sqlite/disk/checked_files.hpp"
#include "store/sqlite/opening.hpp"
#include "store/witness.hpp"
#include "tests/testkit/await.hpp"
#include "tests/testkit/catch.hpp"
#include "tests/testkit/store_contract.hpp"
#include "tests/testkit/temp_dir.hpp"

#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

using namespace nova;
using namespace nova::testkit;

namespace {

struct Place {
  TempDir dir;
  std::string file = dir / "nova.db";
  ManualClock clock;

  core::Result<std::unique_ptr<store::EventStore>> open() {
    store::SqliteOptions options;
    options.file = file;
    options.clock = &clock;
    options.reserve_bytes = 64 * 1024;
    options.log_room_bytes = 256 * 1024;
    return store::open_sqlite_store(options);
  }
  void fill(std::uint64_t from, std::uint64_t to) {
    auto opened = open();
    REQUIRE(opened.ok());
    for (auto version = from; version < to; ++version) REQUIRE(append(**opened, change_of(key("a"), version)).ok());
  }
};

std::string bytes_of(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write_bytes(const std::filesystem::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

void run_sql(const std::string& file, const char* sql) {
  sqlite3* db = nullptr;
  REQUIRE(sqlite3_open_v2(file.c_str(), &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
                          store::sqlite::checked_layer({})) == SQLITE_OK);
  const int code = sqlite3_exec(db, sql, nullptr, nullptr, nullptr);
  sqlite3_close(db);
  REQUIRE(code == SQLITE_OK);
}

std::int64_t ask_sql(const std::string& file, const char* sql) {
  sqlite3* db = nullptr;
  REQUIRE(sqlite3_open(file.c_str(), &db) == SQLITE_OK);
  sqlite3_stmt* statement = nullptr;
  REQUIRE(sqlite3_prepare_v2(db, sql, -1, &statement, nullptr) == SQLITE_OK);
  REQUIRE(sqlite3_step(statement) == SQLITE_ROW);
  const auto value = sqlite3_column_int64(statement, 0);
  sqlite3_finalize(statement);
  sqlite3_close(db);
  return value;
}

/// The error names the file and says what to do.
template <class T>
void check_helpful(const core::Result<T>& refused, const std::string& name) {
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().message.find(name) != std::string::npos);
  CHECK_FALSE(refused.error().remedy.empty());
}

}  // namespace

TEST_CASE("sqlite: everything is there again after a new start") {
  Place place;
  store::EventStore::Digests before;
  {
    auto opened = place.open();
    REQUIRE(opened.ok());
    auto& store = **opened;
    auto change = change_of(key("a"), 0, 2);
    change.asks.works = {{"w1", "sources", "fetch", "{}", {}}};
    change.asks.keeps = {{"process", "api", "{}", key("a")}};
    change.asks.timers = {{"t", core::Timestamp{5}}};
    change.asks.claims = {{"name", false, {}}};
    change.idempotency = {"scope", "h", "{}", place.clock.now() + std::chrono::hours(1)};
    REQUIRE(append(store, std::move(change)).ok());
    before = store.digests().value();
  }
  auto opened = place.open();
  REQUIRE(opened.ok());
  auto& store = **opened;
  CHECK(store.head() == 2);
  CHECK(store.digests().value().log == before.log);
  CHECK(store.digests().value().documents == before.documents);
  CHECK(store.works(0, 10).value().size() == 1);
  CHECK(store.keeps(0, 10).value().size() == 1);
  CHECK(store.timers(10).value().size() == 1);
  CHECK(store.claim_holder("name").value() == key("a"));
  CHECK(store.idempotency("scope").value());
  const auto next = append(store, change_of(key("b"), 0));
  REQUIRE(next.ok());
  CHECK(next->position == 3);
  CHECK(append(store, change_of(key("a"), 2)).ok());
}

TEST_CASE("sqlite: the files are their owner's only, and migrations are recorded with their time") {
  Place place;
  place.fill(0, 1);
  struct stat info {};
  REQUIRE(stat(place.file.c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0600);
  CHECK(ask_sql(place.file, "SELECT count(*) FROM migrations") == std::int64_t(store::sqlite::migrations().size()));
  CHECK(ask_sql(place.file, "SELECT applied_at FROM migrations WHERE number=1") == place.clock.now().ms);
  CHECK(ask_sql(place.file, "PRAGMA user_version") == store::sqlite::migrations().back().number);
  CHECK(std::filesystem::file_size(place.file + ".reserve") == 64 * 1024);
}

TEST_CASE("sqlite: a second opener is refused and told who holds the store") {
  Place place;
  auto first = place.open();
  REQUIRE(first.ok());
  const auto second = place.open();
  REQUIRE(code_of(second) == "store.locked");
  check_helpful(second, place.file);
  CHECK(detail_of(second.error(), "pid") == std::to_string(getpid()));
  CHECK(append(**first, change_of(key("a"), 0)).ok());
  first->reset();
  CHECK(place.open().ok());
}

TEST_CASE("sqlite: another process is refused, and the lock of a dead one is free") {
  Place place;
  int ready[2], end[2];
  REQUIRE(pipe(ready) == 0);
  REQUIRE(pipe(end) == 0);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    auto held = place.open();
    const char ok = held.ok() ? '1' : '0';
    if (write(ready[1], &ok, 1) != 1) _exit(1);
    char byte;
    close(end[1]);
    (void)!read(end[0], &byte, 1);
    _exit(0);
  }
  char byte = '0';
  REQUIRE(read(ready[0], &byte, 1) == 1);
  REQUIRE(byte == '1');
  const auto refused = place.open();
  REQUIRE(code_of(refused) == "store.locked");
  CHECK(detail_of(refused.error(), "pid") == std::to_string(child));
  kill(child, SIGKILL);
  int status = 0;
  waitpid(child, &status, 0);
  CHECK(place.open().ok());
  for (const int fd : {ready[0], ready[1], end[0], end[1]}) close(fd);
}

TEST_CASE("sqlite: a file that is not a database is refused and left as it is") {
  Place place;
  for (const std::string& content :
       {std::string("hello"), std::string(100000, 'x'), std::string("SQLite format 2\0rest", 20)}) {
    write_bytes(place.file, content);
    const auto refused = place.open();
    CHECK(code_of(refused) == "store.not_a_database");
    check_helpful(refused, place.file);
    CHECK(bytes_of(place.file) == content);
  }
  std::filesystem::remove(place.file);
  run_sql(place.file, "CREATE TABLE customers(id); PRAGMA application_id=7;");
  CHECK(code_of(place.open()) == "store.not_a_database");
  std::filesystem::remove(place.file);
  std::filesystem::create_directory(place.file);
  CHECK_FALSE(place.open().ok());
}

TEST_CASE("sqlite: a folder that is missing is one clear error") {
  Place place;
  place.file = place.dir / "missing" / "nova.db";
  const auto refused = place.open();
  CHECK(code_of(refused) == "store.cannot_open");
  check_helpful(refused, "missing");
}

TEST_CASE("sqlite: a newer schema is refused") {
  Place place;
  place.fill(0, 1);
  run_sql(place.file, "PRAGMA user_version=999;");
  const auto refused = place.open();
  CHECK(code_of(refused) == "store.newer_schema");
  check_helpful(refused, place.file);
  CHECK(detail_of(refused.error(), "schema") == "999");
}

TEST_CASE("sqlite: a damaged file is refused") {
  Place place;
  place.fill(0, 200);
  const auto whole = bytes_of(place.file);
  SECTION("pages of garbage") {
    auto broken = whole;
    for (std::size_t page = 1; page * 4096 < broken.size(); ++page)
      broken.replace(page * 4096, 64, std::string(64, '\x5a'));
    write_bytes(place.file, broken);
    const auto refused = place.open();
    CHECK(code_of(refused) == "store.damaged");
    check_helpful(refused, place.file);
  }
  SECTION("cut off in the middle") {
    write_bytes(place.file, whole.substr(0, whole.size() / 2));
    CHECK(code_of(place.open()) == "store.damaged");
  }
  SECTION("an event that is missing") {
    run_sql(place.file, "DELETE FROM events WHERE position=190");
    CHECK(code_of(place.open()) == "store.damaged");
  }
}

TEST_CASE("sqlite: an old copy put in place of the store is refused and not written to") {
  Place place;
  place.fill(0, 5);
  const auto old = bytes_of(place.file);
  place.fill(5, 9);
  write_bytes(place.file, old);
  for (const char* side : {"-wal", "-shm"}) std::filesystem::remove(place.file + side);
  const auto refused = place.open();
  CHECK(code_of(refused) == "store.went_back");
  check_helpful(refused, place.file);
  CHECK(detail_of(refused.error(), "position") == "9");
  CHECK(ask_sql(place.file, "SELECT max(position) FROM events") == 5);

  std::filesystem::remove(place.file + ".head");
  auto accepted = place.open();
  REQUIRE(accepted.ok());
  CHECK((*accepted)->head() == 5);
}

TEST_CASE("sqlite: another history of the same length is refused too") {
  Place place, other;
  place.fill(0, 5);
  other.fill(0, 7);
  std::filesystem::copy_file(other.file, place.file, std::filesystem::copy_options::overwrite_existing);
  CHECK(code_of(place.open()) == "store.went_back");
}

TEST_CASE("sqlite: a head witness that is no longer readable is an error, a missing one is not") {
  Place place;
  place.fill(0, 3);
  write_bytes(place.file + ".head", "nova-head-1 x 3");
  CHECK(code_of(place.open()) == "store.damaged");
  std::filesystem::remove(place.file + ".head");
  CHECK(place.open().ok());
}

TEST_CASE("sqlite: the witness follows the log while the store runs") {
  Place place;
  auto opened = place.open();
  REQUIRE(opened.ok());
  REQUIRE(append(**opened, change_of(key("a"), 0, 3)).ok());
  const auto seen = [&] {
    const auto witness = store::read_witness(place.file + ".head");
    return witness.ok() && *witness ? (*witness)->position : 0;
  };
  CHECK(await([&] { return seen() == 3; }));
}

TEST_CASE("sqlite: expired idempotency records leave the file as new ones come") {
  Place place;
  {
    auto opened = place.open();
    REQUIRE(opened.ok());
    const auto put = [&](int i) {
      auto change = change_of(key("a"), std::uint64_t(i));
      change.idempotency = {"scope-" + std::to_string(i), "h", "{}", place.clock.now() + std::chrono::hours(24)};
      REQUIRE(append(**opened, std::move(change)).ok());
    };
    for (int i = 0; i < 100; ++i) put(i);
    place.clock.advance(std::chrono::hours(25));
    for (int i = 100; i < 160; ++i) put(i);
  }
  CHECK(ask_sql(place.file, "SELECT count(*) FROM idempotency") == 60);
}

TEST_CASE("sqlite: dropped keeps leave the file after a day") {
  Place place;
  {
    auto opened = place.open();
    REQUIRE(opened.ok());
    const auto drop = [&](int i) {
      auto change = change_of(key("a"), std::uint64_t(i));
      change.at = place.clock.now();
      change.asks.keeps = {{"process", "k" + std::to_string(i), std::nullopt, key("a")}};
      REQUIRE(append(**opened, std::move(change)).ok());
    };
    for (int i = 0; i < 10; ++i) drop(i);
    place.clock.advance(std::chrono::hours(25));
    for (int i = 10; i < 16; ++i) drop(i);
    CHECK((*opened)->keeps(0, 100).value().size() == 6);
  }
  CHECK(ask_sql(place.file, "SELECT count(*) FROM keeps") == 6);
}

TEST_CASE("sqlite: the effect queues are read in order without sorting all of them") {
  Place place;
  place.fill(0, 1);
  sqlite3* db = nullptr;
  REQUIRE(sqlite3_open(place.file.c_str(), &db) == SQLITE_OK);
  for (const char* sql : {"SELECT w.sequence FROM works w CROSS JOIN documents d ON d.stream=w.stream WHERE "
                          "w.sequence>5 ORDER BY w.sequence, w.id",
                          "SELECT k.sequence FROM keeps k CROSS JOIN documents d ON d.stream=k.stream WHERE "
                          "k.sequence>5 ORDER BY k.sequence, k.driver, k.key",
                          "SELECT t.at FROM timers t CROSS JOIN documents d ON d.stream=t.stream ORDER BY t.at, "
                          "d.tenant, d.kind, d.id, t.id LIMIT 9"}) {
    sqlite3_stmt* statement = nullptr;
    REQUIRE(sqlite3_prepare_v2(db, (std::string("EXPLAIN QUERY PLAN ") + sql).c_str(), -1, &statement, nullptr) ==
            SQLITE_OK);
    std::string text;
    while (sqlite3_step(statement) == SQLITE_ROW)
      text += reinterpret_cast<const char*>(sqlite3_column_text(statement, 3)) + std::string("\n");
    sqlite3_finalize(statement);
    INFO(text);
    CHECK(text.find("INDEX") != std::string::npos);
    CHECK(text.find("USE TEMP B-TREE FOR ORDER BY") == std::string::npos);
  }
  sqlite3_close(db);
}

TEST_CASE("sqlite: lists and lookups use their indexes") {
  Place place;
  place.fill(0, 1);
  sqlite3* db = nullptr;
  REQUIRE(sqlite3_open(place.file.c_str(), &db) == SQLITE_OK);
  const auto plan = [&](const std::string& where) {
    const auto sql = "EXPLAIN QUERY PLAN SELECT body FROM documents WHERE kind='k' AND " + where;
    sqlite3_stmt* statement = nullptr;
    REQUIRE(sqlite3_prepare_v2(db, sql.c_str(), -1, &statement, nullptr) == SQLITE_OK);
    std::string text;
    while (sqlite3_step(statement) == SQLITE_ROW)
      text += reinterpret_cast<const char*>(sqlite3_column_text(statement, 3)) + std::string("\n");
    sqlite3_finalize(statement);
    return text;
  };
  for (const char* where :
       {"tenant='t' AND id='i'", "tenant='t' AND id>'a' ORDER BY id LIMIT 9",
        "(tenant,id)>('t','a') ORDER BY tenant, id LIMIT 9", "status='s' AND tenant='t' AND id>'a' ORDER BY id LIMIT 9",
        "status='s' AND (tenant,id)>('t','a') ORDER BY tenant, id LIMIT 9",
        "parent='p' AND parent<>'' AND tenant='t' AND id>'a' AND (''='' OR +status='') ORDER BY id LIMIT 9"}) {
    INFO(where);
    INFO(plan(where));
    CHECK(plan(where).find("SEARCH documents USING INDEX") == 0);
    CHECK(plan(where).find("TEMP B-TREE") == std::string::npos);
  }
  sqlite3_close(db);
}
