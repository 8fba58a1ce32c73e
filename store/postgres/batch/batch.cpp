#include "store/postgres/batch/batch.hpp"

#include "store/rules.hpp"

#include <algorithm>
#include <utility>

namespace nova::store::postgres {
namespace {

using Of = Column::Of;

constexpr auto call_append =
    "SELECT * FROM nova.append($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18,$19,$20,$21,$22,$23,$24,"
    "$25,$26,$27,$28,$29,$30,$31,$32,$33,$34,$35,$36,$37,$38,$39,$40,$41,$42,$43,$44,$45,$46,$47,$48,$49,$50,$51,$52,"
    "$53,$54,$55,$56,$57,$58,$59,$60,$61,$62,$63)";
constexpr auto call_mark_works = "SELECT nova.mark_works($1,$2,$3,$4,$5,$6,$7,$8)";
constexpr auto call_add_letter = "SELECT nova.add_dead_letter($1,$2,$3,$4,$5,$6,$7,$8,$9,$10)";
constexpr auto call_set_letter = "SELECT nova.set_dead_letter($1,$2,$3,$4,$5)";

/// What an append was refused for, as nova.append says it.
enum class Why : std::int64_t { version = 1, guard, claim, work, idempotency };

core::EntityKey parse_key(const std::string& text) {
  const auto first = text.find('/'), last = text.rfind('/');
  if (first == std::string::npos || first == last) return {};
  return {text.substr(0, first), text.substr(first + 1, last - first - 1), text.substr(last + 1)};
}

core::Result<Appended> add_letter(Session& session, const DeadLetter& letter) {
  Params params;
  params.text(letter.id).text(letter.owner.tenant).text(letter.owner.kind).text(letter.owner.id).int8(letter.at.ms);
  params.text(letter.status).int8(std::uint64_t{letter.retries}).text(shortened(letter.error)).text(letter.reason);
  const auto rows = session.ask(call_add_letter, params.text(letter.what));
  if (session.failed() || rows.boolean(0, 0)) return Appended{};
  return core::refusal("dead_letter.duplicate", "`" + core::printable(letter.id) + "` exists");
}

core::Result<Appended> set_letter(Session& session, const SetLetter& set) {
  Column from{Of::text};
  for (const char* status : {"pending", "retrying", "failed", "resolved"})
    if (!refuse_move(status, set.status)) from.text(status);
  Params params;
  params.text(set.id).column(from).text(set.status).int8(std::uint64_t{set.retries}).text(shortened(set.reason));
  const auto rows = session.ask(call_set_letter, params);
  if (session.failed()) return Appended{};
  if (rows.null(0, 0))
    return core::refusal("dead_letter.not_found", "no dead letter `" + core::printable(set.id) + "`");
  if (auto refused = refuse_move(rows.text(0, 0), set.status)) return std::move(*refused);
  return Appended{};
}

/// A row of an array parameter and the append it belongs to.
struct Origin {
  std::size_t append = 0;
  std::size_t index = 0;
};

}  // namespace

struct Batch::Columns {
  Column k_kind{Of::text}, k_tenant{Of::text}, k_id{Of::text};
  Column a_key{Of::int4}, a_expected{Of::int8}, a_end{Of::int8}, a_at{Of::int8}, a_cause{Of::text},
      a_correlation{Of::text};
  Column d_version{Of::int8}, d_intent{Of::int8}, d_created{Of::int8}, d_updated{Of::int8}, d_status{Of::text},
      d_parent{Of::text}, d_hash{Of::text}, d_reason{Of::bytea}, d_body{Of::bytea};
  Column e_append{Of::int4}, e_version{Of::int8}, e_id{Of::text}, e_type{Of::text}, e_body{Of::bytea},
      e_meta{Of::bytea};
  Column g_append{Of::int4}, g_key{Of::int4}, g_version{Of::int8};
  Column c_append{Of::int4}, c_name{Of::text}, c_release{Of::boolean};
  Column w_append{Of::int4}, w_id{Of::text}, w_twice{Of::boolean}, w_driver{Of::text}, w_verb{Of::text},
      w_order{Of::text}, w_payload{Of::bytea};
  Column s_append{Of::int4}, s_work{Of::text}, f_append{Of::int4}, f_timer{Of::text};
  Column h_append{Of::int4}, h_driver{Of::text}, h_key{Of::text}, h_tenant{Of::text}, h_kind{Of::text}, h_id{Of::text},
      h_payload{Of::bytea};
  Column t_append{Of::int4}, t_id{Of::text}, t_at{Of::int8};
  Column i_append{Of::int4}, i_scope{Of::text}, i_hash{Of::text}, i_answer{Of::bytea}, i_expires{Of::int8};

  std::unordered_map<core::EntityKey, std::int32_t, core::EntityKeyHash> keys;
  std::unordered_map<core::EntityKey, const Chain*, core::EntityKeyHash> chains;  ///< of the last append of an entity
  std::int64_t events = 0;
  std::vector<Origin> guards, claims, works;

  /// In the order of nova.append's parameters.
  std::vector<Column*> all() {
    return {&k_kind,        &k_tenant,  &k_id,      &a_key,     &a_expected, &a_end,     &a_at,     &a_cause,
            &a_correlation, &d_version, &d_intent,  &d_created, &d_updated,  &d_status,  &d_parent, &d_hash,
            &d_reason,      &d_body,    &e_append,  &e_version, &e_id,       &e_type,    &e_body,   &e_meta,
            &g_append,      &g_key,     &g_version, &c_append,  &c_name,     &c_release, &w_append, &w_id,
            &w_twice,       &w_driver,  &w_verb,    &w_order,   &w_payload,  &s_append,  &s_work,   &f_append,
            &f_timer,       &h_append,  &h_driver,  &h_key,     &h_tenant,   &h_kind,    &h_id,     &h_payload,
            &t_append,      &t_id,      &t_at,      &i_append,  &i_scope,    &i_hash,    &i_answer, &i_expires};
  }
  void clear() {
    for (auto* column : all()) column->clear();
    keys.clear();
    chains.clear();
    events = 0;
    guards.clear();
    claims.clear();
    works.clear();
  }
};

Batch::Batch() : columns_(std::make_unique<Columns>()) {}
Batch::~Batch() = default;

bool Batch::commit(Session& session, const Writing& writing, const std::string& id, Jobs& jobs, core::Timestamp now) {
  sort(jobs);
  // A call alone is its own transaction and one round trip.
  const bool books = !marks_.empty() || !letters_.empty();
  if (books) session.run("BEGIN");
  if (!append_plain(session, writing, id, now)) append(session, writing, id, now);
  if (books) {
    if (!marks_.empty()) mark(session);
    keep_letters(session);
    session.run("COMMIT");
  }
  return !session.failed();
}

void Batch::sort(const Jobs& jobs) {
  appends_.clear();
  marks_.clear();
  letters_.clear();
  for (const auto& job : jobs) {
    if (job->is_append())
      appends_.push_back(job.get());
    else
      (std::holds_alternative<MarkWork>(job->change) ? marks_ : letters_).push_back(job.get());
  }
}

// False when the batch has to go the long way.
bool Batch::append_plain(Session& session, const Writing& writing, const std::string& id, core::Timestamp now) {
  if (!plain_.take(appends_)) return false;
  const auto head = plain_.append(session, writing, id, now);
  if (session.failed()) return true;
  if (!head) return false;
  head_ = *head;
  for (auto* job : appends_) {
    const auto& change = std::get<Append>(job->change);
    head_ += change.events.size();
    job->answer = Appended{head_, change.expected_version + change.events.size()};
  }
  head_event_ = std::get<Append>(appends_.back()->change).events.back().id;
  return true;
}

void Batch::append(Session& session, const Writing& writing, const std::string& id, core::Timestamp now) {
  collect();
  Params params;
  params.text(writing.node).int8(writing.epoch).text(id).int8(writing.seen).int8(writing.lease.count()).int8(now.ms);
  params.boolean(false);  // what could be made as whole arrays was made by nova.append_plain
  for (auto* column : columns_->all()) params.column(*column);
  const auto rows = session.ask(call_append, params);
  if (!session.failed()) answer(rows);
}

void Batch::collect() {
  auto& c = *columns_;
  c.clear();
  for (const auto* job : appends_) add(std::get<Append>(job->change));
  // Guarded entities follow those of the appends; one that is written in this batch too is the same.
  for (auto& guard : c.guards) {
    const auto& change = std::get<Append>(appends_[guard.append]->change);
    const auto& named = change.guards[guard.index];
    const auto [at, fresh] = c.keys.try_emplace(named.key, static_cast<std::int32_t>(c.k_kind.rows()) + 1);
    if (fresh) {
      c.k_kind.text(named.key.kind);
      c.k_tenant.text(named.key.tenant);
      c.k_id.text(named.key.id);
    }
    c.g_append.int4(static_cast<std::int64_t>(guard.append) + 1);
    c.g_key.int4(at->second);
    c.g_version.int8(named.version);
  }
}

void Batch::add(const Append& change) {
  auto& c = *columns_;
  const auto number = static_cast<std::int32_t>(c.a_key.rows()) + 1;
  const auto key = c.keys.try_emplace(change.key, number).first;
  c.k_kind.text(change.key.kind);
  c.k_tenant.text(change.key.tenant);
  c.k_id.text(change.key.id);
  c.a_key.int4(key->second);
  // Below zero it stands on the append before it of the same entity.
  const auto expected = static_cast<std::int64_t>(change.expected_version);
  const auto* before = std::exchange(c.chains[change.key], change.chain.get());
  c.a_expected.int8(before && before == change.chain.get() ? -expected : expected);
  c.a_at.int8(change.at.ms);
  c.a_cause.text(change.cause);
  c.a_correlation.text(change.correlation);
  const auto& d = change.document;
  c.d_version.int8(d.version);
  c.d_intent.int8(d.intent_version);
  c.d_created.int8(d.created_at.ms);
  c.d_updated.int8(d.updated_at.ms);
  c.d_status.text(d.status);
  c.d_parent.text(d.parent);
  c.d_hash.text(d.state_hash);
  c.d_reason.text(d.reason);
  c.d_body.text(d.body);
  auto version = change.expected_version;
  for (const auto& event : change.events) {
    c.e_append.int4(number);
    c.e_version.int8(++version);
    c.e_id.text(event.id);
    c.e_type.text(event.type);
    c.e_body.text(event.body);
    c.e_meta.text(event.meta);
  }
  c.events += static_cast<std::int64_t>(change.events.size());
  c.a_end.int8(c.events);
  const auto append = static_cast<std::size_t>(number) - 1;
  for (std::size_t i = 0; i < change.guards.size(); ++i) c.guards.push_back({append, i});
  add_asks(change, number);
}

void Batch::add_asks(const Append& change, std::int32_t number) {
  auto& c = *columns_;
  const auto append = static_cast<std::size_t>(number) - 1;
  const auto& works = change.asks.works;
  for (auto work = works.begin(); work != works.end(); ++work) {
    const auto same = [&](const core::DoAsk& other) { return other.id == work->id; };
    c.works.push_back({append, static_cast<std::size_t>(work - works.begin())});
    c.w_append.int4(number);
    c.w_id.text(work->id);
    c.w_twice.boolean(std::any_of(works.begin(), work, same));
    c.w_driver.text(work->driver);
    c.w_verb.text(work->verb);
    c.w_order.text(work->order_key);
    c.w_payload.text(work->payload);
  }
  for (const auto& id : change.settled_works) {
    c.s_append.int4(number);
    c.s_work.text(id);
  }
  for (const auto& id : change.fired_timers) {
    c.f_append.int4(number);
    c.f_timer.text(id);
  }
  for (const auto& keep : change.asks.keeps) {
    c.h_append.int4(number);
    c.h_driver.text(keep.driver);
    c.h_key.text(keep.key);
    c.h_tenant.text(keep.report_to.tenant);
    c.h_kind.text(keep.report_to.kind);
    c.h_id.text(keep.report_to.id);
    keep.payload ? c.h_payload.text(*keep.payload) : c.h_payload.null();
  }
  for (const auto& timer : change.asks.timers) {
    c.t_append.int4(number);
    c.t_id.text(timer.id);
    timer.at ? c.t_at.int8(timer.at->ms) : c.t_at.null();
  }
  for (std::size_t i = 0; i < change.asks.claims.size(); ++i) {
    c.claims.push_back({append, i});
    c.c_append.int4(number);
    c.c_name.text(change.asks.claims[i].name);
    c.c_release.boolean(change.asks.claims[i].release);
  }
  if (!change.idempotency) return;
  c.i_append.int4(number);
  c.i_scope.text(change.idempotency->scope);
  c.i_hash.text(change.idempotency->body_hash);
  c.i_answer.text(change.idempotency->answer);
  c.i_expires.int8(change.idempotency->expires_at.ms);
}

void Batch::answer(const Rows& rows) {
  const auto& c = *columns_;
  head_ = rows.count(0, 0);
  head_event_.clear();
  const auto refused = rows.list(0, 1), what = rows.list(0, 2), at_row = rows.list(0, 3), actual = rows.list(0, 4),
             holder = rows.list(0, 5);
  std::size_t next = 0;
  for (std::size_t i = 0; i < appends_.size(); ++i) {
    auto& change = std::get<Append>(appends_[i]->change);
    auto& answer = appends_[i]->answer;
    if (next == refused.size() || std::stoull(refused[next]) != i + 1) {
      head_ += change.events.size();
      const auto version = change.expected_version + change.events.size();
      if (!change.events.empty()) head_event_ = change.events.back().id;
      answer = Appended{head_, version};
      continue;
    }
    const auto row = std::stoull(at_row[next]);
    const auto found = std::stoull(actual[next]);
    switch (static_cast<Why>(std::stoll(what[next]))) {
      case Why::version:
        answer = conflict("version", change.key, change.expected_version, found);
        break;
      case Why::guard: {
        const auto& guard = change.guards[c.guards[row - 1].index];
        answer = conflict("guard", guard.key, guard.version, found);
        break;
      }
      case Why::claim:
        answer = claim_refused(change.asks.claims[c.claims[row - 1].index], change.key, parse_key(holder[next]));
        break;
      case Why::work:
        answer = conflict_on_work(change.key, change.asks.works[c.works[row - 1].index].id);
        break;
      case Why::idempotency:
        answer = conflict_on_scope(change.key);
        break;
    }
    ++next;
  }
}

void Batch::mark(Session& session) {
  Column kind{Of::text}, tenant{Of::text}, id{Of::text}, work{Of::text}, started{Of::boolean}, attempts{Of::int8},
      due{Of::int8}, error{Of::bytea};
  for (auto* job : marks_) {
    const auto& mark = std::get<MarkWork>(job->change);
    kind.text(mark.owner.kind);
    tenant.text(mark.owner.tenant);
    id.text(mark.owner.id);
    work.text(mark.work_id);
    started.boolean(mark.started);
    attempts.int8(std::uint64_t{mark.attempts});
    due.int8(mark.due_at.ms);
    error.text(shortened(mark.last_error));
    job->answer = Appended{};
  }
  Params params;
  for (auto* column : {&kind, &tenant, &id, &work, &started, &attempts, &due, &error}) params.column(*column);
  const auto rows = session.ask(call_mark_works, params);
  if (session.failed()) return;
  for (const auto& missing : rows.list(0, 0)) {
    auto* job = marks_[std::stoull(missing) - 1];
    const auto& mark = std::get<MarkWork>(job->change);
    job->answer = core::refusal("work.not_found", "`" + core::printable(mark.work_id) + "` is not outstanding");
  }
}

void Batch::keep_letters(Session& session) {
  for (auto* job : letters_) {
    const auto* added = std::get_if<AddLetter>(&job->change);
    job->answer = added ? add_letter(session, added->letter) : set_letter(session, std::get<SetLetter>(job->change));
    if (session.failed()) return;
  }
}

}  // namespace nova::store::postgres
