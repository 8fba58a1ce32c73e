// Which instances stand behind the stable ports, and when those that left may go.
#include "actors/deployment/turn.hpp"

#include <algorithm>

namespace nova::deployment {
namespace {

/// The revision that traffic shall reach; null: none.
const Revision* target_of(const State& s) {
  if (s.candidate != 0 && (s.status == Status::verifying || opens_early(s))) return find(s, s.candidate);
  return s.serving ? find(s, s.current) : nullptr;
}

std::vector<service::Backend> backends_of(const State& s, const Revision& revision, const std::string& service) {
  std::vector<service::Backend> backends;
  for (const auto& [id, instance] : s.instances)
    if (instance.revision == revision.number && instance.service == service && instance.wanted && instance.admitted &&
        instance.port != 0 && id != s.draining && belongs(s, instance))
      backends.push_back({id, instance.port});
  return backends;
}

/// True when one of the service's instances will be ready soon by all that is known: a request may wait for it.
bool comes_back(const State& s, const Revision& revision, const std::string& service) {
  return std::any_of(s.instances.begin(), s.instances.end(), [&](const auto& entry) {
    const auto& [id, instance] = entry;
    if (instance.revision != revision.number || instance.service != service || !belongs(s, instance)) return false;
    return id == s.draining || (instance.wanted && !is_well(instance) && !is_down(instance));
  });
}

bool same(const std::vector<service::Backend>& a, const std::vector<service::Backend>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
    return x.id == y.id && std::int64_t(x.port) == std::int64_t(y.port);
  });
}

void ask(Turn& turn, const Revision& revision, const std::string& service, std::uint32_t port) {
  auto backends = backends_of(turn.now, revision, service);
  const bool hold = backends.empty() && comes_back(turn.now, revision, service);
  const auto found = turn.now.routes.find(service);
  if (found != turn.now.routes.end()) {
    const auto& route = found->second;
    if (route.kept && route.revision == revision.number && route.port == port && route.hold == hold &&
        same(route.backends, backends))
      return;
  }
  RouteChanged asked;
  asked.service = service;
  asked.step = RouteStep::asked;
  asked.generation = turn.fresh();
  asked.revision = revision.number;
  asked.port = port;
  asked.backends = std::move(backends);
  asked.hold = hold;
  asked.deadline = turn.in("route", route_time_max, 2);
  turn.emit(std::move(asked));
}

void drop(Turn& turn, const std::string& service) {
  RouteChanged dropped;
  dropped.service = service;
  dropped.step = RouteStep::dropped;
  dropped.generation = turn.fresh();
  dropped.deadline = turn.in("drain", drain_time + drain_slack, 2);
  turn.emit(std::move(dropped));
}

/// While a candidate takes over, what only the old revision has stays until it is done, unless its port moves to
/// another service.
bool may_drop_route(const State& s, const Revision* target, const std::string& service) {
  if (!target) return true;
  const auto spec = target->services.find(service);
  if (spec != target->services.end() && spec->second.port != 0) return false;
  if (s.status != Status::verifying) return true;
  const auto port = s.routes.at(service).port;
  return std::any_of(target->services.begin(), target->services.end(),
                     [&](const auto& other) { return std::uint32_t(other.second.port) == port; });
}

}  // namespace

bool opens_early(const State& s) { return s.candidate != 0 && s.status == Status::deploying && !s.serving; }

bool is_routed(const State& s, const Revision& revision, const std::string& service) {
  if (revision.services.at(service).port == 0) return true;
  const auto route = s.routes.find(service);
  return route != s.routes.end() && route->second.kept && route->second.revision == revision.number &&
         route->second.applied >= route->second.generation;
}

void steer_routes(Turn& turn) {
  const Revision* found = target_of(turn.now);
  const std::optional<Revision> target = found ? std::optional(*found) : std::nullopt;
  std::vector<std::string> dropped;
  for (const auto& [service, route] : turn.now.routes)
    if (route.kept && may_drop_route(turn.now, target ? &*target : nullptr, service)) dropped.push_back(service);
  for (const auto& service : dropped) drop(turn, service);
  if (!target) return;
  for (const auto& [name, spec] : target->services) {
    if (spec.port == 0) continue;
    if (opens_early(turn.now) && !is_ready(turn.now, *target, turn.context.self.id, name)) continue;
    ask(turn, *target, name, std::uint32_t(spec.port));
  }
}

}  // namespace nova::deployment
