// A few connections that read, lent one at a time. Any thread.
#pragma once
#include "store/damage.hpp"
#include "store/sqlite/database.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <vector>

namespace nova::store::sqlite {

/// A read takes microseconds, a page of the log some milliseconds; who waits longer is better told.
inline constexpr std::chrono::milliseconds read_wait_max{5000};

class ReadPool {
 public:
  ReadPool(std::string file, std::string vfs, std::size_t size, Damage& damage,
           std::chrono::milliseconds wait_max = read_wait_max)
      : file_(std::move(file)), vfs_(std::move(vfs)), size_(size), damage_(damage), wait_max_(wait_max) {}

  core::Status open();
  /// Waits until every connection is back, then closes them all; readers meanwhile wait, or get `store.unavailable`
  /// after `wait_max` or once the pool is closed for good.
  void close(bool for_good);

  /// Runs `read` on a connection; a failure of the database becomes the error.
  template <class Read>
  auto read(Read&& read) -> core::Result<decltype(read(std::declval<Connection&>()))> {
    auto lent = take();
    if (!lent) return std::move(lent).error();
    auto value = read(**lent);
    auto fault = (*lent)->fault();
    (*lent)->clear_fault();
    give_back(*lent);
    if (fault.trouble == Trouble::damaged) damage_.found(unreadable(fault, file_));
    if (fault.trouble != Trouble::none) return unreadable(fault, file_);
    return value;
  }

 private:
  core::Result<Connection*> take();
  void give_back(Connection* connection);

  const std::string file_, vfs_;
  const std::size_t size_;
  Damage& damage_;
  const std::chrono::milliseconds wait_max_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::unique_ptr<Connection>> all_;
  std::vector<Connection*> free_;
  bool open_ = false, closed_for_good_ = false;
};

}  // namespace nova::store::sqlite
