// Where a store is: in a SQLite file or in a PostgreSQL database. The one room that knows both.
#pragma once
#include "core/result.hpp"
#include "node/config/config.hpp"
#include "store/shelf.hpp"
#include "store/transfer/port.hpp"

#include <memory>
#include <string>

namespace nova::node {

struct StorePlace {
  bool postgres = false;
  std::string where;          ///< file or address
  std::string password_file;  ///< for PostgreSQL; may be empty
  std::string witness_file;   ///< for PostgreSQL; may be empty

  std::string shown() const;  ///< without user and password
};

/// "postgresql://...", "host=... dbname=...", "sqlite:FILE" or a file. `store.no_place` for none, or with a password.
core::Result<StorePlace> parse_place(const std::string& text, const std::string& password_file);
core::Result<StorePlace> place_of(const Config& config);

/// `alone`: nobody else has the store, as long as the snapshot lives.
core::Result<std::unique_ptr<store::transfer::Snapshot>> open_snapshot(const StorePlace& place, bool alone);
core::Result<std::unique_ptr<store::transfer::Import>> begin_import(const StorePlace& place,
                                                                    const std::string& store_id,
                                                                    const std::string& why);
core::Result<bool> reopen(const StorePlace& place);

/// What is sealed for the store: in the database, or in `vault.db` of the state folder.
core::Result<std::unique_ptr<store::Shelf>> open_shelf(const StorePlace& place, const std::string& vault_file);
/// Copies what is sealed; `vault.differs` when something of `from` is not on `into` then.
core::Status copy_sealed(const store::Shelf& from, store::Shelf& into);

}  // namespace nova::node
