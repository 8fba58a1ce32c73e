#include "store/postgres/reads.hpp"

#include "store/digest.hpp"
#include "store/read_scope.hpp"
#include "store/rules.hpp"

#include <algorithm>

namespace nova::store::postgres {
namespace {

#define NOVA_DOCUMENT_COLUMNS                                                                                        \
  "SELECT tenant, kind, id, version, intent_version, position, created_at, updated_at, status, parent, state_hash, " \
  "reason, body FROM "
#define NOVA_LIST NOVA_DOCUMENT_COLUMNS "nova.documents WHERE kind = $1 AND "
#define NOVA_EVENT_COLUMNS                                                                          \
  "SELECT e.position, d.tenant, d.kind, d.id, e.version, e.at, e.event_id, e.type, e.body, e.meta " \
  "FROM nova.events e JOIN nova.documents d ON d.stream = e.stream "
// $2 to $4 are tenant, kind and id, $5 a type and $6 whether it is a prefix; an empty one is any.
#define NOVA_WANTED                                                                             \
  "AND ($2 = '' OR e.tenant = $2) AND ($3 = '' OR d.kind = $3) AND ($4 = '' OR d.id = $4) AND " \
  "CASE WHEN $6 THEN starts_with(e.type, $5) ELSE e.type = $5 END "

constexpr auto select_loaded = NOVA_DOCUMENT_COLUMNS "nova.load($1, $2, $3)";
constexpr auto select_loaded_for = NOVA_DOCUMENT_COLUMNS "nova.load_for($1, $2, $3, $4, $5)";
constexpr auto list_tenant = NOVA_LIST "tenant = $2 AND id > $3 ORDER BY id LIMIT $4";
constexpr auto list_all = NOVA_LIST "(tenant, id) > ($2, $3) ORDER BY tenant, id LIMIT $4";
constexpr auto list_tenant_status =
    NOVA_LIST "status = $5 AND status <> '' AND tenant = $2 AND id > $3 ORDER BY id LIMIT $4";
constexpr auto list_all_status =
    NOVA_LIST "status = $5 AND status <> '' AND (tenant, id) > ($2, $3) ORDER BY tenant, id LIMIT $4";
constexpr auto list_tenant_parent = NOVA_LIST
    "parent = $6 AND parent <> '' AND tenant = $2 AND id > $3 AND ($5 = '' OR status = $5) ORDER BY id LIMIT $4";
constexpr auto list_all_parent = NOVA_LIST
    "parent = $6 AND parent <> '' AND (tenant, id) > ($2, $3) AND ($5 = '' OR status = $5) "
    "ORDER BY tenant, id LIMIT $4";
constexpr auto every_document =
    NOVA_DOCUMENT_COLUMNS "nova.documents WHERE (kind, tenant, id) > ($1, $2, $3) ORDER BY kind, tenant, id LIMIT $4";

constexpr auto list_keys =
    "SELECT tenant, kind, id FROM nova.documents WHERE (kind, tenant, id) > ($1, $2, $3) ORDER BY kind, tenant, id "
    "LIMIT $4";
constexpr auto select_stream = NOVA_EVENT_COLUMNS
    "WHERE d.kind = $1 AND d.tenant = $2 AND d.id = $3 AND e.version > $4 ORDER BY e.version LIMIT $5";
constexpr auto select_log =
    NOVA_EVENT_COLUMNS "WHERE e.position > $1 AND e.position <= $7 " NOVA_WANTED "ORDER BY e.position LIMIT $8";
constexpr auto select_log_back =
    NOVA_EVENT_COLUMNS "WHERE e.position < $1 " NOVA_WANTED "ORDER BY e.position DESC LIMIT $7";
// Versions and positions of one stream go up together, so its own index holds the order.
constexpr auto select_stream_log = NOVA_EVENT_COLUMNS
    "WHERE d.tenant = $2 AND d.kind = $3 AND d.id = $4 AND e.position > $1 AND e.position <= $7 AND "
    "CASE WHEN $6 THEN starts_with(e.type, $5) ELSE e.type = $5 END ORDER BY e.stream, e.version LIMIT $8";
constexpr auto select_stream_back = NOVA_EVENT_COLUMNS
    "WHERE d.tenant = $2 AND d.kind = $3 AND d.id = $4 AND e.position < $1 AND "
    "CASE WHEN $6 THEN starts_with(e.type, $5) ELSE e.type = $5 END ORDER BY e.stream DESC, e.version DESC LIMIT $7";
constexpr auto every_event = NOVA_EVENT_COLUMNS "WHERE e.position > $1 ORDER BY e.position LIMIT $2";
constexpr auto select_head = "SELECT coalesce((SELECT position FROM nova.events ORDER BY position DESC LIMIT 1), 0)";

// A page ends with a whole sequence.
constexpr auto select_works =
    "SELECT w.sequence, d.tenant, d.kind, d.id, w.id, w.driver, w.verb, w.order_key, w.cause, w.correlation, "
    "w.attempts, w.started, w.due_at, w.last_error, w.payload FROM nova.works w "
    "JOIN nova.documents d ON d.stream = w.stream WHERE w.sequence > $1 AND w.sequence <= coalesce((SELECT sequence "
    "FROM nova.works WHERE sequence > $1 ORDER BY sequence, id OFFSET $2::bigint - 1 LIMIT 1), 9223372036854775807) "
    "ORDER BY w.sequence, w.id";
constexpr auto select_keeps =
    "SELECT k.sequence, d.tenant, d.kind, d.id, k.driver, k.key, k.report_tenant, k.report_kind, k.report_id, k.cause, "
    "k.payload FROM nova.keeps k JOIN nova.documents d ON d.stream = k.stream WHERE k.sequence > $1 AND k.sequence <= "
    "coalesce((SELECT sequence FROM nova.keeps WHERE sequence > $1 ORDER BY sequence, driver, key OFFSET $2::bigint - "
    "1 "
    "LIMIT 1), 9223372036854775807) ORDER BY k.sequence, k.driver, k.key";
constexpr auto select_timers =
    "SELECT d.tenant, d.kind, d.id, t.id, t.at, t.cause FROM nova.timers t JOIN nova.documents d ON "
    "d.stream = t.stream ORDER BY t.at, d.tenant, d.kind, d.id, t.id LIMIT $1";
constexpr auto select_scope = "SELECT scope, body_hash, answer, expires_at FROM nova.idempotency_record($1, $2)";
constexpr auto select_claim = "SELECT tenant, kind, id FROM nova.claim_holder($1)";
constexpr auto select_letters =
    "SELECT id, tenant, kind, entity, at, status, retries, error, reason, what FROM nova.dead_letters WHERE id > $1 "
    "ORDER BY id LIMIT $2";
constexpr auto select_letters_by_status =
    "SELECT id, tenant, kind, entity, at, status, retries, error, reason, what FROM nova.dead_letters WHERE "
    "status = $3 AND id > $1 ORDER BY id LIMIT $2";

#undef NOVA_DOCUMENT_COLUMNS
#undef NOVA_LIST
#undef NOVA_EVENT_COLUMNS
#undef NOVA_WANTED

/// Rows of one answer while all is read.
constexpr std::size_t digest_page = 1000;

/// What row-level security lets through: the caller's tenants, whatever is asked for. The node itself names the tenant.
std::string tenants_of(const Readable& caller) {
  constexpr char separator = '\x1f';  // no name holds it
  std::string list;
  for (const auto& tenant : caller.tenants) list += (list.empty() ? std::string() : std::string(1, separator)) + tenant;
  return list;
}

/// A transaction that reads, with those tenants set inside.
class Reading {
 public:
  Reading(Session& session, const std::string& tenant) : session_(session) {
    session_.run("BEGIN READ ONLY");
    if (const auto* caller = ReadScope::limits())
      session_.ask("SELECT set_config('nova.tenant', $1, true), set_config('nova.reader', $2, true)",
                   Params().text(tenants_of(*caller)).text(caller->user));
    else if (!tenant.empty())
      session_.ask("SELECT set_config('nova.tenant', $1, true)", Params().text(tenant));
  }
  ~Reading() { session_.run("COMMIT"); }
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;

 private:
  Session& session_;
};

core::EntityKey key_at(const Rows& rows, std::size_t row, int column) {
  return {rows.text(row, column), rows.text(row, column + 1), rows.text(row, column + 2)};
}

Document document_of(const Rows& rows, std::size_t row) {
  Document d;
  d.key = key_at(rows, row, 0);
  d.version = rows.count(row, 3);
  d.intent_version = rows.count(row, 4);
  d.position = rows.count(row, 5);
  d.created_at.ms = rows.integer(row, 6);
  d.updated_at.ms = rows.integer(row, 7);
  d.status = rows.text(row, 8);
  d.parent = rows.text(row, 9);
  d.state_hash = rows.text(row, 10);
  d.reason = rows.blob(row, 11);
  d.body = rows.blob(row, 12);
  return d;
}

std::vector<core::StoredEvent> events_of(const Rows& rows) {
  std::vector<core::StoredEvent> events;
  events.reserve(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i)
    events.push_back({rows.count(i, 0),
                      key_at(rows, i, 1),
                      rows.count(i, 4),
                      rows.text(i, 6),
                      rows.text(i, 7),
                      rows.blob(i, 8),
                      rows.blob(i, 9),
                      {rows.integer(i, 5)}});
  return events;
}

bool names_stream(const EventFilter& filter) {
  return !filter.tenant.empty() && !filter.kind.empty() && !filter.id.empty();
}

Params wanted(std::int64_t position, const EventFilter& filter) {
  const TypePattern pattern(filter.type);
  Params params;
  params.int8(position).text(filter.tenant).text(filter.kind).text(filter.id).text(pattern.text);
  params.boolean(pattern.prefix);
  return params;
}

const char* list_for(const DocumentQuery& query) {
  const bool all = query.tenant.empty();
  if (!query.parent.empty()) return all ? list_all_parent : list_tenant_parent;
  if (!query.status.empty()) return all ? list_all_status : list_tenant_status;
  return all ? list_all : list_tenant;
}

}  // namespace

std::vector<Document> load_documents(Session& reader, const std::vector<core::EntityKey>& keys) {
  Column tenant{Column::Of::text}, kind{Column::Of::text}, id{Column::Of::text};
  for (const auto& key : keys) {
    tenant.text(key.tenant);
    kind.text(key.kind);
    id.text(key.id);
  }
  const auto rows = reader.ask(select_loaded, Params().column(tenant).column(kind).column(id));
  std::vector<Document> documents;
  documents.reserve(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) documents.push_back(document_of(rows, i));
  return documents;
}

std::optional<Document> load_document(Session& reader, const core::EntityKey& key) {
  const auto* caller = ReadScope::limits();
  if (!caller) {
    auto found = load_documents(reader, {key});
    return found.empty() ? std::nullopt : std::optional<Document>(std::move(found.front()));
  }
  const auto rows =
      reader.ask(select_loaded_for,
                 Params().text(tenants_of(*caller)).text(caller->user).text(key.kind).text(key.tenant).text(key.id));
  return rows.empty() ? std::nullopt : std::optional<Document>(document_of(rows, 0));
}

std::vector<core::EntityKey> read_keys(Session& session, const core::EntityKey& after, std::size_t limit) {
  const auto rows =
      session.ask(list_keys, Params().text(after.kind).text(after.tenant).text(after.id).int8(std::uint64_t{limit}));
  std::vector<core::EntityKey> keys;
  keys.reserve(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) keys.push_back(key_at(rows, i, 0));
  return keys;
}

DocumentPage read_documents(Session& session, const DocumentQuery& query, const std::string& after_tenant,
                            const std::string& after_id) {
  DocumentPage page;
  const auto& from = query.tenant.empty() ? after_tenant : query.tenant;
  Params params;
  params.text(query.kind).text(from).text(after_id).int8(std::uint64_t{query.limit + 1});
  if (!query.status.empty() || !query.parent.empty()) params.text(query.status);
  if (!query.parent.empty()) params.text(query.parent);
  const Reading reading(session, query.tenant);
  const auto rows = session.ask(list_for(query), params);
  for (std::size_t i = 0; i < std::min(rows.size(), query.limit); ++i) page.items.push_back(document_of(rows, i));
  if (rows.size() > query.limit) page.next = cursor_of(page.items.back().key);
  return page;
}

std::vector<core::StoredEvent> read_stream(Session& reader, const core::EntityKey& key, std::uint64_t after_version,
                                           std::size_t limit) {
  const Reading reading(reader, key.tenant);
  return events_of(reader.ask(select_stream, Params()
                                                 .text(key.kind)
                                                 .text(key.tenant)
                                                 .text(key.id)
                                                 .int8(after_version)
                                                 .int8(std::uint64_t{page_limit(limit)})));
}

// Positions are dense, so how far to look is a position, and no row of another tenant needs to be counted.
EventStore::LogSlice read_log(Session& session, std::uint64_t position, const EventFilter& filter, std::size_t limit,
                              std::uint64_t head) {
  EventStore::LogSlice slice;
  const bool stream = names_stream(filter);
  const auto end = std::max(position, stream ? head : std::min<std::uint64_t>(head, position + scan_max));
  slice.scanned_to = end;
  if (end == position) return slice;
  auto params = wanted(static_cast<std::int64_t>(position), filter);
  params.int8(end).int8(std::uint64_t{page_limit(limit)});
  const Reading reading(session, filter.tenant);
  slice.events = events_of(session.ask(stream ? select_stream_log : select_log, params));
  if (slice.events.size() == page_limit(limit)) slice.scanned_to = slice.events.back().position;
  return slice;
}

bool has_position(Session& tail, std::uint64_t position) {
  return !tail.ask("SELECT 1 FROM nova.events WHERE position = $1", Params().int8(position)).empty();
}

std::vector<core::StoredEvent> read_log_back(Session& session, std::uint64_t position, const EventFilter& filter,
                                             std::size_t limit) {
  auto params = wanted(position == 0 ? INT64_MAX : static_cast<std::int64_t>(position), filter);
  params.int8(std::uint64_t{page_limit(limit)});
  const Reading reading(session, filter.tenant);
  return events_of(session.ask(names_stream(filter) ? select_stream_back : select_log_back, params));
}

std::vector<WorkRow> read_works(Session& tail, std::uint64_t after_sequence, std::size_t limit) {
  const auto rows = tail.ask(select_works, Params().int8(after_sequence).int8(std::uint64_t{page_limit(limit)}));
  std::vector<WorkRow> works;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    WorkRow work;
    work.sequence = rows.count(i, 0);
    work.owner = key_at(rows, i, 1);
    work.ask.id = rows.text(i, 4);
    work.ask.driver = rows.text(i, 5);
    work.ask.verb = rows.text(i, 6);
    work.ask.order_key = rows.text(i, 7);
    work.cause = rows.text(i, 8);
    work.correlation = rows.text(i, 9);
    work.attempts = static_cast<std::uint32_t>(rows.count(i, 10));
    work.started = rows.boolean(i, 11);
    work.due_at.ms = rows.integer(i, 12);
    work.last_error = rows.blob(i, 13);
    work.ask.payload = rows.blob(i, 14);
    works.push_back(std::move(work));
  }
  return works;
}

std::vector<KeepRow> read_keeps(Session& tail, std::uint64_t after_sequence, std::size_t limit) {
  const auto rows = tail.ask(select_keeps, Params().int8(after_sequence).int8(std::uint64_t{page_limit(limit)}));
  std::vector<KeepRow> keeps;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    KeepRow keep;
    keep.sequence = rows.count(i, 0);
    keep.owner = key_at(rows, i, 1);
    keep.ask.driver = rows.text(i, 4);
    keep.ask.key = rows.text(i, 5);
    keep.ask.report_to = key_at(rows, i, 6);
    keep.cause = rows.text(i, 9);
    if (!rows.null(i, 10)) keep.ask.payload = rows.blob(i, 10);
    keeps.push_back(std::move(keep));
  }
  return keeps;
}

std::vector<TimerRow> read_timers(Session& tail, std::size_t limit) {
  const auto rows = tail.ask(select_timers, Params().int8(std::uint64_t{page_limit(limit)}));
  std::vector<TimerRow> timers;
  for (std::size_t i = 0; i < rows.size(); ++i)
    timers.push_back({key_at(rows, i, 0), rows.text(i, 3), {rows.integer(i, 4)}, rows.text(i, 5)});
  return timers;
}

std::optional<IdempotencyRecord> read_scope(Session& reader, const std::string& scope, core::Timestamp now) {
  const auto rows = reader.ask(select_scope, Params().text(scope).int8(now.ms));
  if (rows.empty()) return std::nullopt;
  return IdempotencyRecord{rows.text(0, 0), rows.text(0, 1), rows.blob(0, 2), {rows.integer(0, 3)}};
}

std::optional<core::EntityKey> read_claim(Session& reader, const std::string& name) {
  const auto rows = reader.ask(select_claim, Params().text(name));
  if (rows.empty()) return std::nullopt;
  return key_at(rows, 0, 0);
}

std::vector<DeadLetter> read_letters(Session& session, const std::string& status, const std::string& after,
                                     std::size_t limit) {
  Params params;
  params.text(after).int8(std::uint64_t{page_limit(limit)});
  if (!status.empty()) params.text(status);
  const Reading reading(session, {});
  const auto rows = session.ask(status.empty() ? select_letters : select_letters_by_status, params);
  std::vector<DeadLetter> letters;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    DeadLetter letter;
    letter.id = rows.text(i, 0);
    letter.owner = key_at(rows, i, 1);
    letter.at.ms = rows.integer(i, 4);
    letter.status = rows.text(i, 5);
    letter.retries = static_cast<std::uint32_t>(rows.count(i, 6));
    letter.error = rows.blob(i, 7);
    letter.reason = rows.blob(i, 8);
    letter.what = rows.blob(i, 9);
    letters.push_back(std::move(letter));
  }
  return letters;
}

EventStore::Digests read_digests(Session& tail) {
  // One state however many statements it takes.
  tail.run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
  auto digests = read_digests_here(tail);
  tail.run("COMMIT");
  return digests;
}

EventStore::Digests read_digests_here(Session& tail) {
  RowDigest log, documents;
  for (std::uint64_t position = 0;;) {
    const auto page = events_of(tail.ask(every_event, Params().int8(position).int8(std::uint64_t{digest_page})));
    for (const auto& event : page) log.add(event);
    if (page.size() < digest_page) break;
    position = page.back().position;
  }
  for (core::EntityKey last;;) {
    const auto rows = tail.ask(
        every_document, Params().text(last.kind).text(last.tenant).text(last.id).int8(std::uint64_t{digest_page}));
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const auto document = document_of(rows, i);
      documents.add(document);
      last = document.key;
    }
    if (rows.size() < digest_page) break;
  }
  return {std::move(log).hex(), std::move(documents).hex()};
}

std::optional<std::uint64_t> read_head(Session& tail) {
  const auto rows = tail.ask(select_head);
  if (rows.empty()) return std::nullopt;
  return rows.count(0, 0);
}

}  // namespace nova::store::postgres
