// Roles, permissions and the tenants' matrix as data, and what somebody may do with the reason for each (S21).
#include "core/authority/authority.hpp"
#include "core/authority/grants.hpp"
#include "core/authority/workspace.hpp"
#include "core/json.hpp"
#include "gateway/routes/routes.hpp"
#include "gateway/signin/auth.hpp"
#include "governance/authority/judge.hpp"

namespace nova::gateway {

// Beside its description, which is found through the namespace.
namespace permissions {

struct CheckBody {
  core::Text<1, 64, core::Shape::line> permission;
  core::Text<0, 63, core::Shape::name> tenant;
  core::Text<0, 128, core::Shape::name> user;
};

const core::Record& describe(const CheckBody*) {
  static const auto row = core::record<CheckBody>(
      "permission_check", "Whether somebody may do something.",
      {core::field("permission", &CheckBody::permission, "a permission `area:verb`, or a capability `area.verb`"),
       core::optional_field("tenant", &CheckBody::tenant, "where"),
       core::optional_field("user", &CheckBody::user, "who; left out: the caller")});
  return row;
}

}  // namespace permissions

namespace {

using Words = std::vector<std::string_view>;

const Words& platform_roles() { return core::names_of(static_cast<const core::PlatformRole*>(nullptr)); }

// From the highest rank down, as the documents list them.
constexpr core::TenantRole tenant_roles[] = {core::TenantRole::owner, core::TenantRole::admin, core::TenantRole::staff,
                                             core::TenantRole::viewer};
std::string_view name_of(core::TenantRole role) {
  return core::names_of(static_cast<const core::TenantRole*>(nullptr))[std::size_t(role)];
}

void write_words(core::JsonWriter& writer, std::string_view name, const Words& words) {
  writer.key(name).array();
  for (const auto word : words) writer.value(word);
  writer.end();
}

void write_tenant_roles(core::JsonWriter& writer) {
  writer.key("tenant_roles").array();
  for (const auto role : tenant_roles)
    writer.object().field("code", name_of(role)).field("rank", core::rank_of(role)).end();
  writer.end().key("tenant_capability_matrix").object().key("roles").array();
  for (const auto role : tenant_roles) writer.value(name_of(role));
  writer.end().key("capabilities").array();
  for (const auto code : core::tenant_capabilities()) {
    writer.object().field("code", code).key("allow").array();
    for (const auto role : tenant_roles)
      if (core::allows(code, role)) writer.value(name_of(role));
    writer.end().end();
  }
  writer.end().end();
}

// Of the sovereign workspace: who runs the installation.
void write_workspace_roles(core::JsonWriter& writer) {
  writer.key("sovereign_workspace_roles").array();
  const auto& names = core::names_of(static_cast<const core::WorkspaceRole*>(nullptr));
  for (std::size_t i = 0; i < names.size(); ++i) {
    writer.object().field("name", names[i]).key("permissions").array();
    for (const auto permission : core::workspace_permissions())
      if (core::grants(core::WorkspaceRole(i), permission)) writer.value(permission);
    writer.end().end();
  }
  writer.end();
}

// The words of config/permissions.json under the same names.
std::string definitions() {
  std::string out;
  core::JsonWriter writer(out);
  writer.object();
  write_words(writer, "platform_roles", platform_roles());
  write_words(writer, "platform_permissions", core::platform_permissions());
  write_words(writer, "api_scopes", core::api_scopes());
  write_tenant_roles(writer);
  write_words(writer, "sovereign_workspace_permissions", core::workspace_permissions());
  writer.end();
  return out;
}

// What each role holds.
std::string roles() {
  std::string out;
  core::JsonWriter writer(out);
  writer.object().key("platform_roles").array();
  for (const auto name : platform_roles()) {
    const auto role = *core::platform_role(name);
    writer.object().field("name", name).field("subscriber", core::is_subscriber(role)).key("permissions").array();
    for (const auto permission : core::platform_permissions())
      if (core::grants(role, permission)) writer.value(permission);
    writer.end().end();
  }
  writer.end();
  write_words(writer, "platform_permissions", core::platform_permissions());
  write_tenant_roles(writer);
  write_workspace_roles(writer);
  writer.end();
  return out;
}

std::string after_dot(const std::string& rule) { return rule.substr(rule.find('.') + 1); }

// A rule's name in words.
std::string reason_of(const std::string& rule) {
  if (rule == "root_owner") return "the root owner may do everything";
  if (rule == "service") return "the operator's token may do everything in its tenants";
  if (rule == "permission") return "it was given to them by name";
  if (rule == "override.allow") return "an override allows it";
  if (rule == "override.deny") return "an override denies it";
  if (rule.starts_with("role.")) return "the platform role `" + after_dot(rule) + "` holds it";
  if (rule.starts_with("tenant_role.")) return "the role `" + after_dot(rule) + "` in this tenant allows it";
  return "no role, permission or override gives it";
}

struct Who {
  core::Principal principal;
  std::string tenant;
};

// One permission or capability of a person, now. Who may not act at all may do nothing, whatever their role.
class Effective {
 public:
  Effective(Behind& behind, const Who& who)
      : book_(*behind.options.identities.book), who_(who), now_(behind.clock.now()) {
    if (auto may = authority::may_act(book_, who.principal, now_); !may) stopped_ = may.error();
  }

  void write(core::JsonWriter& writer, std::string_view name, const core::Access& access) const {
    authority::Verdict verdict;
    if (who_.principal.type == "service")
      verdict = {true, "service", {}};
    else
      verdict = authority::judge(book_, {who_.principal, access, who_.tenant, {}, now_});
    const bool stopped = verdict.allow && stopped_;
    writer.object().field("name", name).field("allow", verdict.allow && !stopped);
    writer.field("rule", stopped ? stopped_->code : verdict.rule);
    writer.field("reason", stopped ? stopped_->message : reason_of(verdict.rule)).end();
  }

 private:
  const authority::Book& book_;
  const Who& who_;
  const core::Timestamp now_;
  std::optional<core::Error> stopped_;
};

std::string effective_json(Behind& behind, const Who& who) {
  const auto& book = *behind.options.identities.book;
  std::string out;
  core::JsonWriter writer(out);
  writer.object().field("type", who.principal.type).field("id", who.principal.id);
  if (const auto user = who.principal.type == "user" ? book.user(who.principal.id) : std::nullopt)
    writer.field("status", user->status).field("role", user->role).field("root_owner", user->root_owner);
  const Effective effective(behind, who);
  writer.key("permissions").array();
  for (const auto name : core::platform_permissions()) effective.write(writer, name, {.permission = name});
  writer.end();
  if (!who.tenant.empty()) {
    const auto member = book.membership(who.tenant, who.principal.id);
    writer.field("tenant", who.tenant);
    writer.field("tenant_role", member && member->status == "active" ? member->role : "");
    writer.key("capabilities").array();
    for (const auto name : core::tenant_capabilities()) effective.write(writer, name, {.capability = name});
    writer.end();
  }
  writer.end();
  return out;
}

core::Result<std::string> tenant_query(const Request& request) {
  std::string tenant(request.query_value("tenant").value_or(""));
  if (tenant.empty() || core::is_name(tenant, 63)) return tenant;
  return core::invalid_input("?tenant", "must be the name of a tenant");
}

// Oneself, or with the right to read accounts somebody else who is there.
core::Status may_ask(Behind& behind, const Request& request, const std::string& user) {
  const core::Access access{.permission = "users:read", .own = true};
  if (auto may = behind.guard.may_read(request.principal, access, {}, user); !may) return may;
  if (behind.options.identities.book->user(user)) return core::ok();
  return core::refusal("user.not_found", "there is no user `" + core::printable(user) + "`");
}

void of_user(Behind& behind, const Request& request, const Reply& reply) {
  const auto& user = request.param("user");
  auto tenant = tenant_query(request);
  if (!tenant) return reply_error(request, reply, tenant.error());
  if (auto may = may_ask(behind, request, user); !may) return reply_error(request, reply, may.error());
  reply(json(200, effective_json(behind, {{user, "user"}, std::move(*tenant)})));
}

// A key may do what its scopes and its maker may, both; which of these a command needs stands in /v1/kinds.
core::Status is_no_key(const Request& request) {
  if (!authority::is_key(request.principal)) return core::ok();
  return core::refusal("access.denied", "a key has scopes, not permissions").fix("GET /v1/whoami lists them");
}

void of_caller(Behind& behind, const Request& request, const Reply& reply) {
  if (auto fine = is_no_key(request); !fine) return reply_error(request, reply, fine.error());
  auto tenant = tenant_query(request);
  if (!tenant) return reply_error(request, reply, tenant.error());
  reply(json(200, effective_json(behind, {request.principal, std::move(*tenant)})));
}

void check(Behind& behind, const Request& request, const Reply& reply) {
  auto body = body_of<permissions::CheckBody>(request, reply);
  if (!body) return;
  Who who{request.principal, body->tenant};
  if (!body->user.empty()) {
    if (auto may = may_ask(behind, request, body->user); !may) return reply_error(request, reply, may.error());
    who.principal = {body->user, "user"};
  } else if (auto fine = is_no_key(request); !fine) {
    return reply_error(request, reply, fine.error());
  }
  core::Access access;
  if (core::is_platform_permission(body->permission))
    access.permission = body->permission;
  else if (core::is_tenant_capability(body->permission))
    access.capability = body->permission;
  else
    return reply_error(request, reply,
                       core::refusal("user.unknown_permission", "`" + body->permission + "` is no permission")
                           .fix("GET /api/permissions/definitions lists them"));
  std::string out;
  core::JsonWriter writer(out);
  Effective(behind, who).write(writer, body->permission, access);
  reply(json(200, std::move(out)));
}

Route reading(std::string pattern, std::string summary, std::function<void(Request, Reply)> handle) {
  Route route;
  route.method = "GET";
  route.pattern = std::move(pattern);
  route.summary = std::move(summary);
  route.tag = "permissions";
  route.access = std::nullopt;  // words that everybody may know, or what the handler judges
  route.handle = std::move(handle);
  return route;
}

}  // namespace

void add_permissions(Router& router, Behind& behind) {
  router.add(reading("/api/permissions/definitions", "Roles, permissions, scopes and the matrix of capabilities",
                     [](Request, Reply reply) { reply(json(200, definitions())); }));
  for (const auto* path : {"/api/permissions/roles", "/v1/roles"})
    router.add(reading(path, "What each role holds", [](Request, Reply reply) { reply(json(200, roles())); }));
  auto self = reading("/api/permissions/me", "What the caller may do, with the reason for each",
                      [&behind](Request request, Reply reply) { of_caller(behind, request, reply); });
  auto other = reading("/api/permissions/user/{user}", "What somebody may do, with the reason for each",
                       [&behind](Request request, Reply reply) { of_user(behind, request, reply); });
  self.query = other.query = {{"tenant", "their capabilities there, too"}};
  router.add(std::move(self));
  router.add(std::move(other));

  auto ask = reading("/api/permissions/check", "Whether somebody may do one thing, with the reason",
                     [&behind](Request request, Reply reply) { check(behind, request, reply); });
  ask.method = "POST";
  ask.body = Body::json;
  ask.body_bytes_max = auth_bytes_max;
  ask.body_schema = core::to_json_schema(*core::type_of<permissions::CheckBody>());
  router.add(std::move(ask));
}

}  // namespace nova::gateway
