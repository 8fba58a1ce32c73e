// The one thread that writes: what is queued while a commit is under way forms the next one.
//
//   ok ──disk full──> full ──a probe commits──> ok
//   ok ──anything else fails──> broken ──all opened anew, log moved into the database and synced──> ok
//   any ──damage is found, by whoever reads──> damaged, until the node is started on a store that is whole
//
// While not ok every change is refused at once with `store.read_only`, or `store.damaged`.
#pragma once
#include "store/listeners.hpp"
#include "store/queue.hpp"
#include "store/quiet_thread.hpp"
#include "store/sqlite/batch.hpp"
#include "store/sqlite/checkpointer.hpp"
#include "store/sqlite/read_pool.hpp"

#include <atomic>
#include <mutex>
#include <optional>
#include <thread>

namespace nova::store::sqlite {

class Writer {
 public:
  Writer(const Place& place, core::Clock& clock, ReadPool& readers, Checkpointer& checkpointer, Listeners& listeners,
         Damage& damage, KnownKeys& known, Pace pace = Pace::thread);
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  core::Status start(std::unique_ptr<Connection> db);
  /// Any thread. A refusal is answered on this one.
  void put(std::unique_ptr<Job> job) { queue_.put(std::move(job)); }
  /// Finishes what is queued and ends the thread; from within a completion it only stops the intake.
  void stop();
  /// For a stepped writer: heals when that is due, and commits the next batch. False when nothing was queued.
  bool step();

  std::uint64_t head() const { return head_; }
  StoreHealth health() const;
  /// What the files hold may include a batch that was never acknowledged, and that a power cut would undo.
  bool in_doubt() const;

 private:
  enum class Mode : std::uint8_t { ok, full, broken, damaged };

  void run();
  void work(Jobs& jobs);
  void finish();
  void commit(Jobs& jobs);
  void made(Jobs& jobs);
  void fail(Jobs& jobs);
  void fail_all(Jobs& jobs, bool outcome_known);
  bool settle(const Jobs& jobs);
  void turn(Mode mode, std::string reason);
  core::Error refusal() const;  ///< with the mutex held
  void heal();
  void shorten_log();
  bool probe();
  bool reopen();

  const Place place_;
  core::Clock& clock_;
  ReadPool& readers_;
  Checkpointer& checkpointer_;
  Listeners& listeners_;
  Damage& damage_;
  KnownKeys& known_;
  const Pace pace_;

  std::unique_ptr<Connection> db_;  ///< of the thread, as are the next three
  std::unique_ptr<Batch> batch_;
  int wal_pages_ = 0;
  std::optional<std::uint64_t> shortened_with_;  ///< free bytes when the log could not be shortened

  Queue queue_;
  mutable std::mutex mutex_;
  Mode mode_ = Mode::ok;
  std::string reason_;
  std::atomic<std::uint64_t> head_ = 0, commits_ = 0, appends_ = 0, conflicts_ = 0;
  std::thread thread_;
};

}  // namespace nova::store::sqlite
