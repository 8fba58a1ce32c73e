// Every question the store answers. Those of a caller (store/read_scope.hpp) and those of one tenant run as the reader,
// under row-level security; the node's own over all tenants as the tail.
#pragma once
#include "store/postgres/connection/session.hpp"
#include "store/store.hpp"

#include <optional>
#include <vector>

namespace nova::store::postgres {

// ---- as reader ----
/// The documents that exist of `keys`, in any order; one round trip.
std::vector<Document> load_documents(Session& reader, const std::vector<core::EntityKey>& keys);
/// The one that the thread's caller may see, or that the node asks for; one round trip.
std::optional<Document> load_document(Session& reader, const core::EntityKey& key);
std::vector<core::StoredEvent> read_stream(Session& reader, const core::EntityKey& key, std::uint64_t after_version,
                                           std::size_t limit);
std::optional<IdempotencyRecord> read_scope(Session& reader, const std::string& scope, core::Timestamp now);
std::optional<core::EntityKey> read_claim(Session& reader, const std::string& name);

// ---- as reader for a caller or when a tenant is named, else as tail ----
DocumentPage read_documents(Session& session, const DocumentQuery& query, const std::string& after_tenant,
                            const std::string& after_id);
/// Up to `head`, which is what the store had seen before this was asked.
EventStore::LogSlice read_log(Session& session, std::uint64_t position, const EventFilter& filter, std::size_t limit,
                              std::uint64_t head);
bool has_position(Session& tail, std::uint64_t position);
std::vector<core::StoredEvent> read_log_back(Session& session, std::uint64_t position, const EventFilter& filter,
                                             std::size_t limit);
std::vector<DeadLetter> read_letters(Session& session, const std::string& status, const std::string& after,
                                     std::size_t limit);

// ---- as tail ----
/// Keys of all entities, in order, after `after`.
std::vector<core::EntityKey> read_keys(Session& tail, const core::EntityKey& after, std::size_t limit);
std::vector<WorkRow> read_works(Session& tail, std::uint64_t after_sequence, std::size_t limit);
std::vector<KeepRow> read_keeps(Session& tail, std::uint64_t after_sequence, std::size_t limit);
std::vector<TimerRow> read_timers(Session& tail, std::size_t limit);
EventStore::Digests read_digests(Session& tail);
EventStore::Digests read_digests_here(Session& tail);  ///< within the caller's transaction
/// The newest position, and nothing when the session failed.
std::optional<std::uint64_t> read_head(Session& tail);

}  // namespace nova::store::postgres
