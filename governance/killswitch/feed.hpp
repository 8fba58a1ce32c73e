// Fills the truth: from all switches at start, from this node's commits before they are answered, and from the log for
// those of other nodes.
#pragma once
#include "core/result.hpp"
#include "governance/killswitch/reach.hpp"
#include "governance/killswitch/truth.hpp"
#include "store/store.hpp"

#include <algorithm>

namespace nova::killswitch {

/// `truth` outlives the feed. Any thread, `follow` not by two at once.
class Feed {
 public:
  explicit Feed(Truth& truth) : truth_(truth) {}

  core::Status load(const store::EventStore& store);
  /// One document: a switch, or an agent or a layer that one may name; of other kinds nothing is taken. A switch that
  /// cannot be read counts as engaged.
  void take(const store::Document& document);
  /// Takes what the log has beyond what was seen: the commits of other nodes.
  core::Status follow(const store::EventStore& store);
  /// Nobody else wrote anything up to `position`, so it need not be read.
  void skip_to(std::uint64_t position) { followed_ = std::max(followed_, position); }

  /// What AI touches, by the agents and layers that were taken.
  const Reaches& reaches() const { return reaches_; }

 private:
  Truth& truth_;
  Reaches reaches_;
  std::uint64_t followed_ = 0;
};

}  // namespace nova::killswitch
