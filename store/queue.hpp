// What waits to be written, the same for every store with a writer of its own: bounded, and fair between tenants.
//
// What arrives while a commit is under way forms the next one. As long as all of it fits into one batch, it stays in
// the order in which it came. From a longer queue the tenants take turns, one change each, so that a flood of one
// delays the others by one batch at most; within a tenant, and so within a stream, the order always stays.
#pragma once
#include "store/store.hpp"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

namespace nova::store {

struct MarkWork {
  core::EntityKey owner;
  std::string work_id;
  bool started = false;
  std::uint32_t attempts = 0;
  core::Timestamp due_at;
  std::string last_error;
};
struct AddLetter {
  DeadLetter letter;
};
struct SetLetter {
  std::string id;
  std::string status;
  std::uint32_t retries = 0;
  std::string reason;
};

/// One change with whom to tell; `answer` is what the batch found.
struct Job {
  std::variant<Append, MarkWork, AddLetter, SetLetter> change;
  EventStore::OnAppended appended;         ///< of an Append
  std::function<void(core::Status)> done;  ///< of the others
  core::Result<Appended> answer = Appended{};
  std::size_t bytes = 0;
  std::uint64_t arrival = 0;

  bool is_append() const { return std::holds_alternative<Append>(change); }
  void tell(core::Result<Appended> result);
};
using Jobs = std::vector<std::unique_ptr<Job>>;

class Queue {
 public:
  Queue();
  ~Queue();
  Queue(const Queue&) = delete;
  Queue& operator=(const Queue&) = delete;

  /// Any thread. A refusal (`node.draining`, the error of `refuse_with`, `store.overloaded`) is told on this one.
  void put(std::unique_ptr<Job> job);
  /// From now on every change is refused with `error`; none: changes are taken.
  void refuse_with(std::optional<core::Error> error);
  /// No more is taken in; what waits still is given out. True when it was closed before.
  bool close();
  bool closed() const;
  /// Changes that were taken in and not yet answered.
  std::size_t waiting() const;

  /// The writer's thread only. Waits for changes, at most `limit` where one is given, and appends the next batch (up to
  /// batch_appends_max and batch_bytes_max) to `jobs`, which may stay empty. False when closed and empty: the end.
  bool take(Jobs& jobs, std::optional<std::chrono::milliseconds> limit = std::nullopt);
  /// These were taken and are about to be told.
  void answered(const Jobs& jobs);

 private:
  struct Line;

  mutable std::mutex mutex_;
  std::condition_variable arrived_;
  std::unordered_map<std::string, std::unique_ptr<Line>> lines_;  ///< by tenant; none is empty
  std::deque<Line*> turns_;                                       ///< each line once
  std::optional<core::Error> refused_;
  std::size_t queued_ = 0, waiting_ = 0, waiting_bytes_ = 0;
  std::uint64_t arrivals_ = 0;
  bool closed_ = false, idle_ = false;
};

}  // namespace nova::store
