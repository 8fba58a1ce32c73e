// What must outlive a runner that fails, for its successor in the same node: the attempts that drivers carry out now,
// and the reports that were not delivered yet.
#pragma once
#include "actors/host/effects/effects.hpp"
#include "actors/host/effects/queues.hpp"

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace nova::host {

/// The successor waits for the end of an attempt, since a second one beside it would do things twice. Any thread.
class Attempts {
 public:
  using Tell = std::function<void(const WorkEnd&)>;

  void begin(const std::string& id, Tell tell, std::shared_ptr<Permit> permit, std::string driver) {
    std::lock_guard lock(mutex_);
    under_way_[id] = {std::move(tell), std::nullopt, std::move(permit), std::move(driver)};
  }

  /// The driver's word. Kept until `forget`, when its entity has taken it: whoever was to be told may be gone.
  void end(const std::string& id, WorkEnd ended) {
    Tell tell;
    {
      std::lock_guard lock(mutex_);
      const auto found = under_way_.find(id);
      // One that was not waited for any longer may still end.
      if (found == under_way_.end() || found->second.ended) return;
      found->second.ended = ended;
      tell = found->second.tell;
    }
    tell(ended);
  }

  /// False when none is under way; otherwise `tell` hears of its end instead of whoever waited before.
  bool join(const std::string& id, Tell tell) {
    std::optional<WorkEnd> ended;
    {
      std::lock_guard lock(mutex_);
      const auto found = under_way_.find(id);
      if (found == under_way_.end()) return false;
      found->second.tell = tell;
      ended = found->second.ended;
    }
    if (ended) tell(*ended);
    return true;
  }

  void forget(const std::string& id) {
    std::lock_guard lock(mutex_);
    under_way_.erase(id);
  }

  std::shared_ptr<Permit> permit(const std::string& id) const {
    std::lock_guard lock(mutex_);
    const auto found = under_way_.find(id);
    return found == under_way_.end() ? nullptr : found->second.permit;
  }

  struct UnderWay {
    std::string id, driver;
    std::shared_ptr<Permit> permit;
  };
  /// Those that a switch may stop and that have not ended.
  std::vector<UnderWay> stoppable() const {
    std::vector<UnderWay> found;
    std::lock_guard lock(mutex_);
    for (const auto& [id, attempt] : under_way_)
      if (!attempt.ended && attempt.permit && !attempt.permit->reach().is_local())
        found.push_back({id, attempt.driver, attempt.permit});
    return found;
  }

  void doubt(InDoubt line) {
    std::lock_guard lock(mutex_);
    if (in_doubt_.size() >= in_doubt_max) in_doubt_.pop_front();
    in_doubt_.push_back(std::move(line));
  }
  std::vector<InDoubt> in_doubt() const {
    std::lock_guard lock(mutex_);
    return {in_doubt_.begin(), in_doubt_.end()};
  }

 private:
  struct Attempt {
    Tell tell;
    std::optional<WorkEnd> ended;
    std::shared_ptr<Permit> permit;
    std::string driver;
  };
  mutable std::mutex mutex_;
  std::map<std::string, Attempt> under_way_;
  std::deque<InDoubt> in_doubt_;
};

/// Drivers give a report once; one that waits for the store or its entity stays here until it was taken. Any thread.
class WaitingReports {
 public:
  bool add(const core::EntityKey& to, core::Report report) {
    std::lock_guard lock(mutex_);
    return queue_.add(to, std::move(report));
  }
  std::optional<core::Report> front(const core::EntityKey& to) const {
    std::lock_guard lock(mutex_);
    const auto* report = queue_.front(to);
    return report ? std::optional<core::Report>(*report) : std::nullopt;
  }
  void pop(const core::EntityKey& to) {
    std::lock_guard lock(mutex_);
    queue_.pop(to);
  }
  std::vector<core::EntityKey> waiting() const {
    std::lock_guard lock(mutex_);
    return queue_.waiting();
  }
  std::size_t size() const {
    std::lock_guard lock(mutex_);
    return queue_.size();
  }

 private:
  mutable std::mutex mutex_;
  ReportQueue queue_;
};

}  // namespace nova::host
