// One run: machines, nodes, clients and faults from one seed; first safety while things go wrong, then liveness after
// they have ended.
#pragma once
#include "tests/simulation/client.hpp"
#include "tests/simulation/killer.hpp"
#include "tests/simulation/node_process.hpp"

#include <set>

namespace nova::simulation {

struct Report {
  std::uint64_t seed = 0;
  std::string violation;  ///< "<invariant>: <what>", empty when the run was clean
  std::uint64_t trace = 0, steps = 0, events = 0;
  std::size_t commands = 0, nodes = 0;
};

enum class Scene : std::uint8_t {
  ordinary,
  kill,  ///< a flood of effects, nodes that stand still, and somebody who engages and releases the kill switch
};

class World {
 public:
  explicit World(std::uint64_t seed, Scene scene = Scene::ordinary);
  ~World();

  Report run();
  void tell(bool on) { schedule_.tell(on); }

  // What the invariants look at; see invariants.cpp.
  store::EventStore& store() { return machine_.store(); }
  const Outside& outside() const { return outside_; }
  const std::vector<std::unique_ptr<Client>>& clients() const { return clients_; }
  const std::vector<std::unique_ptr<Subscriber>>& subscribers() const { return subscribers_; }
  const std::set<std::uint64_t>& promised() const { return promised_; }
  std::shared_ptr<NodeProcess> active() const { return active_; }
  bool clocks_may_jump() const { return clocks_jumped_; }
  const Killer* killer() const { return killer_.get(); }

 private:
  struct Node {  ///< a machine that runs one process of novad after the other
    std::unique_ptr<MachineClock> clock;
    std::shared_ptr<NodeProcess> process;
    std::uint64_t life = 0;
  };

  void violated(const std::string& what);
  void begin();
  void plan_faults();
  void stand_still();
  void strike(Fault fault);
  void by_time(Fault fault, std::function<void()> what);
  void start_node(std::size_t number);
  void node_up(std::size_t number, std::uint64_t life, const core::Status& status);
  void crash(std::size_t number, microseconds down);
  void store_died(bool power);
  void take_over();
  void end_faults();
  bool is_quiet(std::string& waits_for);
  bool settle();

  const std::uint64_t seed_;
  const Scene scene_;
  Schedule schedule_;
  Faults faults_;
  Outside outside_;
  MachineClock store_clock_;
  StoreMachine machine_;
  const bool remote_;
  std::vector<Node> nodes_;
  std::size_t home_ = 0;  ///< the node that holds the lease
  std::shared_ptr<NodeProcess> active_;
  std::vector<std::shared_ptr<NodeProcess>> dead_;
  std::vector<std::unique_ptr<Client>> clients_;
  std::vector<std::unique_ptr<Subscriber>> subscribers_;
  std::unique_ptr<Killer> killer_;
  std::set<std::uint64_t> promised_;  ///< positions that were acknowledged
  std::string violation_;
  bool clocks_jumped_ = false, cut_after_start_ = false;
};

/// Compares the log with the book of promises, the documents with a replay, the outside with what was ordered. The
/// first breach, or nothing.
std::string check(World& world);

}  // namespace nova::simulation
