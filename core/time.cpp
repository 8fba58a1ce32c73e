#include "core/time.hpp"

#include <time.h>

#include <charconv>
#include <cstdio>

namespace nova::core {
namespace {

using namespace std::chrono;

class SystemClock final : public Clock {
 public:
  Timestamp now() const override {
    return {duration_cast<milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count()};
  }
  nanoseconds monotonic() const override {
    timespec t{};
    clock_gettime(CLOCK_BOOTTIME, &t);
    return seconds(t.tv_sec) + nanoseconds(t.tv_nsec);
  }
};

// Reads exactly `digits` digits at `at`; -1 when something else stands there.
int number_at(std::string_view text, std::size_t at, std::size_t digits) {
  if (at + digits > text.size()) return -1;
  int value = 0;
  for (std::size_t i = at; i < at + digits; ++i) {
    if (text[i] < '0' || text[i] > '9') return -1;
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

struct Unit {
  std::string_view name;
  std::int64_t ms;
};
constexpr Unit units[] = {{"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}};
constexpr std::int64_t duration_ms_max = 3650LL * 86'400'000;  // ten years: beyond it a typing error is likelier

}  // namespace

Clock& system_clock() {
  static SystemClock clock;
  return clock;
}

std::size_t write_rfc3339(Timestamp time, char (&text)[rfc3339_size_max]) {
  const auto point = sys_time<milliseconds>(milliseconds(time.ms));
  const auto day = floor<days>(point);
  const year_month_day date(day);
  const hh_mm_ss clock(point - day);
  const auto y = int(date.year());
  if (y < 0 || y > 9999)
    return std::size_t(std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", y,
                                     unsigned(date.month()), unsigned(date.day()), int(clock.hours().count()),
                                     int(clock.minutes().count()), int(clock.seconds().count()),
                                     int(clock.subseconds().count())));
  // By hand: each event and document holds some, and printf takes longer than all the rest here.
  constexpr std::string_view form = "0000-00-00T00:00:00.000Z";
  form.copy(text, form.size());
  const auto put = [&](std::size_t at, int digits, std::int64_t value) {
    for (int i = digits; i-- > 0; value /= 10) text[at + std::size_t(i)] = char('0' + value % 10);
  };
  put(0, 4, y);
  put(5, 2, unsigned(date.month()));
  put(8, 2, unsigned(date.day()));
  put(11, 2, clock.hours().count());
  put(14, 2, clock.minutes().count());
  put(17, 2, clock.seconds().count());
  put(20, 3, clock.subseconds().count());
  return form.size();
}

std::string to_rfc3339(Timestamp time) {
  char text[rfc3339_size_max];
  return std::string(text, write_rfc3339(time, text));
}

std::optional<Timestamp> parse_rfc3339(std::string_view text) {
  if (text.size() < 20 || text.size() > 30 || text[4] != '-' || text[7] != '-' ||
      (text[10] != 'T' && text[10] != 't') || text[13] != ':' || text[16] != ':')
    return {};
  const int y = number_at(text, 0, 4), mo = number_at(text, 5, 2), d = number_at(text, 8, 2);
  const int h = number_at(text, 11, 2), mi = number_at(text, 14, 2), s = number_at(text, 17, 2);
  if (y < 0 || mo < 1 || d < 1 || h < 0 || h > 23 || mi < 0 || mi > 59 || s < 0 || s > 60) return {};
  const year_month_day date{year(y), month(unsigned(mo)), day(unsigned(d))};
  if (!date.ok()) return {};
  std::size_t at = 19;
  int ms = 0;
  if (text[at] == '.') {
    if (number_at(text, at + 1, 1) < 0) return {};
    int scale = 100;
    for (++at; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, scale /= 10)
      ms += (text[at] - '0') * scale;
  }
  if (text.substr(at) != "Z" && text.substr(at) != "z") return {};
  const auto point = sys_days(date) + hours(h) + minutes(mi) + seconds(s) + milliseconds(ms);
  return Timestamp{duration_cast<milliseconds>(point.time_since_epoch()).count()};
}

std::optional<milliseconds> parse_duration(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc() || value < 0) return {};
  const std::string_view rest = text.substr(std::size_t(end - text.data()));
  for (const auto& unit : units)
    if (rest == unit.name && value <= duration_ms_max / unit.ms) return milliseconds(value * unit.ms);
  return {};
}

std::string to_text(milliseconds duration) {
  const auto ms = duration.count();
  for (std::size_t i = std::size(units); i-- > 1;)
    if (ms != 0 && ms % units[i].ms == 0) return std::to_string(ms / units[i].ms) + std::string(units[i].name);
  return std::to_string(ms) + "ms";
}

}  // namespace nova::core
