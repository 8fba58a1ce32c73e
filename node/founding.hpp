// The runtime's own text in a store: genesis at the first start, and again when the host orders a recovery.
#pragma once
#include "core/result.hpp"
#include "store/store.hpp"

#include <string>

namespace nova::node {

/// Writes genesis as the first constitution, unless the store has one; with `recovery` in any case, as the next version
/// with `reason`. The same turn as a host's, for a store that no host works on yet. Answers the version in force.
/// Errors: those of the store; `constitution.not_writable` after a race that went on.
core::Result<std::string> found_constitution(store::EventStore& store, bool recovery, const std::string& reason);

}  // namespace nova::node
