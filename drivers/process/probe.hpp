// One health probe under way: HTTP, TCP or a command. Never blocks; the driver's loop carries many at once.
//
// Plain sockets rather than libcurl: a probe is a GET to a loopback address of which only the status line counts, with
// no name to resolve, no TLS, no redirect to follow and no proxy to honour, and it lives in the one poll loop of the
// driver.
#pragma once
#include "core/service/service.hpp"
#include "drivers/process/keeper_link.hpp"

#include <poll.h>
#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace nova::process {

/// Where a probe goes.
struct ProbeTarget {
  std::uint32_t port = 0;
  std::string keeper;            ///< the nova-keeper binary, which runs a command
  std::string cwd;               ///< of a command
  std::vector<std::string> env;  ///< of a command: the service's own, without its secrets
};

struct ProbeEnd {
  bool healthy = false;
  std::string code;  ///< health.passed, health.refused, health.timeout, health.http_status, health.bad_answer,
                     ///< health.exec_code ...
  std::string message;
  bool no_answer = false;  ///< nobody answered at all, as opposed to an answer of "not well"
};

class Probe {
 public:
  Probe(const service::Health& health, const ProbeTarget& target, std::chrono::nanoseconds deadline);
  Probe(const Probe&) = delete;
  Probe& operator=(const Probe&) = delete;
  ~Probe();

  /// When `step` is due although nothing happened on the descriptor.
  std::chrono::nanoseconds deadline() const { return deadline_; }
  pollfd wanted() const;
  /// After `wanted` was ready, or the deadline came.
  void step(std::chrono::nanoseconds now);
  const std::optional<ProbeEnd>& end() const { return end_; }
  /// Nothing is left to do. It may come a little after the end: what a server still writes is read (hanging up on it
  /// would fill its log with resets), a command that overran its time is ended and reaped.
  bool finished() const { return end_ && !fd_; }

 private:
  enum class Sort : std::uint8_t { http, tcp, exec };
  enum class Stage : std::uint8_t { connecting, sending, reading, running };
  void connect(std::uint32_t port);
  void spawn(const service::Health& health, const ProbeTarget& target);
  void connected();
  void send();
  void receive();
  void reap();
  void judge();
  void conclude(bool healthy, std::string code, std::string message, bool no_answer = false);

  Sort sort_ = Sort::tcp;
  Stage stage_ = Stage::connecting;
  std::chrono::nanoseconds deadline_;
  Fd fd_;
  pid_t child_ = 0;  ///< of a command; leader of its own session
  std::string request_, answer_;
  std::size_t received_ = 0;
  std::size_t sent_ = 0;
  std::optional<ProbeEnd> end_;
};

}  // namespace nova::process
