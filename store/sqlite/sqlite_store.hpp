// The event store in one SQLite file: the embedded default, for one node.
#pragma once
#include "core/time.hpp"
#include "store/store.hpp"

#include <functional>
#include <memory>
#include <string>

namespace nova::store {

/// The loops of a store without threads. `write` heals when due and commits what is queued, false when nothing was;
/// `checkpoint` moves the write-ahead log and writes the witness. Both end with the store; one thread.
struct SqliteLoops {
  std::function<bool()> write;
  std::function<void()> checkpoint;
};

struct SqliteOptions {
  std::string file;                            ///< its folder must exist; made with mode 0600
  core::Clock* clock = &core::system_clock();  ///< expiry of idempotency records; must outlive the store
  std::size_t readers = 4;                     ///< connections that read at the same time
  /// Kept free beside the file (`<file>.reserve`), so that a full disk leaves room for what must still be written.
  std::uint64_t reserve_bytes = 4 * 1024 * 1024;
  /// The write-ahead log's file is made this long at once. While it grows, each commit waits for the file system's
  /// journal, and with it for whatever else writes on that disk; 17 MiB is where it begins anew.
  std::uint64_t log_room_bytes = 17 * 1024 * 1024;
  std::string vfs;  ///< SQLite's name of the file layer; empty: the system's
  /// Filled when given, and no thread is started: whoever simulates decides when the loops run.
  SqliteLoops* loops = nullptr;
};

/// Opens or creates the store and holds it exclusively. Beside the file lie `-wal`, `-shm` (SQLite's), `.lock` (the
/// holder's pid), `.head` (the newest position that was seen), `.mark` (the newest commit) and `.reserve`. Pages carry
/// checksums (checked_files.hpp); a file that was made without them is used as it is, and the health warns.
///
/// Errors: `store.locked` (details: pid), `store.not_a_database`, `store.newer_schema`, `store.damaged`,
/// `store.went_back` (the log ends before what `.head` or `.mark` has seen: an old copy, or its end is damaged),
/// `store.moved`, `store.unfinished` (a
/// move or restore that did not end), `store.disk_full`, `store.cannot_open`. Each names the file and a remedy.
core::Result<std::unique_ptr<EventStore>> open_sqlite_store(SqliteOptions options);

}  // namespace nova::store
