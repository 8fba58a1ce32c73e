// What there is: the kinds with their schemas, and the OpenAPI 3.1 document, both written from the same rows that
// serve.
#include "core/describe/codec.hpp"
#include "core/json.hpp"
#include "gateway/routes/routes.hpp"
#include "gateway/routes/words.hpp"

#include <map>

namespace nova::gateway {
namespace {

// A record's schema; a command without fields has one too.
std::string schema_of(const core::Type& type) { return core::to_json_schema(type); }

std::string kind_json(const core::Kind& kind) {
  std::string out;
  core::JsonWriter writer(out);
  writer.object().field("name", kind.name).field("plural", kind.plural).key("short_names").array();
  for (const auto name : kind.short_names) writer.value(name);
  writer.end().field("doc", kind.doc).field("observed", kind.observed).key("commands").array();
  for (const auto& row : kind.commands)
    writer.object()
        .field("name", row.name)
        .field("doc", row.doc)
        .field("impact", unsigned(row.impact))
        .field("creates", row.creates)
        .field("destructive", row.destructive)
        .field("door", core::name_of(row.door))
        .raw_field("schema", schema_of(*row.type))
        .end();
  writer.end().key("events").array();
  for (const auto& row : kind.events)
    writer.object().field("name", row.name).field("doc", row.doc).field("observation", row.observation).end();
  writer.end().raw_field("state_schema", schema_of(*kind.state)).end();
  return out;
}

std::string kinds_json() {
  std::string out;
  core::JsonWriter writer(out);
  writer.object().key("items").array();
  for (const auto* kind : core::kinds()) writer.raw(kind_json(*kind));
  writer.end().end();
  return out;
}

// An embedded schema keeps its own `$defs`: its `$id` makes it the root of its references (JSON Schema 2020-12, 8.2.1).
std::string with_id(const std::string& schema, const std::string& name) {
  const std::string id = "{\"$id\":" + core::json_escape("https://webnova.io/schemas/" + name);
  return id + (schema == "{}" ? "" : ",") + schema.substr(1);
}

std::string schema_name(const core::Kind& kind, std::string_view part) {
  return std::string(kind.name) + "." + std::string(part);
}

std::string operation_id(const Route& route) {
  std::string id = route.method;
  for (const char c : route.pattern) {
    if (c == '{' || c == '}' || c == '*') continue;
    id += (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ? c : '_';
  }
  return id;
}

void write_parameter(core::JsonWriter& writer, std::string_view name, std::string_view in, std::string_view doc,
                     std::string_view type, bool required) {
  writer.object().field("name", name).field("in", in).field("required", required);
  if (!doc.empty()) writer.field("description", doc);
  writer.key("schema").object().field("type", type).end().end();
}

void write_parameters(core::JsonWriter& writer, const Route& route) {
  writer.key("parameters").array();
  for (const auto& segment : pattern_segments(route.pattern))
    if (const auto name = param_name(segment); !name.empty()) write_parameter(writer, name, "path", "", "string", true);
  for (const auto& q : route.query) write_parameter(writer, q.name, "query", q.doc, q.type, false);
  if (route.command) {
    write_parameter(writer, "Idempotency-Key", "header", "a repeat with the same key and body has no second effect",
                    "string", false);
    write_parameter(writer, "If-Match", "header", "\"5\" is the version, \"i5\" what people decided", "string", false);
  }
  writer.end();
}

void write_content(core::JsonWriter& writer, std::string_view media_type, std::string_view schema) {
  writer.key("content").object().key(media_type).object().raw_field("schema", schema).end().end();
}

std::string reference(std::string_view name) {
  return "{\"$ref\":" + core::json_escape("#/components/schemas/" + std::string(name)) + "}";
}

void write_header(core::JsonWriter& writer, std::string_view name, std::string_view doc) {
  writer.key(name).object().field("description", doc).key("schema").object().field("type", "integer").end().end();
}

void write_rate_limited(core::JsonWriter& writer) {
  writer.key("429").object().field("description", "The caller asks too often, or a quota is used up").key("headers");
  writer.object();
  write_header(writer, "Retry-After", "seconds until the next request passes");
  write_header(writer, "X-RateLimit-Limit", "requests in a window");
  write_header(writer, "X-RateLimit-Remaining", "of these, how many are left");
  write_header(writer, "X-RateLimit-Reset", "seconds until nothing counts any more");
  writer.end();
  write_content(writer, "application/problem+json", reference("problem"));
  writer.end();
}

void write_operation(core::JsonWriter& writer, const Route& route) {
  writer.object()
      .field("operationId", operation_id(route))
      .field("summary", route.summary)
      .key("tags")
      .array()
      .value(route.tag)
      .end();
  write_parameters(writer, route);
  if (route.body != Body::none) {
    writer.key("requestBody").object().field("required", route.command == nullptr);
    const bool file = route.body == Body::file;
    write_content(writer, file ? "application/x-tar" : "application/json",
                  // A body of the route's own counts: it may hold more than the command that is made of it.
                  !route.body_schema.empty()    ? route.body_schema
                  : route.command && route.kind ? reference(schema_name(*route.kind, route.command->name))
                  : file                        ? "{\"type\":\"string\",\"format\":\"binary\"}"
                                                : "{\"type\":\"object\"}");
    writer.end();
  }
  writer.key("responses").object().key("200").object().field("description", "Done");
  if (route.answer.empty())
    write_content(writer, "application/json", route.command ? reference("answer") : "{\"type\":\"object\"}");
  else
    write_content(writer, route.answer, "{\"type\":\"string\"}");
  writer.end();
  if (!route.open) write_rate_limited(writer);
  writer.key("default").object().field("description", "Why not");
  write_content(writer, "application/problem+json", reference("problem"));
  writer.end().end();
  if (route.open || route.anonymous) writer.key("security").array().end();
  writer.end();
}

constexpr std::string_view problem_schema =
    R"({"type":"object","required":["type","title","status","detail","code"],"properties":{"type":{"type":"string"},"title":{"type":"string"},)"
    R"("status":{"type":"integer"},"detail":{"type":"string"},"code":{"type":"string"},"remedy":{"type":"string"},"retryable":{"type":"boolean"},)"
    R"("request_id":{"type":"string"},"errors":{"type":"array","items":{"type":"object","properties":{"path":{"type":"string"},"message":{"type":"string"}}}},)"
    R"("details":{"type":"object"}}})";

constexpr std::string_view answer_schema =
    R"({"type":"object","properties":{"id":{"type":"string"},"kind":{"type":"string"},"tenant":{"type":"string"},"version":{"type":"integer"},)"
    R"("intent_version":{"type":"integer"},"position":{"type":"integer"},"status":{"type":"string"},"reason":{"type":"string"},)"
    R"("events":{"type":"array","items":{"type":"string"}},"replayed":{"type":"boolean"},"dry_run":{"type":"boolean"},"decision":{"type":"object"}}})";

// OpenAPI knows no segment that takes several: who asks writes them as they are.
std::string shown(std::string pattern) {
  if (pattern.ends_with("*}")) pattern.erase(pattern.size() - 2, 1);
  return pattern;
}

std::string openapi_json(const Router& router) {
  std::map<std::string, std::vector<const Route*>> paths;
  for (const auto& route : router.routes())
    if (!route->hidden) paths[shown(route->pattern)].push_back(route.get());
  std::string out;
  core::JsonWriter writer(out);
  writer.object().field("openapi", "3.1.0");
  writer.key("info").object().field("title", "WebNova").field("version", NOVA_VERSION).end();
  writer.key("security").array().object().key("bearer").array().end().end().end();
  writer.key("paths").object();
  for (const auto& [pattern, routes] : paths) {
    writer.key(pattern).object();
    for (const auto* route : routes) {
      std::string method = route->method;
      for (char& c : method) c = char(c + ('a' - 'A'));
      writer.key(method);
      write_operation(writer, *route);
    }
    writer.end();
  }
  writer.end().key("components").object();
  writer.key("securitySchemes")
      .object()
      .key("bearer")
      .object()
      .field("type", "http")
      .field("scheme", "bearer")
      .end()
      .end();
  writer.key("schemas").object().raw_field("problem", problem_schema).raw_field("answer", answer_schema);
  for (const auto* kind : core::kinds()) {
    for (const auto& row : kind->commands)
      if (row.door == core::Door::open)
        writer.raw_field(schema_name(*kind, row.name), with_id(schema_of(*row.type), schema_name(*kind, row.name)));
    writer.raw_field(schema_name(*kind, "state"), with_id(schema_of(*kind->state), schema_name(*kind, "state")));
  }
  writer.end().end().end();
  return out;
}

}  // namespace

void add_descriptions(Router& router, Behind&) {
  // The texts are written once, when all rows are known, and given out as they are.
  auto kinds = std::make_shared<const std::string>(kinds_json());
  auto openapi = std::make_shared<std::string>();
  Route route;
  route.method = "GET";
  route.tag = "descriptions";
  route.access = std::nullopt;
  route.pattern = "/v1/kinds";
  route.summary = "All kinds with their commands, events and schemas";
  route.handle = [kinds](Request, Reply reply) { reply(json(200, *kinds)); };
  router.add(route);
  route.pattern = "/v1/openapi.json";
  route.summary = "This API";
  route.handle = [openapi](Request, Reply reply) { reply(json(200, *openapi)); };
  router.add(std::move(route));
  *openapi = openapi_json(router);
}

}  // namespace nova::gateway
