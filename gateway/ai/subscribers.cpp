// How much AI each tier may use, and what somebody has left of it today (S08).
#include "actors/subscriber_limit/subscriber_limit.hpp"
#include "core/authority/authority.hpp"
#include "core/describe/codec.hpp"
#include "core/json.hpp"
#include "core/ledger/ledger.hpp"
#include "gateway/ai/entities.hpp"

#include <algorithm>

namespace nova::gateway::ai {
namespace {

constexpr const char* path = "/api/owner/ai-sovereignty/subscriber-limits";

// What is left out stays as it is, or, for a tier that has no limits yet, is what ships.
void set(Behind& behind, const Request& request, const Reply& reply) {
  const auto key = named(request, "subscriber_limit");
  if (!key) return reply_error(request, reply, key.error());
  const auto shipped = subscriber_limit::shipped_limits(key->id);
  std::string limits = shipped ? core::to_json(*shipped) : "{}";
  if (const auto now = known(behind, *key); now && *now && (*now)->status == "active")
    limits = core::json_part((*now)->body, "limits").value_or(limits);
  const auto merged = core::json_merge(limits, request.body.empty() ? "{}" : request.body);
  if (!merged) return reply_error(request, reply, core::invalid_input("", "must be a JSON object"));
  auto command = envelope_of(behind, request, *key, "set");
  if (command) {
    command->body.clear();
    core::JsonWriter(command->body).object().raw_field("limits", *merged).end();
  }
  submit(behind, std::move(command), request, reply);
}

void remove(Behind& behind, const Request& request, const Reply& reply) {
  const auto key = named(request, "subscriber_limit");
  if (!key) return reply_error(request, reply, key.error());
  auto command = envelope_of(behind, request, *key, "remove");
  if (command) {
    command->body.clear();
    core::JsonWriter(command->body)
        .object()
        .field("reason", request.query_value("reason").value_or("deleted through the API"))
        .end();
  }
  submit(behind, std::move(command), request, reply);
}

// The caller's own: limits of their tier, what was used of the day, and what is left.
void mine(Behind& behind, const Request& request, const Reply& reply) {
  const auto user =
      request.principal.type == "user" ? behind.options.identities.book->user(request.principal.id) : std::nullopt;
  if (!user)
    return reply_error(request, reply, core::refusal("access.denied", "only a person has limits of their own"));
  std::string out;
  core::JsonWriter writer(out);
  const auto role = core::platform_role(user->role);
  const bool limited = !user->root_owner && role && core::is_subscriber(*role);
  writer.object().field("tier", user->role).field("limited", limited);
  const auto limits = known(behind, {"system", "subscriber_limit", user->role});
  const bool decided = limits && *limits && (*limits)->status == "active";
  writer.field("decided", decided);
  const auto use = known(behind, {"system", "ai_access", request.principal.id});
  const bool used_any = use && *use;
  std::int64_t taken = 0;
  if (used_any)
    if (auto day = core::json_part((*use)->body, "day"))
      if (auto ledger = core::from_json<core::Ledger>(*day, core::Reading::stored))
        taken = core::taken(*ledger, core::day_of(behind.clock.now()));
  writer.field("status", used_any ? std::string_view((*use)->status) : std::string_view("active"));
  writer.field("requests_today", taken);
  if (decided) {
    writer.raw_field("limits", core::json_part((*limits)->body, "limits").value_or("{}"));
    const auto most = core::json_int((*limits)->body, "limits.max_requests_per_day").value_or(0);
    writer.field("requests_left_today", std::max<std::int64_t>(0, most - taken));
  }
  writer.end();
  reply(json(200, std::move(out)));
}

}  // namespace

void add_subscribers(Router& router, Behind& behind) {
  auto all = row("GET", path, "How much AI each tier may use", [&behind](Request request, Reply reply) {
    if (auto may = behind.guard.may_read(request.principal, core::access::operating, {}); !may)
      return reply_error(request, reply, may.error());
    list(behind, request, reply, "subscriber_limit",
         [&](const store::Document& document) { return item_json(behind, document); });
  });
  all.query = paged;
  router.add(std::move(all));
  for (const char* method : {"PATCH", "POST"})
    router.add(with_body(row(method, std::string(path) + "/{id}",
                             "Says how much a tier may use; what is left out stays, or is what ships",
                             [&behind](Request request, Reply reply) { set(behind, request, reply); }),
                         {}));
  auto gone = row("DELETE", std::string(path) + "/{id}", "Takes a tier's AI away",
                  [&behind](Request request, Reply reply) { remove(behind, request, reply); });
  gone.query = {{"reason", "why"}, {"dry_run", "decide and answer, change nothing", "boolean"}};
  router.add(std::move(gone));
  router.add(row("GET", "/api/nova/limits", "The caller's limits, and what is left of them today",
                 [&behind](Request request, Reply reply) { mine(behind, request, reply); }));
}

}  // namespace nova::gateway::ai
