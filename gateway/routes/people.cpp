// Who is who, for those who may know: the caller itself, and accounts by their address (S20).
#include "core/json.hpp"
#include "gateway/console/cookies.hpp"
#include "gateway/routes/pages.hpp"
#include "gateway/routes/routes.hpp"
#include "gateway/routes/words.hpp"
#include "governance/authority/judge.hpp"
#include "governance/credentials/encoding.hpp"

namespace nova::gateway {
namespace {

constexpr std::size_t email_bytes_max = 254;  // RFC 5321, 4.5.3.1.3
constexpr core::Access reading_users{.permission = "users:read"};

core::EntityKey account(const std::string& user) { return {"system", "user", user}; }

void write_user(Behind& behind, const Request& request, core::JsonWriter& writer, const std::string& id) {
  const auto line = behind.options.identities.book->user(id);
  if (!line) return;
  writer.field("role", line->role).field("root_owner", line->root_owner);
  const auto there =
      authority::factor_there(*behind.options.identities.book, behind.options.second_factor_for, request.principal);
  writer.field("factor_required", !there);
  if (const auto seen = existing(behind, request, account(id)))
    writer.raw_field("user", item_json(behind, *seen->document));
}

void write_key(Behind& behind, core::JsonWriter& writer, const std::string& id) {
  const auto slash = id.find('/');
  if (slash == std::string::npos) return;
  const auto line = behind.options.identities.book->key(id.substr(0, slash), id.substr(slash + 1));
  if (!line) return;
  writer.key("key").object().field("tenant", line->tenant).field("id", line->id).field("user", line->user);
  writer.key("scopes").array();
  for (const auto& scope : line->scopes) writer.value(scope);
  writer.end().end();
}

// In order of name; `next` goes on.
void write_tenants(Behind& behind, core::JsonWriter& writer, const std::string& user, const std::string& after,
                   std::size_t limit) {
  const auto lines = behind.options.identities.book->memberships(user, after, limit);
  writer.key("tenants").array();
  for (const auto& [tenant, line] : lines) writer.object().field("tenant", tenant).field("role", line.role).end();
  writer.end();
  if (lines.size() == limit) writer.field("next", credentials::to_base64url(lines.back().first));
}

void whoami(Behind& behind, const Request& request, const Reply& reply) {
  const auto asked = page_query(request);
  if (!asked) return reply_error(request, reply, asked.error());
  const auto& caller = request.principal;
  const bool knows_people = behind.options.identities.book != nullptr;
  std::string out;
  core::JsonWriter writer(out);
  writer.object().field("principal", caller.id).field("type", caller.type);
  if (!request.session.empty()) writer.field("session", request.session);
  if (request.by_cookie) writer.field("csrf", console::csrf_of(*behind.options.identities.keys, request.session));
  if (knows_people && caller.type == "user") {
    write_user(behind, request, writer, caller.id);
    write_tenants(behind, writer, caller.id, asked->after, asked->limit);
  }
  if (knows_people && authority::is_key(caller)) write_key(behind, writer, caller.id);
  writer.end();
  reply(json(200, std::move(out)));
}

// By the keyed hash of the address, so that no list of addresses is needed anywhere.
void by_email(Behind& behind, const Request& request, const Reply& reply) {
  const auto email = request.query_value("email").value_or("");
  if (email.empty() || email.size() > email_bytes_max)
    return reply_error(request, reply, core::invalid_input("?email", "must be an address such as amy@example.org"));
  const auto& identities = behind.options.identities;
  const auto id = identities.book->user_by_email(identities.identity->email_key(std::string(email)));
  std::string out;
  core::JsonWriter writer(out);
  writer.object().key("items").array();
  if (!id.empty()) {
    auto seen = existing(behind, request, account(id));
    if (!seen) return reply_error(request, reply, seen.error());
    writer.raw(item_json(behind, *seen->document));
  }
  writer.end().end();
  reply(json(200, std::move(out)));
}

}  // namespace

void add_people(Router& router, Behind& behind) {
  Route self;
  self.method = "GET";
  self.pattern = "/v1/whoami";
  self.summary = "Who is calling, with role and tenants";
  self.tag = "people";
  self.access = std::nullopt;  // of the caller itself
  self.enrolling = true;
  self.query = {{"limit", "tenants in one answer: 1 to 1000; 100 when left out", "integer"},
                {"cursor", "the `next` of the page before"}};
  self.handle = [&behind](Request request, Reply reply) { whoami(behind, request, reply); };
  router.add(std::move(self));
  if (!behind.options.identities.identity) return;

  Route find;
  find.method = "GET";
  find.pattern = "/v1/users";
  find.summary = "The account with this address";
  find.tag = "people";
  find.access = reading_users;
  find.vault = true;
  find.query = {{"email", "its address, in any case"}};
  find.handle = [&behind](Request request, Reply reply) { by_email(behind, request, reply); };
  router.add(std::move(find));
}

}  // namespace nova::gateway
