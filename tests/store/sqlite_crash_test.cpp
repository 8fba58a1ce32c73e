// Processes that die and disks that are really full.
#include "store/sqlite/sqlite_store.hpp"
#include "tests/testkit/await.hpp"
#include "tests/testkit/catch.hpp"
#include "tests/testkit/faulty_files.hpp"
#include "tests/testkit/store_contract.hpp"
#include "tests/testkit/temp_dir.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <mutex>
#include <set>

using namespace nova;
using namespace nova::testkit;

namespace {

core::Result<std::unique_ptr<store::EventStore>> open_in(const std::filesystem::path& folder, ManualClock& clock,
                                                         std::uint64_t reserve_bytes = 64 * 1024) {
  store::SqliteOptions options;
  options.file = folder / "nova.db";
  options.clock = &clock;
  options.reserve_bytes = reserve_bytes;
  options.log_room_bytes = 256 * 1024;
  return store::open_sqlite_store(options);
}

constexpr int in_flight = 64;

/// Appends without end to entities of this round and writes the number of each acknowledged one to `out`. Killed from
/// outside.
[[noreturn]] void append_for_ever(const std::filesystem::path& folder, int round, int out) {
  ManualClock clock;
  auto opened = open_in(folder, clock);
  if (!opened) _exit(3);
  std::mutex mutex;
  int sent = 0;
  std::function<void()> next;
  next = [&] {
    const int number = sent++;
    auto change = change_of(key("r" + std::to_string(round) + "-" + std::to_string(number)), 0, 2);
    (*opened)->append(std::move(change), [&, number](auto result) {
      if (!result.ok() || write(out, &number, sizeof number) != sizeof number) _exit(4);
      std::lock_guard lock(mutex);
      next();
    });
  };
  {
    std::lock_guard lock(mutex);
    for (int i = 0; i < in_flight; ++i) next();
  }
  for (;;) pause();
}

/// Reads acknowledged numbers until `enough`, kills the child, and reads what was still in the pipe.
std::set<int> acknowledged_before_kill(pid_t child, int in, std::size_t enough) {
  std::set<int> numbers;
  int number = 0;
  while (numbers.size() < enough && read(in, &number, sizeof number) == sizeof number) numbers.insert(number);
  kill(child, SIGKILL);
  while (read(in, &number, sizeof number) == sizeof number) numbers.insert(number);
  int status = 0;
  waitpid(child, &status, 0);
  REQUIRE(WIFSIGNALED(status));
  return numbers;
}

/// In a child with a mount namespace of its own: a store on 3 MB of disk, filled and emptied. The exit code says what
/// went wrong.
int live_through_full_disk(const std::filesystem::path& folder) {
  constexpr int not_allowed = 77;
  if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return not_allowed;
  if (mount("tmpfs", folder.c_str(), "tmpfs", 0, "size=3m,mode=0700") != 0) return not_allowed;
  ManualClock clock;
  auto opened = open_in(folder, clock);
  if (!opened) return 1;
  auto& store = **opened;
  if (!append(store, change_of(key("a"), 0)).ok()) return 2;
  const auto ballast = folder / "ballast";
  const int fd = open(ballast.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  const std::string block(4096, 'b');
  while (write(fd, block.data(), block.size()) > 0) {
  }
  close(fd);
  std::uint64_t version = 1;
  std::string code = "ok";
  for (; version < 2000 && code == "ok"; ++version) {
    auto change = change_of(key("a"), version);
    change.events[0].body.assign(8000, 'x');
    code = code_of(append(store, std::move(change)));
  }
  if (code != "store.read_only") return 3;
  if (store.health().writable || store.health().reason.find("free space under") == std::string::npos) return 4;
  const auto kept = store.document(key("a")).value()->version;
  if (kept != version - 1 || store.head() != kept) return 5;
  // A node that starts on the full disk can still be asked what is wrong.
  opened->reset();
  opened = open_in(folder, clock);
  if (!opened) return 6;
  if ((*opened)->document(key("a")).value()->version != kept) return 7;
  std::filesystem::remove(ballast);
  if (!await([&] { return (*opened)->health().writable; })) return 8;
  if (!append(**opened, change_of(key("a"), kept)).ok()) return 9;
  return 0;
}

}  // namespace

TEST_CASE("sqlite: kill -9 in the middle of commits loses no acknowledged append") {
  TempDir dir;
  ManualClock clock;
  std::set<std::string> all;
  for (int round = 0; round < 5; ++round) {
    int ends[2];
    REQUIRE(pipe2(ends, O_CLOEXEC) == 0);
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) append_for_ever(dir.path(), round, ends[1]);
    close(ends[1]);
    const auto numbers = acknowledged_before_kill(child, ends[0], 100 + std::size_t(round) * 137);
    close(ends[0]);
    REQUIRE(numbers.size() >= 100);
    for (const int number : numbers) all.insert("r" + std::to_string(round) + "-" + std::to_string(number));

    auto opened = open_in(dir.path(), clock);
    REQUIRE(opened.ok());
    auto& store = **opened;
    std::size_t lost = 0;
    for (const auto& id : all) {
      const auto document = store.document(key(id)).value();
      lost += !document || document->version != 2 || store.read(key(id), 0, 10).value().size() != 2;
    }
    CHECK(lost == 0);
    std::uint64_t expected = 0, gaps = 0;
    for (std::uint64_t at = 0; at < store.head();) {
      const auto slice = store.read_all(at, {}, 1000).value();
      for (const auto& event : slice.events) gaps += event.position != ++expected;
      at = slice.scanned_to;
    }
    CHECK(gaps == 0);
    CHECK(expected == store.head());
    CHECK(expected % 2 == 0);
  }
}

TEST_CASE("sqlite: a really full disk is lived through, also by a start") {
  TempDir dir;
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) _exit(live_through_full_disk(dir.path()));
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  // 77: this user may not mount; the file layer of sqlite_disk_test stands in for the disk then.
  if (WEXITSTATUS(status) != 77) CHECK(WEXITSTATUS(status) == 0);
}
