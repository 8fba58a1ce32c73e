// A whole SQLite store, read as one state or filled: the adapter's side of store/transfer.
#pragma once
#include "core/time.hpp"
#include "store/transfer/port.hpp"

#include <memory>
#include <string>

namespace nova::store {

enum class Hold : std::uint8_t {
  none,       ///< a node may run on the store, and go on writing
  exclusive,  ///< nobody else has it as long as this is open: `store.locked` names the pid
};

/// Errors: `store.not_found` (no file), `store.locked`, `store.older_schema`, `store.moved`, `store.unfinished`, and
/// those of opening. While it is open beside a running node, the write-ahead log cannot begin anew and grows.
core::Result<std::unique_ptr<transfer::Snapshot>> open_sqlite_snapshot(const std::string& file, Hold hold);

/// Makes the file, or empties one that was begun and not finished, or that holds no event; else `store.not_empty`. The
/// store gets `store_id`. `why` is what a node is told that starts on it too early: "a move from ... was interrupted".
core::Result<std::unique_ptr<transfer::Import>> begin_sqlite_import(const std::string& file,
                                                                    const std::string& store_id, const std::string& why,
                                                                    core::Clock& clock);

/// Takes the mark of a store that was moved away; false when it has none.
core::Result<bool> reopen_sqlite_store(const std::string& file);

/// A copy of the bytes of another SQLite file in one state (a vault), for as long as `use` runs; its writers wait, so
/// be quick. The callback gets the file's descriptor, at its start.
core::Status with_settled_file(const std::string& file, const std::function<core::Status(int descriptor)>& use);

}  // namespace nova::store
