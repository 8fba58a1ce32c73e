#include "gateway/log_tail.hpp"

#include <utility>

namespace nova::gateway {

LogTail::LogTail(store::EventStore& store, Scheduler& scheduler) : store_(store), scheduler_(scheduler) {
  subscription_ = store_.subscribe([this](std::uint64_t head) { on_commit(head); });
}

LogTail::~LogTail() { subscription_.reset(); }

std::uint64_t LogTail::wait(std::uint64_t position, std::function<void()> reached) {
  std::uint64_t ticket = 0;
  {
    std::lock_guard lock(mutex_);
    ticket = next_ticket_++;
    waiters_.emplace(ticket, Waiter{position, std::move(reached)});
  }
  // Looked at after the waiter stands in the table, so that a commit in between is not missed.
  on_commit(store_.head());
  return ticket;
}

void LogTail::cancel(std::uint64_t ticket) {
  std::lock_guard lock(mutex_);
  waiters_.erase(ticket);
}

void LogTail::on_commit(std::uint64_t head) {
  std::lock_guard lock(mutex_);
  for (auto at = waiters_.begin(); at != waiters_.end();) {
    if (at->second.position > head) {
      ++at;
      continue;
    }
    scheduler_.post(std::move(at->second.reached));
    at = waiters_.erase(at);
  }
}

}  // namespace nova::gateway
