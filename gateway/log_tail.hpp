// Waiting for the log to reach a position, without a thread per waiter.
#pragma once
#include "gateway/http.hpp"
#include "store/store.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>

namespace nova::gateway {

/// One subscription for all streams and reads of the gateway. Any thread.
class LogTail {
 public:
  LogTail(store::EventStore& store, Scheduler& scheduler);
  ~LogTail();

  /// Posts `reached` once the head is at `position` or beyond it; at once when it is already. Answers a ticket for
  /// `cancel`.
  std::uint64_t wait(std::uint64_t position, std::function<void()> reached);
  void cancel(std::uint64_t ticket);

 private:
  void on_commit(std::uint64_t head);

  store::EventStore& store_;
  Scheduler& scheduler_;
  std::mutex mutex_;
  std::uint64_t next_ticket_ = 1;
  struct Waiter {
    std::uint64_t position = 0;
    std::function<void()> reached;
  };
  std::map<std::uint64_t, Waiter> waiters_;  // bounded by streams and requests in flight
  std::unique_ptr<store::EventStore::Subscription> subscription_;
};

}  // namespace nova::gateway
