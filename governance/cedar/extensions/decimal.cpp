// decimal("d.d"): a count of ten-thousandths in 64 bits. Digits on both sides of the point, one to four behind it.
#include "governance/cedar/extensions/extensions.hpp"

#include <algorithm>

namespace nova::cedar {

std::optional<std::int64_t> read_decimal(std::string_view text) {
  constexpr std::size_t fraction_digits_max = 4;
  const bool is_negative = text.starts_with('-');
  if (is_negative) text.remove_prefix(1);
  const std::size_t point = text.find('.');
  if (point == std::string_view::npos || point == 0) return std::nullopt;
  const std::string_view fraction = text.substr(point + 1);
  if (fraction.empty() || fraction.size() > fraction_digits_max) return std::nullopt;

  std::int64_t count = 0;
  const auto append = [&](char digit) {
    // Negative numbers grow downwards, so that the smallest is readable.
    const std::int64_t step = is_negative ? -(digit - '0') : digit - '0';
    return digit >= '0' && digit <= '9' && !__builtin_mul_overflow(count, std::int64_t{10}, &count) &&
           !__builtin_add_overflow(count, step, &count);
  };
  if (!std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(point), append)) return std::nullopt;
  if (!std::all_of(fraction.begin(), fraction.end(), append)) return std::nullopt;
  for (std::size_t i = fraction.size(); i < fraction_digits_max; ++i) {
    if (!append('0')) return std::nullopt;
  }
  return count;
}

std::string decimal_text(std::int64_t count) {
  // Through the unsigned: the smallest number has no positive twin.
  const std::uint64_t size = count < 0 ? 0 - static_cast<std::uint64_t>(count) : static_cast<std::uint64_t>(count);
  std::string fraction = std::to_string(size % 10000);
  fraction.insert(0, 4 - fraction.size(), '0');
  while (fraction.size() > 1 && fraction.back() == '0') fraction.pop_back();
  return (count < 0 ? "-" : "") + std::to_string(size / 10000) + "." + fraction;
}

}  // namespace nova::cedar
