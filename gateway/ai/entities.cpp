#include "gateway/ai/entities.hpp"

#include "gateway/routes/pages.hpp"
#include "governance/authority/judge.hpp"

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
  store::DocumentQuery query;
  query.tenant = "system";
  query.kind = std::string(kind);
  reply_page(Reads(behind, core::system_principal()), request, reply, std::move(query), item);
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
