// What each event means for the state. Events are facts: nothing here can fail, reads a clock or looks at the world.
#include "actors/deployment/turn.hpp"

#include <algorithm>

namespace nova::deployment {
namespace {

void set_timer(State& s, std::string& slot, const Deadline& deadline, Wait wait, std::string about = {}) {
  s.timers.erase(slot);
  slot = deadline.timer;
  if (slot.empty()) return;
  s.timers[slot] = {wait, std::move(about), deadline.at};
  used(s, slot);
}

void clear_timer(State& s, std::string& slot) {
  s.timers.erase(slot);
  slot.clear();
}

void add_work(State& s, const std::string& id, Work work) {
  s.works[id] = std::move(work);
  used(s, id);
}

void end_restart(State& s) {
  s.restart_queue.clear();
  s.draining.clear();
  s.restarting.clear();
  clear_timer(s, s.restart_timer);
}

/// The timer under which dropped instances are forgotten is shared; the last one to go takes it along.
void erase_instance(State& s, const std::string& id) {
  const auto found = s.instances.find(id);
  if (found == s.instances.end()) return;
  const auto timer = found->second.timer;
  s.instances.erase(found);
  const bool needed = std::any_of(s.instances.begin(), s.instances.end(),
                                  [&](const auto& entry) { return entry.second.timer == timer; });
  if (!needed) s.timers.erase(timer);
}

void set_state(State& s, std::uint64_t revision, RevisionState state) {
  if (Revision* found = find(s, revision)) found->state = state;
}

/// Keeps history within its bounds; what serves or is on its way in is never given up.
void trim(State& s) {
  const auto bytes = [&] {
    std::uint64_t sum = 0;
    for (const auto& revision : s.revisions) sum += revision.bytes;
    return sum;
  };
  while (s.revisions.size() > revisions_max || bytes() > contents_bytes_max) {
    const auto oldest = std::find_if(s.revisions.begin(), s.revisions.end(), [&](const Revision& r) {
      return r.number != s.current && r.number != s.candidate;
    });
    if (oldest == s.revisions.end()) return;
    s.revisions.erase(oldest);
  }
}

void begin(State& s, std::uint64_t revision, const std::string& work, const Deadline& deadline) {
  s.candidate = revision;
  s.status = Status::building;
  s.reason.clear();
  set_state(s, revision, RevisionState::building);
  s.fetch = work;
  add_work(s, work, {Job::fetch, {}, {}, revision});
  set_timer(s, s.rollout_timer, deadline, Wait::rollout);
}

void end_candidate(State& s) {
  s.candidate = 0;
  s.fetch.clear();  // An outstanding fetch stays in `works` until it is settled.
  clear_timer(s, s.rollout_timer);
}

void apply(State& s, const Requested& e) {
  s.platform = e.platform;
  s.environment = e.environment;
  s.last_revision = e.revision;
  s.candidate = e.revision;
  s.status = Status::pending;
  s.purge = s.purged = false;
  if (e.housed) {
    s.housed = true;
    s.homeless = false;
  }
  end_restart(s);
  s.revisions.push_back({e.revision, RevisionState::pending, e.services, e.bytes, e.blueprint_version, e.equals, false,
                         e.by, e.reason, e.at});
  trim(s);
}

void apply(State& s, const Started& e) { begin(s, e.revision, e.work, e.deadline); }
void apply(State& s, const StartedAgain& e) { begin(s, e.revision, e.work, e.deadline); }

void apply(State& s, const Step& e) {
  switch (e.step) {
    case StepName::built:
      s.status = Status::deploying;
      set_state(s, e.revision, RevisionState::deploying);
      s.works.erase(s.fetch);
      s.fetch.clear();
      if (e.deadline) set_timer(s, s.rollout_timer, *e.deadline, Wait::rollout);
      return;
    case StepName::launched:
      for (const auto& launch : e.instances) {
        erase_instance(s, launch.instance);
        Instance fresh;
        fresh.service = launch.service;
        fresh.revision = e.revision;
        fresh.index = launch.index;
        fresh.attempt = e.attempt;
        s.instances[launch.instance] = std::move(fresh);
      }
      s.serial = std::max(s.serial, e.attempt);
      return;
    case StepName::verified:
      s.status = Status::verifying;
      set_state(s, e.revision, RevisionState::verifying);
      return;
  }
}

void apply(State& s, const Completed& e) {
  if (s.current != e.revision) {
    set_state(s, s.current, RevisionState::superseded);
    s.scales.clear();
  }
  end_candidate(s);
  end_restart(s);
  s.current = e.revision;
  s.serving = true;
  s.status = Status::running;
  s.reason.clear();
  if (Revision* revision = find(s, e.revision)) {
    revision->state = RevisionState::running;
    revision->ran = true;
  }
}

void apply(State& s, const Failed& e) {
  end_candidate(s);
  if (Revision* revision = find(s, e.revision)) {
    revision->state = RevisionState::failed;
    revision->reason = e.reason;
  }
  s.status = s.serving ? Status::running : Status::failed;
  s.reason = "revision " + std::to_string(e.revision) + " failed: " + e.reason;
}

void apply(State& s, const RolledBack& e) {
  set_state(s, e.revision, RevisionState::rolled_back);
  s.reason += "; revision " + std::to_string(e.to) + " serves on";
}

void apply(State& s, const Cancelled& e) {
  end_candidate(s);
  if (Revision* revision = find(s, e.revision)) {
    revision->state = e.revision == s.current ? RevisionState::stopped : RevisionState::cancelled;
    if (!e.reason.empty()) revision->reason = e.reason;
  }
  s.status = s.serving ? Status::running : Status::stopped;
  s.reason = "revision " + std::to_string(e.revision) + " was cancelled";
}

void apply(State& s, const Scaled& e) { s.scales[e.service] = e.count; }

void apply(State& s, const Restarted& e) {
  s.restart_queue.insert(s.restart_queue.end(), e.instances.begin(), e.instances.end());
}

void apply(State& s, const InstanceDraining& e) { s.draining = e.instance; }

void apply(State& s, const InstanceRestarted& e) {
  s.serial = std::max(s.serial, e.attempt);
  std::erase(s.restart_queue, e.instance);
  if (s.draining == e.instance) s.draining.clear();
  if (!e.deadline.timer.empty()) {
    s.restarting = e.instance;
    set_timer(s, s.restart_timer, e.deadline, Wait::restart, e.instance);
  }
  const auto found = s.instances.find(e.instance);
  if (found == s.instances.end()) return;
  found->second.attempt = e.attempt;
  found->second.phase = Phase::starting;
  if (e.withheld) found->second.admitted = false;
  found->second.code.clear();
  found->second.message.clear();
}

void apply(State& s, const RestartStalled&) { end_restart(s); }

void wind_down(State& s, Status status, const std::string& reason, const Deadline& deadline) {
  s.serving = false;
  s.status = status;
  s.reason = reason;
  end_restart(s);
  set_timer(s, s.stop_timer, deadline, Wait::stop);
}

void apply(State& s, const Stopping& e) { wind_down(s, Status::stopping, e.reason, e.deadline); }

void apply(State& s, const Stopped& e) {
  s.status = Status::stopped;
  if (!e.reason.empty()) s.reason = e.reason;
  set_state(s, s.current, RevisionState::stopped);
  clear_timer(s, s.stop_timer);
}

void apply(State& s, const Deleting& e) {
  wind_down(s, Status::deleting, e.reason, e.deadline);
  s.purge = s.purge || e.purge;
}

void apply(State& s, const Purging& e) {
  clear_timer(s, s.stop_timer);
  add_work(s, e.work, {Job::purge, {}, {}, 0});
}

void apply(State& s, const PurgeFailed& e) {
  s.status = Status::failed;
  s.reason = "its data was not removed: " + e.message;
  s.purge = false;
  set_state(s, s.current, RevisionState::stopped);
}

void apply(State& s, const Deleted& e) {
  clear_timer(s, s.stop_timer);
  set_state(s, s.current, RevisionState::stopped);
  s.status = Status::deleted;
  s.current = 0;
  s.scales.clear();
  s.purge = false;
  s.purged = s.purged || e.purged;
  s.housed = s.homeless = false;
  add_work(s, e.work, {Job::tell, {}, {}, 0});
}

void apply(State& s, const HealthChanged& e) {
  s.health = e.health;
  s.health_reason = e.reason;
}

void apply(State& s, const InstanceChanged& e) {
  const auto found = s.instances.find(e.instance);
  if (found == s.instances.end()) return;
  auto& instance = found->second;
  instance.phase = e.phase;
  instance.port = e.port;
  instance.restarts = e.restarts;
  instance.code = e.code;
  instance.message = e.message;
  if (e.phase == Phase::ready) instance.admitted = true;
  if (s.restarting == e.instance && (is_well(instance) || is_down(instance))) {
    s.restarting.clear();
    clear_timer(s, s.restart_timer);
  }
  if (!instance.wanted && e.phase == Phase::stopped) erase_instance(s, e.instance);
}

void apply(State& s, const InstancesDropped& e) {
  for (const auto& id : e.instances) {
    const auto found = s.instances.find(id);
    if (found == s.instances.end()) continue;
    auto& instance = found->second;
    // Where nothing runs, no end will be reported.
    const bool ended = instance.phase == Phase::stopped || is_down(instance);
    if (s.restarting == id) {
      s.restarting.clear();
      clear_timer(s, s.restart_timer);
    }
    if (s.draining == id) s.draining.clear();
    std::erase(s.restart_queue, id);
    if (e.forgotten || ended) {
      erase_instance(s, id);
      continue;
    }
    instance.wanted = false;
    instance.timer = e.deadline.timer;
    s.timers[e.deadline.timer] = {Wait::forget, {}, e.deadline.at};
    used(s, e.deadline.timer);
  }
}

void leave(State& s, const Route& route, const std::vector<service::Backend>& still, std::uint64_t generation) {
  for (const auto& backend : route.backends) {
    const bool stays = std::any_of(still.begin(), still.end(), [&](const auto& b) { return b.id == backend.id; });
    if (stays) continue;
    if (const auto found = s.instances.find(backend.id); found != s.instances.end()) found->second.left = generation;
  }
}

void ask(State& s, Route& route, const RouteChanged& e) {
  leave(s, route, e.backends, e.generation);
  for (const auto& backend : e.backends)
    if (const auto found = s.instances.find(backend.id); found != s.instances.end()) found->second.left = 0;
  route.revision = e.revision;
  route.port = e.port;
  route.backends = e.backends;
  route.hold = e.hold;
  route.kept = true;
  route.overdue = false;
  route.failed.clear();
  if (e.deadline) set_timer(s, route.route_timer, *e.deadline, Wait::route, e.service);
}

void apply(State& s, const RouteChanged& e) {
  if (e.step != RouteStep::asked && !s.routes.contains(e.service)) return;
  Route& route = s.routes[e.service];
  switch (e.step) {
    case RouteStep::asked:
      ask(s, route, e);
      break;
    case RouteStep::applied:
      route.applied = std::max(route.applied, e.generation);
      route.overdue = false;
      route.failed.clear();
      clear_timer(s, route.route_timer);
      if (e.deadline) set_timer(s, route.drain_timer, *e.deadline, Wait::drain, e.service);
      return;
    case RouteStep::drained:
      route.drained = std::max(route.drained, e.generation);
      if (route.drained >= route.applied) clear_timer(s, route.drain_timer);
      return;
    case RouteStep::failed:
      route.failed = e.code + ": " + e.message;
      return;
    case RouteStep::overdue:
      route.overdue = true;
      clear_timer(s, route.route_timer);
      return;
    case RouteStep::dropped:
      leave(s, route, {}, e.generation);
      route.backends.clear();
      route.hold = false;
      route.kept = false;
      clear_timer(s, route.route_timer);
      if (e.deadline) set_timer(s, route.drain_timer, *e.deadline, Wait::drain, e.service);
      break;
    case RouteStep::gone:
      clear_timer(s, route.route_timer);
      clear_timer(s, route.drain_timer);
      s.routes.erase(e.service);
      for (auto& [id, instance] : s.instances)
        if (instance.service == e.service) instance.left = 0;
      return;
  }
  route.generation = e.generation;
  s.serial = std::max(s.serial, e.generation);
}

void apply(State&, const ServiceQuarantined&) {}

void apply(State& s, const Escalated& e) {
  s.escalations[e.service] = e.escalation;
  add_work(s, e.work, {Job::escalate, e.escalation, e.service, 0});
}

void apply(State& s, const Resolved& e) {
  s.escalations.erase(e.service);
  if (e.decision == Answer::stop) s.scales[e.service] = 0;
}

void apply(State& s, const Recovered& e) {
  s.escalations.erase(e.service);
  add_work(s, e.work, {Job::withdraw, e.escalation, e.service, 0});
}

void apply(State& s, const WorkSettled& e) {
  s.works.erase(e.work);
  if (s.fetch == e.work) s.fetch.clear();
}

void apply(State& s, const SlotAsked& e) {
  s.slot = e.slot;
  s.slot_taken = false;
  add_work(s, e.work, {Job::reserve, e.slot, {}, 0});
}

void apply(State& s, const SlotTaken& e) {
  s.slot_taken = true;
  s.homeless = false;
  add_work(s, e.work, {Job::confirm, e.slot, {}, 0});
}

void apply(State& s, const SlotRefused& e) {
  s.slot.clear();
  s.homeless = !s.housed;
  if (!e.work.empty()) add_work(s, e.work, {Job::release, e.slot, {}, 0});
}

void apply(State& s, const SlotReturned& e) {
  s.slot.clear();
  s.slot_taken = false;
  add_work(s, e.work, {e.confirmed ? Job::give_back : Job::release, e.slot, {}, 0});
}

}  // namespace

State evolve(State s, const Event& event) {
  std::visit([&](const auto& e) { apply(s, e); }, event);
  return s;
}

}  // namespace nova::deployment
