#include "core/ledger/ledger.hpp"

#include <algorithm>
#include <limits>

namespace nova::core {
namespace {

constexpr std::size_t month_chars = 7, day_chars = 10;  // of RFC 3339

void end(Ledger& ledger, const std::string& id) {
  std::erase_if(ledger.held, [&](const LedgerHold& hold) { return hold.id == id; });
  ledger.ended.push_back(id);
  if (ledger.ended.size() > ledger_ended_max) ledger.ended.erase(ledger.ended.begin());
}

Timestamp begin_of(std::string date) { return parse_rfc3339(date + "T00:00:00Z").value_or(Timestamp{}); }

constexpr std::chrono::hours day{24};

}  // namespace

void apply(Ledger& ledger, const LedgerHeld& e) {
  if (ledger.held.size() >= ledger_held_max) return;
  ledger.held.push_back({e.id, e.amount, e.at, e.expires_at});
}
void apply(Ledger& ledger, const LedgerCommitted& e) {
  end(ledger, e.id);
  // Saturating: what is stored may be anything, and a sum that wraps would open the budget again.
  const auto room = std::numeric_limits<std::int64_t>::max() - std::max<std::int64_t>(ledger.spent, 0);
  ledger.spent += std::min(std::max<std::int64_t>(e.amount, 0), room);
  ++ledger.uses;
}
void apply(Ledger& ledger, const LedgerReleased& e) { end(ledger, e.id); }
void apply(Ledger& ledger, const LedgerRolled& e) {
  if (!ledger.period.empty()) ledger.earlier.push_back({ledger.period, ledger.spent, ledger.uses});
  if (ledger.earlier.size() > ledger_periods_max) ledger.earlier.erase(ledger.earlier.begin());
  ledger.period = e.period;
  ledger.spent = 0;
  ledger.uses = 0;
}

std::string month_of(Timestamp now) { return to_rfc3339(now).substr(0, month_chars); }
std::string day_of(Timestamp now) { return to_rfc3339(now).substr(0, day_chars); }
Timestamp next_day(Timestamp now) { return begin_of(day_of(now)) + day; }
Timestamp next_month(Timestamp now) {
  // 32 days after the first are in the next month, whichever it is.
  const auto later = begin_of(month_of(now) + "-01") + 32 * day;
  return begin_of(month_of(later) + "-01");
}

const LedgerHold* find_hold(const Ledger& ledger, std::string_view id) {
  const auto found =
      std::find_if(ledger.held.begin(), ledger.held.end(), [&](const LedgerHold& hold) { return hold.id == id; });
  return found == ledger.held.end() ? nullptr : &*found;
}
bool is_ended(const Ledger& ledger, std::string_view id) {
  return std::find(ledger.ended.begin(), ledger.ended.end(), id) != ledger.ended.end();
}
std::int64_t held_amount(const Ledger& ledger) {
  std::int64_t sum = 0;
  for (const auto& hold : ledger.held) sum += std::min(std::max<std::int64_t>(hold.amount, 0), LedgerAmount::max);
  return sum;
}
std::int64_t taken(const Ledger& ledger, std::string_view period) {
  const auto held = held_amount(ledger);
  if (ledger.period != period) return held;
  return ledger.spent > std::numeric_limits<std::int64_t>::max() - held ? std::numeric_limits<std::int64_t>::max()
                                                                        : ledger.spent + held;
}
std::optional<Timestamp> first_expiry(const Ledger& ledger) {
  std::optional<Timestamp> first;
  for (const auto& hold : ledger.held)
    if (!first || hold.expires_at < *first) first = hold.expires_at;
  return first;
}
std::vector<std::string> overdue(const Ledger& ledger, Timestamp now) {
  std::vector<std::string> ids;
  for (const auto& hold : ledger.held)
    if (hold.expires_at <= now) ids.push_back(hold.id);
  return ids;
}

const Record& describe(const LedgerHeld*) {
  static const auto row =
      record<LedgerHeld>("ledger_held", "Some of a budget is held for work under way.",
                         {field("id", &LedgerHeld::id, "of the work"), field("amount", &LedgerHeld::amount, "how much"),
                          field("at", &LedgerHeld::at, "when"),
                          field("expires_at", &LedgerHeld::expires_at, "when it is given back unasked")});
  return row;
}
const Record& describe(const LedgerCommitted*) {
  static const auto row = record<LedgerCommitted>(
      "ledger_committed", "What was held is spent.",
      {field("id", &LedgerCommitted::id, "of the work"),
       field("amount", &LedgerCommitted::amount, "what it came to cost"), field("at", &LedgerCommitted::at, "when")});
  return row;
}
const Record& describe(const LedgerReleased*) {
  static const auto row =
      record<LedgerReleased>("ledger_released", "What was held is given back.",
                             {field("id", &LedgerReleased::id, "of the work"),
                              field("expired", &LedgerReleased::expired, "nobody said how it ended"),
                              field("at", &LedgerReleased::at, "when")});
  return row;
}
const Record& describe(const LedgerRolled*) {
  static const auto row =
      record<LedgerRolled>("ledger_rolled", "Another stretch of time begins, with nothing spent.",
                           {field("period", &LedgerRolled::period, "which"), field("at", &LedgerRolled::at, "when")});
  return row;
}
const Record& describe(const LedgerPeriod*) {
  static const auto row = record<LedgerPeriod>(
      "ledger_period", "What an earlier stretch of time came to.",
      {field("period", &LedgerPeriod::period, "which"), field("spent", &LedgerPeriod::spent, "what was spent"),
       field("uses", &LedgerPeriod::uses, "in how many works")});
  return row;
}
const Record& describe(const LedgerHold*) {
  static const auto row =
      record<LedgerHold>("ledger_hold", "Held for work under way.",
                         {field("id", &LedgerHold::id, "of the work"), field("amount", &LedgerHold::amount, "how much"),
                          field("at", &LedgerHold::at, "since when"),
                          field("expires_at", &LedgerHold::expires_at, "when it is given back unasked")});
  return row;
}
const Record& describe(const Ledger*) {
  static const auto row = record<Ledger>(
      "ledger", "A budget for a stretch of time.",
      {field("period", &Ledger::period, "which: 2026-01, 2026-01-31"), field("spent", &Ledger::spent, "what is spent"),
       field("uses", &Ledger::uses, "in how many works"), field("held", &Ledger::held, "for works under way"),
       field("ended", &Ledger::ended, "ids of works that are over"),
       field("earlier", &Ledger::earlier, "what earlier ones came to")});
  return row;
}

}  // namespace nova::core
