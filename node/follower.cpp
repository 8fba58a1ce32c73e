#include "node/follower.hpp"

#include <chrono>

namespace nova::node {

Follower::Follower(authority::Book& book, authority::Feed& feed, store::EventStore& store)
    : book_(book), feed_(feed), store_(store) {
  book_.fresh_at(std::chrono::steady_clock::now());
  subscription_ = store_.subscribe([this](std::uint64_t) {
    std::lock_guard lock(mutex_);
    behind_ = true;
    wake_.notify_one();
  });
  thread_ = std::thread([this] { run(); });
}

Follower::~Follower() {
  subscription_.reset();
  {
    std::lock_guard lock(mutex_);
    end_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void Follower::run() {
  constexpr std::chrono::milliseconds at_most{200}, at_least{250};
  std::unique_lock lock(mutex_);
  while (!end_) {
    wake_.wait_for(lock, at_least, [this] { return behind_ || end_; });
    behind_ = false;
    if (end_) return;
    lock.unlock();
    const auto begun = std::chrono::steady_clock::now();
    if (feed_.follow(store_)) book_.fresh_at(begun);
    lock.lock();
    // Own commits wake it too: a busy log is read in steps.
    wake_.wait_for(lock, at_most, [this] { return end_; });
  }
}

}  // namespace nova::node
