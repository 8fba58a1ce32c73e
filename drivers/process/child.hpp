// One instance under the driver: its phases, its keeper, its health. Belongs to the driver's thread.
//
//   waiting -(slot)-> launching -> running -(ended)-> waiting | resting
//                                  running -(stop)-> stopping -> gone | waiting | resting
//   any of them -(keeper lost)-> clearing -> as after the end      finding: at adoption, a keeper that is only just
//   starting
#pragma once
#include "core/ids.hpp"
#include "drivers/process/keeper_link.hpp"
#include "drivers/process/ports.hpp"
#include "drivers/process/probe.hpp"
#include "drivers/process/process.hpp"
#include "drivers/process/run_dir.hpp"
#include "supervisors/rule/restart.hpp"

#include <poll.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace nova::process {

using supervision::Instant;

/// An instance that shall run.
struct Wanted {
  std::string key;
  core::EntityKey report_to;
  service::Instance instance;
};

/// What all children of one driver share.
struct Surroundings {
  Options options;
  core::Clock& clock;
  Ports ports;
  std::minstd_rand random;
  std::function<void(const core::EntityKey& report_to, const std::string& key, const Observation&)> emit;
  std::map<std::string, unsigned> futile_starts;  ///< by tenant: since one of its services was ready

  Instant now() const { return clock.monotonic(); }
};

class Child {
 public:
  static constexpr Instant never = Instant::max();

  Child(Surroundings& around, Wanted wanted, InstanceDir dir);

  /// After the driver's start: finds what runs, tells what ended meanwhile, gives the last report again.
  void adopt();
  /// The same for a key that nobody wants any more: it is only found to be ended.
  void adopt_to_drop();
  /// A new key, nothing of which can run.
  void start();
  void keep(Wanted wanted);
  void drop() { stop(After::drop); }
  /// For an ordered end of the node.
  void end_with_node() { stop(After::node); }

  bool wants_slot(Instant now) const { return phase_ == Phase::waiting && due_ <= now; }
  /// Its last start came to nothing: it ended before it was ready.
  bool failed_to_start() const { return failed_to_start_; }
  /// Never ready yet, of a tenant whose last starts all came to nothing: it will hardly fare better.
  bool doubtful() const;
  /// Its starts are paced.
  bool paced() const { return failed_to_start_ || doubtful(); }
  /// One of its tenant's slots: while it starts, and for a moment after a start that came to nothing. The moment keeps
  /// out only others that are paced.
  bool holds_slot(Instant now) const { return now < slot_end(); }
  Instant slot_end() const { return std::max(slot_until_, pause_until_); }
  /// One of the node's slots, which nobody holds by failing.
  bool starts(Instant now) const { return now < slot_until_; }
  Instant due() const { return due_; }
  void begin();

  void add_polls(std::vector<pollfd>& polls);
  /// Takes what the polled descriptors have, and does what is due.
  void step(const std::vector<pollfd>& polls);
  /// When `step` or a slot is due next.
  Instant next_due() const;

  bool gone() const { return phase_ == Phase::gone; }
  bool ends_with_node() const { return after_ == After::node; }
  const Wanted& wanted() const { return wanted_; }
  const InstanceDir& dir() const { return dir_; }
  /// The word for the tree: waiting, starting, running, ready, unready, stopping, quarantined, failed, completed.
  std::string_view shown_phase() const;
  const service::ProcessFacts& facts() const { return memory_.last.facts; }

 private:
  enum class Phase : std::uint8_t { waiting, launching, running, stopping, clearing, finding, resting, gone };
  enum class After : std::uint8_t { none, restart, fresh, fail, drop, node };
  struct Why {
    std::string code, message;
  };

  const service::Service& spec() const { return wanted_.instance.spec; }
  bool is_worker() const { return spec().every.count() > 0; }
  Instant now() const { return around_.now(); }

  // Starting (child.cpp)
  void start_afresh();
  void wait_until(Instant due);
  core::Result<OrderParts> make_order();
  void refuse_start(const core::Error& error);
  void take_answer();
  void launched(const Launch::Started& started);
  void announce();

  // Ending (child_end.cpp)
  void stop(After after);
  void send_stop();
  void hung_up();
  void exited();
  void let_keeper_go();
  void ended_by(const KeeperRecord& record);
  void ended(Why why, bool counts);
  void finish_run();
  void worker_done();
  void lost();
  void clear();
  void find();
  void limit_again();
  void stopped();
  void rest(std::string_view state, std::string_view phase, Why why);

  // Health (child_health.cpp)
  void begin_watching(bool ready);
  void watch_health();
  void take_probe();
  void judge(const ProbeEnd& end);
  void passed(const ProbeEnd& end);
  void failed(const ProbeEnd& end);
  void become_ready(Why why);
  Instant health_due() const;

  void emit(std::string_view phase, Why why);
  void remember();
  void log(std::string_view level, std::string_view line) const;

  Surroundings& around_;
  Wanted wanted_;
  InstanceDir dir_;
  Memory memory_;
  supervision::RestartWindow window_;

  Phase phase_ = Phase::waiting;
  After after_ = After::none;
  Why why_;                  ///< of the stop under way
  bool restarting_ = false;  ///< the next start replaces one that ended
  Instant due_ = never;
  Instant slot_until_{}, pause_until_{};
  Instant begun_{};               ///< the last start
  Instant announce_due_ = never;  ///< a start that was not reported yet
  bool failed_to_start_ = false;
  Instant admission_deadline_ = never;  ///< of a new instance; for a restarted one `ready_deadline_` counts
  std::optional<Launch> launch_;
  KeeperLink link_;
  bool keeper_waits_ = false;  ///< for the next start: its service has ended, and it holds the lock
  Instant keeper_waits_until_{};
  Instant leave_until_{};  ///< a keeper that said its last word has until then to go
  Instant clear_until_{};
  std::optional<Instant> start_after_clearing_;

  bool ready_ = false;
  std::int64_t passes_ = 0, failures_ = 0;
  Instant probe_due_ = never, ready_deadline_ = never;
  Instant probe_wait_{};  ///< from one start-up probe to the next
  std::optional<Probe> probe_;
  bool probe_judged_ = false;
  std::optional<ProbeEnd> last_probe_;

  int answer_poll_ = -1, link_poll_ = -1, probe_poll_ = -1;  ///< places in the polls of this round
};

}  // namespace nova::process
