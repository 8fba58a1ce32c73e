// The vault under the paths that its documents name (S51): secrets by their path in the tenant, where the other routes
// know them by id. A value goes in and is never answered.
#include "core/json.hpp"
#include "gateway/routes/commands.hpp"
#include "gateway/routes/pages.hpp"
#include "gateway/routes/routes.hpp"
#include "gateway/signin/auth.hpp"

namespace nova::gateway {
namespace {

constexpr std::string_view kind_name = "secret";
constexpr std::string_view base = "/api/vault/secrets";
constexpr std::string_view rotate_end = "/rotate";

core::Error no_secret(std::string_view path) {
  return core::refusal("secret.not_found", "there is no secret at `" + core::printable(path) + "`");
}

// Who may not read secrets is not told which paths are taken.
core::Result<core::EntityKey> secret_at(Behind& behind, const Request& request, const std::string& path) {
  auto tenant = named_tenant(request);
  if (!tenant) return std::move(tenant).error();
  if (auto fine = behind.guard.may_read(request.principal, core::find_kind(kind_name)->read, *tenant); !fine)
    return std::move(fine).error();
  auto holder = behind.store.claim_holder("secret-path/" + *tenant + "/" + path);
  if (!holder) return std::move(holder).error();
  if (!*holder) return no_secret(path);
  return **holder;
}

void submit(Behind& behind, const Request& request, const Reply& reply, core::EntityKey target, std::string name,
            std::string body = {}) {
  auto command = envelope_of(behind, request, std::move(target), std::move(name));
  if (!command) return reply_error(request, reply, command.error());
  if (!body.empty()) command->body = std::move(body);
  behind.host.submit(std::move(*command), [reply, id = request.id](core::Result<host::Answer> answer) {
    reply(answer ? answer_response(*answer) : problem(answer.error(), id));
  });
}

void create(Behind& behind, const Request& request, const Reply& reply) {
  auto tenant = named_tenant(request);
  if (!tenant) return reply_error(request, reply, tenant.error());
  if (auto fine = behind.guard.may_read(request.principal, core::access::securing, *tenant); !fine)
    return reply_error(request, reply, fine.error());
  const auto id = made_id(behind, request, kind_name, *tenant);
  submit(behind, request, reply, {*tenant, std::string(kind_name), id}, "create");
}

void show(Behind& behind, const Request& request, const Reply& reply) {
  auto key = secret_at(behind, request, request.param("path"));
  if (!key) return reply_error(request, reply, key.error());
  auto seen = existing(behind, request, *key);
  if (!seen) return reply_error(request, reply, seen.error());
  reply(json(200, item_json(behind, *seen->document)));
}

void act(Behind& behind, const Request& request, const Reply& reply) {
  const auto& path = request.param("path");
  if (!path.ends_with(rotate_end) || path.size() == rotate_end.size())
    return reply_error(request, reply,
                       core::refusal("http.not_found", "a secret's path takes `/rotate` behind it, and nothing else")
                           .fix("POST " + std::string(base) + "/{path}/rotate"));
  auto key = secret_at(behind, request, path.substr(0, path.size() - rotate_end.size()));
  if (!key) return reply_error(request, reply, key.error());
  submit(behind, request, reply, std::move(*key), "rotate");
}

void update(Behind& behind, const Request& request, const Reply& reply) {
  auto key = secret_at(behind, request, request.param("path"));
  if (!key) return reply_error(request, reply, key.error());
  submit(behind, request, reply, std::move(*key), "rotate");
}

void remove(Behind& behind, const Request& request, const Reply& reply) {
  auto key = secret_at(behind, request, request.param("path"));
  if (!key) return reply_error(request, reply, key.error());
  std::string body;
  core::JsonWriter(body)
      .object()
      .field("reason", request.query_value("reason").value_or("deleted through the API"))
      .end();
  submit(behind, request, reply, std::move(*key), "destroy", std::move(body));
}

void list(Behind& behind, const Request& request, const Reply& reply) {
  auto tenant = named_tenant(request);
  if (!tenant) return reply_error(request, reply, tenant.error());
  if (auto fine = behind.guard.may_read(request.principal, core::find_kind(kind_name)->read, *tenant); !fine)
    return reply_error(request, reply, fine.error());
  store::DocumentQuery query;
  query.tenant = *tenant;
  query.kind = kind_name;
  reply_page(reads_for(behind, request), request, reply, std::move(query), shown_item(behind));
}

// ---- rows

const QueryParam which_tenant{"tenant", "whose secrets; the header X-Tenant-Id says the same"};
const QueryParam dry_run{"dry_run", "decide and answer, change nothing", "boolean"};

Route row(Behind& behind, std::string method, std::string pattern, std::string summary, std::vector<QueryParam> query,
          void (*handle)(Behind&, const Request&, const Reply&), std::string_view command = {}) {
  Route route;
  route.method = std::move(method);
  route.pattern = std::move(pattern);
  route.summary = std::move(summary);
  route.tag = "secrets";
  route.query = std::move(query);
  route.access = std::nullopt;  // judged by the handler or by the gate
  route.handle = [&behind, handle](const Request& request, const Reply& reply) { handle(behind, request, reply); };
  if (command.empty()) return route;
  route.body = Body::json;
  route.vault = true;
  route.body_bytes_max = auth_bytes_max;
  for (const auto& known : core::find_kind(kind_name)->commands)
    if (known.name == command) route.body_schema = core::to_json_schema(*known.type);
  return route;
}

}  // namespace

void add_vault(Router& router, Behind& behind) {
  if (core::find_kind(kind_name) == nullptr) return;
  const std::string one = std::string(base) + "/{path*}";
  const std::vector<QueryParam> acting{which_tenant, dry_run};
  router.add(row(behind, "GET", "/api/vault/list", "Lists secrets, without values",
                 {which_tenant,
                  {"status", "only those in this status"},
                  {"limit", "1 to 1000; 100 when left out", "integer"},
                  {"cursor", "the `next` of the page before"}},
                 list));
  router.add(row(behind, "POST", std::string(base), "Keeps a value in the vault", acting, create, "create"));
  router.add(row(behind, "GET", one, "A secret and its versions, without values", {which_tenant}, show));
  router.add(row(behind, "PATCH", one, "Another value, as its next version", acting, update, "rotate"));
  router.add(row(behind, "POST", one, "With `/rotate` behind the path: another value, as its next version", acting, act,
                 "rotate"));
  router.add(row(behind, "DELETE", one, "Erases all its versions, for good", {which_tenant, {"reason", "why"}, dry_run},
                 remove));
}

}  // namespace nova::gateway
