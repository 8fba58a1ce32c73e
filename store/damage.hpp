// Damage that anybody found while a store was open: pages that do not match their checksums. A store that is damaged is
// not written to, since what is written next may stand on what is wrong; what is whole is read on. Any thread.
#pragma once
#include "core/error.hpp"

#include <atomic>
#include <mutex>
#include <optional>

namespace nova::store {

class Damage {
 public:
  /// The first one stays.
  void found(core::Error error) {
    std::lock_guard lock(mutex_);
    if (!error_) error_ = std::move(error);
    any_ = true;
  }
  bool any() const { return any_; }
  std::optional<core::Error> error() const {
    std::lock_guard lock(mutex_);
    return error_;
  }
  /// Another server or file stands there now.
  void forget() {
    std::lock_guard lock(mutex_);
    error_.reset();
    any_ = false;
  }

 private:
  mutable std::mutex mutex_;
  std::optional<core::Error> error_;
  std::atomic<bool> any_ = false;
};

}  // namespace nova::store
