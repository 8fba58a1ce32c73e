#include "node/ticker.hpp"

#include <utility>

namespace nova::node {

Ticker::Ticker(std::chrono::milliseconds every, std::function<void()> work)
    : thread_([this, every, work = std::move(work)] {
        std::unique_lock lock(mutex_);
        while (!wake_.wait_for(lock, every, [this] { return end_; })) {
          lock.unlock();
          work();
          lock.lock();
        }
      }) {}

Ticker::~Ticker() {
  {
    std::lock_guard lock(mutex_);
    end_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

}  // namespace nova::node
