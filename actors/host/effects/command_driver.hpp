// The driver "command": one entity's command to another, sent as the system. Idempotent: the work's id is the key.
#pragma once
#include "actors/host/driver.hpp"
#include "actors/host/host.hpp"

#include <memory>

namespace nova::host {

/// `host` and `clock` outlive it. Answers worth a retry (503) are tried again by the runner; refusals are final.
std::unique_ptr<WorkDriver> make_command_driver(Host& host, core::Clock& clock);

}  // namespace nova::host
