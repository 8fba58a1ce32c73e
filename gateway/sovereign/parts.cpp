#include "gateway/sovereign/parts.hpp"

#include "core/describe/codec.hpp"
#include "core/governor/policy.hpp"
#include "gateway/access.hpp"
#include "gateway/routes/pages.hpp"
#include "gateway/signin/step_up.hpp"
#include "gateway/sovereign/sovereign.hpp"
#include "governance/authority/judge.hpp"

#include <nlohmann/json.hpp>

namespace nova::gateway {

void add_sovereign(Router& router, Behind& behind) {
  sovereign::add_decisions(router, behind);
  sovereign::add_policies(router, behind);
  sovereign::add_emergency(router, behind);
}

namespace sovereign {

using Json = nlohmann::ordered_json;

namespace {

const QueryParam whose{"tenant", "whose; the installation's own when left out"};

core::Result<std::string> place_of(const Request& request) {
  auto tenant = gateway::tenant_of(request);
  if (tenant.empty()) return std::string("system");
  if (!core::is_name(tenant, 63)) return core::invalid_input("?tenant", "is no tenant's name");
  return tenant;
}

}  // namespace

const core::Access owner_only{};

const std::vector<QueryParam> paged{whose,
                                    {"status", "only those in this status"},
                                    {"limit", "1 to 1000; 100 when left out", "integer"},
                                    {"cursor", "the `next` of the page before"}};

core::Result<core::EntityKey> target_of(const Request& request, std::string_view kind) {
  auto tenant = place_of(request);
  if (!tenant) return std::move(tenant).error();
  core::EntityKey key{std::move(*tenant), std::string(kind), request.param("id")};
  if (!core::is_name(key.id)) return not_found(key);
  return key;
}

core::Result<core::EntityKey> new_target(Behind& behind, const Request& request, std::string_view kind) {
  auto tenant = place_of(request);
  if (!tenant) return std::move(tenant).error();
  auto id = made_id(behind, request, kind, *tenant);
  return core::EntityKey{std::move(*tenant), std::string(kind), std::move(id)};
}

core::Result<std::vector<std::string>> active_policies(Behind& behind) {
  const auto unknown = [](std::string message) {
    return core::unavailable("decision.policies_unavailable", std::move(message));
  };
  std::vector<std::string> ids;
  store::DocumentQuery query;
  query.tenant = "system";
  query.kind = "policy";
  query.status = "active";
  query.limit = core::policies_max;
  const Reads reads(behind, core::system_principal());
  do {
    auto page = reads.documents(query);
    if (!page) return unknown("the policies in force cannot be read now");
    for (const auto& document : page->items) ids.push_back(document.key.id);
    if (ids.size() > core::policies_max) return unknown("there are more policies in force than can be looked at");
    query.after = std::move(page->next);
  } while (!query.after.empty());
  return ids;
}

std::string person_behind(Behind& behind, const core::Principal& principal) {
  if (!authority::is_key(principal)) return {};
  const auto key = authority::key_of(*behind.options.identities.book, principal);
  return key ? key->user : std::string();
}

void send(Behind& behind, const Request& request, core::EntityKey key, const std::string& command,
          const std::string& over, const Reply& reply, int status, const core::Access* needed) {
  const auto body = core::json_merge(request.body.empty() ? "{}" : request.body, over);
  if (!body) return reply_error(request, reply, core::invalid_input("", "must be a JSON object"));
  auto envelope = envelope_of(behind, request, std::move(key), command);
  if (!envelope) return reply_error(request, reply, envelope.error());
  envelope->body = *body;
  auto lacks = needed ? behind.guard.may_read(request.principal, *needed, {}) : core::ok();
  behind.host.submit(std::move(*envelope), [reply, status, lacks = std::move(lacks),
                                            id = request.id](core::Result<host::Answer> answer) {
    if (!answer) return reply(problem(answer.error().status == 404 && !lacks ? lacks.error() : answer.error(), id));
    auto response = answer_response(*answer);
    if (response.status == 200) response.status = status;
    reply(std::move(response));
  });
}

void with_factor(Behind& behind, Request request, const Reply& reply,
                 std::function<void(Request, const std::string&)> go) {
  auto body = Json::parse(request.body.empty() ? "{}" : request.body, nullptr, false);
  if (!body.is_object()) return reply_error(request, reply, core::invalid_input("", "must be a JSON object"));
  std::string code;
  if (const auto at = body.find("code"); at != body.end()) {
    if (!at->is_string()) return reply_error(request, reply, core::invalid_input("code", "must be a text"));
    code = at->get<std::string>();
    body.erase(at);
  }
  request.body = body.dump();
  const auto& identity = behind.options.identities.identity;
  const bool by_passkey =
      request.principal.type == "user" && identity && identity->passkeys().alone_counts_for(request.principal.id);
  if (code.empty() && !by_passkey) return go(std::move(request), {});
  const auto asked = std::make_shared<Request>(std::move(request));
  prove_fresh(behind, *asked, code, [asked, reply, code, go = std::move(go)](core::Result<std::string> factor) {
    // Without a code nothing was claimed: the entity says whether it needs a proof.
    if (!factor && !code.empty()) return reply_error(*asked, reply, factor.error());
    go(std::move(*asked), factor ? *factor : std::string());
  });
}

void list(Behind& behind, const Request& request, const Reply& reply, const core::Kind& kind,
          const std::function<bool(const store::Document&)>& keep) {
  auto tenant = place_of(request);
  if (!tenant) return reply_error(request, reply, tenant.error());
  if (auto may = behind.guard.may_read(request.principal, kind.read, *tenant); !may)
    return reply_error(request, reply, may.error());
  store::DocumentQuery query;
  query.tenant = *tenant;
  query.kind = std::string(kind.name);
  reply_page(reads_for(behind, request), request, reply, std::move(query), [&](const store::Document& document) {
    return !keep || keep(document) ? item_json(behind, document) : std::string();
  });
}

void one(Behind& behind, const Request& request, const Reply& reply, const core::Kind& kind) {
  const auto key = target_of(request, kind.name);
  if (!key) return reply_error(request, reply, key.error());
  if (auto may = behind.guard.may_read(request.principal, kind.read, key->tenant); !may)
    return reply_error(request, reply, may.error());
  const auto seen = existing(behind, request, *key);
  if (!seen) return reply_error(request, reply, seen.error());
  reply(json(200, item_json(behind, *seen->document)));
}

Route row(std::string method, std::string pattern, std::string summary, std::function<void(Request, Reply)> handle) {
  Route route;
  route.method = std::move(method);
  route.pattern = std::move(pattern);
  route.summary = std::move(summary);
  route.tag = "governance";
  route.access = std::nullopt;  // the gate's business, or the handler's
  route.query = {whose};
  route.handle = std::move(handle);
  return route;
}

Route order(Route route, const core::Kind& kind, std::string_view command,
            std::initializer_list<std::string_view> filled, bool coded) {
  route.body = Body::json;
  route.body_bytes_max = body_bytes_max;
  const auto& described = kind.commands.at(std::size_t(kind.command_row(command)));
  auto schema = Json::parse(core::to_json_schema(*described.type));
  for (const auto name : filled) schema["properties"].erase(std::string(name));
  if (coded)
    schema["properties"]["code"] = {
        {"type", "string"}, {"description", "of the authenticator app, or a recovery code, where one is asked for"}};
  route.body_schema = schema.dump();
  route.query.push_back({"dry_run", "decide and answer, change nothing", "boolean"});
  return route;
}

}  // namespace sovereign
}  // namespace nova::gateway
