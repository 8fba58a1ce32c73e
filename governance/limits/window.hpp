// A sliding window over what was counted: in no stretch of its length do more pass than its limit, so that no burst
// fits across a border, which fixed windows and token buckets both allow (see "sliding window log" in Cloudflare's and
// Stripe's accounts of rate limiting). Limits of up to 64 are kept exactly, one time for each that passed; of larger
// ones the window is cut into 64 slots, each counted until its end has left, so that it is never too generous and at
// most 1/64 of a window too strict. Bounded: 8 bytes a slot.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

namespace nova::limits {

/// Milliseconds of a clock that never goes back; only differences mean something.
using Millis = std::int64_t;

inline constexpr std::uint32_t exact_max = 64;
inline constexpr Millis slots_of_window = 64;

/// How much passes in how long.
struct Span {
  Millis window = 0;
  std::uint32_t max = 0;
};

/// One thread at a time. Times must not go back; one that does counts as the latest that was seen.
class Window {
 public:
  /// How many count now.
  std::uint32_t used(Span span, Millis now);
  /// Counts `count` more, whether they fit or not.
  void add(Span span, Millis now, std::uint32_t count = 1);
  /// The last that was counted did not pass after all.
  void take_back();
  /// The first moment from `now` on at which one more passes, if nothing else comes in between.
  Millis passes_at(Span span, Millis now);
  /// When nothing that was counted counts any more; `now` when nothing does.
  Millis empty_at(Span span, Millis now);
  void clear();
  std::size_t bytes() const { return slots_.capacity() * sizeof(std::uint64_t); }

 private:
  void forget(Span span, Millis now);
  void push(Millis at, std::uint32_t count);

  // Time in the upper 40 bits (34 years of milliseconds), count in the lower 24; oldest first, from `first_` on.
  std::vector<std::uint64_t> slots_;
  std::size_t first_ = 0;
  std::uint32_t used_ = 0;
};

}  // namespace nova::limits
