#include "gateway/session/head.hpp"

#include "core/problem.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>

namespace nova::gateway {
namespace {

bool is_safe(std::string_view text) {
  for (const char c : text)
    if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x7f) return false;
  return true;
}

void line(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ");
  if (is_safe(value))
    out.append(value);
  else
    out.append(header_safe(value));
  out.append("\r\n");
}

// It changes once a second.
const std::string& date_now() {
  thread_local std::string text;
  thread_local std::int64_t second = -1;
  const auto now = core::system_clock().now();
  if (now.ms / 1000 != second) {
    second = now.ms / 1000;
    text = http_date(now);
  }
  return text;
}

constexpr std::string_view policy = "Content-Security-Policy";
constexpr std::string_view nothing_runs = "default-src 'none'; frame-ancestors 'none'";
constexpr std::string_view caching = "Cache-Control";
constexpr std::string_view always =
    "X-Content-Type-Options: nosniff\r\n"
    "Referrer-Policy: no-referrer\r\n";

}  // namespace

std::string http_date(core::Timestamp time) {
  using namespace std::chrono;
  static constexpr const char* days_[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr const char* months_[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto point = sys_time<milliseconds>(milliseconds(time.ms));
  const auto day = floor<days>(point);
  const year_month_day date(day);
  const hh_mm_ss clock(point - day);
  char text[40];
  std::snprintf(text, sizeof text, "%s, %02u %s %04d %02d:%02d:%02d GMT", days_[weekday(day).c_encoding()],
                unsigned(date.day()), months_[unsigned(date.month()) - 1], int(date.year()), int(clock.hours().count()),
                int(clock.minutes().count()), int(clock.seconds().count()));
  return text;
}

std::string response_head(const Response& response, const Head& head) {
  std::string out;
  out.reserve(512);
  out.append(head.http_11 ? "HTTP/1.1 " : "HTTP/1.0 ").append(std::to_string(response.status)).append(" ");
  out.append(core::status_title(response.status)).append("\r\n");
  line(out, "Date", date_now());
  const bool bodiless = response.status == 204 || response.status == 304;
  if (!bodiless) {
    line(out, "Content-Type", response.content_type);
    if (head.framing == Framing::length) line(out, "Content-Length", std::to_string(response.body.size()));
    if (head.framing == Framing::chunked) line(out, "Transfer-Encoding", "chunked");
  }
  for (const auto& [name, value] : response.headers) line(out, name, value);
  if (!head.request_id.empty()) line(out, "X-Request-Id", head.request_id);
  out.append(always);
  const auto has_own = [&](std::string_view name) {
    return std::any_of(response.headers.begin(), response.headers.end(),
                       [&](const auto& header) { return header.first == name; });
  };
  // A page brings a policy of its own; of two, browsers obey both.
  if (!has_own(policy)) line(out, policy, nothing_runs);
  if (!has_own(caching)) line(out, caching, "no-store");
  if (head.tls) line(out, "Strict-Transport-Security", "max-age=31536000");
  if (head.close)
    line(out, "Connection", "close");
  else if (!head.http_11)
    line(out, "Connection", "keep-alive");
  return out += "\r\n";
}

}  // namespace nova::gateway
