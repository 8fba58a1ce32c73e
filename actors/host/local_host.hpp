// The host of one node: entity actors on a CAF actor system.
#pragma once
#include "actors/host/host.hpp"
#include "actors/host/slots.hpp"

#include <caf/actor.hpp>
#include <caf/fwd.hpp>

#include <memory>

namespace nova::host {

class LocalHost : public Host {
 public:
  /// A fresh janitor in place of the last one, if any: the actor that sends idle entities home and watches a drain. For
  /// its supervisor; without one, nothing is passivated.
  virtual caf::actor spawn_janitor() = 0;
};

/// The actor system must outlive the host. `max_in_flight`: commands between submit and answer, beyond it
/// `node.overloaded`.
std::unique_ptr<LocalHost> make_local_host(caf::actor_system& system, HostParts parts,
                                           std::size_t max_in_flight = 20000);

}  // namespace nova::host
