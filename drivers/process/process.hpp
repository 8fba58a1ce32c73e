// The process driver: keeps service instances running, each under a keeper of its own. Driver name "process"; payload
// `service::Instance`, report data `service::ProcessFacts` (core/service/service.hpp).
//
// Phases it reports, with the codes of the reason:
//   started      start.done; not told of a process that ends within 25 ms: its end tells
//   ready        health.passed; for a service without a health check: health.alive
//   unready      health.http_status, health.timeout, health.refused, health.exec_code, health.bad_answer ...: as many
//   failures in a row
//                as the service allows. One that goes on not to answer at all (refused, timeout) for as long again is
//                stopped and started, which counts as a restart; one that answers lives and is left alone.
//   exited       exit.code, exit.signal, exit.oom, keeper.lost, node.rebooted, health.*: it ended and, when
//                `next_start` is set, starts again by itself within its restart intensity
//   quarantined  restart.intensity: no further start until a keep with a higher `attempt`
//   failed       start.*, health.*: not started, or not ready in `start_timeout`; stays down until a higher `attempt`
//   or
//                another payload
//   stopped      stop.dropped, stop.node: it and everything it started has ended
//
// A keep with another program, environment, source or limits under the same key stops the old process and starts the
// new; so does a higher `attempt`. Other changes (health, restart rule, passes) hold at once and disturb nothing.
#pragma once
#include "actors/host/driver.hpp"
#include "core/result.hpp"
#include "core/time.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>

namespace nova::process {

struct Options {
  std::filesystem::path run_dir;  ///< state, sockets and logs of instances; created with mode 0700; survives restarts
  std::filesystem::path sources_dir;  ///< unpacked sources: <hex of the digest>/ is the working directory
  std::filesystem::path data_dir;     ///< NOVA_DATA is <tenant>/<platform>/<environment>/<service> below it
  std::filesystem::path keeper;       ///< the nova-keeper binary
  /// A cgroup v2 folder that is ours to fill (see `delegated_cgroup`); empty: limits are per process where there is one
  /// (memory, open files) and do not hold for processor time and number of processes.
  std::filesystem::path cgroup;
  std::uint16_t port_first = 20000;  ///< below the kernel's ephemeral range, which begins at 32768
  std::uint16_t port_last = 29999;
  std::size_t starts_per_tenant = 2;       ///< at the same time: one tenant's storm leaves the machine to others
  std::set<std::uint16_t> ports_reserved;  ///< never handed out, besides the stable ports of all kept services
  std::uint64_t log_segment_bytes = 4u << 20;
  std::uint32_t log_segments = 4;
  core::Clock* clock = nullptr;  ///< null: the machine's
  /// Opens "secret://path@version". Called on the driver's thread before each start; must return quickly.
  std::function<core::Result<std::string>(const std::string& ref)> resolve_secret;
  /// One line for the node's log, already printable. Level: "info", "warn", "error".
  std::function<void(std::string_view level, std::string_view line)> log;
};

/// Owns one thread from `adopt` to `shut_down`. Not adopted yet, it does nothing but remember.
std::unique_ptr<host::KeepDriver> make_process_driver(const Options& options);

/// Prepares the cgroup that a service manager delegated to this process (systemd: Delegate=yes): moves this process
/// into a leaf below it, hands the controllers on, and returns the folder for `Options::cgroup`; empty where there is
/// none or it is not ours. Call it once, before threads that matter start. A group that hands controllers on takes no
/// process itself, so the manager can start the node again in the same unit only after they were taken back:
/// `release_cgroup`, or the same from ExecStopPost, which runs in a group of its own. Adoption sets the limits of
/// running services again.
std::filesystem::path delegated_cgroup();
void release_cgroup();

}  // namespace nova::process
