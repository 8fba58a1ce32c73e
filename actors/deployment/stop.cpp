// How instances and whole deployments end: routes first, then the instances that nobody needs any more.
#include "actors/deployment/turn.hpp"
#include "core/text.hpp"

#include <algorithm>

namespace nova::deployment {
namespace {

constexpr std::chrono::milliseconds stop_time_default = std::chrono::seconds(10);

const service::Service* spec_of(const State& s, const Instance& instance) {
  const Revision* revision = find(s, instance.revision);
  if (!revision) return nullptr;
  const auto spec = revision->services.find(instance.service);
  return spec == revision->services.end() ? nullptr : &spec->second;
}

std::chrono::milliseconds stop_time(const State& s, const Instance& instance) {
  const auto* spec = spec_of(s, instance);
  return spec ? spec->stop_timeout : stop_time_default;
}

/// True when something of the same revision that needs this service is still on its way out.
bool is_needed(const State& s, const Instance& instance) {
  return std::any_of(s.instances.begin(), s.instances.end(), [&](const auto& entry) {
    const auto& other = entry.second;
    if (other.revision != instance.revision || other.service == instance.service || belongs(s, other)) return false;
    const auto* spec = spec_of(s, other);
    return spec && std::any_of(spec->needs.begin(), spec->needs.end(),
                               [&](const auto& need) { return need == instance.service; });
  });
}

/// Long enough for every wave to end in turn; then the rest is taken for ended.
Deadline end_of_stop(const Turn& turn) {
  std::chrono::milliseconds sum = drain_time + drain_slack + end_slack;
  std::map<std::string, std::chrono::milliseconds> times;
  for (const auto& [id, instance] : turn.now.instances) {
    auto& time = times[instance.service];
    time = std::max(time, stop_time(turn.now, instance));
  }
  for (const auto& [service, time] : times) sum += time;
  return turn.in("stop", sum);
}

}  // namespace

void drop_surplus(Turn& turn) {
  const auto& s = turn.now;
  InstancesDropped dropped;
  std::chrono::milliseconds longest{0};
  for (const auto& [id, instance] : s.instances) {
    if (!instance.wanted || belongs(s, instance) || is_reached(s, id, instance) || is_needed(s, instance)) continue;
    dropped.instances.push_back(id);
    longest = std::max(longest, stop_time(s, instance));
  }
  if (dropped.instances.empty()) return;
  dropped.deadline = turn.in("forget", longest + end_slack);
  turn.emit(std::move(dropped));
}

Refused on(Turn& turn, const Stop& c) {
  const auto& s = turn.now;
  if (s.status == Status::stopping || s.status == Status::stopped) return {};
  if (s.status == Status::deleting || s.status == Status::deleted) return not_now(s);
  const auto& by = turn.context.principal.id;
  if (s.candidate != 0) cancel(turn, by, c.reason);
  if (s.status != Status::stopping)
    turn.emit(Stopping{by, core::clean_text(c.reason, reason_bytes_max), end_of_stop(turn)});
  return {};
}

Refused on(Turn& turn, const Delete& c) {
  const auto& s = turn.now;
  const bool adds_purge = c.purge && !s.purge;
  if (s.status == Status::deleting && !adds_purge) return {};
  if (s.status == Status::deleted && (!c.purge || s.purged)) return {};
  const auto& by = turn.context.principal.id;
  if (s.candidate != 0) cancel(turn, by, c.reason);
  turn.emit(Deleting{c.purge, by, core::clean_text(c.reason, reason_bytes_max), end_of_stop(turn)});
  return {};
}

void finish_stop(Turn& turn) {
  const auto& s = turn.now;
  if (!s.instances.empty() || !s.routes.empty()) return;
  if (s.status == Status::stopping) return turn.emit(Stopped{});
  if (s.status != Status::deleting) return;
  const bool purging =
      std::any_of(s.works.begin(), s.works.end(), [](const auto& work) { return work.second.job == Job::purge; });
  if (purging) return;
  if (s.purge) return turn.emit(Purging{turn.fresh_id("purge")});
  turn.emit(Deleted{false, turn.fresh_id("tell")});
}

}  // namespace nova::deployment
