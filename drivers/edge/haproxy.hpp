// HAProxy as a process: started so that it outlives us, found again, reloaded, watched, stopped.
#pragma once
#include "core/result.hpp"
#include "drivers/edge/runtime.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace nova::edge {

/// Files of one edge, all in its run folder.
struct Paths {
  std::filesystem::path run_dir, haproxy;
  std::filesystem::path config() const { return run_dir / "haproxy.cfg"; }
  std::filesystem::path candidate() const { return run_dir / "haproxy.cfg.new"; }
  std::filesystem::path script() const { return run_dir / "hold.lua"; }
  std::filesystem::path admin() const { return run_dir / "admin.sock"; }
  std::filesystem::path master() const { return run_dir / "master.sock"; }
  std::filesystem::path log() const { return run_dir / "haproxy.log"; }
  std::filesystem::path epoch() const { return run_dir / "epoch"; }
};

/// Not thread-safe: belongs to the driver's thread.
class Haproxy {
 public:
  explicit Haproxy(Paths paths) : paths_(std::move(paths)) {}
  ~Haproxy();  ///< leaves the process alone
  Haproxy(const Haproxy&) = delete;
  Haproxy& operator=(const Haproxy&) = delete;

  /// `haproxy -c` on a file. Errors: edge.config_refused with HAProxy's words, edge.haproxy_missing.
  core::Status check(const std::filesystem::path& file) const;

  /// Starts it on the config in place and waits until it answers as `structure`. Anything of ours that still runs is
  /// ended first, since it would hold the ports.
  core::Status start(const std::string& structure, std::chrono::milliseconds limit);
  /// SIGUSR2: a new worker takes the listeners over. Errors: edge.reload_failed; the old worker then serves on.
  core::Status reload(const std::string& structure, std::chrono::milliseconds limit);

  /// Looks for one that a former life of ours started. True: found, it answers, it is watched.
  bool find();
  /// Becomes readable when HAProxy's master ended; -1: none is watched.
  int watch_fd() const { return pidfd_; }
  std::int64_t pid() const { return pid_; }
  /// Forgets the watched process if it has ended; true when it had.
  bool ended();

  /// SIGTERM, then SIGKILL, to master and workers.
  void stop(std::chrono::milliseconds limit);

  core::Result<std::string> runtime(const std::string& command) const { return ask(paths_.admin(), command); }
  std::string running_structure() const;
  /// Connections in use by instance port, over the current and all replaced workers. Empty pair: cannot be told.
  core::Result<std::map<std::uint16_t, std::uint64_t>> connections() const;
  /// What it wrote to its log since it was last started or reloaded, for an error message.
  std::string last_words() const;

 private:
  core::Result<Processes> processes() const;
  std::vector<std::int64_t> ours() const;
  void mark_log();
  void watch(std::int64_t pid);
  void watch_workers(const Processes& running);
  void forget_workers();
  void forget();
  core::Status await_structure(const std::string& structure, std::chrono::milliseconds limit, bool reloading,
                               unsigned failed_before);

  Paths paths_;
  std::int64_t pid_ = 0;
  int pidfd_ = -1;
  std::vector<int> workers_;   // pidfds of workers as of the last start, reload or find
  std::int64_t log_mark_ = 0;  // size of the log before the last start or reload
};

}  // namespace nova::edge
