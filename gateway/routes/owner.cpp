// Accounts and their rights as those see them who govern the installation, under the paths that the documents name
// (S20, S21). Changes are the commands of the kind `user`, judged by the gate like any other; the audit is the log.
#include "core/json.hpp"
#include "gateway/routes/commands.hpp"
#include "gateway/routes/pages.hpp"
#include "gateway/routes/routes.hpp"
#include "gateway/signin/auth.hpp"
#include "governance/credentials/encoding.hpp"
#include "store/rules.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace nova::gateway {

// Beside its description, which is found through the namespace.
namespace owner {

struct RightBody {
  core::Text<1, 128, core::Shape::name> user;
  core::Text<1, 64, core::Shape::line> permission;
  core::Text<0, 63, core::Shape::name> tenant;
  std::optional<core::Timestamp> expires_at;
};

const core::Record& describe(const RightBody*) {
  static const auto row = core::record<RightBody>(
      "right", "One permission of one person.",
      {core::field("user", &RightBody::user, "whose"),
       core::field("permission", &RightBody::permission, "a permission `area:verb`, or a capability `area.verb`"),
       core::optional_field("tenant", &RightBody::tenant, "where; left out: everywhere"),
       core::field("expires_at", &RightBody::expires_at, "when it ends; none: never")});
  return row;
}

}  // namespace owner

namespace {

constexpr core::Access reading{.permission = "users:read"};
constexpr core::Access auditing{.permission = "audit:read"};
constexpr std::size_t body_bytes_max = 16 * 1024;
constexpr std::size_t read_items = 200;      // of one read of the store
constexpr std::size_t looked_at_max = 5000;  // accounts or events for one page that little fits into; `next` goes on
constexpr std::size_t person_tenants_max = 100;  // in one answer; `next` goes on

core::Result<core::EntityKey> account(const std::string& user) {
  core::EntityKey key{"system", "user", user};
  if (!core::is_name(user)) return not_found(key);
  return key;
}

// ---- who there is

void list(Behind& behind, const std::string& status, const Request& request, const Reply& reply) {
  store::DocumentQuery query;
  query.tenant = "system";
  query.kind = "user";
  query.status = status;
  const std::string role(request.query_value("role").value_or(""));
  reply_page(reads_for(behind, request), request, reply, std::move(query), [&](const store::Document& document) {
    const bool fits = role.empty() || core::json_text(document.body, "role").value_or("") == role;
    return fits ? item_json(behind, document) : std::string();
  });
}

struct TenantStanding {
  std::string tier;
  std::int64_t projects = 0;
};

// Sums for who may read accounts, of tenants whose insides they may not see: so by the runtime's eyes.
core::Result<TenantStanding> standing_of(Behind& behind, const std::string& tenant) {
  auto seen = Reads(behind, core::system_principal()).get({tenant, "tenant", tenant});
  if (!seen) return std::move(seen).error();
  if (!seen->document) return TenantStanding{};  // where members are told of before their tenant
  const auto& body = seen->document->body;
  return TenantStanding{core::json_text(body, "tier").value_or(""), core::json_int(body, "usage.projects").value_or(0)};
}

void one(Behind& behind, const Request& request, const Reply& reply) {
  const auto key = account(request.param("user"));
  if (!key) return reply_error(request, reply, key.error());
  auto seen = existing(behind, request, *key);
  if (!seen) return reply_error(request, reply, seen.error());
  auto cursor = cursor_query(request);
  if (!cursor) return reply_error(request, reply, cursor.error());
  const auto lines = behind.options.identities.book->memberships(key->id, *cursor, person_tenants_max);
  std::string out;
  core::JsonWriter writer(out);
  writer.object().raw_field("user", item_json(behind, *seen->document)).key("tenants").array();
  std::int64_t projects = 0;
  for (const auto& [tenant, line] : lines) {
    auto standing = standing_of(behind, tenant);
    if (!standing) return reply_error(request, reply, standing.error());
    projects += standing->projects;
    writer.object().field("tenant", tenant).field("role", line.role).field("tier", standing->tier);
    writer.field("projects", standing->projects).end();
  }
  writer.end().field("projects", projects);
  if (lines.size() == person_tenants_max) writer.field("next", credentials::to_base64url(lines.back().first));
  writer.end();
  reply(json(200, std::move(out)));
}

void write_counts(core::JsonWriter& writer, std::string_view name, const std::map<std::string, std::size_t>& counts) {
  writer.key(name).object();
  for (const auto& [word, count] : counts) writer.field(word, count);
  writer.end();
}

void statistics(Behind& behind, bool rights, const Reply& reply) {
  const auto counts = behind.options.identities.book->count_users();
  std::string out;
  core::JsonWriter writer(out);
  writer.object().field("users", counts.users);
  if (!rights) write_counts(writer, "by_status", counts.by_status);
  write_counts(writer, "by_role", counts.by_role);
  if (rights)
    writer.field("with_permissions", counts.with_permissions)
        .field("with_overrides", counts.with_overrides)
        .field("overrides", counts.overrides);
  writer.end();
  reply(json(200, std::move(out)));
}

// ---- what is done to them

void submit(Behind& behind, core::Result<core::CommandEnvelope> command, const Request& request, const Reply& reply) {
  if (!command) return reply_error(request, reply, command.error());
  behind.host.submit(std::move(*command), [reply, id = request.id](core::Result<host::Answer> answer) {
    reply(answer ? answer_response(*answer) : problem(answer.error(), id));
  });
}

void change(Behind& behind, const char* command, const Request& request, const Reply& reply) {
  const auto key = account(request.param("user"));
  if (!key) return reply_error(request, reply, key.error());
  submit(behind, envelope_of(behind, request, *key, command), request, reply);
}

// Stops who is active, and lets in again who is stopped: of the state that was looked at, and of no later one.
void toggle(Behind& behind, const Request& request, const Reply& reply) {
  const auto key = account(request.param("user"));
  if (!key) return reply_error(request, reply, key.error());
  auto seen = existing(behind, request, *key);
  if (!seen) return reply_error(request, reply, seen.error());
  auto command = envelope_of(behind, request, *key, seen->document->status == "active" ? "suspend" : "reactivate");
  if (command) command->expected_version = std::int64_t(seen->document->version);
  submit(behind, std::move(command), request, reply);
}

void set_right(Behind& behind, std::string_view grant, const Request& request, const Reply& reply) {
  auto body = body_of<owner::RightBody>(request, reply);
  if (!body) return;
  auto command = envelope_of(behind, request, {"system", "user", body->user}, "set_override");
  if (command) {
    command->body.clear();
    core::JsonWriter writer(command->body);
    writer.object().field("permission", body->permission).field("grant", grant).field("tenant", body->tenant);
    if (body->expires_at) writer.field("expires_at", core::to_rfc3339(*body->expires_at));
    writer.end();
  }
  submit(behind, std::move(command), request, reply);
}

// The role alone speaks again. One command after the other, each on the state that the one before made; what was done
// stays done when one is refused, and asking again goes on from there.
class Reset : public std::enable_shared_from_this<Reset> {
 public:
  Reset(Behind& behind, Request request, Reply reply)
      : behind_(behind), request_(std::move(request)), reply_(std::move(reply)) {}

  void start() {
    const auto key = account(request_.param("user"));
    if (!key) return reply_error(request_, reply_, key.error());
    const auto line = behind_.options.identities.book->user(key->id);
    if (!line) return reply_error(request_, reply_, not_found(*key));
    for (const auto& one : line->overrides) {
      std::string body;
      core::JsonWriter(body).object().field("permission", one.permission).field("tenant", one.tenant).end();
      steps_.push_back({"clear_override", std::move(body)});
    }
    steps_.push_back({"set_permissions", R"({"permissions":[]})"});  // last, so that its answer is everybody's
    key_ = *key;
    next();
  }

 private:
  struct Step {
    std::string command, body;
  };

  void next() {
    auto command = envelope_of(behind_, request_, key_, steps_[done_].command);
    if (!command) return reply_error(request_, reply_, command.error());
    command->body = steps_[done_].body;
    if (!command->idempotency_key.empty()) command->idempotency_key += "#" + std::to_string(done_);
    behind_.host.submit(std::move(*command), [self = shared_from_this()](core::Result<host::Answer> answer) {
      if (!answer) return self->reply_(problem(answer.error(), self->request_.id));
      if (++self->done_ == self->steps_.size()) return self->reply_(answer_response(*answer));
      self->next();
    });
  }

  Behind& behind_;
  const Request request_;
  const Reply reply_;
  core::EntityKey key_;
  std::vector<Step> steps_;
  std::size_t done_ = 0;
};

// ---- what was done

constexpr std::array<std::string_view, 4> of_rights = {"user.role_changed", "user.permissions_set", "override.set",
                                                       "override.cleared"};

// Newest first; `next` goes on to earlier ones.
void audit(Behind& behind, const Request& request, const Reply& reply) {
  const auto limit = number_query(request, "limit", page_items_default, 1, page_items_max);
  if (!limit) return reply_error(request, reply, limit.error());
  const auto before = number_query(request, "before", 0, 0, INT64_MAX);
  if (!before) return reply_error(request, reply, before.error());
  store::EventFilter filter{"system", "user", std::string(request.query_value("user").value_or("")), {}};
  const auto reads = reads_for(behind, request);
  std::string out;
  core::JsonWriter writer(out);
  writer.object().key("items").array();
  std::uint64_t position = *before;
  bool more = true;
  for (std::size_t items = 0, looked_at = 0; more && items < *limit && looked_at < looked_at_max;) {
    auto read = reads.read_back(position, filter, read_items);
    if (!read) return reply_error(request, reply, read.error());
    more = read->size() == read_items;
    for (const auto& event : *read) {
      position = event.position;
      ++looked_at;
      if (std::find(of_rights.begin(), of_rights.end(), event.type) == of_rights.end()) continue;
      writer.raw(event_json(event));
      if (++items < *limit) continue;
      more = true;
      break;
    }
  }
  writer.end();
  if (more && position > 1) writer.field("next", std::to_string(position));
  writer.end();
  reply(json(200, std::move(out)));
}

// ---- rows

const std::vector<QueryParam> paged = {{"limit", "1 to 1000; 100 when left out", "integer"},
                                       {"cursor", "the `next` of the page before"}};

Route looking(std::string pattern, std::string summary, std::string tag, std::function<void(Request, Reply)> handle) {
  Route route;
  route.method = "GET";
  route.pattern = std::move(pattern);
  route.summary = std::move(summary);
  route.tag = std::move(tag);
  route.access = reading;
  route.handle = std::move(handle);
  return route;
}

Route changing(std::string method, std::string pattern, std::string summary, std::string tag) {
  Route route;
  route.method = std::move(method);
  route.pattern = std::move(pattern);
  route.summary = std::move(summary);
  route.tag = std::move(tag);
  route.access = std::nullopt;  // the gate's business
  route.query = {{"dry_run", "decide and answer, change nothing", "boolean"}};
  route.body = Body::json;
  route.body_bytes_max = body_bytes_max;
  return route;
}

void add_users(Router& router, Behind& behind) {
  const std::string path = "/api/owner/users", tag = "users";
  auto all = looking(path, "Accounts, by status and role", tag, [&behind](Request request, Reply reply) {
    list(behind, std::string(request.query_value("status").value_or("")), request, reply);
  });
  all.query = paged;
  all.query.push_back({"role", "only those of this platform role"});
  auto by_status =
      looking(path + "/status/{status}", "Accounts in one status", tag,
              [&behind](Request request, Reply reply) { list(behind, request.param("status"), request, reply); });
  by_status.query = all.query;
  all.query.push_back({"status", "pending, active, suspended, banned or deactivated"});
  router.add(std::move(all));
  router.add(std::move(by_status));
  router.add(looking(path + "/stats", "How many accounts there are, by status and role", tag,
                     [&behind](Request, Reply reply) { statistics(behind, false, reply); }));
  auto person = looking(path + "/{user}", "One account, with its tenants, their tiers and how many projects they have",
                        tag, [&behind](Request request, Reply reply) { one(behind, request, reply); });
  person.query = {{"cursor", "the `next` of the page before"}};
  router.add(std::move(person));

  struct Row {
    const char *method, *path, *command, *summary;
  };
  const auto* kind = core::find_kind("user");
  for (const auto& row :
       {Row{"PATCH", "role", "change_role", "Gives another platform role"},
        Row{"PATCH", "permissions", "set_permissions", "Gives exactly these permissions beside the role"},
        Row{"PATCH", "toggle", "", "Stops somebody who is active, lets in again who is stopped"},
        Row{"POST", "suspend", "suspend", "Stops somebody for a while, with a reason"},
        Row{"POST", "ban", "ban", "Stops somebody for good, with a reason"},
        Row{"POST", "reactivate", "reactivate", "Lets somebody in again"}}) {
    const bool toggles = row.command[0] == '\0';
    auto route = changing(row.method, path + "/{user}/" + row.path, row.summary, tag);
    if (toggles) route.access = reading;  // it looks first
    if (const int command = kind ? kind->command_row(toggles ? "suspend" : row.command) : -1; command >= 0)
      route.body_schema = core::to_json_schema(*kind->commands[std::size_t(command)].type);
    route.handle = [&behind, toggles, command = row.command](Request request, Reply reply) {
      toggles ? toggle(behind, request, reply) : change(behind, command, request, reply);
    };
    router.add(std::move(route));
  }
}

void add_rights(Router& router, Behind& behind) {
  const std::string path = "/api/permissions/", tag = "permissions";
  for (const bool allow : {true, false}) {
    auto route = changing("POST", path + (allow ? "grant" : "revoke"),
                          allow ? "Allows somebody one thing, whatever their role says"
                                : "Denies somebody one thing, whatever their role says",
                          tag);
    route.body_schema = core::to_json_schema(*core::type_of<owner::RightBody>());
    route.handle = [&behind, allow](Request request, Reply reply) {
      set_right(behind, allow ? "allow" : "deny", request, reply);
    };
    router.add(std::move(route));
  }
  auto reset = changing("POST", path + "reset/{user}",
                        "Takes back all that was granted and revoked: the role alone speaks", tag);
  reset.handle = [&behind](Request request, Reply reply) {
    std::make_shared<Reset>(behind, std::move(request), std::move(reply))->start();
  };
  router.add(std::move(reset));

  auto history = looking(path + "audit", "Who gave whom which right and role, newest first", tag,
                         [&behind](Request request, Reply reply) { audit(behind, request, reply); });
  history.access = auditing;
  history.query = {{"user", "of this account alone"},
                   {"limit", "1 to 1000; 100 when left out", "integer"},
                   {"before", "the `next` of the page before", "integer"}};
  router.add(std::move(history));
  router.add(looking(path + "stats", "How many hold which role, permissions and overrides", tag,
                     [&behind](Request, Reply reply) { statistics(behind, true, reply); }));
}

}  // namespace

void add_owner(Router& router, Behind& behind) {
  add_users(router, behind);
  add_rights(router, behind);
}

}  // namespace nova::gateway
