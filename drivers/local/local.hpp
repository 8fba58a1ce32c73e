// The driver "provider" for the kind `local`: looks at the machine that the node runs on. Verb "verify", payload
// {"kind": "local"}; answers {"health", "cpus", "memory_mb", "disk_free_mb", "message"}; idempotent. Errors:
// `infra_provider.unsupported`, `machine.no_disk`.
#pragma once
#include "actors/host/driver.hpp"

#include <filesystem>
#include <memory>
#include <string>

namespace nova::local {

inline constexpr int health_disk_low = 30;  ///< taken from 100 when little disk is left
inline constexpr int health_no_edge = 50;   ///< taken from 100 when HAProxy is not installed
inline constexpr std::uint64_t disk_low_mb = 1024;

/// Answers at once on the caller's thread: it reads counters of the kernel. `state_dir` is where services' data grow;
/// `edge_program` is a path, or a name to be found in `path` (as PATH is written); empty: this node
/// runs without an edge.
std::unique_ptr<host::WorkDriver> make_local_driver(std::filesystem::path state_dir, std::string edge_program,
                                                    std::string path);

}  // namespace nova::local
