// From an address to a checked, migrated database, or the one clear error why not.
#pragma once
#include "core/time.hpp"
#include "store/migration.hpp"
#include "store/postgres/connection/session.hpp"

#include <string>
#include <vector>

namespace nova::store::postgres {

/// In order of their numbers, from 1; the build reads them from migrations/.
const std::vector<Migration>& migrations();

/// Version, encoding, settings without which an acknowledged commit could be lost, and that it is no replica.
core::Status check_server(Session& session, const Target& target);

/// What a person should know of the server although the store works on it, each as "code: text (remedy)".
std::vector<std::string> warnings_of(Session& session, const Target& target);

/// Makes the roles where they are missing and brings the schema forward, all nodes one after the other. With the schema
/// up to date it asks for no right at all.
core::Status migrate(Session& session, const Target& target, const std::vector<Migration>& known, core::Timestamp now);

/// The newest events are dense.
core::Status check_dense(Session& tail, const Target& target);
/// `store.went_back` when the log ends before, or differs at, what the witness has seen.
core::Status check_witness(Session& tail, const Target& target, const std::string& witness_file);
std::string store_id(Session& session);
/// `store.moved`, `store.unfinished`: a store that no node may start on.
core::Status check_marks(Session& session, const Target& target);
/// 0 without a schema; `store.newer_schema` beyond what this version knows.
core::Result<int> schema_of(Session& session, const Target& target, int newest);

}  // namespace nova::store::postgres
