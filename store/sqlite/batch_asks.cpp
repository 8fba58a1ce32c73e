// The part of a batch that keeps effects, timers, claims and dead letters.
#include "store/rules.hpp"
#include "store/sqlite/batch.hpp"

namespace nova::store::sqlite {
namespace {

constexpr auto delete_work = "DELETE FROM works WHERE stream=?1 AND id=?2";
constexpr auto insert_work =
    "INSERT INTO works(sequence, stream, id, driver, verb, order_key, cause, correlation, attempts, started, due_at, "
    "last_error, "
    "payload) VALUES(?1,?2,?3,?4,?5,?6,?7,?8,0,0,?9,'',?10)";
constexpr auto update_work =
    "UPDATE works SET started=?3, attempts=?4, due_at=?5, last_error=?6 WHERE stream=?1 AND id=?2";
constexpr auto replace_keep =
    "INSERT OR REPLACE INTO keeps(sequence, stream, tenant, driver, key, report_tenant, report_kind, report_id, cause, "
    "dropped_at, payload) VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11)";
// A timer that was re-armed for later after it fired stays: `timer_was_fired` in SQL.
constexpr auto delete_fired = "DELETE FROM timers WHERE stream=?1 AND id=?2 AND at <= ?3";
constexpr auto delete_timer = "DELETE FROM timers WHERE stream=?1 AND id=?2";
constexpr auto replace_timer = "INSERT OR REPLACE INTO timers(stream, id, at, cause) VALUES(?1,?2,?3,?4)";
constexpr auto take_claim = "INSERT OR REPLACE INTO claims(name, stream) VALUES(?1,?2)";
constexpr auto release_claim = "DELETE FROM claims WHERE name=?1 AND stream=?2";
constexpr auto insert_letter =
    "INSERT INTO dead_letters(id, tenant, kind, entity, at, status, retries, error, reason, what) "
    "VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10) ON CONFLICT DO NOTHING";
constexpr auto select_letter = "SELECT status FROM dead_letters WHERE id=?1";
constexpr auto update_letter = "UPDATE dead_letters SET status=?2, retries=?3, reason=?4 WHERE id=?1";

}  // namespace

void Batch::write_asks(const Append& change, std::uint64_t stream) {
  for (const auto& id : change.settled_works) Query(db_, delete_work, stream, id).done();
  for (const auto& id : change.fired_timers) Query(db_, delete_fired, stream, id, change.at.ms).done();
  for (const auto& work : change.asks.works)
    Query(db_, insert_work, head_, stream, work.id, work.driver, work.verb, work.order_key, change.cause,
          change.correlation, change.at.ms, Blob{work.payload})
        .done();
  write_keeps(change, stream);
  for (const auto& timer : change.asks.timers) {
    if (timer.at)
      Query(db_, replace_timer, stream, timer.id, timer.at->ms, change.cause).done();
    else
      Query(db_, delete_timer, stream, timer.id).done();
  }
  for (const auto& claim : change.asks.claims)
    Query(db_, claim.release ? release_claim : take_claim, claim.name, stream).done();
}

void Batch::write_keeps(const Append& change, std::uint64_t stream) {
  for (const auto& keep : change.asks.keeps) {
    std::optional<std::int64_t> dropped_at;
    std::optional<Blob> payload;
    if (keep.payload)
      payload = Blob{*keep.payload};
    else
      dropped_at = change.at.ms;
    const auto& to = keep.report_to;
    Query(db_, replace_keep, head_, stream, change.key.tenant, keep.driver, keep.key, to.tenant, to.kind, to.id,
          change.cause, dropped_at, payload)
        .done();
    if (dropped_at) ++keeps_dropped_;
  }
}

core::Result<Appended> Batch::carry_out(const MarkWork& change) {
  const auto stream = head_of(change.owner).stream;
  Query(db_, update_work, stream, change.work_id, change.started, change.attempts, change.due_at.ms,
        shortened(change.last_error))
      .done();
  if (db_.changes() == 0)
    return core::refusal("work.not_found", "`" + core::printable(change.work_id) + "` is not outstanding");
  changed_ = true;
  return Appended{};
}

core::Result<Appended> Batch::carry_out(const AddLetter& change) {
  const auto& letter = change.letter;
  Query(db_, insert_letter, letter.id, letter.owner.tenant, letter.owner.kind, letter.owner.id, letter.at.ms,
        letter.status, letter.retries, shortened(letter.error), letter.reason, Blob{letter.what})
      .done();
  if (db_.changes() == 0) return core::refusal("dead_letter.duplicate", "`" + core::printable(letter.id) + "` exists");
  changed_ = true;
  return Appended{};
}

core::Result<Appended> Batch::carry_out(const SetLetter& change) {
  Query stored(db_, select_letter, change.id);
  if (!stored.row())
    return core::refusal("dead_letter.not_found", "no dead letter `" + core::printable(change.id) + "`");
  if (auto refused = refuse_move(stored.text(0), change.status)) return std::move(*refused);
  Query(db_, update_letter, change.id, change.status, change.retries, shortened(change.reason)).done();
  changed_ = true;
  return Appended{};
}

}  // namespace nova::store::sqlite
