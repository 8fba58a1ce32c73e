// A budget for a stretch of time ("2026-01", "2026-01-31") as a ledger of reservations: what work under way may come to
// cost is held before it begins and committed, released or expired afterwards. A sum alone would let two works at once
// spend the same money, and would forget what became of one whose worker died. Pure; stored inside the states of kinds.
#pragma once
#include "core/decision.hpp"
#include "core/describe/describe.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nova::core {

/// More at once than this means that somebody never ends them.
inline constexpr std::size_t ledger_held_max = 128;
/// How many ended reservations are remembered, so that a late copy of a command takes or gives nothing twice.
inline constexpr std::size_t ledger_ended_max = 64;
inline constexpr std::size_t ledger_periods_max = 24;

using LedgerId = Text<1, 128, Shape::name>;
/// Of whatever the ledger is for: requests, tokens, millionths of a US dollar.
using LedgerAmount = Bounded<0, 1'000'000'000'000'000>;

// ---- what is stored: events that a kind may take into its own variant

struct LedgerHeld {
  std::string id;
  std::int64_t amount = 0;
  Timestamp at, expires_at;
};
struct LedgerCommitted {
  std::string id;
  std::int64_t amount = 0;  ///< what it came to cost, which may be more than was held
  Timestamp at;
};
struct LedgerReleased {
  std::string id;
  bool expired = false;  ///< nobody said how it ended
  Timestamp at;
};
struct LedgerRolled {
  std::string period;  ///< the one that begins
  Timestamp at;
};

// ---- state

struct LedgerPeriod {
  std::string period;
  std::int64_t spent = 0;
  std::int64_t uses = 0;
  friend bool operator==(const LedgerPeriod&, const LedgerPeriod&) = default;
};
struct LedgerHold {
  std::string id;
  std::int64_t amount = 0;
  Timestamp at, expires_at;
  friend bool operator==(const LedgerHold&, const LedgerHold&) = default;
};
struct Ledger {
  std::string period;
  std::int64_t spent = 0;  ///< committed in this period
  std::int64_t uses = 0;   ///< reservations that were committed in this period
  std::vector<LedgerHold> held;
  std::vector<std::string> ended;     ///< ids, the newest last
  std::vector<LedgerPeriod> earlier;  ///< the newest last
};

void apply(Ledger&, const LedgerHeld&);
void apply(Ledger&, const LedgerCommitted&);
void apply(Ledger&, const LedgerReleased&);
void apply(Ledger&, const LedgerRolled&);

// ---- questions

/// "2026-01" in UTC, and when the next one begins; "2026-01-31" likewise.
std::string month_of(Timestamp);
Timestamp next_month(Timestamp);
std::string day_of(Timestamp);
Timestamp next_day(Timestamp);

const LedgerHold* find_hold(const Ledger&, std::string_view id);
bool is_ended(const Ledger&, std::string_view id);
std::int64_t held_amount(const Ledger&);
/// What is spent and held in `period`; what is held goes along into a new one.
std::int64_t taken(const Ledger&, std::string_view period);
/// When the first hold expires; none: nothing is held.
std::optional<Timestamp> first_expiry(const Ledger&);
/// The ids of holds that are over at `now`.
std::vector<std::string> overdue(const Ledger&, Timestamp now);

const Record& describe(const LedgerHeld*);
const Record& describe(const LedgerCommitted*);
const Record& describe(const LedgerReleased*);
const Record& describe(const LedgerRolled*);
const Record& describe(const LedgerPeriod*);
const Record& describe(const LedgerHold*);
const Record& describe(const Ledger*);

}  // namespace nova::core
