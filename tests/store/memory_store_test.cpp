#include "store/memory/memory_store.hpp"

#include "tests/testkit/catch.hpp"
#include "tests/testkit/store_contract.hpp"

namespace nova::testkit {
namespace {

class MemoryUnderTest final : public StoreUnderTest {
 public:
  store::EventStore& store() override { return *store_; }

 private:
  std::unique_ptr<store::EventStore> store_ = store::make_memory_store(clock);
};

}  // namespace

std::unique_ptr<StoreUnderTest> make_store_under_test() { return std::make_unique<MemoryUnderTest>(); }

TEST_CASE("memory: an append answers before it returns, and one from within an answer follows after") {
  ManualClock clock;
  auto store = store::make_memory_store(clock);
  std::string order;
  store->append(change_of(key("a"), 0), [&](auto) {
    order += "1(";
    store->append(change_of(key("a"), 1), [&](auto result) { order += result.ok() ? "2" : "?"; });
    order += ")";
  });
  CHECK(order == "1()2");
}

}  // namespace nova::testkit
