#include "core/problem.hpp"

#include "core/describe/value.hpp"
#include "core/json.hpp"
#include "core/text.hpp"

#include <set>

namespace nova::core {
namespace {

using detail::Value;

const Value* member(const Value& map, std::string_view name, Value::Kind kind) {
  for (std::size_t i = 0; i < map.keys.size(); ++i)
    if (map.keys[i] == name && map.items[i].kind == kind) return &map.items[i];
  return nullptr;
}

std::string text_of(const Value& map, std::string_view name) {
  const Value* found = member(map, name, Value::Kind::text);
  return found ? found->text : std::string();
}

}  // namespace

std::string_view status_title(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 410:
      return "Gone";
    case 412:
      return "Precondition Failed";
    case 413:
      return "Content Too Large";
    case 415:
      return "Unsupported Media Type";
    case 421:
      return "Misdirected Request";
    case 422:
      return "Unprocessable Content";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    default:
      return "Error";
  }
}

std::string to_problem_json(const Error& error, std::string_view request_id) {
  std::string out;
  JsonWriter writer(out);
  writer.object();
  writer.field("type", "https://webnova.io/errors/" + error.code);
  writer.field("title", status_title(error.status)).field("status", error.status);
  if (!error.message.empty()) writer.field("detail", error.message);
  writer.field("code", error.code);
  if (!error.remedy.empty()) writer.field("remedy", error.remedy);
  writer.field("retryable", error.retryable);
  if (!request_id.empty()) writer.field("request_id", request_id);
  if (!error.problems.empty()) {
    writer.key("errors").array();
    for (const auto& problem : error.problems)
      writer.object().field("path", problem.path).field("message", problem.message).end();
    writer.end();
  }
  if (!error.details.empty()) {
    writer.key("details").object();
    std::set<std::string_view> written;  // a name twice would be no JSON object that all readers take alike
    for (const auto& [name, value] : error.details)
      if (written.insert(name).second) writer.field(name, value);
    writer.end();
  }
  writer.end();
  return out;
}

Error parse_problem(std::string_view json, int http_status) {
  const auto root = detail::parse_json(json);
  if (!root || root->kind != Value::Kind::map || text_of(*root, "code").empty()) {
    auto error = refusal("upstream.failed", "the answer is not one of this API: " + clean_text(json, 200));
    return std::move(error).with("status", std::to_string(http_status));
  }
  Error error;
  error.code = text_of(*root, "code");
  const Value* status = member(*root, "status", Value::Kind::integer);
  error.status = status ? int(status->integer) : http_status;
  error.message = text_of(*root, "detail");
  error.remedy = text_of(*root, "remedy");
  const Value* retryable = member(*root, "retryable", Value::Kind::boolean);
  error.retryable = retryable && retryable->integer;
  if (const Value* problems = member(*root, "errors", Value::Kind::list))
    for (const auto& problem : problems->items)
      error.problems.push_back({text_of(problem, "path"), text_of(problem, "message")});
  if (const Value* details = member(*root, "details", Value::Kind::map))
    for (std::size_t i = 0; i < details->keys.size(); ++i)
      error.details.emplace_back(details->keys[i], details->items[i].text);
  return error;
}

}  // namespace nova::core
