#include "drivers/process/probe.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

namespace nova::process {
namespace {

using std::chrono::nanoseconds;

constexpr std::size_t status_line_bytes_max = 1024;
constexpr std::size_t answer_bytes_max = 64 * 1024;  ///< read of a body that nobody looks at
constexpr nanoseconds linger =
    std::chrono::milliseconds(250);  ///< for a server that keeps the connection open all the same

std::string number(std::int64_t n) { return std::to_string(n); }

}  // namespace

Probe::Probe(const service::Health& health, const ProbeTarget& target, nanoseconds deadline) : deadline_(deadline) {
  if (!health.exec.empty()) {
    sort_ = Sort::exec;
    spawn(health, target);
    return;
  }
  if (!health.http.empty()) {
    sort_ = Sort::http;
    const std::string path = (health.http.front() == '/' ? "" : "/") + health.http;
    request_ = "GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1:" + number(target.port) +
               "\r\nUser-Agent: nova-health\r\nAccept: */*\r\nConnection: close\r\n\r\n";
  }
  connect(target.port);
}

Probe::~Probe() {
  // A command may not outlive the interest in it; its number is ours until it is reaped.
  if (child_ <= 0) return;
  ::kill(-child_, SIGKILL);
  ::waitpid(child_, nullptr, 0);
}

void Probe::conclude(bool healthy, std::string code, std::string message, bool no_answer) {
  if (!end_) end_ = ProbeEnd{healthy, std::move(code), std::move(message), no_answer};
}

void Probe::connect(std::uint32_t port) {
  fd_ = Fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(std::uint16_t(port));
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (fd_ && ::connect(fd_.get(), reinterpret_cast<sockaddr*>(&at), sizeof at) == 0) return connected();
  if (fd_ && errno == EINPROGRESS) return;
  conclude(false, "health.refused", "port " + number(port) + " does not answer: " + std::strerror(errno), true);
  fd_.reset();
}

void Probe::connected() {
  if (sort_ == Sort::http) {
    stage_ = Stage::sending;
    return send();
  }
  conclude(true, "health.passed", "a connection was accepted");
  fd_.reset();
}

void Probe::send() {
  const ssize_t sent = ::send(fd_.get(), request_.data() + sent_, request_.size() - sent_, MSG_NOSIGNAL);
  if (sent < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (sent < 0) {
    conclude(false, "health.refused", std::string("the connection broke: ") + std::strerror(errno), true);
    return fd_.reset();
  }
  sent_ += std::size_t(sent);
  if (sent_ == request_.size()) stage_ = Stage::reading;
}

void Probe::receive() {
  char bytes[4096];
  for (;;) {
    const ssize_t got = ::recv(fd_.get(), bytes, sizeof bytes, 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got <= 0) {
      if (!end_) conclude(false, "health.bad_answer", "the connection ended before an answer", true);
      return fd_.reset();
    }
    received_ += std::size_t(got);
    if (!end_) {
      answer_.append(bytes, std::size_t(got));
      judge();
    }
    if (received_ > answer_bytes_max || (end_ && end_->code == "health.bad_answer")) return fd_.reset();
  }
}

void Probe::judge() {
  const auto line_end = answer_.find("\r\n");
  if (line_end == answer_.npos && answer_.size() < status_line_bytes_max) return;
  int status = 0;
  if (std::sscanf(answer_.c_str(), "HTTP/1.%*1[01] %3d", &status) != 1 || status < 100) {
    return conclude(false, "health.bad_answer", "what answers does not speak HTTP/1.1");
  }
  const bool healthy = status >= 200 && status < 400;
  conclude(healthy, healthy ? "health.passed" : "health.http_status", "answered with status " + number(status));
}

void Probe::spawn(const service::Health& health, const ProbeTarget& target) {
  stage_ = Stage::running;
  // Ends by itself a little after its time, if we are no longer there to end it.
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(health.timeout).count() + 1;
  std::vector<std::string> words = {"nova-keeper", "--probe", number(seconds)}, env = target.env;
  words.insert(words.end(), health.exec.begin(), health.exec.end());
  std::vector<char*> arguments, environment;
  for (std::string& word : words) arguments.push_back(word.data());
  for (std::string& line : env) environment.push_back(line.data());
  arguments.push_back(nullptr);
  environment.push_back(nullptr);

  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDWR, 0);
  posix_spawn_file_actions_adddup2(&files, 0, 1);
  posix_spawn_file_actions_adddup2(&files, 0, 2);
  posix_spawn_file_actions_addchdir_np(&files, target.cwd.c_str());
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSID);
  const int failed =
      ::posix_spawn(&child_, target.keeper.c_str(), &files, &attributes, arguments.data(), environment.data());
  posix_spawn_file_actions_destroy(&files);
  posix_spawnattr_destroy(&attributes);
  if (failed != 0) {
    child_ = 0;
    return conclude(false, "health.command_failed",
                    std::string("the command was not started: ") + std::strerror(failed));
  }
  fd_ = Fd(int(::syscall(SYS_pidfd_open, child_, 0)));
}

void Probe::reap() {
  int status = 0;
  if (::waitpid(child_, &status, WNOHANG) != child_) return;
  ::kill(-child_, SIGKILL);
  child_ = 0;
  fd_.reset();
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return conclude(true, "health.passed", "the command ended with 0");
  conclude(false, "health.exec_code",
           WIFEXITED(status) ? "the command ended with " + number(WEXITSTATUS(status))
                             : "the command was ended by signal " + number(WTERMSIG(status)));
}

pollfd Probe::wanted() const {
  const bool writes = stage_ == Stage::connecting || stage_ == Stage::sending;
  return {fd_.get(), short(writes ? POLLOUT : POLLIN), 0};
}

void Probe::step(nanoseconds now) {
  if (finished()) return;
  const bool was_judged = end_.has_value();
  if (stage_ == Stage::connecting) {
    int problem = 0;
    socklen_t size = sizeof problem;
    pollfd ready = wanted();
    if (::poll(&ready, 1, 0) > 0 && ::getsockopt(fd_.get(), SOL_SOCKET, SO_ERROR, &problem, &size) == 0) {
      if (problem == 0) {
        connected();
      } else {
        conclude(false, "health.refused", std::string("nobody listens: ") + std::strerror(problem), true);
        fd_.reset();
      }
    }
  } else if (stage_ == Stage::sending) {
    send();
  } else if (stage_ == Stage::reading) {
    receive();
  } else {
    reap();
  }
  if (finished()) return;
  if (end_ && !was_judged) deadline_ = std::min(deadline_, now + linger);
  if (now < deadline_) return;
  conclude(false, "health.timeout", "no answer in time", true);
  if (child_ > 0) {
    ::kill(-child_, SIGKILL);
    deadline_ = now + linger;
    return;
  }
  fd_.reset();
}

}  // namespace nova::process
