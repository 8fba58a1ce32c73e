// Drives the fan-out of events to webhooks: one thread that follows the log.
#pragma once
#include "actors/host/host.hpp"
#include "governance/webhooks/fan_out.hpp"

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

namespace nova::node {

/// Wakes at commits, at most every 50 ms, and every second at least. What cannot be stored is tried again until it can;
/// while the store is away nothing is lost, since the log is read from where the cursor stands.
class Webhooks {
 public:
  /// Both outlive it. `cursor_pace`: between two writes of the cursor.
  Webhooks(store::EventStore& store, host::Host& host,
           std::chrono::milliseconds cursor_pace = std::chrono::milliseconds(1000));
  /// Ends after the commands under way, at most `answers_limit` later.
  ~Webhooks();

 private:
  void run();
  core::Result<bool> look();
  core::Status send_all(const std::vector<webhooks::Command>& commands);
  core::Status write_cursor(bool last);

  webhooks::FanOut fan_out_;
  store::EventStore& store_;
  host::Host& host_;
  const std::chrono::milliseconds cursor_pace_;
  bool loaded_ = false;
  std::chrono::steady_clock::time_point cursor_at_{};
  std::mutex mutex_;
  std::condition_variable wake_;
  bool behind_ = true, end_ = false;
  std::unique_ptr<store::EventStore::Subscription> subscription_;
  std::thread thread_;
};

}  // namespace nova::node
