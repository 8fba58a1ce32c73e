// Webhooks (S22): what needs a route of its own, since a caller chooses no secret and the address is judged by what the
// node may reach; and the paths that the documents name. The secret stands in one answer, and sealed in the vault.
#include "core/json.hpp"
#include "gateway/routes/commands.hpp"
#include "gateway/routes/pages.hpp"
#include "gateway/routes/routes.hpp"
#include "gateway/signin/auth.hpp"
#include "governance/credentials/webhook_signature.hpp"

#include <set>

namespace nova::gateway {

// The bodies, beside their descriptions, which are found through the namespace.
namespace webhooks {

using core::field;
using core::optional_field;
using core::record;

struct CreateBody {
  core::Text<8, 2048, core::Shape::line> url;
  std::set<core::Text<1, 64, core::Shape::line>> events;
  core::Label description;
  core::Bounded<0, 10> retries{3};
  core::Bounded<1, 3600> retry_every_s{60};
};
struct UpdateBody {
  std::optional<core::Text<8, 2048, core::Shape::line>> url;
  std::set<core::Text<1, 64, core::Shape::line>> events;
  std::optional<core::Label> description;
  std::optional<core::Bounded<0, 10>> retries;
  std::optional<core::Bounded<1, 3600>> retry_every_s;
};
struct RotateBody {
  core::Bounded<0, 7 * 24 * 3600> grace_s{24 * 3600};
};

const core::Record& describe(const CreateBody*) {
  static const auto row = record<CreateBody>(
      "webhook_creation", "A new endpoint.",
      {field("url", &CreateBody::url, "where events go, https or http, a public address"),
       field("events", &CreateBody::events, "types of events, for example API_KEY_CREATED"),
       optional_field("description", &CreateBody::description, "for people"),
       optional_field("retries", &CreateBody::retries, "how often a delivery is tried again"),
       optional_field("retry_every_s", &CreateBody::retry_every_s, "seconds between tries, at least")});
  return row;
}
const core::Record& describe(const UpdateBody*) {
  static const auto row = record<UpdateBody>(
      "webhook_update", "What is left out stays.",
      {field("url", &UpdateBody::url, "where events go"), field("events", &UpdateBody::events, "types of events"),
       field("description", &UpdateBody::description, "for people"),
       field("retries", &UpdateBody::retries, "how often a delivery is tried again"),
       field("retry_every_s", &UpdateBody::retry_every_s, "seconds between tries, at least")});
  return row;
}
const core::Record& describe(const RotateBody*) {
  static const auto row =
      record<RotateBody>("webhook_rotation", "Another secret.",
                         {optional_field("grace_s", &RotateBody::grace_s,
                                         "seconds for which the one before signs too; 24 hours when left out")});
  return row;
}

}  // namespace webhooks

namespace {

constexpr core::Access managing{
    .capability = "api_keys.manage", .permission = "platform:configure", .scope = "webhooks.manage"};
constexpr core::Access reading{
    .capability = "api_keys.manage", .permission = "platform:read", .scope = "webhooks.read"};
constexpr std::string_view kind_name = "webhook_endpoint";
// Each event of a tenant is one delivery to each of them.
constexpr std::size_t endpoints_max = 50;

core::Status may(Behind& behind, const Request& request, const core::Access& access, const std::string& tenant) {
  return behind.guard.may_read(request.principal, access, tenant);
}

core::Status judge_url(Behind& behind, const std::string& url) {
  const auto& judge = behind.options.providers.judge_url;
  if (!judge) return core::unavailable("webhook.unavailable", "this node sends no webhooks");
  auto fine = judge(url);
  if (fine) return fine;
  auto error = std::move(fine).error();
  if (error.code == "http.private_address") error.code = "webhook.private_address";
  if (error.code == "http.url_invalid" || error.code == "http.url_credentials") {
    auto invalid = core::invalid_input("url", error.message);
    invalid.remedy = error.remedy;
    return invalid;
  }
  return error;
}

core::Status has_room(Behind& behind, const Request& request, const std::string& tenant) {
  store::DocumentQuery query;
  query.tenant = tenant;
  query.kind = kind_name;
  query.limit = page_items_max;
  std::size_t count = 0;
  do {
    auto page = reads_for(behind, request).documents(query);
    if (!page) return std::move(page).error();
    for (const auto& document : page->items) count += document.status == "deleted" ? 0 : 1;
    query.after = std::move(page->next);
  } while (!query.after.empty());
  if (count < endpoints_max) return core::ok();
  return core::refusal("webhook.limit", "a tenant has at most " + std::to_string(endpoints_max) + " endpoints")
      .fix("delete one that is not needed any more");
}

// ---- making and rotating

void submit_secret(Behind& behind, core::CommandEnvelope command, credentials::WebhookSecret secret, int status,
                   const std::string& request_id, const Reply& reply) {
  const auto id = command.target.id;
  auto kept = std::make_shared<credentials::WebhookSecret>(std::move(secret));
  const auto write = [kept](core::JsonWriter& writer) { writer.field("secret", kept->text().view()); };
  auto again =
      core::refusal("webhook.already_shown", "this request was carried out before, and the secret was shown then")
          .fix("rotate it to get another: POST /v1/tenants/" + command.target.tenant + "/webhook_endpoints/" + id +
               "/rotate");
  submit_shown_once(behind, std::move(command), {write, std::move(again), status}, request_id, reply);
}

void create(Behind& behind, const Request& request, const Reply& reply) {
  auto tenant = named_tenant(request);
  if (!tenant) return reply_error(request, reply, tenant.error());
  auto body = body_of<webhooks::CreateBody>(request, reply);
  if (!body) return;
  if (auto fine = may(behind, request, managing, *tenant); !fine) return reply_error(request, reply, fine.error());
  if (auto fine = judge_url(behind, body->url); !fine) return reply_error(request, reply, fine.error());
  if (auto fine = has_room(behind, request, *tenant); !fine) return reply_error(request, reply, fine.error());
  auto command = envelope_of(behind, request,
                             {*tenant, std::string(kind_name), made_id(behind, request, kind_name, *tenant)}, "create");
  if (!command) return reply_error(request, reply, command.error());
  auto secret = credentials::WebhookSecret::make();
  command->body.clear();
  core::JsonWriter writer(command->body);
  writer.object().field("url", std::string_view(body->url)).field("secret", secret.text().view()).key("events").array();
  for (const auto& event : body->events) writer.value(std::string_view(event));
  writer.end()
      .field("description", std::string_view(body->description))
      .field("retries", std::int64_t(body->retries))
      .field("retry_every_s", std::int64_t(body->retry_every_s))
      .end();
  submit_secret(behind, std::move(*command), std::move(secret), 201, request.id, reply);
}

core::Result<core::CommandEnvelope> command_to(Behind& behind, const Request& request, std::string_view kind,
                                               std::string name) {
  auto tenant = named_tenant(request);
  if (!tenant) return std::move(tenant).error();
  core::EntityKey target{*tenant, std::string(kind), request.param("id")};
  if (!core::is_name(target.id)) return not_found(target);
  return envelope_of(behind, request, std::move(target), std::move(name));
}

void submit(Behind& behind, core::CommandEnvelope command, const Request& request, const Reply& reply) {
  behind.host.submit(std::move(command), [reply, id = request.id](core::Result<host::Answer> answer) {
    reply(answer ? answer_response(*answer) : problem(answer.error(), id));
  });
}

void rotate(Behind& behind, const Request& request, const Reply& reply) {
  auto body = body_of<webhooks::RotateBody>(request, reply);
  if (!body) return;
  auto command = command_to(behind, request, kind_name, "rotate");
  if (!command) return reply_error(request, reply, command.error());
  // Before a secret is sealed for it, which a refusal would not take back.
  if (auto fine = may(behind, request, managing, command->target.tenant); !fine)
    return reply_error(request, reply, fine.error());
  if (auto seen = existing(behind, request, command->target); !seen) return reply_error(request, reply, seen.error());
  auto secret = credentials::WebhookSecret::make();
  command->body.clear();
  core::JsonWriter(command->body)
      .object()
      .field("secret", secret.text().view())
      .field("grace_s", std::int64_t(body->grace_s))
      .end();
  submit_secret(behind, std::move(*command), std::move(secret), 200, request.id, reply);
}

void update(Behind& behind, const Request& request, const Reply& reply) {
  auto body = body_of<webhooks::UpdateBody>(request, reply);
  if (!body) return;
  auto command = command_to(behind, request, kind_name, "update");
  if (!command) return reply_error(request, reply, command.error());
  if (auto fine = may(behind, request, managing, command->target.tenant); !fine)
    return reply_error(request, reply, fine.error());
  if (body->url)
    if (auto fine = judge_url(behind, *body->url); !fine) return reply_error(request, reply, fine.error());
  submit(behind, std::move(*command), request, reply);
}

// ---- the paths that the documents name

void run(Behind& behind, std::string_view kind, const std::string& name, const Request& request, const Reply& reply) {
  auto command = command_to(behind, request, kind, name);
  if (!command) return reply_error(request, reply, command.error());
  submit(behind, std::move(*command), request, reply);
}

void remove(Behind& behind, const Request& request, const Reply& reply) {
  auto command = command_to(behind, request, kind_name, "delete");
  if (!command) return reply_error(request, reply, command.error());
  command->body.clear();
  core::JsonWriter(command->body)
      .object()
      .field("reason", request.query_value("reason").value_or("deleted through the API"))
      .end();
  submit(behind, std::move(*command), request, reply);
}

// `endpoint`: its deliveries; empty: endpoints.
void list(Behind& behind, const Request& request, const Reply& reply, const std::string& endpoint) {
  auto tenant = named_tenant(request);
  if (!tenant) return reply_error(request, reply, tenant.error());
  if (auto fine = may(behind, request, reading, *tenant); !fine) return reply_error(request, reply, fine.error());
  store::DocumentQuery query;
  query.tenant = *tenant;
  query.kind = endpoint.empty() ? kind_name : std::string_view("webhook_delivery");
  if (!endpoint.empty()) {
    const core::EntityKey key{*tenant, std::string(kind_name), endpoint};
    if (!core::is_name(endpoint)) return reply_error(request, reply, not_found(key));
    if (auto seen = existing(behind, request, key); !seen) return reply_error(request, reply, seen.error());
    query.parent = std::string(kind_name) + "/" + endpoint;
  }
  // A delivery holds what is sent, up to some 50 KiB of it with its attempts.
  reply_page(reads_for(behind, request), request, reply, std::move(query), shown_item(behind),
             endpoint.empty() ? page_items_max : page_items_default);
}

// ---- rows

const QueryParam which_tenant{"tenant", "whose webhooks; the header X-Tenant-Id says the same"};
const QueryParam dry_run{"dry_run", "decide and answer, change nothing", "boolean"};

Route row(std::string method, std::string pattern, std::string summary, std::vector<QueryParam> query,
          std::function<void(Request, Reply)> handle, const core::Type* body = nullptr) {
  Route route;
  route.method = std::move(method);
  route.pattern = std::move(pattern);
  route.summary = std::move(summary);
  route.tag = "webhook_endpoints";
  route.query = std::move(query);
  route.access = std::nullopt;  // judged by the handler or by the gate
  route.handle = std::move(handle);
  if (route.method == "POST") {
    route.body = Body::json;
    route.body_bytes_max = auth_bytes_max;
  }
  if (body) route.body_schema = core::to_json_schema(*body);
  return route;
}

// `query` names the tenant where the path does not.
void add_making(Router& router, Behind& behind, const std::string& path, std::vector<QueryParam> query) {
  query.push_back(dry_run);
  router.add(row(
      "POST", path, "Makes an endpoint; its secret is in this answer and in no other", query,
      [&behind](Request request, Reply reply) { create(behind, request, reply); },
      core::type_of<webhooks::CreateBody>()));
  router.add(row(
      "POST", path + "/{id}/update", "Changes an endpoint; what is left out stays", query,
      [&behind](Request request, Reply reply) { update(behind, request, reply); },
      core::type_of<webhooks::UpdateBody>()));
  router.add(row(
      "POST", path + "/{id}/rotate", "Another secret; both sign for a while", std::move(query),
      [&behind](Request request, Reply reply) { rotate(behind, request, reply); },
      core::type_of<webhooks::RotateBody>()));
}

}  // namespace

void add_webhooks(Router& router, Behind& behind) {
  const std::string path = "/api/api-keys/webhooks";
  const std::vector<QueryParam> paging = {which_tenant,
                                          {"status", "only those in this status"},
                                          {"limit", "1 to 1000, deliveries 1 to 100; 100 when left out", "integer"},
                                          {"cursor", "the `next` of the page before"}};
  add_making(router, behind, "/v1/tenants/{tenant}/webhook_endpoints", {});
  add_making(router, behind, path, {which_tenant});
  router.add(row("GET", path, "Lists endpoints, without secrets", paging,
                 [&behind](Request request, Reply reply) { list(behind, request, reply, {}); }));
  router.add(row("GET", path + "/{id}/deliveries", "What was sent to an endpoint, with each attempt", paging,
                 [&behind](Request request, Reply reply) { list(behind, request, reply, request.param("id")); }));
  router.add(
      row("GET", path + "/events", "Types of events, and what each stands for", {}, [&behind](Request, Reply reply) {
        reply(json(200, "{\"items\":" + behind.options.providers.webhook_events + "}"));
      }));
  router.add(row("DELETE", path + "/{id}", "Ends an endpoint for good", {which_tenant, {"reason", "why"}, dry_run},
                 [&behind](Request request, Reply reply) { remove(behind, request, reply); }));
  struct Verb {
    const char *name, *summary;
  };
  for (const auto& verb :
       {Verb{"pause", "Sends nothing for a while; what happens meanwhile waits"},
        Verb{"resume", "Sends again, first what waits"}, Verb{"test", "Sends an event of the type TEST"}})
    router.add(row("POST", path + "/{id}/" + verb.name, verb.summary, {which_tenant, dry_run},
                   [&behind, name = std::string(verb.name)](Request request, Reply reply) {
                     run(behind, kind_name, name, request, reply);
                   }));
  router.add(
      row("POST", path + "/deliveries/{id}/redeliver", "Sends it again, under the same id", {which_tenant, dry_run},
          [&behind](Request request, Reply reply) { run(behind, "webhook_delivery", "redeliver", request, reply); }));
}

}  // namespace nova::gateway
