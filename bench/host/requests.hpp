// Round trips between actors of one system, raw and through the host, under the same conditions: requesters that each
// keep one request under way, partners to ask, the same threads and scheduling.
#pragma once
#include "actors/host/host.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>

#include <cstddef>
#include <functional>

namespace nova::bench {

inline constexpr std::size_t actor_threads = 2;

/// `policy`: "stealing" is CAF's default and its fastest here, "sharing" its other one, "node" what a node runs with.
struct Actors {
  explicit Actors(const char* policy);
  struct Config : caf::actor_system_config {
    explicit Config(const char* policy);
  } config;
  caf::actor_system system;
};

/// Who asks whom. Requester n begins with partner n and goes on to the next one at each request.
struct Load {
  const char* policy = "node";
  std::size_t requesters = 1;  ///< actors; each sends its next request when it has the answer
  std::size_t partners = 1;    ///< actors, or entities, that are asked
  double seconds = 1;
  bool lend = true;  ///< commands: the requester lends its thread for the turn (`submit_here`)
};

struct Rate {
  double per_second = 0;
  double cpu_us = 0;              ///< of all threads of this process, for each round trip
  double p50_us = 0, p99_us = 0;  ///< of some of the round trips, so that clocks cost nothing; 0: not looked at
};

/// CAF alone: `request`, `then`, a message of one number each way.
Rate raw_requests(const Load& load);

/// The same requesters send commands to `host` and are told of the answer by a message. `make` builds the n-th command
/// to a partner, on the requester's turn.
Rate commands(const Load& load, caf::actor_system& system, host::Host& host,
              const std::function<core::CommandEnvelope(std::size_t partner, std::size_t n)>& make);

}  // namespace nova::bench
