// Virtual time and the order of everything: each step is one message of one actor, or one event that is due, and which
// one the seed says. Events of one lane keep their order, as bytes on one connection do.
#pragma once
#include "core/time.hpp"
#include "tests/testkit/random.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scheduler/test_coordinator.hpp>

#include <functional>
#include <map>
#include <string>

namespace nova::simulation {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using namespace std::chrono_literals;

class Schedule {
 public:
  explicit Schedule(std::uint64_t seed);

  microseconds now() const { return now_; }
  testkit::Random& random() { return random_; }
  caf::actor_system& actors() { return system_; }

  using Lane = int;
  static constexpr Lane any_order = 0;
  Lane new_lane() { return ++last_lane_; }

  void after(microseconds delay, std::function<void()> what, Lane lane = any_order);
  void at(microseconds when, std::function<void()> what, Lane lane = any_order);

  /// One step, after moving the time on when nothing is due. False at `end`, or when nothing will ever happen again.
  bool step(microseconds end);
  /// At the end: no event happens any more, and every actor takes the messages that it still has.
  void let_actors_end();
  std::uint64_t steps() const { return steps_; }

  /// A number that two runs share only when they did the same in the same order.
  std::uint64_t trace() const { return trace_; }
  void note(std::string_view what);
  void tell(bool on) { telling_ = on; }  ///< prints the notes

 private:
  struct Event {
    Lane lane;
    std::function<void()> what;
  };
  using Events = std::multimap<microseconds, Event>;

  bool run_one();
  bool move_on(microseconds end);
  caf::scheduler::test_coordinator& coordinator() { return *coordinator_; }

  struct Config : caf::actor_system_config {
    Config() { set("scheduler.policy", caf::atom("testing")); }
  };
  Config config_;
  testkit::Random random_;
  microseconds now_{0};
  Events events_;
  std::map<Lane, microseconds> lane_ends_;
  Lane last_lane_ = 0;
  bool telling_ = false;
  std::uint64_t steps_ = 0, trace_ = 0xcbf29ce484222325;
  caf::actor_system system_{config_};
  caf::scheduler::test_coordinator* coordinator_;
};

/// One machine's clocks: wall time may jump, the other never does.
class MachineClock final : public core::Clock {
 public:
  explicit MachineClock(const Schedule& schedule) : schedule_(schedule) {}
  core::Timestamp now() const override;
  std::chrono::nanoseconds monotonic() const override { return schedule_.now(); }
  void jump(milliseconds by) { offset_ += by; }
  void set_right() { offset_ = milliseconds(0); }
  milliseconds offset() const { return offset_; }

 private:
  const Schedule& schedule_;
  milliseconds offset_{0};
};

}  // namespace nova::simulation
