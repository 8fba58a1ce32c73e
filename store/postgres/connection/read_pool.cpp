#include "store/postgres/connection/read_pool.hpp"

#include <chrono>

namespace nova::store::postgres {
namespace {

/// A read takes some hundred microseconds, a page of the log some milliseconds; who waits longer is better told.
constexpr std::chrono::seconds wait_max{5};

}  // namespace

core::Status ReadPool::open() {
  auto lent = take(true);
  if (!lent) return std::move(lent).error();
  give_back(std::move(*lent));
  return core::ok();
}

void ReadPool::close() {
  std::unique_lock lock(mutex_);
  closed_ = true;
  changed_.notify_all();
  changed_.wait(lock, [&] { return lent_ == 0; });
  free_.clear();
}

core::Result<std::unique_ptr<Session>> ReadPool::take(bool fresh) {
  {
    std::unique_lock lock(mutex_);
    const bool ready = changed_.wait_for(lock, wait_max, [&] { return closed_ || lent_ < size_; });
    if (closed_) return core::unavailable("store.unavailable", "the store is closed");
    if (!ready)
      return core::unavailable("store.unavailable", "no reader of `" + target_.shown() + "` became free")
          .fix("try again in a second");
    ++lent_;
    if (fresh) free_.clear();  // what was connected before is as broken as the one that was just tried
    if (!free_.empty()) {
      auto session = std::move(free_.back());
      free_.pop_back();
      return session;
    }
  }
  auto connected = Session::open(target_, role_);
  if (!connected) give_back(nullptr);
  return connected;
}

void ReadPool::give_back(std::unique_ptr<Session> session) {
  std::lock_guard lock(mutex_);
  --lent_;
  if (session) {
    session->clear_fault_unless_lost();
    if (!session->lost() && !closed_) free_.push_back(std::move(session));
  }
  // Who closes the pool waits among the readers, so all must look then.
  closed_ ? changed_.notify_all() : changed_.notify_one();
}

}  // namespace nova::store::postgres
