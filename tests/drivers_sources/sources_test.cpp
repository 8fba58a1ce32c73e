// Sources by content: the same folder has the same digest everywhere, and hostile archives leave nothing behind.
#include "drivers/sources/sources.hpp"

#include "drivers/sources/archive.hpp"
#include "drivers/sources/digest.hpp"
#include "tests/drivers_sources/archives.hpp"
#include "tests/testkit/catch.hpp"
#include "tests/testkit/temp_dir.hpp"

#include <sys/stat.h>

#include <fstream>
#include <iterator>

using namespace nova;
using namespace nova::sources;
namespace fs = std::filesystem;

namespace {

void write(const fs::path& file, const std::string& content) {
  fs::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << content;
}

std::string read(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

struct World {
  testkit::TempDir folder;
  std::unique_ptr<SourceStore> store = open();

  std::unique_ptr<SourceStore> open() { return std::move(SourceStore::open(folder / "sources")).value(); }
  core::Result<bool> put(const std::string& bytes, std::string digest = {}) {
    const auto file = folder / "upload";
    write(file, bytes);
    return store->put(digest.empty() ? digest_of(bytes) : digest, file);
  }
  std::size_t kept() const {
    return std::size_t(std::distance(fs::directory_iterator(folder / "sources"), fs::directory_iterator()));
  }
};

void a_service(const fs::path& at) {
  write(at / "main.py", "print('hi')\n");
  write(at / "lib" / "util.py", "x = 1\n");
  write(at / "run.sh", "#!/bin/sh\n");
  fs::permissions(at / "run.sh", fs::perms::owner_all);
}

}  // namespace

TEST_CASE("the same content has the same digest whatever its times, modes of others, order and place") {
  testkit::TempDir folder;
  a_service(folder / "one");
  write(folder / "two" / "run.sh", "#!/bin/sh\n");
  fs::permissions(folder / "two" / "run.sh", fs::perms(0711));
  write(folder / "two" / "lib" / "util.py", "x = 1\n");
  write(folder / "two" / "main.py", "print('hi')\n");
  write(folder / "two" / ".git" / "HEAD", "ref");
  write(folder / "two" / "lib" / "__pycache__" / "util.pyc", "cache");
  fs::last_write_time(folder / "two" / "main.py", fs::file_time_type(std::chrono::hours(1)));
  const auto one = pack_folder(folder / "one"), two = pack_folder(folder / "two" / ".");
  REQUIRE(one);
  REQUIRE(two);
  CHECK(one->digest == two->digest);
  CHECK(one->files == 3);
  // The digest of this content for ever: a changed packer would make every deployed source look new.
  CHECK(one->digest == digest_of(one->bytes));
}

TEST_CASE("content, a name and the right to execute each change the digest") {
  testkit::TempDir folder;
  a_service(folder / "a");
  const auto before = pack_folder(folder / "a")->digest;
  fs::permissions(folder / "a" / "main.py", fs::perms::owner_all);
  const auto executable = pack_folder(folder / "a")->digest;
  write(folder / "a" / "main.py", "print('ho')\n");
  const auto changed = pack_folder(folder / "a")->digest;
  fs::rename(folder / "a" / "main.py", folder / "a" / "start.py");
  const auto renamed = pack_folder(folder / "a")->digest;
  CHECK(std::set<std::string>{before, executable, changed, renamed}.size() == 4);
}

TEST_CASE("what was packed is unpacked as it was, with names in any script") {
  World world;
  const auto source = world.folder / "source";
  a_service(source);
  write(source / "صفحة.html", "مرحبا");
  write(source / std::string(180, 'n') / (std::string(200, 'm') + ".txt"), "long");
  write(source / "empty", "");
  const auto packed = pack_folder(source);
  REQUIRE(packed);
  auto fresh = world.put(packed->bytes, packed->digest);
  REQUIRE(fresh);
  CHECK(*fresh);
  CHECK(world.store->has(packed->digest));
  const auto at = *world.store->path_of(packed->digest);
  CHECK(read(at / "lib" / "util.py") == "x = 1\n");
  CHECK(read(at / "صفحة.html") == "مرحبا");
  CHECK(read(at / std::string(180, 'n') / (std::string(200, 'm') + ".txt")) == "long");
  CHECK(fs::exists(at / "empty"));
  struct stat mode {};
  REQUIRE(::stat((at / "run.sh").c_str(), &mode) == 0);
  CHECK((mode.st_mode & 0777) == 0755);
  REQUIRE(::stat((at / "main.py").c_str(), &mode) == 0);
  CHECK((mode.st_mode & 0777) == 0644);
}

TEST_CASE("the same archive put again changes nothing") {
  World world;
  a_service(world.folder / "source");
  const auto packed = *pack_folder(world.folder / "source");
  CHECK(*world.put(packed.bytes, packed.digest));
  CHECK_FALSE(*world.put(packed.bytes, packed.digest));
  CHECK(world.kept() == 1);
}

TEST_CASE("an archive that is not what its digest says is refused and leaves nothing") {
  World world;
  const auto bytes = archives::entry("a", "x") + archives::end();
  const auto refused = world.put(bytes, digest_of("something else"));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == "source.digest_mismatch");
  CHECK(refused.error().status == 422);
  CHECK(world.kept() == 0);
  CHECK(world.put(bytes, "sha256:../../etc").error().code == "input.invalid");
}

TEST_CASE("hostile archives are refused and leave nothing behind") {
  using archives::end;
  using archives::entry;
  struct Row {
    const char* what;
    std::string bytes;
    const char* code;
  };
  auto cut = entry("a", std::string(4096, 'x'));
  cut.resize(1024);
  auto wrong_sum = entry("a", "x");
  wrong_sum[0] = 'b';
  const std::vector<Row> rows = {
      {"a way up", entry("../evil", "x"), "source.unsafe_path"},
      {"a way up in the middle", entry("a/../../evil", "x"), "source.unsafe_path"},
      {"an absolute path", entry("/tmp/evil", "x"), "source.unsafe_path"},
      {"a backslash", entry("..\\evil", "x"), "source.unsafe_path"},
      {"a control character", entry("a\x1b[2J", "x"), "source.unsafe_path"},
      {"an empty part", entry("a//b", "x"), "source.unsafe_path"},
      {"a symbolic link", entry("link", "", '2', "/etc/passwd"), "source.unsafe_path"},
      {"a hard link", entry("link", "", '1', "/etc/passwd"), "source.unsafe_path"},
      {"a link, then a file through it", entry("d", "", '2', "/tmp") + entry("d/evil", "x"), "source.unsafe_path"},
      {"a device", entry("null", "", '3'), "source.unsafe_path"},
      {"a pipe", entry("pipe", "", '6'), "source.unsafe_path"},
      {"a folder above", entry("../evil/", "", '5'), "source.unsafe_path"},
      {"a file that comes twice", entry("a", "x") + entry("a", "y"), "source.unsafe_path"},
      {"a file that is a folder too", entry("a", "x") + entry("a/b", "y"), "source.unsafe_path"},
      {"a file cut short", cut, "source.damaged"},
      {"a wrong checksum", wrong_sum, "source.damaged"},
      {"no archive", "this is no archive", "source.damaged"},
      {"nothing", "", "source.damaged"},
      {"an empty archive", "", "source.damaged"},
  };
  for (const auto& row : rows) {
    INFO(row.what);
    World world;
    const auto refused = world.put(row.bytes + (row.bytes == cut ? "" : end()));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == row.code);
    CHECK(world.kept() == 0);
    CHECK_FALSE(fs::exists(world.folder / "evil"));
  }
}

TEST_CASE("an archive may not hold more files, folders or bytes than allowed") {
  using archives::entry;
  const Bounds bounds{1000, 3, 4};
  struct Row {
    std::string bytes;
    bool taken;
  };
  const std::vector<Row> rows = {
      {entry("a") + entry("b") + entry("c"), true},
      {entry("a") + entry("b") + entry("c") + entry("d"), false},
      {entry("1/2/3/4/a"), true},
      {entry("1/2/3/4/5/a"), false},
      {entry("1/2/a") + entry("1/2/b") + entry("3/4/a"), true},
      {entry("1/2/3/4/", "", '5') + entry("5/", "", '5'), false},
      {entry("a", std::string(600, 'x')) + entry("b", std::string(400, 'x')), true},
      {entry("a", std::string(600, 'x')) + entry("b", std::string(401, 'x')), false},
  };
  for (const auto& row : rows) {
    testkit::TempDir folder;
    write(folder / "archive", row.bytes + archives::end());
    fs::create_directory(folder / "target");
    const auto unpacked = unpack(folder / "archive", folder / "target", bounds);
    CHECK(unpacked.ok() == row.taken);
    if (!unpacked) CHECK(unpacked.error().code == "source.too_large");
  }
}

TEST_CASE("modes are made plain: no set-user-id, nothing writable by others") {
  World world;
  const auto bytes = archives::entry("root", "x", '0', "", 06777) + archives::end();
  REQUIRE(world.put(bytes));
  struct stat mode {};
  REQUIRE(::stat((*world.store->path_of(digest_of(bytes)) / "root").c_str(), &mode) == 0);
  CHECK((mode.st_mode & 07777) == 0755);
}

TEST_CASE("a put that a crash cut off is cleared away and can be repeated") {
  World world;
  const auto bytes = archives::entry("a", "x") + archives::end();
  const auto digest = digest_of(bytes);
  write(world.folder / "sources" / (digest.substr(7) + ".tmp") / "half", "x");
  world.store = world.open();
  CHECK(world.kept() == 0);
  CHECK_FALSE(world.store->has(digest));
  REQUIRE(world.put(bytes));
  CHECK(read(*world.store->path_of(digest) / "a") == "x");
}

TEST_CASE("collect removes what nobody uses and nothing else") {
  World world;
  const auto one = archives::entry("a", "1") + archives::end(), two = archives::entry("a", "2") + archives::end();
  REQUIRE(world.put(one));
  REQUIRE(world.put(two));
  write(world.folder / "sources" / "note.txt", "not ours");
  CHECK(*world.store->collect({digest_of(one)}) == 1);
  CHECK(world.store->has(digest_of(one)));
  CHECK_FALSE(world.store->has(digest_of(two)));
  CHECK(fs::exists(world.folder / "sources" / "note.txt"));
  CHECK(world.store->path_of(digest_of(two)).error().code == "source.not_found");
}

TEST_CASE("packing refuses links, missing and empty folders") {
  testkit::TempDir folder;
  CHECK(pack_folder(folder / "none").error().code == "source.not_a_folder");
  fs::create_directories(folder / "empty");
  CHECK(pack_folder(folder / "empty").error().code == "source.not_a_folder");
  a_service(folder / "a");
  fs::create_symlink("/etc/passwd", folder / "a" / "link");
  const auto refused = pack_folder(folder / "a");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == "source.unsafe_path");
  CHECK(refused.error().message.find("link") != std::string::npos);
}

TEST_CASE("a folder larger than an archive may be is refused before it is read") {
  testkit::TempDir folder;
  write(folder / "a" / "big", "");
  fs::resize_file(folder / "a" / "big", archive_bytes_max + 1);
  CHECK(pack_folder(folder / "a").error().code == "source.too_large");
}

TEST_CASE("fetch is done when all digests are there and names the one that is not") {
  World world;
  const auto bytes = archives::entry("a", "x") + archives::end();
  const auto here = digest_of(bytes), gone = digest_of("gone");
  REQUIRE(world.put(bytes));
  auto driver = make_sources_driver(*world.store);
  CHECK(driver->name() == "sources");
  const auto fetch = [&](const std::string& payload) {
    host::Work work;
    work.ask.driver = "sources";
    work.ask.verb = "fetch";
    work.ask.payload = payload;
    std::optional<host::WorkEnd> ended;
    driver->start(std::move(work), [&](host::WorkEnd end) { ended = std::move(end); });
    REQUIRE(ended);
    return *ended;
  };
  CHECK(fetch(R"({"digests":[]})").outcome == core::Outcome::done);
  CHECK(fetch(R"({"digests":[")" + here + R"("]})").outcome == core::Outcome::done);
  const auto failed = fetch(R"({"digests":[")" + here + R"(",")" + gone + R"("]})");
  CHECK(failed.outcome == core::Outcome::failed);
  CHECK_FALSE(failed.retry);
  CHECK(failed.error.code == "source.not_found");
  CHECK(failed.error.message.find(gone) != std::string::npos);
}
