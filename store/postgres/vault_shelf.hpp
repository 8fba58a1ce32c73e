// The vault's shelf in a PostgreSQL store: one for all nodes on it.
#pragma once
#include "store/postgres/postgres_store.hpp"
#include "store/shelf.hpp"

#include <memory>

namespace nova::store {

/// The schema is there: the store was opened before. Needs the role nova_writer and up to two connections.
///
/// While the database is away, sealed secrets that were read before (the newest 4 MiB of them) are still answered, so
/// that a service that needs one can be started again; all else is `store.unavailable`.
core::Result<std::unique_ptr<Shelf>> open_postgres_shelf(const PostgresOptions& options);

}  // namespace nova::store
