// Hears what other nodes commit about who may do what.
#pragma once
#include "governance/authority/feed.hpp"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace nova::node {

/// What else lives by the log of all nodes; may be empty. All on the follower's thread.
struct Followed {
  std::function<core::Status()> follow;                 ///< reads what the log has beyond what was seen
  std::function<void(std::uint64_t)> skip_to;           ///< nobody else wrote anything up to this position
  std::function<void(std::chrono::nanoseconds)> heard;  ///< all before this, on the monotonic clock, was taken
};

/// Keeps the book up to date with what other nodes commit to the same store, from a thread of its own: at each of their
/// commits that the store tells of, at most every 200 ms, and every 250 ms at least. While no other node is up that
/// costs one look at the nodes; else one read of the log a kind, of all that was written meanwhile.
class Follower {
 public:
  /// All outlive it; `feed` was loaded.
  /// `each_time` is called after each look that succeeded, on its thread; may read the store, may be empty.
  Follower(authority::Book& book, authority::Feed& feed, store::EventStore& store, std::string node_name,
           std::function<void()> each_time = {}, Followed also = {});
  ~Follower();

 private:
  void run();
  core::Status look();
  core::Result<bool> alone() const;

  authority::Book& book_;
  authority::Feed& feed_;
  store::EventStore& store_;
  const std::string node_name_;
  const std::function<void()> each_time_;
  const Followed also_;
  std::uint64_t head_before_ = 0;  ///< of the look before
  std::mutex mutex_;
  std::condition_variable wake_;
  bool behind_ = false, end_ = false;
  std::unique_ptr<store::EventStore::Subscription> subscription_;
  std::thread thread_;
};

}  // namespace nova::node
