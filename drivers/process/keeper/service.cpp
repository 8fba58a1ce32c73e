#include "drivers/process/keeper/service.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <initializer_list>

namespace nova::keeper {
namespace {

constexpr int lock_in_service = 3;

bool put(const char* folder, const char* file, const char* text) {
  char path[1024];
  std::snprintf(path, sizeof path, "%s/%s", folder, file);
  const int out = open(path, O_WRONLY | O_CLOEXEC);
  if (out < 0) return false;
  const bool done = write(out, text, std::strlen(text)) >= 0;
  close(out);
  return done;
}

std::size_t get(const char* folder, const char* file, char* text, std::size_t size_max) {
  char path[1024];
  std::snprintf(path, sizeof path, "%s/%s", folder, file);
  const int in = open(path, O_RDONLY | O_CLOEXEC);
  if (in < 0) return 0;
  const ssize_t size = read(in, text, size_max - 1);
  close(in);
  text[size > 0 ? size : 0] = '\0';
  return size > 0 ? std::size_t(size) : 0;
}

void limit(__rlimit_resource_t what, long value) {
  if (value <= 0) return;
  rlimit now{};
  getrlimit(what, &now);
  const rlim_t wanted = now.rlim_max == RLIM_INFINITY || rlim_t(value) < now.rlim_max ? rlim_t(value) : now.rlim_max;
  const rlimit both{wanted, wanted};
  setrlimit(what, &both);
}

const char* code_of_exec(int number) {
  if (number == ENOENT || number == ENOTDIR) return "start.command_not_found";
  if (number == EACCES || number == ENOEXEC) return "start.command_not_executable";
  return "start.exec_failed";
}

// Runs in the child. What goes wrong is told through `failure`, which exec closes.
[[noreturn]] void become_service(const Order& order, bool in_cgroup, int lock, int output, int failure) {
  StartProblem problem;
  const auto fail = [&](const char* code) {
    problem = {code, errno};
    [[maybe_unused]] const auto told = write(failure, &problem, sizeof problem);
    _exit(127);
  };
  setsid();
  for (const int number : {SIGPIPE, SIGINT, SIGHUP, SIGQUIT}) signal(number, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  umask(022);
  in_cgroup = in_cgroup && put(order.cgroup, "cgroup.procs", "0");
  if (!in_cgroup) limit(RLIMIT_DATA, order.memory_bytes);
  limit(RLIMIT_NOFILE, order.open_files);
  const rlimit no_core{0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  errno = 0;
  lower_priority(int(order.nice));
  const int nothing = open("/dev/null", O_RDONLY);
  if (nothing < 0 || dup2(nothing, 0) < 0 || dup2(output, 1) < 0 || dup2(output, 2) < 0) fail("start.exec_failed");
  if (nothing > 2) close(nothing);
  if (lock == lock_in_service)
    fcntl(lock, F_SETFD, 0);
  else
    dup2(lock, lock_in_service);
  if (chdir(order.cwd) != 0) fail("start.source_missing");
  environ = const_cast<char**>(order.env);
  execvp(order.args[0], order.args);
  fail(code_of_exec(errno));
  _exit(127);
}

/// SIGKILL to all direct children; orphans of theirs become children of ours, as we are their subreaper.
int kill_children() {
  char path[64], text[4096];
  std::snprintf(path, sizeof path, "/proc/self/task/%d", int(getpid()));
  int count = 0;
  if (access("/proc/self/task", F_OK) == 0 && get(path, "children", text, sizeof text) > 0) {
    for (char* at = text; *at;) {
      char* end = at;
      const long child = std::strtol(at, &end, 10);
      if (end == at) break;
      if (child > 1 && kill(pid_t(child), SIGKILL) == 0) ++count;
      at = *end ? end + 1 : end;
    }
    if (count > 0) return count;
  }
  // Kernels without the children file: look at everybody's parent.
  DIR* const all = opendir("/proc");
  while (const dirent* entry = all ? readdir(all) : nullptr) {
    const long pid = std::atol(entry->d_name);
    if (pid <= 1) continue;
    std::snprintf(path, sizeof path, "/proc/%ld", pid);
    if (get(path, "stat", text, sizeof text) == 0) continue;
    const char* after_name = std::strrchr(text, ')');
    int parent = 0;
    char state = 0;
    if (after_name && std::sscanf(after_name + 1, " %c %d", &state, &parent) == 2 && parent == getpid() &&
        kill(pid_t(pid), SIGKILL) == 0) {
      ++count;
    }
  }
  if (all) closedir(all);
  return count;
}

}  // namespace

bool make_cgroup(const Order& order) {
  if (!order.cgroup) return false;
  if (mkdir(order.cgroup, 0755) != 0 && errno != EEXIST) return false;
  for (std::size_t i = 0; i < order.limit_count; ++i) {
    char* const name = order.limits[i];
    char* const value = std::strchr(name, '=');
    if (!value) continue;
    *value = '\0';
    const bool set = put(order.cgroup, name, value + 1);
    *value = '=';
    if (!set) return rmdir(order.cgroup), false;
  }
  return true;
}

pid_t start_service(const Order& order, int lock, int output, StartProblem& problem) {
  const bool in_cgroup = make_cgroup(order);
  int failure[2];
  if (pipe2(failure, O_CLOEXEC) != 0) return problem = {"start.exec_failed", errno}, 0;
  const pid_t service = fork();
  if (service < 0) {
    problem = {"start.no_resources", errno};
    close(failure[0]);
    close(failure[1]);
    return 0;
  }
  if (service == 0) become_service(order, in_cgroup, lock, output, failure[1]);
  close(failure[1]);
  ssize_t got;
  while ((got = read(failure[0], &problem, sizeof problem)) < 0 && errno == EINTR) {
  }
  close(failure[0]);
  if (got != ssize_t(sizeof problem)) return problem = {}, service;
  waitpid(service, nullptr, 0);
  if (order.cgroup) rmdir(order.cgroup);
  return 0;
}

void kill_service(pid_t service, const char* cgroup) {
  if (cgroup) put(cgroup, "cgroup.kill", "1");
  kill(-service, SIGKILL);
  kill(service, SIGKILL);
}

int end_leftovers(const char* cgroup) {
  if (cgroup) put(cgroup, "cgroup.kill", "1");
  int ended = 0;
  for (;;) {
    pid_t dead;
    while ((dead = waitpid(-1, nullptr, WNOHANG)) > 0) ++ended;
    if (dead < 0 && errno == ECHILD) break;
    kill_children();
    if (waitpid(-1, nullptr, 0) > 0) ++ended;
  }
  if (cgroup) rmdir(cgroup);
  return ended;
}

bool was_out_of_memory(const char* cgroup) {
  char text[512];
  if (!cgroup || get(cgroup, "memory.events", text, sizeof text) == 0) return false;
  const char* const line = std::strstr(text, "oom_kill ");
  return line && std::atol(line + std::strlen("oom_kill ")) > 0;
}

void lower_priority(int steps) {
  errno = 0;
  const int nice = getpriority(PRIO_PROCESS, 0) + steps;
  setpriority(PRIO_PROCESS, 0, nice);
  // The file is ours only while we may be looked into.
  prctl(PR_SET_DUMPABLE, 1);
  const int group = open("/proc/self/autogroup", O_WRONLY | O_CLOEXEC);
  if (group < 0) return;
  char text[16];
  const int size = std::snprintf(text, sizeof text, "%d", nice > 19 ? 19 : nice);
  [[maybe_unused]] const auto written = write(group, text, std::size_t(size));
  close(group);
}

}  // namespace nova::keeper
