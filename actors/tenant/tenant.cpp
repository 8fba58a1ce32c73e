#include "actors/tenant/tenant.hpp"

#include "core/text.hpp"

#include <utility>

namespace nova::tenant {
namespace {

using Events = std::vector<Event>;
using Outcome = core::Decision<Event>;

// The runtime's own entities live in `system`; "-" is how the API says "all tenants".
bool is_slug(std::string_view id) {
  return id.size() >= 3 && id.size() <= 63 && core::has_shape(core::Shape::slug, id) && id != "system";
}

core::Error wrong_state(const State& s, std::initializer_list<std::string_view> allowed) {
  return core::wrong_state(core::name_of(s.status), allowed);
}

Outcome on(const State& s, const Create& c, const core::Context& ctx) {
  if (s.status != Status::absent) {
    const bool same = s.name == c.name && s.tier == c.tier && s.settings == c.settings && s.status != Status::archived;
    if (same) return Events{};
    return core::refuse("tenant.slug_taken", "a tenant `" + ctx.self.id + "` exists already");
  }
  if (!is_slug(ctx.self.id) || ctx.self.tenant != ctx.self.id)
    return core::invalid_input(
        "id", "must be 3 to 63 lower-case letters, digits and hyphens, start with a letter and not be `system`");
  Events events{Created{c.name, c.tier, c.settings, ctx.principal.id, ctx.now}};
  if (c.activate) events.push_back(Activated{ctx.principal.id, ctx.now});
  return Outcome(std::move(events)).claim({"slug/" + ctx.self.id, false, "tenant.slug_taken"});
}

Outcome on(const State& s, const Activate&, const core::Context& ctx) {
  if (s.status == Status::active) return Events{};
  if (s.status != Status::pending && s.status != Status::suspended) return wrong_state(s, {"pending", "suspended"});
  return Events{Activated{ctx.principal.id, ctx.now}};
}

Outcome on(const State& s, const Suspend& c, const core::Context& ctx) {
  if (s.status == Status::suspended) return Events{};
  if (s.status != Status::active) return wrong_state(s, {"active"});
  return Events{Suspended{c.reason, ctx.principal.id, ctx.now}};
}

Outcome on(const State& s, const Archive& c, const core::Context& ctx) {
  if (s.status == Status::archived) return Events{};
  if (s.status != Status::active && s.status != Status::suspended) return wrong_state(s, {"active", "suspended"});
  return Events{Archived{c.reason, ctx.principal.id, ctx.now}};
}

Outcome on(const State& s, const UpdateSettings& c, const core::Context& ctx) {
  if (s.status == Status::suspended) return core::refuse("tenant.suspended", "a suspended tenant can only be read");
  if (s.status != Status::pending && s.status != Status::active) return wrong_state(s, {"pending", "active"});
  const std::string name = c.name ? std::string(*c.name) : s.name;
  const Settings settings = c.settings.value_or(s.settings);
  if (name == s.name && settings == s.settings) return Events{};
  return Events{Updated{name, settings, ctx.principal.id}};
}

void enter(State& s, Status status, std::string reason, const std::string& by, core::Timestamp at) {
  s.status = status;
  s.reason = std::move(reason);
  s.changed_by = by;
  s.changed_at = at;
}

void apply(State& s, const Created& e) {
  s.name = e.name;
  s.tier = e.tier;
  s.settings = e.settings;
  s.created_by = e.by;
  s.created_at = e.at;
  enter(s, Status::pending, "", e.by, e.at);
}
void apply(State& s, const Activated& e) { enter(s, Status::active, "", e.by, e.at); }
void apply(State& s, const Suspended& e) { enter(s, Status::suspended, e.reason, e.by, e.at); }
void apply(State& s, const Archived& e) { enter(s, Status::archived, e.reason, e.by, e.at); }
void apply(State& s, const Updated& e) {
  s.name = e.name;
  s.settings = e.settings;
}

}  // namespace

core::Decision<Event> decide(const State& s, const Command& command, const core::Context& ctx) {
  return std::visit([&](const auto& c) { return on(s, c, ctx); }, command);
}

State evolve(State s, const Event& event) {
  std::visit([&](const auto& e) { apply(s, e); }, event);
  return s;
}

core::Summary summarise(const State& s) { return {std::string(core::name_of(s.status)), "", s.reason}; }

}  // namespace nova::tenant
