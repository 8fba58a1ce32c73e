#include "actors/permission_set/permission_set.hpp"

#include "core/ai/permission_codes.hpp"
#include "core/authority/authority.hpp"
#include "core/describe/codec.hpp"
#include "core/json.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace nova::permission_set {
namespace {

using Events = std::vector<Event>;
using Outcome = core::Decision<Event>;
using Refusal = std::optional<core::Error>;
using Codes = std::vector<std::string>;

constexpr std::string_view expiry_timer = "expiry";

core::Error forbidden(std::string code, std::string message) {
  auto error = core::refuse(std::move(code), std::move(message));
  error.status = 403;
  return error;
}

const core::Fact& catalogue(const core::Context& ctx) { return ctx.fact({"system", "permission_catalogue", "nova"}); }

// How safe a code is; none: there is no such code.
std::optional<core::Safety> safety_of(const core::Context& ctx, const std::string& code) {
  if (const auto* shipped = core::find_permission_code(code)) return shipped->safety;
  const auto level = core::json_text(catalogue(ctx).document, "definitions." + code + ".security_level");
  if (!level) return std::nullopt;
  const auto& names = core::names_of(static_cast<const core::Safety*>(nullptr));
  const auto found = std::find(names.begin(), names.end(), *level);
  return found == names.end() ? core::Safety::danger : core::Safety(found - names.begin());
}

std::optional<Codes> preset_codes(const core::Context& ctx, const std::string& preset) {
  for (const auto& shipped : core::permission_presets())
    if (shipped.code == preset) return Codes(shipped.codes.begin(), shipped.codes.end());
  const auto& document = catalogue(ctx).document;
  const auto count = core::json_keys(document, "presets." + preset).size();
  if (count == 0) return std::nullopt;
  Codes codes;
  for (std::size_t i = 0; i < count; ++i)
    codes.push_back(core::json_text(document, "presets." + preset + "[" + std::to_string(i) + "]").value_or(""));
  return codes;
}

// ---- who may give what

// What a delegate holds now, of their own set.
bool granter_holds(const core::Context& ctx, const std::string& granter, const std::string& code) {
  auto own = core::from_json<State>(ctx.fact({"system", "permission_set", granter}).document, core::Reading::stored);
  return own ? holds(*own, code, ctx.now) : holds(State{}, code, ctx.now);
}

Refusal refuse_granter(const core::Context& ctx, const std::string& granter) {
  if (core::is_owner_level(ctx)) return std::nullopt;
  // Filled in by the node; a caller who reached this another way is nobody's delegate.
  if (ctx.principal.type != "user" || granter != subject_id("user", ctx.principal.id))
    return forbidden("access.denied", "only a person may say what AI may do");
  if (granter == ctx.self.id) return forbidden("permission.self", "nobody may say what AI may do for themselves");
  return std::nullopt;
}

// To take something away is as much a say in it as to give it.
Refusal refuse_codes(const core::Context& ctx, const std::string& granter, const auto& codes) {
  for (const auto& code : codes) {
    const auto safety = safety_of(ctx, code);
    if (!safety)
      return core::refuse("permission.unknown_code", "there is no permission `" + code + "`").with("code", code);
    if (!core::is_owner_level(ctx) && *safety == core::Safety::danger)
      return forbidden("permission.danger_needs_owner", "only the owner says whether AI may do `" + code + "`")
          .with("code", code);
  }
  if (core::is_owner_level(ctx)) return std::nullopt;
  for (const auto& code : codes)
    if (!granter_holds(ctx, granter, code))
      return forbidden("access.denied", "you may give and take only what is given to you: `" + code + "`")
          .with("code", code);
  return std::nullopt;
}

Outcome with_timer(const State& s, Events events) {
  if (events.empty()) return events;
  State after = s;
  for (const auto& event : events) after = evolve(std::move(after), event);
  core::TimerAsk timer{std::string(expiry_timer), std::nullopt};
  for (const auto& [code, grant] : after.grants)
    if (grant.standing == Standing::granted && grant.expires_at && (!timer.at || *grant.expires_at < *timer.at))
      timer.at = grant.expires_at;
  return Outcome(std::move(events)).timer(std::move(timer));
}

Outcome on(const State& s, const GrantCodes& c, const core::Context& ctx) {
  if (auto no = refuse_granter(ctx, c.granter)) return *no;
  if (c.codes.empty()) return core::invalid_input("codes", "must name at least one");
  if (c.expires_at && *c.expires_at <= ctx.now) return core::invalid_input("expires_at", "must be in the future");
  if (auto no = refuse_codes(ctx, c.granter, c.codes)) return *no;
  Codes fresh;
  std::size_t added = 0;
  for (const auto& code : c.codes) {
    const auto found = s.grants.find(code);
    const bool same = found != s.grants.end() && found->second.standing == Standing::granted &&
                      found->second.expires_at == c.expires_at;
    if (!same) fresh.push_back(code);
    added += found == s.grants.end();
  }
  if (fresh.empty()) return Events{};
  if (s.grants.size() + added > codes_max)
    return core::refuse("permission.limit", "there are too many codes").with("limit", std::to_string(codes_max));
  return with_timer(s, {Granted{std::move(fresh), c.expires_at, c.reason, ctx.principal.id, ctx.now}});
}

Outcome on(const State& s, const RevokeCodes& c, const core::Context& ctx) {
  if (auto no = refuse_granter(ctx, c.granter)) return *no;
  if (c.codes.empty()) return core::invalid_input("codes", "must name at least one");
  if (auto no = refuse_codes(ctx, c.granter, c.codes)) return *no;
  Codes gone;
  std::size_t added = 0;
  for (const auto& code : c.codes) {
    if (!holds(s, code, ctx.now)) continue;
    gone.push_back(code);
    added += !s.grants.contains(code);
  }
  if (gone.empty()) return Events{};
  if (s.grants.size() + added > codes_max)
    return core::refuse("permission.limit", "there are too many codes").with("limit", std::to_string(codes_max));
  return with_timer(s, {Revoked{std::move(gone), c.reason, ctx.principal.id, ctx.now}});
}

// One event: whoever reads the set sees the old one or the new one.
Outcome on(const State& s, const ApplyPreset& c, const core::Context& ctx) {
  if (auto no = refuse_granter(ctx, c.granter)) return *no;
  auto codes = preset_codes(ctx, c.preset);
  if (!codes) return core::refuse("preset.not_found", "there is no preset `" + c.preset + "`");
  std::sort(codes->begin(), codes->end());
  Codes changed;
  const auto before = effective(s, ctx.now);
  std::set_symmetric_difference(before.begin(), before.end(), codes->begin(), codes->end(),
                                std::back_inserter(changed));
  if (auto no = refuse_codes(ctx, c.granter, *codes)) return *no;
  if (auto no = refuse_codes(ctx, c.granter, changed)) return *no;
  const bool forever = std::none_of(s.grants.begin(), s.grants.end(),
                                    [](const auto& grant) { return grant.second.expires_at.has_value(); });
  if (s.replaced && s.preset == c.preset && forever && effective(s, ctx.now) == *codes) return Events{};
  return with_timer(s, {PresetApplied{c.preset, std::move(*codes), c.reason, ctx.principal.id, ctx.now}});
}

Outcome on(const State& s, const core::Fire& c, const core::Context& ctx) {
  if (c.timer_id != expiry_timer) return Events{};
  Codes over;
  for (const auto& [code, grant] : s.grants)
    if (grant.standing == Standing::granted && grant.expires_at && *grant.expires_at <= ctx.now) over.push_back(code);
  if (over.empty()) return Events{};
  return with_timer(s, {Expired{std::move(over), ctx.now}});
}

// ---- events

void changed(State& s, const std::string& by, core::Timestamp at) {
  s.status = Status::active;
  s.changed_by = by;
  s.changed_at = at;
}
void put(State& s, const std::string& code, Grant grant) {
  if (s.grants.size() < codes_max || s.grants.contains(code)) s.grants[code] = std::move(grant);
}
void apply(State& s, const Granted& e) {
  for (const auto& code : e.codes) put(s, code, {Standing::granted, e.by, e.at, e.expires_at});
  changed(s, e.by, e.at);
}
void apply(State& s, const Revoked& e) {
  for (const auto& code : e.codes) put(s, code, {Standing::revoked, e.by, e.at, std::nullopt});
  s.preset.clear();
  changed(s, e.by, e.at);
}
void apply(State& s, const Expired& e) {
  for (const auto& code : e.codes)
    if (const auto found = s.grants.find(code); found != s.grants.end()) found->second.standing = Standing::expired;
}
void apply(State& s, const PresetApplied& e) {
  s.grants.clear();
  s.replaced = true;
  s.preset = e.preset;
  for (const auto& code : e.codes) put(s, code, {Standing::granted, e.by, e.at, std::nullopt});
  changed(s, e.by, e.at);
}

}  // namespace

bool holds(const State& s, std::string_view code, core::Timestamp now) {
  const auto found = s.grants.find(std::string(code));
  if (found == s.grants.end()) {
    const auto* shipped = core::find_permission_code(code);
    return !s.replaced && shipped && shipped->default_enabled;
  }
  const auto& grant = found->second;
  return grant.standing == Standing::granted && (!grant.expires_at || now < *grant.expires_at);
}

std::vector<std::string> effective(const State& s, core::Timestamp now) {
  std::set<std::string> codes;
  for (const auto& [code, grant] : s.grants)
    if (holds(s, code, now)) codes.insert(code);
  for (const auto& shipped : core::permission_codes())
    if (holds(s, shipped.code, now)) codes.insert(std::string(shipped.code));
  return {codes.begin(), codes.end()};
}

std::string subject_id(std::string_view type, std::string_view id) { return std::string(type) + "-" + std::string(id); }

core::Decision<Event> decide(const State& s, const Command& command, const core::Context& ctx) {
  return std::visit([&](const auto& c) { return on(s, c, ctx); }, command);
}

State evolve(State s, const Event& event) {
  std::visit([&](const auto& e) { apply(s, e); }, event);
  return s;
}

core::Summary summarise(const State& s) { return {std::string(core::name_of(s.status)), "", ""}; }

}  // namespace nova::permission_set
