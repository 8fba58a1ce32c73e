#include "cli/json.hpp"

#include "core/time.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace nova::cli {

const Json& at(const Json& value, std::string_view path) {
  static const Json none;
  const Json* here = &value;
  while (!path.empty()) {
    const auto dot = path.find('.');
    const std::string name(path.substr(0, dot));
    if (!here->is_object() || !here->contains(name)) return none;
    here = &here->at(name);
    path = dot == std::string_view::npos ? std::string_view() : path.substr(dot + 1);
  }
  return *here;
}

std::string text_at(const Json& value, std::string_view path) {
  const Json& found = at(value, path);
  if (found.is_null()) return {};
  if (found.is_string()) return found.get<std::string>();
  return found.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::int64_t number_at(const Json& value, std::string_view path, std::int64_t fallback) {
  const Json& found = at(value, path);
  return found.is_number_integer() ? found.get<std::int64_t>() : fallback;
}

bool flag_at(const Json& value, std::string_view path) {
  const Json& found = at(value, path);
  return found.is_boolean() && found.get<bool>();
}

std::string age_of(const std::string& rfc3339) {
  const auto then = core::parse_rfc3339(rfc3339);
  if (!then) return {};
  const auto seconds = std::max<std::int64_t>(0, (core::system_clock().now() - *then).count() / 1000);
  if (seconds < 120) return std::to_string(seconds) + "s";
  if (seconds < 2 * 3600) return std::to_string(seconds / 60) + "m";
  if (seconds < 2 * 86400) return std::to_string(seconds / 3600) + "h";
  return std::to_string(seconds / 86400) + "d";
}

core::Result<Json> parse_json(std::string_view text) {
  Json value = Json::parse(text, nullptr, false);
  if (value.is_discarded()) return core::unavailable("client.bad_answer", "the node's answer is no JSON");
  return value;
}

core::Result<std::chrono::milliseconds> duration_of(const std::string& text) {
  if (const auto span = core::parse_duration(text)) return *span;
  return core::refusal("cli.bad_duration", "`" + core::printable(text) + "` is no span of time")
      .fix("write 500ms, 30s, 5m or 2h");
}

}  // namespace nova::cli
