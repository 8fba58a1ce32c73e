#include "actors/deployment/turn.hpp"

#include <algorithm>
#include <charconv>

namespace nova::deployment {

std::string Turn::fresh_id(std::string_view what, std::uint64_t n) const {
  return std::string(what) + "-" + std::to_string(fresh(n));
}

Deadline Turn::in(std::string_view what, std::chrono::milliseconds time, std::uint64_t n) const {
  return {fresh_id(what, n), context.now + time};
}

const Revision* find(const State& s, std::uint64_t number) {
  const auto found =
      std::find_if(s.revisions.begin(), s.revisions.end(), [&](const Revision& r) { return r.number == number; });
  return found == s.revisions.end() ? nullptr : &*found;
}

Revision* find(State& s, std::uint64_t number) {
  return const_cast<Revision*>(find(static_cast<const State&>(s), number));
}

std::uint32_t scale_of(const State& s, const Revision& revision, const std::string& service) {
  const auto spec = revision.services.find(service);
  if (spec == revision.services.end()) return 0;
  if (revision.number == s.current)
    if (const auto changed = s.scales.find(service); changed != s.scales.end()) return changed->second;
  return std::uint32_t(spec->second.scale);
}

bool belongs(const State& s, const Instance& instance) {
  const bool runs = (s.serving && instance.revision == s.current) ||
                    (s.candidate != 0 && instance.revision == s.candidate &&
                     (s.status == Status::deploying || s.status == Status::verifying));
  if (!runs) return false;
  const Revision* revision = find(s, instance.revision);
  return revision && instance.index < scale_of(s, *revision, instance.service);
}

bool is_well(const Instance& instance) {
  // One that was stopped has not finished; it is started again with its node.
  const bool finished = instance.phase == Phase::stopped && instance.code.rfind("stop.", 0) != 0;
  return instance.wanted && (instance.phase == Phase::ready || finished);
}

bool is_down(const Instance& instance) {
  return instance.wanted && (instance.phase == Phase::quarantined || instance.phase == Phase::failed);
}

bool is_ready(const State& s, const Revision& revision, const std::string& self, const std::string& service) {
  for (std::uint32_t index = 0; index < scale_of(s, revision, service); ++index) {
    const auto found = s.instances.find(instance_id(self, service, revision.number, index));
    if (found == s.instances.end() || !is_well(found->second)) return false;
  }
  return true;
}

bool is_reached(const State& s, const std::string& id, const Instance& instance) {
  const auto found = s.routes.find(instance.service);
  if (found == s.routes.end()) return false;
  const auto& route = found->second;
  const bool behind =
      std::any_of(route.backends.begin(), route.backends.end(), [&](const auto& b) { return b.id == id; });
  return behind || (instance.left != 0 && route.drained < instance.left);
}

std::string instance_id(const std::string& self, const std::string& service, std::uint64_t revision,
                        std::uint32_t index) {
  return self + "." + service + ".r" + std::to_string(revision) + "." + std::to_string(index);
}

void used(State& s, std::string_view id) {
  std::uint64_t number = 0;
  const auto digits = id.substr(id.rfind('-') + 1);
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  s.serial = std::max(s.serial, number);
}

core::Error not_now(const State& s) {
  if (s.candidate != 0)
    return core::refuse("deployment.already_running",
                        "revision " + std::to_string(s.candidate) + " is being rolled out")
        .with("revision", std::to_string(s.candidate))
        .with("state", std::string(core::name_of(s.status)))
        .fix("wait until it has ended, or cancel it");
  return core::wrong_state(core::name_of(s.status), {"running"});
}

}  // namespace nova::deployment
