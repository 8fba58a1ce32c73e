// What may stop an effect (S03): what a work touches, whom the runner and the drivers ask, and the leave that a driver
// takes just before the first byte.
#pragma once
#include "core/error.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>

namespace nova::host {

/// What an effect touches. Empty names: nothing of the sort, or not known. A target that lives in a tenant is
/// "tenant/id".
struct Reach {
  bool external = true;  ///< it leaves for machines of others
  bool ai = false;       ///< a model works
  std::string tenant, platform, provider, layer, agent, model;

  bool is_local() const { return !external && !ai; }
};

/// A work that leaves this node in no way and has nothing to do with AI: no switch stops it.
inline Reach local_reach() {
  Reach reach;
  reach.external = false;
  return reach;
}

/// Says whether an effect may begin. Any thread; no I/O, well below a microsecond.
class Fence {
 public:
  enum class Answer : std::uint8_t {
    go,
    stop,     ///< a switch covers it: it ends `killed`
    unknown,  ///< what is switched cannot be known now: it waits, and nothing begins
  };
  struct Verdict {
    Answer answer = Answer::go;
    core::Error why;  ///< when not `go`
  };
  virtual ~Fence() = default;
  virtual Verdict judge(const Reach& reach) const = 0;
};

/// Leave for one attempt. Any thread.
class Permit {
 public:
  /// `fence` may be null: nothing is stopped then. It outlives the permit.
  Permit(const Fence* fence, Reach reach) : fence_(fence), reach_(std::move(reach)) {}

  /// Whether the attempt may go on: for what comes before the first byte, such as opening a connection.
  bool may_go_on() {
    if (!fence_) return true;
    if (withdrawn_.load()) return false;
    return begun_.load() || keep(fence_->judge(reach_));
  }
  /// Just before the first byte. True: from now on it counts as begun, and whoever stops it is in doubt about what the
  /// other side got. False: nothing may be sent; the attempt ends as failed, and the runner knows why.
  bool begin() {
    if (!may_go_on()) return false;
    begun_ = true;
    return true;
  }
  bool is_begun() const { return begun_.load(); }
  /// What runs looks at it, and ends when it is true.
  bool is_withdrawn() const { return withdrawn_.load(); }
  /// Ends the leave.
  void withdraw(Fence::Verdict verdict) { keep(std::move(verdict)); }
  /// Why it was refused or withdrawn; none: it was not.
  std::optional<Fence::Verdict> stopped() const {
    std::lock_guard lock(mutex_);
    return stopped_;
  }
  const Reach& reach() const { return reach_; }

 private:
  bool keep(Fence::Verdict verdict) {
    if (verdict.answer == Fence::Answer::go) return true;
    std::lock_guard lock(mutex_);
    stopped_ = std::move(verdict);
    withdrawn_ = true;
    return false;
  }

  const Fence* fence_;
  const Reach reach_;
  std::atomic<bool> begun_{false}, withdrawn_{false};
  mutable std::mutex mutex_;
  std::optional<Fence::Verdict> stopped_;
};

}  // namespace nova::host
