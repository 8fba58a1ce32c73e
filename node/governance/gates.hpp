// The gates that a constitution of this node may name.
#pragma once
#include "core/result.hpp"
#include "governance/gates/gates.hpp"
#include "node/config/config.hpp"

#include <memory>

namespace nova::node {

/// Those that are configured, with the shipped ones for what the program asks by itself; without a file the shipped
/// ones. `gates.invalid`, `gates.unreadable`.
core::Result<std::shared_ptr<const gates::Gates>> load_gates(const Config& config);

}  // namespace nova::node
