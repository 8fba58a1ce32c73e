// The port through which a whole store is read and written: beside EventStore, whose words are those of one command.
// SQLite and PostgreSQL implement it (store/<adapter>/transfer.hpp).
#pragma once
#include "core/result.hpp"
#include "store/store.hpp"
#include "store/transfer/tables.hpp"

#include <functional>
#include <optional>
#include <string>

namespace nova::store::transfer {

/// Where a log ends, and whose it is.
struct Head {
  std::string store_id;
  std::uint64_t position = 0;
  std::string event_id;  ///< of the event there; empty at 0
};

/// One state of a store, however long it is read and whatever is committed meanwhile. One thread. Memory: a page of
/// rows.
class Snapshot {
 public:
  using Take = std::function<core::Status(const Row&)>;

  virtual ~Snapshot() = default;
  virtual Head head() const = 0;
  /// The id of the event at a position; empty when there is none.
  virtual core::Result<std::string> event_at(std::uint64_t position) = 0;
  /// The rows of a table in order of its key, each given to `take`, whose first error ends the reading. Of a table
  /// `by_position` only those after `position`.
  virtual core::Status read(const Table& table, std::uint64_t position, const Take& take) = 0;
  /// Over the whole log and all documents, as EventStore's: reads everything.
  virtual core::Result<EventStore::Digests> digests() = 0;
  /// The state is needed no more: what a store keeps for its sake can go. Only `mark_moved` may follow.
  virtual void end() = 0;
  /// Only of a snapshot that was opened to move the store: from now on nodes refuse to start on it (`store.moved`).
  virtual core::Status mark_moved(const std::string& where_to) = 0;
};

/// A store that is being filled. Until `finish` it is marked, so that nodes refuse to start on it
/// (`store.unfinished`), and whoever begins again empties it first. One thread.
class Import {
 public:
  virtual ~Import() = default;
  /// Rows come table by table. A row whose key is there already is replaced (documents), elsewhere it is an error.
  virtual core::Status put(const Table& table, const Row& row) = 0;
  virtual core::Status clear(const Table& table) = 0;
  /// Of what was put in until now.
  virtual core::Result<EventStore::Digests> digests() = 0;
  /// Everything is on disk, then the mark goes.
  virtual core::Status finish() = 0;
};

}  // namespace nova::store::transfer
