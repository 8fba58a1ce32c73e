#include "store/sqlite/sqlite_store.hpp"

#include "tests/testkit/catch.hpp"
#include "tests/testkit/store_contract.hpp"
#include "tests/testkit/temp_dir.hpp"

#include <stdexcept>

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
