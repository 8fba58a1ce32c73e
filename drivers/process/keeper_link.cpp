#include "drivers/process/keeper_link.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string.h>  // explicit_bzero, strerror
#include <cerrno>
#include <cstdio>
#include <cstring>

namespace nova::process {
namespace {

constexpr std::size_t answer_bytes_max = 1024;
constexpr std::size_t line_bytes_max = 128;  ///< keeper/door.hpp

core::Error no_keeper(const std::string& why) {
  return core::unavailable("start.keeper_failed", "the keeper did not start: " + why);
}

std::string bytes_of(const OrderParts& parts) {
  std::string bytes;
  for (const auto& [tag, value] : parts) {
    // The kernel's strings end at a zero byte; a value that holds one cannot be passed whole.
    bytes += std::string(tag) + " " + std::to_string(value.size()) + "\n" + value + "\n";
  }
  return bytes + "end 0\n\n";
}

// Memory that can be a standard input: it needs no writer that waits, and is whole even if we die now.
Fd input_of(std::string bytes) {
  Fd input(memfd_create("order", MFD_CLOEXEC));
  const bool whole = input && ::write(input.get(), bytes.data(), bytes.size()) == ssize_t(bytes.size()) &&
                     ::lseek(input.get(), 0, SEEK_SET) == 0;
  explicit_bzero(bytes.data(), bytes.size());
  return whole ? std::move(input) : Fd();
}

}  // namespace

void Fd::reset(int fd) {
  if (fd_ >= 0) ::close(fd_);
  fd_ = fd;
}

core::Result<Launch> Launch::again(const KeeperLink& keeper, const OrderParts& parts) {
  const Fd input = input_of(bytes_of(parts));
  int ends[2];
  if (!input || ::pipe2(ends, O_CLOEXEC) != 0) return no_keeper(::strerror(errno));
  Launch launch;
  launch.answer_ = Fd(ends[0]);
  const Fd theirs(ends[1]);
  ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
  if (!keeper.say("start\n", input.get(), theirs.get())) return no_keeper("it does not take the order");
  return launch;
}

core::Result<Launch> Launch::begin(const std::filesystem::path& keeper, const std::string& label,
                                   const OrderParts& parts) {
  const Fd input = input_of(bytes_of(parts));
  int ends[2];
  if (!input || ::pipe2(ends, O_CLOEXEC) != 0) return no_keeper(::strerror(errno));
  Launch launch;
  launch.answer_ = Fd(ends[0]);
  const Fd theirs(ends[1]);
  ::fcntl(ends[0], F_SETFL, O_NONBLOCK);

  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_adddup2(&files, input.get(), 0);
  posix_spawn_file_actions_adddup2(&files, theirs.get(), 1);
  posix_spawn_file_actions_addopen(&files, 2, "/dev/null", O_WRONLY, 0);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSID);
  std::string name = "nova-keeper", shown = label;
  char* const arguments[] = {name.data(), shown.data(), nullptr};
  char* const environment[] = {nullptr};
  const int failed = ::posix_spawn(&launch.launcher_, keeper.c_str(), &files, &attributes, arguments, environment);
  posix_spawn_file_actions_destroy(&files);
  posix_spawnattr_destroy(&attributes);
  if (failed != 0) return no_keeper(keeper.string() + ": " + ::strerror(failed));
  return launch;
}

std::optional<core::Result<Launch::Started>> Launch::step() {
  char bytes[256];
  ssize_t got;
  while ((got = ::read(answer_.get(), bytes, sizeof bytes)) > 0 && text_.size() < answer_bytes_max) {
    text_.append(bytes, std::size_t(got));
  }
  if (got < 0 && (errno == EAGAIN || errno == EINTR) && text_.find('\n') == text_.npos) return std::nullopt;
  // The launcher forks and ends before the keeper can answer, so this does not wait.
  if (launcher_ > 0) ::waitpid(std::exchange(launcher_, 0), nullptr, 0);
  answer_.reset();
  Started started;
  int keeper = 0, service = 0;
  unsigned long long keeper_start = 0, service_start = 0;
  if (std::sscanf(text_.c_str(), "ok %d %llu %d %llu", &keeper, &keeper_start, &service, &service_start) == 4) {
    started = {keeper, service};
    return core::Result<Started>(started);
  }
  char code[64] = {};
  int message = 0;
  if (std::sscanf(text_.c_str(), "error %63s %n", code, &message) == 1 && message > 0) {
    std::string why = text_.substr(std::size_t(message));
    while (!why.empty() && why.back() == '\n') why.pop_back();
    return core::Result<Started>(core::unavailable(code, why));
  }
  return core::Result<Started>(no_keeper("it ended without an answer"));
}

void Launch::abandon() {
  if (launcher_ > 0) {
    ::kill(launcher_, SIGKILL);
    ::waitpid(std::exchange(launcher_, 0), nullptr, 0);
  }
  answer_.reset();
}

KeeperLink::KeeperLink(const InstanceDir& dir) {
  // Through a descriptor of the folder the path is short wherever the folder is.
  const Fd folder(::open(dir.path().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!folder) return;
  sockaddr_un at{};
  at.sun_family = AF_UNIX;
  std::snprintf(at.sun_path, sizeof at.sun_path, "/proc/self/fd/%d/sock", folder.get());
  Fd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (socket && ::connect(socket.get(), reinterpret_cast<sockaddr*>(&at), sizeof at) == 0) socket_ = std::move(socket);
}

bool KeeperLink::say(std::string_view line) const {
  return socket_ && ::send(socket_.get(), line.data(), line.size(), MSG_NOSIGNAL) == ssize_t(line.size());
}

bool KeeperLink::say(std::string_view line, int first, int second) const {
  const int passed[] = {first, second};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof passed)] = {};
  iovec text{const_cast<char*>(line.data()), line.size()};
  msghdr message{};
  message.msg_iov = &text;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  cmsghdr* const head = CMSG_FIRSTHDR(&message);
  head->cmsg_level = SOL_SOCKET;
  head->cmsg_type = SCM_RIGHTS;
  head->cmsg_len = CMSG_LEN(sizeof passed);
  std::memcpy(CMSG_DATA(head), passed, sizeof passed);
  return socket_ && ::sendmsg(socket_.get(), &message, MSG_NOSIGNAL) == ssize_t(line.size());
}

KeeperLink::Heard KeeperLink::listen() {
  // What the lines say also stands in the record, which is the truth; only that they came matters here.
  char bytes[256];
  ssize_t got;
  bool exited = false;
  while ((got = ::recv(socket_.get(), bytes, sizeof bytes, 0)) > 0) {
    for (const char c : std::string_view(bytes, std::size_t(got))) {
      if (c != '\n') {
        if (line_.size() < line_bytes_max) line_ += c;
        continue;
      }
      exited = exited || line_.rfind("exited ", 0) == 0;
      line_.clear();
    }
  }
  if (got == 0 || (errno != EAGAIN && errno != EINTR)) return Heard::hung_up;
  return exited ? Heard::exited : Heard::nothing;
}

}  // namespace nova::process
