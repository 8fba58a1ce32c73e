// datetime("..."): milliseconds since 1970-01-01T00:00:00Z in 64 bits, in the proleptic Gregorian calendar.
#include "governance/cedar/extensions/extensions.hpp"

namespace nova::cedar {
namespace {

constexpr std::int64_t day_ms = 86'400'000;

// Days since 1970 of a civil date, by counting 400-year eras from 1 March (the calendar's arithmetic, as in Hinnant's
// "chrono-compatible low-level date algorithms").
std::int64_t days_from_civil(std::int64_t year, int month, int day) {
  year -= month <= 2;
  const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
  const std::int64_t year_of_era = year - era * 400;
  const std::int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

struct Date {
  std::int64_t year;
  int month;
  int day;
};

Date civil_from_days(std::int64_t days) {
  days += 719468;
  const std::int64_t era = (days >= 0 ? days : days - 146096) / 146097;
  const std::int64_t of_era = days - era * 146097;
  const std::int64_t year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
  const std::int64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int shifted = static_cast<int>((5 * of_year + 2) / 153);
  const int month = shifted < 10 ? shifted + 3 : shifted - 9;
  return {year_of_era + era * 400 + (month <= 2), month, static_cast<int>(of_year - (153 * shifted + 2) / 5 + 1)};
}

int days_in(int year, int month) {
  static constexpr int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return days[month - 1] + (month == 2 && is_leap ? 1 : 0);
}

// Reads fixed parts from the front of a text; after the first mismatch everything fails.
class Parts {
 public:
  explicit Parts(std::string_view text) : text_(text) {}
  int digits(std::size_t count, int most) {
    int number = 0;
    if (text_.size() < count) is_good_ = false;
    for (std::size_t i = 0; i < count && is_good_; ++i) {
      if (text_[i] < '0' || text_[i] > '9') is_good_ = false;
      number = number * 10 + (text_[i] - '0');
    }
    if (number > most) is_good_ = false;
    if (is_good_) text_.remove_prefix(count);
    return number;
  }
  void expect(char c) {
    if (!take(c)) is_good_ = false;
  }
  bool take(char c) {
    if (!is_good_ || !text_.starts_with(c)) return false;
    text_.remove_prefix(1);
    return true;
  }
  bool at_end() const { return text_.empty(); }
  bool is_good() const { return is_good_; }

 private:
  std::string_view text_;
  bool is_good_ = true;
};

std::string padded(std::int64_t number, std::size_t width) {
  std::string text = std::to_string(number);
  if (text.size() < width) text.insert(0, width - text.size(), '0');
  return text;
}

}  // namespace

std::optional<std::int64_t> read_datetime(std::string_view text) {
  Parts parts(text);
  const int year = parts.digits(4, 9999);
  parts.expect('-');
  const int month = parts.digits(2, 12);
  parts.expect('-');
  const int day = parts.digits(2, 31);
  if (!parts.is_good() || month < 1 || day < 1 || day > days_in(year, month)) return std::nullopt;
  std::int64_t at = days_from_civil(year, month, day) * day_ms;
  if (parts.at_end()) return at;

  parts.expect('T');
  at += parts.digits(2, 23) * std::int64_t{3'600'000};
  parts.expect(':');
  at += parts.digits(2, 59) * std::int64_t{60'000};
  parts.expect(':');
  at += parts.digits(2, 59) * std::int64_t{1000};
  if (parts.take('.')) at += parts.digits(3, 999);
  if (!parts.take('Z')) {
    const bool is_west = parts.take('-');
    if (!is_west) parts.expect('+');
    const std::int64_t hours = parts.digits(2, 23);
    const std::int64_t offset = (hours * 60 + parts.digits(2, 59)) * 60'000;
    at += is_west ? offset : -offset;
  }
  if (!parts.is_good() || !parts.at_end()) return std::nullopt;
  return at;
}

std::string datetime_text(std::int64_t at) {
  const std::int64_t rest = detail::to_time(at);
  const Date date = civil_from_days(at / day_ms - (at % day_ms < 0 ? 1 : 0));
  if (date.year < 0 || date.year > 9999) {
    return "datetime(\"1970-01-01\").offset(duration(\"" + duration_text(at) + "\"))";
  }
  return "datetime(\"" + padded(date.year, 4) + "-" + padded(date.month, 2) + "-" + padded(date.day, 2) + "T" +
         padded(rest / 3'600'000, 2) + ":" + padded(rest / 60'000 % 60, 2) + ":" + padded(rest / 1000 % 60, 2) + "." +
         padded(rest % 1000, 3) + "Z\")";
}

namespace detail {

std::int64_t to_time(std::int64_t at) {
  const std::int64_t rest = at % day_ms;
  return rest < 0 ? rest + day_ms : rest;
}

Fault to_date(std::int64_t at, std::int64_t& out) {
  return __builtin_sub_overflow(at, to_time(at), &out) ? Fault::overflow : Fault::none;
}

}  // namespace detail
}  // namespace nova::cedar
