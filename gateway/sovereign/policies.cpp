// Policies (S07): the owner's constraints on sovereign decisions.
#include "actors/policy/policy.hpp"
#include "core/authority/access.hpp"
#include "core/governor/policy.hpp"
#include "gateway/sovereign/parts.hpp"

namespace nova::gateway::sovereign {
namespace {

constexpr const char* base = "/api/sovereign/policies";

const core::Kind& kind() { return policy::kind(); }

core::EntityKey key_of_policy(const Request& request) { return {"system", "policy", request.param("id")}; }

void command(Behind& behind, const char* name, const Request& request, const Reply& reply) {
  auto key = key_of_policy(request);
  if (!core::is_name(key.id)) return reply_error(request, reply, not_found(key));
  send(behind, request, std::move(key), name, "{}", reply, 200, &owner_only);
}

// What puts one more in force is counted first: each decision looks at all of them.
void into_force(Behind& behind, const char* name, const Request& request, const Reply& reply) {
  const auto active = active_policies(behind);
  if (!active) return reply_error(request, reply, active.error());
  const bool adds = std::string_view(name) == "approve" || core::json_text(request.body, "active") == "true";
  if (adds && active->size() >= core::policies_max)
    return reply_error(request, reply,
                       core::refusal("policy.too_many",
                                     "there are " + std::to_string(core::policies_max) + " policies in force already")
                           .fix("put one out of force first"));
  command(behind, name, request, reply);
}

void remove(Behind& behind, Request request, const Reply& reply) {
  request.body.clear();
  core::JsonWriter(request.body)
      .object()
      .field("reason", request.query_value("reason").value_or("deleted through the API"))
      .end();
  command(behind, "delete", request, reply);
}

}  // namespace

void add_policies(Router& router, Behind& behind) {
  const auto plain = [](std::string method, std::string pattern, std::string summary,
                        std::function<void(Request, Reply)> handle) {
    auto made = row(std::move(method), std::move(pattern), std::move(summary), std::move(handle));
    made.query.clear();  // all of them are the installation's
    return made;
  };
  const std::string each = std::string(base) + "/{id}";
  auto all = plain("GET", base, "Policies that bind sovereign decisions, and those that do not yet or no more",
                   [&behind](Request request, Reply reply) { list(behind, request, reply, kind()); });
  all.query.assign(paged.begin() + 1, paged.end());
  router.add(std::move(all));
  router.add(plain("GET", each, "One policy",
                   [&behind](Request request, Reply reply) { one(behind, request, reply, kind()); }));
  router.add(order(plain("POST", base, "Writes a policy; it binds nobody before it is approved",
                         [&behind](Request request, Reply reply) {
                           const auto id = made_id(behind, request, "policy", "system");
                           send(behind, request, {"system", "policy", id}, "create", "{}", reply, 201, &owner_only);
                         }),
                   kind(), "create", {}));
  router.add(order(plain("PATCH", each, "Changes what a policy asks that is not in force; it must be approved again",
                         [&behind](Request request, Reply reply) { command(behind, "update", request, reply); }),
                   kind(), "update", {}));
  router.add(order(plain("POST", each + "/approve", "Puts a policy in force",
                         [&behind](Request request, Reply reply) { into_force(behind, "approve", request, reply); }),
                   kind(), "approve", {}));
  router.add(order(plain("POST", each + "/toggle", "Puts a policy out of force, or in force again",
                         [&behind](Request request, Reply reply) { into_force(behind, "toggle", request, reply); }),
                   kind(), "toggle", {}));
  auto gone = plain("DELETE", each, "Removes a policy that is not in force",
                    [&behind](Request request, Reply reply) { remove(behind, std::move(request), reply); });
  gone.query = {{"reason", "why"}, {"dry_run", "decide and answer, change nothing", "boolean"}};
  router.add(std::move(gone));
}

}  // namespace nova::gateway::sovereign
