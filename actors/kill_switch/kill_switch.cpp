#include "actors/kill_switch/kill_switch.hpp"

#include "core/describe/codec.hpp"
#include "core/json.hpp"

#include <algorithm>
#include <utility>

namespace nova::kill_switch {
namespace {

using Events = std::vector<Event>;
using Outcome = core::Decision<Event>;

constexpr std::string_view home = "system";
constexpr std::string_view end_timer = "end";
constexpr std::string_view parted = "..";

bool is_part(std::string_view text) { return core::is_name(text) && text.find(parted) == std::string_view::npos; }

bool is_blank(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c == ' ' || c == '\t' || c == '\n'; });
}

/// The kinds of which one entity must be there for the target to be known; those that this program was not built with
/// cannot be asked.
std::vector<std::string_view> kinds_of(Scope scope) {
  switch (scope) {
    case Scope::layer:
      return {"ai_layer"};
    case Scope::platform:
      return {"platform"};
    case Scope::provider:
      return {"provider", "external_ai"};
    case Scope::agent:
      return {"ai_agent", "sovereign_agent"};
    case Scope::model:
      return {"ai_model"};
    case Scope::tenant:
      return {"tenant"};
    default:
      break;
  }
  return {};
}

core::EntityKey key_of(Scope scope, std::string_view kind, std::string_view target) {
  const auto slash = target.find('/');
  if (slash != std::string_view::npos)
    return {std::string(target.substr(0, slash)), std::string(kind), std::string(target.substr(slash + 1))};
  // A tenant lives in itself.
  return {std::string(scope == Scope::tenant ? target : home), std::string(kind), std::string(target)};
}

std::vector<core::EntityKey> candidates(const Activate& c) {
  std::vector<core::EntityKey> keys;
  if (!has_target(c.scope) || !is_target(c.target)) return keys;
  for (const auto kind : kinds_of(c.scope))
    if (core::find_kind(kind)) keys.push_back(key_of(c.scope, kind, c.target));
  return keys;
}

core::TimerAsk end_at(std::optional<core::Timestamp> at) { return {std::string(end_timer), at}; }

bool is_known_layer(Scope scope) { return scope == Scope::layer && core::find_kind("ai_layer"); }

/// The layer itself shows that it is stopped (S01). A reason: it is; none: not any more.
core::DoAsk tell_layer(std::string_view target, std::uint64_t epoch, std::string_view reason) {
  const auto key = key_of(Scope::layer, "ai_layer", target);
  core::SendCommand command{key.tenant, key.kind, key.id, reason.empty() ? "emergency_release" : "emergency_stop", {}};
  command.body.text = reason.empty() ? "{}" : "{\"reason\":" + core::json_escape(reason) + "}";
  return {"layer-" + std::to_string(epoch), "command", "send", core::to_json(command), {}};
}

Outcome let_go(const State& s, Outcome released) {
  if (!is_known_layer(s.scope)) return released;
  return std::move(released).work(tell_layer(s.target, s.epoch + 1, ""));
}

std::optional<core::Error> refuse_reasons(std::string_view reason, std::string_view reason_ar) {
  if (is_blank(reason)) return core::invalid_input("reason", "must say why");
  if (is_blank(reason_ar)) return core::invalid_input("reason_ar", "must say why, in Arabic");
  return {};
}

Outcome on(const State& s, const Activate& c, const core::Context& ctx) {
  if (auto refused = refuse_reasons(c.reason, c.reason_ar)) return std::move(*refused);
  // It would forbid starts and stop nothing that runs, or lock people out without a word in the emergency's own story.
  if (is_emergency(c.scope) && ctx.principal.type != "system")
    return core::refuse("kill_switch.emergency_only",
                        "the scope `" + std::string(core::name_of(c.scope)) + "` is engaged by an emergency")
        .fix("`novactl emergency activate`");
  if (has_target(c.scope) && c.target.empty()) {
    const auto scope = std::string(core::name_of(c.scope));
    return core::refuse("kill_switch.target_required", "the scope `" + scope + "` needs a target").with("scope", scope);
  }
  if (!has_target(c.scope) && !c.target.empty())
    return core::invalid_input("target", "must be left out: this scope has none");
  if (has_target(c.scope) && !is_target(c.target))
    return core::invalid_input("target", "must be an id, or a tenant and an id with a slash between them");
  if (ctx.self.tenant != home || ctx.self.id != id_of(c.scope, c.target))
    return core::invalid_input("scope", "is not that of `" + ctx.self.id + "`");
  const auto known = candidates(c);
  if (!known.empty() && std::none_of(known.begin(), known.end(), [&](const auto& key) { return ctx.fact(key).exists; }))
    return core::refuse("entity.not_found",
                        "there is no " + std::string(core::name_of(c.scope)) + " `" + core::printable(c.target) + "`");
  std::optional<core::Timestamp> until;
  if (c.auto_reactivate_minutes) until = ctx.now + std::chrono::minutes(std::int64_t(*c.auto_reactivate_minutes));
  if (s.status == Status::engaged && s.reason == c.reason && s.reason_ar == c.reason_ar && s.until == until &&
      s.incident_id == c.incident_id)
    return Events{};
  Outcome engaged(Events{
      Engaged{c.scope, c.target, c.reason, c.reason_ar, ctx.principal.id, c.incident_id, ctx.now, until, s.epoch + 1}});
  if (s.status != Status::engaged && is_known_layer(c.scope))
    return std::move(engaged).timer(end_at(until)).work(tell_layer(c.target, s.epoch + 1, c.reason));
  return std::move(engaged).timer(end_at(until));
}

Outcome on(const State& s, const Deactivate& c, const core::Context& ctx) {
  if (s.status != Status::engaged) return core::wrong_state(core::name_of(s.status), {"engaged"});
  return let_go(s, Outcome(Events{Released{c.reason, ctx.principal.id, ctx.now, s.epoch + 1}}).timer(end_at({})));
}

// Taking a change back is the runtime's own work between entities, which no switch stops.
core::DoAsk rollback(const State& s, const SafeRollback& c) {
  const auto slash = c.change.find('/');
  core::SendCommand command{c.change.substr(0, slash), "deployment", c.change.substr(slash + 1), "rollback", {}};
  command.body.text = "{\"reason\":" + core::json_escape(c.reason) + "}";
  return {"rollback-" + std::to_string(s.rollbacks + 1), "command", "send", core::to_json(command), {}};
}

Outcome on(const State& s, const SafeRollback& c, const core::Context& ctx) {
  if (auto refused = refuse_reasons(c.reason, c.reason_ar)) return std::move(*refused);
  if (ctx.self.tenant != home || ctx.self.id != id_of(Scope::global, ""))
    return core::invalid_input("id", "a safe rollback stops everything: it is the global switch's");
  if (!c.change.empty() && (!is_target(c.change) || c.change.find('/') == std::string::npos))
    return core::invalid_input("change", "must be a tenant and a deployment with a slash between them");
  if (!s.rollback.empty())
    return core::refuse("kill_switch.rollback_under_way", "a rollback is under way already").with("work", s.rollback);
  const auto incident = c.incident_id.empty() ? "incident-" + ctx.command_id : std::string(c.incident_id);
  // By hand: nobody knows how long it takes to find out what went wrong.
  Events events{Engaged{Scope::global, "", c.reason, c.reason_ar, ctx.principal.id, incident, ctx.now, std::nullopt,
                        s.epoch + 1}};
  if (c.change.empty()) {
    events.push_back(RollbackStarted{"", "", incident, ctx.principal.id, ctx.now});
    return Outcome(std::move(events)).timer(end_at(std::nullopt));
  }
  auto work = rollback(s, c);
  events.push_back(RollbackStarted{c.change, work.id, incident, ctx.principal.id, ctx.now});
  return Outcome(std::move(events)).timer(end_at(std::nullopt)).work(std::move(work));
}

Outcome on(const State& s, const core::Settle& c, const core::Context& ctx) {
  if (s.rollback.empty() || c.work_id != s.rollback) return Events{};
  return Events{RollbackEnded{c.work_id, std::string(core::name_of(c.outcome)), c.code, ctx.now}};
}

Outcome on(const State& s, const core::Fire& c, const core::Context& ctx) {
  if (s.status != Status::engaged || c.timer_id != end_timer || !s.until) return Events{};
  if (ctx.now < *s.until) return Outcome(Events{}).timer(end_at(s.until));
  return let_go(s, Events{Expired{ctx.now, s.epoch + 1}});
}

void apply(State& s, const Engaged& e) {
  s.status = Status::engaged;
  s.scope = e.scope;
  s.target = e.target;
  s.reason = e.reason;
  s.reason_ar = e.reason_ar;
  s.by = e.by;
  s.incident_id = e.incident_id;
  s.at = e.at;
  s.until = e.until;
  s.epoch = e.epoch;
}
void apply(State& s, const Released& e) {
  s.status = Status::armed;
  s.by = e.by;
  s.at = e.at;
  s.until.reset();
  s.epoch = e.epoch;
}
void apply(State& s, const Expired& e) {
  s.status = Status::armed;
  s.at = e.at;
  s.until.reset();
  s.epoch = e.epoch;
}
void apply(State& s, const RollbackStarted& e) {
  s.rollback = e.work;
  if (!e.work.empty()) ++s.rollbacks;
}
void apply(State& s, const RollbackEnded&) { s.rollback.clear(); }

}  // namespace

bool is_target(std::string_view text) {
  if (text.size() > target_bytes_max) return false;
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) return is_part(text);
  return is_part(text.substr(0, slash)) && is_part(text.substr(slash + 1));
}

std::string id_of(Scope scope, std::string_view target) {
  std::string id(core::name_of(scope));
  if (!has_target(scope)) return id;
  id += '.';
  for (const char c : target)
    if (c == '/')
      id += parted;
    else
      id += c;
  return id;
}

/// What `activate` must know: whether there is such a target.
std::vector<core::FactNeed> needs_of(const void* command) {
  std::vector<core::FactNeed> needs;
  for (auto& key : candidates(*static_cast<const Activate*>(command))) needs.push_back({std::move(key), false});
  return needs;
}

core::Decision<Event> decide(const State& s, const Command& command, const core::Context& ctx) {
  return std::visit([&](const auto& c) { return on(s, c, ctx); }, command);
}

State evolve(State s, const Event& event) {
  std::visit([&](const auto& e) { apply(s, e); }, event);
  return s;
}

core::Summary summarise(const State& s) { return {std::string(core::name_of(s.status)), "", s.reason}; }

}  // namespace nova::kill_switch
