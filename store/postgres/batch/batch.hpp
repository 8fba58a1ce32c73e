// Writes many changes in one commit: a plain batch where it can be one, else columns for `nova.append`, and its answer
// back into the jobs. Writer's thread only.
#pragma once
#include "core/time.hpp"
#include "store/postgres/batch/plain_batch.hpp"
#include "store/queue.hpp"

#include <string>
#include <unordered_map>

namespace nova::store::postgres {

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

  void sort(const Jobs& jobs);
  bool append_plain(Session& session, const Writing& writing, const std::string& id, core::Timestamp now);
  void append(Session& session, const Writing& writing, const std::string& id, core::Timestamp now);
  void collect();
  void add(const Append& change);
  void add_asks(const Append& change, std::int32_t number);
  void answer(const Rows& rows);
  void mark(Session& session);
  void keep_letters(Session& session);

  std::unique_ptr<Columns> columns_;
  PlainBatch plain_;
  std::vector<Job*> appends_;
  std::vector<Job*> marks_;
  std::vector<Job*> letters_;
  std::uint64_t head_ = 0;
  std::string head_event_;
};

}  // namespace nova::store::postgres
