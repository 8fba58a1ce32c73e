#include "store/postgres/batch/plain_batch.hpp"

namespace nova::store::postgres {
namespace {

constexpr auto call_append_plain =
    "SELECT * FROM nova.append_plain($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15)";

}  // namespace

bool PlainBatch::take(const std::vector<Job*>& appends) {
  keys_.clear();
  scopes_.clear();
  for (const auto* job : appends)
    if (!fits(std::get<Append>(job->change))) return false;
  if (appends.empty()) return false;
  for (auto* column :
       {&a_text_, &a_number_, &a_bytes_, &e_number_, &e_text_, &e_bytes_, &i_text_, &i_expires_, &i_answer_})
    column->clear();
  events_ = 0;
  std::int64_t number = 0;
  for (const auto* job : appends) add(std::get<Append>(job->change), ++number);
  return true;
}

bool PlainBatch::fits(const Append& change) {
  const auto& asks = change.asks;
  return !change.events.empty() && change.guards.empty() && change.settled_works.empty() &&
         change.fired_timers.empty() && asks.works.empty() && asks.keeps.empty() && asks.timers.empty() &&
         asks.claims.empty() && keys_.insert(change.key).second &&
         (!change.idempotency || scopes_.insert(change.idempotency->scope).second);
}

void PlainBatch::add(const Append& change, std::int64_t number) {
  auto version = static_cast<std::int64_t>(change.expected_version);
  a_number_.int8(version);
  for (const auto& event : change.events) {
    e_number_.int8(number);
    e_number_.int8(++version);
    e_text_.text(event.id);
    e_text_.text(event.type);
    e_bytes_.text(event.body);
    e_bytes_.text(event.meta);
  }
  events_ += static_cast<std::int64_t>(change.events.size());
  const auto& d = change.document;
  for (const auto value : {events_, change.at.ms, static_cast<std::int64_t>(d.version),
                           static_cast<std::int64_t>(d.intent_version), d.created_at.ms, d.updated_at.ms})
    a_number_.int8(value);
  for (const auto* value : {&change.key.kind, &change.key.tenant, &change.key.id, &d.status, &d.parent, &d.state_hash})
    a_text_.text(*value);
  a_bytes_.text(d.reason);
  a_bytes_.text(d.body);
  if (!change.idempotency) return;
  i_text_.text(change.idempotency->scope);
  i_text_.text(change.idempotency->body_hash);
  i_expires_.int8(change.idempotency->expires_at.ms);
  i_answer_.text(change.idempotency->answer);
}

std::optional<std::uint64_t> PlainBatch::append(Session& session, const Writing& writing, const std::string& id,
                                                core::Timestamp now) {
  Params params;
  params.text(writing.node).int8(writing.epoch).text(id).int8(writing.seen).int8(writing.lease.count()).int8(now.ms);
  for (auto* column :
       {&a_text_, &a_number_, &a_bytes_, &e_number_, &e_text_, &e_bytes_, &i_text_, &i_expires_, &i_answer_})
    params.column(*column);
  const auto rows = session.ask(call_append_plain, params);
  if (session.failed() || !rows.boolean(0, 1)) return std::nullopt;
  return rows.count(0, 0);
}

}  // namespace nova::store::postgres
