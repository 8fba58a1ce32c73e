#include "store/sqlite/reads.hpp"

#include "store/digest.hpp"
#include "store/rules.hpp"

namespace nova::store::sqlite {
namespace {

#define NOVA_DOCUMENT_COLUMNS                                                                                        \
  "SELECT tenant, kind, id, version, intent_version, position, created_at, updated_at, status, parent, state_hash, " \
  "reason, body FROM documents "
#define NOVA_EVENT_COLUMNS \
  "SELECT e.position, d.tenant, d.kind, d.id, e.version, e.at, e.event_id, e.type, e.body, e.meta "

// Each list has the index that holds it in order; `+` keeps SQLite from choosing another.
constexpr auto select_document = NOVA_DOCUMENT_COLUMNS "WHERE kind=?1 AND tenant=?2 AND id=?3";
constexpr auto list_keys =
    "SELECT kind, tenant, id FROM documents WHERE (kind, tenant, id)>(?1, ?2, ?3) ORDER BY kind, tenant, id LIMIT ?4";
constexpr auto list_tenant = NOVA_DOCUMENT_COLUMNS "WHERE kind=?1 AND tenant=?2 AND id>?3 ORDER BY id LIMIT ?4";
constexpr auto list_all = NOVA_DOCUMENT_COLUMNS "WHERE kind=?1 AND (tenant, id)>(?2, ?3) ORDER BY tenant, id LIMIT ?4";
constexpr auto list_tenant_status =
    NOVA_DOCUMENT_COLUMNS "WHERE kind=?1 AND status=?5 AND tenant=?2 AND id>?3 ORDER BY id LIMIT ?4";
constexpr auto list_all_status =
    NOVA_DOCUMENT_COLUMNS "WHERE kind=?1 AND status=?5 AND (tenant, id)>(?2, ?3) ORDER BY tenant, id LIMIT ?4";
constexpr auto list_tenant_parent = NOVA_DOCUMENT_COLUMNS
    "WHERE kind=?1 AND parent=?6 AND parent<>'' AND tenant=?2 AND id>?3 AND (?5='' OR +status=?5) "
    "ORDER BY id LIMIT ?4";
constexpr auto list_all_parent = NOVA_DOCUMENT_COLUMNS
    "WHERE kind=?1 AND parent=?6 AND parent<>'' AND (tenant, id)>(?2, ?3) AND (?5='' OR +status=?5) "
    "ORDER BY tenant, id LIMIT ?4";
constexpr auto every_document = NOVA_DOCUMENT_COLUMNS "ORDER BY kind, tenant, id";

constexpr auto select_stream = NOVA_EVENT_COLUMNS
    "FROM documents d JOIN events e ON e.stream=d.stream WHERE d.kind=?1 AND d.tenant=?2 AND d.id=?3 AND e.version>?4 "
    "ORDER BY e.version LIMIT ?5";
constexpr auto select_log = NOVA_EVENT_COLUMNS
    "FROM events e CROSS JOIN documents d ON d.stream=e.stream WHERE e.position>?1 ORDER BY e.position";
constexpr auto select_log_back = NOVA_EVENT_COLUMNS
    "FROM events e CROSS JOIN documents d ON d.stream=e.stream WHERE e.position<?1 ORDER BY e.position DESC";
constexpr auto select_stream_log = NOVA_EVENT_COLUMNS
    "FROM documents d CROSS JOIN events e ON e.stream=d.stream WHERE d.kind=?2 AND d.tenant=?3 AND d.id=?4 "
    "AND +e.position>?1 ORDER BY e.version";
constexpr auto select_stream_back = NOVA_EVENT_COLUMNS
    "FROM documents d CROSS JOIN events e ON e.stream=d.stream WHERE d.kind=?2 AND d.tenant=?3 AND d.id=?4 "
    "AND +e.position<?1 ORDER BY e.version DESC";
constexpr auto select_head = "SELECT coalesce(max(position), 0) FROM events";

constexpr auto select_works =
    "SELECT w.sequence, d.tenant, d.kind, d.id, w.id, w.driver, w.verb, w.order_key, w.cause, w.correlation, "
    "w.attempts, "
    "w.started, w.due_at, w.last_error, w.payload FROM works w CROSS JOIN documents d ON d.stream=w.stream WHERE "
    "w.sequence>?1 "
    "ORDER BY w.sequence, w.id";
constexpr auto select_keeps =
    "SELECT k.sequence, d.tenant, d.kind, d.id, k.driver, k.key, k.report_tenant, k.report_kind, k.report_id, k.cause, "
    "k.payload FROM keeps k CROSS JOIN documents d ON d.stream=k.stream WHERE k.sequence>?1 ORDER BY k.sequence, "
    "k.driver, k.key";
constexpr auto select_timers =
    "SELECT d.tenant, d.kind, d.id, t.id, t.at, t.cause FROM timers t CROSS JOIN documents d ON d.stream=t.stream "
    "ORDER BY t.at, d.tenant, d.kind, d.id, t.id LIMIT ?1";
constexpr auto select_scope =
    "SELECT scope, body_hash, answer, expires_at FROM idempotency WHERE scope=?1 AND expires_at>?2";
constexpr auto select_claim =
    "SELECT d.tenant, d.kind, d.id FROM claims c CROSS JOIN documents d ON d.stream=c.stream WHERE c.name=?1";
constexpr auto select_letters =
    "SELECT id, tenant, kind, entity, at, status, retries, error, reason, what FROM dead_letters WHERE id>?2 ORDER BY "
    "id LIMIT ?3";
constexpr auto select_letters_by_status =
    "SELECT id, tenant, kind, entity, at, status, retries, error, reason, what FROM dead_letters WHERE status=?1 AND "
    "id>?2 "
    "ORDER BY id LIMIT ?3";

#undef NOVA_DOCUMENT_COLUMNS
#undef NOVA_EVENT_COLUMNS

/// Read transactions see one state however many statements they hold.
class Snapshot {
 public:
  explicit Snapshot(Connection& db) : db_(db) { Query(db_, "BEGIN").done(); }
  ~Snapshot() { Query(db_, "COMMIT").done(); }
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;

 private:
  Connection& db_;
};

core::EntityKey key_at(const Query& row, int column) {
  return {row.text(column), row.text(column + 1), row.text(column + 2)};
}

Document document_of(const Query& row) {
  Document d;
  d.key = key_at(row, 0);
  d.version = row.count(3);
  d.intent_version = row.count(4);
  d.position = row.count(5);
  d.created_at.ms = row.integer(6);
  d.updated_at.ms = row.integer(7);
  d.status = row.text(8);
  d.parent = row.text(9);
  d.state_hash = row.text(10);
  d.reason = row.text(11);
  d.body = row.text(12);
  return d;
}

core::StoredEvent event_of(const Query& row) {
  return {row.count(0), key_at(row, 1), row.count(4), row.text(6),
          row.text(7),  row.text(8),    row.text(9),  {row.integer(5)}};
}

// Whether the row is wanted is decided before its long columns are copied.
bool wanted(const Query& row, const EventFilter& filter, const TypePattern& pattern) {
  return (filter.tenant.empty() || row.view(1) == filter.tenant) &&
         (filter.kind.empty() || row.view(2) == filter.kind) && (filter.id.empty() || row.view(3) == filter.id) &&
         pattern.matches(row.view(7));
}

bool names_stream(const EventFilter& filter) {
  return !filter.tenant.empty() && !filter.kind.empty() && !filter.id.empty();
}

const char* list_for(const DocumentQuery& query) {
  const bool all = query.tenant.empty();
  if (!query.parent.empty()) return all ? list_all_parent : list_tenant_parent;
  if (!query.status.empty()) return all ? list_all_status : list_tenant_status;
  return all ? list_all : list_tenant;
}

DeadLetter letter_of(const Query& row) {
  DeadLetter letter;
  letter.id = row.text(0);
  letter.owner = key_at(row, 1);
  letter.at.ms = row.integer(4);
  letter.status = row.text(5);
  letter.retries = static_cast<std::uint32_t>(row.count(6));
  letter.error = row.text(7);
  letter.reason = row.text(8);
  letter.what = row.text(9);
  return letter;
}

}  // namespace

std::optional<Document> read_document(Connection& db, const core::EntityKey& key) {
  Query row(db, select_document, key.kind, key.tenant, key.id);
  if (!row.row()) return std::nullopt;
  return document_of(row);
}

std::vector<core::EntityKey> read_keys(Connection& db, const core::EntityKey& after, std::size_t limit) {
  std::vector<core::EntityKey> keys;
  Query rows(db, list_keys, after.kind, after.tenant, after.id, std::uint64_t{limit});
  while (rows.row()) keys.push_back({rows.text(1), rows.text(0), rows.text(2)});
  return keys;
}

DocumentPage read_documents(Connection& db, const DocumentQuery& query, const std::string& after_tenant,
                            const std::string& after_id) {
  DocumentPage page;
  const auto& from = query.tenant.empty() ? after_tenant : query.tenant;
  Query rows(db, list_for(query), query.kind, from, after_id, query.limit + 1, query.status, query.parent);
  while (rows.row()) {
    if (page.items.size() == query.limit) {
      page.next = cursor_of(page.items.back().key);
      break;
    }
    page.items.push_back(document_of(rows));
  }
  return page;
}

std::vector<core::StoredEvent> read_stream(Connection& db, const core::EntityKey& key, std::uint64_t after_version,
                                           std::size_t limit) {
  std::vector<core::StoredEvent> events;
  Query rows(db, select_stream, key.kind, key.tenant, key.id, after_version, page_limit(limit));
  while (rows.row()) events.push_back(event_of(rows));
  return events;
}

EventStore::LogSlice read_log(Connection& db, std::uint64_t position, const EventFilter& filter, std::size_t limit) {
  EventStore::LogSlice slice;
  slice.scanned_to = position;
  const TypePattern pattern(filter.type);
  const Snapshot snapshot(db);
  const auto scan = [&](Query& rows) {
    for (std::size_t seen = 0; rows.row(); ++seen) {
      if (seen == scan_max) return false;
      slice.scanned_to = rows.count(0);
      if (wanted(rows, filter, pattern)) slice.events.push_back(event_of(rows));
      if (slice.events.size() == page_limit(limit)) return false;
    }
    return true;
  };
  if (!names_stream(filter)) {
    Query rows(db, select_log, position);
    scan(rows);
    return slice;
  }
  Query rows(db, select_stream_log, position, filter.kind, filter.tenant, filter.id);
  if (!scan(rows)) return slice;
  Query end(db, select_head);
  if (end.row()) slice.scanned_to = std::max(position, end.count(0));
  return slice;
}

std::vector<core::StoredEvent> read_log_back(Connection& db, std::uint64_t position, const EventFilter& filter,
                                             std::size_t limit) {
  std::vector<core::StoredEvent> events;
  const TypePattern pattern(filter.type);
  const std::int64_t before = position == 0 ? INT64_MAX : static_cast<std::int64_t>(position);
  const auto scan = [&](Query& rows) {
    while (events.size() < page_limit(limit) && rows.row())
      if (wanted(rows, filter, pattern)) events.push_back(event_of(rows));
  };
  if (names_stream(filter)) {
    Query rows(db, select_stream_back, before, filter.kind, filter.tenant, filter.id);
    scan(rows);
  } else {
    Query rows(db, select_log_back, before);
    scan(rows);
  }
  return events;
}

std::vector<WorkRow> read_works(Connection& db, std::uint64_t after_sequence, std::size_t limit) {
  std::vector<WorkRow> works;
  Query row(db, select_works, after_sequence);
  while (row.row()) {
    if (works.size() >= page_limit(limit) && row.count(0) != works.back().sequence) break;
    WorkRow work;
    work.sequence = row.count(0);
    work.owner = key_at(row, 1);
    work.ask.id = row.text(4);
    work.ask.driver = row.text(5);
    work.ask.verb = row.text(6);
    work.ask.order_key = row.text(7);
    work.cause = row.text(8);
    work.correlation = row.text(9);
    work.attempts = static_cast<std::uint32_t>(row.count(10));
    work.started = row.integer(11) != 0;
    work.due_at.ms = row.integer(12);
    work.last_error = row.text(13);
    work.ask.payload = row.text(14);
    works.push_back(std::move(work));
  }
  return works;
}

std::vector<KeepRow> read_keeps(Connection& db, std::uint64_t after_sequence, std::size_t limit) {
  std::vector<KeepRow> keeps;
  Query row(db, select_keeps, after_sequence);
  while (row.row()) {
    if (keeps.size() >= page_limit(limit) && row.count(0) != keeps.back().sequence) break;
    KeepRow keep;
    keep.sequence = row.count(0);
    keep.owner = key_at(row, 1);
    keep.ask.driver = row.text(4);
    keep.ask.key = row.text(5);
    keep.ask.report_to = key_at(row, 6);
    keep.cause = row.text(9);
    if (!row.null(10)) keep.ask.payload = row.text(10);
    keeps.push_back(std::move(keep));
  }
  return keeps;
}

std::vector<TimerRow> read_timers(Connection& db, std::size_t limit) {
  std::vector<TimerRow> timers;
  Query row(db, select_timers, page_limit(limit));
  while (row.row()) timers.push_back({key_at(row, 0), row.text(3), {row.integer(4)}, row.text(5)});
  return timers;
}

std::optional<IdempotencyRecord> read_scope(Connection& db, const std::string& scope, core::Timestamp now) {
  Query row(db, select_scope, scope, now.ms);
  if (!row.row()) return std::nullopt;
  return IdempotencyRecord{row.text(0), row.text(1), row.text(2), {row.integer(3)}};
}

std::optional<core::EntityKey> read_claim(Connection& db, const std::string& name) {
  Query row(db, select_claim, name);
  if (!row.row()) return std::nullopt;
  return key_at(row, 0);
}

std::vector<DeadLetter> read_letters(Connection& db, const std::string& status, const std::string& after,
                                     std::size_t limit) {
  std::vector<DeadLetter> letters;
  Query row(db, status.empty() ? select_letters : select_letters_by_status, status, after, page_limit(limit));
  while (row.row()) letters.push_back(letter_of(row));
  return letters;
}

EventStore::Digests read_digests(Connection& db) {
  const Snapshot snapshot(db);
  return read_digests_here(db);
}

EventStore::Digests read_digests_here(Connection& db) {
  RowDigest log, documents;
  Query events(db, select_log, 0);
  while (events.row()) log.add(event_of(events));
  Query rows(db, every_document);
  while (rows.row()) documents.add(document_of(rows));
  return {std::move(log).hex(), std::move(documents).hex()};
}

}  // namespace nova::store::sqlite
