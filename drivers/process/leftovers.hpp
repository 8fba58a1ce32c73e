// Finding and ending what a dead keeper left behind. Processes are known by more than their number: start time, the
// lock they inherited, the id of the start in their environment.
#pragma once
#include "drivers/process/run_dir.hpp"

namespace nova::process {

/// This boot's id; pids of a record with another one mean nothing.
const std::string& boot_id();

/// True when that very process runs: same number, same start time, not a zombie.
bool is_alive(pid_t pid, std::uint64_t start);

/// True when nobody holds the instance's lock, so that a start is possible.
bool lock_is_free(const InstanceDir& dir);

/// SIGKILL to everything of that start that still lives, without regard to session or parent; returns how many there
/// were. Reads /proc once: a few milliseconds.
std::size_t end_leftovers(const InstanceDir& dir, const KeeperRecord& record);

}  // namespace nova::process
