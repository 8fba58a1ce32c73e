// What may go wrong, by name and rate. Each seed switches some on and leaves others off, so that rare ones meet each
// other alone as well as in company.
#pragma once
#include "tests/testkit/random.hpp"

#include <array>
#include <cstdint>
#include <string_view>

namespace nova::simulation {

enum class Fault : std::uint8_t {
  crash,          ///< kill -9 of a node at any moment
  power_cut,      ///< the store's machine goes dark: what was never synced is lost or torn
  die_writing,    ///< either of the two in the midst of a write to the disk
  failed_commit,  ///< a sync fails
  full_disk,      ///< no room for some seconds
  slow_disk,      ///< a commit takes up to 400 ms, so that many wait for it
  lost_request,   ///< a client's request never arrives
  lost_ack,       ///< the answer is lost, to a client or between node and store
  duplicate,      ///< a request with an idempotency key arrives twice
  clock_jump,     ///< a node's wall clock is wrong by up to an hour for a while
  effect_fails,   ///< an attempt fails, to be tried again, or for good
  effect_twice,   ///< the other side gets a request twice, or its answer is lost after it acted
  effect_slow,    ///< an attempt takes seconds, so that crashes fall into it
  service_dies,   ///< the runtime's own actor fails and is restarted by its supervisor
  actor_dies,     ///< an entity meets a broken invariant
  failed_read,    ///< the store cannot be read for a moment
  old_document,   ///< a document was written under another description: the entity replays its events
  partition,      ///< a node loses the store and its lease, while it still runs (shared stores only)
  count
};

struct FaultRow {
  std::string_view name;
  /// How often: one operation in so many, or once in so many milliseconds for those that come by time.
  std::uint32_t one_in;
  bool by_time;
};
const FaultRow& row_of(Fault fault);

class Faults {
 public:
  explicit Faults(testkit::Random& random);

  bool is_on(Fault fault) const { return active_ && on_[std::size_t(fault)]; }
  /// For those that come by operation: whether this one is hit. Counts the hit as a mark.
  bool strikes(Fault fault);
  void end() { active_ = false; }
  bool ended() const { return !active_; }

 private:
  testkit::Random& random_;
  std::array<bool, std::size_t(Fault::count)> on_{};
  bool active_ = true;
};

/// Counts that a fault came about, as the mark `fault.<name>`.
void struck(Fault fault);

}  // namespace nova::simulation
