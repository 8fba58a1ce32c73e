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
  if (!s.restarting.empty() || s.restart_queue.empty()) return;
  const auto id = s.restart_queue.front();
  const auto found = s.instances.find(id);
  // What is gone or on its way out has its turn too: applying the event takes it off the queue.
  std::chrono::milliseconds time = std::chrono::minutes(2);
  if (found != s.instances.end())
    if (const Revision* revision = find(s, found->second.revision))
      if (const auto spec = revision->services.find(found->second.service); spec != revision->services.end())
        time = spec->second.health.start_timeout + spec->second.stop_timeout + end_slack;
  turn.emit(InstanceRestarted{id, turn.fresh(), turn.in("restart", time, 2)});
}

}  // namespace nova::deployment
