#include "actors/ai_agent/ai_agent.hpp"

#include "core/describe/codec.hpp"
#include "core/json.hpp"

#include <cmath>
#include <utility>

namespace nova::ai_agent {

const std::string_view preamble =
    "You are governed. You hold no final decision. You work only inside the layer that was approved for you. "
    "When in doubt, stop and say so.";

namespace {

using Events = std::vector<Event>;
using Outcome = core::Decision<Event>;
using Refusal = std::optional<core::Error>;

core::Error wrong_state(const State& s, std::initializer_list<std::string_view> allowed) {
  return core::wrong_state(core::name_of(s.status), allowed);
}

bool exists(const State& s) { return s.status != Status::absent && s.status != Status::removed; }

// A rule of the constitution by its name there (S02), with the code that clients know.
core::Error breaks(std::string code, std::string rule, std::string message) {
  auto error = core::refuse(std::move(code), std::move(message));
  error.status = 403;
  return std::move(error).with("rule", std::move(rule));
}

// The rules that tie an agent to a layer, in the order in which an execution is judged.
Refusal refuse(const Settings& to, const core::Context& ctx) {
  if (to.layer.empty())
    return breaks("ai.no_layer", "noAIWithoutLayer", "an agent works in a layer, and none was named")
        .fix("name a layer: GET /api/owner/ai-sovereignty/layers");
  const auto& layer = ctx.fact({"system", "ai_layer", to.layer});
  if (!layer.exists || layer.status == "deleted")
    return breaks("ai.invalid_layer", "noAIWithoutLayer", "there is no layer `" + to.layer + "`");
  const auto tokens = core::json_int(layer.document, "power.max_tokens_per_request");
  if (!tokens)
    return breaks("ai.undefined_power", "noUndefinedPower", "nobody has said what bounds the layer `" + to.layer + "`");
  const auto type = core::json_text(layer.document, "type").value_or("");
  if (to.available_to_subscribers && type == "INTERNAL_SOVEREIGN") {
    auto error =
        core::refuse("ai_layer.internal_only", "what works in an INTERNAL_SOVEREIGN layer is the owner's alone");
    error.status = 403;
    return error;
  }
  if (type == "EXTERNAL_MANAGED" || !to.provider.empty()) {
    const auto& provider = ctx.fact({"system", "external_ai", to.provider});
    if (to.provider.empty() || provider.status != "active")
      return breaks("ai.external_unapproved", "noExternalWithoutApproval",
                    to.provider.empty() ? "the layer is answered for by an outside provider, and none was named"
                                        : "the owner has not approved the provider `" + to.provider + "`");
  }
  if (to.max_tokens > *tokens) {
    auto error =
        core::refuse("ai_agent.above_layer_power", "`max_tokens` is " + std::to_string(std::int64_t(to.max_tokens)) +
                                                       ", and the layer allows " + std::to_string(*tokens));
    error.status = 403;
    return std::move(error).with("limit", std::to_string(*tokens));
  }
  if (!std::isfinite(to.temperature) || to.temperature < 0 || to.temperature > 2)
    return core::invalid_input("temperature", "must be 0 to 2");
  return std::nullopt;
}

core::DoAsk tell_layer(const core::Context& ctx, const std::string& layer, std::string_view verb, std::string work) {
  core::SendCommand command{"system", "ai_layer", layer, std::string(verb), {}};
  command.body.text.clear();
  core::JsonWriter(command.body.text).object().field("by", "ai_agent/" + ctx.self.id).end();
  return {std::move(work), "command", "send", core::to_json(command), "layer"};
}

std::string attach_work(const State& s) { return "attach-" + std::to_string(s.asked + 1); }

core::Error moving() {
  auto error = core::refuse("ai_agent.moving", "its layer has not answered yet");
  error.status = 409;
  error.retryable = true;
  return error;
}

Settings settings_of(const Create& c) {
  return {c.name,
          c.name_ar,
          c.layer,
          c.provider,
          c.model,
          c.system_prompt,
          c.temperature,
          c.max_tokens,
          c.available_to_subscribers.value_or(false),
          c.requires_sovereign_approval};
}

Outcome on(const State& s, const Create& c, const core::Context& ctx) {
  auto to = settings_of(c);
  if (s.status != Status::absent) {
    const bool same = exists(s) && s.settings == to;
    return same ? Outcome(Events{}) : Outcome(wrong_state(s, {"absent"}));
  }
  if (!c.available_to_subscribers && !c.layer.empty())
    return breaks("ai.subscriber_undecided", "noSubscriberAccessWithoutDecision",
                  "whether subscribers may ask it must be decided")
        .fix("say `available_to_subscribers`: true or false");
  if (auto no = refuse(to, ctx)) return *no;
  auto work = attach_work(s);
  auto ask = tell_layer(ctx, to.layer, "attach", work);
  return Outcome(Events{Created{std::move(to), std::string(preamble), std::move(work), ctx.principal.id, ctx.now}})
      .work(std::move(ask));
}

Outcome on(const State& s, const Update& c, const core::Context& ctx) {
  if (!exists(s)) return wrong_state(s, {"pending", "active", "inactive"});
  Settings to = s.settings;
  if (c.name) to.name = *c.name;
  if (c.name_ar) to.name_ar = *c.name_ar;
  if (c.layer) to.layer = *c.layer;
  if (c.provider) to.provider = *c.provider;
  if (c.model) to.model = *c.model;
  if (c.system_prompt) to.system_prompt = *c.system_prompt;
  if (c.temperature) to.temperature = *c.temperature;
  if (c.max_tokens) to.max_tokens = *c.max_tokens;
  if (c.available_to_subscribers) to.available_to_subscribers = *c.available_to_subscribers;
  if (c.requires_sovereign_approval) to.requires_sovereign_approval = *c.requires_sovereign_approval;
  if (auto no = refuse(to, ctx)) return *no;
  if (to == s.settings) return Events{};
  if (to.layer == s.settings.layer) return Events{Updated{s.settings, to, {}, ctx.principal.id, ctx.now}};
  // One move at a time: the answer to the one before says where it is counted.
  if (!s.work.empty()) return moving();
  auto work = attach_work(s);
  auto leave = tell_layer(ctx, s.settings.layer, "detach", "detach-" + std::to_string(s.asked + 1));
  auto join = tell_layer(ctx, to.layer, "attach", work);
  return Outcome(Events{Updated{s.settings, std::move(to), std::move(work), ctx.principal.id, ctx.now}})
      .work(std::move(leave))
      .work(std::move(join));
}

Outcome on(const State& s, const Deactivate& c, const core::Context& ctx) {
  if (s.status == Status::inactive) return Events{};
  if (s.status != Status::active) return wrong_state(s, {"active"});
  return Events{Deactivated{c.reason, ctx.principal.id, ctx.now}};
}

Outcome on(const State& s, const Activate&, const core::Context& ctx) {
  if (s.status == Status::active) return Events{};
  if (s.status != Status::inactive) return wrong_state(s, {"inactive"});
  if (!s.work.empty()) return moving();
  if (auto no = refuse(s.settings, ctx)) return *no;
  return Events{Activated{ctx.principal.id, ctx.now}};
}

Outcome on(const State& s, const Remove& c, const core::Context& ctx) {
  if (s.status == Status::removed) return Events{};
  if (!exists(s)) return wrong_state(s, {"pending", "active", "inactive"});
  return Outcome(Events{Removed{c.reason, ctx.principal.id, ctx.now}})
      .work(tell_layer(ctx, s.settings.layer, "detach", "detach-last"));
}

Outcome on(const State& s, const core::Settle& c, const core::Context& ctx) {
  if (s.work.empty() || c.work_id != s.work || !exists(s)) return Events{};
  if (c.outcome == core::Outcome::done) return Events{Counted{c.work_id, ctx.now}};
  // The layer was deleted in the moment between: without one it does nothing, ever.
  return Events{Removed{"its layer does not take it: " + (c.code.empty() ? std::string("ai.invalid_layer") : c.code),
                        ctx.principal.id, ctx.now}};
}

// ---- events

void enter(State& s, Status status, std::string reason, const std::string& by, core::Timestamp at) {
  s.status = status;
  s.reason = std::move(reason);
  s.changed_by = by;
  s.changed_at = at;
}

void apply(State& s, const Created& e) {
  s.settings = e.settings;
  s.preamble = e.preamble;
  s.work = e.work;
  ++s.asked;
  s.created_by = e.by;
  s.created_at = e.at;
  enter(s, Status::pending, {}, e.by, e.at);
}
void apply(State& s, const Counted&) {
  s.work.clear();
  if (s.status == Status::pending) s.status = Status::active;
}
void apply(State& s, const Updated& e) {
  s.settings = e.after;
  s.changed_by = e.by;
  s.changed_at = e.at;
  if (e.work.empty()) return;
  s.work = e.work;
  ++s.asked;
  if (s.status == Status::active) s.status = Status::pending;
}
void apply(State& s, const Deactivated& e) { enter(s, Status::inactive, e.reason, e.by, e.at); }
void apply(State& s, const Activated& e) { enter(s, Status::active, {}, e.by, e.at); }
void apply(State& s, const Removed& e) {
  s.work.clear();
  enter(s, Status::removed, e.reason, e.by, e.at);
}

}  // namespace

core::Decision<Event> decide(const State& s, const Command& command, const core::Context& ctx) {
  return std::visit([&](const auto& c) { return on(s, c, ctx); }, command);
}

State evolve(State s, const Event& event) {
  std::visit([&](const auto& e) { apply(s, e); }, event);
  return s;
}

core::Summary summarise(const State& s) {
  return {std::string(core::name_of(s.status)), s.settings.layer.empty() ? "" : "ai_layer/" + s.settings.layer,
          s.reason};
}

}  // namespace nova::ai_agent
