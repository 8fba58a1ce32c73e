// The kill switch (S03): what is stopped now and what was, what a switch would stop, and the switches themselves, which
// are commands that the gate judges like any other.
#include "core/describe/codec.hpp"
#include "core/json.hpp"
#include "gateway/routes/commands.hpp"
#include "gateway/routes/routes.hpp"
#include "gateway/routes/words.hpp"
#include "gateway/signin/step_up.hpp"
#include "governance/authority/book.hpp"
#include "governance/killswitch/truth.hpp"

#include <algorithm>
#include <charconv>

namespace nova::gateway {
namespace {

using kill_switch::Scope;
using killswitch::Line;
using killswitch::Truth;

constexpr std::size_t body_bytes_max = 16 * 1024;

std::optional<Scope> scope_of(std::string_view name) {
  const auto& names = kill_switch::names_of(static_cast<const Scope*>(nullptr));
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) return {};
  return Scope(found - names.begin());
}

void write_line(core::JsonWriter& writer, const Line& line) {
  writer.object()
      .field("id", line.id)
      .field("scope", core::name_of(line.scope))
      .field("target", line.target)
      .field("reason", line.reason)
      .field("reason_ar", line.reason_ar)
      .field("by", line.by)
      .field("incident_id", line.incident_id)
      .field("at", core::to_rfc3339(line.at))
      .field("epoch", line.epoch);
  if (line.until) writer.field("until", core::to_rfc3339(*line.until));
  writer.end();
}

// Bounded: an installation has a handful of switches that are engaged at a time.
std::string status_json(const Truth& truth, const Providers& providers) {
  const auto engaged = truth.engaged();
  const auto is_engaged = [&](Scope scope) {
    return std::any_of(engaged.begin(), engaged.end(), [&](const Line& line) { return line.scope == scope; });
  };
  const bool global = is_engaged(Scope::global);
  std::string out;
  core::JsonWriter writer(out);
  writer.object()
      .field("known", truth.is_known())
      .field("global", global)
      .field("external", global || is_engaged(Scope::external_only))
      .field("epoch", truth.epoch())
      .key("epochs")
      .object();
  for (const auto& [scope, epoch] : truth.epochs()) writer.field(core::name_of(scope), epoch);
  writer.end().field("bound_ms", killswitch::bound.count()).key("engaged").array();
  for (const auto& line : engaged) write_line(writer, line);
  writer.end().raw_field("in_doubt", providers.in_doubt ? providers.in_doubt() : "[]").end();
  return out;
}

void history(Behind& behind, const Request& request, const Reply& reply) {
  const auto limit = number_query(request, "limit", page_items_default, 1, page_items_max);
  if (!limit) return reply_error(request, reply, limit.error());
  const auto before = number_query(request, "cursor", 0, 0, INT64_MAX);
  if (!before) return reply_error(request, reply, before.error());
  auto events = reads_for(behind, request)
                    .read_back(std::uint64_t(*before), {"system", "kill_switch", {}, {}}, std::size_t(*limit));
  if (!events) return reply_error(request, reply, events.error());
  std::string out;
  core::JsonWriter writer(out);
  writer.object().key("items").array();
  for (const auto& event : *events) writer.raw(event_json(event));
  writer.end();
  if (events->size() == std::size_t(*limit)) writer.field("next", std::to_string(events->back().position));
  writer.end();
  reply(json(200, std::move(out)));
}

void preview(Behind& behind, const Request& request, const Reply& reply) {
  const auto scope = scope_of(request.query_value("scope").value_or("global"));
  if (!scope) return reply_error(request, reply, core::invalid_input("?scope", "is none of the scopes"));
  auto target = std::string(request.query_value("target").value_or(""));
  if (kill_switch::has_target(*scope) != !target.empty() || (!target.empty() && !kill_switch::is_target(target)))
    return reply_error(request, reply, core::invalid_input("?target", "does not fit the scope"));
  const auto answer = [reply, id = request.id, s = *scope, target](core::Result<std::string> stopped) {
    if (!stopped) return reply(problem(stopped.error(), id));
    std::string out;
    core::JsonWriter(out)
        .object()
        .field("scope", core::name_of(s))
        .field("target", target)
        .raw_field("works", *stopped)
        .end();
    reply(json(200, std::move(out)));
  };
  if (!behind.options.providers.would_stop) return answer(std::string("[]"));
  behind.options.providers.would_stop(*scope, target, answer);
}

// A switch's id follows from what it stops. What names none goes to the global one, which refuses it: who may not do
// this at all is told that first.
core::EntityKey switch_of(const std::string& body) {
  const auto scope = scope_of(core::json_text(body, "scope").value_or(""));
  const auto target = core::json_text(body, "target").value_or("");
  if (!scope || (kill_switch::has_target(*scope) && !kill_switch::is_target(target)))
    return {"system", "kill_switch", "global"};
  return {"system", "kill_switch", kill_switch::id_of(*scope, target)};
}

// `scope` and `target` say which switch it is; the command itself has but a reason.
core::Result<std::string> release_body(const std::string& body) {
  if (!core::json_valid(body)) return core::invalid_input("body", "must be JSON");
  for (const auto& name : core::json_keys(body))
    if (name != "scope" && name != "target" && name != "reason" && name != "code")
      return core::invalid_input(name, "is not known");
  if (!scope_of(core::json_text(body, "scope").value_or("")))
    return core::invalid_input("scope", "must name what is to go on");
  std::string out;
  core::JsonWriter(out).object().field("reason", core::json_text(body, "reason").value_or("")).end();
  return out;
}

void send(Behind& behind, const Request& request, core::EntityKey key, const std::string& name, const Reply& reply) {
  auto command = envelope_of(behind, request, std::move(key), name);
  if (!command) return reply_error(request, reply, command.error());
  behind.host.submit(std::move(*command), [reply, id = request.id](core::Result<host::Answer> answer) {
    reply(answer ? answer_response(*answer) : problem(answer.error(), id));
  });
}

// Stopping must not wait; letting go on needs the owner, proved just now. Everybody else is told by the gate that they
// may not. The operator's token is no person and has no factor: who holds it has the machine.
bool needs_factor(const Behind& behind, const Request& request) {
  if (request.principal.type != "user") return false;
  const auto dry_run = flag_query(request, "dry_run");
  if (!dry_run || *dry_run) return false;
  const auto& book = behind.options.identities.book;
  const auto user = book ? book->user(request.principal.id) : std::nullopt;
  return user && user->root_owner;
}

void order(Behind& behind, const std::string& name, Request request, const Reply& reply) {
  auto key = name == "safe_rollback" ? core::EntityKey{"system", "kill_switch", "global"} : switch_of(request.body);
  if (name == "deactivate") {
    auto body = release_body(request.body);
    if (!body) return reply_error(request, reply, body.error());
    const auto code = core::json_text(request.body, "code").value_or("");
    request.body = std::move(*body);
    if (needs_factor(behind, request))
      return prove_fresh(behind, request, code,
                         [&behind, request, key, name, reply](const core::Result<std::string>& factor) {
                           if (!factor) return reply_error(request, reply, factor.error());
                           send(behind, request, key, name, reply);
                         });
  }
  send(behind, request, std::move(key), name, reply);
}

Route row(std::string method, std::string pattern, std::string summary) {
  Route route;
  route.method = std::move(method);
  route.pattern = std::move(pattern);
  route.summary = std::move(summary);
  route.tag = "governance";
  return route;
}

void add_order(Router& router, Behind& behind, const std::string& pattern, const char* command, const char* summary) {
  auto made = row("POST", pattern, summary);
  made.access = std::nullopt;  // the gate's business
  made.body = Body::json;
  made.body_bytes_max = body_bytes_max;
  const auto& kind = kill_switch::kind();
  if (std::string_view(command) == "deactivate")
    made.body_schema =
        R"({"type":"object","required":["scope"],"properties":{"scope":{"type":"string"},"target":{"type":"string"},"reason":{"type":"string"},"code":{"type":"string","description":"of the owner's app, or a recovery code; not asked of who has a passkey"}}})";
  else
    made.body_schema = core::to_json_schema(*kind.commands[std::size_t(kind.command_row(command))].type);
  made.query = {{"dry_run", "decide and answer, change nothing", "boolean"}};
  made.handle = [&behind, c = std::string(command)](Request request, Reply reply) {
    order(behind, c, std::move(request), reply);
  };
  router.add(std::move(made));
}

}  // namespace

void add_kill_switch(Router& router, Behind& behind) {
  const auto& truth = *behind.options.switches;
  // One switch under three names: that of this API and those that the documents use.
  for (const std::string base :
       {"/v1/kill-switch", "/api/owner/ai-sovereignty/kill-switch", "/api/owner/ai/kill-switch"}) {
    auto now = row("GET", base, "What is stopped now, and which effects were past their check when they were stopped");
    now.handle = [&behind, &truth](Request, Reply reply) {
      reply(json(200, status_json(truth, behind.options.providers)));
    };
    router.add(std::move(now));
    auto earlier = row("GET", base + "/history", "What was stopped and released, the newest first");
    earlier.query = {{"limit", "1 to 1000; 100 when left out", "integer"}, {"cursor", "the `next` of the page before"}};
    earlier.handle = [&behind](Request request, Reply reply) { history(behind, request, reply); };
    router.add(std::move(earlier));
    auto would = row("GET", base + "/preview", "Which effects of this node a switch would stop now");
    would.query = {{"scope", "global when left out"}, {"target", "of a scope that has one"}};
    would.handle = [&behind](Request request, Reply reply) { preview(behind, request, reply); };
    router.add(std::move(would));
    add_order(router, behind, base + "/activate", "activate", "Stop it now; the root owner");
    add_order(router, behind, base + "/deactivate", "deactivate", "Let it go on; the root owner");
    add_order(router, behind, base + "/safe-rollback", "safe_rollback",
              "Stop everything and take the last change back; the root owner");
  }
}

}  // namespace nova::gateway
