// The extension types (decimal, ipaddr, datetime, duration) and the one table of their functions.
#pragma once
#include "governance/cedar/values/value.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace nova::cedar {

// Readers take the whole text, without blanks, and are linear in it; what writers give reads back to the same value.

/// Ten-thousandths of a text such as "-12.5" (one to four decimals); none when it is malformed or out of range.
std::optional<std::int64_t> read_decimal(std::string_view text);
std::string decimal_text(std::int64_t ten_thousandths);

/// Milliseconds since 1970 of "2024-10-15", "2024-10-15T11:35:00Z", "2024-10-15T11:35:00.000+0100"; none when it
/// is malformed or names no day or time.
std::optional<std::int64_t> read_datetime(std::string_view text);
/// The value as an expression: `datetime("...")`, with `.offset(...)` behind it for instants that no text can name.
std::string datetime_text(std::int64_t milliseconds);

/// Milliseconds of a text such as "1d2h3m4s5ms" or "-90m"; none when it is malformed or out of range.
std::optional<std::int64_t> read_duration(std::string_view text);
std::string duration_text(std::int64_t milliseconds);

/// An address or range, none when it is malformed: "10.0.0.1", "10.0.0.0/8", "::1", "2001:db8::/32".
std::optional<IpAddress> read_ip(std::string_view text);
std::string ip_text(const IpAddress& address);

enum class Function : std::uint8_t {
  decimal,
  ip,
  datetime,
  duration,
  less_than,
  less_than_or_equal,
  greater_than,
  greater_than_or_equal,
  is_ipv4,
  is_ipv6,
  is_loopback,
  is_multicast,
  is_in_range,
  offset,
  duration_since,
  to_date,
  to_time,
  to_milliseconds,
  to_seconds,
  to_minutes,
  to_hours,
  to_days,
};

/// A row of the table: how the function is written and what it takes and yields. Constructors are called by name and
/// take a string; all others are methods, and `takes[0]` is what stands before the point.
struct FunctionRow {
  std::string_view name;
  Function function;
  bool is_constructor;
  std::uint8_t arity;  ///< with what stands before the point
  Kind takes[2];
  Kind yields;
};
std::span<const FunctionRow> functions();
const FunctionRow& row_of(Function function);
const FunctionRow* find_function(std::string_view name);

enum class Fault : std::uint8_t {
  none,
  type,          ///< an operand of the wrong kind
  overflow,      ///< arithmetic left the 64 bits
  no_attribute,  ///< a missing attribute
  no_tag,
  no_entity,  ///< an entity that is not in the store
  arity,      ///< an extension function with the wrong number of arguments
  malformed,  ///< a text that a constructor does not accept
};

/// Calls the function; `out` is set on Fault::none. Memory for addresses comes from the arena.
Fault call(Function function, std::span<const Value> arguments, Arena& arena, Value& out);

/// The parts that each extension's file brings to call().
namespace detail {
bool within(const IpAddress& address, const IpAddress& range);
bool is_loopback(const IpAddress& address);
bool is_multicast(const IpAddress& address);
Fault to_date(std::int64_t milliseconds, std::int64_t& out);
std::int64_t to_time(std::int64_t milliseconds);
}  // namespace detail

}  // namespace nova::cedar
