// Archives: what they hold comes back, and nothing that happened to one on its way goes unnoticed.
#include "tests/testkit/catch.hpp"
#include "tests/testkit/store_contract.hpp"
#include "tests/testkit/temp_dir.hpp"

#include "store/backup/create.hpp"
#include "store/backup/key.hpp"
#include "store/backup/restore.hpp"
#include "store/sqlite/sqlite_store.hpp"
#include "store/sqlite/transfer.hpp"

#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <fstream>

using namespace nova;
using namespace nova::testkit;
using namespace nova::store::backup;

namespace fs = std::filesystem;

namespace {

const auto quiet = [](std::string_view, std::uint64_t) {};

std::string read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}
void write_file(const fs::path& path, const std::string& bytes) {
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

/// A node's state folder with a store that is open all the time, as a running node has it.
struct House {
  TempDir dir;
  ManualClock clock;
  Key key = Key::random();
  std::unique_ptr<store::EventStore> store;

  House() {
    fs::create_directory(state());
    store::SqliteOptions options;
    options.file = (state() / "nova.db").string();
    options.clock = &clock;
    store = store::open_sqlite_store(options).value();
    write_file(state() / "node.key", std::string(32, 'k'));
    write_file(state() / "sources/abc/run.py", "print(1)\n");
    write_file(state() / "data/acme/shop/big", std::string(200'000, 'x'));
    fs::create_directories(state() / "data/acme/shop/empty");
    fs::create_symlink("big", state() / "data/acme/shop/link");
    ::chmod((state() / "sources/abc/run.py").c_str(), 0755);
  }

  fs::path state() const { return dir / "state"; }
  fs::path file(const std::string& name) const { return dir / "archives" / name; }

  void commit(const std::string& id, std::uint64_t version, std::size_t events = 1) {
    auto change = change_of(testkit::key(id), version, events);
    if (version == 0) {
      change.asks.claims.push_back({"name/" + id, false, "test.taken"});
      change.asks.timers.push_back({"t", core::Timestamp{1'800'000'000'000}});
    }
    REQUIRE(append(*store, std::move(change)).ok());
  }

  core::Result<Created> create(const std::string& name, const std::string& base = {}, bool force = false) {
    fs::create_directory(dir / "archives");
    clock.advance(std::chrono::seconds(10));
    auto snapshot = store::open_sqlite_snapshot((state() / "nova.db").string(), store::Hold::none);
    if (!snapshot) return snapshot.error();
    std::optional<Tail> tail;
    if (!base.empty()) {
      auto reader = Reader::open(file(base).string(), key);
      if (!reader) return reader.error();
      auto read = read_tail(**reader);
      if (!read) return read.error();
      tail = std::move(*read);
    }
    Contents contents;
    contents.store = snapshot->get();
    contents.store_kind = "sqlite";
    contents.node = "local";
    contents.state_dir = state();
    contents.names = {"node.key", "operator.token", "sources", "data"};
    return store::backup::create(contents, file(name).string(), key, force, tail, clock, quiet);
  }

  /// Into a fresh folder "new"; its store is "new/nova.db".
  core::Result<Restored> restore(const std::string& name, const Key& with) {
    auto chain = open_chain(file(name).string(), with);
    if (!chain) return chain.error();
    fs::remove_all(dir / "new");
    fs::create_directory(dir / "new");
    auto into = store::begin_sqlite_import((dir / "new/nova.db").string(), chain->back().tail.summary.head.store_id,
                                           "a restore of a backup was interrupted", clock);
    if (!into) return into.error();
    auto restored = store::backup::restore(*chain, **into, dir / "new", quiet);
    if (!restored) return restored;
    if (auto finished = (*into)->finish(); !finished) return finished.error();
    return restored;
  }
  core::Result<Restored> restore(const std::string& name) { return restore(name, key); }

  store::EventStore::Digests digests_of_new() {
    store::SqliteOptions options;
    options.file = (dir / "new/nova.db").string();
    options.clock = &clock;
    return store::open_sqlite_store(options).value()->digests().value();
  }
};

}  // namespace

TEST_CASE("backup: a fresh folder gets everything back from archive and key") {
  House house;
  for (int i = 0; i < 40; ++i) house.commit("e" + std::to_string(i), 0, 2);
  const auto made = house.create("a.novabackup");
  REQUIRE(made.ok());
  CHECK(made->summary.head.position == 80);
  const auto then = house.store->digests().value();
  house.commit("later", 0);

  const auto restored = house.restore("a.novabackup");
  REQUIRE(restored.ok());
  CHECK(restored->digests.log == then.log);
  CHECK(house.digests_of_new().documents == then.documents);
  CHECK(read_file(house.dir / "new/node.key") == std::string(32, 'k'));
  CHECK(read_file(house.dir / "new/data/acme/shop/big") == std::string(200'000, 'x'));
  CHECK(fs::read_symlink(house.dir / "new/data/acme/shop/link") == "big");
  CHECK(fs::is_directory(house.dir / "new/data/acme/shop/empty"));
  struct stat info {};
  REQUIRE(::stat((house.dir / "new/sources/abc/run.py").c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0755);
  // It goes on as a store, with names still taken.
  store::SqliteOptions options;
  options.file = (house.dir / "new/nova.db").string();
  const auto store = store::open_sqlite_store(options).value();
  CHECK(store->claim_holder("name/e3").value()->id == "e3");
  CHECK(store->timers(1000).value().size() == 40);
  CHECK(append(*store, change_of(testkit::key("e3"), 2)).ok());
}

TEST_CASE("backup: nothing of what is kept can be read in the archive") {
  House house;
  house.commit("visible-name", 0);
  REQUIRE(house.create("a.novabackup").ok());
  const auto bytes = read_file(house.file("a.novabackup"));
  for (const char* word : {"visible-name", "platform", "print(1)", "xxxxxxxx", "kkkkkkkk", "node.key", "documents"})
    CHECK(bytes.find(word) == std::string::npos);
  struct stat info {};
  REQUIRE(::stat(house.file("a.novabackup").c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0600);
}

TEST_CASE("backup: an archive that goes on from another holds what is new, and the chain gives the whole") {
  House house;
  for (int i = 0; i < 30; ++i) house.commit("e" + std::to_string(i), 0, 2);
  // Older than a tick of the clock, so that they count as unchanged. The test's clock stands far behind the files'.
  house.clock.advance(std::chrono::hours(24 * 365 * 10));
  REQUIRE(house.create("1.novabackup").ok());
  house.commit("e1", 2);
  house.commit("new", 0);
  write_file(house.state() / "data/acme/shop/fresh", "fresh");
  fs::remove(house.state() / "sources/abc/run.py");
  const auto second = house.create("2.novabackup", "1.novabackup");
  REQUIRE(second.ok());
  CHECK(second->summary.rows.at("events") == 2);
  CHECK(second->summary.rows.at("documents") == 2);
  CHECK(second->summary.rows.count("works") == 0);  // the same as before: left out
  CHECK(second->summary.rows.at("claims") == 31);
  CHECK(second->summary.files == 1);
  CHECK(fs::file_size(house.file("2.novabackup")) < 40'000);
  house.commit("e1", 3);
  fs::remove_all(house.state() / "data/acme/shop/empty");
  write_file(house.state() / "data/acme/shop/empty", "a file now");
  REQUIRE(house.create("3.novabackup", "2.novabackup").ok());
  const auto then = house.store->digests().value();

  const auto restored = house.restore("3.novabackup");
  REQUIRE(restored.ok());
  CHECK(house.digests_of_new().log == then.log);
  CHECK(house.digests_of_new().documents == then.documents);
  CHECK(read_file(house.dir / "new/data/acme/shop/fresh") == "fresh");
  CHECK(read_file(house.dir / "new/data/acme/shop/empty") == "a file now");
  CHECK(read_file(house.dir / "new/data/acme/shop/big") == std::string(200'000, 'x'));
  CHECK_FALSE(fs::exists(house.dir / "new/sources/abc/run.py"));

  SECTION("the middle of it alone is an earlier state") {
    REQUIRE(house.restore("2.novabackup").ok());
    CHECK(house.digests_of_new().log != then.log);
    CHECK(fs::is_directory(house.dir / "new/data/acme/shop/empty"));
  }
  SECTION("names do not matter, only that the base lies beside it") {
    fs::rename(house.file("1.novabackup"), house.file("first"));
    CHECK(house.restore("3.novabackup").ok());
  }
  SECTION("without its base it is refused, and the base is named") {
    fs::remove(house.file("2.novabackup"));
    const auto refused = house.restore("3.novabackup");
    CHECK(code_of(refused) == "backup.missing_base");
    CHECK(detail_of(refused.error(), "base_file") == "2.novabackup");
    CHECK(refused.error().remedy.find("2.novabackup") != std::string::npos);
  }
  SECTION("the newest of a folder is found by its time, and only among those of the key") {
    CHECK(newest_in((house.dir / "archives").string(), house.key) == house.file("3.novabackup").string());
    CHECK(newest_in((house.dir / "archives").string(), Key::random()).empty());
  }
}

TEST_CASE("backup: an archive of another history is no base") {
  House house, other;
  house.commit("a", 0);
  other.commit("a", 0);
  REQUIRE(house.create("1.novabackup").ok());
  other.key = house.key;
  fs::create_directory(other.dir / "archives");
  fs::copy_file(house.file("1.novabackup"), other.file("1.novabackup"));
  CHECK(code_of(other.create("2.novabackup", "1.novabackup")) == "backup.base_diverged");
  CHECK_FALSE(fs::exists(other.file("2.novabackup")));
}

TEST_CASE("backup: a byte changed anywhere is found, and nothing is taken for whole") {
  House house;
  for (int i = 0; i < 300; ++i) house.commit("e" + std::to_string(i), 0);
  REQUIRE(house.create("a.novabackup").ok());
  const auto whole = read_file(house.file("a.novabackup"));
  const auto chunk = chunk_bytes + tag_bytes;
  REQUIRE(whole.size() > header_bytes + 3 * chunk);
  const std::size_t last = header_bytes + (whole.size() - header_bytes) / chunk * chunk;
  struct Case {
    const char* where;
    std::size_t at;
    const char* code;
  };
  const Case cases[] = {{"magic", 0, "backup.not_an_archive"},
                        {"version", 8, "backup.damaged"},
                        {"chunk size", 13, "backup.damaged"},
                        {"salt", 20, "backup.damaged"},
                        {"key id", 50, "backup.damaged"},
                        {"id", 70, "backup.damaged"},
                        {"base", 110, "backup.damaged"},
                        {"time", 140, "backup.damaged"},
                        {"checksum", 150, "backup.damaged"},
                        {"first chunk", header_bytes, "backup.damaged"},
                        {"its tag", header_bytes + chunk_bytes + 3, "backup.damaged"},
                        {"a middle chunk", header_bytes + chunk + 1000, "backup.damaged"},
                        {"its tag", header_bytes + 2 * chunk - 1, "backup.damaged"},
                        {"last chunk", last + 1, "backup.damaged"},
                        {"last byte", whole.size() - 1, "backup.damaged"}};
  for (const auto& c : cases) {
    INFO(c.where);
    auto bytes = whole;
    bytes[c.at] = static_cast<char>(bytes[c.at] ^ 0x20);
    write_file(house.file("bad"), bytes);
    const auto refused = house.restore("bad");
    CHECK(code_of(refused) == c.code);
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().message.find("bad`") != std::string::npos);
    CHECK_FALSE(refused.error().remedy.empty());
  }

  struct Cut {
    const char* how;
    std::string bytes;
  };
  const auto first = whole.substr(header_bytes, chunk), second = whole.substr(header_bytes + chunk, chunk);
  const Cut cuts[] = {
      {"empty", ""},
      {"within the header", whole.substr(0, 100)},
      {"after the header", whole.substr(0, header_bytes)},
      {"within a chunk", whole.substr(0, header_bytes + chunk + 10)},
      {"between chunks", whole.substr(0, header_bytes + 2 * chunk)},
      {"the last chunk", whole.substr(0, last)},
      {"one byte", whole.substr(0, whole.size() - 1)},
      {"one byte more", whole + "x"},
      {"a chunk more", whole + first},
      {"chunks change places", whole.substr(0, header_bytes) + second + first + whole.substr(header_bytes + 2 * chunk)},
      {"a chunk left out", whole.substr(0, header_bytes) + whole.substr(header_bytes + chunk)}};
  for (const auto& cut : cuts) {
    INFO(cut.how);
    write_file(house.file("bad"), cut.bytes);
    const auto code = code_of(house.restore("bad"));
    CHECK((code == "backup.damaged" || (cut.bytes.empty() && code == "backup.not_an_archive")));
  }
  write_file(house.file("bad"), whole);
  CHECK(house.restore("bad").ok());
}

TEST_CASE("backup: a wrong key is told apart from damage") {
  House house;
  house.commit("a", 0);
  REQUIRE(house.create("a.novabackup").ok());
  const auto refused = house.restore("a.novabackup", Key::random());
  CHECK(code_of(refused) == "backup.wrong_key");
  CHECK(refused.error().remedy == "give the key file that it was made with");
}

TEST_CASE("backup: an existing file is not written over, unless that is asked for") {
  House house;
  house.commit("a", 0);
  REQUIRE(house.create("a.novabackup").ok());
  const auto before = read_file(house.file("a.novabackup"));
  CHECK(code_of(house.create("a.novabackup")) == "backup.exists");
  CHECK(read_file(house.file("a.novabackup")) == before);
  CHECK(house.create("a.novabackup", "", true).ok());
  CHECK(read_file(house.file("a.novabackup")) != before);
  // What one that was killed left behind is in nobody's way.
  write_file(house.file("b.novabackup.part"), "half");
  CHECK(house.create("b.novabackup").ok());
  CHECK_FALSE(fs::exists(house.file("b.novabackup.part")));
  CHECK(house.restore("b.novabackup").ok());
}

TEST_CASE("backup: what killed writers left in a folder goes, what is being written stays") {
  TempDir dir;
  const auto old = fs::file_time_type::clock::now() - std::chrono::hours(2);
  const Key key = Key::random();
  Header header{std::string(salt_bytes, 's'), key_id_of(key), "01900000-0000-7000-8000-000000000001", "", 0};
  const auto writer = Writer::open((dir / "held.novabackup").string(), key, header, false);
  REQUIRE(writer.ok());
  for (const char* name : {"left.novabackup.part", "fresh.novabackup.part", "other.part"})
    write_file(dir / name, "half");
  for (const char* name : {"left.novabackup.part", "held.novabackup.part", "other.part"})
    fs::last_write_time(dir / name, old);
  remove_stale_parts(dir.path().string());
  CHECK_FALSE(fs::exists(dir / "left.novabackup.part"));
  for (const char* name : {"held.novabackup.part", "fresh.novabackup.part", "other.part"})
    CHECK(fs::exists(dir / name));
  CHECK(code_of(Writer::open((dir / "held.novabackup").string(), key, header, false)) == "backup.busy");
}

TEST_CASE("backup: a file that cannot grow leaves one error and nothing half-done") {
  House house;
  for (int i = 0; i < 100; ++i) house.commit("e" + std::to_string(i), 0);
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
  // The kernel's own refusal in the middle of the archive, as with a disk that is full there.
  ::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{200'000, before.rlim_max};
  fs::create_directory(house.dir / "archives");
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
  const auto refused = house.create("a.novabackup");
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &before) == 0);
  CHECK(code_of(refused) == "backup.cannot_write");
  CHECK(fs::is_empty(house.dir / "archives"));
  CHECK(house.create("a.novabackup").ok());
}

TEST_CASE("backup: a link in the place of the temporary file leads nowhere") {
  House house;
  house.commit("e", 0);
  fs::create_directory(house.dir / "archives");
  write_file(house.dir / "precious", "text");
  fs::create_symlink(house.dir / "precious", house.file("a.novabackup.part"));
  CHECK(code_of(house.create("a.novabackup")) == "backup.cannot_write");
  CHECK(read_file(house.dir / "precious") == "text");
  fs::remove(house.file("a.novabackup.part"));
  CHECK(house.create("a.novabackup").ok());
}

TEST_CASE("backup: keys are made for their owner alone, and exposed or torn ones refused") {
  TempDir dir;
  const auto file = (dir / "backup.key").string();
  CHECK(code_of(read_key(file)) == "backup.no_key");
  REQUIRE(make_key(file).ok());
  struct stat info {};
  REQUIRE(::stat(file.c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0600);
  const auto bytes = read_file(file);
  CHECK(bytes.size() == 32);
  CHECK(code_of(make_key(file)) == "backup.exists");
  CHECK(read_file(file) == bytes);
  CHECK(read_key(file).ok());
  ::chmod(file.c_str(), 0640);
  CHECK(code_of(read_key(file)) == "backup.key_exposed");
  ::chmod(file.c_str(), 0600);
  write_file(file, "short");
  CHECK(code_of(read_key(file)) == "backup.bad_key");
}

TEST_CASE("backup: a path in an archive never leaves the folder") {
  for (const char* path : {"a", "a/b", "data/t/p/.hidden", "a b/ü"}) CHECK(is_inside(path));
  for (const char* path : {"", "/etc/passwd", "..", "a/../b", "a//b", "./a", "a/", "a/.."})
    CHECK_FALSE(is_inside(path));
  CHECK_FALSE(is_inside(std::string_view("a\0b", 3)));
  FileEntry entry;
  entry.path = "../x";
  CHECK_FALSE(read_entry(write_entry(entry)).has_value());
  entry.path = "x";
  entry.digest = "d";
  REQUIRE(read_entry(write_entry(entry)).has_value());
  CHECK(read_entry(write_entry(entry))->digest == "d");
}
