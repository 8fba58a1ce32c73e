// Policies and blocks as the store has them: all at start, later this node's commits as they are made and those of
// other nodes from the log.
#pragma once
#include "core/result.hpp"
#include "governance/limits/limits.hpp"
#include "store/store.hpp"

namespace nova::limits {

/// `limits` outlives the feed. Any thread, `follow` not by two at once.
class Feed {
 public:
  explicit Feed(Limits& limits) : limits_(limits) {}

  core::Status load(const store::EventStore& store);
  /// One document; of other kinds nothing is taken.
  void take(const store::Document& document);
  /// Takes what the log has beyond what was seen.
  core::Status follow(const store::EventStore& store);

 private:
  Limits& limits_;
  std::uint64_t followed_ = 0;
};

}  // namespace nova::limits
