// What every event store must do, as one suite: the cases lie in tests/store/contract and are built into the test
// program of each adapter, which says here how one is made.
#pragma once
#include "core/time.hpp"
#include "store/store.hpp"

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <vector>

namespace nova::testkit {

/// Time that only a test moves.
class ManualClock final : public core::Clock {
 public:
  core::Timestamp now() const override { return {now_ms_}; }
  std::chrono::nanoseconds monotonic() const override { return std::chrono::milliseconds(now_ms_); }
  void advance(std::chrono::milliseconds by) { now_ms_ += by.count(); }

 private:
  std::atomic<std::int64_t> now_ms_ = 1'767'225'600'000;  // 2026-01-01T00:00:00Z
};

/// An empty store, gone with this object.
class StoreUnderTest {
 public:
  virtual ~StoreUnderTest() = default;
  virtual store::EventStore& store() = 0;
  ManualClock clock;
};

/// Given by each adapter's test program.
std::unique_ptr<StoreUnderTest> make_store_under_test();

core::EntityKey key(const std::string& id, const std::string& tenant = "acme", const std::string& kind = "platform");

/// A change of `key` by `events` events of type "platform.changed", with a document that matches.
store::Append change_of(const core::EntityKey& key, std::uint64_t expected_version, std::size_t events = 1);

/// The completion's answer, waited for up to 20 s; `test.no_answer` when none came.
core::Result<store::Appended> append(store::EventStore& store, store::Append change);
core::Status mark_work(store::EventStore& store, const core::EntityKey& owner, const std::string& work_id, bool started,
                       std::uint32_t attempts, core::Timestamp due_at, const std::string& last_error);
core::Status add_dead_letter(store::EventStore& store, store::DeadLetter letter);
core::Status set_dead_letter(store::EventStore& store, const std::string& id, const std::string& status,
                             std::uint32_t retries, const std::string& reason);

/// The code of the error, or "ok".
template <class T>
std::string code_of(const core::Result<T>& result) {
  return result.ok() ? "ok" : result.error().code;
}
std::string detail_of(const core::Error& error, const std::string& name);

}  // namespace nova::testkit
