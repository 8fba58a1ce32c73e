#include "actors/ai_execution/judge.hpp"

#include "core/ai/permission_codes.hpp"
#include "core/json.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace nova::ai_execution {
namespace {

using core::json_int;
using core::json_text;

constexpr std::string_view no_layer_rule = "noAIWithoutLayer", no_limits_rule = "noAIWithoutLimits",
                           undefined_power_rule = "noUndefinedPower", external_rule = "noExternalWithoutApproval",
                           subscriber_rule = "noSubscriberAccessWithoutDecision";

struct Judging {
  const Request& request;
  const core::Context& ctx;
  Verdict verdict;

  const core::Fact& fact(const char* kind, const std::string& id) const { return ctx.fact({"system", kind, id}); }
  const core::Fact& layer() const { return fact("ai_layer", request.layer); }

  bool block(std::string code, std::string message, std::string_view rule = {}) {
    verdict.refused = Violation{std::move(code), std::string(rule), Severity::block, std::move(message)};
    return false;
  }
  /// One of the five rules of the constitution: switched off it says nothing, and how hard it bites is the level's.
  bool rule(bool on, std::string_view name, std::string code, std::string message) {
    if (!on) return true;
    if (request.switches.enforcement == core::Enforcement::strict)
      return block(std::move(code), std::move(message), name);
    const auto severity =
        request.switches.enforcement == core::Enforcement::warning ? Severity::warning : Severity::log;
    verdict.warnings.push_back({std::move(code), std::string(name), severity, std::move(message)});
    return true;
  }
  bool limit(std::string which, std::string message) {
    verdict.breached = which;
    return block("ai.above_limit", std::move(message) + " (" + which + ")");
  }
};

// ---- in the order of S02: each says whether the next is asked

bool kill_switch(Judging& j) {
  if (!j.request.killed_by.empty()) return j.block("killswitch.active", "AI is stopped: " + j.request.killed_by);
  const auto why = stopped_by(j.request, j.ctx);
  return !why || j.block("killswitch.active", *why);
}

bool layer_present(Judging& j) {
  if (!j.request.layer.empty()) return true;
  return j.rule(j.request.switches.no_ai_without_layer, no_layer_rule, "ai.no_layer",
                "AI works in a layer, and none was named");
}

bool layer_exists(Judging& j) {
  if (j.request.layer.empty()) return true;
  const auto& layer = j.layer();
  if (layer.exists && layer.status != "deleted") {
    if (json_text(layer.document, "type")) return true;
    return j.block("ai.check_failed", "the layer cannot be read");
  }
  return j.rule(j.request.switches.no_ai_without_layer, no_layer_rule, "ai.invalid_layer",
                "there is no layer `" + j.request.layer + "`");
}

bool is_known(const Judging& j) { return j.layer().exists && j.layer().status != "deleted"; }

bool layer_active(Judging& j) {
  if (!is_known(j) || j.layer().status == "active" || j.layer().status == "emergency_stopped") return true;
  return j.block("ai.layer_inactive", "the layer is " + j.layer().status);
}

bool layer_not_stopped(Judging& j) {
  if (j.layer().status != "emergency_stopped") return true;
  return j.block("ai.layer_stopped", "the layer is stopped in an emergency");
}

bool agent_works(Judging& j) {
  for (const std::string& id : {std::string(j.request.agent), std::string(j.request.requester.agent)}) {
    if (id.empty()) continue;
    const auto& agent = j.fact("ai_agent", id);
    if (!agent.exists) return j.block("ai_agent.not_found", "there is no agent `" + id + "`");
    if (agent.status != "active") return j.block("ai.agent_inactive", "the agent `" + id + "` is " + agent.status);
  }
  return true;
}

bool subscriber_may_use(Judging& j) {
  if (!j.request.requester.subscriber || !is_known(j)) return true;
  if (json_text(j.layer().document, "type") == "INTERNAL_SOVEREIGN" ||
      json_text(j.layer().document, "profile.allowed_for_subscribers") != "true")
    return j.rule(j.request.switches.no_subscriber_access_without_decision, subscriber_rule,
                  "ai.layer_not_for_subscribers", "nobody has opened this layer to subscribers");
  const bool agent_closed = !j.request.agent.empty() && json_text(j.fact("ai_agent", j.request.agent).document,
                                                                  "settings.available_to_subscribers") != "true";
  const bool provider_closed =
      !j.request.provider.empty() &&
      json_text(j.fact("external_ai", j.request.provider).document, "link.allowed_for_subscribers") != "true";
  if (!agent_closed && !provider_closed) return true;
  return j.rule(
      j.request.switches.no_subscriber_access_without_decision, subscriber_rule, "ai.subscriber_undecided",
      agent_closed ? "nobody has opened this agent to subscribers" : "nobody has opened this provider to subscribers");
}

bool limits_and_power(Judging& j) {
  if (j.request.requester.subscriber) {
    const auto& limits = j.fact("subscriber_limit", j.request.requester.tier);
    if (j.request.requester.tier.empty() || limits.status != "active") {
      if (!j.rule(j.request.switches.no_ai_without_limits, no_limits_rule, "ai.no_limits",
                  "nobody has said how much the tier `" + j.request.requester.tier + "` may ask"))
        return false;
    } else if (!json_int(limits.document, "limits.max_power_level")) {
      return j.block("ai.check_failed", "the limits of the tier cannot be read");
    }
  }
  if (!is_known(j) || json_int(j.layer().document, "power.level")) return true;
  return j.rule(j.request.switches.no_undefined_power, undefined_power_rule, "ai.undefined_power",
                "nobody has said what bounds the layer");
}

bool lists(const std::string& document, const std::string& path, std::string_view task) {
  for (const auto& at : core::json_keys(document, path))
    if (json_text(document, path + at) == std::string(task)) return true;
  return false;
}

bool subscriber_limits(Judging& j) {
  const auto& tokens_of_layer = json_int(j.layer().document, "power.max_tokens_per_request");
  if (is_known(j) && tokens_of_layer && j.request.tokens > *tokens_of_layer)
    return j.block("ai_layer.above_power", "the layer allows " + std::to_string(*tokens_of_layer) + " tokens");
  for (const std::string& id : {std::string(j.request.agent), std::string(j.request.requester.agent)}) {
    if (id.empty()) continue;
    const auto most = json_int(j.fact("ai_agent", id).document, "settings.max_tokens");
    if (most && j.request.tokens > *most)
      return j.block("ai_agent.above_power", "the agent `" + id + "` may use " + std::to_string(*most) + " tokens");
  }
  if (!j.request.requester.subscriber) return true;
  if (j.fact("ai_access", j.request.requester.user).status == "suspended")
    return j.block("ai_access.suspended", "your access to AI is suspended; your account is not");
  const auto& fact = j.fact("subscriber_limit", j.request.requester.tier);
  if (fact.status != "active") return true;  // let through by the level of enforcement, and on record
  const auto& limits = fact.document;
  const bool only_logged = json_text(limits, "limits.enforcement") == "log";
  const auto number = [&](const char* name) { return json_int(limits, std::string("limits.") + name).value_or(0); };
  const auto breach = [&](std::string which, std::string message) {
    if (!only_logged) return j.limit(std::move(which), std::move(message));
    j.verdict.warnings.push_back({"ai.above_limit", {}, Severity::log, std::move(message)});
    return true;
  };
  const auto level = json_int(j.layer().document, "power.level").value_or(0);
  if (level > number("max_power_level") &&
      !breach("max_power_level", "the tier may use layers up to level " + std::to_string(number("max_power_level"))))
    return false;
  if (j.request.tokens > number("max_tokens_per_request") &&
      !breach("max_tokens_per_request",
              "the tier may use " + std::to_string(number("max_tokens_per_request")) + " tokens"))
    return false;
  // Blocked wins over allowed.
  const bool blocked = lists(limits, "limits.blocked_task_types", j.request.task_type);
  const bool some_allowed = !core::json_keys(limits, "limits.allowed_task_types").empty();
  if ((blocked || (some_allowed && !lists(limits, "limits.allowed_task_types", j.request.task_type))) &&
      !breach(blocked ? "blocked_task_types" : "allowed_task_types",
              "the tier may not ask for `" + j.request.task_type + "`"))
    return false;
  const bool outside = !j.request.provider.empty() || json_text(j.layer().document, "type") == "EXTERNAL_MANAGED";
  if (outside && json_text(limits, "limits.can_access_external_ai") != "true")
    return breach("can_access_external_ai", "the tier may not reach outside providers");
  return true;
}

bool external_approval(Judging& j) {
  const bool outside = !j.request.provider.empty() || json_text(j.layer().document, "type") == "EXTERNAL_MANAGED";
  if (!outside) return true;
  const auto& provider = j.fact("external_ai", j.request.provider);
  if (!j.request.provider.empty() && provider.status == "active" &&
      (j.request.layer.empty() || lists(provider.document, "link.layers", j.request.layer)))
    return true;
  return j.rule(j.request.switches.no_external_without_approval, external_rule, "ai.external_unapproved",
                j.request.provider.empty() ? "the layer is answered for by an outside provider, and none was named"
                                           : "the owner has not approved `" + j.request.provider + "` for this layer");
}

// ---- what no AI may do, whatever it is given

bool is_one_of(std::string_view task, std::initializer_list<std::string_view> tasks) {
  return std::find(tasks.begin(), tasks.end(), task) != tasks.end();
}

std::optional<std::string> missing_code(const Judging& j, const std::string& set) {
  const auto& fact = j.fact("permission_set", set);
  const bool replaced = json_text(fact.document, "replaced") == "true";
  for (const auto& code : j.request.needs) {
    const auto at = "grants." + code;
    const auto standing = json_text(fact.document, at + ".standing");
    if (!standing) {
      const auto* shipped = core::find_permission_code(code);
      if (replaced || !shipped || !shipped->default_enabled) return code;
      continue;
    }
    const auto until = json_text(fact.document, at + ".expires_at");
    const auto end = until ? core::parse_rfc3339(*until) : std::nullopt;
    if (*standing != "granted" || (end && *end <= j.ctx.now)) return code;
  }
  return std::nullopt;
}

bool prohibitions(Judging& j) {
  const auto& agent = j.request.requester.agent;
  if (!agent.empty()) {
    const auto prohibited = [&](std::string_view which) {
      return j.block("ai.prohibited", std::string(find_prohibition(which)->en), which);
    };
    const auto own_layer = json_text(j.fact("ai_agent", agent).document, "settings.layer");
    if (own_layer != std::string(j.request.layer)) return prohibited("ai-exceeds-its-layer");
    const bool acts = j.request.action == core::AiAction::execute || j.request.action == core::AiAction::decide;
    if (acts && is_one_of(j.request.task_type, {"permission_change", "permission_grant", "permission_revoke"}))
      return prohibited("ai-changes-no-rights");
    if (acts && is_one_of(j.request.task_type, {"layer_create", "layer_delete", "layer_update"}))
      return prohibited("ai-makes-no-layers");
    if (const auto missing = missing_code(j, "agent-" + agent)) {
      j.verdict.missing = *missing;
      return prohibited("ai-reads-what-it-was-given");
    }
    if (j.request.action == core::AiAction::decide && j.request.takes_final_decision)
      return prohibited("ai-decides-nothing-alone");
    if (j.request.ambiguous) return prohibited("ai-stops-when-in-doubt");
    return true;
  }
  if (j.request.requester.user.empty()) return true;
  if (const auto missing = missing_code(j, "user-" + j.request.requester.user)) {
    j.verdict.missing = *missing;
    return j.block("permission.missing", "this needs the permission `" + *missing + "`", *missing);
  }
  return true;
}

void weigh(Judging& j) {
  auto& held = j.verdict.held_by;
  if (core::is_weighty_task(j.request.task_type)) held.push_back("task." + j.request.task_type);
  if (j.request.impact >= core::Impact::high) held.push_back("impact." + std::string(core::name_of(j.request.impact)));
  if (j.request.asks_approval) held.push_back("asked");
  const auto& agent = j.request.requester.agent.empty() ? j.request.agent : j.request.requester.agent;
  const bool acts = j.request.action == core::AiAction::execute || j.request.action == core::AiAction::decide;
  if (acts && !agent.empty() &&
      json_text(j.fact("ai_agent", agent).document, "settings.requires_sovereign_approval") == "true")
    held.push_back("agent.requires_sovereign_approval");
}

}  // namespace

const Prohibition* find_prohibition(std::string_view id) {
  static constexpr Prohibition all[] = {
      {"ai-exceeds-its-layer", "An AI may not work outside its layer.", "لا يجوز للذكاء الاصطناعي أن يعمل خارج طبقته."},
      {"ai-changes-no-rights", "An AI may not change who may do what, its own rights least of all.",
       "لا يجوز للذكاء الاصطناعي تغيير الصلاحيات، ولا صلاحياته هو خاصةً."},
      {"ai-makes-no-layers", "An AI may not create, change or delete layers.",
       "لا يجوز للذكاء الاصطناعي إنشاء الطبقات ولا تغييرها ولا حذفها."},
      {"ai-reads-what-it-was-given", "An AI may not use what it was not given.",
       "لا يجوز للذكاء الاصطناعي أن يستعمل ما لم يُعطَ له."},
      {"ai-decides-nothing-alone", "An AI may not take a final decision alone.",
       "لا يجوز للذكاء الاصطناعي أن ينفرد بقرار نهائي."},
      {"ai-stops-when-in-doubt", "An AI may not carry on when the task is ambiguous.",
       "لا يجوز للذكاء الاصطناعي أن يواصل مهمة غير واضحة."}};
  for (const auto& one : all)
    if (one.id == id) return &one;
  return nullptr;
}

// The ids are those of `kill_switch::id_of`; what lives in `system` is named with its tenant or without.
std::vector<core::EntityKey> switches_of(const Request& request, const std::string& tenant) {
  std::vector<core::EntityKey> all;
  const auto add = [&](std::string id) { all.push_back({"system", "kill_switch", std::move(id)}); };
  add("global");
  add("external_only");
  add("tenant." + tenant);
  const auto named = [&](const std::string& scope, const std::string& target) {
    if (target.empty()) return;
    add(scope + "." + target);
    add(scope + ".system.." + target);
  };
  named("layer", request.layer);
  named("agent", request.agent);
  if (request.requester.agent != request.agent) named("agent", request.requester.agent);
  named("provider", request.provider);
  return all;
}

std::optional<std::string> stopped_by(const Request& request, const core::Context& ctx) {
  const auto leaves = [&] {
    return !request.provider.empty() ||
           (!request.layer.empty() &&
            json_text(ctx.fact({"system", "ai_layer", request.layer}).document, "type") == "EXTERNAL_MANAGED");
  };
  for (const auto& key : switches_of(request, ctx.self.tenant)) {
    const auto& fact = ctx.fact(key);
    if (fact.status != "engaged" || (key.id == "external_only" && !leaves())) continue;
    return "the kill switch `" + key.id + "` is engaged: " + json_text(fact.document, "reason").value_or("");
  }
  return std::nullopt;
}

Verdict judge(const Request& request, const core::Context& ctx) {
  constexpr std::array checks = {kill_switch,       layer_present,     layer_exists,       layer_active,
                                 layer_not_stopped, agent_works,       subscriber_may_use, limits_and_power,
                                 subscriber_limits, external_approval, prohibitions};
  Judging judging{request, ctx, {}};
  for (const auto check : checks)
    if (!check(judging)) return std::move(judging.verdict);
  weigh(judging);
  return std::move(judging.verdict);
}

}  // namespace nova::ai_execution
