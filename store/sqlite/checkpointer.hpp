// Moves the write-ahead log into the database and keeps the head witness, beside the writer's commits instead of in
// them: a checkpoint takes milliseconds.
#pragma once
#include "store/damage.hpp"
#include "store/quiet_thread.hpp"
#include "store/sqlite/disk/head_mark.hpp"
#include "store/sqlite/opening.hpp"
#include "store/witness.hpp"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace nova::store::sqlite {

class Checkpointer {
 public:
  Checkpointer(const Place& place, std::string store_id, Damage& damage, Pace pace = Pace::thread);
  ~Checkpointer();
  Checkpointer(const Checkpointer&) = delete;
  Checkpointer& operator=(const Checkpointer&) = delete;

  core::Status start();
  /// After a commit: how long the write-ahead log is, and where the log ends. Cheap; wakes the thread only when it is
  /// due.
  void committed(std::uint64_t wal_pages, std::uint64_t head, const std::string& head_event);
  /// Closes the connection; a checkpoint under way ends first. `start` again opens it.
  void pause();
  /// Writes the last witness and ends the thread.
  void stop();
  /// For a stepped one: a checkpoint and the witness now, whether they are due or not.
  void step();

  /// Called by the writer between two commits, on its connection: when its thread cannot keep up with a writer that
  /// never rests, what is left is done here while nothing is added, so that the next commit lets the file begin anew.
  void help(Connection& writer, std::uint64_t wal_pages);
  /// A checkpoint failed to reach the disk: everything must be opened anew.
  bool failed() const { return failed_; }

 private:
  void run();
  bool checkpoint_due() const;
  void checkpoint(std::unique_lock<std::mutex>& lock, Connection& db);
  void save_witness(std::unique_lock<std::mutex>& lock);

  const Place place_;
  Damage& damage_;
  const Pace pace_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::unique_ptr<Connection> db_;
  bool busy_ = false;  ///< a checkpoint or a witness is being written, with the mutex open
  bool stopping_ = false;
  std::uint64_t wal_pages_ = 0, checkpointed_pages_ = 0;
  Witness newest_;
  std::uint64_t witnessed_ = 0;
  std::uint64_t helped_at_ = 0;  ///< of the writer's thread, as is the next one
  HeadMark mark_;
  std::atomic<bool> failed_ = false;
  std::thread thread_;
};

}  // namespace nova::store::sqlite
