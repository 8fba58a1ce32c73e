// The constitution of a store that no node runs on: is it one for this program, and if nothing else helps, genesis.
#pragma once
#include "core/result.hpp"
#include "node/config/config.hpp"

#include <string>

namespace nova::node {

/// Whether the stored text holds under this program: reads one state of the store, changes nothing, and may run beside
/// a node of another release. Answers a line for people. Errors: those of the store, `constitution.invalid` with every
/// problem, `constitution.damaged`.
core::Result<std::string> check_upgrade(const Config& config);

/// Puts genesis in force, as a version of its own with `reason`, in the log for all to see. For whoever has the node's
/// key, while the node is stopped. Answers the version. Errors: those of the store and the vault.
core::Result<std::string> recover(const Config& config, const std::string& reason);

}  // namespace nova::node
