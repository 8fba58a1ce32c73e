#include "store/sqlite/checkpointer.hpp"

#include <sqlite3.h>

#include <chrono>

namespace nova::store::sqlite {
namespace {

/// Pages of 8 KiB. A checkpoint every 16 MB; at 64 MB, which only a writer without a pause reaches, the writer helps.
constexpr std::uint64_t checkpoint_pages = 2048;
constexpr std::uint64_t wal_pages_max = 8192;
constexpr std::chrono::seconds witness_interval{1};

}  // namespace

Checkpointer::Checkpointer(const Place& place, std::string store_id, Damage& damage, Pace pace)
    : place_(place), damage_(damage), pace_(pace), mark_(place.mark()) {
  newest_.store_id = std::move(store_id);
}

Checkpointer::~Checkpointer() { stop(); }

core::Status Checkpointer::start() {
  auto opened = Connection::open(place_.file, place_.vfs);
  if (!opened) return std::move(opened).error();
  std::lock_guard lock(mutex_);
  db_ = std::move(*opened);
  failed_ = false;
  wal_pages_ = checkpointed_pages_ = 0;
  if (pace_ == Pace::thread && !thread_.joinable()) thread_ = quiet_thread([this] { run(); });
  return core::ok();
}

void Checkpointer::committed(std::uint64_t wal_pages, std::uint64_t head, const std::string& head_event) {
  // Before anybody is told of the commit. The store's id is set once.
  mark_.write(newest_.store_id, head, head_event);
  bool wake = false;
  {
    std::lock_guard lock(mutex_);
    if (wal_pages < wal_pages_) checkpointed_pages_ = 0;  // it began anew
    wal_pages_ = wal_pages;
    wake = checkpoint_due() || newest_.position == witnessed_;
    newest_.position = head;
    newest_.event_id = head_event;
  }
  if (wake) changed_.notify_all();
}

void Checkpointer::pause() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return !busy_; });
  db_.reset();
}

void Checkpointer::stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
  std::unique_lock lock(mutex_);
  if (newest_.position != witnessed_) save_witness(lock);
  db_.reset();
}

void Checkpointer::step() {
  std::unique_lock lock(mutex_);
  if (db_ && !failed_) checkpoint(lock, *db_);
  if (newest_.position != witnessed_) save_witness(lock);
}

bool Checkpointer::checkpoint_due() const {
  return db_ && !failed_ && !damage_.any() && wal_pages_ >= checkpointed_pages_ + checkpoint_pages;
}

void Checkpointer::run() {
  std::unique_lock lock(mutex_);
  auto witness_due = std::chrono::steady_clock::now();
  const auto wanted = [&] { return stopping_ || checkpoint_due() || newest_.position != witnessed_; };
  while (!stopping_) {
    changed_.wait(lock, wanted);
    // Under load a witness a second; the first commit after a pause is witnessed at once.
    changed_.wait_until(lock, witness_due, [&] { return stopping_ || checkpoint_due(); });
    changed_.wait(lock, [&] { return !busy_; });
    if (stopping_) return;
    if (checkpoint_due()) checkpoint(lock, *db_);
    if (newest_.position != witnessed_ && std::chrono::steady_clock::now() >= witness_due) {
      save_witness(lock);
      witness_due = std::chrono::steady_clock::now() + witness_interval;
    }
  }
}

void Checkpointer::help(Connection& writer, std::uint64_t wal_pages) {
  if (wal_pages < helped_at_) helped_at_ = 0;  // it began anew
  // A reader may keep the file from beginning anew; then help is tried now and again, not at every commit.
  if (wal_pages < wal_pages_max || wal_pages < helped_at_ + checkpoint_pages) return;
  helped_at_ = wal_pages;
  std::unique_lock lock(mutex_);
  checkpoint(lock, writer);
}

void Checkpointer::checkpoint(std::unique_lock<std::mutex>& lock, Connection& db) {
  changed_.wait(lock, [&] { return !busy_; });
  busy_ = true;
  const auto pages = wal_pages_;
  lock.unlock();
  int code = sqlite3_wal_checkpoint_v2(db.handle(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  if (code == SQLITE_IOERR_DATA || (code & 0xff) == SQLITE_CORRUPT) {
    // What is damaged is not moved; the log stays as it is.
    db.note(code);
    damage_.found(unreadable(db.fault(), place_.file));
    db.clear_fault();
    code = SQLITE_OK;
  }
  lock.lock();
  busy_ = false;
  changed_.notify_all();
  const bool full = (code & 0xff) == SQLITE_FULL;  // nothing is lost: the pages stay where they are
  if (code != SQLITE_OK && (code & 0xff) != SQLITE_BUSY && !full) failed_ = true;
  checkpointed_pages_ = wal_pages_ >= pages ? pages : 0;  // fewer: it began anew meanwhile
}

void Checkpointer::save_witness(std::unique_lock<std::mutex>& lock) {
  changed_.wait(lock, [&] { return !busy_; });
  const auto witness = newest_;
  busy_ = true;
  lock.unlock();
  write_witness(place_.witness(), witness);  // a full disk keeps the old one, which is only older
  lock.lock();
  busy_ = false;
  witnessed_ = witness.position;
  changed_.notify_all();
}

}  // namespace nova::store::sqlite
