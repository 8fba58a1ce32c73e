// The table of extension functions, and the call of any of them.
#include "governance/cedar/extensions/extensions.hpp"

#include <algorithm>

namespace nova::cedar {
namespace {

using K = Kind;
using F = Function;
constexpr FunctionRow rows[] = {
    {"decimal", F::decimal, true, 1, {K::string}, K::decimal},
    {"ip", F::ip, true, 1, {K::string}, K::ipaddr},
    {"datetime", F::datetime, true, 1, {K::string}, K::datetime},
    {"duration", F::duration, true, 1, {K::string}, K::duration},
    {"lessThan", F::less_than, false, 2, {K::decimal, K::decimal}, K::boolean},
    {"lessThanOrEqual", F::less_than_or_equal, false, 2, {K::decimal, K::decimal}, K::boolean},
    {"greaterThan", F::greater_than, false, 2, {K::decimal, K::decimal}, K::boolean},
    {"greaterThanOrEqual", F::greater_than_or_equal, false, 2, {K::decimal, K::decimal}, K::boolean},
    {"isIpv4", F::is_ipv4, false, 1, {K::ipaddr}, K::boolean},
    {"isIpv6", F::is_ipv6, false, 1, {K::ipaddr}, K::boolean},
    {"isLoopback", F::is_loopback, false, 1, {K::ipaddr}, K::boolean},
    {"isMulticast", F::is_multicast, false, 1, {K::ipaddr}, K::boolean},
    {"isInRange", F::is_in_range, false, 2, {K::ipaddr, K::ipaddr}, K::boolean},
    {"offset", F::offset, false, 2, {K::datetime, K::duration}, K::datetime},
    {"durationSince", F::duration_since, false, 2, {K::datetime, K::datetime}, K::duration},
    {"toDate", F::to_date, false, 1, {K::datetime}, K::datetime},
    {"toTime", F::to_time, false, 1, {K::datetime}, K::duration},
    {"toMilliseconds", F::to_milliseconds, false, 1, {K::duration}, K::integer},
    {"toSeconds", F::to_seconds, false, 1, {K::duration}, K::integer},
    {"toMinutes", F::to_minutes, false, 1, {K::duration}, K::integer},
    {"toHours", F::to_hours, false, 1, {K::duration}, K::integer},
    {"toDays", F::to_days, false, 1, {K::duration}, K::integer},
};

Fault construct(Function function, std::string_view text, Arena& arena, Value& out) {
  if (function == F::ip) {
    const auto address = read_ip(text);
    if (!address) return Fault::malformed;
    out = Value::of(arena.make<IpAddress>(*address));
    return Fault::none;
  }
  const auto units = function == F::decimal    ? read_decimal(text)
                     : function == F::datetime ? read_datetime(text)
                                               : read_duration(text);
  if (!units) return Fault::malformed;
  out = Value::counted(row_of(function).yields, *units);
  return Fault::none;
}

Fault on_times(Function function, std::int64_t a, std::int64_t b, Value& out) {
  std::int64_t result = 0;
  switch (function) {
    case F::offset:
      if (__builtin_add_overflow(a, b, &result)) return Fault::overflow;
      break;
    case F::duration_since:
      if (__builtin_sub_overflow(a, b, &result)) return Fault::overflow;
      break;
    case F::to_date:
      if (const Fault fault = detail::to_date(a, result); fault != Fault::none) return fault;
      break;
    case F::to_time:
      result = detail::to_time(a);
      break;
    case F::to_milliseconds:
      result = a;
      break;
    case F::to_seconds:
      result = a / 1000;
      break;
    case F::to_minutes:
      result = a / 60'000;
      break;
    case F::to_hours:
      result = a / 3'600'000;
      break;
    default:
      result = a / 86'400'000;
      break;
  }
  out = Value::counted(row_of(function).yields, result);
  return Fault::none;
}

bool holds(Function function, const Value& a, const Value& b) {
  switch (function) {
    case F::less_than:
      return a.integer < b.integer;
    case F::less_than_or_equal:
      return a.integer <= b.integer;
    case F::greater_than:
      return a.integer > b.integer;
    case F::greater_than_or_equal:
      return a.integer >= b.integer;
    case F::is_ipv4:
      return !a.ip->is_v6;
    case F::is_ipv6:
      return a.ip->is_v6;
    case F::is_loopback:
      return detail::is_loopback(*a.ip);
    case F::is_multicast:
      return detail::is_multicast(*a.ip);
    default:
      return detail::within(*a.ip, *b.ip);
  }
}

}  // namespace

std::span<const FunctionRow> functions() { return rows; }
const FunctionRow& row_of(Function function) { return rows[static_cast<std::size_t>(function)]; }

const FunctionRow* find_function(std::string_view name) {
  const auto* const row = std::find_if(std::begin(rows), std::end(rows), [&](const auto& r) { return r.name == name; });
  return row == std::end(rows) ? nullptr : row;
}

Fault call(Function function, std::span<const Value> arguments, Arena& arena, Value& out) {
  const FunctionRow& row = row_of(function);
  if (arguments.size() != row.arity) return Fault::arity;
  for (std::size_t i = 0; i < row.arity; ++i) {
    if (arguments[i].kind != row.takes[i]) return Fault::type;
  }
  if (row.is_constructor) return construct(function, arguments[0].text(), arena, out);
  const Value& a = arguments[0];
  const Value& b = row.arity > 1 ? arguments[1] : a;
  if (row.yields != Kind::boolean) return on_times(function, a.integer, b.integer, out);
  out = Value::of(holds(function, a, b));
  return Fault::none;
}

}  // namespace nova::cedar
