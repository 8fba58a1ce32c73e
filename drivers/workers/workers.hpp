// Threads that carry out a driver's works one after the other, for drivers whose steps block.
#pragma once
#include "actors/host/driver.hpp"

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace nova::drivers {

/// Any thread. Not bounded by itself: the runner bounds what it starts at once. The last member of a driver, so that it
/// goes before what its works use.
class Workers {
 public:
  Workers(std::size_t threads, std::function<host::WorkEnd(const host::Work&)> perform);
  /// Waits for what is under way. What waits, and what was broken off, has no end here: it begins again at the node's
  /// next start.
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  void start(host::Work work, std::function<void(host::WorkEnd)> done);
  /// True from the moment that the node goes; long works look at it.
  const std::atomic<bool>& ending() const { return ending_; }

 private:
  struct Job {
    host::Work work;
    std::function<void(host::WorkEnd)> done;
  };
  void run();

  const std::function<host::WorkEnd(const host::Work&)> perform_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Job> jobs_;
  std::atomic<bool> ending_{false};
  std::vector<std::thread> threads_;
};

/// The end of a work that did not come about; `retry`: it may another time.
host::WorkEnd failed(core::Error error, bool retry);

}  // namespace nova::drivers
