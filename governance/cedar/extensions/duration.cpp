// duration("..."): milliseconds in 64 bits, written as days, hours, minutes, seconds and milliseconds in this order.
#include "governance/cedar/extensions/extensions.hpp"

namespace nova::cedar {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t milliseconds;
};
constexpr Unit units[] = {{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1000}, {"ms", 1}};

}  // namespace

std::optional<std::int64_t> read_duration(std::string_view text) {
  const bool is_negative = text.starts_with('-');
  if (is_negative) text.remove_prefix(1);
  if (text.empty()) return std::nullopt;
  std::int64_t total = 0;
  std::size_t next_unit = 0;
  while (!text.empty()) {
    // Negative counts grow downwards, so that the most negative one is readable.
    std::int64_t number = 0;
    std::size_t digits = 0;
    for (; digits < text.size() && text[digits] >= '0' && text[digits] <= '9'; ++digits) {
      const std::int64_t step = is_negative ? -(text[digits] - '0') : text[digits] - '0';
      if (__builtin_mul_overflow(number, std::int64_t{10}, &number)) return std::nullopt;
      if (__builtin_add_overflow(number, step, &number)) return std::nullopt;
    }
    if (digits == 0) return std::nullopt;
    text.remove_prefix(digits);
    std::size_t letters = 0;
    while (letters < text.size() && (text[letters] < '0' || text[letters] > '9')) ++letters;
    const std::string_view name = text.substr(0, letters);
    while (next_unit < std::size(units) && units[next_unit].name != name) ++next_unit;
    if (next_unit == std::size(units)) return std::nullopt;
    if (__builtin_mul_overflow(number, units[next_unit].milliseconds, &number)) return std::nullopt;
    if (__builtin_add_overflow(total, number, &total)) return std::nullopt;
    text.remove_prefix(letters);
    ++next_unit;
  }
  return total;
}

std::string duration_text(std::int64_t milliseconds) { return std::to_string(milliseconds) + "ms"; }

}  // namespace nova::cedar
