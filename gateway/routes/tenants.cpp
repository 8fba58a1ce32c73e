// Tenants under the paths that the documents name (S19): the commands of the kind `tenant`, judged by the gate like any
// other, and what of a quota is left.
#include "actors/tenant/tenant.hpp"
#include "actors/tenant/tiers.hpp"
#include "core/describe/codec.hpp"
#include "core/json.hpp"
#include "gateway/routes/commands.hpp"
#include "gateway/routes/pages.hpp"
#include "gateway/routes/routes.hpp"
#include "gateway/signin/auth.hpp"
#include "governance/authority/judge.hpp"
#include "store/rules.hpp"

#include <algorithm>
#include <array>

namespace nova::gateway {

// Beside its description, which is found through the namespace.
namespace tenants {

struct CreateBody {
  core::Name slug;
  core::Text<1, 255, core::Shape::line> name;
  tenant::Tier tier = tenant::Tier::free;
  tenant::Settings settings;
  bool activate = true;
};

const core::Record& describe(const CreateBody*) {
  static const auto row = core::record<CreateBody>(
      "tenant_creation", "A new tenant.",
      {core::field("slug", &CreateBody::slug, "its id: small letters, digits and hyphens; unique"),
       core::field("name", &CreateBody::name, "its name for people"),
       core::optional_field("tier", &CreateBody::tier, "what it may use; left out: free"),
       core::optional_field("settings", &CreateBody::settings, "language, timezone, features"),
       core::optional_field("activate", &CreateBody::activate, "at once; otherwise it waits as pending")});
  return row;
}

}  // namespace tenants

namespace {

constexpr std::string_view base = "/api/tenants";
constexpr std::int64_t amount_max = 1'000'000'000'000;

core::EntityKey key_of(const std::string& slug) { return {slug, "tenant", slug}; }

void submit(Behind& behind, const Request& request, const Reply& reply, const std::string& slug, std::string name,
            std::string body, int status) {
  if (!core::is_name(slug, 63)) return reply_error(request, reply, not_found(key_of(slug)));
  auto command = envelope_of(behind, request, key_of(slug), std::move(name));
  if (!command) return reply_error(request, reply, command.error());
  if (!body.empty()) command->body = std::move(body);
  behind.host.submit(std::move(*command), [reply, status, id = request.id](core::Result<host::Answer> answer) {
    if (!answer) return reply(problem(answer.error(), id));
    auto response = answer_response(*answer);
    if (response.status == 200 && !answer->dry_run && !answer->replayed) response.status = status;
    reply(std::move(response));
  });
}

// A person's own tenant: it gets the first of their places that none of their others has. The places are claims, so
// that whoever asks many times at once gets no more of them.
class Founding : public std::enable_shared_from_this<Founding> {
 public:
  Founding(Behind& behind, Request request, tenants::CreateBody body, Reply reply)
      : behind_(behind), request_(std::move(request)), body_(std::move(body)), reply_(std::move(reply)) {}

  void next() {
    if (++place_ > tenant::founded_max) return reply_(problem(limit(), request_.id));
    auto command = envelope_of(behind_, request_, key_of(body_.slug), "register");
    if (!command) return reply_error(request_, reply_, command.error());
    command->body = core::to_json(tenant::Register{body_.name, body_.tier, body_.settings, place_});
    if (!command->idempotency_key.empty()) command->idempotency_key += "#" + std::to_string(place_);
    behind_.host.submit(std::move(*command), [self = shared_from_this()](core::Result<host::Answer> answer) {
      if (!answer && answer.error().code == tenant::founder_place_taken) return self->next();
      if (!answer) return self->refuse(answer.error());
      auto response = answer_response(*answer);
      // Asked again, it is there already and nothing happens.
      const bool made = !answer->events.empty() && !answer->dry_run && !answer->replayed;
      if (response.status == 200 && made) response.status = 201;
      self->reply_(std::move(response));
    });
  }

 private:
  static core::Error limit() {
    auto error = core::refusal("tenant.founder_limit", "nobody has more than " + std::to_string(tenant::founded_max) +
                                                           " tenants that they registered by themselves");
    error.retryable = false;  // the same again changes nothing
    return std::move(error).fix("have one archived, or ask the owner of this installation to make another");
  }
  // Whatever state another's tenant is in, all that is said of it is that its name is taken.
  void refuse(const core::Error& error) const {
    const bool others = error.code == "tenant.suspended" || error.code == "entity.wrong_state";
    reply_(problem(others ? core::refusal("tenant.slug_taken", "a tenant `" + body_.slug + "` exists already") : error,
                   request_.id));
  }

  Behind& behind_;
  const Request request_;
  const tenants::CreateBody body_;
  const Reply reply_;
  std::int64_t place_ = 0;
};

// People who may not make tenants for others make their own.
bool founds(Behind& behind, const Request& request, const std::string& slug) {
  const auto* book = behind.options.identities.book;
  if (!book || request.principal.type != "user") return false;
  const auto* kind = core::find_kind("tenant");
  const auto& access = kind->commands[std::size_t(kind->command_row("create"))].access;
  return !authority::judge(*book, {request.principal, access, slug, {}, behind.clock.now()}).allow;
}

void create(Behind& behind, const Request& request, const Reply& reply) {
  auto body = body_of<tenants::CreateBody>(request, reply);
  if (!body) return;
  if (founds(behind, request, body->slug)) {
    if (!body->activate)
      return reply_error(request, reply,
                         core::invalid_input("activate", "a tenant of one's own is active from the beginning"));
    return std::make_shared<Founding>(behind, request, std::move(*body), reply)->next();
  }
  tenant::Create made;
  made.name = std::string(body->name);
  made.tier = body->tier;
  made.settings = std::move(body->settings);
  made.activate = body->activate;
  submit(behind, request, reply, body->slug, "create", core::to_json(made), 201);
}

void list(Behind& behind, const Request& request, const Reply& reply) {
  const auto tier = word_query(request, "tier", names_of(static_cast<const tenant::Tier*>(nullptr)));
  if (!tier) return reply_error(request, reply, tier.error());
  store::DocumentQuery query;
  query.kind = "tenant";
  reply_page(reads_for(behind, request), request, reply, std::move(query), [&](const store::Document& document) {
    const bool fits = tier->empty() || core::json_text(document.body, "tier").value_or("") == *tier;
    return fits ? item_json(behind, document) : std::string();
  });
}

core::Result<Seen> seen_tenant(Behind& behind, const Request& request) {
  const auto key = key_of(request.param("tenant"));
  if (!core::is_name(key.id, 63)) return not_found(key);
  return existing(behind, request, key);
}

void show(Behind& behind, const Request& request, const Reply& reply) {
  auto seen = seen_tenant(behind, request);
  if (!seen) return reply_error(request, reply, seen.error());
  reply(json(200, item_json(behind, *seen->document)));
}

void write_quota(core::JsonWriter& writer, const tenant::State& state, tenant::Resource resource, std::int64_t amount) {
  const auto limit = tenant::quota_of(state.tier, resource), current = tenant::used_of(state, resource);
  const bool bounded = limit != tenant::unlimited;
  const auto remaining = bounded ? std::max<std::int64_t>(limit - current, 0) : tenant::unlimited;
  writer.object()
      .field("resource", core::name_of(resource))
      .field("allowed", !bounded || amount <= remaining)
      .field("current", current)
      .field("limit", limit)
      .field("remaining", remaining)
      .end();
}

// -1 is no limit. Asking takes nothing: what is free now may be taken in the next moment.
void quotas(Behind& behind, const Request& request, const Reply& reply) {
  auto seen = seen_tenant(behind, request);
  if (!seen) return reply_error(request, reply, seen.error());
  const auto amount = number_query(request, "amount", 1, 1, amount_max);
  if (!amount) return reply_error(request, reply, amount.error());
  const auto state = core::from_json<tenant::State>(seen->document->body, core::Reading::stored);
  if (!state) return reply_error(request, reply, state.error());
  const auto wanted = request.query_value("resource").value_or("");
  std::string out;
  core::JsonWriter writer(out);
  writer.object().field("tier", core::name_of(state->tier)).key("items").array();
  bool known = wanted.empty();
  for (const auto resource : tenant::resources) {
    if (!wanted.empty() && core::name_of(resource) != wanted) continue;
    known = true;
    write_quota(writer, *state, resource, std::int64_t(*amount));
  }
  if (!known)
    return reply_error(request, reply,
                       core::invalid_input("?resource", "must be projects, storage_mb, ai_tokens or deployments"));
  writer.end().end();
  reply(json(200, std::move(out)));
}

void usage(Behind& behind, const Request& request, const Reply& reply) {
  auto seen = seen_tenant(behind, request);
  if (!seen) return reply_error(request, reply, seen.error());
  const auto state = core::from_json<tenant::State>(seen->document->body, core::Reading::stored);
  if (!state) return reply_error(request, reply, state.error());
  std::string out;
  core::JsonWriter writer(out);
  writer.object();
  for (const auto resource : tenant::resources)
    writer.field(core::name_of(resource), tenant::used_of(*state, resource));
  writer.end();
  reply(json(200, std::move(out)));
}

// ---- rows

Route row(Behind& behind, std::string method, std::string pattern, std::string summary, std::vector<QueryParam> query,
          void (*handle)(Behind&, const Request&, const Reply&)) {
  Route route;
  route.method = std::move(method);
  route.pattern = std::move(pattern);
  route.summary = std::move(summary);
  route.tag = "tenants";
  route.query = std::move(query);
  route.access = core::find_kind("tenant")->read;
  route.handle = [&behind, handle](const Request& request, const Reply& reply) { handle(behind, request, reply); };
  return route;
}

struct Verb {
  std::string_view path, command, summary;
};
constexpr std::array<Verb, 6> verbs = {{{"activate", "activate", "Lets a pending or suspended tenant work"},
                                        {"suspend", "suspend", "It can be read, and pay, and nothing else"},
                                        {"archive", "archive", "Puts it away"},
                                        {"tier", "change_tier", "Another tier, and so other quotas"},
                                        {"settings", "update_settings", "What is left out stays"},
                                        {"region", "set_data_region", "Where its data lies"}}};

}  // namespace

void add_tenants(Router& router, Behind& behind) {
  const auto* kind = core::find_kind("tenant");
  if (kind == nullptr) return;
  const QueryParam dry_run{"dry_run", "decide and answer, change nothing", "boolean"};
  const std::string list_path(base), one = list_path + "/{tenant}";
  router.add(row(behind, "GET", list_path, "Lists tenants",
                 {{"status", "only those in this status"},
                  {"tier", "only those of this tier"},
                  {"limit", "1 to 1000; 100 when left out", "integer"},
                  {"cursor", "the `next` of the page before"}},
                 list));
  auto made = row(behind, "POST", list_path, "Makes a tenant; people who make it for themselves become its owner",
                  {dry_run}, create);
  made.access = std::nullopt;  // the gate judges
  made.body = Body::json;
  made.body_bytes_max = behind.options.command_bytes_max;
  made.body_schema = core::to_json_schema(*core::type_of<tenants::CreateBody>());
  router.add(std::move(made));
  router.add(row(behind, "GET", one, "One tenant", {}, show));
  router.add(row(behind, "GET", one + "/quotas", "What of each quota is used and left, and whether so much more fits",
                 {{"resource", "only this one"}, {"amount", "how much more; 1 when left out", "integer"}}, quotas));
  router.add(row(behind, "GET", one + "/usage", "What is in use", {}, usage));
  for (const auto& verb : verbs) {
    auto act = row(behind, "POST", one + "/" + std::string(verb.path), std::string(verb.summary), {dry_run}, nullptr);
    act.access = std::nullopt;
    act.body = Body::json;
    act.body_bytes_max = behind.options.command_bytes_max;
    for (const auto& command : kind->commands)
      if (command.name == verb.command) act.body_schema = core::to_json_schema(*command.type);
    act.handle = [&behind, command = std::string(verb.command)](const Request& request, const Reply& reply) {
      submit(behind, request, reply, request.param("tenant"), command, {}, 200);
    };
    router.add(std::move(act));
  }
}

}  // namespace nova::gateway
