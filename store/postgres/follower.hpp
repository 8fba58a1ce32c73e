// Follows the log for commits of other nodes, and remembers beside the node how far it was seen. NOTIFY brings the
// word; where none comes, or the connection is away, the log is asked.
#pragma once
#include "store/postgres/connection/session.hpp"
#include "store/postgres/heads.hpp"

#include <atomic>
#include <string>
#include <thread>

namespace nova::store::postgres {

class Follower {
 public:
  Follower(Target target, Heads& heads, std::chrono::milliseconds poll_interval, std::string witness_file);
  ~Follower();
  Follower(const Follower&) = delete;
  Follower& operator=(const Follower&) = delete;

  void start(std::string store_id);
  /// Writes the last witness and ends the thread.
  void stop();

 private:
  void run();
  void wait(Session& session) const;
  bool look(Session& session, bool ask);
  void witness(Session& session);

  const Target target_;
  Heads& heads_;
  const std::chrono::milliseconds poll_interval_;
  const std::string witness_file_;
  std::string store_id_;
  std::uint64_t witnessed_ = 0;
  std::atomic<bool> stopping_ = false;
  int wake_ = -1;
  std::thread thread_;
};

}  // namespace nova::store::postgres
