// Disks that fail: full, refusing to sync, losing power. What was acknowledged is never lost, and nothing is half-done.
#include "store/sqlite/sqlite_store.hpp"

#include "tests/testkit/await.hpp"
#include "tests/testkit/catch.hpp"
#include "tests/testkit/faulty_files.hpp"
#include "tests/testkit/store_contract.hpp"
#include "tests/testkit/temp_dir.hpp"

#include <condition_variable>
#include <filesystem>
#include <future>
#include <mutex>
#include <set>

using namespace nova;
using namespace nova::testkit;

namespace {

struct Place {
  TempDir dir;
  FaultyFiles files;
  ManualClock clock;

  core::Result<std::unique_ptr<store::EventStore>> open() {
    store::SqliteOptions options;
    options.file = dir / "nova.db";
    options.clock = &clock;
    options.vfs = files.name();
    options.reserve_bytes = 64 * 1024;
    options.log_room_bytes = 256 * 1024;
    return store::open_sqlite_store(options);
  }
};

/// The events that are there, and whether they stand dense and each command whole.
struct Found {
  std::set<std::string> ids;
  bool sound = true;
};

Found found_in(store::EventStore& store) {
  Found found;
  std::uint64_t expected = 0;
  for (std::uint64_t at = 0; at < store.head();) {
    const auto slice = store.read_all(at, {}, 1000).value();
    if (slice.scanned_to <= at) return {found.ids, false};
    at = slice.scanned_to;
    for (const auto& event : slice.events) {
      found.sound = found.sound && event.position == ++expected;
      found.ids.insert(event.id);
    }
  }
  std::uint64_t in_documents = 0;
  store::DocumentQuery query{"acme", "platform", "", "", "", 1000};
  do {
    const auto page = store.documents(query).value();
    for (const auto& document : page.items) in_documents += document.version;
    query.after = page.next;
  } while (!query.after.empty());
  found.sound = found.sound && in_documents == expected;
  return found;
}

/// Sends a stream of changes without waiting, and remembers which were acknowledged.
class Client {
 public:
  explicit Client(store::EventStore& store) : store_(store) {}

  void send(int count) {
    for (int i = 0; i < count; ++i) {
      auto change = change_of(key("e" + std::to_string(sent_++)), 0, 2);
      std::vector<std::string> ids;
      for (const auto& event : change.events) ids.push_back(event.id);
      store_.append(std::move(change), [this, ids](auto result) {
        std::lock_guard lock(mutex_);
        ++answered_;
        if (result.ok())
          acknowledged_.insert(ids.begin(), ids.end());
        else if (detail_of(result.error(), "outcome") != "unknown")
          refused_.insert(ids.begin(), ids.end());
      });
    }
  }
  bool all_answered() {
    return await([this] {
      std::lock_guard lock(mutex_);
      return answered_ == sent_;
    });
  }
  const std::set<std::string>& acknowledged() const { return acknowledged_; }
  const std::set<std::string>& refused() const { return refused_; }

 private:
  store::EventStore& store_;
  std::mutex mutex_;
  int sent_ = 0, answered_ = 0;
  std::set<std::string> acknowledged_, refused_;
};

bool holds_all(const std::set<std::string>& found, const std::set<std::string>& wanted) {
  return std::includes(found.begin(), found.end(), wanted.begin(), wanted.end());
}
bool holds_none(const std::set<std::string>& found, const std::set<std::string>& unwanted) {
  for (const auto& id : unwanted)
    if (found.contains(id)) return false;
  return true;
}

}  // namespace

TEST_CASE("sqlite: a full disk makes the store read-only with a remedy, and space heals it") {
  Place place;
  auto opened = place.open();
  REQUIRE(opened.ok());
  auto& store = **opened;
  REQUIRE(append(store, change_of(key("a"), 0)).ok());
  place.files.fill_disk(true);
  const auto refused = append(store, change_of(key("a"), 1));
  REQUIRE(code_of(refused) == "store.read_only");
  CHECK(refused.error().status == 503);
  CHECK(refused.error().retryable);
  CHECK(detail_of(refused.error(), "outcome").empty());
  const auto health = store.health();
  CHECK_FALSE(health.writable);
  CHECK(health.reason.find("the disk is full") != std::string::npos);
  CHECK(health.reason.find(place.dir.path().string()) != std::string::npos);
  CHECK(store.document(key("a")).value()->version == 1);
  CHECK(code_of(append(store, change_of(key("b"), 0))) == "store.read_only");

  place.files.fill_disk(false);
  CHECK(await([&] { return store.health().writable; }));
  CHECK(store.health().reason.empty());
  CHECK(append(store, change_of(key("a"), 1)).ok());
  CHECK(store.head() == 2);
}

TEST_CASE("sqlite: a disk that the log itself filled is freed by moving the log into the database") {
  Place place;
  auto opened = place.open();
  REQUIRE(opened.ok());
  auto& store = **opened;
  place.files.limit_disk(2 * 1024 * 1024);
  // Documents are rewritten: the log takes them again and again, the database once.
  std::uint64_t version = 0;
  while (version < 2000 && append(store, change_of(key("a"), version)).ok()) ++version;
  REQUIRE(version < 2000);
  CHECK(await([&] { return store.health().writable; }));
  CHECK(append(store, change_of(key("a"), version)).ok());
  CHECK(found_in(store).ids.size() == version + 1);
}

TEST_CASE(
    "sqlite: while syncs fail nothing is acknowledged, and when they work again nothing acknowledged is missing") {
  Place place;
  auto opened = place.open();
  REQUIRE(opened.ok());
  auto& store = **opened;
  Client client(store);
  client.send(20);
  REQUIRE(client.all_answered());
  const auto before = client.acknowledged().size();
  CHECK(before == 40);

  place.files.fail_syncs(true);
  client.send(20);
  REQUIRE(client.all_answered());
  CHECK(client.acknowledged().size() == before);
  CHECK_FALSE(store.health().writable);
  CHECK(store.health().reason.find("check the disk") != std::string::npos);
  CHECK(store.document(key("e0")).value());

  place.files.fail_syncs(false);
  REQUIRE(await([&] { return store.health().writable; }));
  client.send(20);
  REQUIRE(client.all_answered());
  CHECK(client.acknowledged().size() == before + 40);
  const auto found = found_in(store);
  CHECK(found.sound);
  CHECK(holds_all(found.ids, client.acknowledged()));
  CHECK(holds_none(found.ids, client.refused()));
}

TEST_CASE("sqlite: a change whose sync failed is settled by what the disk holds afterwards") {
  Place place;
  auto opened = place.open();
  REQUIRE(opened.ok());
  auto& store = **opened;
  REQUIRE(append(store, change_of(key("a"), 0)).ok());
  place.files.fail_syncs(true);
  const auto refused = append(store, change_of(key("a"), 1));
  REQUIRE(code_of(refused) == "store.read_only");
  CHECK(detail_of(refused.error(), "outcome") == "unknown");
  place.files.fail_syncs(false);
  REQUIRE(await([&] { return store.health().writable; }));
  const auto version = store.document(key("a")).value()->version;
  CHECK(store.head() == version);
  CHECK(append(store, change_of(key("a"), version)).ok());
}

TEST_CASE("sqlite: power may go at any operation and nothing acknowledged is lost, nothing refused appears") {
  // As many operations as a few commits and the closing checkpoint make; each point is tried once, with its own
  // wreckage.
  constexpr std::uint64_t points = 160;
  std::uint64_t cuts = 0, lost = 0, appeared = 0, unsound = 0, unopened = 0;
  for (std::uint64_t point = 1; point <= points; point += 3) {
    Place place;
    std::set<std::string> acknowledged, refused;
    {
      auto opened = place.open();
      REQUIRE(opened.ok());
      Client client(**opened);
      client.send(3);
      REQUIRE(client.all_answered());
      place.files.cut_power_after(point);
      for (int turn = 0; turn < 4; ++turn) {
        client.send(5);
        REQUIRE(client.all_answered());
      }
      (*opened)->close();
      cuts += place.files.power_is_cut();
      acknowledged = client.acknowledged();
      refused = client.refused();
    }
    place.files.restore_power(std::uint32_t(point));
    auto again = place.open();
    if (!again.ok()) {
      WARN(point << ": " << core::to_line(again.error()));
      ++unopened;
      continue;
    }
    const auto found = found_in(**again);
    unsound += !found.sound;
    lost += !holds_all(found.ids, acknowledged);
    appeared += !holds_none(found.ids, refused);
    if (!append(**again, change_of(key("after"), 0)).ok()) ++unsound;
  }
  CHECK(cuts > points / 12);
  CHECK(unopened == 0);
  CHECK(lost == 0);
  CHECK(appeared == 0);
  CHECK(unsound == 0);
}

TEST_CASE("sqlite: the write-ahead log stays bounded under a writer that never rests") {
  TempDir dir;
  ManualClock clock;
  store::SqliteOptions options;
  options.file = dir / "nova.db";
  options.clock = &clock;
  auto opened = store::open_sqlite_store(options);
  REQUIRE(opened.ok());
  constexpr int count = 3000;  // 64 KiB each: about 190 MB
  std::mutex mutex;
  std::condition_variable changed;
  int under_way = 0, failed = 0;
  std::uintmax_t largest = 0;
  for (int i = 0; i < count; ++i) {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return under_way < 100; });
    ++under_way;
    lock.unlock();
    auto change = change_of(key("e" + std::to_string(i)), 0);
    change.events[0].body.assign(store::event_bytes_max, 'x');
    (*opened)->append(std::move(change), [&](auto result) {
      std::lock_guard answered(mutex);
      failed += !result.ok();
      --under_way;
      changed.notify_all();
    });
    if (i % 100 == 0) largest = std::max(largest, std::filesystem::file_size(dir / "nova.db-wal"));
  }
  std::unique_lock lock(mutex);
  REQUIRE(changed.wait_for(lock, std::chrono::seconds(60), [&] { return under_way == 0; }));
  CHECK(failed == 0);
  // The bound at which the writer helps, and what may come on top of it before it does.
  CHECK(largest < 120u * 1024 * 1024);
}

TEST_CASE("sqlite: what waits is bounded in bytes, and the flood is told so at once") {
  Place place;
  auto opened = place.open();
  REQUIRE(opened.ok());
  auto& store = **opened;
  // The first answer holds the writer, so that all others wait.
  std::promise<void> go_on;
  store.append(change_of(key("first"), 0), [&, wait = go_on.get_future().share()](auto) { wait.wait(); });
  std::atomic<int> overloaded = 0, committed = 0;
  constexpr int flood = 70, events = 64;  // 4 MiB each: 280 MiB
  for (int i = 0; i < flood; ++i) {
    auto change = change_of(key("f" + std::to_string(i)), 0, events);
    for (auto& event : change.events) event.body.assign(store::event_bytes_max, 'x');
    store.append(std::move(change), [&](auto result) {
      overloaded += code_of(result) == "store.overloaded";
      committed += result.ok();
    });
  }
  CHECK(overloaded > 0);
  CHECK(overloaded < flood / 2);
  go_on.set_value();
  store.close();
  CHECK(overloaded + committed == flood);
}
