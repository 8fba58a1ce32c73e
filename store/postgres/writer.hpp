// The one thread that writes: what is queued while a commit is under way forms the next one.
//
//   ok ──the connection is lost, or the database refuses──> away ──connected, registered, settled──> ok
//   ok, away ──another process took the place of this node──> fenced, for good
//
// While not ok every change is refused at once. A batch whose answer was lost stays unanswered until the database says
// what became of it, so that nothing is built on a guess; after `settle_limit` it is told as unknown.
#pragma once
#include "core/time.hpp"
#include "store/postgres/batch/batch.hpp"
#include "store/postgres/connection/backoff.hpp"
#include "store/postgres/heads.hpp"
#include "store/postgres/postgres_store.hpp"
#include "store/queue.hpp"

#include <atomic>
#include <mutex>
#include <thread>

namespace nova::store::postgres {

class Writer {
 public:
  Writer(Target target, const PostgresOptions& options, Heads& heads);
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  /// Registers the node; `store.locked` when another process holds its name.
  core::Status start();
  /// Any thread. A refusal is answered on this one.
  void put(std::unique_ptr<Job> job) { queue_.put(std::move(job)); }
  /// Finishes what is queued and ends the thread; from within a completion it only stops the intake.
  void stop();

  StoreHealth health() const;

 private:
  enum class Mode : std::uint8_t { ok, away, fenced };
  struct Registered;

  void run();
  std::chrono::milliseconds pause() const;
  void refuse_broken_chains(Jobs& jobs);
  void commit(Jobs& jobs);
  void made(Jobs& jobs);
  void fail(Jobs& jobs, const std::string& batch_id);
  void commit_one_by_one(Jobs& jobs);
  void refuse(Jobs& jobs, core::Error error);
  void renew();
  void heal();
  core::Status connect();
  core::Result<Registered> register_node(Session& session);
  void settle(const std::string& committed_batch);
  void turn(Mode mode, core::Error why);
  core::Error away(std::string why) const;
  std::optional<core::Error> damage() const;

  const Target target_;
  const PostgresOptions options_;
  Heads& heads_;
  Batch batch_;
  std::unique_ptr<Session> session_;  ///< of the thread, as is what follows
  Writing writing_;
  std::string process_;     ///< tells our own registrations from another's
  std::string last_event_;  ///< at writing_.seen, when this node wrote it
  bool holds_name_ = false;
  Backoff backoff_;
  std::chrono::steady_clock::time_point renew_at_;
  /// In doubt.
  Jobs doubted_;
  std::string doubted_id_;
  std::chrono::steady_clock::time_point doubted_since_;

  Queue queue_;
  mutable std::mutex mutex_;
  std::atomic<Mode> mode_ = Mode::ok;  ///< changed by the thread only
  std::string reason_;
  std::atomic<std::int64_t> asking_since_ms_ = 0;
  std::atomic<std::uint64_t> commits_ = 0, appends_ = 0, conflicts_ = 0;
  std::thread thread_;
};

}  // namespace nova::store::postgres
