// A few threads that run the routes, so that a read that waits for the disk holds no connection up.
#pragma once
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace nova::gateway {

class Workers {
 public:
  Workers(std::size_t threads, std::size_t queue_max);
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  /// False when the queue is full: nothing was taken.
  bool try_post(std::function<void()> task);
  /// For continuations of what was taken already; bounded by whoever waits for them.
  void post(std::function<void()> task);
  /// What waits is dropped, what runs ends. Never from a worker.
  void stop();
  std::size_t waiting() const;

 private:
  void run();

  const std::size_t queue_max_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> queue_;
  std::vector<std::thread> threads_;
  bool stopped_ = false;
};

}  // namespace nova::gateway
