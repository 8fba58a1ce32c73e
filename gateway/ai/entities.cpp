#include "gateway/ai/entities.hpp"

#include "governance/authority/judge.hpp"
#include "governance/credentials/encoding.hpp"

namespace nova::gateway {

void add_ai(Router& router, Behind& behind) {
  ai::add_sovereignty(router, behind);
  ai::add_subscribers(router, behind);
  ai::add_permissions(router, behind);
  ai::add_executions(router, behind);
  ai::add_records(router, behind);
}

namespace ai {

const std::vector<QueryParam> paged{{"status", "only those in this status"},
                                    {"limit", "1 to 1000; 100 when left out", "integer"},
                                    {"cursor", "the `next` of the page before"}};

const core::Access owner_only{};
const core::Access configuring{.permission = "ai:configure"};

void submit(Behind& behind, core::Result<core::CommandEnvelope> command, const Request& request, const Reply& reply,
            int status, const core::Access* needed) {
  if (!command) return reply_error(request, reply, command.error());
  auto lacks = needed ? behind.guard.may_read(request.principal, *needed, {}) : core::ok();
  behind.host.submit(std::move(*command), [reply, status, lacks = std::move(lacks),
                                           id = request.id](core::Result<host::Answer> answer) {
    if (!answer) return reply(problem(answer.error().status == 404 && !lacks ? lacks.error() : answer.error(), id));
    auto response = answer_response(*answer);
    if (response.status == 200) response.status = status;
    reply(std::move(response));
  });
}

bool sees_everything(Behind& behind, const Request& request) {
  return bool(behind.guard.may_read(request.principal, core::access::operating, {}));
}

core::Result<std::shared_ptr<const store::Document>> known(Behind& behind, const core::EntityKey& key) {
  auto seen = Reads(behind, core::system_principal()).get(key);
  if (!seen) return std::move(seen).error();
  return std::shared_ptr<const store::Document>(seen->document);
}

void list(Behind& behind, const Request& request, const Reply& reply, std::string_view kind,
          const std::function<std::string(const store::Document&)>& item) {
  const auto limit = number_query(request, "limit", page_items_default, 1, page_items_max);
  if (!limit) return reply_error(request, reply, limit.error());
  const auto cursor = credentials::from_base64url(request.query_value("cursor").value_or(""));
  if (!cursor)
    return reply_error(request, reply, core::invalid_input("?cursor", "must be the `next` of an earlier page"));
  store::DocumentQuery query;
  query.tenant = "system";
  query.kind = std::string(kind);
  query.status = std::string(request.query_value("status").value_or(""));
  query.limit = *limit;
  query.after = *cursor;
  auto page = Reads(behind, core::system_principal()).documents(query);
  if (!page) return reply_error(request, reply, page.error());
  std::string out;
  core::JsonWriter writer(out);
  writer.object().key("items").array();
  for (const auto& document : page->items)
    if (const auto text = item(document); !text.empty()) writer.raw(text);
  writer.end();
  if (!page->next.empty()) writer.field("next", credentials::to_base64url(page->next));
  writer.end();
  reply(json(200, std::move(out)));
}

core::Result<core::EntityKey> named(const Request& request, std::string_view kind) {
  core::EntityKey key{"system", std::string(kind), request.param("id")};
  if (!core::is_name(key.id)) return not_found(key);
  return key;
}

std::string schema_of(std::string_view kind, std::string_view command) {
  const auto* found = core::find_kind(kind);
  return core::to_json_schema(*found->commands.at(std::size_t(found->command_row(command))).type);
}

Route row(std::string method, std::string pattern, std::string summary, std::function<void(Request, Reply)> handle) {
  Route route;
  route.method = std::move(method);
  route.pattern = std::move(pattern);
  route.summary = std::move(summary);
  route.tag = "ai";
  route.access = std::nullopt;
  route.handle = std::move(handle);
  return route;
}

Route with_body(Route route, std::string schema) {
  route.body = Body::json;
  route.body_bytes_max = body_bytes_max;
  route.body_schema = std::move(schema);
  route.query.push_back({"dry_run", "decide and answer, change nothing", "boolean"});
  return route;
}

}  // namespace ai
}  // namespace nova::gateway
