// More, fewer or fresh instances of what runs.
#include "actors/deployment/turn.hpp"

#include <algorithm>

namespace nova::deployment {
namespace {

core::Error no_service(const State& s, const std::string& service) {
  std::string names;
  if (const Revision* revision = find(s, s.current))
    for (const auto& [name, spec] : revision->services) names.append(names.empty() ? "" : ", ").append(name);
  return core::refuse("deployment.service_not_found", "it has no service `" + service + "`")
      .fix("its services: " + names);
}

bool runs(const State& s) { return s.status == Status::running && s.candidate == 0; }

/// The instance whose turn it is to be restarted; empty: none. Those that were scaled away meanwhile are passed over:
/// they leave the queue when they are dropped.
std::string next_of(const State& s) {
  const auto next = std::find_if(s.restart_queue.begin(), s.restart_queue.end(), [&](const std::string& id) {
    const auto found = s.instances.find(id);
    return found != s.instances.end() && belongs(s, found->second);
  });
  return next == s.restart_queue.end() ? std::string() : *next;
}

/// True when no process serves there, so that no request can be under way.
bool is_dead(const Instance& instance) {
  return is_down(instance) || instance.phase == Phase::backoff || instance.phase == Phase::stopped;
}

/// True until the edge follows every route: who was restarted last serves again before the next one leaves. A route
/// that is overdue is not waited for.
bool awaits_edge(const State& s) {
  return std::any_of(s.routes.begin(), s.routes.end(), [](const auto& entry) {
    const auto& route = entry.second;
    return route.kept && route.applied < route.generation && !route.overdue;
  });
}

}  // namespace

Refused on(Turn& turn, const Scale& c) {
  const auto& s = turn.now;
  if (!runs(s)) return not_now(s);
  const Revision* revision = find(s, s.current);
  if (!revision || !revision->services.contains(c.service)) return no_service(s, c.service);
  const auto count = std::uint32_t(c.count);
  if (scale_of(s, *revision, c.service) == count) return {};
  std::size_t others = 0;
  for (const auto& [name, spec] : revision->services)
    if (name != c.service) others += scale_of(s, *revision, name);
  const auto id_bytes = instance_id(turn.context.self.id, c.service, revision->number, 99).size();
  if ((others + count) * (id_bytes + instance_bytes) > instances_bytes_max / 2)
    return core::refuse("deployment.too_large", "`" + std::to_string(others + count) + "` instances are too many")
        .fix("scale other services down first");
  turn.emit(Scaled{c.service, count});
  return {};
}

Refused on(Turn& turn, const Restart& c) {
  const auto& s = turn.now;
  if (!runs(s)) return not_now(s);
  const Revision* revision = find(s, s.current);
  if (!c.service.empty() && (!revision || !revision->services.contains(c.service))) return no_service(s, c.service);
  std::vector<std::string> instances;
  for (const auto& [id, instance] : s.instances) {
    if (!belongs(s, instance) || (!c.service.empty() && instance.service != c.service)) continue;
    const auto& queue = s.restart_queue;
    if (std::find(queue.begin(), queue.end(), id) == queue.end()) instances.push_back(id);
  }
  if (!instances.empty()) turn.emit(Restarted{c.service, std::move(instances)});
  return {};
}

void restart_next(Turn& turn) {
  const auto& s = turn.now;
  if (!s.restarting.empty()) return;
  const auto id = s.draining.empty() ? next_of(s) : s.draining;
  const auto found = s.instances.find(id);
  if (found == s.instances.end()) return;
  const auto& instance = found->second;
  const bool reached = is_reached(s, id, instance) && !is_dead(instance);
  if (s.draining.empty()) {
    if (awaits_edge(s)) return;
    if (reached) return turn.emit(InstanceDraining{id});
  } else if (reached) {
    // The edge goes on serving as it did: nothing is won by breaking that, and nobody is left outside.
    const auto route = s.routes.find(instance.service);
    if (route != s.routes.end() && route->second.overdue)
      turn.emit(RestartStalled{id, "deployment.route_overdue", "the edge has not led around it in time"});
    return;
  } else if (!belongs(s, instance)) {
    return;  // It was scaled away meanwhile, and is dropped.
  }
  std::chrono::milliseconds time = std::chrono::minutes(2);
  if (const Revision* revision = find(s, instance.revision))
    if (const auto spec = revision->services.find(instance.service); spec != revision->services.end())
      time = spec->second.health.start_timeout + spec->second.stop_timeout + end_slack;
  turn.emit(InstanceRestarted{id, turn.fresh(), turn.in("restart", time, 2), true});
}

}  // namespace nova::deployment
