#include "governance/killswitch/truth.hpp"

#include <utility>

namespace nova::killswitch {

using kill_switch::Scope;

namespace {

// What lives in the runtime's own tenant is named without it.
bool names(const std::string& what, const std::string& target) {
  return !what.empty() && (what == target || what == "system/" + target || "system/" + what == target);
}

core::Error active(const Line& line) {
  auto error = core::refusal("killswitch.active",
                             "the kill switch `" + line.id + "` is engaged: " + core::printable(line.reason));
  error.with("switch", line.id).with("epoch", std::to_string(line.epoch));
  return std::move(error).fix("wait until it is released");
}

}  // namespace

bool covers(Scope scope, const std::string& target, const core::Reach& reach) {
  if (reach.is_local()) return false;
  switch (scope) {
    case Scope::global:
      return true;
    case Scope::external_only:
      return reach.external;
    case Scope::layer:
      return names(reach.layer, target);
    case Scope::platform:
      return names(reach.platform, target);
    case Scope::provider:
      return names(reach.provider, target);
    case Scope::agent:
      return names(reach.agent, target);
    case Scope::model:
      return names(reach.model, target);
    case Scope::tenant:
      return reach.tenant == target;
    case Scope::platforms:
    case Scope::commands:
    case Scope::subscriptions:
    case Scope::feature:
    case Scope::plan:
    case Scope::user:
      return false;  // orders, which the rules judge
  }
  return true;
}

void Truth::put(Line line, std::uint64_t version) {
  std::lock_guard lock(mutex_);
  auto& kept = lines_[line.id];
  if (version <= kept.version) return;
  kept = {std::move(line), version};
  engaged_.clear();
  for (const auto& [id, each] : lines_)
    if (each.line.engaged) engaged_.push_back(each.line);
  engaged_count_ = engaged_.size();
}

void Truth::fresh_at(std::chrono::nanoseconds at) {
  auto known = fresh_at_.load();
  while (known < at.count() && !fresh_at_.compare_exchange_weak(known, at.count())) {
  }
}

bool Truth::is_known() const {
  if (!loaded_.load()) return false;
  const auto at = fresh_at_.load();
  if (at == never_stale || at == never_heard) return at == never_stale;
  return clock_.monotonic() - std::chrono::nanoseconds(at) < bound;
}

core::Fence::Verdict Truth::judge(const core::Reach& reach) const {
  if (reach.is_local()) return {};
  // An old word does not end a work for good either: the switch may have been released.
  if (is_known()) {
    if (engaged_count_.load() == 0) return {};
    std::shared_lock lock(mutex_);
    for (const auto& line : engaged_)
      if (covers(line.scope, line.target, reach)) return {Answer::stop, active(line)};
    return {};
  }
  return {Answer::unknown, core::unavailable("killswitch.unknown", "what is switched off is not known here now")
                               .fix("see whether the node reaches its store")};
}

std::vector<Line> Truth::engaged() const {
  std::shared_lock lock(mutex_);
  return engaged_;
}

std::optional<Line> Truth::find(const std::string& id) const {
  std::shared_lock lock(mutex_);
  const auto found = lines_.find(id);
  if (found == lines_.end()) return {};
  return found->second.line;
}

std::uint64_t Truth::epoch() const {
  std::uint64_t sum = 0;
  for (const auto& [scope, epoch] : epochs()) sum += epoch;
  return sum;
}

std::map<Scope, std::uint64_t> Truth::epochs() const {
  std::map<Scope, std::uint64_t> sums;
  std::shared_lock lock(mutex_);
  for (const auto& [id, kept] : lines_) sums[kept.line.scope] += kept.line.epoch;
  return sums;
}

}  // namespace nova::killswitch
