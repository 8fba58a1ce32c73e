// What the world says: instances, the edge, ends of works, timers. What is late or unknown changes nothing.
#include "actors/deployment/turn.hpp"
#include "core/json.hpp"
#include "core/text.hpp"

#include <algorithm>

namespace nova::deployment {
namespace {

/// Instances that left a route and wait for the edge to finish with them.
bool anyone_leaves(const State& s, const std::string& service, const Route& route, std::uint64_t applied) {
  return std::any_of(s.instances.begin(), s.instances.end(), [&](const auto& entry) {
    const auto& instance = entry.second;
    return instance.service == service && instance.left > route.drained && instance.left <= applied;
  });
}

RouteChanged changed(const std::string& service, RouteStep step, std::uint64_t generation) {
  RouteChanged event;
  event.service = service;
  event.step = step;
  event.generation = generation;
  return event;
}

void applied(Turn& turn, const std::string& service, std::uint64_t generation) {
  const Route& route = turn.now.routes.at(service);
  if (!route.kept || generation != route.generation || route.applied >= generation) return;
  auto event = changed(service, RouteStep::applied, generation);
  if (anyone_leaves(turn.now, service, route, generation)) event.deadline = turn.in("drain", drain_time + drain_slack);
  turn.emit(std::move(event));
}

void forget(Turn& turn, const std::string& timer) {
  InstancesDropped forgotten;
  forgotten.forgotten = true;
  for (const auto& [id, instance] : turn.now.instances)
    if (instance.timer == timer) forgotten.instances.push_back(id);
  turn.emit(std::move(forgotten));
}

/// What has not ended by now is taken for ended: a stop always comes to its end.
void end_stop(Turn& turn) {
  InstancesDropped forgotten;
  forgotten.forgotten = true;
  for (const auto& [id, instance] : turn.now.instances) forgotten.instances.push_back(id);
  std::vector<std::string> services;
  for (const auto& [service, route] : turn.now.routes) services.push_back(service);
  for (const auto& service : services) turn.emit(changed(service, RouteStep::gone, 0));
  const auto count = forgotten.instances.size();
  if (count != 0) turn.emit(std::move(forgotten));
  if (turn.now.status == Status::stopping)
    turn.emit(Stopped{count == 0 ? "" : std::to_string(count) + " instances did not report their end"});
}

void time_out(Turn& turn) {
  std::string waiting;
  for (const auto& [id, instance] : turn.now.instances)
    if (instance.revision == turn.now.candidate && !is_well(instance))
      waiting += (waiting.empty() ? ": `" : ", `") + id + "` is " + std::string(core::name_of(instance.phase));
  fail(turn, "deployment.timed_out",
       "it was still " + std::string(core::name_of(turn.now.status)) + " at its deadline" + waiting);
}

void fetched(Turn& turn, const core::Settle& c) {
  if (c.outcome != core::Outcome::done) {
    turn.emit(WorkSettled{c.work_id, c.outcome, c.code, core::clean_text(c.message, reason_bytes_max)});
    const auto code = c.code.empty() ? std::string("deployment.fetch_failed") : c.code;
    return fail(turn, code, code + ": " + c.message);
  }
  // A service that says itself how long it needs is given that long, wave after wave.
  std::chrono::milliseconds time = rollout_time_max, waves{0};
  if (const Revision* revision = find(turn.now, turn.now.candidate))
    for (const auto& [name, spec] : revision->services) waves += spec.health.start_timeout;
  Step built;
  built.revision = turn.now.candidate;
  built.step = StepName::built;
  built.deadline = turn.in("rollout", std::max(time, waves));
  turn.emit(std::move(built));
}

void purged(Turn& turn, const core::Settle& c) {
  turn.emit(WorkSettled{c.work_id, c.outcome, c.code, core::clean_text(c.message, reason_bytes_max)});
  if (turn.now.status != Status::deleting) return;
  if (c.outcome == core::Outcome::done) return turn.emit(Deleted{true, turn.fresh_id("tell")});
  turn.emit(PurgeFailed{c.code, core::clean_text(c.message, reason_bytes_max)});
}

}  // namespace

Refused on(Turn& turn, const ObserveInstance& c) {
  const auto found = turn.now.instances.find(c.instance);
  if (found == turn.now.instances.end()) return {};
  const auto& known = found->second;
  // A report from before the last restart says nothing about what runs now.
  if (c.attempt != 0 && c.attempt < known.attempt) return {};
  const auto message = core::clean_text(c.message, message_bytes_max);
  const auto port = c.port != 0 ? c.port : known.port;
  const bool restarted = turn.now.restarting == c.instance;
  if (known.phase == c.phase && known.port == port && known.restarts == c.restarts && known.code == c.code) return {};
  turn.emit(
      InstanceChanged{c.instance, c.phase, port, c.restarts, core::clean_text(c.code, message_bytes_max), message});
  // What made this one fall would make the others fall, too.
  const auto now = turn.now.instances.find(c.instance);
  if (restarted && now != turn.now.instances.end() && is_down(now->second) && !turn.now.restart_queue.empty())
    turn.emit(RestartStalled{c.instance, now->second.code, now->second.message});
  return {};
}

Refused on(Turn& turn, const core::Report& c) {
  const auto prefix = turn.context.self.id + ".";
  if (c.driver != "edge" || c.key.rfind(prefix, 0) != 0) return {};
  const auto service = c.key.substr(prefix.size());
  const auto found = turn.now.routes.find(service);
  if (found == turn.now.routes.end()) return {};
  const auto& route = found->second;
  const auto generation = std::uint64_t(core::json_int(c.data.text, "generation").value_or(0));
  if (c.phase == "applied") {
    applied(turn, service, generation);
  } else if (c.phase == "drained") {
    applied(turn, service, generation);  // Drained says applied too, whichever report came first.
    const auto drained = std::min(generation, turn.now.routes.at(service).applied);
    if (drained > turn.now.routes.at(service).drained) turn.emit(changed(service, RouteStep::drained, drained));
  } else if (c.phase == "failed") {
    if (generation != route.generation || route.applied >= generation || !route.failed.empty()) return {};
    auto event = changed(service, RouteStep::failed, generation);
    event.code = core::clean_text(c.code, message_bytes_max);
    event.message = core::clean_text(c.message, message_bytes_max);
    turn.emit(std::move(event));
  } else if (c.phase == "stopped" && !route.kept) {
    turn.emit(changed(service, RouteStep::gone, route.generation));
  }
  return {};
}

Refused on(Turn& turn, const core::Settle& c) {
  const auto found = turn.now.works.find(c.work_id);
  if (found == turn.now.works.end()) return {};
  if (c.work_id == turn.now.fetch) {
    fetched(turn, c);
  } else if (found->second.job == Job::purge) {
    purged(turn, c);
  } else if (found->second.job == Job::reserve) {
    slot_answered(turn, c);
  } else {
    turn.emit(WorkSettled{c.work_id, c.outcome, c.code, core::clean_text(c.message, reason_bytes_max)});
  }
  return {};
}

Refused on(Turn& turn, const core::Fire& c) {
  const auto found = turn.now.timers.find(c.timer_id);
  if (found == turn.now.timers.end()) return {};
  const auto timer = found->second;
  switch (timer.wait) {
    case Wait::rollout:
      time_out(turn);
      break;
    case Wait::route:
      turn.emit(changed(timer.about, RouteStep::overdue, turn.now.routes.at(timer.about).generation));
      break;
    case Wait::drain: {
      const auto& route = turn.now.routes.at(timer.about);
      turn.emit(changed(timer.about, route.kept ? RouteStep::drained : RouteStep::gone,
                        route.kept ? route.applied : route.generation));
      break;
    }
    case Wait::stop:
      end_stop(turn);
      break;
    case Wait::restart:
      turn.emit(RestartStalled{timer.about, "deployment.restart_overdue", "it was not ready in time"});
      break;
    case Wait::forget:
      forget(turn, c.timer_id);
      break;
  }
  return {};
}

}  // namespace nova::deployment
