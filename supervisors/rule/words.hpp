// The words of supervision, with OTP's meaning (https://www.erlang.org/doc/system/sup_princ.html): what is kept, how
// long, in which order, and what an end means. One difference: `infinity` is not a time here, every wait ends.
#pragma once
#include "core/result.hpp"
#include "core/time.hpp"
#include "supervisors/rule/restart.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace nova::supervision {

/// Who is restarted when one child ends: itself; all; itself and those started after it.
enum class Strategy : std::uint8_t { one_for_one, one_for_all, rest_for_one };

/// Which ends are followed by a restart: all; those that are neither normal nor a shutdown; none.
enum class Lifetime : std::uint8_t { permanent, transient, temporary };

enum class Exit : std::uint8_t { normal, shutdown, killed, error };

/// Whether the supervisor ends when significant children are done by themselves.
enum class AutoShutdown : std::uint8_t { never, any_significant, all_significant };

/// What too many restarts do. `escalate` is OTP's: the supervisor stops its children and ends, so that its own
/// supervisor decides. `quarantine` leaves that one child down and lets its siblings live; a person lifts it.
enum class Excess : std::uint8_t { escalate, quarantine };

inline constexpr milliseconds shutdown_default{5'000};
inline constexpr milliseconds shutdown_of_supervisors{60'000};  ///< they wait for children of their own
inline constexpr milliseconds shutdown_max{3'600'000};
/// How long a killed child may take to be gone. CAF and kernels do it at once unless the child hangs in a call; then
/// nobody can end it, and waiting longer helps nobody.
inline constexpr milliseconds kill_wait{5'000};

struct ChildSpec {
  std::string id;  ///< unique below one supervisor
  Lifetime lifetime = Lifetime::permanent;
  milliseconds shutdown = shutdown_default;  ///< asked to end, then killed after this; 0: killed at once (brutal_kill)
  bool significant = false;                  ///< not for permanent children; needs an AutoShutdown other than never
};

inline constexpr std::size_t children_max =
    1000;  ///< in a written table; thousands of equals belong below a DynamicRule

struct SupervisorSpec {
  Strategy strategy = Strategy::one_for_one;
  RestartPolicy restart;
  Excess on_excess = Excess::escalate;  ///< quarantine goes with one_for_one only
  AutoShutdown auto_shutdown = AutoShutdown::never;
  std::vector<ChildSpec> children;  ///< in start order; stopped in reverse
};

/// `supervision.invalid_spec` with the reason.
core::Status check(const SupervisorSpec& spec);
core::Status check(const ChildSpec& child, AutoShutdown auto_shutdown);

enum class Phase : std::uint8_t {
  down,      ///< not yet started, or stopped on request
  waiting,   ///< will be started when its backoff is over
  starting,  ///< its factory works
  running,
  stopping,     ///< asked to end, within its time limit
  killing,      ///< killed, and still there
  done,         ///< ended by itself and stays down (transient)
  quarantined,  ///< too many restarts; stays down until a person lifts it
  stuck,        ///< did not even end when killed; given up on
};

std::string_view name_of(Strategy value);
std::string_view name_of(Lifetime value);
std::string_view name_of(Exit value);
std::string_view name_of(Phase value);

/// True while something of the child may still be there.
inline bool is_alive(Phase phase) {
  return phase == Phase::starting || phase == Phase::running || phase == Phase::stopping || phase == Phase::killing;
}

/// Whether OTP starts a child again after it ended by itself.
bool is_restarted(Lifetime lifetime, Exit exit);

/// Why a supervisor ends.
enum class Outcome : std::uint8_t {
  stopped,        ///< it was told to
  gave_up,        ///< too many restarts, or a child that cannot be ended stands in the way of one
  auto_shutdown,  ///< its significant children are done
  start_failed,   ///< a child did not come up at the first start; those before it are stopped again
};

/// How the supervisor's own supervisor sees that end: a shutdown, as in OTP, and an error when it never came up.
inline Exit exit_of(Outcome outcome) { return outcome == Outcome::start_failed ? Exit::error : Exit::shutdown; }

/// What the adapter shall do, first in, first out: what the rule answers while earlier actions are still being carried
/// out goes behind them. (A start that gets stale this way is followed by its own stop.)
struct Action {
  enum class What : std::uint8_t {
    start,       ///< run the factory; answer with `started` or `start_failed`
    stop,        ///< ask to end
    kill,        ///< end it unconditionally
    forget,      ///< the row is gone: a temporary child ended, or an added one never came up
    quarantine,  ///< tell whoever watches; the child stays down
    end,         ///< all children are down or given up on: the supervisor itself ends
  };
  What what = What::start;
  std::string child;
  std::string reason;                  ///< for quarantine, forget and end
  Outcome outcome = Outcome::stopped;  ///< for end
  friend bool operator==(const Action&, const Action&) = default;
};
using Actions = std::vector<Action>;

}  // namespace nova::supervision
