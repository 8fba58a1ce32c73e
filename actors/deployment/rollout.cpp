// How a candidate gets to serve: sources, waves by needs, all ready, routes, done. Each rule looks at the state alone,
// so reports may come in any order.
#include "actors/deployment/turn.hpp"
#include "core/text.hpp"

#include <algorithm>
#include <cassert>
#include <stdexcept>

namespace nova::deployment {
namespace {

/// Instances of a service that the state wants and nobody has asked for yet.
void add_missing(const Turn& turn, const Revision& revision, const std::string& service,
                 std::vector<Launch>& launches) {
  const auto& s = turn.now;
  for (std::uint32_t index = 0; index < scale_of(s, revision, service); ++index) {
    auto id = instance_id(turn.context.self.id, service, revision.number, index);
    const auto found = s.instances.find(id);
    if (found == s.instances.end() || !found->second.wanted) launches.push_back({std::move(id), service, index});
  }
}

void launch(Turn& turn, const Revision& revision, bool by_needs) {
  std::vector<Launch> launches;
  for (const auto& [name, spec] : revision.services) {
    const bool may_start = !by_needs || std::all_of(spec.needs.begin(), spec.needs.end(), [&](const auto& need) {
      return is_ready(turn.now, revision, turn.context.self.id, need) &&
             (!opens_early(turn.now) || is_routed(turn.now, revision, need));
    });
    if (may_start) add_missing(turn, revision, name, launches);
  }
  if (launches.empty()) return;
  Step step;
  step.revision = revision.number;
  step.step = StepName::launched;
  step.instances = std::move(launches);
  step.attempt = turn.fresh();
  turn.emit(std::move(step));
}

/// The reason why a candidate cannot succeed any more; empty code: none.
Failed reason_to_fail(const State& s) {
  for (const auto& [id, instance] : s.instances)
    if (instance.revision == s.candidate && is_down(instance) && belongs(s, instance))
      return {s.candidate, instance.code.empty() ? "deployment.instance_failed" : instance.code,
              "`" + instance.service + "` (" + id + ") is " + std::string(core::name_of(instance.phase)) +
                  (instance.message.empty() ? "" : ": " + instance.message)};
  if (s.status != Status::verifying && !opens_early(s)) return {};
  for (const auto& [service, route] : s.routes) {
    if (route.revision != s.candidate || !route.kept || route.applied >= route.generation) continue;
    if (!route.failed.empty())
      return {s.candidate, "deployment.route_failed", "the edge cannot lead to `" + service + "`: " + route.failed};
    if (route.overdue)
      return {s.candidate, "deployment.route_overdue", "the edge did not lead to `" + service + "` in time"};
  }
  return {};
}

bool all_ready(const Turn& turn, const Revision& revision) {
  return std::all_of(revision.services.begin(), revision.services.end(), [&](const auto& service) {
    return is_ready(turn.now, revision, turn.context.self.id, service.first);
  });
}

/// True when the edge follows every route of the candidate.
bool has_taken_over(const State& s, const Revision& revision) {
  return std::all_of(revision.services.begin(), revision.services.end(),
                     [&](const auto& service) { return is_routed(s, revision, service.first); });
}

}  // namespace

void fail(Turn& turn, std::string code, std::string reason) {
  const auto revision = turn.now.candidate;
  turn.emit(Failed{revision, core::clean_text(code, message_bytes_max), core::clean_text(reason, reason_bytes_max)});
  if (turn.now.serving && turn.now.current != revision) turn.emit(RolledBack{revision, turn.now.current});
}

void roll_out(Turn& turn) {
  const auto& s = turn.now;
  if (s.serving)
    if (const Revision* current = find(s, s.current)) launch(turn, Revision(*current), false);
  const bool starting = s.status == Status::deploying || s.status == Status::verifying;
  if (s.candidate == 0 || !starting) return;
  if (auto failed = reason_to_fail(s); !failed.code.empty()) return fail(turn, failed.code, failed.reason);
  const Revision* candidate = find(s, s.candidate);
  assert(candidate != nullptr);
  const Revision revision = *candidate;  // Events change the state, and with it the list.
  launch(turn, revision, true);
  if (s.status == Status::deploying && all_ready(turn, revision)) {
    Step verified;
    verified.revision = revision.number;
    verified.step = StepName::verified;
    turn.emit(std::move(verified));
  }
  steer_routes(turn);
  if (s.status == Status::verifying && has_taken_over(s, revision)) turn.emit(Completed{revision.number});
}

void advance(Turn& turn) {
  // Each pass brings the state nearer to what it wants, and nothing takes a step back: a handful of passes is the most.
  constexpr int passes_max = 100;
  for (int pass = 0; pass < passes_max; ++pass) {
    const auto events = turn.events.size();
    roll_out(turn);
    steer_routes(turn);
    restart_next(turn);
    drop_surplus(turn);
    finish_stop(turn);
    return_slot(turn);
    watch_health(turn);
    if (turn.events.size() == events) return;
  }
  throw std::logic_error("the rules of a deployment do not come to rest");
}

}  // namespace nova::deployment
