// Where the log ends, as far as this node knows: from its own commits and from word of others. Any thread.
#pragma once
#include "store/listeners.hpp"

#include <atomic>
#include <memory>
#include <mutex>

namespace nova::store::postgres {

class Heads {
 public:
  explicit Heads(std::shared_ptr<Listeners> listeners) : listeners_(std::move(listeners)) {}

  std::uint64_t head() const { return head_; }
  /// What was read when the store was opened; nobody listens yet.
  void begin(std::uint64_t head) { head_ = told_ = head; }
  /// The log was seen to end at `head` or later.
  void seen(std::uint64_t head) {
    auto known = head_.load();
    while (known < head && !head_.compare_exchange_weak(known, head)) {
    }
  }
  /// Tells listeners of what was seen and not told, each head once and in order.
  void tell() {
    std::lock_guard lock(mutex_);
    const auto head = head_.load();
    if (head <= told_) return;
    told_ = head;
    listeners_->tell(head);
  }

 private:
  const std::shared_ptr<Listeners> listeners_;
  std::atomic<std::uint64_t> head_ = 0;
  std::recursive_mutex mutex_;  // a listener may end its own subscription
  std::uint64_t told_ = 0;
};

}  // namespace nova::store::postgres
