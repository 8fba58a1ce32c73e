// Requests to AI (S02): the node fills in who asks, what of them holds, and which kill switch covers the request; a
// caller may choose none of these. The kind judges.
#include "actors/ai_execution/ai_execution.hpp"
#include "core/authority/authority.hpp"
#include "core/describe/codec.hpp"
#include "core/json.hpp"
#include "gateway/ai/entities.hpp"
#include "gateway/signin/auth.hpp"
#include "governance/authority/judge.hpp"

namespace nova::gateway::ai {
namespace {

using ai_execution::Requester;

// A machine of the operator is nobody's; whoever acts with a person's rights is under that person's limits.
Requester requester_of(Behind& behind, const core::Principal& principal) {
  const auto& book = *behind.options.identities.book;
  Requester who;
  who.subscriber = false;
  if (principal.type == "service" || principal.type == "system") return who;
  who.user = principal.id;
  if (authority::is_key(principal)) {
    const auto key = authority::key_of(book, principal);
    if (!key) return {};  // who is not known is a subscriber without a tier, whom nobody has given anything
    who.user = key->user;
    who.agent = key->agent;
  }
  const auto user = book.user(who.user);
  if (!user) return {};
  const auto role = core::platform_role(user->role);
  who.subscriber = !user->root_owner && (!role || core::is_subscriber(*role));
  if (who.subscriber) who.tier = user->role;
  return who;
}

// An agent's provider is the agent's own, whoever asks.
void fill_provider(Behind& behind, ai_execution::Request& asked) {
  const std::string agent = asked.agent.empty() ? std::string(asked.requester.agent) : std::string(asked.agent);
  if (agent.empty()) return;
  const auto document = known(behind, {"system", "ai_agent", agent});
  if (!document || !*document) return;
  const auto own = core::json_text((*document)->body, "settings.provider").value_or("");
  if (!own.empty()) asked.provider = own;
}

void create(Behind& behind, const Request& request, const Reply& reply) {
  auto tenant = named_tenant(request);
  if (!tenant) return reply_error(request, reply, tenant.error());
  auto body = core::json_merge(request.body.empty() ? "{}" : request.body,
                               R"({"requester":{},"switches":{},"killed_by":null})");
  if (!body) return reply_error(request, reply, core::invalid_input("", "must be a JSON object"));
  auto asked = core::from_json<ai_execution::Request>(*body);
  if (!asked) return reply_error(request, reply, asked.error());
  asked->requester = requester_of(behind, request.principal);
  asked->switches = {};
  asked->killed_by = "";
  fill_provider(behind, *asked);
  const auto& providers = behind.options.providers;
  if (providers.ai_switches) {
    auto switches = core::from_json<ai_execution::Switches>(providers.ai_switches());
    if (switches) asked->switches = *switches;  // else all five, strictly
  }
  if (providers.stopped_by)
    asked->killed_by =
        providers
            .stopped_by({*tenant, asked->layer,
                         asked->agent.empty() ? std::string(asked->requester.agent) : std::string(asked->agent),
                         asked->provider})
            .substr(0, core::Label::size_max);
  const auto id = made_id(behind, request, "ai_execution", *tenant);
  auto command = envelope_of(behind, request, {*tenant, "ai_execution", id}, "request");
  if (command) command->body = core::to_json(*asked);
  submit(behind, std::move(command), request, reply, 201);
}

}  // namespace

void add_executions(Router& router, Behind& behind) {
  auto made = with_body(row("POST", "/api/nova/executions", "Asks AI for something; a guard judges it first",
                            [&behind](Request request, Reply reply) { create(behind, request, reply); }),
                        schema_of("ai_execution", "request"));
  made.query.push_back({"tenant", "whose; the header X-Tenant-Id says the same"});
  router.add(std::move(made));
}

}  // namespace nova::gateway::ai
