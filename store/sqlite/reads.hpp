// Every question the store answers, on one reader's connection.
#pragma once
#include "store/sqlite/database.hpp"
#include "store/store.hpp"

#include <optional>
#include <vector>

namespace nova::store::sqlite {

std::optional<Document> read_document(Connection& db, const core::EntityKey& key);
/// The next keys after `after` in the order of the index; an empty page is the end.
std::vector<core::EntityKey> read_keys(Connection& db, const core::EntityKey& after, std::size_t limit);
DocumentPage read_documents(Connection& db, const DocumentQuery& query, const std::string& after_tenant,
                            const std::string& after_id);
std::vector<core::StoredEvent> read_stream(Connection& db, const core::EntityKey& key, std::uint64_t after_version,
                                           std::size_t limit);
EventStore::LogSlice read_log(Connection& db, std::uint64_t position, const EventFilter& filter, std::size_t limit);
std::vector<core::StoredEvent> read_log_back(Connection& db, std::uint64_t position, const EventFilter& filter,
                                             std::size_t limit);
std::vector<WorkRow> read_works(Connection& db, std::uint64_t after_sequence, std::size_t limit);
std::vector<KeepRow> read_keeps(Connection& db, std::uint64_t after_sequence, std::size_t limit);
std::vector<TimerRow> read_timers(Connection& db, std::size_t limit);
std::optional<IdempotencyRecord> read_scope(Connection& db, const std::string& scope, core::Timestamp now);
std::optional<core::EntityKey> read_claim(Connection& db, const std::string& name);
std::vector<DeadLetter> read_letters(Connection& db, const std::string& status, const std::string& after,
                                     std::size_t limit);
EventStore::Digests read_digests(Connection& db);
EventStore::Digests read_digests_here(Connection& db);  ///< within the caller's transaction

}  // namespace nova::store::sqlite
