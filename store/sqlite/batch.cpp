#include "store/sqlite/batch.hpp"

#include "store/rules.hpp"

#include <algorithm>

namespace nova::store::sqlite {
namespace {

/// Streams remembered between commits, about 300 bytes each: saves a lookup for entities that are busy.
constexpr std::size_t heads_max = 16384;

constexpr auto select_head =
    "SELECT stream, version, status, parent FROM documents WHERE kind=?1 AND tenant=?2 AND id=?3";
constexpr auto select_end =
    "SELECT position, event_id, (SELECT max(stream) FROM documents) FROM events ORDER BY position DESC LIMIT 1";
constexpr auto insert_event =
    "INSERT INTO events(position, stream, version, at, event_id, type, body, meta) VALUES(?1,?2,?3,?4,?5,?6,?7,?8)";
constexpr auto insert_document =
    "INSERT INTO documents(stream, kind, tenant, id, version, intent_version, position, created_at, updated_at, "
    "status, "
    "parent, state_hash, reason, body) VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14)";
constexpr auto update_document =
    "UPDATE documents SET version=?2, intent_version=?3, position=?4, created_at=?5, updated_at=?6, state_hash=?7, "
    "reason=?8, body=?9 WHERE stream=?1";
constexpr auto update_place = "UPDATE documents SET status=?2, parent=?3 WHERE stream=?1";
constexpr auto select_holder =
    "SELECT d.tenant, d.kind, d.id FROM claims c JOIN documents d ON d.stream = c.stream WHERE c.name=?1";
constexpr auto select_claim = "SELECT stream FROM claims WHERE name=?1";
constexpr auto select_work = "SELECT 1 FROM works WHERE stream=?1 AND id=?2";
constexpr auto insert_scope =
    "INSERT INTO idempotency(scope, expires_at, body_hash, answer) VALUES(?1,?2,?3,?4) ON CONFLICT DO NOTHING";
constexpr auto delete_expired_scope = "DELETE FROM idempotency WHERE scope=?1 AND expires_at <= ?2";
constexpr auto purge_scopes =
    "DELETE FROM idempotency WHERE rowid IN (SELECT rowid FROM idempotency ORDER BY rowid LIMIT ?1) AND expires_at <= "
    "?2";
constexpr auto purge_keeps =
    "DELETE FROM keeps WHERE rowid IN (SELECT rowid FROM keeps WHERE dropped_at IS NOT NULL AND dropped_at <= ?2 LIMIT "
    "?1)";

}  // namespace

Batch::Batch(Connection& db, core::Clock& clock, KnownKeys& known) : db_(db), clock_(clock), known_(known) {}

bool Batch::reload() {
  heads_.clear();
  dirty_.clear();
  head_ = streams_ = 0;
  head_event_.clear();
  Query end(db_, select_end);
  if (end.row()) {
    head_ = end.count(0);
    head_event_ = end.text(1);
    streams_ = end.count(2);
  }
  return !db_.failed();
}

bool Batch::commit(Jobs& jobs) {
  if (heads_.size() > heads_max) heads_.clear();
  dirty_.clear();
  changed_ = false;
  records_made_ = keeps_dropped_ = 0;
  Query(db_, "BEGIN IMMEDIATE").done();
  for (auto job = jobs.begin(); job != jobs.end() && !db_.failed(); ++job)
    (*job)->answer = std::visit([&](auto& change) { return carry_out(change); }, (*job)->change);
  write_documents();
  purge(records_made_, keeps_dropped_);
  Query(db_, changed_ ? "COMMIT" : "ROLLBACK").done();
  return !db_.failed();
}

core::Result<Appended> Batch::carry_out(Append& change) {
  auto& head = head_of(change.key);
  const auto break_chain = [&](core::Error error) {
    if (change.chain) change.chain->broken = true;
    return error;
  };
  if (auto refused = refuse_broken(change)) return std::move(*refused);
  if (auto refused = refuse(change, head)) return break_chain(std::move(*refused));
  if (db_.failed()) return Appended{};
  if (change.idempotency && !take_scope(*change.idempotency)) return break_chain(conflict_on_scope(change.key));
  changed_ = true;
  if (head.stream == 0) head.stream = ++streams_;
  write_events(change, head.stream);
  write_asks(change, head.stream);
  if (!change.events.empty()) {
    if (!head.unwritten) dirty_.push_back(&*heads_.find(change.key));
    head.unwritten = &change.document;
    head.version = change.document.version;
    change.document.position = head_;
    head_event_ = change.events.back().id;
  }
  return Appended{head_, head.version};
}

Batch::Head& Batch::head_of(const core::EntityKey& key) {
  const auto [at, missing] = heads_.try_emplace(key);
  auto& head = at->second;
  if (!missing || !known_.add(key)) return head;
  Query stored(db_, select_head, key.kind, key.tenant, key.id);
  if (stored.row()) {
    head.stream = stored.count(0);
    head.version = stored.count(1);
    head.status = stored.text(2);
    head.parent = stored.text(3);
    head.stored = true;
  }
  return head;
}

std::optional<core::Error> Batch::refuse(const Append& change, const Head& head) {
  if (head.version != change.expected_version)
    return conflict("version", change.key, change.expected_version, head.version);
  for (const auto& guard : change.guards)
    if (const auto actual = head_of(guard.key).version; actual != guard.version)
      return conflict("guard", guard.key, guard.version, actual);
  if (auto refused = refuse_claims(change, head)) return refused;
  return refuse_works(change, head);
}

std::optional<core::Error> Batch::refuse_claims(const Append& change, const Head& head) {
  for (const auto& ask : change.asks.claims) {
    if (ask.release) continue;
    Query claim(db_, select_claim, ask.name);
    if (!claim.row() || (head.stream != 0 && claim.count(0) == head.stream)) continue;
    const auto stream = claim.count(0);
    for (const auto* row : dirty_)  // taken in this batch by an entity that has no row yet
      if (row->second.stream == stream) return claim_refused(ask, change.key, row->first);
    Query holder(db_, select_holder, ask.name);
    if (holder.row()) return claim_refused(ask, change.key, {holder.text(0), holder.text(1), holder.text(2)});
  }
  return std::nullopt;
}

std::optional<core::Error> Batch::refuse_works(const Append& change, const Head& head) {
  const auto& works = change.asks.works;
  for (auto work = works.begin(); work != works.end(); ++work) {
    const auto same = [&](const core::DoAsk& other) { return other.id == work->id; };
    if (std::any_of(works.begin(), work, same)) return conflict_on_work(change.key, work->id);
    const auto& settled = change.settled_works;
    if (head.stream == 0 || std::find(settled.begin(), settled.end(), work->id) != settled.end()) continue;
    if (Query(db_, select_work, head.stream, work->id).row()) return conflict_on_work(change.key, work->id);
  }
  return std::nullopt;
}

bool Batch::take_scope(const IdempotencyRecord& record) {
  // The usual case is one insert; a row in the way is either in use or expired. An expired one is made anew at the end,
  // so that the rows stay in order of expiry.
  for (int tries = 0; tries < 2; ++tries) {
    Query(db_, insert_scope, record.scope, record.expires_at.ms, record.body_hash, Blob{record.answer}).done();
    if (db_.failed() || db_.changes() == 1) {
      ++records_made_;
      return true;
    }
    Query(db_, delete_expired_scope, record.scope, clock_.now().ms).done();
    if (db_.changes() == 0) return false;
  }
  return false;
}

void Batch::write_events(const Append& change, std::uint64_t stream) {
  auto version = change.expected_version;
  for (const auto& event : change.events)
    Query(db_, insert_event, ++head_, stream, ++version, change.at.ms, event.id, event.type, Blob{event.body},
          Blob{event.meta})
        .done();
}

// One upsert an entity and batch, however often it moved.
void Batch::write_documents() {
  for (auto* row : dirty_) {
    auto& head = row->second;
    const auto& key = row->first;
    const Document& d = *head.unwritten;
    head.unwritten = nullptr;
    if (!head.stored) {
      Query(db_, insert_document, head.stream, key.kind, key.tenant, key.id, d.version, d.intent_version, d.position,
            d.created_at.ms, d.updated_at.ms, d.status, d.parent, d.state_hash, d.reason, Blob{d.body})
          .done();
      head.stored = true;
    } else {
      Query(db_, update_document, head.stream, d.version, d.intent_version, d.position, d.created_at.ms,
            d.updated_at.ms, d.state_hash, d.reason, Blob{d.body})
          .done();
      if (d.status != head.status || d.parent != head.parent)
        Query(db_, update_place, head.stream, d.status, d.parent).done();
    }
    head.status = d.status;
    head.parent = d.parent;
  }
  dirty_.clear();
}

// Twice as many as were added, so that the tables shrink to what is alive, however busy the store is.
void Batch::purge(std::uint64_t records, std::uint64_t drops) {
  const auto now = clock_.now().ms;
  if (records != 0) Query(db_, purge_scopes, std::min<std::uint64_t>(2 * records, purge_slice), now).done();
  if (drops != 0)
    Query(db_, purge_keeps, std::min<std::uint64_t>(2 * drops, purge_slice), now - dropped_keep_ms).done();
}

}  // namespace nova::store::sqlite
