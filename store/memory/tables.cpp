#include "store/memory/tables.hpp"

#include "store/digest.hpp"

#include <algorithm>
#include <utility>

namespace nova::store::memory {

const Tables::Stream* Tables::find(const core::EntityKey& key) const {
  const auto found = by_key_.find(key);
  return found == by_key_.end() ? nullptr : found->second;
}

Tables::Stream* Tables::find(const core::EntityKey& key) { return const_cast<Stream*>(std::as_const(*this).find(key)); }

std::uint64_t Tables::version_of(const core::EntityKey& key) const {
  const auto* stream = find(key);
  return stream ? stream->document.version : 0;
}

std::optional<core::Error> Tables::refuse(const Append& change, const Stream* stream, core::Timestamp now) const {
  if (const auto actual = stream ? stream->document.version : 0; actual != change.expected_version)
    return conflict("version", change.key, change.expected_version, actual);
  for (const auto& guard : change.guards)
    if (const auto actual = version_of(guard.key); actual != guard.version)
      return conflict("guard", guard.key, guard.version, actual);
  if (auto refused = refuse_claims(change)) return refused;
  std::set<std::string> asked;
  for (const auto& work : change.asks.works) {
    const bool settled =
        std::find(change.settled_works.begin(), change.settled_works.end(), work.id) != change.settled_works.end();
    if (!asked.insert(work.id).second || (!settled && work_sequences_.contains({change.key, work.id})))
      return conflict_on_work(change.key, work.id);
  }
  if (change.idempotency && idempotency(change.idempotency->scope, now)) return conflict_on_scope(change.key);
  return std::nullopt;
}

std::optional<core::Error> Tables::refuse_claims(const Append& change) const {
  for (const auto& ask : change.asks.claims) {
    if (ask.release) continue;
    const auto holder = claims_.find(ask.name);
    if (holder != claims_.end() && holder->second != change.key) return claim_refused(ask, change.key, holder->second);
  }
  return std::nullopt;
}

core::Result<Appended> Tables::append(Append&& change, core::Timestamp now) {
  if (auto refused = refuse_broken(change)) return std::move(*refused);
  auto* found = find(change.key);
  if (auto refused = refuse(change, found, now)) {
    if (change.chain) change.chain->broken = true;
    return std::move(*refused);
  }
  if (!found) by_key_[change.key] = found = &streams_[change.key];
  auto& stream = *found;
  auto version = change.expected_version;
  for (auto& event : change.events) {
    log_.push_back({log_.size() + 1, change.key, ++version, std::move(event.id), std::move(event.type),
                    std::move(event.body), std::move(event.meta), change.at});
    stream.positions.push_back(log_.size());
  }
  if (!change.events.empty()) {
    stream.document = std::move(change.document);
    stream.document.position = log_.size();
  }
  ask(change, log_.size());
  if (change.idempotency) records_[change.idempotency->scope] = std::move(*change.idempotency);
  purge(now);
  return Appended{log_.size(), version};
}

void Tables::ask(Append& change, std::uint64_t sequence) {
  for (const auto& id : change.settled_works) {
    const auto found = work_sequences_.find({change.key, id});
    if (found == work_sequences_.end()) continue;
    works_.erase({found->second, id});
    work_sequences_.erase(found);
  }
  for (const auto& id : change.fired_timers) {
    const auto found = timers_.find({change.key, id});
    if (found != timers_.end() && timer_was_fired(found->second.at, change.at)) timers_.erase(found);
  }
  for (auto& work : change.asks.works) {
    work_sequences_[{change.key, work.id}] = sequence;
    WorkRow row{sequence, change.key, work, change.cause, change.correlation, 0, false, change.at, {}};
    works_.insert_or_assign({sequence, work.id}, std::move(row));
  }
  for (auto& keep : change.asks.keeps) {
    const Place place{change.key.tenant, keep.driver, keep.key};
    const auto old = keeps_.find(place);
    if (old != keeps_.end()) keep_order_[old->second.row.sequence].erase(place);
    keep_order_[sequence].insert(place);
    keeps_[place] = {KeepRow{sequence, change.key, std::move(keep), change.cause}, change.at};
  }
  for (auto& timer : change.asks.timers) {
    if (!timer.at) {
      timers_.erase({change.key, timer.id});
      continue;
    }
    timers_[{change.key, timer.id}] = {change.key, timer.id, *timer.at, change.cause};
  }
  for (auto& claim : change.asks.claims) {
    if (!claim.release) {
      claims_[claim.name] = change.key;
      continue;
    }
    const auto held = claims_.find(claim.name);
    if (held != claims_.end() && held->second == change.key) claims_.erase(held);
  }
}

// A few records an append, so that no append pays for many.
void Tables::purge(core::Timestamp now) {
  constexpr int looked_at = 4;
  auto at = records_.upper_bound(purged_to_);
  for (int i = 0; i < looked_at && at != records_.end(); ++i) {
    purged_to_ = at->first;
    at = at->second.expires_at <= now ? records_.erase(at) : std::next(at);
  }
  if (at == records_.end()) purged_to_.clear();
}

core::Status Tables::mark_work(const core::EntityKey& owner, const std::string& work_id, bool started,
                               std::uint32_t attempts, core::Timestamp due_at, std::string last_error) {
  const auto found = work_sequences_.find({owner, work_id});
  if (found == work_sequences_.end())
    return core::refusal("work.not_found", "`" + core::printable(work_id) + "` is not outstanding");
  auto& row = works_.at({found->second, work_id});
  row.started = started;
  row.attempts = attempts;
  row.due_at = due_at;
  row.last_error = shortened(std::move(last_error));
  return core::ok();
}

core::Status Tables::add_dead_letter(DeadLetter letter) {
  letter.error = shortened(std::move(letter.error));
  const auto id = letter.id;
  if (!letters_.try_emplace(id, std::move(letter)).second)
    return core::refusal("dead_letter.duplicate", "`" + core::printable(id) + "` exists");
  return core::ok();
}

core::Status Tables::set_dead_letter(const std::string& id, std::string status, std::uint32_t retries,
                                     std::string reason) {
  const auto found = letters_.find(id);
  if (found == letters_.end())
    return core::refusal("dead_letter.not_found", "no dead letter `" + core::printable(id) + "`");
  if (auto refused = refuse_move(found->second.status, status)) return std::move(*refused);
  found->second.status = std::move(status);
  found->second.retries = retries;
  found->second.reason = shortened(std::move(reason));
  return core::ok();
}

bool Tables::holds(const core::EntityKey& key) const { return find(key) != nullptr; }

std::optional<Document> Tables::document(const core::EntityKey& key) const {
  const auto* stream = find(key);
  if (!stream) return std::nullopt;
  return stream->document;
}

core::Result<DocumentPage> Tables::documents(const DocumentQuery& query) const {
  core::EntityKey from{query.tenant, query.kind, {}};
  if (!query.after.empty()) {
    auto cursor = parse_cursor(query.after);
    if (!cursor) return std::move(cursor).error();
    from.tenant = cursor->tenant;
    from.id = cursor->id;
  }
  DocumentPage page;
  for (auto at = query.after.empty() ? streams_.lower_bound(from) : streams_.upper_bound(from); at != streams_.end();
       ++at) {
    const auto& [key, stream] = *at;
    if (key.kind != query.kind || (!query.tenant.empty() && key.tenant > query.tenant)) break;
    const bool wanted = (query.tenant.empty() || key.tenant == query.tenant) &&
                        (query.status.empty() || stream.document.status == query.status) &&
                        (query.parent.empty() || stream.document.parent == query.parent);
    if (!wanted) continue;
    if (page.items.size() == query.limit) {
      page.next = cursor_of(page.items.back().key);
      break;
    }
    page.items.push_back(stream.document);
  }
  return page;
}

std::vector<core::StoredEvent> Tables::read(const core::EntityKey& key, std::uint64_t after_version,
                                            std::size_t limit) const {
  std::vector<core::StoredEvent> events;
  const auto* stream = find(key);
  if (!stream) return events;
  const auto& positions = stream->positions;
  for (auto i = after_version; i < positions.size() && events.size() < page_limit(limit); ++i)
    events.push_back(log_[positions[i] - 1]);
  return events;
}

EventStore::LogSlice Tables::read_all(std::uint64_t position, const EventFilter& filter, std::size_t limit) const {
  EventStore::LogSlice slice;
  const TypePattern pattern(filter.type);
  slice.scanned_to = position;
  for (auto i = position; i < log_.size() && i < position + scan_max && slice.events.size() < page_limit(limit); ++i) {
    slice.scanned_to = i + 1;
    if (matches(filter, pattern, log_[i])) slice.events.push_back(log_[i]);
  }
  return slice;
}

std::vector<core::StoredEvent> Tables::read_back(std::uint64_t position, const EventFilter& filter,
                                                 std::size_t limit) const {
  std::vector<core::StoredEvent> events;
  const TypePattern pattern(filter.type);
  auto i = position == 0 ? log_.size() : std::min<std::size_t>(position - 1, log_.size());
  for (; i > 0 && events.size() < page_limit(limit); --i)
    if (matches(filter, pattern, log_[i - 1])) events.push_back(log_[i - 1]);
  return events;
}

std::vector<WorkRow> Tables::works(std::uint64_t after_sequence, std::size_t limit) const {
  std::vector<WorkRow> rows;
  for (auto at = works_.lower_bound({after_sequence + 1, {}}); at != works_.end(); ++at) {
    if (rows.size() >= page_limit(limit) && at->second.sequence != rows.back().sequence) break;
    rows.push_back(at->second);
  }
  return rows;
}

std::vector<KeepRow> Tables::keeps(std::uint64_t after_sequence, std::size_t limit) const {
  std::vector<KeepRow> rows;
  for (auto at = keep_order_.upper_bound(after_sequence); at != keep_order_.end() && rows.size() < page_limit(limit);
       ++at)
    for (const auto& place : at->second) rows.push_back(keeps_.at(place).row);
  return rows;
}

std::vector<TimerRow> Tables::timers(std::size_t limit) const {
  std::vector<TimerRow> rows;
  for (const auto& [key, row] : timers_) rows.push_back(row);
  std::sort(rows.begin(), rows.end(), [](const TimerRow& a, const TimerRow& b) {
    return std::tie(a.at, a.owner, a.id) < std::tie(b.at, b.owner, b.id);
  });
  if (rows.size() > page_limit(limit)) rows.resize(page_limit(limit));
  return rows;
}

std::optional<IdempotencyRecord> Tables::idempotency(const std::string& scope, core::Timestamp now) const {
  const auto found = records_.find(scope);
  if (found == records_.end() || found->second.expires_at <= now) return std::nullopt;
  return found->second;
}

std::optional<core::EntityKey> Tables::claim_holder(const std::string& name) const {
  const auto found = claims_.find(name);
  if (found == claims_.end()) return std::nullopt;
  return found->second;
}

std::vector<DeadLetter> Tables::dead_letters(const std::string& status, const std::string& after,
                                             std::size_t limit) const {
  std::vector<DeadLetter> letters;
  for (auto at = letters_.upper_bound(after); at != letters_.end() && letters.size() < page_limit(limit); ++at)
    if (status.empty() || at->second.status == status) letters.push_back(at->second);
  return letters;
}

EventStore::Digests Tables::digests() const {
  RowDigest log, documents;
  for (const auto& event : log_) log.add(event);
  for (const auto& [key, stream] : streams_) documents.add(stream.document);
  return {std::move(log).hex(), std::move(documents).hex()};
}

}  // namespace nova::store::memory
