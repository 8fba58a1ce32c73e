#include "actors/tenant/tenant.hpp"

#include "core/authority/authority.hpp"
#include "core/describe/codec.hpp"
#include "core/text.hpp"

#include <algorithm>
#include <utility>

namespace nova::tenant {
namespace {

using Events = std::vector<Event>;
using Outcome = core::Decision<Event>;
using Refusal = std::optional<core::Error>;

constexpr std::string_view enrolling = "founder";  // the one work of a tenant
constexpr std::size_t message_bytes_max = 300;

// The runtime's own entities live in `system`; "-" is how the API says "all tenants".
bool is_slug(std::string_view id) {
  return id.size() >= 3 && id.size() <= 63 && core::has_shape(core::Shape::slug, id) && id != "system";
}

core::Error wrong_state(const State& s, std::initializer_list<std::string_view> allowed) {
  return core::wrong_state(core::name_of(s.status), allowed);
}

Refusal need_few(std::size_t count, std::string path, std::size_t most) {
  if (count <= most) return std::nullopt;
  return core::invalid_input(std::move(path), "must have at most " + std::to_string(most) + " elements");
}

bool may_choose_tier(const core::Context& ctx) {
  return core::is_owner_level(ctx) || core::platform_role(ctx.caller.platform_role) == core::PlatformRole::sovereign;
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
  if (c.tier != Tier::free && !may_choose_tier(ctx))
    return core::refuse("access.denied", "whoever registers by themselves begins with the tier `free`");
  if (auto no = need_few(c.settings.features.size(), "settings.features", features_max)) return *no;
  Events events{Created{c.name, c.tier, c.settings, ctx.principal.id, ctx.now}};
  if (c.activate) events.push_back(Activated{ctx.principal.id, ctx.now});
  return Outcome(std::move(events)).claim({"slug/" + ctx.self.id, false, "tenant.slug_taken"});
}

std::string place_of(const std::string& founder, std::int64_t place) {
  return "founder/" + founder + "/" + std::to_string(place);
}

core::DoAsk make_owner(const std::string& founder, const core::Context& ctx) {
  core::SendCommand command;
  command.tenant = ctx.self.tenant;
  command.kind = "membership";
  command.id = founder;
  command.name = "enrol";
  command.body.text = R"({"role":"owner"})";
  return {std::string(enrolling), "command", "send", core::to_json(command), {}};
}

Outcome on(const State& s, const Register& c, const core::Context& ctx) {
  if (ctx.principal.type != "user")
    return core::refuse("access.denied", "only a person registers a tenant for themselves");
  if (s.status != Status::absent && s.founder == ctx.principal.id && s.status != Status::archived && s.name == c.name &&
      s.tier == c.tier && s.settings == c.settings)
    return Events{};
  Create made;
  made.name = c.name;
  made.tier = c.tier;
  made.settings = c.settings;
  auto outcome = on(s, made, ctx);
  if (outcome.refused()) return outcome;
  if (outcome.events().empty())
    return core::refuse("tenant.slug_taken", "a tenant `" + ctx.self.id + "` exists already");
  outcome.events().push_back(Founded{ctx.principal.id, c.place, std::string(enrolling), ctx.now});
  return std::move(outcome)
      .claim({place_of(ctx.principal.id, c.place), false, std::string(founder_place_taken)})
      .work(make_owner(ctx.principal.id, ctx));
}

Outcome on(const State& s, const core::Settle& c, const core::Context&) {
  if (s.work.empty() || s.work != c.work_id) return Events{};
  if (c.outcome == core::Outcome::done) return Events{FounderEnrolled{}};
  return Events{FounderFailed{c.code, core::clean_text(c.message, message_bytes_max)}};
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
  Outcome outcome(Events{Archived{c.reason, ctx.principal.id, ctx.now}});
  if (s.place != 0) return std::move(outcome).claim({place_of(s.founder, s.place), true, {}});
  return outcome;
}

Outcome on(const State& s, const UpdateSettings& c, const core::Context& ctx) {
  if (s.status == Status::suspended) return core::refuse("tenant.suspended", "a suspended tenant can only be read");
  if (s.status != Status::pending && s.status != Status::active) return wrong_state(s, {"pending", "active"});
  const auto change = c.settings.value_or(SettingsChange{});
  if (!c.name && !change.language && !change.timezone && !change.features)
    return core::refuse("input.nothing_to_change", "nothing was given that could change");
  const std::string name = c.name ? std::string(*c.name) : s.name;
  const Settings settings{change.language.value_or(s.settings.language), change.timezone.value_or(s.settings.timezone),
                          change.features.value_or(s.settings.features)};
  if (auto no = need_few(settings.features.size(), "settings.features", features_max)) return *no;
  if (name == s.name && settings == s.settings) return Events{};
  return Events{Updated{name, settings, ctx.principal.id}};
}

// ---- tier and quotas

Refusal need_kept(const State& s) {
  if (s.status == Status::absent || s.status == Status::archived)
    return wrong_state(s, {"pending", "active", "suspended"});
  return std::nullopt;
}

// The suspended may pay, and so get another tier.
Outcome on(const State& s, const ChangeTier& c, const core::Context& ctx) {
  if (auto no = need_kept(s)) return *no;
  if (s.tier == c.tier) return Events{};
  core::Error above = core::refuse("tenant.over_quota_on_downgrade");
  std::string list;
  for (const auto resource : resources) {
    const auto limit = quota_of(c.tier, resource), before = quota_of(s.tier, resource), used = used_of(s, resource);
    const bool less = limit != unlimited && (before == unlimited || limit < before);
    if (!less || used <= limit) continue;
    const std::string name(core::name_of(resource));
    list += (list.empty() ? "" : ", ") + name + " " + std::to_string(used) + " of " + std::to_string(limit);
    above.with(name, std::to_string(used)).with(name + "_limit", std::to_string(limit));
  }
  if (!list.empty()) {
    above.message = "more is in use than the tier `" + std::string(core::name_of(c.tier)) + "` allows: " + list;
    return std::move(above).fix("give back what is above, then change the tier");
  }
  return Events{TierChanged{s.tier, c.tier, ctx.principal.id, ctx.now}};
}

Outcome on(const State& s, const SetDataRegion& c, const core::Context& ctx) {
  if (s.status == Status::suspended) return core::refuse("tenant.suspended", "a suspended tenant can only be read");
  if (s.status != Status::pending && s.status != Status::active) return wrong_state(s, {"pending", "active"});
  if (s.data_region == c.region) return Events{};
  return Events{DataRegionSet{c.region, ctx.principal.id, ctx.now}};
}

Outcome on(const State& s, const SetCompliance& c, const core::Context& ctx) {
  if (s.status == Status::suspended) return core::refuse("tenant.suspended", "a suspended tenant can only be read");
  if (s.status != Status::pending && s.status != Status::active) return wrong_state(s, {"pending", "active"});
  if (auto no = need_few(c.regimes.size(), "regimes", compliance_max)) return *no;
  std::vector<std::string> regimes(c.regimes.begin(), c.regimes.end());
  if (s.compliance == regimes) return Events{};
  return Events{ComplianceSet{std::move(regimes), ctx.principal.id, ctx.now}};
}

const Reservation* outstanding(const State& s, std::string_view id) {
  const auto found =
      std::find_if(s.reservations.begin(), s.reservations.end(), [&](const Reservation& r) { return r.id == id; });
  return found == s.reservations.end() ? nullptr : &*found;
}

bool is_spent(const State& s, std::string_view id) {
  return std::find(s.spent.begin(), s.spent.end(), id) != s.spent.end();
}

Outcome exceeded(const State& s, const ReserveQuota& c, std::int64_t limit, std::int64_t used, core::Timestamp now) {
  const std::string name(core::name_of(c.resource));
  auto refused = core::refuse("quota.exceeded", "the tier `" + std::string(core::name_of(s.tier)) + "` allows " +
                                                    std::to_string(limit) + " of `" + name + "`, and " +
                                                    std::to_string(used) + " are in use")
                     .with("resource", name)
                     .with("limit", std::to_string(limit))
                     .with("used", std::to_string(used))
                     .fix("give something back, or change the tier");
  refused.retryable = false;  // the same again changes nothing
  for (const auto& last : s.exceeded)
    if (last.resource == c.resource && now - last.at < exceeded_interval) return refused;
  return Outcome::refuse_and_record(std::move(refused), {QuotaExceeded{c.resource, limit, used, c.amount, now}});
}

// Checked and taken in one step: two of them never see the same last piece.
Outcome on(const State& s, const ReserveQuota& c, const core::Context& ctx) {
  if (s.status == Status::suspended) return core::refuse("tenant.suspended", "a suspended tenant takes nothing new");
  if (s.status != Status::active) return wrong_state(s, {"active"});
  if (const auto* held = outstanding(s, c.id)) {
    if (held->resource == c.resource && held->amount == c.amount) return Events{};
    return core::refuse("tenant.reservation_exists", "`" + c.id + "` reserves something else");
  }
  if (is_spent(s, c.id)) return core::refuse("tenant.reservation_spent", "`" + c.id + "` was confirmed or released");
  if (s.reservations.size() >= reservations_max)
    return core::refuse("tenant.reservations_limit",
                        "there are " + std::to_string(reservations_max) + " outstanding reservations");
  const auto limit = quota_of(s.tier, c.resource), used = used_of(s, c.resource);
  if (limit != unlimited && c.amount > limit - used) return exceeded(s, c, limit, used, ctx.now);
  Events events{QuotaReserved{c.id, c.resource, c.amount, ctx.now}};
  const auto reaches = [&](std::int64_t amount) { return amount * 100 >= limit * warning_percent; };
  if (limit != unlimited && !reaches(used) && reaches(used + c.amount))
    events.push_back(QuotaWarning{c.resource, limit, used + c.amount, ctx.now});
  return events;
}

Outcome on(const State& s, const ConfirmQuota& c, const core::Context&) {
  if (s.status == Status::absent) return wrong_state(s, {"active"});
  if (!outstanding(s, c.id)) return Events{};
  return Events{QuotaConfirmed{c.id}};
}

Outcome on(const State& s, const ReleaseQuota& c, const core::Context&) {
  if (s.status == Status::absent) return wrong_state(s, {"active"});
  if (const auto* held = outstanding(s, c.id)) return Events{QuotaReleased{c.id, held->resource, held->amount}};
  if (!c.resource || is_spent(s, c.id)) return Events{};
  const auto amount = std::min<std::int64_t>(c.amount, used_of(s, *c.resource));
  if (amount <= 0) return Events{};
  return Events{QuotaReleased{c.id, *c.resource, amount}};
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
void apply(State& s, const Archived& e) {
  enter(s, Status::archived, e.reason, e.by, e.at);
  s.place = 0;
}
void apply(State& s, const Updated& e) {
  s.name = e.name;
  s.settings = e.settings;
}
void apply(State& s, const TierChanged& e) { s.tier = e.tier; }
void apply(State& s, const DataRegionSet& e) { s.data_region = e.region; }
void apply(State& s, const ComplianceSet& e) { s.compliance = e.regimes; }

std::int64_t& counter(Usage& usage, Resource resource) {
  switch (resource) {
    case Resource::projects:
      return usage.projects;
    case Resource::storage_mb:
      return usage.storage_mb;
    case Resource::ai_tokens:
      return usage.ai_tokens;
    case Resource::deployments:
      break;
  }
  return usage.deployments;
}

// Events are facts, whatever they hold: no sum leaves the range of its type.
constexpr std::int64_t amount_max = INT64_MAX / 4;

void use(State& s, Resource resource, std::int64_t amount) {
  auto& used = counter(s.usage, resource);
  used = std::clamp<std::int64_t>(used + std::clamp(amount, -amount_max, amount_max), 0, amount_max);
}

void spend(State& s, const std::string& id) {
  std::erase_if(s.reservations, [&](const Reservation& r) { return r.id == id; });
  s.spent.push_back(id);
  if (s.spent.size() > spent_max) s.spent.erase(s.spent.begin());
}

void apply(State& s, const QuotaReserved& e) {
  use(s, e.resource, e.amount);
  s.reservations.push_back({e.id, e.resource, e.amount, e.at});
}
void apply(State& s, const QuotaConfirmed& e) { spend(s, e.id); }
void apply(State& s, const QuotaReleased& e) {
  use(s, e.resource, e.amount == INT64_MIN ? -amount_max : -e.amount);
  spend(s, e.id);
}
void apply(State& s, const QuotaExceeded& e) {
  std::erase_if(s.exceeded, [&](const Exceeded& last) { return last.resource == e.resource; });
  s.exceeded.push_back({e.resource, e.at});
}
void apply(State&, const QuotaWarning&) {}
void apply(State& s, const Founded& e) {
  s.founder = e.founder;
  s.place = e.place;
  s.work = e.work;
}
void apply(State& s, const FounderEnrolled&) { s.work.clear(); }
void apply(State& s, const FounderFailed& e) {
  s.work.clear();
  s.founder_refused = e.code + ": " + e.message;
}

}  // namespace

std::int64_t used_of(const State& s, Resource resource) {
  auto usage = s.usage;
  return counter(usage, resource);
}

core::Decision<Event> decide(const State& s, const Command& command, const core::Context& ctx) {
  return std::visit([&](const auto& c) { return on(s, c, ctx); }, command);
}

State evolve(State s, const Event& event) {
  std::visit([&](const auto& e) { apply(s, e); }, event);
  return s;
}

core::Summary summarise(const State& s) { return {std::string(core::name_of(s.status)), "", s.reason}; }

}  // namespace nova::tenant
