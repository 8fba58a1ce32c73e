// What a store holds, as containers. One thread at a time; `MemoryStore` guards it.
#pragma once
#include "store/rules.hpp"

#include <deque>
#include <map>
#include <set>
#include <tuple>
#include <unordered_map>

namespace nova::store::memory {

/// Documents are listed by kind, in order of tenant and id.
struct ByKind {
  bool operator()(const core::EntityKey& a, const core::EntityKey& b) const {
    return std::tie(a.kind, a.tenant, a.id) < std::tie(b.kind, b.tenant, b.id);
  }
};

class Tables {
 public:
  /// All or nothing: every check comes before the first change.
  core::Result<Appended> append(Append&& change, core::Timestamp now);

  core::Status mark_work(const core::EntityKey& owner, const std::string& work_id, bool started, std::uint32_t attempts,
                         core::Timestamp due_at, std::string last_error);
  core::Status add_dead_letter(DeadLetter letter);
  core::Status set_dead_letter(const std::string& id, std::string status, std::uint32_t retries, std::string reason);

  bool holds(const core::EntityKey& key) const;
  std::optional<Document> document(const core::EntityKey& key) const;
  core::Result<DocumentPage> documents(const DocumentQuery& query) const;
  std::vector<core::StoredEvent> read(const core::EntityKey& key, std::uint64_t after_version, std::size_t limit) const;
  EventStore::LogSlice read_all(std::uint64_t position, const EventFilter& filter, std::size_t limit) const;
  std::vector<core::StoredEvent> read_back(std::uint64_t position, const EventFilter& filter, std::size_t limit) const;
  std::uint64_t head() const { return log_.size(); }

  std::vector<WorkRow> works(std::uint64_t after_sequence, std::size_t limit) const;
  std::vector<KeepRow> keeps(std::uint64_t after_sequence, std::size_t limit) const;
  std::vector<TimerRow> timers(std::size_t limit) const;
  std::optional<IdempotencyRecord> idempotency(const std::string& scope, core::Timestamp now) const;
  std::optional<core::EntityKey> claim_holder(const std::string& name) const;
  std::vector<DeadLetter> dead_letters(const std::string& status, const std::string& after, std::size_t limit) const;
  EventStore::Digests digests() const;

 private:
  struct Stream {
    Document document;
    std::vector<std::uint64_t> positions;
  };
  struct Kept {
    KeepRow row;
    core::Timestamp at;
  };
  using Place = std::tuple<std::string, std::string, std::string>;  // tenant, driver, key
  using Timers = std::map<std::pair<core::EntityKey, std::string>, TimerRow>;

  std::optional<core::Error> refuse(const Append& change, const Stream* stream, core::Timestamp now) const;
  std::optional<core::Error> refuse_claims(const Append& change) const;
  void ask(Append& change, std::uint64_t sequence);
  void purge(core::Timestamp now);
  const Stream* find(const core::EntityKey& key) const;
  Stream* find(const core::EntityKey& key);
  std::uint64_t version_of(const core::EntityKey& key) const;

  std::deque<core::StoredEvent> log_;
  std::map<core::EntityKey, Stream, ByKind> streams_;
  std::unordered_map<core::EntityKey, Stream*, core::EntityKeyHash> by_key_;         // the same, at hand
  std::map<std::pair<std::uint64_t, std::string>, WorkRow> works_;                   // (sequence, id)
  std::map<std::pair<core::EntityKey, std::string>, std::uint64_t> work_sequences_;  // (owner, id) -> sequence
  std::map<Place, Kept> keeps_;
  std::map<std::uint64_t, std::set<Place>> keep_order_;
  Timers timers_;
  std::map<std::string, core::EntityKey> claims_;
  std::map<std::string, IdempotencyRecord> records_;
  std::string purged_to_;  // scope; purging walks the records round and round
  std::map<std::string, DeadLetter> letters_;
};

}  // namespace nova::store::memory
