#include "actors/external_ai/external_ai.hpp"

#include "core/describe/codec.hpp"
#include "core/json.hpp"

#include <algorithm>
#include <utility>

namespace nova::external_ai {
namespace {

using Events = std::vector<Event>;
using Outcome = core::Decision<Event>;
using Refusal = std::optional<core::Error>;

constexpr std::string_view month_timer = "month", expiry_timer = "expiry";
constexpr std::chrono::minutes one_minute{1};

core::Error wrong_state(const State& s, std::initializer_list<std::string_view> allowed) {
  return core::wrong_state(core::name_of(s.status), allowed);
}

bool exists(const State& s) { return s.status != Status::absent && s.status != Status::removed; }

core::Error forbidden(std::string code, std::string message) {
  auto error = core::refuse(std::move(code), std::move(message));
  error.status = 403;
  return error;
}

// ---- what it points at

Refusal refuse(const Link& link, const core::Context& ctx) {
  if (!link.endpoint.starts_with("https://")) return core::invalid_input("endpoint", "must begin with https://");
  const auto key = secret_key(link.secret);
  if (key.id.empty()) return core::invalid_input("secret", "must be `tenant/id` of a secret");
  if (ctx.fact(key).status != "active")
    return core::refuse("secret.not_found", "there is no secret `" + link.secret + "`")
        .fix("make it first: novactl secret create");
  if (link.layers.size() > layers_max)
    return core::invalid_input("layers", "must have at most " + std::to_string(layers_max) + " elements");
  for (const auto& layer : link.layers) {
    const auto& fact = ctx.fact({"system", "ai_layer", layer});
    if (!fact.exists || fact.status == "deleted")
      return forbidden("ai.invalid_layer", "there is no layer `" + layer + "`").with("rule", "noAIWithoutLayer");
  }
  return std::nullopt;
}

core::DoAsk tell(const core::Context& ctx, const core::EntityKey& target, std::string_view verb, std::string work) {
  core::SendCommand command{target.tenant, target.kind, target.id, std::string(verb), {}};
  command.body.text.clear();
  core::JsonWriter(command.body.text).object().field("by", "external_ai/" + ctx.self.id).end();
  return {std::move(work), "command", "send", core::to_json(command), core::to_string(target)};
}

std::vector<core::EntityKey> targets_of(const Link& link) {
  std::vector<core::EntityKey> all;
  if (auto key = secret_key(link.secret); !key.id.empty()) all.push_back(std::move(key));
  for (const auto& layer : link.layers) all.push_back({"system", "ai_layer", layer});
  return all;
}

/// What points at it now and did not, and the other way round.
struct Moves {
  std::vector<Asked> asked;
  std::vector<core::DoAsk> works;
};
Moves moves(const State& s, const Link& before, const Link& after, const core::Context& ctx) {
  Moves made;
  const auto from = targets_of(before), to = targets_of(after);
  auto number = s.works;
  const auto add = [&](const auto& all, const auto& others, const char* verb, bool answered) {
    for (const auto& target : all) {
      if (std::find(others.begin(), others.end(), target) != others.end()) continue;
      auto work = std::string(verb) + "-" + std::to_string(++number);
      if (answered) made.asked.push_back({work, core::to_string(target)});
      made.works.push_back(tell(ctx, target, verb, std::move(work)));
    }
  };
  add(from, to, "detach", false);
  add(to, from, "attach", true);
  return made;
}

Outcome with(std::vector<core::DoAsk> works, Events events) {
  Outcome outcome(std::move(events));
  for (auto& work : works) outcome.asks().works.push_back(std::move(work));
  return outcome;
}

// ---- commands

Outcome on(const State& s, const Create& c, const core::Context& ctx) {
  Link link{c.provider,   c.endpoint,      c.secret, c.allowed_for_subscribers, {c.layers.begin(), c.layers.end()},
            c.rate_limit, c.monthly_budget};
  if (s.status != Status::absent) {
    const bool same = exists(s) && s.link == link;
    return same ? Outcome(Events{}) : Outcome(wrong_state(s, {"absent"}));
  }
  if (auto no = refuse(link, ctx)) return *no;
  Link nothing;
  auto made = moves(s, nothing, link, ctx);
  return with(std::move(made.works), {Proposed{std::move(link), std::move(made.asked), ctx.principal.id, ctx.now},
                                      core::LedgerRolled{core::month_of(ctx.now), ctx.now}})
      .timer({std::string(month_timer), core::next_month(ctx.now)});
}

Outcome on(const State& s, const Update& c, const core::Context& ctx) {
  if (!exists(s)) return wrong_state(s, {"proposed", "active", "paused"});
  Link to = s.link;
  if (c.endpoint) to.endpoint = *c.endpoint;
  if (c.secret) to.secret = *c.secret;
  if (c.allowed_for_subscribers) to.allowed_for_subscribers = *c.allowed_for_subscribers;
  if (c.layers) {
    const std::set<std::string> unique(c.layers->begin(), c.layers->end());
    to.layers.assign(unique.begin(), unique.end());
  }
  if (c.rate_limit) to.rate_limit = *c.rate_limit;
  if (c.monthly_budget) to.monthly_budget = *c.monthly_budget;
  if (auto no = refuse(to, ctx)) return *no;
  if (to == s.link) return Events{};
  auto made = moves(s, s.link, to, ctx);
  if (!made.works.empty() && !s.asked.empty()) {
    auto error = core::refuse("external_ai.linking", "what it points at has not answered yet");
    error.status = 409;
    error.retryable = true;
    return error;
  }
  // What the owner approved was this endpoint, this key, these layers, open to those people.
  const bool wider = to.endpoint != s.link.endpoint || to.secret != s.link.secret || to.layers != s.link.layers ||
                     (to.allowed_for_subscribers && !s.link.allowed_for_subscribers);
  return with(std::move(made.works),
              {Updated{s.link, std::move(to), std::move(made.asked), wider, ctx.principal.id, ctx.now}});
}

Outcome on(const State& s, const Approve&, const core::Context& ctx) {
  if (s.status == Status::active) return Events{};
  if (s.status != Status::proposed) return wrong_state(s, {"proposed"});
  if (auto no = refuse(s.link, ctx)) return *no;
  if (!s.asked.empty()) {
    auto error = core::refuse("external_ai.linking", "`" + s.asked.front().target + "` does not count this link yet");
    error.status = 409;
    error.retryable = true;
    return error;
  }
  return Events{Linked{ctx.principal.id, ctx.now}};
}

Outcome on(const State& s, const Pause& c, const core::Context& ctx) {
  if (s.status == Status::paused) return Events{};
  if (s.status != Status::active) return wrong_state(s, {"active"});
  return Events{Paused{c.reason, ctx.principal.id, ctx.now}};
}
Outcome on(const State& s, const Resume&, const core::Context& ctx) {
  if (s.status == Status::active) return Events{};
  if (s.status != Status::paused) return wrong_state(s, {"paused"});
  return Events{Resumed{ctx.principal.id, ctx.now}};
}
Outcome on(const State& s, const Remove& c, const core::Context& ctx) {
  if (s.status == Status::removed) return Events{};
  if (!exists(s)) return wrong_state(s, {"proposed", "active", "paused"});
  Link nothing;
  auto made = moves(s, s.link, nothing, ctx);
  return with(std::move(made.works), {Removed{c.reason, ctx.principal.id, ctx.now}})
      .timer({std::string(month_timer), std::nullopt})
      .timer({std::string(expiry_timer), std::nullopt});
}

Outcome on(const State& s, const core::Settle& c, const core::Context& ctx) {
  const auto asked = std::find_if(s.asked.begin(), s.asked.end(), [&](const Asked& a) { return a.work == c.work_id; });
  if (asked == s.asked.end()) return Events{};
  if (c.outcome == core::Outcome::done) return Events{Counted{c.work_id, ctx.now}};
  const auto code = c.code.empty() ? std::string(core::name_of(c.outcome)) : c.code;
  if (s.reason == asked->target + ": " + code) return Events{};
  return Events{CountFailed{c.work_id, code, ctx.now}};
}

// ---- what it costs

void roll(const State& s, const core::Context& ctx, Events& events) {
  if (auto month = core::month_of(ctx.now); s.budget.period != month)
    events.push_back(core::LedgerRolled{std::move(month), ctx.now});
}

Outcome with_expiry(const State& s, Events events) {
  if (events.empty()) return events;
  State after = s;
  for (const auto& event : events) after = evolve(std::move(after), event);
  core::TimerAsk timer{std::string(expiry_timer), core::first_expiry(after.budget)};
  return Outcome(std::move(events)).timer(std::move(timer));
}

Outcome on(const State& s, const Reserve& c, const core::Context& ctx) {
  if (core::find_hold(s.budget, c.id) || core::is_ended(s.budget, c.id)) return Events{};
  if (s.status != Status::active)
    return forbidden("ai.external_unapproved", "the link is " + std::string(core::name_of(s.status)))
        .with("rule", "noExternalWithoutApproval");
  const bool same_minute = ctx.now - s.minute.since < one_minute && ctx.now >= s.minute.since;
  if ((same_minute && s.minute.requests >= s.link.rate_limit) || s.budget.held.size() >= core::ledger_held_max)
    return core::refuse("rate.limited", "the provider is asked often enough in this minute");
  Events events;
  roll(s, ctx, events);
  const auto month = core::month_of(ctx.now);
  const auto taken = core::taken(s.budget, month);
  const auto& limit = s.link.monthly_budget;
  if (limit && (taken >= *limit || c.cost > *limit - taken)) {
    auto spent = forbidden("external_ai.budget_spent", "the provider's budget of this month is spent")
                     .with("limit", std::to_string(std::int64_t(*limit)))
                     .with("taken", std::to_string(taken));
    if (s.told_spent == month) return spent;
    events.push_back(BudgetSpent{month, *limit, taken, ctx.now});
    return Outcome::refuse_and_record(std::move(spent), std::move(events));
  }
  events.push_back(core::LedgerHeld{c.id, c.cost, ctx.now, ctx.now + hold_time});
  return with_expiry(s, std::move(events));
}
Outcome on(const State& s, const Commit& c, const core::Context& ctx) {
  const auto* hold = core::find_hold(s.budget, c.id);
  if (!hold) return Events{};
  Events events;
  roll(s, ctx, events);
  events.push_back(core::LedgerCommitted{c.id, c.cost ? std::int64_t(*c.cost) : hold->amount, ctx.now});
  return with_expiry(s, std::move(events));
}
Outcome on(const State& s, const Release& c, const core::Context& ctx) {
  if (!core::find_hold(s.budget, c.id)) return Events{};
  return with_expiry(s, {core::LedgerReleased{c.id, false, ctx.now}});
}
Outcome on(const State& s, const core::Fire& c, const core::Context& ctx) {
  if (!exists(s)) return Events{};
  Events events;
  if (c.timer_id == month_timer) {
    roll(s, ctx, events);
    return Outcome(std::move(events)).timer({std::string(month_timer), core::next_month(ctx.now)});
  }
  if (c.timer_id != expiry_timer) return Events{};
  for (auto& id : core::overdue(s.budget, ctx.now))
    events.push_back(core::LedgerReleased{std::move(id), true, ctx.now});
  return with_expiry(s, std::move(events));
}

// ---- events

void enter(State& s, Status status, std::string reason, const std::string& by, core::Timestamp at) {
  s.status = status;
  s.reason = std::move(reason);
  s.changed_by = by;
  s.changed_at = at;
}
void ask(State& s, const std::vector<Asked>& asked, std::uint64_t works) {
  s.asked.insert(s.asked.end(), asked.begin(), asked.end());
  s.works += works;
}
void apply(State& s, const Proposed& e) {
  s.link = e.link;
  ask(s, e.asked, e.asked.size());
  s.created_by = e.by;
  s.created_at = e.at;
  enter(s, Status::proposed, {}, e.by, e.at);
}
void apply(State& s, const Updated& e) {
  // As many were told to forget it as were not asked to count it.
  ask(s, e.asked, e.asked.size() + targets_of(e.before).size());
  s.link = e.after;
  if (!e.proposed) return enter(s, s.status, s.reason, e.by, e.at);
  s.approved = false;
  enter(s, Status::proposed, {}, e.by, e.at);
}
void apply(State& s, const Counted& e) {
  std::erase_if(s.asked, [&](const Asked& asked) { return asked.work == e.work; });
}
void apply(State& s, const CountFailed& e) {
  for (const auto& asked : s.asked)
    if (asked.work == e.work) s.reason = asked.target + ": " + e.code;
}
void apply(State& s, const Linked& e) {
  s.approved = true;
  s.approved_by = e.by;
  enter(s, Status::active, {}, e.by, e.at);
}
void apply(State& s, const Paused& e) { enter(s, Status::paused, e.reason, e.by, e.at); }
void apply(State& s, const Resumed& e) { enter(s, Status::active, {}, e.by, e.at); }
void apply(State& s, const Removed& e) {
  s.asked.clear();
  s.approved = false;
  enter(s, Status::removed, e.reason, e.by, e.at);
}
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

core::EntityKey secret_key(std::string_view name) {
  const auto slash = name.find('/');
  if (slash == std::string_view::npos) return {};
  core::EntityKey key{std::string(name.substr(0, slash)), "secret", std::string(name.substr(slash + 1))};
  if (!core::is_name(key.tenant) || !core::is_name(key.id)) return {};
  return key;
}

core::Decision<Event> decide(const State& s, const Command& command, const core::Context& ctx) {
  return std::visit([&](const auto& c) { return on(s, c, ctx); }, command);
}

State evolve(State s, const Event& event) {
  std::visit([&](const auto& e) { apply(s, e); }, event);
  return s;
}

core::Summary summarise(const State& s) { return {std::string(core::name_of(s.status)), "", s.reason}; }

}  // namespace nova::external_ai
