// The rules that every store keeps in the same way: limits, refusals, cursors, filters, the life of a dead letter.
// Pure functions; any thread.
#pragma once
#include "store/store.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace nova::store {

inline constexpr std::size_t key_part_bytes_max = 128;  ///< tenant, kind or id (core/ids.hpp)
inline constexpr std::size_t word_bytes_max = 512;      ///< ids, codes, names of claims, timers, drivers, parents
inline constexpr std::size_t reason_bytes_max = 4096;   ///< a person's or an error's sentence
inline constexpr std::size_t scope_bytes_max = 1024;    ///< of an idempotency record
inline constexpr std::size_t asks_max = 64;             ///< of each sort, and guards, in one append
inline constexpr std::size_t letter_bytes_max =
    256 * 1024;                                ///< a dead letter holds a whole work with its payload escaped
inline constexpr std::size_t page_max = 1000;  ///< rows of one read; larger limits are cut to it
inline constexpr std::uint32_t dead_letter_retries_max = 3;  ///< S18: a thrice-failed one is `failed`
/// Events that one `read_all` looks at, wanted or not: some 20 ms; the caller goes on at `scanned_to`.
inline constexpr std::size_t scan_max = 20000;
/// A dropped keep stays readable this long, so that whoever follows `keeps` by sequence sees the drop.
inline constexpr std::int64_t dropped_keep_ms = 24LL * 3600 * 1000;
/// Rows that one purge looks at: about 1 ms of the writer's time.
inline constexpr std::size_t purge_slice = 500;

/// `store.too_large` naming the part, or `store.malformed` for what a correct caller never sends (no events, a document
/// of another entity or version); nothing when the append may be tried.
std::optional<core::Error> refuse_shape(const Append& change);
std::optional<core::Error> refuse_shape(const DeadLetter& letter);
std::optional<core::Error> refuse_shape(const DocumentQuery& query);

/// `store.conflict`. `what` is version, guard, idempotency or work; `expected` and `actual` are versions where they
/// apply.
/// `store.conflict` when a decision that this one stands on was not made.
std::optional<core::Error> refuse_broken(const Append& change);
core::Error conflict(std::string_view what, const core::EntityKey& key, std::uint64_t expected, std::uint64_t actual);
core::Error conflict_on_scope(const core::EntityKey& key);
core::Error conflict_on_work(const core::EntityKey& key, const std::string& work_id);
/// The claim's own refusal, or `store.claim_taken`. The holder is named within the asker's tenant only.
core::Error claim_refused(const core::ClaimAsk& ask, const core::EntityKey& asker, const core::EntityKey& holder);
core::Error overloaded();
core::Error read_only(const std::string& reason);
core::Error draining();

/// Empty: all; otherwise exact, or a prefix that ends in '.' or '*'.
struct TypePattern {
  explicit TypePattern(std::string_view pattern);
  bool matches(std::string_view type) const;
  std::string text;
  bool prefix = false;
};
bool matches(const EventFilter& filter, const TypePattern& pattern, const core::StoredEvent& event);

/// A page ends at an entity; the cursor names it. `input.invalid` for a text that is none.
std::string cursor_of(const core::EntityKey& last);
struct Cursor {
  std::string tenant, id;
};
core::Result<Cursor> parse_cursor(const std::string& text);

std::size_t page_limit(std::size_t asked);

/// S18: pending -> retrying -> resolved | pending | failed; a failed one may be retried by hand, and a person may close
/// one that is not being retried. Nothing when allowed, else `dead_letter.wrong_state`.
std::optional<core::Error> refuse_move(const std::string& from, const std::string& to);
/// What becomes of a letter whose retry number `retries` failed.
std::string status_after_failed_retry(std::uint32_t retries);

/// At most `size_max` bytes, cut between UTF-8 characters: an error text is kept short rather than refused.
std::string shortened(std::string text, std::size_t size_max = reason_bytes_max);

/// A timer that was re-armed for later after it fired is not the one that fired.
inline bool timer_was_fired(core::Timestamp armed_for, core::Timestamp command_at) { return armed_for <= command_at; }

}  // namespace nova::store
