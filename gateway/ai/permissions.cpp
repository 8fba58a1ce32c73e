// What AI may do for whom (S06): codes, presets, grants. Who grants is the caller, never a field of the request.
#include "actors/permission_set/permission_set.hpp"
#include "core/ai/permission_codes.hpp"
#include "core/describe/codec.hpp"
#include "core/json.hpp"
#include "gateway/ai/entities.hpp"
#include "gateway/signin/auth.hpp"

#include <set>

namespace nova::gateway {

// The bodies, beside their descriptions, which are found through the namespace.
namespace nova_permissions {

using core::field;
using core::optional_field;
using core::record;
using Code = core::Text<1, 64, core::Shape::name>;
using Id = core::Text<0, 120, core::Shape::name>;

struct Subject {
  Id user, agent, platform;
};
struct ChangeBody {
  Id user, agent, platform;
  std::set<Code> codes;
  std::optional<core::Timestamp> expires_at;
  core::Text<0, 1000, core::Shape::any> reason;
};
enum class Verb : std::uint8_t { grant, revoke };
const std::vector<std::string_view>& names_of(const Verb*) {
  static const std::vector<std::string_view> names = {"grant", "revoke"};
  return names;
}
struct BulkBody {
  Id user, agent, platform;
  Verb action = Verb::grant;
  std::set<Code> codes;
  std::optional<core::Timestamp> expires_at;
  core::Text<0, 1000, core::Shape::any> reason;
};
struct PresetBody {
  Id user, agent, platform;
  Code preset;
  core::Text<0, 1000, core::Shape::any> reason;
};

template <class Body>
std::vector<core::Field> subject_fields() {
  return {optional_field("user", &Body::user, "a person"), optional_field("agent", &Body::agent, "or an AI agent"),
          optional_field("platform", &Body::platform, "or a platform")};
}
template <class Body>
core::Record described(const char* name, const char* doc, std::vector<core::Field> more) {
  auto fields = subject_fields<Body>();
  fields.insert(fields.end(), more.begin(), more.end());
  return record<Body>(name, doc, std::move(fields));
}
const core::Record& describe(const ChangeBody*) {
  static const auto row = described<ChangeBody>(
      "nova_permission_change", "Codes of one subject.",
      {field("codes", &ChangeBody::codes, "which"), field("expires_at", &ChangeBody::expires_at, "when a grant ends"),
       optional_field("reason", &ChangeBody::reason, "why")});
  return row;
}
const core::Record& describe(const BulkBody*) {
  static const auto row = described<BulkBody>(
      "nova_permission_bulk", "Many codes of one subject at once.",
      {field("action", &BulkBody::action, "grant or revoke"), field("codes", &BulkBody::codes, "which"),
       field("expires_at", &BulkBody::expires_at, "when a grant ends"),
       optional_field("reason", &BulkBody::reason, "why")});
  return row;
}
const core::Record& describe(const PresetBody*) {
  static const auto row =
      described<PresetBody>("nova_permission_preset", "What a subject's AI may do, and nothing else.",
                            {field("preset", &PresetBody::preset, "restrictive, balanced ..."),
                             optional_field("reason", &PresetBody::reason, "why")});
  return row;
}

}  // namespace nova_permissions

namespace ai {
namespace {

using nova_permissions::BulkBody;
using nova_permissions::ChangeBody;
using nova_permissions::PresetBody;

constexpr core::Access auditing{.permission = "audit:read"};

// ---- whose

core::Result<core::EntityKey> subject(const std::string& user, const std::string& agent, const std::string& platform) {
  if (int(!user.empty()) + int(!agent.empty()) + int(!platform.empty()) != 1)
    return core::invalid_input("user", "exactly one of `user`, `agent` and `platform` must be named");
  const auto id = !user.empty()    ? permission_set::subject_id("user", user)
                  : !agent.empty() ? permission_set::subject_id("agent", agent)
                                   : permission_set::subject_id("platform", platform);
  return core::EntityKey{"system", "permission_set", id};
}

// Who is nobody's account grants as what the gate says; their own set is not looked at.
std::string granter_of(const Request& request) {
  return request.principal.type == "user" ? permission_set::subject_id("user", request.principal.id) : std::string();
}

core::Status exists(Behind& behind, const std::string& user, const std::string& agent) {
  const auto& book = *behind.options.identities.book;
  if (!user.empty() && !book.user(user)) return core::refusal("user.not_found", "there is no user `" + user + "`");
  if (!agent.empty() && !book.agent(agent))
    return core::refusal("ai_agent.not_found", "there is no agent `" + agent + "`");
  return core::ok();
}

// ---- changing

template <class Body, class Write>
void send(Behind& behind, const Request& request, const Reply& reply, const Body& body, const char* name,
          const Write& write) {
  const auto key = subject(body.user, body.agent, body.platform);
  if (!key) return reply_error(request, reply, key.error());
  auto command = envelope_of(behind, request, *key, name);
  if (!command) return reply_error(request, reply, command.error());
  command->body.clear();
  core::JsonWriter writer(command->body);
  writer.object().field("granter", granter_of(request)).field("reason", std::string_view(body.reason));
  write(writer);
  writer.end();
  // Asked last, so that a stranger does not learn who is here.
  if (behind.guard.may_read(request.principal, {.permission = "ai:configure"}, {}))
    if (auto there = exists(behind, body.user, body.agent); !there) return reply_error(request, reply, there.error());
  submit(behind, std::move(command), request, reply);
}

template <class Body>
void write_codes(core::JsonWriter& writer, const Body& body, bool grants) {
  writer.key("codes").array();
  for (const auto& code : body.codes) writer.value(std::string_view(code));
  writer.end();
  if (grants && body.expires_at) writer.field("expires_at", core::to_rfc3339(*body.expires_at));
}

void change(Behind& behind, bool grants, const Request& request, const Reply& reply) {
  auto body = body_of<ChangeBody>(request, reply);
  if (!body) return;
  send(behind, request, reply, *body, grants ? "grant" : "revoke",
       [&](core::JsonWriter& writer) { write_codes(writer, *body, grants); });
}

void bulk(Behind& behind, const Request& request, const Reply& reply) {
  auto body = body_of<BulkBody>(request, reply);
  if (!body) return;
  const bool grants = body->action == nova_permissions::Verb::grant;
  send(behind, request, reply, *body, grants ? "grant" : "revoke",
       [&](core::JsonWriter& writer) { write_codes(writer, *body, grants); });
}

void apply_preset(Behind& behind, const Request& request, const Reply& reply) {
  auto body = body_of<PresetBody>(request, reply);
  if (!body) return;
  send(behind, request, reply, *body, "apply_preset",
       [&](core::JsonWriter& writer) { writer.field("preset", std::string_view(body->preset)); });
}

void catalogue_command(Behind& behind, const char* name, const Request& request, const Reply& reply) {
  submit(behind, envelope_of(behind, request, {"system", "permission_catalogue", "nova"}, name), request, reply, 201);
}

// ---- reading

std::string catalogue_part(Behind& behind, const char* part) {
  const auto document = known(behind, {"system", "permission_catalogue", "nova"});
  if (!document || !*document) return "{}";
  return core::json_part((*document)->body, part).value_or("{}");
}

void write_code(core::JsonWriter& writer, std::string_view code, std::string_view safety, int rank, bool on,
                bool ships) {
  writer.object()
      .field("code", code)
      .field("security_level", safety)
      .field("risk_rank", rank)
      .field("default_enabled", on)
      .field("requires_owner_grant", safety == "danger")
      .field("system", ships)
      .end();
}

std::string definitions(Behind& behind) {
  const auto added = catalogue_part(behind, "definitions");
  const auto codes = core::json_keys(added);
  const auto& levels = core::names_of(static_cast<const core::Safety*>(nullptr));
  std::string out;
  core::JsonWriter writer(out);
  writer.object().field("count", core::permission_codes().size() + codes.size()).key("categories").array();
  for (const auto category : core::permission_categories()) {
    writer.object().field("category", category).key("permissions").array();
    for (const auto& one : core::permission_codes())
      if (one.category == category)
        write_code(writer, one.code, core::name_of(one.safety), int(one.safety) + 1, one.default_enabled, true);
    for (const auto& code : codes) {
      if (core::json_text(added, code + ".category") != std::string(category)) continue;
      const auto level = core::json_text(added, code + ".security_level").value_or("danger");
      const auto found = std::find(levels.begin(), levels.end(), level);
      write_code(writer, code, level, int(found - levels.begin()) + 1, false, false);
    }
    writer.end().end();
  }
  writer.end().end();
  return out;
}

std::string presets(Behind& behind) {
  std::string out;
  core::JsonWriter writer(out);
  writer.object().key("items").array();
  for (const auto& preset : core::permission_presets()) {
    writer.object().field("code", preset.code).field("system", true).key("permissions").array();
    for (const auto code : preset.codes) writer.value(code);
    writer.end().end();
  }
  const auto added = catalogue_part(behind, "presets");
  for (const auto& code : core::json_keys(added))
    writer.object()
        .field("code", code)
        .field("system", false)
        .raw_field("permissions", core::json_part(added, code).value_or("[]"))
        .end();
  writer.end().end();
  return out;
}

core::Result<permission_set::State> set_of(Behind& behind, const core::EntityKey& key) {
  auto document = known(behind, key);
  if (!document) return std::move(document).error();
  if (!*document) return permission_set::State{};
  return core::from_json<permission_set::State>((*document)->body, core::Reading::stored);
}

// One's own, or with the right to read accounts anybody's.
core::Status may_ask(Behind& behind, const Request& request, const std::string& user) {
  const core::Access access{.permission = "users:read", .own = true};
  return behind.guard.may_read(request.principal, access, {}, user);
}

void of_user(Behind& behind, const Request& request, const Reply& reply) {
  const auto& user = request.param("user");
  if (auto may = may_ask(behind, request, user); !may) return reply_error(request, reply, may.error());
  if (auto there = exists(behind, user, {}); !there) return reply_error(request, reply, there.error());
  const auto set = set_of(behind, {"system", "permission_set", permission_set::subject_id("user", user)});
  if (!set) return reply_error(request, reply, set.error());
  const auto codes = permission_set::effective(*set, behind.clock.now());
  std::string out;
  core::JsonWriter writer(out);
  writer.object()
      .field("user", user)
      .field("preset", set->preset)
      .field("count", codes.size())
      .key("permissions")
      .array();
  for (const auto& code : codes) writer.value(code);
  writer.end().raw_field("grants", core::json_part(core::to_json(*set), "grants").value_or("{}")).end();
  reply(json(200, std::move(out)));
}

void check(Behind& behind, const Request& request, const Reply& reply) {
  const auto text = [&](const char* name) { return std::string(request.query_value(name).value_or("")); };
  const auto agent = text("agent"), code = text("code");
  const auto user =
      agent.empty() && text("user").empty() && request.principal.type == "user" ? request.principal.id : text("user");
  if (auto may = may_ask(behind, request, user); !may) return reply_error(request, reply, may.error());
  const auto key = subject(user, agent, {});
  if (!key || !core::is_name(key->id))
    return reply_error(request, reply, core::invalid_input("?user", "must name one"));
  if (!core::find_permission_code(code) && !core::json_part(catalogue_part(behind, "definitions"), code))
    return reply_error(
        request, reply,
        core::refusal("permission.unknown_code", "there is no permission `" + core::printable(code) + "`"));
  const auto set = set_of(behind, *key);
  if (!set) return reply_error(request, reply, set.error());
  std::string out;
  core::JsonWriter(out)
      .object()
      .field("subject", key->id)
      .field("code", code)
      .field("allow", permission_set::holds(*set, code, behind.clock.now()))
      .end();
  reply(json(200, std::move(out)));
}

void audit(Behind& behind, const Request& request, const Reply& reply) {
  const auto& user = request.param("user");
  if (auto may = behind.guard.may_read(request.principal, auditing, {}); !may)
    return reply_error(request, reply, may.error());
  const auto limit = number_query(request, "limit", page_items_default, 1, page_items_max);
  if (!limit) return reply_error(request, reply, limit.error());
  const auto before = number_query(request, "before", 0, 0, INT64_MAX);
  if (!before) return reply_error(request, reply, before.error());
  const auto id = permission_set::subject_id("user", user);
  if (!core::is_name(id)) return reply_error(request, reply, not_found({"system", "user", user}));
  auto events =
      Reads(behind, core::system_principal()).read_back(*before, {"system", "permission_set", id, {}}, *limit);
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

}  // namespace

void add_permissions(Router& router, Behind& behind) {
  const std::string base = "/api/nova/permissions";
  router.add(row("GET", base, "What AI may be let do, by category",
                 [&behind](Request, Reply reply) { reply(json(200, definitions(behind))); }));
  router.add(row("GET", base + "/presets", "Presets, and the codes in each",
                 [&behind](Request, Reply reply) { reply(json(200, presets(behind))); }));
  router.add(row("GET", base + "/user/{user}", "What AI may do for somebody",
                 [&behind](Request request, Reply reply) { of_user(behind, request, reply); }));
  auto asked = row("GET", base + "/check", "Whether AI may do one thing for a subject",
                   [&behind](Request request, Reply reply) { check(behind, request, reply); });
  asked.query = {{"user", "a person; left out: the caller"}, {"agent", "or an AI agent"}, {"code", "the permission"}};
  router.add(std::move(asked));
  auto trail = row("GET", base + "/audit/{user}", "What was granted and taken, the newest first",
                   [&behind](Request request, Reply reply) { audit(behind, request, reply); });
  trail.query = {{"limit", "1 to 1000; 100 when left out", "integer"},
                 {"before", "the `next` of the page before", "integer"}};
  router.add(std::move(trail));

  const auto change_schema = core::to_json_schema(*core::type_of<ChangeBody>());
  router.add(with_body(row("POST", base + "/grant", "Lets AI do something for a subject",
                           [&behind](Request request, Reply reply) { change(behind, true, request, reply); }),
                       change_schema));
  router.add(with_body(row("POST", base + "/revoke", "Lets AI do something no more",
                           [&behind](Request request, Reply reply) { change(behind, false, request, reply); }),
                       change_schema));
  router.add(with_body(row("POST", base + "/bulk", "Grants or takes many codes at once",
                           [&behind](Request request, Reply reply) { bulk(behind, request, reply); }),
                       core::to_json_schema(*core::type_of<BulkBody>())));
  router.add(with_body(row("POST", base + "/apply-preset", "Lets AI do what the preset says, and nothing else",
                           [&behind](Request request, Reply reply) { apply_preset(behind, request, reply); }),
                       core::to_json_schema(*core::type_of<PresetBody>())));
  router.add(
      with_body(row("POST", base, "Adds a permission code",
                    [&behind](Request request, Reply reply) { catalogue_command(behind, "define", request, reply); }),
                schema_of("permission_catalogue", "define")));
  router.add(with_body(
      row("POST", base + "/presets", "Adds or changes a preset",
          [&behind](Request request, Reply reply) { catalogue_command(behind, "define_preset", request, reply); }),
      schema_of("permission_catalogue", "define_preset")));
}

}  // namespace ai
}  // namespace nova::gateway
