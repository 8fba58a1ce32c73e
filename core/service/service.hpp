// What a blueprint asks of a service, and what the drivers get to make it so. These words are shared by several kinds
// and drivers, which may not include each other.
#pragma once
#include "core/describe/describe.hpp"

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace nova::service {

using std::chrono::milliseconds;

/// Where a service's files come from: a folder beside the blueprint, packed by the client and kept by content.
struct Source {
  core::Text<0, 1024> path;  ///< as written in the blueprint, relative to it; for people
  core::Text<0, 71> digest;  ///< sha256:<hex> of the packed archive; set by the client, empty only in a file at rest
};

/// Exactly one of http, tcp, exec. None at all: a process that lives counts as healthy.
struct Health {
  core::Text<0, 1024> http;                                 ///< path, for example /health: healthy is 2xx or 3xx
  bool tcp = false;                                         ///< a connection is accepted
  std::vector<core::Text<1, 1024, core::Shape::any>> exec;  ///< argv; healthy is exit 0
  milliseconds interval{5000};                              ///< between steady probes; a starting one is asked sooner
  milliseconds timeout{2000};                               ///< of one probe
  core::Bounded<1, 10> healthy{3};                          ///< passes that admit a new revision
  core::Bounded<1, 10> unhealthy{3};                        ///< failures in a row that mean unhealthy
  milliseconds start_timeout{60000};                        ///< a new instance that is not ready by then has failed
};

struct Limits {
  core::Bounded<0, 1024 * 1024> memory_mb{0};  ///< 0: none
  core::Bounded<0, 100000> cpu_millis{0};      ///< thousandths of a core; 0: none
  core::Bounded<0, 100000> processes{0};
  core::Bounded<0, 1000000> open_files{0};
};

enum class RestartMode : std::uint8_t { always, on_failure, never };
inline const std::vector<std::string_view>& names_of(const RestartMode*) {
  static const std::vector<std::string_view> names = {"always", "on_failure", "never"};
  return names;
}

/// OTP's restart intensity with backoff: first restart at once, then `backoff` doubling to `backoff_max`.
struct Restart {
  RestartMode mode = RestartMode::always;
  core::Bounded<0, 1000> intensity{5};
  milliseconds period{60000};
  milliseconds backoff{100};
  milliseconds backoff_max{30000};
};

/// One service of a blueprint.
struct Service {
  Source source;
  std::vector<core::Text<1, 4096, core::Shape::any>> run;  ///< argv; started in the source's folder, no shell
  core::Bounded<0, 65535> port{0};                         ///< the stable port through the edge; 0: takes no traffic
  Health health;
  std::map<std::string, core::Text<0, 32768, core::Shape::any>> env;
  std::map<std::string, core::Secret> secrets;  ///< environment variables whose values are sealed
  std::vector<core::Name> needs;                ///< services that must be ready first
  core::Bounded<0, 32> scale{1};
  Limits limits;
  Restart restart;
  milliseconds every{0};             ///< > 0: run to completion each interval (a worker), else keep running
  milliseconds stop_timeout{10000};  ///< SIGTERM, then SIGKILL after this
};

inline constexpr std::size_t services_max = 64;  ///< in one blueprint

/// KeepAsk payload of driver "process": one instance of one service in one revision.
struct Instance {
  std::string tenant;
  std::string platform;
  std::string environment;
  std::string service;
  std::uint64_t revision = 0;
  std::uint32_t index = 0;
  Service spec;
  std::map<std::string, std::string> urls;  ///< NOVA_URL_<NAME> -> value
  std::uint32_t passes_needed = 3;          ///< probes in a row before the first `ready`
  std::uint64_t attempt = 0;                ///< a higher one lifts a quarantine and starts afresh
};

/// Report.data of driver "process".
struct ProcessFacts {
  std::int64_t pid = 0;
  std::int64_t keeper_pid = 0;
  std::uint32_t port = 0;       ///< the instance's own port, behind the stable one
  std::uint32_t restarts = 0;   ///< since the key was first kept
  std::int64_t exit_code = -1;  ///< of the last exit; -1: none or by signal
  std::int64_t exit_signal = 0;
  std::string log_path;
  std::optional<core::Timestamp> next_start;  ///< when a restart waits
  std::uint64_t attempt = 0;  ///< of the keep that this was observed under: tells late reports of an earlier life
};

/// One server behind a stable port.
struct Backend {
  std::string id;  ///< the instance's key
  core::Bounded<1, 65535> port{1};
};

/// KeepAsk payload of driver "edge": a stable port and who serves it.
struct Route {
  std::string service;
  core::Bounded<1, 65535> port{1};
  std::vector<Backend> backends;
  bool hold = false;             ///< without backends: requests wait for one, as long as the edge holds them
  core::Text<0, 1024> http;      ///< health path that the edge's own checks use; empty: a TCP connect
  milliseconds drain{10000};     ///< how long backends that left may finish what they serve
  std::uint64_t generation = 0;  ///< comes back in the report's data: {"generation": n}
};

const core::Record& describe(const Source*);
const core::Record& describe(const Health*);
const core::Record& describe(const Limits*);
const core::Record& describe(const Restart*);
const core::Record& describe(const Service*);
const core::Record& describe(const Instance*);
const core::Record& describe(const ProcessFacts*);
const core::Record& describe(const Backend*);
const core::Record& describe(const Route*);

}  // namespace nova::service
