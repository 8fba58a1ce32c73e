#include "store/sqlite/sqlite_store.hpp"

#include "store/known_keys.hpp"

#include "tests/testkit/catch.hpp"
#include "tests/testkit/store_contract.hpp"
#include "tests/testkit/temp_dir.hpp"

#include <stdexcept>
#include <thread>

namespace nova::testkit {
namespace {

class SqliteUnderTest final : public StoreUnderTest {
 public:
  SqliteUnderTest() {
    store::SqliteOptions options;
    options.file = dir_ / "nova.db";
    options.clock = &clock;
    options.log_room_bytes = 256 * 1024;
    auto opened = store::open_sqlite_store(options);
    if (!opened) throw std::runtime_error(core::to_line(opened.error()));
    store_ = std::move(*opened);
  }
  store::EventStore& store() override { return *store_; }

 private:
  TempDir dir_;
  std::unique_ptr<store::EventStore> store_;
};

}  // namespace

std::unique_ptr<StoreUnderTest> make_store_under_test() { return std::make_unique<SqliteUnderTest>(); }

}  // namespace nova::testkit

namespace nova::testkit {

TEST_CASE("sqlite: of known keys none is forgotten, and most of the others are told apart") {
  store::KnownKeys known;
  const auto name = [](int i) { return key("known-" + std::to_string(i)); };
  CHECK(known.may_hold(name(0)));
  CHECK(known.add(name(0)));  // what was written before is not known yet
  known.complete();
  std::vector<std::thread> threads;
  constexpr int each = 50'000;
  for (int part = 0; part < 2; ++part)
    threads.emplace_back([&, part] {
      for (int i = 1; i <= each; ++i) known.add(name(part * each + i));
    });
  for (auto& thread : threads) thread.join();
  int forgotten = 0, mistaken = 0;
  for (int i = 0; i <= 2 * each; ++i) forgotten += !known.may_hold(name(i)) || !known.add(name(i));
  for (int i = 0; i < 10'000; ++i) mistaken += known.may_hold(key("other-" + std::to_string(i)));
  CHECK(forgotten == 0);
  CHECK(mistaken < 100);
}

TEST_CASE("sqlite: what a store holds is found while it still learns its keys, and afterwards") {
  TempDir dir;
  ManualClock clock;
  store::SqliteOptions options;
  options.file = dir / "nova.db";
  options.clock = &clock;
  constexpr int count = 10'000;  // some pages of keys
  const auto name = [](int i) { return key("e" + std::to_string(i), i % 2 ? "acme" : "other"); };
  {
    auto store = std::move(store::open_sqlite_store(options)).value();
    std::promise<void> all;
    std::atomic<int> left = count;
    for (int i = 0; i < count; ++i)
      store->append(change_of(name(i), 0), [&](auto result) {
        if (result.ok() && --left == 0) all.set_value();
      });
    REQUIRE(all.get_future().wait_for(std::chrono::seconds(30)) == std::future_status::ready);
  }
  auto store = std::move(store::open_sqlite_store(options)).value();
  for (int round = 0; round < 3; ++round) {
    int wrong = 0;
    for (int i = 0; i < count; ++i) wrong += !store->document(name(i)).value();
    wrong += store->document(key("none")).value().has_value();
    CHECK(wrong == 0);
  }
  CHECK(code_of(append(*store, change_of(name(7), 0))) == "store.conflict");
  CHECK(append(*store, change_of(name(7), 1)).ok());
  CHECK(append(*store, change_of(key("fresh"), 0)).ok());
  CHECK(store->document(key("fresh")).value());
}

}  // namespace nova::testkit
