// A small world for the edge: services that answer with their name, a client that polls, routes that report.
#pragma once
#include "core/describe/codec.hpp"
#include "core/service/service.hpp"
#include "drivers/edge/edge.hpp"
#include "tests/testkit/await.hpp"
#include "tests/testkit/temp_dir.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace nova::edge::world {

std::uint16_t free_port();

/// An HTTP service in this process: answers GET with its name; `/slow` only once `release` was called.
class Web {
 public:
  explicit Web(std::string name, std::uint16_t port = 0);
  ~Web() { stop(); }
  std::uint16_t port() const { return port_; }
  /// Closes the listener and every connection, as a killed process would.
  void stop();
  void release() { released_ = true; }
  int slow_waiting() const { return slow_waiting_; }

 private:
  void serve();
  void answer(int fd);

  std::string name_;
  std::uint16_t port_ = 0;
  int listener_ = -1;
  std::atomic<bool> stopping_{false}, released_{false};
  std::atomic<int> slow_waiting_{0};
  std::mutex mutex_;
  std::vector<std::thread> workers_;
  std::thread thread_;
};

struct Answer {
  int status = 0;  ///< 0: no answer
  std::string body;
};
Answer get(std::uint16_t port, const std::string& path = "/", int limit_ms = 20000);

/// Polls a port without pause until destroyed or `finish`.
class Poller {
 public:
  explicit Poller(std::uint16_t port);
  ~Poller() { finish(); }
  void finish();
  int count() const { return count_; }
  /// Waits until that many more answers came.
  bool more(int answers);
  std::vector<std::string> failures();

 private:
  std::atomic<bool> stopping_{false};
  std::atomic<int> count_{0};
  std::mutex mutex_;
  std::vector<std::string> failures_;
  std::thread thread_;
};

/// The driver under test with what it reported. Destroyed, it stops HAProxy.
class Edge {
 public:
  explicit Edge(const testkit::TempDir& folder, std::filesystem::path haproxy = "/usr/sbin/haproxy");
  ~Edge();

  void adopt(std::vector<service::Route> routes = {});
  void keep(const service::Route& route);
  void drop(const std::string& service);
  /// As a killed node: HAProxy stays.
  void leave() { driver_.reset(); }

  /// True when a report of that phase and generation came.
  bool await_report(const std::string& service, const std::string& phase, std::uint64_t generation);
  std::vector<core::Report> reports(const std::string& service);
  std::int64_t haproxy_pid();
  std::string config() const;
  host::KeepDriver& driver() { return *driver_; }

 private:
  std::filesystem::path folder_;
  Options options_;
  std::unique_ptr<host::KeepDriver> driver_;
  std::mutex mutex_;
  std::vector<core::Report> reports_;
};

service::Route route(std::string service, std::uint16_t port, std::vector<std::uint16_t> backends,
                     std::uint64_t generation);

/// HAProxy's worker processes of an edge folder: children of the master.
std::vector<std::int64_t> children_of(std::int64_t pid);

}  // namespace nova::edge::world
