#include "actors/ai_access/ai_access.hpp"

#include "core/json.hpp"

#include <utility>

namespace nova::ai_access {
namespace {

using Events = std::vector<Event>;
using Outcome = core::Decision<Event>;

constexpr std::string_view day_timer = "day", expiry_timer = "expiry";
constexpr std::chrono::minutes one_minute{1};
constexpr std::string_view suspended_by = "system";

/// What a tier may do, as the fact has it. None: nobody has decided, so nothing.
struct Limits {
  std::int64_t per_day = 0, per_minute = 0;
  std::string enforcement;
};
std::optional<Limits> limits_of(const core::Context& ctx, const std::string& tier) {
  const auto& fact = ctx.fact({"system", "subscriber_limit", tier});
  if (fact.status != "active") return std::nullopt;
  return Limits{core::json_int(fact.document, "limits.max_requests_per_day").value_or(0),
                core::json_int(fact.document, "limits.max_requests_per_minute").value_or(0),
                core::json_text(fact.document, "limits.enforcement").value_or("block")};
}

core::Error suspended() {
  auto error = core::refuse("ai_access.suspended", "your access to AI is suspended; your account is not")
                   .fix("ask the owner of this installation");
  error.status = 403;
  return error;
}

Outcome with_timers(const State& s, Events events, const core::Context& ctx) {
  if (events.empty()) return events;
  State after = s;
  for (const auto& event : events) after = evolve(std::move(after), event);
  core::TimerAsk expiry{std::string(expiry_timer), core::first_expiry(after.day)};
  const bool another_day = s.day.period != after.day.period;
  Outcome outcome(std::move(events));
  outcome.asks().timers.push_back(std::move(expiry));
  if (!another_day) return outcome;
  return std::move(outcome).timer({std::string(day_timer), core::next_day(ctx.now)});
}

void roll(const State& s, const core::Context& ctx, Events& events) {
  if (auto day = core::day_of(ctx.now); s.day.period != day)
    events.push_back(core::LedgerRolled{std::move(day), ctx.now});
}

// A breach is noted once a minute: who knocks a thousand times a second fills no log.
void note(const State& s, const core::Context& ctx, const std::string& tier, const std::string& limit,
          std::string_view enforcement, Events& events) {
  const bool again = s.breached_limit == limit && ctx.now - s.breached_at < breach_interval;
  if (!again) events.push_back(Breached{tier, limit, ctx.now});
  if (enforcement == "auto_suspend" && s.status != Status::suspended)
    events.push_back(Suspended{"more was asked for than the tier `" + tier + "` allows: " + limit,
                               std::string(suspended_by), ctx.now});
}

Outcome on(const State& s, const Reserve& c, const core::Context& ctx) {
  if (core::find_hold(s.day, c.id) || core::is_ended(s.day, c.id)) return Events{};
  if (s.status == Status::suspended) return suspended();
  const auto limits = limits_of(ctx, c.tier);
  if (!limits) {
    auto error = core::refuse("ai.no_limits", "nobody has said how much the tier `" + c.tier + "` may ask");
    error.status = 403;
    return std::move(error).with("rule", "noAIWithoutLimits");
  }
  Events events;
  roll(s, ctx, events);
  std::string breached;
  std::int64_t limit = 0;
  const bool same_minute = ctx.now - s.minute.since < one_minute && ctx.now >= s.minute.since;
  // Each hold is one request, and what was used stays used.
  if (core::taken(s.day, core::day_of(ctx.now)) >= limits->per_day)
    breached = "max_requests_per_day", limit = limits->per_day;
  else if (same_minute && s.minute.requests >= limits->per_minute)
    breached = "max_requests_per_minute", limit = limits->per_minute;
  if (!breached.empty()) note(s, ctx, c.tier, breached, limits->enforcement, events);
  const bool full = s.day.held.size() >= core::ledger_held_max;
  if (full || (!breached.empty() && limits->enforcement != "log")) {
    auto error = core::refuse("quota.exceeded",
                              full ? "too many requests are under way"
                                   : "the tier `" + c.tier + "` allows " + std::to_string(limit) +
                                         (breached.ends_with("day") ? " requests a day" : " requests a minute"))
                     .with("resource", full ? "requests_at_once" : breached)
                     .with("limit", std::to_string(full ? std::int64_t(core::ledger_held_max) : limit));
    if (events.empty()) return error;
    return Outcome::refuse_and_record(std::move(error), std::move(events));
  }
  events.push_back(core::LedgerHeld{c.id, 1, ctx.now, ctx.now + hold_time});
  return with_timers(s, std::move(events), ctx);
}

Outcome on(const State& s, const NoteBreach& c, const core::Context& ctx) {
  const auto limits = limits_of(ctx, c.tier);
  Events events;
  note(s, ctx, c.tier, c.limit, limits ? limits->enforcement : "block", events);
  return events;
}

Outcome on(const State& s, const Commit& c, const core::Context& ctx) {
  const auto* hold = core::find_hold(s.day, c.id);
  if (!hold) return Events{};
  Events events;
  roll(s, ctx, events);
  events.push_back(core::LedgerCommitted{c.id, hold->amount, ctx.now});
  return with_timers(s, std::move(events), ctx);
}
Outcome on(const State& s, const Release& c, const core::Context& ctx) {
  if (!core::find_hold(s.day, c.id)) return Events{};
  return with_timers(s, {core::LedgerReleased{c.id, false, ctx.now}}, ctx);
}

Outcome on(const State& s, const Suspend& c, const core::Context& ctx) {
  if (s.status == Status::suspended) return Events{};
  return Events{Suspended{c.reason, ctx.principal.id, ctx.now}};
}
Outcome on(const State& s, const Restore&, const core::Context& ctx) {
  if (s.status != Status::suspended) return Events{};
  return Events{Restored{ctx.principal.id, ctx.now}};
}

Outcome on(const State& s, const core::Fire& c, const core::Context& ctx) {
  Events events;
  if (c.timer_id == day_timer) {
    // Nobody came for a whole day: the next request begins the days again.
    if (s.day.held.empty() && s.day.uses == 0) return Events{};
    roll(s, ctx, events);
    return Outcome(std::move(events)).timer({std::string(day_timer), core::next_day(ctx.now)});
  }
  if (c.timer_id != expiry_timer) return Events{};
  for (auto& id : core::overdue(s.day, ctx.now)) events.push_back(core::LedgerReleased{std::move(id), true, ctx.now});
  return with_timers(s, std::move(events), ctx);
}

// ---- events

void enter(State& s, Status status, std::string reason, const std::string& by, core::Timestamp at) {
  s.status = status;
  s.reason = std::move(reason);
  s.changed_by = by;
  s.changed_at = at;
}
void apply(State& s, const Breached& e) {
  if (s.status == Status::absent) s.status = Status::active;
  s.tier = e.tier;
  s.breached_limit = e.limit;
  s.breached_at = e.at;
  ++s.breaches;
}
void apply(State& s, const Suspended& e) { enter(s, Status::suspended, e.reason, e.by, e.at); }
void apply(State& s, const Restored& e) { enter(s, Status::active, {}, e.by, e.at); }
void apply(State& s, const core::LedgerHeld& e) {
  if (s.status == Status::absent) s.status = Status::active;
  core::apply(s.day, e);
  if (e.at - s.minute.since < one_minute && e.at >= s.minute.since)
    ++s.minute.requests;
  else
    s.minute = {e.at, 1};
}
template <class LedgerEvent>
void apply(State& s, const LedgerEvent& e) {
  if (s.status == Status::absent) s.status = Status::active;
  core::apply(s.day, e);
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

}  // namespace nova::ai_access
