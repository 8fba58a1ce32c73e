// Where a store is: in a SQLite file or in a PostgreSQL database. The one room that knows both.
#pragma once
#include "core/result.hpp"
#include "node/config/config.hpp"
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

}  // namespace nova::node
