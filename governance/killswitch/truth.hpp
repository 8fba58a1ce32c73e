// Which kill switches are engaged, in the memory of each node: what every effect asks before its first byte (S03).
#pragma once
#include "actors/kill_switch/kill_switch.hpp"
#include "core/effect/fence.hpp"
#include "core/time.hpp"

#include <atomic>
#include <chrono>
#include <map>
#include <optional>
#include <shared_mutex>
#include <string>
#include <vector>

namespace nova::killswitch {

/// The published bound, from the commit of a switch to the last effect that begins on any node: what a node knows of
/// the others' commits is believed for so long. The node that takes the command stops before it answers.
inline constexpr std::chrono::milliseconds bound{1000};

struct Line {
  std::string id;  ///< of the switch
  kill_switch::Scope scope = kill_switch::Scope::global;
  std::string target;
  bool engaged = false;
  std::string reason, reason_ar, by, incident_id;
  core::Timestamp at;
  std::optional<core::Timestamp> until;
  std::uint64_t epoch = 0;
};

/// Whether the switch stops what touches this, were it engaged.
bool covers(kill_switch::Scope scope, const std::string& target, const core::Reach& reach);

/// Any thread; a question costs a shared lock and a look at each engaged switch.
class Truth final : public core::Fence {
 public:
  /// `clock` outlives it; its `monotonic` must run on while the machine sleeps (CLOCK_BOOTTIME).
  explicit Truth(const core::Clock& clock) : clock_(clock) {}

  /// Before `loaded` nothing is known. Later versions replace earlier ones; an earlier one that comes late is ignored.
  void put(Line line, std::uint64_t version);
  void loaded() { loaded_ = true; }
  /// Nobody else writes to this node's store: what was put is all there is.
  void alone() { fresh_at_ = never_stale; }
  /// All that was committed before `at`, on the monotonic clock, was put.
  void fresh_at(std::chrono::nanoseconds at);

  /// `stop` by an engaged switch is `killswitch.active`; `unknown` before the load, or when the last word of the log is
  /// older than `bound`, is `killswitch.unknown`. What is local passes always.
  Verdict judge(const core::Reach& reach) const override;
  bool is_known() const;

  /// No lock: what every command asks.
  bool any_engaged() const { return engaged_count_.load() != 0; }
  /// Engaged ones, in order of their ids.
  std::vector<Line> engaged() const;
  std::optional<Line> find(const std::string& id) const;
  /// Grow with each change of any switch, of one scope or of all; the same on every node that knows the same.
  std::uint64_t epoch() const;
  std::map<kill_switch::Scope, std::uint64_t> epochs() const;

 private:
  static constexpr std::int64_t never_heard = INT64_MIN, never_stale = INT64_MAX;
  struct Kept {
    Line line;
    std::uint64_t version = 0;
  };

  const core::Clock& clock_;
  std::atomic<bool> loaded_{false};
  std::atomic<std::int64_t> fresh_at_{never_heard};
  std::atomic<std::size_t> engaged_count_{0};  ///< none: no lock is needed
  mutable std::shared_mutex mutex_;
  std::map<std::string, Kept> lines_;
  std::vector<Line> engaged_;
};

}  // namespace nova::killswitch
