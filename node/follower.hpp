// Hears what other nodes commit about who may do what.
#pragma once
#include "governance/authority/feed.hpp"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

namespace nova::node {

/// Keeps the book up to date with what other nodes commit to the same store, from a thread of its own: at each of their
/// commits that the store tells of, at most every 200 ms, and every 250 ms at least. What it costs is one read of the
/// log a kind.
class Follower {
 public:
  /// All outlive it; `feed` was loaded.
  Follower(authority::Book& book, authority::Feed& feed, store::EventStore& store);
  ~Follower();

 private:
  void run();

  authority::Book& book_;
  authority::Feed& feed_;
  store::EventStore& store_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool behind_ = false, end_ = false;
  std::unique_ptr<store::EventStore::Subscription> subscription_;
  std::thread thread_;
};

}  // namespace nova::node
