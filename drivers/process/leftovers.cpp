#include "drivers/process/leftovers.hpp"

#include "drivers/process/keeper/record.hpp"
#include "drivers/process/keeper_link.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <sstream>

namespace nova::process {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t environment_bytes_max = 256 * 1024;

struct Seen {
  char state = '?';
  pid_t session = 0;
  std::uint64_t start = 0;
};

std::optional<Seen> look_at(pid_t pid) {
  const auto text = read_small_file("/proc/" + std::to_string(pid) + "/stat", 4096);
  if (!text) return std::nullopt;
  const auto name_end = text->rfind(')');
  if (name_end == text->npos) return std::nullopt;
  std::istringstream rest(text->substr(name_end + 1));
  Seen seen;
  std::string skipped;
  rest >> seen.state >> skipped >> skipped >> seen.session;
  for (int field = 7; field < 22; ++field) rest >> skipped;
  rest >> seen.start;
  return seen;
}

bool has_open(pid_t pid, const struct stat& file) {
  const std::string folder = "/proc/" + std::to_string(pid) + "/fd";
  DIR* const all = ::opendir(folder.c_str());
  if (!all) return false;
  bool found = false;
  while (const dirent* entry = found ? nullptr : ::readdir(all)) {
    struct stat there {};
    if (::fstatat(::dirfd(all), entry->d_name, &there, 0) != 0) continue;
    found = there.st_ino == file.st_ino && there.st_dev == file.st_dev;
  }
  ::closedir(all);
  return found;
}

bool has_in_environment(pid_t pid, const std::string& assignment) {
  const auto text = read_small_file("/proc/" + std::to_string(pid) + "/environ", environment_bytes_max);
  return text && (std::string(1, '\0') + *text).find(std::string(1, '\0') + assignment + '\0') != std::string::npos;
}

// Only that very process gets the signal: the descriptor holds on to it while the start time is compared.
bool kill_exactly(pid_t pid, std::uint64_t start) {
  const Fd process(int(::syscall(SYS_pidfd_open, pid, 0)));
  if (!process || keeper::start_ticks(pid) != start) return false;
  return ::syscall(SYS_pidfd_send_signal, process.get(), SIGKILL, nullptr, 0) == 0;
}

}  // namespace

const std::string& boot_id() {
  static const std::string id = [] {
    char text[40] = {};
    keeper::read_boot_id(text);
    return std::string(text);
  }();
  return id;
}

bool is_alive(pid_t pid, std::uint64_t start) { return pid > 0 && start != 0 && keeper::start_ticks(pid) == start; }

bool lock_is_free(const InstanceDir& dir) {
  const Fd lock(::open(dir.lock().c_str(), O_RDWR | O_CLOEXEC));
  return !lock || ::flock(lock.get(), LOCK_EX | LOCK_NB) == 0;
}

std::size_t end_leftovers(const InstanceDir& dir, const KeeperRecord& record) {
  if (record.boot != boot_id()) return 0;
  struct stat lock {};
  const bool has_lock = ::stat(dir.lock().c_str(), &lock) == 0;
  const auto leader = look_at(record.service);
  // The leader's number may have gone to a stranger with a session of its own.
  const bool session_is_theirs = record.service > 0 && (!leader || leader->start == record.service_start);
  std::size_t count = 0;
  DIR* const all = ::opendir("/proc");
  while (const dirent* entry = all ? ::readdir(all) : nullptr) {
    const pid_t pid = pid_t(std::atol(entry->d_name));
    if (pid <= 1 || pid == ::getpid()) continue;
    const auto seen = look_at(pid);
    if (!seen || seen->state == 'Z' || seen->state == 'X') continue;
    const bool in_session = session_is_theirs && seen->session == record.service && seen->start >= record.service_start;
    const bool ours = in_session || (has_lock && has_open(pid, lock)) ||
                      (!record.run.empty() && has_in_environment(pid, "NOVA_RUN_ID=" + record.run));
    if (ours && kill_exactly(pid, seen->start)) ++count;
  }
  if (all) ::closedir(all);
  return count;
}

}  // namespace nova::process
