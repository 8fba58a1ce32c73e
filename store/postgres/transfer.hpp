// A whole PostgreSQL store, read as one state or filled: the adapter's side of store/transfer.
#pragma once
#include "core/time.hpp"
#include "store/transfer/port.hpp"

#include <memory>
#include <string>

namespace nova::store {

struct PostgresPlace {
  std::string url;
  std::string password_file;
  std::string witness_file = {};  ///< of the node, so that an old copy is not moved; empty: none
};

/// For errors and results: without user and password.
std::string shown(const PostgresPlace& place);

/// One REPEATABLE READ transaction; nodes go on writing. `for_move`: first every append and every start of a node is
/// held up, and `store.locked` names a node that runs. Errors: `store.not_found` (no schema), `store.older_schema`,
/// `store.moved`, `store.unfinished`, and those of opening.
core::Result<std::unique_ptr<transfer::Snapshot>> open_postgres_snapshot(const PostgresPlace& place, bool for_move);

/// Makes the schema, or empties one that was begun and not finished; `store.not_empty` when it holds an event. Needs
/// the right to act as nova_owner. `why`: as for SQLite.
core::Result<std::unique_ptr<transfer::Import>> begin_postgres_import(const PostgresPlace& place,
                                                                      const std::string& store_id,
                                                                      const std::string& why, core::Clock& clock);

/// Takes the mark of a store that was moved away; false when it has none.
core::Result<bool> reopen_postgres_store(const PostgresPlace& place);

}  // namespace nova::store
