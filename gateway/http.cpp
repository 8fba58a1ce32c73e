#include "gateway/http.hpp"

#include "core/problem.hpp"

#include <algorithm>
#include <stdexcept>

namespace nova::gateway {
namespace {

const std::string* find(const Fields& fields, std::string_view name) {
  const auto found = std::find_if(fields.begin(), fields.end(), [&](const auto& f) { return f.first == name; });
  return found == fields.end() ? nullptr : &found->second;
}

}  // namespace

std::string_view Request::header(std::string_view name) const {
  const auto* value = find(headers, name);
  return value ? std::string_view(*value) : std::string_view();
}

bool Request::has_header(std::string_view name) const { return find(headers, name) != nullptr; }

const std::string& Request::param(std::string_view name) const {
  if (const auto* value = find(params, name)) return *value;
  throw std::logic_error("the route has no parameter " + std::string(name));
}

std::optional<std::string_view> Request::query_value(std::string_view name) const {
  const auto* value = find(query, name);
  if (!value) return {};
  return *value;
}

Response json(int status, std::string body) {
  Response response;
  response.status = status;
  response.body = std::move(body);
  return response;
}

Response problem(const core::Error& error, std::string_view request_id) {
  Response response = json(error.status, core::to_problem_json(error, request_id));
  response.content_type = "application/problem+json";
  if (error.status == 401) response.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"webnova\"");
  if (error.status == 429 || error.status == 503) {
    const auto* seconds = find(error.details, "retry_after");
    response.headers.emplace_back("Retry-After", seconds ? header_safe(*seconds) : "1");
  }
  return response;
}

core::Error http_error(int status, std::string code, std::string message) {
  core::Error error;
  error.code = std::move(code);
  error.status = status;
  error.message = std::move(message);
  error.retryable = status == 503 || status == 429;
  return error;
}

std::string header_safe(std::string_view text) {
  static constexpr char hex[] = "0123456789ABCDEF";
  std::string safe;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7f) {
      safe += c;
      continue;
    }
    safe += '%';
    safe += hex[byte >> 4];
    safe += hex[byte & 15];
  }
  return safe;
}

bool is_printable_ascii(std::string_view text, std::size_t size_max) {
  if (text.empty() || text.size() > size_max || text.front() == ' ' || text.back() == ' ') return false;
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
}

}  // namespace nova::gateway
