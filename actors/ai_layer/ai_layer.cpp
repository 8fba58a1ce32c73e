#include "actors/ai_layer/ai_layer.hpp"

#include "core/text.hpp"

#include <algorithm>
#include <utility>

namespace nova::ai_layer {
namespace {

using Events = std::vector<Event>;
using Outcome = core::Decision<Event>;
using Refusal = std::optional<core::Error>;

constexpr std::string_view month_timer = "month", expiry_timer = "expiry";
constexpr std::chrono::minutes one_minute{1};

core::Error forbidden(std::string code, std::string message) {
  auto error = core::refuse(std::move(code), std::move(message));
  error.status = 403;
  return error;
}

core::Error wrong_state(const State& s, std::initializer_list<std::string_view> allowed) {
  return core::wrong_state(core::name_of(s.status), allowed);
}

bool exists(const State& s) { return s.status != Status::absent && s.status != Status::deleted; }

Refusal need_existing(const State& s) {
  if (exists(s)) return std::nullopt;
  return wrong_state(s, {"active", "suspended", "disabled", "emergency_stopped"});
}

// What is the owner's alone is shown to nobody else, whatever is written into it.
Refusal refuse_opening(Type type, const Profile& profile) {
  const bool open = profile.allowed_for_subscribers || profile.subscriber_visibility != Visibility::hidden;
  if (type != Type::internal_sovereign || !open) return std::nullopt;
  return forbidden("ai_layer.internal_only", "an INTERNAL_SOVEREIGN layer is the owner's alone");
}

Refusal refuse_power(const Power& power) {
  const auto& most = core::power_level(power.level);
  const auto above = [&](const char* what, std::int64_t asked, std::int64_t limit) {
    return core::refuse("ai_layer.above_level", "`" + std::string(what) + "` is " + std::to_string(asked) +
                                                    ", and level " + std::to_string(std::int64_t(power.level)) +
                                                    " allows " + std::to_string(limit))
        .with("figure", what)
        .with("limit", std::to_string(limit))
        .fix("choose a higher level, or a lower figure");
  };
  if (power.max_tokens_per_request > most.tokens)
    return above("max_tokens_per_request", power.max_tokens_per_request, most.tokens);
  if (power.max_requests_per_minute > most.requests_per_minute)
    return above("max_requests_per_minute", power.max_requests_per_minute, most.requests_per_minute);
  return std::nullopt;
}

// Names differ by more than their case.
core::ClaimAsk claim(std::string_view name, bool release) {
  std::string key(name);
  for (auto& c : key)
    if (c >= 'A' && c <= 'Z') c = char(c - 'A' + 'a');
  return {"ai-layer-name/" + key, release, "entity.duplicate"};
}

core::TimerAsk month_end(core::Timestamp now) { return {std::string(month_timer), core::next_month(now)}; }

// ---- what it is

Outcome on(const State& s, const Create& c, const core::Context& ctx) {
  if (s.status != Status::absent) {
    const bool same = s.status == Status::active && s.profile == c.profile && s.type == c.type && s.power == c.power;
    return same ? Outcome(Events{}) : Outcome(wrong_state(s, {"absent"}));
  }
  if (auto no = refuse_opening(c.type, c.profile)) return *no;
  if (auto no = c.power ? refuse_power(*c.power) : std::nullopt) return *no;
  Events events{Created{c.profile, c.type, ctx.principal.id, ctx.now},
                core::LedgerRolled{core::month_of(ctx.now), ctx.now}};
  if (c.power) events.push_back(PowerSet{std::nullopt, *c.power, ctx.principal.id, ctx.now});
  return Outcome(std::move(events)).claim(claim(c.profile.name, false)).timer(month_end(ctx.now));
}

Outcome on(const State& s, const Update& c, const core::Context& ctx) {
  if (auto no = need_existing(s)) return *no;
  Profile after = s.profile;
  if (c.name) after.name = *c.name;
  if (c.name_ar) after.name_ar = *c.name_ar;
  if (c.purpose) after.purpose = *c.purpose;
  if (c.purpose_ar) after.purpose_ar = *c.purpose_ar;
  if (c.priority) after.priority = *c.priority;
  if (c.allowed_for_subscribers) after.allowed_for_subscribers = *c.allowed_for_subscribers;
  if (c.subscriber_visibility) after.subscriber_visibility = *c.subscriber_visibility;
  if (auto no = refuse_opening(s.type, after)) return *no;
  if (after == s.profile) return Events{};
  Outcome outcome(Events{Updated{s.profile, after, ctx.principal.id, ctx.now}});
  if (claim(after.name, false).name == claim(s.profile.name, false).name) return outcome;
  return std::move(outcome).claim(claim(s.profile.name, true)).claim(claim(after.name, false));
}

Outcome on(const State& s, const SetPower& c, const core::Context& ctx) {
  if (auto no = need_existing(s)) return *no;
  if (auto no = refuse_power(c.power)) return *no;
  if (s.power == c.power) return Events{};
  return Events{PowerSet{s.power, c.power, ctx.principal.id, ctx.now}};
}

// ---- whether it works

Outcome on(const State& s, const Suspend& c, const core::Context& ctx) {
  if (s.status == Status::suspended) return Events{};
  if (s.status != Status::active) return wrong_state(s, {"active"});
  return Events{Suspended{c.reason, ctx.principal.id, ctx.now}};
}
Outcome on(const State& s, const Resume&, const core::Context& ctx) {
  if (s.status == Status::active) return Events{};
  if (s.status != Status::suspended) return wrong_state(s, {"suspended"});
  return Events{Resumed{ctx.principal.id, ctx.now}};
}
Outcome on(const State& s, const Disable& c, const core::Context& ctx) {
  if (s.status == Status::disabled) return Events{};
  if (s.status != Status::active && s.status != Status::suspended) return wrong_state(s, {"active", "suspended"});
  return Events{Disabled{c.reason, ctx.principal.id, ctx.now}};
}
Outcome on(const State& s, const Enable&, const core::Context& ctx) {
  if (s.status == Status::active) return Events{};
  if (s.status != Status::disabled) return wrong_state(s, {"disabled"});
  return Events{Enabled{ctx.principal.id, ctx.now}};
}
Outcome on(const State& s, const Delete& c, const core::Context& ctx) {
  if (s.status == Status::deleted) return Events{};
  if (s.status != Status::disabled) return wrong_state(s, {"disabled"});
  if (!s.used_by.empty())
    return core::refuse("ai_layer.in_use",
                        "`" + s.used_by.front() + "` points at it" + (s.used_by.size() == 1 ? "" : ", and others do"))
        .with("used_by", s.used_by.front())
        .with("count", std::to_string(s.used_by.size()))
        .fix("remove them, or let them point elsewhere, first");
  return Outcome(Events{Deleted{c.reason, ctx.principal.id, ctx.now}})
      .claim(claim(s.profile.name, true))
      .timer({std::string(month_timer), std::nullopt})
      .timer({std::string(expiry_timer), std::nullopt});
}

Outcome on(const State& s, const EmergencyStop& c, const core::Context& ctx) {
  if (s.status == Status::emergency_stopped) return Events{};
  if (auto no = need_existing(s)) return *no;
  return Events{EmergencyStopped{c.reason, ctx.now}};
}
Outcome on(const State& s, const EmergencyRelease&, const core::Context& ctx) {
  if (s.status != Status::emergency_stopped) return Events{};
  return Events{EmergencyReleased{ctx.now}};
}

// ---- what points at it

bool is_used_by(const State& s, std::string_view by) {
  return std::find(s.used_by.begin(), s.used_by.end(), by) != s.used_by.end();
}

Outcome on(const State& s, const Attach& c, const core::Context& ctx) {
  if (!exists(s)) return core::refuse("ai.invalid_layer", "there is no such layer");
  if (is_used_by(s, c.by)) return Events{};
  if (s.used_by.size() >= used_by_max)
    return core::refuse("ai_layer.full", "too much points at this layer").with("limit", std::to_string(used_by_max));
  return Events{Attached{c.by, ctx.now}};
}
Outcome on(const State& s, const Detach& c, const core::Context& ctx) {
  if (!is_used_by(s, c.by)) return Events{};
  return Events{Detached{c.by, ctx.now}};
}

// ---- what it costs

Refusal need_working(const State& s) {
  if (s.status == Status::emergency_stopped) {
    auto stopped = core::refuse("ai.layer_stopped", "the layer is stopped in an emergency");
    stopped.status = 503;
    return stopped;
  }
  if (s.status != Status::active)
    return forbidden("ai.layer_inactive", "the layer is " + std::string(core::name_of(s.status)));
  if (!s.power) return forbidden("ai.undefined_power", "nobody has said what bounds the layer");
  return std::nullopt;
}

// A month that ended while the node was down ends before anything else is counted.
void roll(const State& s, const core::Context& ctx, Events& events) {
  if (auto month = core::month_of(ctx.now); s.budget.period != month)
    events.push_back(core::LedgerRolled{std::move(month), ctx.now});
}

core::TimerAsk next_expiry(const State& s) { return {std::string(expiry_timer), core::first_expiry(s.budget)}; }

State after(State s, const Events& events) {
  for (const auto& event : events) s = evolve(std::move(s), event);
  return s;
}

Outcome with_expiry(const State& s, Events events) {
  if (events.empty()) return events;
  auto timer = next_expiry(after(s, events));
  return Outcome(std::move(events)).timer(std::move(timer));
}

core::Error busy(std::string message) {
  auto error = core::refuse("rate.limited", std::move(message));
  error.retryable = true;
  return error;
}

Outcome on(const State& s, const Reserve& c, const core::Context& ctx) {
  if (core::find_hold(s.budget, c.id) || core::is_ended(s.budget, c.id)) return Events{};
  if (auto no = need_working(s)) return *no;
  const auto& power = *s.power;
  if (c.tokens > power.max_tokens_per_request)
    return forbidden("ai_layer.above_power",
                     "a request may use " + std::to_string(std::int64_t(power.max_tokens_per_request)) + " tokens");
  const bool same_minute = ctx.now - s.minute.since < one_minute && ctx.now >= s.minute.since;
  if (same_minute && s.minute.requests >= power.max_requests_per_minute)
    return busy("the layer takes no more requests in this minute");
  const auto most = std::min<std::int64_t>(power.max_concurrent_requests, core::ledger_held_max);
  if (std::int64_t(s.budget.held.size()) >= most) return busy("the layer takes no more requests at once");

  Events events;
  roll(s, ctx, events);
  const auto month = core::month_of(ctx.now);
  const auto taken = core::taken(s.budget, month);
  if (power.monthly_budget_limit &&
      (taken >= *power.monthly_budget_limit || power.cost_per_request > *power.monthly_budget_limit - taken)) {
    auto spent = forbidden("ai_layer.budget_spent", "the layer's budget of this month is spent")
                     .with("limit", std::to_string(std::int64_t(*power.monthly_budget_limit)))
                     .with("taken", std::to_string(taken))
                     .fix("wait for the next month, or give it a larger budget");
    if (s.told_spent == month) return spent;
    events.push_back(BudgetSpent{month, *power.monthly_budget_limit, taken, ctx.now});
    return Outcome::refuse_and_record(std::move(spent), std::move(events));
  }
  events.push_back(core::LedgerHeld{c.id, power.cost_per_request, ctx.now, ctx.now + hold_time});
  return with_expiry(s, std::move(events));
}

Outcome on(const State& s, const Commit& c, const core::Context& ctx) {
  const auto* hold = core::find_hold(s.budget, c.id);
  if (!hold) {
    if (core::is_ended(s.budget, c.id) || !c.cost) return Events{};
    return core::refuse("ai_layer.not_reserved", "nothing is held for `" + c.id + "`");
  }
  Events events;
  roll(s, ctx, events);
  events.push_back(core::LedgerCommitted{c.id, c.cost ? std::int64_t(*c.cost) : hold->amount, ctx.now});
  return with_expiry(s, std::move(events));
}

Outcome on(const State& s, const Release& c, const core::Context& ctx) {
  if (!core::find_hold(s.budget, c.id)) return Events{};
  return with_expiry(s, {core::LedgerReleased{c.id, false, ctx.now}});
}

Outcome on(const State& s, const RecordUsage& c, const core::Context& ctx) {
  if (auto no = need_existing(s)) return *no;
  if (core::is_ended(s.budget, c.id)) return Events{};
  Events events;
  roll(s, ctx, events);
  events.push_back(core::LedgerCommitted{c.id, c.cost, ctx.now});
  const auto limit = s.power ? s.power->monthly_budget_limit : std::nullopt;
  const auto month = core::month_of(ctx.now);
  const auto taken = core::taken(after(s, events).budget, month);
  if (limit && taken >= *limit && s.told_spent != month) events.push_back(BudgetSpent{month, *limit, taken, ctx.now});
  return with_expiry(s, std::move(events));
}

Outcome on(const State& s, const core::Fire& c, const core::Context& ctx) {
  if (!exists(s)) return Events{};
  Events events;
  if (c.timer_id == month_timer) {
    roll(s, ctx, events);
    return Outcome(std::move(events)).timer(month_end(ctx.now));
  }
  if (c.timer_id != expiry_timer) return Events{};
  for (auto& id : core::overdue(s.budget, ctx.now))
    events.push_back(core::LedgerReleased{std::move(id), true, ctx.now});
  return with_expiry(s, std::move(events));
}

// ---- events

void changed(State& s, const std::string& by, core::Timestamp at) {
  s.changed_by = by;
  s.changed_at = at;
}
void enter(State& s, Status status, std::string reason, const std::string& by, core::Timestamp at) {
  s.status = status;
  s.reason = std::move(reason);
  changed(s, by, at);
}

void apply(State& s, const Created& e) {
  s.profile = e.profile;
  s.type = e.type;
  s.created_by = e.by;
  s.created_at = e.at;
  enter(s, Status::active, {}, e.by, e.at);
}
void apply(State& s, const Updated& e) {
  s.profile = e.after;
  changed(s, e.by, e.at);
}
void apply(State& s, const PowerSet& e) {
  s.power = e.after;
  s.power_set = true;
  changed(s, e.by, e.at);
}
void apply(State& s, const Suspended& e) { enter(s, Status::suspended, e.reason, e.by, e.at); }
void apply(State& s, const Resumed& e) { enter(s, Status::active, {}, e.by, e.at); }
void apply(State& s, const Disabled& e) { enter(s, Status::disabled, e.reason, e.by, e.at); }
void apply(State& s, const Enabled& e) { enter(s, Status::active, {}, e.by, e.at); }
void apply(State& s, const Deleted& e) { enter(s, Status::deleted, e.reason, e.by, e.at); }
void apply(State& s, const EmergencyStopped& e) {
  if (s.status != Status::emergency_stopped) s.stopped_from = s.status;
  enter(s, Status::emergency_stopped, e.reason, "system", e.at);
}
void apply(State& s, const EmergencyReleased& e) {
  enter(s, s.stopped_from, {}, "system", e.at);
  s.stopped_from = Status::absent;
}
void apply(State& s, const Attached& e) {
  if (!is_used_by(s, e.by) && s.used_by.size() < used_by_max) s.used_by.push_back(e.by);
}
void apply(State& s, const Detached& e) { std::erase(s.used_by, e.by); }
void apply(State& s, const BudgetSpent& e) { s.told_spent = e.month; }
void apply(State& s, const core::LedgerHeld& e) {
  core::apply(s.budget, e);
  if (e.at - s.minute.since < one_minute && e.at >= s.minute.since)
    ++s.minute.requests;
  else
    s.minute = {e.at, 1};
}
template <class LedgerEvent>
void apply(State& s, const LedgerEvent& e) {
  core::apply(s.budget, e);
}

}  // namespace

bool works(const State& s) { return s.status == Status::active && s.power.has_value(); }

core::Decision<Event> decide(const State& s, const Command& command, const core::Context& ctx) {
  return std::visit([&](const auto& c) { return on(s, c, ctx); }, command);
}

State evolve(State s, const Event& event) {
  std::visit([&](const auto& e) { apply(s, e); }, event);
  return s;
}

core::Summary summarise(const State& s) { return {std::string(core::name_of(s.status)), "", s.reason}; }

}  // namespace nova::ai_layer
