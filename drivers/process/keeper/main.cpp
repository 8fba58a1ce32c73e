// nova-keeper: parent and subreaper of one service instance. It owns the service's output, holds the lock that the
// service inherits, writes down how the service ended, and never restarts anything by itself. It outlives the node that
// started it; while that node attends, it starts the service again at its order (door.hpp): half the work of a new one.
//
// Started with an order on descriptor 0 (order.hpp) and a pipe on descriptor 1, where it answers with one line,
// `ok KEEPER START SERVICE START` or `error CODE MESSAGE`, and hangs up. The only argument is a name for people in
// `ps`.
#include "drivers/process/keeper/door.hpp"
#include "drivers/process/keeper/log.hpp"
#include "drivers/process/keeper/order.hpp"
#include "drivers/process/keeper/record.hpp"
#include "drivers/process/keeper/service.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
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

constexpr long stop_ms_max = 24L * 3600 * 1000;
constexpr int probe_nice = 5;              ///< as services themselves
constexpr long long idle_ms_max = 10'000;  ///< from the service's end to the order to start it again
constexpr long kill_again_ms = 1000;       ///< a process inside the kernel may not die at the first SIGKILL
constexpr std::size_t chunk_bytes = 16 * 1024;
constexpr int drain_chunks_max = 64;  ///< a whole pipe (64 KiB) and what is written meanwhile

[[noreturn]] void refuse(const char* code, const char* message) {
  char line[512];
  const int size = std::snprintf(line, sizeof line, "error %s %s\n", code, message);
  [[maybe_unused]] const auto told = write(1, line, size > 0 ? std::size_t(size) : 0);
  _exit(1);
}

class Keeper final : public House {
 public:
  [[noreturn]] void run();

  void answer_status(char* line, std::size_t size) override {
    const char* const phase = ended_ ? "exited" : deadline_ms_ ? "stopping" : "running";
    std::snprintf(line, size, "%s %d %llu\n", phase, int(record_.service), record_.service_start);
  }
  bool signal_service(int number) override {
    return !ended_ && number > 0 && number < SIGRTMAX && kill(record_.service, number) == 0;
  }
  bool stop_service(long deadline_ms) override;
  bool start_again(int order, int answer) override;

 private:
  void move_in();
  void start();
  void look_after();
  void read_output(int chunks);
  void heed_signals();
  void note_deaths();
  void finish();
  void wait_for_order();
  [[noreturn]] void leave();

  Order order_;
  Record record_;
  Log log_;
  Door door_;
  char cgroup_[512] = {};
  int lock_ = -1, signals_ = -1, output_ = -1;
  bool ended_ = false;         ///< the service; then nothing here has its number any more
  bool leaves_ = false;        ///< told to end, so that it waits for no order
  long long deadline_ms_ = 0;  ///< 0: no stop was asked for
};

Keeper keeper;
char chunk[chunk_bytes];

// What is done once, however often the service is started.
void Keeper::move_in() {
  if (chdir(order_.dir) != 0) refuse("start.no_run_dir", std::strerror(errno));
  // Taken for as long as any process holds this descriptor: the keeper, the service, what the service started.
  lock_ = open("lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock_ < 0) refuse("start.no_run_dir", std::strerror(errno));
  if (flock(lock_, LOCK_EX | LOCK_NB) != 0) refuse("start.still_running", "a part of the former instance still lives");

  sigset_t heard;
  sigemptyset(&heard);
  sigaddset(&heard, SIGCHLD);
  sigaddset(&heard, SIGTERM);
  sigprocmask(SIG_BLOCK, &heard, nullptr);
  signals_ = signalfd(-1, &heard, SFD_CLOEXEC | SFD_NONBLOCK);
  if (signals_ < 0) refuse("start.no_resources", std::strerror(errno));
  read_boot_id(record_.boot);
  record_.keeper = getpid();
  record_.keeper_start = start_ticks(record_.keeper);
  log_.open(order_.log_bytes, order_.log_files);
}

void Keeper::start() {
  order_ = Order();
  if (const char* problem = read_order(order_)) refuse("start.bad_order", problem);
  const bool first = lock_ < 0;
  if (first) move_in();
  int output[2];
  if (pipe2(output, O_CLOEXEC) != 0) refuse("start.no_resources", std::strerror(errno));
  output_ = output[0];
  fcntl(output_, F_SETFL, O_NONBLOCK);

  record_.begin(order_.run, order_.note);
  std::snprintf(cgroup_, sizeof cgroup_, "%s", order_.cgroup ? order_.cgroup : "");
  deadline_ms_ = 0;
  if (!write_record(record_)) refuse("start.no_run_dir", std::strerror(errno));
  if (first && !door_.open()) refuse("start.no_run_dir", std::strerror(errno));

  StartProblem problem;
  record_.service = start_service(order_, lock_, output[1], problem);
  close(output[1]);
  if (record_.service == 0) {
    unlink("state");
    unlink("sock");
    refuse(problem.code, std::strerror(problem.number));
  }
  record_.service_start = start_ticks(record_.service);
  record_.phase = "running";
  write_record(record_);

  char line[128];
  const int size = std::snprintf(line, sizeof line, "ok %d %llu %d %llu\n", int(record_.keeper), record_.keeper_start,
                                 int(record_.service), record_.service_start);
  [[maybe_unused]] const auto told = write(1, line, std::size_t(size));
  const int nothing = open("/dev/null", O_RDWR);
  for (const int standard : {0, 1, 2}) dup2(nothing, standard);
  if (nothing > 2) close(nothing);
}

bool Keeper::stop_service(long deadline_ms) {
  if (ended_) return false;
  const long wait = deadline_ms < 0 ? 0 : deadline_ms > stop_ms_max ? stop_ms_max : deadline_ms;
  const long long deadline = monotonic_ms() + wait;
  if (deadline_ms_ == 0) {
    kill(-record_.service, SIGTERM);
    // A stopped process cannot hear SIGTERM.
    kill(-record_.service, SIGCONT);
  }
  if (deadline_ms_ == 0 || deadline < deadline_ms_) deadline_ms_ = deadline;
  record_.asked = true;
  return true;
}

bool Keeper::start_again(int order, int answer) {
  if (!ended_) return false;
  dup2(order, 0);
  dup2(answer, 1);
  close(order);
  close(answer);
  ended_ = false;
  return true;
}

void Keeper::read_output(int chunks) {
  while (output_ >= 0 && chunks-- > 0) {
    const ssize_t got = read(output_, chunk, chunk_bytes);
    if (got > 0) {
      log_.write(chunk, std::size_t(got));
      continue;
    }
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    close(output_);
    output_ = -1;
  }
}

void Keeper::note_deaths() {
  for (;;) {
    siginfo_t dead{};
    if (waitid(P_ALL, 0, &dead, WEXITED | WNOHANG | WNOWAIT) != 0 || dead.si_pid == 0) return;
    if (dead.si_pid != record_.service) {
      waitpid(dead.si_pid, nullptr, 0);
      continue;
    }
    // Not reaped before its group is killed: until then nobody else can get its number.
    kill_service(record_.service, cgroup_[0] ? cgroup_ : nullptr);
    waitpid(record_.service, nullptr, 0);
    ended_ = true;
    record_.ended_ms = wall_ms();
    if (dead.si_code == CLD_EXITED)
      record_.code = dead.si_status;
    else
      record_.signal = dead.si_status;
    return;
  }
}

void Keeper::heed_signals() {
  signalfd_siginfo heard;
  while (read(signals_, &heard, sizeof heard) == ssize_t(sizeof heard)) {
    if (heard.ssi_signo != SIGTERM) continue;
    leaves_ = true;
    stop_service(order_.stop_ms);
  }
  note_deaths();
}

void Keeper::look_after() {
  pollfd polls[2 + Door::polls_count];
  while (!ended_) {
    polls[0] = {signals_, POLLIN, 0};
    polls[1] = {output_, POLLIN, 0};
    door_.fill(polls + 2);
    int wait = -1;
    if (deadline_ms_) {
      const long long left = deadline_ms_ - monotonic_ms();
      wait = left < 0 ? 0 : left > 60000 ? 60000 : int(left);
    }
    if (poll(polls, 2 + Door::polls_count, wait) < 0 && errno != EINTR) _exit(2);
    if (polls[1].revents) read_output(4);
    door_.serve(polls + 2, *this);
    heed_signals();
    if (!ended_ && deadline_ms_ && monotonic_ms() >= deadline_ms_) {
      kill_service(record_.service, cgroup_[0] ? cgroup_ : nullptr);
      deadline_ms_ = monotonic_ms() + kill_again_ms;
    }
  }
}

void Keeper::finish() {
  const char* const cgroup = cgroup_[0] ? cgroup_ : nullptr;
  record_.oom = record_.signal == SIGKILL && was_out_of_memory(cgroup);
  record_.leftovers = end_leftovers(cgroup);
  read_output(drain_chunks_max);
  record_.phase = "exited";
  write_record(record_);
  char line[64];
  std::snprintf(line, sizeof line, "exited %d %d %d\n", record_.code, record_.signal, int(record_.oom));
  door_.tell_end(line);
}

// The lock is kept: nothing of the service lives, and nobody else starts it meanwhile.
void Keeper::wait_for_order() {
  const long long until = monotonic_ms() + idle_ms_max;
  pollfd polls[1 + Door::polls_count];
  while (ended_) {
    const long long left = until - monotonic_ms();
    if (leaves_ || left <= 0 || !door_.attended()) leave();
    polls[0] = {signals_, POLLIN, 0};
    door_.fill(polls + 1);
    if (poll(polls, 1 + Door::polls_count, int(left)) < 0 && errno != EINTR) _exit(2);
    heed_signals();
    door_.serve(polls + 1, *this);
  }
}

void Keeper::leave() {
  door_.close();
  _exit(0);
}

void Keeper::run() {
  for (;;) {
    start();
    forget_order();
    look_after();
    finish();
    wait_for_order();
  }
}

}  // namespace
}  // namespace nova::keeper

// A health check of a node that dies now is forgotten by everybody: its alarm, which outlives exec, ends it all the
// same.
[[noreturn]] static void become_probe(const char* seconds, char** command) {
  alarm(unsigned(std::atoi(seconds)));
  setpriority(PRIO_PROCESS, 0, getpriority(PRIO_PROCESS, 0) + nova::keeper::probe_nice);
  execvp(command[0], command);
  _exit(127);
}

// `nova-keeper --probe SECONDS COMMAND...` runs a health check; any other argument is the name of an instance.
int main(int argc, char** argv) {
  if (argc > 3 && std::strcmp(argv[1], "--probe") == 0) become_probe(argv[2], argv + 3);
  // Descriptors that somebody forgot to mark would keep the node's ports and files open for as long as the service
  // lives.
  close_range(3, ~0U, 0);
  const rlimit no_core{0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  umask(077);
  // A session of its own and not a child of the node: signals to the node's group, terminal or children pass it by.
  const pid_t keeper = fork();
  if (keeper < 0) nova::keeper::refuse("start.no_resources", std::strerror(errno));
  if (keeper > 0) _exit(0);
  setsid();
  // A storm of starts must leave the processor to the node: keepers stand behind it, services behind their keepers.
  nova::keeper::lower_priority(nova::keeper::keeper_nice);
  prctl(PR_SET_DUMPABLE, 0);
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  for (const int number : {SIGPIPE, SIGINT, SIGHUP, SIGQUIT}) signal(number, SIG_IGN);
  nova::keeper::keeper.run();
}
