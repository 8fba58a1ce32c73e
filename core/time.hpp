// Time as a value. Nobody below the adapters reads a clock: time comes in through a context or through `Clock`.
#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace nova::core {

/// Milliseconds since 1970-01-01T00:00:00Z, as stored and sent.
struct Timestamp {
  std::int64_t ms = 0;
  friend auto operator<=>(const Timestamp&, const Timestamp&) = default;
  friend Timestamp operator+(Timestamp t, std::chrono::milliseconds d) { return {t.ms + d.count()}; }
  friend std::chrono::milliseconds operator-(Timestamp a, Timestamp b) {
    return std::chrono::milliseconds(a.ms - b.ms);
  }
};

/// RFC 3339 in UTC with milliseconds: 2026-01-31T09:05:00.000Z. Independent of locale and time zone.
std::string to_rfc3339(Timestamp time);
/// The same into `text`, which has room for any time; its length. Without allocation.
inline constexpr std::size_t rfc3339_size_max = 48;
std::size_t write_rfc3339(Timestamp time, char (&text)[rfc3339_size_max]);
std::optional<Timestamp> parse_rfc3339(std::string_view text);

/// A length of time as operators write it: "250ms", "5s", "2m", "1h", "30d"; at most 10 years.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);
std::string to_text(std::chrono::milliseconds duration);

/// Where time comes from. Any thread may call it.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Timestamp now() const = 0;                       ///< wall clock
  virtual std::chrono::nanoseconds monotonic() const = 0;  ///< never goes back; for deadlines
};

/// The machine's clocks (CLOCK_REALTIME, CLOCK_BOOTTIME).
Clock& system_clock();

}  // namespace nova::core
