// API keys (S22): what needs a route of its own, since a caller may choose neither a key's secret nor its hash. The
// secret stands in one answer and nowhere else: commands, events and documents hold its keyed hash.
#include "core/authority/api_keys.hpp"
#include "actors/api_key/api_key.hpp"
#include "core/authority/authority.hpp"
#include "core/json.hpp"
#include "gateway/routes/commands.hpp"
#include "gateway/routes/pages.hpp"
#include "gateway/routes/routes.hpp"
#include "gateway/signin/auth.hpp"
#include "governance/authority/judge.hpp"
#include "governance/credentials/digest.hpp"
#include "governance/credentials/token.hpp"

#include <algorithm>
#include <functional>
#include <set>

namespace nova::gateway {

// The bodies, beside their descriptions, which are found through the namespace.
namespace api_keys {

using core::field;
using core::optional_field;
using core::record;
using Count = core::Bounded<1, 1'000'000'000>;

struct Limits {
  Count per_minute{60};
  Count per_hour{1000};
  Count per_day{10000};
};
struct CreateBody {
  core::Text<1, 255, core::Shape::line> name;
  std::set<core::Text<1, 64, core::Shape::line>> scopes;
  core::Text<0, 128, core::Shape::name> user;
  core::Text<1, 16, core::Shape::line> rate_tier{"standard"};
  Limits limits;
  std::optional<core::Timestamp> expires_at;
  core::Text<0, 128, core::Shape::name> agent;
};

const core::Record& describe(const Limits*) {
  static const auto row = record<Limits>("key_limits", "How many requests it may make.",
                                         {optional_field("per_minute", &Limits::per_minute, "in a minute"),
                                          optional_field("per_hour", &Limits::per_hour, "in an hour"),
                                          optional_field("per_day", &Limits::per_day, "in a day")});
  return row;
}
const core::Record& describe(const CreateBody*) {
  static const auto row = record<CreateBody>(
      "key_creation", "A new key.",
      {field("name", &CreateBody::name, "its name for people"),
       field("scopes", &CreateBody::scopes, "what it is for, `area.verb`"),
       optional_field("user", &CreateBody::user, "whose rights bound it; left out: the caller's own"),
       optional_field("rate_tier", &CreateBody::rate_tier, "standard, premium or unlimited"),
       optional_field("limits", &CreateBody::limits, "how many requests it may make"),
       field("expires_at", &CreateBody::expires_at, "when it ends, at most 365 days ahead; none: in 90 days"),
       optional_field("agent", &CreateBody::agent, "the AI agent that it signs in; the owner alone says so")});
  return row;
}

}  // namespace api_keys

namespace {

using api_keys::CreateBody;

constexpr core::Access managing{
    .capability = "api_keys.manage", .permission = "platform:configure", .scope = "api_keys.manage"};
constexpr core::Access reading{
    .capability = "api_keys.manage", .permission = "platform:read", .scope = "api_keys.read"};

// ---- which key

core::Status may(Behind& behind, const Request& request, const core::Access& access, const std::string& tenant) {
  return behind.guard.may_read(request.principal, access, tenant);
}

std::int64_t keys_max(const authority::Book& book, const std::string& tenant) {
  const auto line = book.tenant(tenant);
  return core::api_keys_max(line ? std::string_view(line->tier) : std::string_view());
}

// ---- whose rights bound it, and its scopes

core::Result<std::string> creator_of(Behind& behind, const Request& request, const std::string& wanted) {
  const auto& book = *behind.options.identities.book;
  const auto& caller = request.principal;
  std::string own;
  if (caller.type == "user") own = caller.id;
  if (authority::is_key(caller)) {
    const auto slash = caller.id.find('/');
    if (const auto key = book.key(caller.id.substr(0, slash), caller.id.substr(slash + 1))) own = key->user;
  }
  if (!own.empty() && (wanted.empty() || wanted == own)) return own;
  const auto line = own.empty() ? std::nullopt : book.user(own);
  const bool may_name = caller.type == "service" || (caller.type == "user" && line && line->root_owner);
  if (!may_name) return core::refusal("access.denied", "a key can be made for oneself only");
  if (wanted.empty())
    return core::invalid_input("user", "must name whose rights bound the key, since the caller is nobody's account");
  if (!book.user(wanted)) return core::refusal("user.not_found", "there is no user `" + wanted + "`");
  return wanted;
}

// What commands and reads ask of keys with this scope; empty: nothing asks for it yet.
std::vector<core::Access> uses_of(std::string_view scope) {
  std::vector<core::Access> uses;
  for (const auto* kind : core::kinds()) {
    if (kind->read.scope == scope) uses.push_back(kind->read);
    for (const auto& command : kind->commands)
      if (command.access.scope == scope) uses.push_back(command.access);
  }
  return uses;
}

core::Error above(std::string_view scope, std::string_view whose) {
  auto error = core::refusal("api_key.scope_above_creator",
                             "`" + std::string(scope) + "` is more than " + std::string(whose) + " may do here");
  error.status = 403;
  return std::move(error).with("scope", std::string(scope));
}

core::Status check_scopes(Behind& behind, const Request& request, const CreateBody& body, const std::string& creator,
                          const std::string& tenant) {
  const auto& book = *behind.options.identities.book;
  std::optional<authority::KeyLine> parent;
  if (authority::is_key(request.principal))
    parent = book.key(tenant, request.principal.id.substr(request.principal.id.find('/') + 1));
  for (const auto& scope : body.scopes) {
    if (!core::is_api_scope(scope)) continue;  // the key's own rules name it
    // Else a key that manages keys could make itself a stronger one.
    if (parent && std::find(parent->scopes.begin(), parent->scopes.end(), scope) == parent->scopes.end())
      return above(scope, "the key that asks");
    const auto uses = uses_of(scope);
    const core::Principal person{creator, "user"};
    const bool any = std::any_of(uses.begin(), uses.end(), [&](core::Access access) {
      access.own = access.anyone = false;
      return authority::judge(book, {person, access, tenant, {}, behind.clock.now()}).allow;
    });
    if (!uses.empty() && !any) return above(scope, "who makes the key");
  }
  return core::ok();
}

core::Error too_many(const std::string& tenant, std::int64_t max) {
  auto error = core::refusal("api_key.limit",
                             "`" + tenant + "` has " + std::to_string(max) + " keys, which is what its tier may have");
  return std::move(error)
      .with("limit", std::to_string(max))
      .fix("revoke one that is not used, or choose a higher tier");
}

// Who signs in as an agent is under its layer's rules and in its name: the owner says who.
core::Status check_agent(Behind& behind, const Request& request, const std::string& agent) {
  if (agent.empty()) return core::ok();
  const auto& book = *behind.options.identities.book;
  const auto& caller = request.principal;
  const auto line = caller.type == "user" ? book.user(caller.id) : std::nullopt;
  if (caller.type != "service" && !(line && line->root_owner))
    return core::refusal("auth.owner_required", "only the owner makes keys for an AI agent");
  const auto found = book.agent(agent);
  if (found && found->status != "removed") return core::ok();
  return core::refusal("ai_agent.not_found", "there is no agent `" + agent + "`");
}

// ---- making and rotating

void write_mark(Behind& behind, core::JsonWriter& writer, const credentials::ApiKey& key) {
  const auto hash = credentials::keyed_hash(behind.options.identities.keys->lookup(), key.text.view());
  writer.key("mark").object().field("prefix", key.prefix).field("last_four", key.last_four).field("hash", hash).end();
}

std::string create_command(Behind& behind, const CreateBody& body, const std::string& creator,
                           const credentials::ApiKey& key, std::optional<std::int64_t> place) {
  std::string out;
  core::JsonWriter writer(out);
  writer.object().field("name", std::string_view(body.name)).field("user", creator);
  write_mark(behind, writer, key);
  writer.key("scopes").array();
  for (const auto& scope : body.scopes) writer.value(std::string_view(scope));
  writer.end().field("rate_tier", std::string_view(body.rate_tier)).raw_field("limits", core::to_json(body.limits));
  if (body.expires_at) writer.field("expires_at", core::to_rfc3339(*body.expires_at));
  if (!body.agent.empty()) writer.field("agent", std::string_view(body.agent));
  if (place) writer.field("place", *place);
  writer.end();
  return out;
}

void submit(Behind& behind, core::CommandEnvelope command, std::shared_ptr<credentials::ApiKey> kept, int status,
            const std::string& request_id, const Reply& reply,
            std::function<bool(const core::Error&)> takes_over = {}) {
  const auto id = command.target.id;
  const auto write = [kept](core::JsonWriter& writer) {
    writer.field("prefix", kept->prefix).field("last_four", kept->last_four).field("key", kept->text.view());
  };
  auto again = core::refusal("api_key.already_shown", "this request was carried out before, and the key was shown then")
                   .fix("rotate it to get another: novactl keys rotate " + id);
  submit_shown_once(behind, std::move(command), {write, std::move(again), status, std::move(takes_over)}, request_id,
                    reply);
}

// How many keys a tenant may have is its tier's: so many places, each held by one key. Of requests that come in the
// same moment, here or on other nodes, one gets a place; the others look for another one until there is none.
struct Making {
  Behind& behind;
  core::CommandEnvelope command;
  CreateBody body;
  std::string creator, request_id;
  std::shared_ptr<credentials::ApiKey> key;
  Reply reply;
  std::set<std::int64_t> tried = {};
};

void make_at(const std::shared_ptr<Making>& making, std::optional<std::int64_t> place);

void make(const std::shared_ptr<Making>& making) {
  const auto& book = *making->behind.options.identities.book;
  const auto& target = making->command.target;
  const auto max = keys_max(book, target.tenant);
  // A repeat reaches the key that it made, which needs no further place.
  if (max == core::api_keys_unlimited || book.key(target.tenant, target.id)) return make_at(making, std::nullopt);
  auto places = book.free_key_places(target.tenant, max);
  std::erase_if(places, [&](std::int64_t place) { return making->tried.contains(place); });
  if (places.empty()) return making->reply(problem(too_many(target.tenant, max), making->request_id));
  make_at(making, places[std::hash<std::string>{}(target.id) % places.size()]);
}

void make_at(const std::shared_ptr<Making>& making, std::optional<std::int64_t> place) {
  auto command = making->command;
  command.id = core::new_uuid(making->behind.clock.now());
  command.body = create_command(making->behind, making->body, making->creator, *making->key, place);
  submit(making->behind, std::move(command), making->key, 201, making->request_id, making->reply,
         [making, place](const core::Error& refused) {
           if (!place || refused.code != "api_key.place_taken") return false;
           making->tried.insert(*place);
           make(making);
           return true;
         });
}

void create(Behind& behind, const Request& request, const Reply& reply) {
  auto tenant = named_tenant(request);
  if (!tenant) return reply_error(request, reply, tenant.error());
  auto body = body_of<CreateBody>(request, reply);
  if (!body) return;
  if (auto fine = may(behind, request, managing, *tenant); !fine) return reply_error(request, reply, fine.error());
  auto creator = creator_of(behind, request, body->user);
  if (!creator) return reply_error(request, reply, creator.error());
  if (auto fine = check_scopes(behind, request, *body, *creator, *tenant); !fine)
    return reply_error(request, reply, fine.error());
  if (auto fine = check_agent(behind, request, body->agent); !fine) return reply_error(request, reply, fine.error());
  const auto id = made_id(behind, request, "api_key", *tenant);
  auto command = envelope_of(behind, request, {*tenant, "api_key", id}, "create");
  if (!command) return reply_error(request, reply, command.error());
  make(std::make_shared<Making>(Making{behind, std::move(*command), std::move(*body), std::move(*creator), request.id,
                                       std::make_shared<credentials::ApiKey>(credentials::make_api_key()), reply}));
}

void rotate(Behind& behind, const Request& request, const Reply& reply) {
  auto tenant = named_tenant(request);
  if (!tenant) return reply_error(request, reply, tenant.error());
  const core::EntityKey target{*tenant, "api_key", request.param("id")};
  if (!core::is_name(target.id)) return reply_error(request, reply, not_found(target));
  auto command = envelope_of(behind, request, target, "rotate");
  if (!command) return reply_error(request, reply, command.error());
  auto key = std::make_shared<credentials::ApiKey>(credentials::make_api_key());
  command->body.clear();
  core::JsonWriter writer(command->body);
  writer.object();
  write_mark(behind, writer, *key);
  writer.end();
  submit(behind, std::move(*command), std::move(key), 200, request.id, reply);
}

// ---- the paths that the documents name

// What each key may ask for, and how often it did.
std::string rates_json(const Behind&, const store::Document& document) {
  std::string out;
  core::JsonWriter writer(out);
  writer.object().field("id", document.key.id).field("status", document.status);
  for (const char* name : {"name", "rate_tier", "limits", "uses", "last_used_at"})
    if (const auto part = core::json_part(document.body, name)) writer.raw_field(name, *part);
  writer.end();
  return out;
}

void list(Behind& behind, const Request& request, const Reply& reply,
          std::string (*item)(const Behind&, const store::Document&)) {
  auto tenant = named_tenant(request);
  if (!tenant) return reply_error(request, reply, tenant.error());
  if (auto fine = may(behind, request, reading, *tenant); !fine) return reply_error(request, reply, fine.error());
  store::DocumentQuery query;
  query.tenant = *tenant;
  query.kind = "api_key";
  reply_page(reads_for(behind, request), request, reply, std::move(query),
             [&](const store::Document& document) { return item(behind, document); });
}

void revoke(Behind& behind, const Request& request, const Reply& reply) {
  auto tenant = named_tenant(request);
  if (!tenant) return reply_error(request, reply, tenant.error());
  const core::EntityKey target{*tenant, "api_key", request.param("id")};
  if (!core::is_name(target.id)) return reply_error(request, reply, not_found(target));
  auto command = envelope_of(behind, request, target, "revoke");
  if (!command) return reply_error(request, reply, command.error());
  command->body.clear();
  core::JsonWriter(command->body)
      .object()
      .field("reason", request.query_value("reason").value_or("deleted through the API"))
      .end();
  behind.host.submit(std::move(*command), [reply, id = request.id](core::Result<host::Answer> answer) {
    reply(answer ? answer_response(*answer) : problem(answer.error(), id));
  });
}

// What is known of its use: the state's own counters.
void usage(Behind& behind, const Request& request, const Reply& reply) {
  auto tenant = named_tenant(request);
  if (!tenant) return reply_error(request, reply, tenant.error());
  if (auto fine = may(behind, request, reading, *tenant); !fine) return reply_error(request, reply, fine.error());
  const core::EntityKey key{*tenant, "api_key", request.param("id")};
  if (!core::is_name(key.id)) return reply_error(request, reply, not_found(key));
  auto seen = existing(behind, request, key);
  if (!seen) return reply_error(request, reply, seen.error());
  const auto& body = seen->document->body;
  std::string out;
  core::JsonWriter writer(out);
  writer.object().field("id", key.id).field("status", seen->document->status);
  for (const char* name : {"uses", "last_used_at", "last_used_from", "limits", "rate_tier"})
    if (const auto part = core::json_part(body, name)) writer.raw_field(name, *part);
  writer.end();
  reply(json(200, std::move(out)));
}

// What a key of this tenant can be like.
void config(Behind& behind, const Request& request, const Reply& reply) {
  auto tenant = named_tenant(request);
  if (!tenant) return reply_error(request, reply, tenant.error());
  if (auto fine = may(behind, request, reading, *tenant); !fine) return reply_error(request, reply, fine.error());
  const auto& book = *behind.options.identities.book;
  std::string out;
  core::JsonWriter writer(out);
  writer.object().field("tenant", *tenant).field("keys", book.keys_of(*tenant));
  writer.field("keys_max", keys_max(book, *tenant)).key("scopes").array();
  for (const auto scope : core::api_scopes()) writer.value(scope);
  writer.end().key("rate_tiers").array();
  const auto* kind = core::find_kind("api_key");
  const auto* tiers = kind ? kind->state->record().find("rate_tier") : nullptr;
  if (tiers)
    for (const auto tier : *tiers->type->names) writer.value(tier);
  writer.end().raw_field("limits", core::to_json(api_keys::Limits{}));
  writer.field("grace_seconds", std::chrono::seconds(api_key::grace).count());
  writer.field("life_default_seconds", std::chrono::seconds(api_key::life_default).count());
  writer.field("life_max_seconds", std::chrono::seconds(api_key::life_max).count());
  writer.field("uses_told_every_seconds", std::chrono::seconds(api_key::use_interval).count()).end();
  reply(json(200, std::move(out)));
}

// What was done with the tenant's keys, or with one of them; the newest first.
void audit_logs(Behind& behind, const Request& request, const Reply& reply) {
  auto tenant = named_tenant(request);
  if (!tenant) return reply_error(request, reply, tenant.error());
  if (auto fine = may(behind, request, reading, *tenant); !fine) return reply_error(request, reply, fine.error());
  const auto limit = number_query(request, "limit", page_items_default, 1, page_items_max);
  if (!limit) return reply_error(request, reply, limit.error());
  const auto before = number_query(request, "before", 0, 0, INT64_MAX);
  if (!before) return reply_error(request, reply, before.error());
  const auto text = [&](std::string_view name) { return std::string(request.query_value(name).value_or("")); };
  auto events = reads_for(behind, request).read_back(*before, {*tenant, "api_key", text("id"), text("type")}, *limit);
  if (!events) return reply_error(request, reply, events.error());
  std::string out;
  core::JsonWriter writer(out);
  writer.object().key("items").array();
  for (const auto& event : *events) writer.raw(event_json(event));
  writer.end();
  if (events->size() == *limit) writer.field("next", events->back().position);
  writer.end();
  reply(json(200, std::move(out)));
}

std::string scopes_json() {
  std::string out;
  core::JsonWriter writer(out);
  writer.object().key("items").array();
  for (const auto scope : core::api_scopes()) writer.value(scope);
  writer.end().end();
  return out;
}

// ---- rows

const QueryParam which_tenant{"tenant", "whose keys; the header X-Tenant-Id says the same"};
const QueryParam dry_run{"dry_run", "decide and answer, change nothing", "boolean"};

Route row(std::string method, std::string pattern, std::string summary, std::vector<QueryParam> query,
          std::function<void(Request, Reply)> handle) {
  Route route;
  route.method = std::move(method);
  route.pattern = std::move(pattern);
  route.summary = std::move(summary);
  route.tag = "api_keys";
  route.query = std::move(query);
  route.access = std::nullopt;  // judged by the handler or by the gate
  route.handle = std::move(handle);
  return route;
}

// `query` names the tenant where the path does not.
void add_making(Router& router, Behind& behind, const std::string& list_path, std::vector<QueryParam> query) {
  query.push_back(dry_run);
  auto made = row("POST", list_path, "Makes a key; its secret is in this answer and in no other", query,
                  [&behind](Request request, Reply reply) { create(behind, request, reply); });
  made.body = Body::json;
  made.vault = true;
  made.body_bytes_max = auth_bytes_max;
  made.body_schema = core::to_json_schema(*core::type_of<CreateBody>());
  router.add(std::move(made));
  auto turned = row("POST", list_path + "/{id}/rotate", "Another secret; the one before stays good for 24 hours",
                    std::move(query), [&behind](Request request, Reply reply) { rotate(behind, request, reply); });
  turned.body = Body::json;
  turned.vault = true;
  turned.body_bytes_max = auth_bytes_max;
  router.add(std::move(turned));
}

}  // namespace

void add_api_keys(Router& router, Behind& behind) {
  add_making(router, behind, "/v1/tenants/{tenant}/api_keys", {});
  add_making(router, behind, "/api/api-keys", {which_tenant});
  const std::vector<QueryParam> paged{which_tenant,
                                      {"status", "only those in this status"},
                                      {"limit", "1 to 1000; 100 when left out", "integer"},
                                      {"cursor", "the `next` of the page before"}};
  router.add(row("GET", "/api/api-keys", "Lists keys, without secrets", paged,
                 [&behind](Request request, Reply reply) { list(behind, request, reply, item_json); }));
  router.add(row("GET", "/api/api-keys/rate-limits", "What each key may ask for, and how often it did", paged,
                 [&behind](Request request, Reply reply) { list(behind, request, reply, rates_json); }));
  router.add(row("GET", "/api/api-keys/config", "What a tenant's keys can be like, and how many there may be",
                 {which_tenant}, [&behind](Request request, Reply reply) { config(behind, request, reply); }));
  router.add(row("GET", "/api/api-keys/audit-logs", "What was done with a tenant's keys, the newest first",
                 {which_tenant,
                  {"id", "of one key"},
                  {"type", "of the event: `api_key.revoked`"},
                  {"limit", "1 to 1000; 100 when left out", "integer"},
                  {"before", "the `next` of the page before", "integer"}},
                 [&behind](Request request, Reply reply) { audit_logs(behind, request, reply); }));
  router.add(row("DELETE", "/api/api-keys/{id}", "Ends a key for good", {which_tenant, {"reason", "why"}, dry_run},
                 [&behind](Request request, Reply reply) { revoke(behind, request, reply); }));
  router.add(row("GET", "/api/api-keys/{id}/usage", "How often a key was used", {which_tenant},
                 [&behind](Request request, Reply reply) { usage(behind, request, reply); }));
  router.add(row("GET", "/api/api-keys/scopes", "What a key can be for", {},
                 [](Request, Reply reply) { reply(json(200, scopes_json())); }));
}

}  // namespace nova::gateway
