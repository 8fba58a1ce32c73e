// Is what serves well, and what happens to what cannot heal itself: a person is asked, once per service.
#include "actors/deployment/turn.hpp"
#include "core/text.hpp"

#include <algorithm>

namespace nova::deployment {
namespace {

/// Why the running revision is not whole; empty: it is.
std::string ailment(const State& s) {
  std::size_t ill = 0, all = 0;
  std::string first;
  for (const auto& [id, instance] : s.instances) {
    if (instance.revision != s.current || !belongs(s, instance)) continue;
    ++all;
    if (is_well(instance)) continue;
    if (ill++ == 0) first = "`" + id + "` is " + std::string(core::name_of(instance.phase));
  }
  if (ill != 0) return std::to_string(ill) + " of " + std::to_string(all) + " instances not ready: " + first;
  for (const auto& [service, route] : s.routes) {
    if (!route.failed.empty()) return "the edge cannot lead to `" + service + "`: " + route.failed;
    if (route.overdue) return "the edge has not followed the route of `" + service + "`";
  }
  return {};
}

/// The instance that the reason names is still not well; else the reason would send a person to the wrong place. Their
/// number may be another by now: that is not worth an event each time.
bool still_holds(const State& s) {
  return std::any_of(s.instances.begin(), s.instances.end(), [&](const auto& entry) {
    return !is_well(entry.second) && s.health_reason.find("`" + entry.first + "`") != std::string::npos;
  });
}

void watch_ailments(Turn& turn) {
  const auto& s = turn.now;
  const auto why = s.serving ? core::clean_text(ailment(s), reason_bytes_max) : std::string();
  const auto health = !s.serving ? Health::unknown : why.empty() ? Health::healthy : Health::degraded;
  if (health != s.health || (why != s.health_reason && !still_holds(s))) turn.emit(HealthChanged{health, why});
}

/// The first instance of each service of the running revision that is down for good.
std::map<std::string, Instance> down_services(const State& s) {
  std::map<std::string, Instance> down;
  for (const auto& [id, instance] : s.instances)
    if (instance.revision == s.current && is_down(instance) && belongs(s, instance))
      down.try_emplace(instance.service, instance);
  return down;
}

/// While a candidate is on its way nobody is asked: it may be the cure.
void escalate(Turn& turn) {
  if (!turn.now.serving || turn.now.candidate != 0) return;
  for (const auto& [service, instance] : down_services(turn.now)) {
    if (turn.now.escalations.contains(service)) continue;
    turn.emit(ServiceQuarantined{service, instance.revision, instance.code, instance.message});
    turn.emit(Escalated{service, turn.context.self.id + "." + service + "." + std::to_string(turn.fresh()),
                        turn.fresh_id("escalate")});
  }
}

bool has_recovered(const State& s, const std::string& service) {
  if (!s.serving) return true;
  return std::none_of(s.instances.begin(), s.instances.end(), [&](const auto& entry) {
    const auto& instance = entry.second;
    return instance.service == service && instance.revision == s.current && belongs(s, instance) && !is_well(instance);
  });
}

void withdraw(Turn& turn) {
  const auto escalations = turn.now.escalations;
  for (const auto& [service, escalation] : escalations)
    if (has_recovered(turn.now, service)) turn.emit(Recovered{service, escalation, turn.fresh_id("withdraw")});
}

}  // namespace

void watch_health(Turn& turn) {
  watch_ailments(turn);
  escalate(turn);
  withdraw(turn);
}

Refused on(Turn& turn, const Resolve& c) {
  const auto& s = turn.now;
  const auto found = std::find_if(s.escalations.begin(), s.escalations.end(),
                                  [&](const auto& entry) { return entry.second == c.escalation; });
  if (found == s.escalations.end()) return {};
  const auto service = found->first;
  if (s.candidate != 0) return not_now(s);
  const auto reason = core::clean_text(c.reason, reason_bytes_max);
  if (c.decision == Answer::rollback)
    if (auto refused = roll_back(turn, 0, c.by, reason)) return refused;
  turn.emit(Resolved{c.escalation, service, c.decision, c.by, reason});
  if (c.decision != Answer::retry) return {};
  std::vector<std::string> down;
  for (const auto& [id, instance] : s.instances)
    if (instance.service == service && is_down(instance) && belongs(s, instance)) down.push_back(id);
  for (const auto& id : down) turn.emit(InstanceRestarted{id, turn.fresh(), {}});
  return {};
}

}  // namespace nova::deployment
