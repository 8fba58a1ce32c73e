// Ends connections on which a statement runs longer than the server itself would let it: a server that is stopped, or a
// network that swallows packets, must not hold our threads for ever. libpqxx waits for answers without a limit.
#pragma once
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>

namespace nova::store::postgres {

class Session;

class Watchdog {
 public:
  explicit Watchdog(std::chrono::milliseconds limit);
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

  /// Any thread; a session leaves before it ends.
  void enter(const Session& session);
  void leave(const Session& session);

 private:
  void run();

  const std::chrono::milliseconds limit_;
  std::mutex mutex_;
  std::condition_variable ended_;
  std::set<const Session*> sessions_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace nova::store::postgres
