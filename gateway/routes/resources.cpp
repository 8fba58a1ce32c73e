// One entity and lists of them, for every kind alike.
#include "core/json.hpp"
#include "gateway/routes/pages.hpp"
#include "gateway/routes/routes.hpp"
#include "gateway/routes/words.hpp"

namespace nova::gateway {
namespace {

std::string etag(std::uint64_t version) { return "\"" + std::to_string(version) + "\""; }

// RFC 9110, 13.1.2: a list of tags or *; weak comparison.
bool none_match(std::string_view header, const std::string& tag) {
  if (header == "*") return true;
  while (!header.empty()) {
    const auto comma = header.find(',');
    auto one = header.substr(0, comma);
    header.remove_prefix(comma == std::string_view::npos ? header.size() : comma + 1);
    while (!one.empty() && one.front() == ' ') one.remove_prefix(1);
    while (!one.empty() && one.back() == ' ') one.remove_suffix(1);
    if (one.starts_with("W/")) one.remove_prefix(2);
    if (one == tag) return true;
  }
  return false;
}

void get_one(Behind& behind, const core::Kind& kind, const Request& request, const Reply& reply) {
  auto key = key_of(request, kind);
  if (!key) return reply_error(request, reply, key.error());
  auto seen = existing(behind, request, *key);
  if (!seen) return reply_error(request, reply, seen.error());
  const auto tag = etag(seen->document->version);
  Response response;
  if (request.has_header("if-none-match") && none_match(request.header("if-none-match"), tag))
    response.status = 304;
  else
    response.body = item_json(behind, *seen->document);
  response.headers = {{"ETag", tag}, {"Nova-Position", std::to_string(seen->position)}};
  reply(std::move(response));
}

// An empty list of a tenant that is not there is more likely a misspelt name. Tenants without an entity of their own,
// such as the runtime's, have no document either and are known by what lives in them.
core::Status tenant_known(Behind& behind, const Request& request, const std::string& tenant) {
  if (tenant == any_tenant || tenant == "system") return core::ok();
  auto seen = reads_for(behind, request).get({tenant, "tenant", tenant});
  if (!seen) return std::move(seen).error();
  if (!seen->document) return not_found({tenant, "tenant", tenant});
  return core::ok();
}

void list(Behind& behind, const core::Kind& kind, const Request& request, const Reply& reply) {
  store::DocumentQuery query;
  query.kind = kind.name;
  if (!is_root_kind(kind)) {
    query.tenant = request.param("tenant");
    if (auto known = tenant_known(behind, request, query.tenant); !known)
      return reply_error(request, reply, known.error());
    if (query.tenant == any_tenant) query.tenant.clear();
  }
  query.status = std::string(request.query_value("status").value_or(""));
  query.parent = std::string(request.query_value("parent").value_or(""));
  auto asked = page_query(request);
  if (!asked) return reply_error(request, reply, asked.error());
  query.after = std::move(asked->after);
  const auto head = behind.store.head();
  std::string body;
  core::JsonWriter writer(body);
  writer.object();
  if (auto written =
          write_page(body, writer, reads_for(behind, request), std::move(query), asked->limit, shown_item(behind));
      !written)
    return reply_error(request, reply, written.error());
  writer.end();
  auto response = json(200, std::move(body));
  response.headers.emplace_back("Nova-Position", std::to_string(head));
  reply(std::move(response));
}

Route row(const core::Kind& kind, std::string pattern, std::string summary) {
  Route route;
  route.method = "GET";
  route.pattern = std::move(pattern);
  route.summary = std::move(summary);
  route.tag = kind.plural;
  route.kind = &kind;
  route.access = kind.read;
  return route;
}

void no_such(const Request& request, const Reply& reply) {
  std::vector<std::string_view> plurals;
  for (const auto* kind : core::kinds()) plurals.push_back(kind->plural);
  std::string known;
  for (const auto plural : plurals) known += (known.empty() ? "" : ", ") + std::string(plural);
  reply_error(
      request, reply,
      core::refusal("http.not_found", "there is no kind `" + request.param("what") + "`").fix("kinds are: " + known));
}

}  // namespace

void add_resources(Router& router, Behind& behind) {
  for (const auto* kind : core::kinds()) {
    const auto paths = paths_of(*kind);
    auto lists = row(*kind, paths.list, "Lists " + std::string(kind->plural));
    lists.query = {{"status", "only those in this status"},
                   {"parent", "only those that belong to this kind/id"},
                   {"limit", "1 to 1000; 100 when left out", "integer"},
                   {"cursor", "the `next` of the page before"}};
    lists.handle = [&behind, kind](Request request, Reply reply) { list(behind, *kind, request, reply); };
    router.add(std::move(lists));

    auto one = row(*kind, paths.one, "Reads one " + std::string(kind->name));
    one.handle = [&behind, kind](Request request, Reply reply) { get_one(behind, *kind, request, reply); };
    router.add(std::move(one));
  }
  Route unknown;
  unknown.method = "GET";
  unknown.pattern = "/v1/tenants/{tenant}/{what}";
  unknown.hidden = true;
  unknown.handle = [](Request request, Reply reply) { no_such(request, reply); };
  router.add(std::move(unknown));
}

}  // namespace nova::gateway
