// The threads that run a node's actors. For CAF rooms only.
#pragma once
#include <caf/actor_system_config.hpp>

#include <cstddef>

namespace nova::host {

/// One queue for all workers, as in CAF's own "sharing" policy; these differ, since a node's commands come in bursts
/// from other threads:
/// - A burst wakes one worker, which wakes the next one when it finds more than it can take. A worker that is woken but
///   does not run yet is not woken again.
/// - An actor that never asked for a timeout ends without a word to the thread that keeps timeouts.
/// Call it before the actor system is made.
void use_scheduler(caf::actor_system_config& config, std::size_t threads);

}  // namespace nova::host
