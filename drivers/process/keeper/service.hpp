// The one service of this keeper: how it starts, how it is ended, and what it leaves behind.
#pragma once
#include "drivers/process/keeper/order.hpp"

#include <sys/types.h>

namespace nova::keeper {

/// Why a start failed: a stable code and the system's error number.
struct StartProblem {
  const char* code = nullptr;
  int number = 0;
};

/// Starts the service in a session of its own with `output` as standard output and error; it inherits `lock` as
/// descriptor 3. Returns once the program runs (its exec has happened); 0 with `problem` filled when it does not.
pid_t start_service(const Order& order, int lock, int output, StartProblem& problem);

/// Creates the cgroup and sets its limits. False: there is none, and limits are set per process.
bool make_cgroup(const Order& order);

/// SIGKILL to the service's process group and to its cgroup.
void kill_service(pid_t service, const char* cgroup);

/// Ends every descendant that is left, however it was detached, and returns how many there were.
int end_leftovers(const char* cgroup);

/// True when the kernel killed something in the cgroup for want of memory.
bool was_out_of_memory(const char* cgroup);

inline constexpr int keeper_nice = 5;

/// Steps back by `steps` of nice. Where the kernel groups sessions (sched_autogroup), nice counts only within one
/// session, so the session's group steps back too; best effort, since not every kernel has such groups.
void lower_priority(int steps);

}  // namespace nova::keeper
