// The edge driver: stable ports in front of changing instances, through HAProxy. Driver name "edge"; payload
// `service::Route`. HAProxy is a process of its own that outlives the node, so traffic flows on while the node is down.
//
// Phases it reports, each with {"generation": n} of the route as data:
//   applied   the backends of this generation take traffic; those that left take no new requests
//   drained   those that left have no request under way any more, or their time is over; follows every `applied`
//   failed    edge.port_taken, edge.backends_unreachable, edge.config_refused, edge.reload_failed,
//   edge.haproxy_missing,
//             edge.haproxy_failed, edge.bad_route, edge.route_limit: the driver goes on trying and reports `applied`
//             when it comes through; what served before goes on serving
//   stopped   the route is gone: its port is closed and its requests have ended
//
// What it does not do: start HAProxy again while the node is down. A HAProxy that dies then stays down until the next
// `adopt`.
#pragma once
#include "actors/host/driver.hpp"
#include "core/time.hpp"

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace nova::edge {

using std::chrono::milliseconds;

/// All times have defaults that hold for services on the same machine.
struct Timings {
  milliseconds check_interval{500};  ///< HAProxy's own checks of an instance that is well
  milliseconds check_fast{100};      ///< the same while an instance is in doubt or down
  milliseconds connect{250};         ///< also the pause before the same instance is tried again
  milliseconds hold{15000};          ///< how long a request waits when no instance answers; then 503
  milliseconds idle{300000};         ///< a connection on which nothing moves is closed
  milliseconds hard_stop{300000};    ///< what a replaced HAProxy worker gets to finish its connections
  milliseconds confirm{5000};        ///< until a new backend must have passed a check
  milliseconds start{5000};          ///< until a started or reloaded HAProxy must answer
  milliseconds retry{1000};          ///< between attempts at what failed
};

struct Options {
  std::filesystem::path run_dir;  ///< config, sockets, log; created with mode 0700; survives restarts; at most 80 bytes
  std::filesystem::path haproxy = "/usr/sbin/haproxy";
  std::string bind = "127.0.0.1";  ///< where stable ports listen
  Timings timings;
  core::Clock* clock = nullptr;  ///< null: the machine's
  /// One line for the node's log, already printable. Level: "info", "warn", "error".
  std::function<void(std::string_view level, std::string_view line)> log;
};

/// Owns one thread from `adopt` to `shut_down`. Not adopted yet, it does nothing but remember. Destroyed without
/// `shut_down`, it leaves HAProxy running, as a killed node would.
std::unique_ptr<host::KeepDriver> make_edge_driver(Options options);

}  // namespace nova::edge
