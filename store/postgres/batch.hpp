// Writes many changes in one commit: columns for `nova.append`, and its answer back into the jobs. Writer's thread
// only.
#pragma once
#include "core/time.hpp"
#include "store/postgres/connection/session.hpp"
#include "store/queue.hpp"

#include <string>
#include <unordered_map>

namespace nova::store::postgres {

/// Who writes, as the database knows it.
struct Writing {
  std::string node;
  std::uint64_t epoch = 0;
  std::chrono::milliseconds lease{0};
  std::uint64_t seen = 0;  ///< the log may not end before this
};

class Batch {
 public:
  Batch();
  ~Batch();
  Batch(const Batch&) = delete;
  Batch& operator=(const Batch&) = delete;

  /// One commit under `id`. False when the session failed; the answers of the jobs mean nothing then.
  bool commit(Session& session, const Writing& writing, const std::string& id, Jobs& jobs, core::Timestamp now);
  /// Where the log ends after the commit, and its last event when this batch wrote one.
  std::uint64_t head() const { return head_; }
  const std::string& head_event() const { return head_event_; }

 private:
  struct Columns;

  void collect(const Jobs& jobs);
  void add(const Append& change);
  void add_asks(const Append& change, std::int32_t number);
  void answer(const Rows& rows);
  void mark(Session& session);
  void keep_letters(Session& session);

  std::unique_ptr<Columns> columns_;
  std::vector<Job*> appends_;
  std::vector<Job*> marks_;
  std::vector<Job*> letters_;
  std::uint64_t head_ = 0;
  std::string head_event_;
};

}  // namespace nova::store::postgres
