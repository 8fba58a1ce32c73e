// Bits that flip on the disk: every page is compared with its checksum, and a damaged log is told from a torn one.
// Never a wrong answer, and nothing acknowledged is silently gone.
#include "store/sqlite/disk/checked_files.hpp"
#include "store/sqlite/disk/log_frames.hpp"
#include "store/sqlite/disk/page_sum.hpp"
#include "store/sqlite/opening.hpp"
#include "store/sqlite/sqlite_store.hpp"
#include "tests/testkit/await.hpp"
#include "tests/testkit/catch.hpp"
#include "tests/testkit/store_contract.hpp"
#include "tests/testkit/temp_dir.hpp"

#include <sqlite3.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <vector>

using namespace nova;
using namespace nova::testkit;

namespace {

namespace fs = std::filesystem;
constexpr std::size_t page_size = 8192;

std::string bytes_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}
void write_bytes(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}
void flip(const std::string& path, std::size_t at, int bit = 0) {
  std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
  file.seekg(std::streamoff(at));
  const auto byte = static_cast<char>(file.get() ^ (1 << bit));
  file.seekp(std::streamoff(at));
  file.put(byte);
}

struct Place {
  TempDir dir;
  std::string file = dir / "nova.db";
  ManualClock clock;

  core::Result<std::unique_ptr<store::EventStore>> open() { return open_at(file); }
  core::Result<std::unique_ptr<store::EventStore>> open_at(const std::string& path) {
    store::SqliteOptions options;
    options.file = path;
    options.clock = &clock;
    options.reserve_bytes = 64 * 1024;
    options.log_room_bytes = 256 * 1024;
    return store::open_sqlite_store(options);
  }
  void fill(int count) {
    auto opened = open();
    REQUIRE(opened.ok());
    for (int i = 0; i < count; ++i) REQUIRE(append(**opened, change_of(key("e" + std::to_string(i)), 0, 2)).ok());
  }
  /// More than is checked whole when it is opened.
  void fill_large() {
    {
      auto opened = open();
      REQUIRE(opened.ok());
      for (int i = 0; i < 350; ++i) {
        auto change = change_of(key("e" + std::to_string(i)), 0);
        change.events[0].body = "{\"long\":\"" + std::string(60'000, 'x') + "\"}";
        REQUIRE(append(**opened, std::move(change)).ok());
      }
    }
    REQUIRE(fs::file_size(file) > 20'000'000);
  }
  /// What a killed process leaves: the files as they are while the store is open.
  std::string copy_of_running(const std::string& name) {
    const std::string to = dir / name;
    for (const char* part : {"", "-wal", ".head", ".mark"})
      if (fs::exists(file + part)) fs::copy_file(file + part, to + part, fs::copy_options::overwrite_existing);
    return to;
  }
};

std::vector<std::string> ids_of(const store::EventStore& store) {
  std::vector<std::string> ids;
  for (std::uint64_t at = 0; at < store.head();) {
    auto slice = store.read_all(at, {}, 50);
    if (!slice) return {};
    for (const auto& event : slice->events) ids.push_back(event.id + event.body);
    at = slice->scanned_to;
  }
  return ids;
}

}  // namespace

TEST_CASE("sqlite: each bit of a page is in its checksum, and so is its place") {
  std::string page(page_size, '\0');
  std::mt19937 random(7);
  for (auto& byte : page) byte = static_cast<char>(random());
  store::sqlite::put_page_sum(page.data(), page.size(), 3);
  REQUIRE(store::sqlite::page_sum_matches(page.data(), page.size(), 3));
  CHECK_FALSE(store::sqlite::page_sum_matches(page.data(), page.size(), 4));
  std::size_t missed = 0;
  for (std::size_t bit = 0; bit < page.size() * 8; ++bit) {
    page[bit / 8] = static_cast<char>(page[bit / 8] ^ (1 << (bit % 8)));
    missed += store::sqlite::page_sum_matches(page.data(), page.size(), 3);
    page[bit / 8] = static_cast<char>(page[bit / 8] ^ (1 << (bit % 8)));
  }
  CHECK(missed == 0);
  const std::string nothing(page_size, '\0');
  CHECK_FALSE(store::sqlite::page_sum_matches(nothing.data(), nothing.size(), 1));
}

TEST_CASE("sqlite: a bit that flips in the database is refused or changes no answer") {
  Place place;
  place.fill(300);
  std::vector<std::string> true_ids;
  {
    auto opened = place.open();
    REQUIRE(opened.ok());
    true_ids = ids_of(**opened);
    REQUIRE(true_ids.size() == 600);
  }
  const auto whole = bytes_of(place.file);
  std::mt19937 random(20260131);
  int refused = 0, wrong = 0;
  // The header, where each byte says how to read the rest, and anywhere.
  std::vector<std::size_t> places(100);
  for (std::size_t i = 0; i < places.size(); ++i) places[i] = i;
  while (places.size() < 200) places.push_back(random() % whole.size());
  for (const auto at : places) {
    write_bytes(place.file, whole);
    flip(place.file, at, int(random() % 8));
    auto opened = place.open();
    const auto code = code_of(opened);
    refused += !opened.ok();
    INFO("byte " << at << ": " << code);
    CHECK((code == "ok" || code == "store.damaged" || (code == "store.not_a_database" && at < 16)));
    if (opened.ok()) wrong += ids_of(**opened) != true_ids;
  }
  CHECK(wrong == 0);
  CHECK(refused == 200);  // such a file is checked whole, and none of its pages is unused
}

TEST_CASE("sqlite: damage in a file too large to be checked at once is told when it is read, and nothing is written") {
  Place place;
  place.fill_large();
  flip(place.file, fs::file_size(place.file) / 2);
  auto opened = place.open();
  REQUIRE(opened.ok());
  auto& store = **opened;
  CHECK(store.health().writable);
  int told = 0, right = 0;
  for (std::uint64_t at = 0; at < 350; ++at) {
    const auto slice = store.read_all(at, {}, 1);
    if (slice.ok()) {
      REQUIRE(slice->events.size() == 1);
      right += slice->events[0].body.size() == 60'011 && slice->events[0].body.find_first_not_of('x', 9) == 60'009;
      continue;
    }
    ++told;
    CHECK(slice.error().code == "store.damaged");
    CHECK(slice.error().message.find(place.file) != std::string::npos);
    CHECK(slice.error().message.find("page ") != std::string::npos);
    CHECK_FALSE(slice.error().remedy.empty());
  }
  CHECK(told == 1);
  CHECK(right == 349);
  CHECK_FALSE(store.health().writable);
  CHECK(store.health().reason.find("store.damaged") != std::string::npos);
  const auto refused = append(store, change_of(key("another"), 0));
  CHECK(code_of(refused) == "store.damaged");
  CHECK(store.document(key("e7")).value());
  CHECK(store.head() == 350);
}

TEST_CASE("sqlite: damage that a write meets undoes the commit and stays said") {
  Place place;
  place.fill_large();
  auto opened = place.open();
  REQUIRE(opened.ok());
  // Each page behind the first changes under the open store, whose writer has read few of them.
  for (std::size_t at = page_size; at < fs::file_size(place.file); at += page_size) flip(place.file, at + 100);
  CHECK(code_of(append(**opened, change_of(key("e3"), 1))) == "store.damaged");
  CHECK(code_of(append(**opened, change_of(key("e4"), 1))) == "store.damaged");
  CHECK_FALSE((*opened)->health().writable);
  CHECK((*opened)->head() == 350);
}

TEST_CASE("sqlite: a bit that flips in the write-ahead log loses nothing silently") {
  Place place;
  auto running = place.open();
  REQUIRE(running.ok());
  for (int i = 0; i < 60; ++i) REQUIRE(append(**running, change_of(key("e" + std::to_string(i)), 0, 2)).ok());
  const auto true_ids = ids_of(**running);
  REQUIRE(await([&] { return fs::exists(place.file + ".head"); }));
  const auto copy = place.copy_of_running("copy.db");
  const auto whole = bytes_of(copy), log = bytes_of(copy + "-wal");
  std::size_t used = log.size();
  while (used > 0 && log[used - 1] == '\0') --used;
  REQUIRE(used > 60 * page_size);
  std::vector<std::size_t> places;
  for (std::size_t at = 0; at < 56; ++at) places.push_back(at);  // its header, and the first frame's
  for (std::size_t at = used - page_size - 24; at < used; at += 311) places.push_back(at);  // the newest commit
  std::mt19937 random(4);
  while (places.size() < 200) places.push_back(random() % used);
  int refused = 0, lost = 0;
  for (const auto at : places) {
    write_bytes(copy, whole);
    write_bytes(copy + "-wal", log);
    fs::remove(copy + "-shm");
    flip(copy + "-wal", at, int(random() % 8));
    auto opened = place.open_at(copy);
    const auto code = code_of(opened);
    INFO("byte " << at << " of " << used << ": " << code);
    CHECK((code == "ok" || code == "store.damaged" || code == "store.went_back"));
    refused += !opened.ok();
    if (opened.ok()) lost += ids_of(**opened) != true_ids;
  }
  CHECK(lost == 0);
  CHECK(refused > 150);
}

TEST_CASE("sqlite: a damaged log is told from one that a power cut tore, by the log alone") {
  Place place;
  auto running = place.open();
  REQUIRE(running.ok());
  for (int i = 0; i < 40; ++i) REQUIRE(append(**running, change_of(key("e" + std::to_string(i)), 0, 2)).ok());
  const auto copy = place.copy_of_running("copy.db");
  fs::remove(copy + ".head");
  fs::remove(copy + ".mark");
  const auto log = bytes_of(copy + "-wal");
  constexpr auto frame = page_size + 24;
  std::vector<std::size_t> commits;  // the frame that ends each, by its size of the database
  std::size_t frames = 0;
  while (32 + (frames + 1) * frame <= log.size() && log.compare(32 + frames * frame + 8, 8, log, 16, 8) == 0) {
    const auto header = log.substr(32 + frames * frame, 8);
    if (header.substr(4) != std::string(4, '\0')) commits.push_back(frames);
    ++frames;
  }
  REQUIRE(commits.size() >= 40);
  SECTION("damage with commits behind it") {
    flip(copy + "-wal", 32 + commits[20] * frame + 1000);
    const auto refused = place.open_at(copy);
    CHECK(code_of(refused) == "store.damaged");
    CHECK(refused.error().message.find("frame " + std::to_string(commits[20] + 1) + " ") != std::string::npos);
  }
  SECTION("the newest commit torn anywhere") {
    for (std::size_t torn = commits[commits.size() - 2] + 1; torn < frames; ++torn) {
      fs::remove(copy + "-shm");
      write_bytes(copy + "-wal", log);
      flip(copy + "-wal", 32 + torn * frame + 1000);
      fs::copy_file(place.file, copy, fs::copy_options::overwrite_existing);
      auto opened = place.open_at(copy);
      REQUIRE(opened.ok());
      CHECK((*opened)->head() == 78);
    }
  }
  SECTION("a header that was written in part when the log began anew") {
    // All of the log is in the database then.
    (*running)->close();
    const auto moved = place.copy_of_running("moved.db");
    auto torn = log;
    torn[15] = static_cast<char>(torn[15] ^ 1);
    write_bytes(moved + "-wal", torn);
    auto opened = place.open_at(moved);
    REQUIRE(opened.ok());
    CHECK((*opened)->head() == 80);
  }
  SECTION("frames of an older log behind the newest commit") {
    // As after the log began anew: other salts.
    auto older = log;
    for (std::size_t i = commits[20] + 1; i < frames; ++i) older[32 + i * frame + 8] ^= 1;
    write_bytes(copy + "-wal", older);
    auto opened = place.open_at(copy);
    REQUIRE(opened.ok());
    CHECK((*opened)->head() == 42);
  }
}

TEST_CASE("sqlite: the mark knows of a commit that the witness has not seen") {
  Place place;
  auto running = place.open();
  REQUIRE(running.ok());
  REQUIRE(append(**running, change_of(key("a"), 0)).ok());
  REQUIRE(await([&] { return fs::exists(place.file + ".head"); }));
  const auto copy = place.copy_of_running("copy.db");
  REQUIRE(append(**running, change_of(key("a"), 1)).ok());
  fs::copy_file(place.file + ".mark", copy + ".mark", fs::copy_options::overwrite_existing);
  const auto refused = place.open_at(copy);
  CHECK(code_of(refused) == "store.went_back");
  CHECK(detail_of(refused.error(), "position") == "2");
  SECTION("a mark that is torn says nothing") {
    flip(copy + ".mark", 9);
    CHECK(place.open_at(copy).ok());
  }
  SECTION("who goes on from the older copy deletes the witness alone") {
    fs::remove(copy + ".head");
    auto opened = place.open_at(copy);
    REQUIRE(opened.ok());
    CHECK((*opened)->head() == 1);
    REQUIRE(append(**opened, change_of(key("a"), 1)).ok());
    opened->reset();
    CHECK(place.open_at(copy).ok());
  }
}

TEST_CASE("sqlite: a store that was made without checksums is used as it is, and says so") {
  Place place;
  {
    sqlite3* db = nullptr;
    REQUIRE(sqlite3_open(place.file.c_str(), &db) == SQLITE_OK);
    std::string sql =
        "PRAGMA page_size=8192; PRAGMA journal_mode=WAL; PRAGMA application_id=1315927649;"
        "CREATE TABLE migrations(number INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at INTEGER NOT NULL);"
        "CREATE TABLE meta(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;"
        "INSERT INTO meta VALUES('store_id', 'older');" +
        std::string(store::sqlite::migrations().front().sql) +
        "INSERT INTO migrations VALUES(1, '0001_log', 0); PRAGMA user_version=1;";
    const int code = sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr);
    INFO(sqlite3_errmsg(db));
    REQUIRE(code == SQLITE_OK);
    sqlite3_close(db);
  }
  for (int i = 0; i < 3; ++i) {
    auto opened = place.open();
    REQUIRE(opened.ok());
    REQUIRE(append(**opened, change_of(key("a"), std::uint64_t(i))).ok());
    const auto health = (*opened)->health();
    CHECK(health.writable);
    REQUIRE(health.warnings.size() == 1);
    CHECK(health.warnings[0].find("store.unchecked_pages: `" + place.file + "`") == 0);
    CHECK(health.warnings[0].find("restore") != std::string::npos);
  }
  Place other;
  other.fill(1);
  auto opened = other.open();
  REQUIRE(opened.ok());
  CHECK((*opened)->health().warnings.empty());
}

TEST_CASE("sqlite: a page that lies in another's place is found") {
  Place place;
  place.fill(300);
  auto bytes = bytes_of(place.file);
  REQUIRE(bytes.size() > 20 * page_size);
  bytes.replace(10 * page_size, page_size, bytes.substr(11 * page_size, page_size));
  write_bytes(place.file, bytes);
  CHECK(code_of(place.open()) == "store.damaged");
}
