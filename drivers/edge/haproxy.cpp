#include "drivers/edge/haproxy.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>
#include <utility>

namespace nova::edge {
namespace {

using Steady = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds check_time_max{10000};      // parsing 1000 fronts takes well under a second
constexpr std::size_t output_bytes_max = 16384;    // of `haproxy -c`
constexpr std::uintmax_t log_bytes_max = 1 << 20;  // then a new file is begun
constexpr milliseconds master_time_max{3000};      // its own restart takes some tens of milliseconds
constexpr milliseconds kill_time_max{2000};        // SIGKILL is answered at once unless the disk hangs

int pidfd_open(std::int64_t pid) { return int(::syscall(SYS_pidfd_open, pid_t(pid), 0)); }

bool wait_readable(int fd, Steady::time_point deadline) {
  for (;;) {
    const auto left = std::chrono::duration_cast<milliseconds>(deadline - Steady::now()).count();
    if (left <= 0) return false;
    pollfd one{fd, POLLIN, 0};
    const int ready = ::poll(&one, 1, int(left));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
  }
}

// State letter and parent from /proc/<pid>/stat; the name in between may hold anything but ends with the last ')'.
struct Stat {
  char state = 'Z';
  std::int64_t parent = 0;
};
Stat stat_of(std::int64_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string line;
  std::getline(file, line);
  const auto close = line.rfind(')');
  Stat stat;
  if (close != std::string::npos) std::istringstream(line.substr(close + 1)) >> stat.state >> stat.parent;
  return stat;
}
bool is_dead(char state) { return state == 'Z' || state == 'X'; }

struct Spawned {
  pid_t pid = -1;
  int error = 0;
};

// No fork: the node has threads, and a fork would copy their locks. The child starts a session of its own, so that
// signals to the node's terminal do not reach it, and inherits no descriptor but its output.
Spawned spawn(const std::filesystem::path& program, std::vector<std::string> words, int output, bool own_session) {
  std::vector<char*> argv;
  for (auto& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  std::string path = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
  char* environment[] = {path.data(), nullptr};

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, output, 1);
  posix_spawn_file_actions_adddup2(&actions, output, 2);
  posix_spawn_file_actions_addclosefrom_np(&actions, 3);
  posix_spawn_file_actions_addchdir_np(&actions, "/");
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setflags(
      &attributes, short(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | (own_session ? POSIX_SPAWN_SETSID : 0)));
  Spawned result;
  result.error = ::posix_spawn(&result.pid, program.c_str(), &actions, &attributes, argv.data(), environment);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  return result;
}

core::Error missing(const std::filesystem::path& program, int error) {
  return core::unavailable("edge.haproxy_missing", "cannot run `" + program.string() + "`: " + std::strerror(error))
      .fix("install the package haproxy, or name its path in the node's configuration");
}

// What HAProxy says is wrong, without its banner; one line.
std::string complaints(const std::string& output) {
  std::string text;
  std::istringstream lines(output);
  for (std::string line; std::getline(lines, line) && text.size() < 600;) {
    const auto colon = line.find(") : ");
    if (!line.starts_with("[ALERT]") || colon == std::string::npos) continue;
    text += (text.empty() ? "" : "; ") + line.substr(colon + 4);
  }
  return core::printable(text.empty() ? output.substr(0, 600) : text);
}

}  // namespace

Haproxy::~Haproxy() {
  forget();
  forget_workers();
}

core::Status Haproxy::check(const std::filesystem::path& file) const {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return core::unavailable("edge.check_failed", std::strerror(errno));
  const auto child = spawn(paths_.haproxy, {"haproxy", "-c", "-f", file.string()}, ends[1], false);
  ::close(ends[1]);
  if (child.error != 0) {
    ::close(ends[0]);
    return missing(paths_.haproxy, child.error);
  }
  std::string output;
  const auto deadline = Steady::now() + check_time_max;
  for (char buffer[4096]; wait_readable(ends[0], deadline);) {
    const auto got = ::read(ends[0], buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    if (output.size() < output_bytes_max) output.append(buffer, std::size_t(got));
  }
  ::close(ends[0]);
  // Its output has ended or its time has; in both cases nothing is lost by ending it.
  if (Steady::now() >= deadline) ::kill(child.pid, SIGKILL);
  int status = 0;
  while (::waitpid(child.pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return core::ok();
  if (WIFEXITED(status) && WEXITSTATUS(status) == 127) return missing(paths_.haproxy, ENOENT);
  return core::unavailable("edge.config_refused", "haproxy refuses the configuration: " + complaints(output))
      .fix("the refused file is kept as `" + file.string() + "`; what served before serves on");
}

core::Status Haproxy::start(const std::string& structure, milliseconds limit) {
  stop(milliseconds(0));
  std::error_code ignored;
  if (std::filesystem::file_size(paths_.log(), ignored) > log_bytes_max && !ignored)
    std::filesystem::rename(paths_.log(), paths_.log().string() + ".1", ignored);
  mark_log();
  const int log = ::open(paths_.log().c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (log < 0)
    return core::unavailable("edge.haproxy_failed",
                             "cannot write `" + paths_.log().string() + "`: " + std::strerror(errno));
  const auto child =
      spawn(paths_.haproxy,
            {"haproxy", "-W", "-S", paths_.master().string() + ",mode,600", "-f", paths_.config().string()}, log, true);
  ::close(log);
  if (child.error != 0) return missing(paths_.haproxy, child.error);
  watch(child.pid);
  auto answered = await_structure(structure, limit, false, 0);
  if (!answered) stop(milliseconds(0));
  return answered;
}

core::Status Haproxy::reload(const std::string& structure, milliseconds limit) {
  if (pid_ == 0) return core::unavailable("edge.reload_failed", "haproxy does not run");
  mark_log();
  const auto before = processes();
  const unsigned failed_before = before ? before->reloads_failed : 0;
  if (::kill(pid_t(pid_), SIGUSR2) != 0) return core::unavailable("edge.reload_failed", std::strerror(errno));
  return await_structure(structure, limit, true, failed_before);
}

core::Status Haproxy::await_structure(const std::string& structure, milliseconds limit, bool reloading,
                                      unsigned failed_before) {
  const char* code = reloading ? "edge.reload_failed" : "edge.haproxy_failed";
  const auto deadline = Steady::now() + limit;
  constexpr int pause_ms = 10;
  for (;;) {
    if (running_structure() == structure) {
      // The worker is there; what follows needs the master, too.
      const auto ready = processes();
      if (!ready) return ready.error();
      watch_workers(*ready);
      return core::ok();
    }
    bool gave_up = Steady::now() >= deadline;
    if (reloading) {
      const auto table = ask(paths_.master(), "show proc");
      gave_up = gave_up || (table && parse_processes(*table).reloads_failed > failed_before);
    }
    if (gave_up) return core::unavailable(code, "haproxy did not take the configuration up: " + last_words());
    pollfd watched{pidfd_, POLLIN, 0};
    if (::poll(&watched, 1, pause_ms) > 0 && ended()) return core::unavailable(code, "haproxy ended: " + last_words());
  }
}

bool Haproxy::find() {
  const auto pids = ours();
  if (pids.empty()) return false;
  const auto running = processes();
  if (!running || running_structure().empty()) return false;
  // The master's socket may have been inherited by nobody we know: it must be a process that runs our config.
  const auto master = running->master;
  if (std::find(pids.begin(), pids.end(), master) == pids.end()) return false;
  watch(master);
  // Between finding and opening it may have ended and its number may be another's: asked again, now that it is held.
  const auto still = ours();
  if (std::find(still.begin(), still.end(), master) == still.end()) forget();
  watch_workers(*running);
  return pid_ != 0;
}

void Haproxy::watch(std::int64_t pid) {
  forget();
  pidfd_ = pidfd_open(pid);
  if (pidfd_ >= 0) pid_ = pid;
}

// Held by descriptor: a process that is ending has lost its command line before it closes its listeners, so `ours`
// would miss the very moment that counts.
void Haproxy::watch_workers(const Processes& running) {
  forget_workers();
  for (auto worker : running.workers) {
    const int fd = pidfd_open(worker);
    if (fd >= 0) workers_.push_back(fd);
  }
}

void Haproxy::forget_workers() {
  for (int fd : workers_) ::close(fd);
  workers_.clear();
}

void Haproxy::forget() {
  if (pidfd_ >= 0) ::close(pidfd_);
  pidfd_ = -1;
  pid_ = 0;
}

bool Haproxy::ended() {
  if (pid_ == 0) return false;
  pollfd watched{pidfd_, POLLIN, 0};
  if (::poll(&watched, 1, 0) <= 0) return false;
  // Ours by birth: reaped. Adopted: somebody else does, or nobody; a zombie is dead all the same.
  ::waitpid(pid_t(pid_), nullptr, WNOHANG);
  forget();
  return true;
}

std::vector<std::int64_t> Haproxy::ours() const {
  std::vector<std::int64_t> found;
  const auto config = paths_.config().string();
  std::error_code error;
  for (std::filesystem::directory_iterator entry("/proc", error), end; !error && entry != end; entry.increment(error)) {
    const auto name = entry->path().filename().string();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    std::ifstream file(entry->path() / "cmdline");
    std::vector<std::string> words;
    for (std::string word; words.size() < 64 && std::getline(file, word, '\0');) words.push_back(word);
    const bool is_haproxy = !words.empty() && std::filesystem::path(words.front()).filename() == "haproxy";
    // `-c` runs name the candidate, never the config in place.
    if (!is_haproxy || std::find(words.begin(), words.end(), config) == words.end()) continue;
    const auto pid = std::stoll(name);
    if (!is_dead(stat_of(pid).state)) found.push_back(pid);
  }
  return found;
}

void Haproxy::stop(milliseconds limit) {
  auto pids = ours();
  if (pid_ != 0 && std::find(pids.begin(), pids.end(), pid_) == pids.end()) pids.push_back(pid_);
  std::vector<int> watches = std::exchange(workers_, {});
  for (auto pid : pids) {
    const int fd = pidfd_open(pid);
    if (fd >= 0) watches.push_back(fd);
  }
  const auto send = [&](int signal) {
    for (int fd : watches) ::syscall(SYS_pidfd_send_signal, fd, signal, nullptr, 0);
  };
  const auto all_ended = [&](Steady::time_point deadline) {
    return std::all_of(watches.begin(), watches.end(), [&](int fd) { return wait_readable(fd, deadline); });
  };
  if (limit.count() > 0) send(SIGTERM);
  if (limit.count() <= 0 || !all_ended(Steady::now() + limit)) {
    send(SIGKILL);
    (void)all_ended(Steady::now() + kill_time_max);
  }
  for (int fd : watches) ::close(fd);
  if (pid_ != 0) ::waitpid(pid_t(pid_), nullptr, WNOHANG);
  forget();
}

std::string Haproxy::running_structure() const {
  const auto info = runtime("show info");
  return info ? info_value(*info, "description") : std::string();
}

// A master that has just started or reloaded executes itself anew and drops who asks meanwhile: asked until it answers.
core::Result<Processes> Haproxy::processes() const {
  const auto deadline = Steady::now() + master_time_max;
  for (;;) {
    const auto table = ask(paths_.master(), "show proc");
    if (table)
      if (auto running = parse_processes(*table); running.master != 0) return running;
    if (Steady::now() >= deadline)
      return core::unavailable("edge.master_silent", "haproxy's master does not answer" +
                                                         (table ? std::string() : ": " + table.error().message));
    ::poll(nullptr, 0, 10);
  }
}

core::Result<std::map<std::uint16_t, std::uint64_t>> Haproxy::connections() const {
  const auto running = processes();
  if (!running) return running.error();
  std::map<std::uint16_t, std::uint64_t> total;
  for (auto worker : running->workers) {
    const auto answer = ask(paths_.master(), "@!" + std::to_string(worker) + " show servers conn");
    // A worker that ended in between is not listed the next time; until then nothing is known.
    if (!answer) return answer.error();
    if (answer->find("# bkname") == std::string::npos)
      return core::unavailable("edge.master_silent", "haproxy's master dropped the question");
    for (const auto& [port, count] : parse_connections(*answer)) total[port] += count;
  }
  return total;
}

void Haproxy::mark_log() {
  std::error_code missing_file;
  const auto size = std::filesystem::file_size(paths_.log(), missing_file);
  log_mark_ = missing_file ? 0 : std::int64_t(size);
}

std::string Haproxy::last_words() const {
  std::ifstream file(paths_.log(), std::ios::ate | std::ios::binary);
  if (!file) return "it left no word";
  const auto size = std::streamoff(file.tellg());
  file.seekg(std::max(std::min(log_mark_, size), size - std::streamoff(output_bytes_max)));
  return complaints(std::string(std::istreambuf_iterator<char>(file), {}));
}

}  // namespace nova::edge
