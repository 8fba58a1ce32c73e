// The keeper's record on disk: who runs, since when, and how it ended. Lines of `name value`, replaced as a whole.
#pragma once
#include <sys/types.h>

namespace nova::keeper {

/// What stands in `state` in the instance's folder. Read by drivers/process/run_dir.cpp.
struct Record {
  const char* phase = "starting";  ///< starting, running, exited
  char boot[40] = {};              ///< /proc/sys/kernel/random/boot_id: pids of another boot mean nothing
  char run[64] = {};
  char note[1024] = {};
  pid_t keeper = 0, service = 0;
  unsigned long long keeper_start = 0, service_start = 0;  ///< field 22 of /proc/PID/stat
  long long started_ms = 0, ended_ms = 0;                  ///< wall clock
  int code = -1, signal = 0;
  bool oom = false;
  bool asked = false;  ///< the end was asked for: stop, or a signal to the keeper
  int leftovers = 0;   ///< descendants that had to be killed after the service's end

  /// A start: what is known of the keeper stays, what was known of the former service goes.
  void begin(const char* run, const char* note);
};

void read_boot_id(char (&boot)[40]);

/// When that process started, in clock ticks since boot; 0: there is none or only a zombie.
unsigned long long start_ticks(pid_t pid);

long long wall_ms();
long long monotonic_ms();

/// Writes `state` in the working directory. It is not forced to the disk: it outlives every process, and after the
/// machine's own end the boot id says that nothing of it runs. So a storm of starts costs the store no fsync.
bool write_record(const Record& record);

/// Gives the file `fresh` the name `name`, whether or not there is one; readers see the old one or the new one whole.
/// Exchanged rather than renamed over, so that the former one is there to be written next time: ext4 writes a file out
/// at once that replaces another or was cut to nothing, and whoever waits for that disk then waits for it.
bool put_in_place(const char* fresh, const char* name);

}  // namespace nova::keeper
