// Instance: one process of a service in one revision, as it is observed. It decides nothing; it turns what the process
// driver reports into history, and tells its deployment what matters there.
#pragma once
#include "core/kind.hpp"
#include "core/service/service.hpp"
#include "core/work.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace nova::instance {

inline constexpr std::size_t message_bytes_max = 500;

/// S13's states, as lists show them.
enum class Condition : std::uint8_t { stopped, starting, running, stopping, error };
/// In detail: what the driver does about it.
enum class Phase : std::uint8_t { starting, ready, unready, backoff, quarantined, failed, stopped };
const std::vector<std::string_view>& names_of(const Condition*);
const std::vector<std::string_view>& names_of(const Phase*);

using Command = std::variant<core::Report, core::Settle>;

// ---- events: stored for ever
// -----------------------------------------------------------------------------------------
/// What was seen; one event type for each phase, so that histories can be read and filtered by name.
struct Seen {
  std::uint64_t sequence = 0;  ///< the driver's
  std::uint64_t attempt = 0;   ///< the life it belongs to
  core::Timestamp at;
  std::int64_t pid = 0;
  std::int64_t keeper_pid = 0;
  std::uint32_t port = 0;
  std::uint32_t restarts = 0;
  std::int64_t exit_code = -1;
  std::int64_t exit_signal = 0;
  std::string log_path;
  std::optional<core::Timestamp> next_start;
  std::string code;
  std::string message;
  std::string work;        ///< tells the deployment; empty: it need not know
  std::string deployment;  ///< these four are parts of the id
  std::string service;
  std::uint64_t revision = 0;
  std::uint32_t index = 0;
};
template <Phase P>
struct SeenAs : Seen {};
using Started = SeenAs<Phase::starting>;
using Ready = SeenAs<Phase::ready>;
using Unready = SeenAs<Phase::unready>;
using Exited = SeenAs<Phase::backoff>;
using Quarantined = SeenAs<Phase::quarantined>;
using Failed = SeenAs<Phase::failed>;
using Stopped = SeenAs<Phase::stopped>;
using Event = std::variant<Started, Ready, Unready, Exited, Quarantined, Failed, Stopped>;

// ---- state
// -----------------------------------------------------------------------------------------------------------
struct LastExit {
  core::Timestamp at;
  std::int64_t code = -1;  ///< -1: by a signal, or not known
  std::int64_t signal = 0;
  std::string reason;  ///< stable code: exit.code, exit.signal, exit.oom ...
  std::string message;
};

struct State {
  Condition state = Condition::starting;
  Phase phase = Phase::starting;
  std::string code;
  std::string message;
  core::Timestamp since;  ///< of this phase
  std::int64_t pid = 0;   ///< 0: nothing runs
  std::int64_t keeper_pid = 0;
  std::uint32_t port = 0;
  std::uint32_t restarts = 0;
  std::uint64_t attempt = 0;
  std::uint64_t sequence = 0;  ///< of the newest report taken
  std::uint64_t told = 0;      ///< how many works told the deployment
  std::string log_path;
  std::optional<core::Timestamp> next_start;
  std::optional<LastExit> last_exit;
  std::string deployment;  ///< from the id
  std::string service;
  std::uint64_t revision = 0;
  std::uint32_t index = 0;
};

/// The parts of "<deployment>.<service>.r<revision>.<index>"; none when it is not one.
struct Parts {
  std::string deployment, service;
  std::uint64_t revision = 0;
  std::uint32_t index = 0;
};
std::optional<Parts> parts_of(std::string_view id);

template <Phase P>
const core::Record& describe(const SeenAs<P>*);
const core::Record& describe(const LastExit*);
const core::Record& describe(const State*);

core::Decision<Event> decide(const State&, const Command&, const core::Context&);
State evolve(State, const Event&);
core::Summary summarise(const State&);
const core::Kind& kind();

}  // namespace nova::instance
