// Who engages and releases the kill switch while effects flow, and knows between which moments nothing may begin.
#pragma once
#include "actors/kill_switch/kill_switch.hpp"
#include "store/store.hpp"
#include "tests/simulation/ground/faults.hpp"
#include "tests/simulation/ground/schedule.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace nova::simulation {

class NodeProcess;

/// Engaged for certain: from the answer that it is until the release is sent off.
struct EngagedSpan {
  kill_switch::Scope scope = kill_switch::Scope::global;
  std::string target;
  microseconds from{0};
  std::optional<microseconds> to;  ///< none: it still is
  std::uint64_t node = 0;          ///< fence of the process that answered; 0: none of those that have effects
};

class Killer {
 public:
  struct Parts {
    Schedule* schedule = nullptr;
    Faults* faults = nullptr;
    std::function<std::shared_ptr<NodeProcess>()> node;
    std::function<core::Timestamp()> now;
    /// Where it commits by itself, as another node of the same store; empty: through `node`.
    std::function<store::EventStore*()> store;
    std::function<void()> poke;
  };
  explicit Killer(Parts parts) : parts_(std::move(parts)) {}

  void start() { later(); }
  bool is_done() const { return !wanted_; }
  const std::vector<EngagedSpan>& spans() const { return spans_; }

 private:
  void later();
  void choose();
  void want(bool engaged);
  void attempt();
  void through_node();
  void through_store(store::EventStore& store);
  void done(std::uint64_t node);

  Parts parts_;
  bool engaged_ = false;
  kill_switch::Scope scope_ = kill_switch::Scope::global;  ///< of the switch that is engaged, or will be next
  std::string target_;
  std::optional<bool> wanted_;
  std::uint64_t turn_ = 0;  ///< of what is wanted; answers to an earlier one mean nothing
  std::vector<EngagedSpan> spans_;
};

}  // namespace nova::simulation
