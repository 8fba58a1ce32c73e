// Something small that a node does again and again.
#pragma once
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace nova::node {

/// Calls `work` on a thread of its own, `every` so often, until it goes; `work` must not throw.
class Ticker {
 public:
  Ticker(std::chrono::milliseconds every, std::function<void()> work);
  ~Ticker();
  Ticker(const Ticker&) = delete;
  Ticker& operator=(const Ticker&) = delete;

 private:
  std::mutex mutex_;
  std::condition_variable wake_;
  bool end_ = false;
  std::thread thread_;
};

}  // namespace nova::node
