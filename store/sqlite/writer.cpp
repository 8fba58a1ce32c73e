#include "store/sqlite/writer.hpp"

#include "store/rules.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <chrono>
#include <filesystem>

namespace nova::store::sqlite {
namespace {

/// How often a store that cannot write tries to: often enough that nobody waits for it, seldom enough to cost nothing.
constexpr std::chrono::milliseconds heal_interval{250};
/// Below this much space a probe would only fail again.
constexpr std::uint64_t probe_bytes_min = 256 * 1024;

std::string folder_of(const std::string& file) {
  const auto folder = std::filesystem::path(file).parent_path().string();
  return folder.empty() ? "." : folder;
}

}  // namespace

Writer::Writer(const Place& place, core::Clock& clock, ReadPool& readers, Checkpointer& checkpointer,
               Listeners& listeners, Damage& damage, KnownKeys& known, Pace pace)
    : place_(place),
      clock_(clock),
      readers_(readers),
      checkpointer_(checkpointer),
      listeners_(listeners),
      damage_(damage),
      known_(known),
      pace_(pace) {}

Writer::~Writer() { stop(); }

core::Status Writer::start(std::unique_ptr<Connection> db) {
  db_ = std::move(db);
  batch_ = std::make_unique<Batch>(*db_, clock_, known_);
  if (!batch_->reload()) return unreadable(db_->fault(), place_.file);
  // What a killed process wrote and never synced is read again from the kernel's pages, and would be gone after a power
  // cut although readers had seen it. A checkpoint syncs the log first; that the database cannot grow loses nothing.
  const int code = sqlite3_wal_checkpoint_v2(db_->handle(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  if (code != SQLITE_OK && (code & 0xff) != SQLITE_FULL) {
    db_->note(code);
    return unreadable(db_->fault(), place_.file);
  }
  head_ = batch_->head();
  sqlite3_wal_hook(
      db_->handle(),
      [](void* pages, sqlite3*, const char*, int count) {
        *static_cast<int*>(pages) = count;
        return SQLITE_OK;
      },
      &wal_pages_);
  if (pace_ == Pace::thread) thread_ = quiet_thread([this] { run(); });
  return core::ok();
}

void Writer::stop() {
  const bool closed_before = queue_.close();
  if (thread_.joinable() && thread_.get_id() != std::this_thread::get_id()) thread_.join();
  if (pace_ == Pace::thread || closed_before) return;
  while (step()) {
  }
  finish();
}

void Writer::run() {
  Jobs jobs;
  // While the store is ill the queue is asked now and then, also when nothing comes.
  while (queue_.take(jobs, mode_ == Mode::ok ? std::nullopt : std::optional(heal_interval))) work(jobs);
  finish();
}

bool Writer::step() {
  Jobs jobs;
  queue_.take(jobs, std::chrono::milliseconds(0));
  const bool any = !jobs.empty();
  work(jobs);
  return any;
}

void Writer::work(Jobs& jobs) {
  if (damage_.any() && mode_ != Mode::damaged) turn(Mode::damaged, core::to_line(*damage_.error()));
  if (checkpointer_.failed() && mode_ != Mode::damaged) turn(Mode::broken, "a checkpoint did not reach the disk");
  heal();
  if (!jobs.empty()) commit(jobs);
  jobs.clear();
}

void Writer::finish() {
  if (db_ && !db_->failed())
    sqlite3_wal_checkpoint_v2(db_->handle(), nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
  batch_.reset();
  db_.reset();
}

void Writer::commit(Jobs& jobs) {
  // Only this thread changes the mode.
  if (mode_ != Mode::ok) return fail_all(jobs, true);
  checkpointer_.help(*db_, static_cast<std::uint64_t>(wal_pages_));
  if (batch_->commit(jobs)) return made(jobs);
  fail(jobs);
}

void Writer::made(Jobs& jobs) {
  const auto before = head_.load();
  head_ = batch_->head();
  std::uint64_t appends = 0, conflicts = 0;
  for (const auto& job : jobs)
    if (job->is_append()) job->answer.ok() ? ++appends : ++conflicts;
  appends_ += appends;
  conflicts_ += conflicts;
  commits_ += 1;
  if (head_ != before) checkpointer_.committed(static_cast<std::uint64_t>(wal_pages_), head_, batch_->head_event());
  queue_.answered(jobs);
  for (const auto& job : jobs) job->tell(std::move(job->answer));
  if (head_ != before) listeners_.tell(head_);
}

void Writer::fail(Jobs& jobs) {
  const auto fault = db_->fault();
  db_->clear_fault();
  // Pages are read before the first of a commit is written.
  if (fault.trouble == Trouble::damaged) {
    damage_.found(unreadable(fault, place_.file));
    if (db_->in_transaction()) db_->run("ROLLBACK");
    turn(Mode::damaged, core::to_line(*damage_.error()));
    return fail_all(jobs, true);
  }
  // A commit whose last frame is in the log stands there, also when its index had no room: a restart would find it.
  if (fault.trouble == Trouble::full && !fault.beside && (!db_->in_transaction() || db_->run("ROLLBACK")) &&
      batch_->reload()) {
    turn(Mode::full, "the disk is full: free space under `" + folder_of(place_.file) + "`");
    return fail_all(jobs, true);
  }
  turn(Mode::broken,
       "the store cannot be written: " + fault.message + "; check the disk under `" + folder_of(place_.file) + "`");
  if (!reopen()) return fail_all(jobs, false);
  // What the disk holds now is the truth about the batch whose commit failed.
  const bool committed = settle(jobs);
  turn(Mode::ok, {});
  if (committed) return made(jobs);
  fail_all(jobs, true);
}

void Writer::fail_all(Jobs& jobs, bool outcome_known) {
  queue_.answered(jobs);
  core::Error refused;
  {
    std::lock_guard lock(mutex_);
    refused = refusal();
  }
  for (const auto& job : jobs) {
    auto error = refused;
    if (!outcome_known) error.with("outcome", "unknown");
    job->tell(std::move(error));
  }
}

// A batch is one transaction, so one of its events tells about all of it.
bool Writer::settle(const Jobs& jobs) {
  for (const auto& job : jobs) {
    const auto* change = std::get_if<Append>(&job->change);
    if (!change || change->events.empty() || !job->answer.ok() || job->answer->position == 0) continue;
    Query event(*db_, "SELECT 1 FROM events WHERE position=?1 AND event_id=?2", job->answer->position,
                change->events.back().id);
    return event.row();
  }
  return false;
}

void Writer::turn(Mode mode, std::string reason) {
  std::lock_guard lock(mutex_);
  mode_ = mode;
  reason_ = std::move(reason);
  queue_.refuse_with(mode == Mode::ok ? std::nullopt : std::optional(refusal()));
}

core::Error Writer::refusal() const {
  if (mode_ == Mode::damaged) return *damage_.error();
  return read_only(reason_.empty() ? "the commit failed and was undone" : reason_);
}

void Writer::heal() {
  if (mode_ == Mode::ok || mode_ == Mode::damaged) return;
  if (!(mode_ == Mode::full ? probe() : reopen())) return;
  const auto before = head_.exchange(batch_->head());
  turn(Mode::ok, {});
  if (head_ == before) return;
  // A batch that was answered with an unknown outcome turned out to be there.
  checkpointer_.committed(0, head_, batch_->head_event());
  listeners_.tell(head_);
}

// What fills the disk may be the log itself: each commit lengthened it while the database had no room to take it in.
// Moved there it is short again, and the reserve is well spent on the room that the database needs for that.
void Writer::shorten_log() {
  if (log_bytes(place_) <= place_.log_room_bytes) return;
  const auto room = free_bytes(place_.file);
  if (room == shortened_with_) return;  // it would end as it did
  int code = SQLITE_OK;
  do {
    code = sqlite3_wal_checkpoint_v2(db_->handle(), nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr) & 0xff;
  } while (code == SQLITE_FULL && free_reserve(place_));
  if (code == SQLITE_FULL) shortened_with_ = room;
  if (code != SQLITE_OK && code != SQLITE_FULL && code != SQLITE_BUSY)
    turn(Mode::broken, "the log did not reach the disk under `" + folder_of(place_.file) + "`");
}

bool Writer::probe() {
  shorten_log();
  if (mode_ != Mode::full || free_bytes(place_.file) < probe_bytes_min) return false;
  const auto now = clock_.now().ms;
  Query(*db_, "BEGIN IMMEDIATE").done();
  Query(*db_, "INSERT OR REPLACE INTO meta(name, value) VALUES('probed_at', ?1)", std::to_string(now)).done();
  Query(*db_, "COMMIT").done();
  if (!db_->failed()) {
    shortened_with_.reset();
    keep_reserve(place_);
    return true;
  }
  const bool still_full = db_->fault().trouble == Trouble::full;
  db_->clear_fault();
  if (db_->in_transaction()) db_->run("ROLLBACK");
  if (!still_full || db_->failed())
    turn(Mode::broken, "the store cannot be written; check the disk under `" + folder_of(place_.file) + "`");
  return false;
}

// After a failed sync the kernel may count pages as clean that never reached the disk. So nothing that was open is
// trusted: the log is read again from the files, and moved into the database with fresh writes and a sync before
// anything else is done.
bool Writer::reopen() {
  const auto acknowledged = head_.load();
  batch_.reset();
  db_.reset();
  checkpointer_.pause();
  readers_.close(false);
  auto opened = Connection::open(place_.file, place_.vfs);
  bool ready = opened.ok() && configure_writer(**opened);
  if (ready) {
    db_ = std::move(*opened);
    int code = SQLITE_OK;
    do {
      code = sqlite3_wal_checkpoint_v2(db_->handle(), nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
    } while ((code & 0xff) == SQLITE_FULL && free_reserve(place_));
    ready = code == SQLITE_OK;
    batch_ = std::make_unique<Batch>(*db_, clock_, known_);
    ready = batch_->reload() && ready;
  }
  if (ready && batch_->head() < acknowledged) {
    turn(Mode::broken, "the log ends at position " + std::to_string(batch_->head()) + " but " +
                           std::to_string(acknowledged) +
                           " was acknowledged: an old copy of the store was put in place; put the newest back");
    ready = false;
  }
  if (db_)
    sqlite3_wal_hook(
        db_->handle(),
        [](void* pages, sqlite3*, const char*, int count) {
          *static_cast<int*>(pages) = count;
          return SQLITE_OK;
        },
        &wal_pages_);
  // Reading goes on in any case: what was acknowledged is there.
  const bool reading = readers_.open().ok();
  return ready && reading && checkpointer_.start().ok();
}

StoreHealth Writer::health() const {
  StoreHealth health;
  health.head = head_;
  health.commits = commits_;
  health.appends = appends_;
  health.conflicts = conflicts_;
  std::lock_guard lock(mutex_);
  // A reader may have found damage that the writer has not heard of yet.
  health.writable = mode_ == Mode::ok && !damage_.any() && !queue_.closed();
  health.reason = queue_.closed() ? "the store is closed" : damage_.any() ? core::to_line(*damage_.error()) : reason_;
  health.queued = queue_.waiting();
  return health;
}

bool Writer::in_doubt() const {
  std::lock_guard lock(mutex_);
  return mode_ == Mode::broken;
}

}  // namespace nova::store::sqlite
