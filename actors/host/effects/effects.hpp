// The effect runner: carries out what committed events asked for. `do`s run once, in order per key, with retries;
// `keep`s are handed to their drivers; timers fire; outcomes and reports return as commands of the system.
//
//   commit ──asked()──> runner ──> driver.start ──> end ──> `settle` command ──> its commit removes the work
//                          └─────> driver.keep/drop          driver's sink ──> `report` command, in order per entity
#pragma once
#include "actors/host/driver.hpp"
#include "actors/host/host.hpp"
#include "store/store.hpp"

#include <caf/actor.hpp>
#include <caf/fwd.hpp>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace nova::host {

struct EffectParts {
  store::EventStore* store = nullptr;
  Host* host = nullptr;
  core::Clock* clock = nullptr;
  std::vector<WorkDriver*> work_drivers;
  std::vector<KeepDriver*> keep_drivers;
  std::function<void(const std::string& line)> log;
  const Fence* fence = nullptr;  ///< what may stop effects; none: nothing does
  /// Another node may have had this store before: so long after the runner's start may go on what that one began.
  std::chrono::milliseconds others_end{0};
};
/// A node that has lost its store stops what it began within a second and a half (watch.hpp); this is twice that.
inline constexpr std::chrono::milliseconds others_end_after{3000};

/// An effect that was past its check when it was stopped: nobody knows what of it the other side got.
struct InDoubt {
  std::string work, driver, why;
  Reach reach;
  core::Timestamp at;
};
inline constexpr std::size_t in_doubt_max = 1000;  ///< remembered; each also stands in the outcome of its work

/// Effects that are outstanding.
struct Outstanding {
  std::size_t waiting = 0, running = 0;
};

struct EffectStats {
  std::uint64_t works_done = 0, works_failed = 0, works_retried = 0, reports = 0, reports_dropped = 0, timers_fired = 0;
  std::uint64_t works_killed = 0;     ///< ended by a switch
  std::uint64_t works_held_back = 0;  ///< times that one waited because the switches were not known
  std::size_t works_waiting = 0, works_running = 0, timers_waiting = 0, reports_waiting = 0;
};

class Effects {
 public:
  virtual ~Effects() = default;
  /// A fresh runner actor in place of the last one, if any; it takes up what is outstanding in the store. For its
  /// supervisor.
  virtual caf::actor spawn() = 0;
  /// Once, after the first `spawn` and before the node takes commands: lets the drivers adopt what runs.
  virtual core::Status start() = 0;
  /// What a commit asked for. Any thread; returns at once; in order per entity.
  virtual void asked(const core::EntityKey& owner, const std::string& command_id, const std::string& correlation,
                     std::uint64_t position, const core::Asks& asks) = 0;
  /// Nobody knows whether a commit was made: once the store can be written again, what it holds is taken up anew. Any
  /// thread; returns at once.
  virtual void look_again() = 0;
  /// A person's word that a buried work is to be tried again (S18): its attempts begin anew, and the letter is resolved
  /// when its outcome was taken. `dead_letter.not_found` when the work is gone.
  virtual void retry(const store::DeadLetter& letter, std::function<void(core::Status)> done) = 0;
  virtual EffectStats stats() const = 0;
  /// What `covers` says yes to, by driver: asked within the runner, answered from its thread.
  virtual void outstanding(std::function<bool(const Reach&)> covers,
                           std::function<void(std::map<std::string, Outstanding>)> done) = 0;
  /// Since the node's start, the oldest first. Any thread.
  virtual std::vector<InDoubt> in_doubt() const = 0;
  /// Starts nothing more; what runs is left to its drivers and taken up at the next start.
  virtual void stop() = 0;
};

/// The actor system and all parts must outlive it.
std::shared_ptr<Effects> make_effects(caf::actor_system& system, EffectParts parts);

}  // namespace nova::host
