// A bounded set of connections that read in one role, lent one at a time; a broken one is replaced when it is next
// needed. Any thread.
#pragma once
#include "store/postgres/connection/session.hpp"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

namespace nova::store::postgres {

class ReadPool {
 public:
  ReadPool(Target target, Session::Role role, std::size_t size)
      : target_(std::move(target)), role_(role), size_(size) {}

  /// Connects once, so that a wrong role or password is found at start; the others follow as they are needed.
  core::Status open();
  /// Waits until every connection is back; readers then get `store.unavailable`.
  void close();

  /// Runs `read` on a connection; a failure of the database becomes the error. A connection that was found broken
  /// before anything was read on it is replaced once, so that a restart of the server is not every reader's error.
  template <class Read>
  auto read(Read&& read) -> core::Result<decltype(read(std::declval<Session&>()))> {
    for (bool again = false;; again = true) {
      auto lent = take(again);
      if (!lent) return std::move(lent).error();
      auto value = read(**lent);
      auto fault = (*lent)->fault();
      const bool stale = fault && fault->lost && !again;
      give_back(std::move(*lent));
      if (!fault) return value;
      if (is_damage(*fault) && target_.damage) target_.damage->found(unreadable(*fault, target_));
      if (!stale) return unreadable(*fault, target_);
    }
  }

 private:
  core::Result<std::unique_ptr<Session>> take(bool fresh);
  void give_back(std::unique_ptr<Session> session);

  const Target target_;
  const Session::Role role_;
  const std::size_t size_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::unique_ptr<Session>> free_;
  std::size_t lent_ = 0;
  bool closed_ = false;
};

}  // namespace nova::store::postgres
