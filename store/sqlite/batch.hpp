// Carries out many changes in one transaction. Each is checked whole before its first write, so one that conflicts
// drops out alone: there is nothing to roll back. Writer's thread only.
#pragma once
#include "core/time.hpp"
#include "store/known_keys.hpp"
#include "store/queue.hpp"
#include "store/sqlite/database.hpp"

#include <unordered_map>
#include <vector>

namespace nova::store::sqlite {

class Batch {
 public:
  Batch(Connection& db, core::Clock& clock, KnownKeys& known);

  /// Reads where the log ends. Call again after every failure: nothing that was remembered holds then.
  bool reload();

  /// One commit. False when the database failed: nothing was made (or, when COMMIT itself failed, it is not known), and
  /// the answers mean nothing.
  bool commit(Jobs& jobs);

  std::uint64_t head() const { return head_; }
  const std::string& head_event() const { return head_event_; }

 private:
  /// A stream as it stands within this transaction.
  struct Head {
    std::uint64_t stream = 0;  ///< 0: does not exist
    std::uint64_t version = 0;
    bool stored = false;  ///< there is a row in `documents`
    std::string status;   ///< as stored, to leave indexes alone that do not change
    std::string parent;
    Document* unwritten = nullptr;  ///< the newest document of this batch
  };
  using Heads = std::unordered_map<core::EntityKey, Head, core::EntityKeyHash>;

  core::Result<Appended> carry_out(Append& change);
  core::Result<Appended> carry_out(const MarkWork& change);
  core::Result<Appended> carry_out(const AddLetter& change);
  core::Result<Appended> carry_out(const SetLetter& change);

  Head& head_of(const core::EntityKey& key);
  std::optional<core::Error> refuse(const Append& change, const Head& head);
  std::optional<core::Error> refuse_claims(const Append& change, const Head& head);
  std::optional<core::Error> refuse_works(const Append& change, const Head& head);
  bool take_scope(const IdempotencyRecord& record);  ///< false when in use
  void write_events(const Append& change, std::uint64_t stream);
  void write_asks(const Append& change, std::uint64_t stream);
  void write_keeps(const Append& change, std::uint64_t stream);
  void write_documents();
  void purge(std::uint64_t records, std::uint64_t drops);

  Connection& db_;
  core::Clock& clock_;
  KnownKeys& known_;
  std::uint64_t head_ = 0;
  std::uint64_t streams_ = 0;  ///< numbers given
  std::string head_event_;
  Heads heads_;
  std::vector<Heads::value_type*> dirty_;
  std::uint64_t records_made_ = 0, keeps_dropped_ = 0;
  bool changed_ = false;
};

}  // namespace nova::store::sqlite
