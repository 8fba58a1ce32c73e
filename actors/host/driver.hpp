// The port behind which drivers act on the world. Entities never touch the world: their events ask, the effect runner
// hands the ask to a driver, and what comes of it returns as a command.
#pragma once
#include "actors/host/fence.hpp"
#include "core/decision.hpp"
#include "core/work.hpp"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace nova::host {

/// What may be said of a `do` whose outcome was lost in a crash.
enum class Safety : std::uint8_t {
  idempotent,  ///< doing it again with the same id changes nothing
  observable,  ///< `look` tells whether it was done
  uncertain,   ///< nobody can tell: the outcome is `unknown` and a human decides
};

struct Work {
  std::string id;  ///< global: tenant/kind/id#work_id; the idempotency key for the other side
  core::EntityKey owner;
  core::DoAsk ask;
  std::uint32_t attempt = 1;
  std::string cause;                    ///< id of the command whose event asked
  std::shared_ptr<Permit> permit = {};  ///< of this attempt; none: nothing stops it
};

/// How one attempt ended. With `retry`, the runner tries again with backoff until the attempts are spent.
struct WorkEnd {
  core::Outcome outcome = core::Outcome::done;
  bool retry = false;
  core::Error error;            ///< when not done
  std::string result = "null";  ///< JSON
};

/// A driver of things done once. `start` returns at once; `done` is called exactly once, from any thread.
class WorkDriver {
 public:
  virtual ~WorkDriver() = default;
  virtual std::string_view name() const = 0;
  virtual Safety safety(std::string_view verb) const = 0;
  virtual void start(Work work, std::function<void(WorkEnd)> done) = 0;
  /// What the work touches, for the switches that may stop it. Who does not say leaves for the outside.
  virtual Reach reach(const Work& work) const {
    Reach reach;
    reach.tenant = work.owner.tenant;
    return reach;
  }
  /// The driver itself calls `begin` of the work's permit, just before the first byte; otherwise the runner does, just
  /// before `start`.
  virtual bool asks_permit() const { return false; }
  /// The permit of a work under way was withdrawn: it is to end within half a second, as whatever. A driver that cannot
  /// is not waited for.
  virtual void stop(const std::string& /*work_id*/) {}
  /// Other people's machines answer when they please: such works have places of their own, so that no deployment waits
  /// because a stranger's server is slow.
  virtual bool waits_for_others() const { return false; }
  /// For `observable` verbs: asked after a crash before the work is tried again; none: it was not done.
  virtual void look(Work /*work*/, std::function<void(std::optional<WorkEnd>)> found) {
    std::exchange(found, nullptr)(std::nullopt);
  }
};

/// A desired state as stored.
struct Kept {
  core::EntityKey owner;  ///< the entity that asked
  core::KeepAsk ask;      ///< with payload: an ask without one is told through `drop`
  std::string cause;
};

/// A driver of desired states. All calls return at once and may come from any thread; the driver reconciles on threads
/// of its own, restarts what it keeps without asking, also while the store is down, and reports afterwards.
class KeepDriver {
 public:
  /// Called from any thread with an observation. The sink owns delivery and never blocks; the driver keeps the last
  /// report of each key and gives it again after `adopt`, so nothing is lost when the node dies between observation and
  /// commit.
  using Sink = std::function<void(core::EntityKey report_to, core::Report report)>;

  virtual ~KeepDriver() = default;
  virtual std::string_view name() const = 0;
  /// Once, at start, with everything wanted. What the driver finds running and is not in it is stopped; the rest is
  /// adopted.
  virtual void adopt(std::vector<Kept> all, Sink sink) = 0;
  virtual void keep(Kept wanted) = 0;                          ///< new or changed
  virtual void drop(std::string tenant, std::string key) = 0;  ///< no longer wanted: drain, stop, report "stopped"
  /// Ends the driver. With `stop_all` everything kept is stopped in order first (Ctrl-C of a development node);
  /// otherwise it lives on and the next `adopt` finds it again. Returns within the drivers' own time limits.
  virtual void shut_down(bool stop_all) = 0;
  /// One line per kept thing for the tree: {key, phase, facts as JSON}.
  struct Line {
    std::string tenant, key, phase, facts;
  };
  virtual std::vector<Line> snapshot() const = 0;
};

}  // namespace nova::host
