#include "store/sqlite/read_pool.hpp"

namespace nova::store::sqlite {

core::Status ReadPool::open() {
  std::vector<std::unique_ptr<Connection>> fresh;
  for (std::size_t i = 0; i < size_; ++i) {
    auto connection = Connection::open(file_, vfs_);
    if (!connection) return std::move(connection).error();
    auto& db = **connection;
    if (!db.run("PRAGMA query_only=1")) return unreadable(db.fault(), file_);
    fresh.push_back(std::move(*connection));
  }
  std::lock_guard lock(mutex_);
  all_ = std::move(fresh);
  free_.clear();
  for (const auto& connection : all_) free_.push_back(connection.get());
  open_ = true;
  changed_.notify_all();
  return core::ok();
}

void ReadPool::close(bool for_good) {
  std::unique_lock lock(mutex_);
  open_ = false;
  closed_for_good_ = closed_for_good_ || for_good;
  changed_.notify_all();
  changed_.wait(lock, [&] { return free_.size() == all_.size(); });
  free_.clear();
  all_.clear();
}

core::Result<Connection*> ReadPool::take() {
  std::unique_lock lock(mutex_);
  const bool ready = changed_.wait_for(lock, wait_max_, [&] { return closed_for_good_ || (open_ && !free_.empty()); });
  if (closed_for_good_) return core::unavailable("store.unavailable", "the store is closed");
  if (!ready)
    return core::unavailable("store.unavailable", "no reader of `" + file_ + "` became free")
        .fix("try again in a second");
  auto* connection = free_.back();
  free_.pop_back();
  return connection;
}

void ReadPool::give_back(Connection* connection) {
  std::lock_guard lock(mutex_);
  free_.push_back(connection);
  // Who closes the pool waits among the readers, so all must look then.
  open_ ? changed_.notify_one() : changed_.notify_all();
}

}  // namespace nova::store::sqlite
