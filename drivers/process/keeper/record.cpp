#include "drivers/process/keeper/record.hpp"

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace nova::keeper {
namespace {

long long ms_of(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

}  // namespace

void read_boot_id(char (&boot)[40]) {
  const int file = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
  if (file < 0) return;
  const ssize_t size = read(file, boot, sizeof boot - 1);
  close(file);
  boot[size > 0 ? size : 0] = '\0';
  boot[std::strcspn(boot, "\n")] = '\0';
}

unsigned long long start_ticks(pid_t pid) {
  char path[40];
  std::snprintf(path, sizeof path, "/proc/%d/stat", int(pid));
  const int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  char text[1024];
  const ssize_t size = read(file, text, sizeof text - 1);
  close(file);
  if (size <= 0) return 0;
  text[size] = '\0';
  // The name in field 2 may hold spaces and brackets; what follows its last bracket is regular.
  const char* at = std::strrchr(text, ')');
  if (!at || at[1] == '\0' || at[2] == 'Z' || at[2] == 'X') return 0;
  at += 2;
  for (int field = 3; field < 22; ++field) {
    at = std::strchr(at, ' ');
    if (!at) return 0;
    ++at;
  }
  return std::strtoull(at, nullptr, 10);
}

long long wall_ms() { return ms_of(CLOCK_REALTIME); }
long long monotonic_ms() { return ms_of(CLOCK_BOOTTIME); }

void Record::begin(const char* its_run, const char* its_note) {
  Record fresh;
  std::memcpy(fresh.boot, boot, sizeof boot);
  fresh.keeper = keeper;
  fresh.keeper_start = keeper_start;
  std::snprintf(fresh.run, sizeof fresh.run, "%s", its_run);
  std::snprintf(fresh.note, sizeof fresh.note, "%s", its_note);
  fresh.started_ms = wall_ms();
  *this = fresh;
}

bool write_record(const Record& r) {
  char text[2048];
  const int size =
      std::snprintf(text, sizeof text,
                    "version 1\nphase %s\nboot %s\nrun %s\nkeeper %d\nkeeper_start %llu\nservice %d\n"
                    "service_start %llu\nstarted %lld\nended %lld\ncode %d\nsignal %d\noom %d\nasked %d\n"
                    "leftovers %d\nnote %s\n",
                    r.phase, r.boot, r.run, int(r.keeper), r.keeper_start, int(r.service), r.service_start,
                    r.started_ms, r.ended_ms, r.code, r.signal, int(r.oom), int(r.asked), r.leftovers, r.note);
  if (size <= 0 || size >= int(sizeof text)) return false;
  const int fresh = open("state.new", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (fresh >= 0) {
    const bool whole = write(fresh, text, std::size_t(size)) == size && ftruncate(fresh, size) == 0;
    close(fresh);
    if (whole) return put_in_place("state.new", "state");
    unlink("state.new");
  }
  // A full disk still takes what fits into the block that the old record has.
  const int old = open("state", O_WRONLY | O_CLOEXEC);
  if (old < 0) return false;
  const bool whole = write(old, text, std::size_t(size)) == size && ftruncate(old, size) == 0;
  close(old);
  return whole;
}

bool put_in_place(const char* fresh, const char* name) {
  return renameat2(AT_FDCWD, fresh, AT_FDCWD, name, RENAME_EXCHANGE) == 0 || rename(fresh, name) == 0;
}

}  // namespace nova::keeper
