#include "gateway/target.hpp"

#include "core/text.hpp"

#include <algorithm>
#include <array>

namespace nova::gateway {
namespace {

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

core::Error bad_target(std::string message) { return http_error(400, "http.bad_target", std::move(message)); }

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

core::Result<std::string> decoded(std::string_view text, bool query) {
  auto plain = percent_decode(text, query);
  if (!plain) return bad_target("`" + core::printable(text.substr(0, 100)) + "` has a broken percent escape");
  if (has_control(*plain) || !core::is_utf8(*plain))
    return bad_target("the target holds bytes that are not plain UTF-8 text");
  return std::move(*plain);
}

core::Status parse_path(std::string_view path, std::vector<std::string>& segments) {
  if (path == "/") return core::ok();
  for (;;) {
    path.remove_prefix(1);
    const auto slash = path.find('/');
    auto segment = decoded(path.substr(0, slash), false);
    if (!segment) return std::move(segment).error();
    if (segment->empty()) return bad_target("the path has an empty segment");
    if (*segment == "." || *segment == ".." || segment->find('/') != std::string::npos ||
        segment->find('\\') != std::string::npos)
      return bad_target("the path has a segment that points elsewhere");
    if (segments.size() == target_segments_max) return bad_target("the path has too many segments");
    segments.push_back(std::move(*segment));
    if (slash == std::string_view::npos) return core::ok();
    path.remove_prefix(slash);
  }
}

core::Status parse_query(std::string_view query, Fields& fields) {
  while (!query.empty()) {
    const auto end = query.find('&');
    const auto pair = query.substr(0, end);
    query.remove_prefix(end == std::string_view::npos ? query.size() : end + 1);
    if (pair.empty()) continue;
    const auto equals = pair.find('=');
    auto name = decoded(pair.substr(0, equals), true);
    if (!name) return std::move(name).error();
    auto value = decoded(equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1), true);
    if (!value) return std::move(value).error();
    if (fields.size() == target_queries_max) return bad_target("the query has too many parameters");
    if (std::any_of(fields.begin(), fields.end(), [&](const auto& f) { return f.first == *name; }))
      return bad_target("the query names `" + *name + "` twice");
    fields.emplace_back(std::move(*name), std::move(*value));
  }
  return core::ok();
}

}  // namespace

std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space) {
  std::string plain;
  plain.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_space) {
      plain += ' ';
    } else if (text[i] == '%') {
      if (i + 2 >= text.size()) return {};
      const int high = hex_value(text[i + 1]), low = hex_value(text[i + 2]);
      if (high < 0 || low < 0) return {};
      plain += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      plain += text[i];
    }
  }
  return plain;
}

core::Result<Target> parse_target(std::string_view target) {
  if (target.size() > target_bytes_max)
    return http_error(414, "http.target_too_long", "the target is longer than 8 KiB");
  if (target.empty() || target.front() != '/') return bad_target("the target must begin with a slash");
  if (target.find('#') != std::string_view::npos) return bad_target("the target has a fragment");
  Target parsed;
  const auto mark = target.find('?');
  if (auto path = parse_path(target.substr(0, mark), parsed.segments); !path) return std::move(path).error();
  if (mark == std::string_view::npos) return parsed;
  if (auto query = parse_query(target.substr(mark + 1), parsed.query); !query) return std::move(query).error();
  return parsed;
}

std::string host_name(std::string_view header) {
  std::string_view name = header, port;
  if (!header.empty() && header.front() == '[') {
    const auto close = header.find(']');
    if (close == std::string_view::npos) return {};
    name = header.substr(1, close - 1);
    port = header.substr(close + 1);
  } else if (const auto colon = header.find(':'); colon != std::string_view::npos) {
    name = header.substr(0, colon);
    port = header.substr(colon);
  }
  if (!port.empty() && (port.front() != ':' || port.size() > 6 ||
                        !std::all_of(port.begin() + 1, port.end(), [](char c) { return c >= '0' && c <= '9'; })))
    return {};
  std::string lower;
  for (const char c : name) {
    const char small = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    const bool fine = (small >= 'a' && small <= 'z') || (small >= '0' && small <= '9') || small == '.' ||
                      small == '-' || small == '_' || small == ':';
    if (!fine) return {};
    lower += small;
  }
  if (lower.size() > 1 && lower.back() == '.') lower.pop_back();
  return lower;
}

}  // namespace nova::gateway
