// The event store on PostgreSQL (14 or newer): for production, and for more than one node on one log.
#pragma once
#include "core/time.hpp"
#include "store/store.hpp"

#include <chrono>
#include <memory>
#include <string>

namespace nova::store {

struct PostgresOptions {
  std::string url;             ///< of libpq; the database must exist, in UTF-8
  std::string password_file;   ///< holds the password alone, mode 0600; empty: PGPASSFILE or ~/.pgpass
  std::string node = "local";  ///< one process at a time writes under a name
  std::chrono::milliseconds lease{10'000};
  /// Where the newest position that this node saw is remembered, so that an old copy of the database is noticed; empty:
  /// nowhere.
  std::string witness_file;
  core::Clock* clock = &core::system_clock();  ///< expiry of idempotency records; must outlive the store
  std::size_t readers = 4;                     ///< connections for requests, each seeing one tenant at a time
  std::size_t tail_readers = 2;                ///< connections for the node's own questions over all tenants
  std::chrono::milliseconds statement_timeout{30'000};
  std::chrono::milliseconds lock_timeout{10'000};
  /// How often the log is asked for commits of other nodes when no word of them comes.
  std::chrono::milliseconds poll_interval{1'000};
  /// How long the answer to a commit whose connection was lost is looked for before it is told as unknown.
  std::chrono::milliseconds settle_limit{30'000};
};

/// Connects, creates or migrates the schema `nova`, registers the node. Needs 2 + readers + tail_readers connections,
/// made directly (no transaction pooler: LISTEN and session locks need sessions).
///
/// Errors: `store.unavailable`, `store.unauthorised`, `store.no_password`, `store.password_exposed`, `store.old_server`
/// (before 14), `store.unsafe_server` (fsync, full_page_writes or synchronous_commit off), `store.not_a_primary`,
/// `store.wrong_encoding`, `store.newer_schema`, `store.damaged`, `store.went_back` (the log ends before what the
/// witness has seen, or differs there), `store.locked` (another process writes as this node), `store.moved`,
/// `store.unfinished` (a move or restore that did not end). Each names the database and a remedy, none a password.
///
/// While the database is away, reads answer `store.unavailable` and changes `store.read_only`; the store comes back by
/// itself. `store.fenced` is for good: another process took the place of this node.
core::Result<std::unique_ptr<EventStore>> open_postgres_store(PostgresOptions options);

}  // namespace nova::store
