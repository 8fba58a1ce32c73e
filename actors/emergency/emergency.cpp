#include "actors/emergency/emergency.hpp"

#include "core/describe/codec.hpp"
#include "core/json.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace nova::emergency {
namespace {

using Events = std::vector<Event>;
using Outcome = core::Decision<Event>;

constexpr std::string_view end_timer = "end", home = "system", platforms_switch = "platforms";
constexpr std::size_t problems_max = 16;

bool contains(const std::vector<std::string>& all, const std::string& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

State after(State s, const Events& events) {
  for (const auto& event : events) s = evolve(std::move(s), event);
  return s;
}

// Nothing may be shut out by which people come in or the emergency is lifted.
constexpr std::string_view vital_kinds[] = {"emergency", "kill_switch", "constitution",  "user",      "session",
                                            "passkey",   "approval",    "mfa_enrolment", "membership"};

std::optional<core::Error> refuse_target(const Activate& c, const core::Context& ctx) {
  const bool feature = c.action == Action::feature_disable;
  if (feature != (c.scope == Scope::feature)) return core::invalid_input("scope", "does not fit the action");
  const bool narrow = c.scope == Scope::plan || c.scope == Scope::user;
  if (narrow && c.action != Action::platform_lockdown)
    return core::invalid_input("scope", "of one plan or user is a platform_lockdown's alone");
  if (c.scope == Scope::global) {
    if (c.target.empty()) return std::nullopt;
    return core::invalid_input("target", "must be left out: it is global");
  }
  if (!core::is_name(c.target) || c.target.find("..") != std::string::npos)
    return core::invalid_input("target", "must name what is stopped");
  if (feature && !core::find_kind(c.target)) return core::invalid_input("target", "is no kind of entity");
  for (const auto vital : vital_kinds)
    if (feature && core::find_kind(c.target)->name == vital)
      return core::invalid_input("target", "cannot be shut out: without it nobody could lift this");
  if (c.scope != Scope::user) return std::nullopt;
  const auto& fact = ctx.fact({std::string(home), "user", c.target});
  if (!fact.exists) return core::refuse("user.not_found", "there is no such user");
  if (core::json_text(fact.document, "root_owner") != "true") return std::nullopt;
  return core::refuse("user.root_owner_immutable", "nothing shuts the root owner out")
      .fix("name somebody else, or another scope");
}

// ---- works: the switches one after the other, then what runs

struct Works {
  const core::Context& ctx;
  std::int64_t count;
  std::vector<core::DoAsk> asks;

  void add(std::string what, std::string driver, std::string verb, std::string payload) {
    ++count;
    // One line of works: what engages comes before what stops, and what releases before what starts.
    asks.push_back({what + "-" + std::to_string(count), std::move(driver), std::move(verb), std::move(payload), {}});
  }
  void engage(const std::string& id, const Control& control) {
    std::string body;
    core::JsonWriter writer(body);
    const auto point = id.find('.');
    writer.object().field("scope", id.substr(0, point));
    if (point != std::string::npos) writer.field("target", id.substr(point + 1));
    writer.field("reason", control.reason)
        .field("reason_ar", control.reason_ar)
        .field("incident_id", control.incident_id)
        .end();
    send("engage", id, "activate", std::move(body));
  }
  void release(const std::string& id, const std::string& reason) {
    send("release", id, "deactivate", "{\"reason\":" + core::json_escape(reason) + "}");
  }
  void send(const char* what, const std::string& id, const char* command, std::string body) {
    core::SendCommand order{std::string(home), "kill_switch", id, command, {}};
    order.body.text = std::move(body);
    add(std::string(what) + "-" + id, "command", "send", core::to_json(order));
  }
  void platforms(const char* verb, const std::string& halt) {
    add(verb, "emergency", verb, "{\"halt\":" + core::json_escape(halt) + "}");
  }
};

Outcome with_works(Events events, std::vector<core::DoAsk> works, const State& now) {
  Outcome outcome(std::move(events));
  for (auto& ask : works) outcome.asks().works.push_back(std::move(ask));
  std::optional<core::Timestamp> first;
  for (const auto& control : now.active)
    if (control.until && (!first || *control.until < *first)) first = control.until;
  return std::move(outcome).timer({std::string(end_timer), first});
}

core::Error too_much(const char* what) { return core::refuse("emergency.too_many", what); }

bool fits(const Control& control, const Activate& c) {
  return control.action == c.action && control.scope == c.scope && control.target == c.target &&
         control.reason == c.reason && control.reason_ar == c.reason_ar && control.incident_id == c.incident_id;
}

Outcome on(const State& s, const Activate& c, const core::Context& ctx) {
  if (ctx.self.tenant != home || ctx.self.id != "main")
    return core::invalid_input("id", "the installation has one entity of emergencies: `main`");
  if (auto no = refuse_target(c, ctx)) return *no;
  for (const auto& control : s.active)
    if (fits(control, c) && !c.auto_deactivate_minutes) return Events{};
  if (s.active.size() >= active_max) return too_much("too many controls are in force");
  if (s.works.size() + 8 > works_max) return too_much("too much of the last ones is still under way");
  Control control;
  control.id = "control-" + std::to_string(s.controls + 1);
  control.action = c.action;
  control.scope = c.scope;
  control.target = c.target;
  control.reason = c.reason;
  control.reason_ar = c.reason_ar;
  control.incident_id = c.incident_id;
  control.by = ctx.principal.id;
  control.at = ctx.now;
  if (c.auto_deactivate_minutes)
    control.until = ctx.now + std::chrono::minutes(std::int64_t(*c.auto_deactivate_minutes));
  control.switches = switches_of(c.action, c.scope, c.target);
  Works works{ctx, s.work_count, {}};
  Activated made{control, {}, 0};
  for (const auto& id : control.switches) {
    // One that somebody engaged by hand stays theirs to release.
    const bool by_hand = !contains(s.held, id) && ctx.fact({std::string(home), "kill_switch", id}).status == "engaged";
    if (contains(s.held, id) || by_hand) continue;
    made.engaged.push_back(id);
    works.engage(id, control);
    if (id == platforms_switch) works.platforms("halt", control.id);
  }
  made.works = works.count;
  Events events{std::move(made)};
  auto now = after(s, events);
  return with_works(std::move(events), std::move(works.asks), now);
}

// Of `s` without the controls that `gone` holds: the switches that nothing needs any more.
std::vector<std::string> unneeded(const State& s, const std::vector<std::string>& gone) {
  std::vector<std::string> ids;
  for (const auto& id : s.held) {
    const bool needed = std::any_of(s.active.begin(), s.active.end(), [&](const Control& control) {
      return !contains(gone, control.id) && contains(control.switches, id);
    });
    if (!needed) ids.push_back(id);
  }
  return ids;
}

void let_go(const State& s, const std::vector<std::string>& ids, const std::string& reason, Works& works) {
  for (const auto& id : ids) {
    works.release(id, reason);
    if (id == platforms_switch) works.platforms("restore", s.halt);
  }
}

/// Ends these, each by an event that `made` makes, with what nothing needs any more on the last of them.
template <class Make>
Outcome end(const State& s, const std::vector<std::string>& gone, const std::string& reason, const core::Context& ctx,
            Make made) {
  Works works{ctx, s.work_count, {}};
  const auto released = unneeded(s, gone);
  let_go(s, released, reason, works);
  Events events;
  for (const auto& id : gone)
    events.push_back(made(id, id == gone.back() ? released : std::vector<std::string>{}, works.count));
  auto now = after(s, events);
  return with_works(std::move(events), std::move(works.asks), now);
}

// A machine of the operator has nothing to prove; a person has.
std::optional<core::Error> refuse_unproved(const std::string& factor, const core::Context& ctx) {
  if (ctx.principal.type != "user" || !factor.empty()) return std::nullopt;
  auto error = core::refuse("auth.mfa_required", "letting go on needs a second factor, proved just now");
  error.status = 401;
  return std::move(error).fix("send `code`: of your app, or a recovery code");
}

Outcome on(const State& s, const Lift& c, const core::Context& ctx) {
  if (auto no = refuse_unproved(c.factor, ctx)) return *no;
  const auto is_it = [&](const Control& control) { return control.id == c.id; };
  if (std::any_of(s.ended.begin(), s.ended.end(), is_it)) return Events{};
  if (std::none_of(s.active.begin(), s.active.end(), is_it))
    return core::refuse("emergency.control_not_found", "no such control is in force");
  return end(s, {c.id}, c.reason, ctx, [&](const std::string& id, std::vector<std::string> released, auto works) {
    return Lifted{id, ctx.principal.id, c.reason, std::move(released), works, ctx.now};
  });
}

Outcome on(const State& s, const Restore& c, const core::Context& ctx) {
  if (auto no = refuse_unproved(c.factor, ctx)) return *no;
  if (s.active.empty()) return Events{};
  std::vector<std::string> all;
  for (const auto& control : s.active) all.push_back(control.id);
  return end(s, all, c.reason, ctx, [&](const std::string& id, std::vector<std::string> released, auto works) {
    return Lifted{id, ctx.principal.id, c.reason, std::move(released), works, ctx.now};
  });
}

Outcome on(const State& s, const core::Fire& c, const core::Context& ctx) {
  if (c.timer_id != end_timer) return Events{};
  std::vector<std::string> due;
  for (const auto& control : s.active)
    if (control.until && *control.until <= ctx.now) due.push_back(control.id);
  if (due.empty()) return with_works({}, {}, s);
  return end(s, due, "its time is over", ctx,
             [&](const std::string& id, std::vector<std::string> released, auto works) {
               return Expired{id, std::move(released), works, ctx.now};
             });
}

Outcome on(const State& s, const core::Settle& c, const core::Context& ctx) {
  const auto work = s.works.find(c.work_id);
  if (work == s.works.end()) return Events{};
  Settled made{c.work_id, work->second, std::string(core::name_of(c.outcome)), c.code, 0, ctx.now};
  made.count = core::json_int(c.result.text, "count").value_or(0);
  made.refused = core::json_int(c.result.text, "refused").value_or(0);
  while (made.refusals.size() < problems_max) {
    auto line = core::json_text(c.result.text, "refusals[" + std::to_string(made.refusals.size()) + "]");
    if (!line) break;
    made.refusals.push_back(std::move(*line));
  }
  // It was released by hand already, which is what was wanted.
  if (made.what.starts_with("release-") && c.code == "entity.wrong_state") made.outcome = "done";
  return Events{std::move(made)};
}

// ---- events

void take_works(State& s, const std::vector<std::string>& ids, const char* verb, const char* driver_verb,
                std::int64_t end) {
  // The ids of works follow from their count, as `Works` gives them.
  for (const auto& id : ids) {
    const auto what = std::string(verb) + "-" + id;
    s.works[what + "-" + std::to_string(++s.work_count)] = what;
    if (id == platforms_switch) s.works[std::string(driver_verb) + "-" + std::to_string(++s.work_count)] = driver_verb;
  }
  s.work_count = std::max(s.work_count, end);
}

void apply(State& s, const Activated& e) {
  ++s.controls;
  s.active.push_back(e.control);
  for (const auto& id : e.engaged) {
    s.held.push_back(id);
    if (id != platforms_switch) continue;
    s.halt = e.control.id;
    s.halted = s.restored = s.not_halted = s.not_restored = 0;
  }
  take_works(s, e.engaged, "engage", "halt", e.works);
}

void end_control(State& s, const std::string& id, Ending ending, const std::string& by, const std::string& reason,
                 core::Timestamp at) {
  const auto found =
      std::find_if(s.active.begin(), s.active.end(), [&](const Control& control) { return control.id == id; });
  if (found == s.active.end()) return;
  auto control = std::move(*found);
  s.active.erase(found);
  control.ending = ending;
  control.ended_by = by;
  control.ended_reason = reason;
  control.ended_at = at;
  s.ended.push_back(std::move(control));
  if (s.ended.size() > ended_max) s.ended.erase(s.ended.begin());
}
void release(State& s, const std::vector<std::string>& ids, std::int64_t works) {
  std::erase_if(s.held, [&](const std::string& id) { return contains(ids, id); });
  if (contains(ids, std::string(platforms_switch))) s.halt.clear();
  take_works(s, ids, "release", "restore", works);
}
void apply(State& s, const Lifted& e) {
  end_control(s, e.id, Ending::lifted, e.by, e.reason, e.at);
  release(s, e.released, e.works);
}
void apply(State& s, const Expired& e) {
  end_control(s, e.id, Ending::expired, {}, {}, e.at);
  release(s, e.released, e.works);
}
void add_problem(State& s, std::string problem) {
  s.problems.push_back(std::move(problem));
  if (s.problems.size() > problems_max) s.problems.erase(s.problems.begin());
}
void apply(State& s, const Settled& e) {
  s.works.erase(e.work);
  if (e.what == "halt") std::tie(s.halted, s.not_halted) = std::pair(e.count, e.refused);
  if (e.what == "restore") std::tie(s.restored, s.not_restored) = std::pair(e.count, e.refused);
  for (const auto& line : e.refusals) add_problem(s, e.what + ": " + line);
  if (e.outcome != "done") add_problem(s, e.what + ": " + (e.code.empty() ? e.outcome : e.code));
}

}  // namespace

std::vector<std::string> switches_of(Action action, Scope scope, const std::string& target) {
  if (scope == Scope::feature) return {"feature." + std::string(core::find_kind(target)->name)};
  if (scope == Scope::plan) return {"plan." + target};
  if (scope == Scope::user) return {"user." + target};
  switch (action) {
    case Action::ai_suspension:
      return {"global"};
    case Action::halt_all_platforms:
      return {"platforms"};
    case Action::freeze_all_subscriptions:
      return {"subscriptions"};
    case Action::stop_all_operations:
      return {"commands", "global", "platforms"};
    case Action::platform_lockdown:
    case Action::lockdown_system:
    case Action::feature_disable:
      break;
  }
  return {"commands"};
}

/// Whether switches are engaged by hand already, and who is to be shut out.
std::vector<core::FactNeed> needs_of(const void* command) {
  const auto& c = *static_cast<const Activate*>(command);
  std::vector<core::FactNeed> needs;
  if (c.scope == Scope::feature && !core::find_kind(c.target)) return needs;
  for (const auto& id : switches_of(c.action, c.scope, c.target))
    if (core::is_name(id)) needs.push_back({{std::string(home), "kill_switch", id}, false});
  if (c.scope == Scope::user && core::is_name(c.target)) needs.push_back({{std::string(home), "user", c.target}, true});
  return needs;
}

core::Decision<Event> decide(const State& s, const Command& command, const core::Context& ctx) {
  return std::visit([&](const auto& c) { return on(s, c, ctx); }, command);
}

State evolve(State s, const Event& event) {
  std::visit([&](const auto& e) { apply(s, e); }, event);
  return s;
}

core::Summary summarise(const State& s) {
  if (s.active.empty()) return {"normal", {}, {}};
  return {"active", {}, s.active.back().reason};
}

}  // namespace nova::emergency
