// Sovereign decisions (S07): each phase under an address of its own, and the whole trace under one.
#include "actors/approval/approval.hpp"
#include "actors/decision/decision.hpp"
#include "core/describe/codec.hpp"
#include "gateway/sovereign/parts.hpp"
#include "gateway/sovereign/trace.hpp"
#include "governance/approvals/approvals.hpp"

namespace nova::gateway::sovereign {
namespace {

constexpr const char* base = "/api/sovereign/decisions";

const core::Kind& kind() { return decision::kind(); }

/// What the node fills in; an object that is laid over the body.
struct Filled {
  bool policies = false, person = false;
  std::optional<std::string> factor = {};
  std::optional<std::size_t> others = {};
};

core::Result<std::string> filling(Behind& behind, const Request& request, const Filled& filled) {
  std::string out;
  core::JsonWriter writer(out);
  writer.object();
  if (filled.policies) {
    const auto ids = active_policies(behind);
    if (!ids) return ids.error();
    writer.key("policies").array();
    for (const auto& id : *ids) writer.value(id);
    writer.end();
  }
  if (filled.person) writer.field("person", person_behind(behind, request.principal));
  if (filled.factor) writer.field("factor", *filled.factor);
  if (filled.others) writer.field("others", std::uint64_t(*filled.others));
  writer.end();
  return out;
}

void submit(Behind& behind, const Request& request, core::EntityKey key, const char* command, const Filled& filled,
            const Reply& reply, int status = 200) {
  const auto over = filling(behind, request, filled);
  if (!over) return reply_error(request, reply, over.error());
  send(behind, request, std::move(key), command, *over, reply, status);
}

void request_one(Behind& behind, const Request& request, const Reply& reply) {
  auto key = new_target(behind, request, kind().name);
  if (!key) return reply_error(request, reply, key.error());
  submit(behind, request, std::move(*key), "request", {.policies = true, .person = true}, reply, 201);
}

void analyse(Behind& behind, const char* command, const Request& request, const Reply& reply) {
  auto key = target_of(request, kind().name);
  if (!key) return reply_error(request, reply, key.error());
  submit(behind, request, std::move(*key), command, {.policies = true, .person = true}, reply);
}

// Of the level that this decision asks for and without a part in its analysis. Only the root owner's own yes depends on
// it.
std::size_t others_who_may(Behind& behind, const core::EntityKey& key, const std::string& user) {
  const auto line = behind.options.identities.book->user(user);
  if (!line || !line->root_owner || !behind.options.approvals) return 1;
  auto seen = Reads(behind, core::system_principal()).get(key);
  if (!seen || !seen->document) return 1;
  const auto state = core::from_json<decision::State>(seen->document->body, core::Reading::stored);
  if (!state) return 1;
  approval::State asked;
  asked.groups = {{"deciders", 1, core::roles_for(state->required_approval), {}}};
  for (const auto& analyst : state->analysts) asked.votes.push_back({analyst, "analysts", {}, {}, false, {}});
  return behind.options.approvals->others_who_may(asked, key.tenant, user);
}

void approve(Behind& behind, Request asked, const Reply& reply) {
  auto key = target_of(asked, kind().name);
  if (!key) return reply_error(asked, reply, key.error());
  with_factor(behind, std::move(asked), reply,
              [&behind, key = *key, reply](const Request& request, const std::string& factor) {
                const auto others = others_who_may(behind, key, request.principal.id);
                submit(behind, request, key, "approve", {.policies = true, .factor = factor, .others = others}, reply);
              });
}

void with_proof(Behind& behind, const char* command, bool policies, Request asked, const Reply& reply) {
  auto key = target_of(asked, kind().name);
  if (!key) return reply_error(asked, reply, key.error());
  with_factor(behind, std::move(asked), reply,
              [&behind, command, policies, key = *key, reply](const Request& request, const std::string& factor) {
                submit(behind, request, key, command, {.policies = policies, .factor = factor}, reply);
              });
}

void plainly(Behind& behind, const char* command, const Request& request, const Reply& reply) {
  auto key = target_of(request, kind().name);
  if (!key) return reply_error(request, reply, key.error());
  submit(behind, request, std::move(*key), command, {}, reply);
}

void all(Behind& behind, const Request& request, const Reply& reply) {
  const std::string risk(request.query_value("risk").value_or("")),
      platform(request.query_value("platform").value_or(""));
  list(behind, request, reply, kind(), [&](const store::Document& document) {
    return (risk.empty() || core::json_text(document.body, "risk_level") == risk) &&
           (platform.empty() || core::json_text(document.body, "subject.target_platform") == platform);
  });
}

}  // namespace

void add_decisions(Router& router, Behind& behind) {
  auto every = row("GET", base, "Sovereign decisions, by phase, risk and platform",
                   [&behind](Request request, Reply reply) { all(behind, request, reply); });
  every.query = paged;
  every.query.push_back({"risk", "only those of this risk: low, medium, high, critical, sovereign"});
  every.query.push_back({"platform", "only those about this platform: `tenant/id`"});
  router.add(std::move(every));
  router.add(row("GET", std::string(base) + "/{id}", "One sovereign decision",
                 [&behind](Request request, Reply reply) { one(behind, request, reply, kind()); }));
  router.add(row("GET", std::string(base) + "/{id}/trace",
                 "Who did what in which phase, with what went in and came out, by which rules, under one digest",
                 [&behind](Request request, Reply reply) { trace(behind, request, reply, kind()); }));

  const std::initializer_list<std::string_view> filled{"policies", "person", "factor", "others"};
  router.add(order(row("POST", base, "Asks for a decision",
                       [&behind](Request request, Reply reply) { request_one(behind, request, reply); }),
                   kind(), "request", filled));
  const auto add = [&](const char* path, const char* command, const char* summary, bool coded,
                       std::function<void(Request, Reply)> handle) {
    router.add(order(row("POST", std::string(base) + "/{id}/" + path, summary, std::move(handle)), kind(), command,
                     filled, coded));
  };
  add("analyze", "analyze", "Says what it means; people and AI assistants", false,
      [&behind](Request request, Reply reply) { analyse(behind, "analyze", request, reply); });
  add("propose", "propose", "Says by which steps it would be done; people and AI assistants", false,
      [&behind](Request request, Reply reply) { analyse(behind, "propose", request, reply); });
  add("approve", "approve", "Decides for it; somebody of the level that its risk asks for, who did not analyse it",
      true, [&behind](Request request, Reply reply) { approve(behind, std::move(request), reply); });
  add("reject", "reject", "Decides against it", false,
      [&behind](Request request, Reply reply) { plainly(behind, "reject", request, reply); });
  add("approve-step", "approve_step", "Agrees to a step that asks for it", true,
      [&behind](Request request, Reply reply) {
        with_proof(behind, "approve_step", false, std::move(request), reply);
      });
  add("execute-step", "execute_step", "Begins a step; somebody who did not decide it", true,
      [&behind](Request request, Reply reply) { with_proof(behind, "execute_step", true, std::move(request), reply); });
  add("finish-step", "finish_step", "Says how a step ended", false,
      [&behind](Request request, Reply reply) { plainly(behind, "finish_step", request, reply); });
  add("kill", "kill", "Stops it for good; what was not begun is skipped", false,
      [&behind](Request request, Reply reply) { plainly(behind, "kill", request, reply); });
}

}  // namespace nova::gateway::sovereign
