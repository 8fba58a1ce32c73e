#include "store/postgres/connection/watchdog.hpp"

#include "store/postgres/connection/session.hpp"
#include "store/quiet_thread.hpp"

namespace nova::store::postgres {
namespace {

constexpr std::chrono::milliseconds look_interval{500};

}  // namespace

Watchdog::Watchdog(std::chrono::milliseconds limit) : limit_(limit) {
  thread_ = quiet_thread([this] { run(); });
}

Watchdog::~Watchdog() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  ended_.notify_all();
  thread_.join();
}

void Watchdog::enter(const Session& session) {
  std::lock_guard lock(mutex_);
  sessions_.insert(&session);
}

void Watchdog::leave(const Session& session) {
  std::lock_guard lock(mutex_);
  sessions_.erase(&session);
}

void Watchdog::run() {
  std::unique_lock lock(mutex_);
  while (!ended_.wait_for(lock, look_interval, [&] { return stopping_; }))
    for (const auto* session : sessions_)
      if (session->busy_for() > limit_) session->hang_up();
}

}  // namespace nova::store::postgres
