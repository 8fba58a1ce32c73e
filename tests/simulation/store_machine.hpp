// The machine on which the event store runs: the production store on a simulated disk, its loops run by the schedule.
// In a small platform it is also the node's own machine and process.
#pragma once
#include "store/sqlite/sqlite_store.hpp"
#include "tests/simulation/ground/disk.hpp"
#include "tests/simulation/ground/faults.hpp"
#include "tests/simulation/ground/schedule.hpp"

#include <functional>
#include <memory>
#include <vector>

namespace nova::simulation {

class StoreMachine {
 public:
  StoreMachine(Schedule& schedule, Faults& faults, core::Clock& clock, std::uint64_t seed);
  ~StoreMachine();

  /// Opens the store when the machine is there; tries again by itself while it cannot.
  void start();
  /// Ends the store's process, and with `power` the machine; `start` brings it back.
  void die(bool power);
  bool is_up() const { return store_ != nullptr; }
  store::EventStore& store() { return *store_; }
  /// Something was queued: the writer's loop runs soon.
  void poke();
  void flush();  ///< runs it now
  Disk& disk() { return disk_; }

  std::function<void()> on_up;
  std::function<void()> on_died;  ///< in the midst of a write

  /// Only the node with the newest fence may append.
  std::uint64_t fence = 0;

 private:
  void open();
  void write();
  void look_after();
  microseconds disk_delay();

  Schedule& schedule_;
  Faults& faults_;
  core::Clock& clock_;
  Disk disk_;
  store::SqliteLoops loops_;
  std::unique_ptr<store::EventStore> store_;
  std::vector<std::unique_ptr<store::EventStore>> dead_;
  std::uint64_t life_ = 0;  ///< events of an earlier life do nothing
  bool write_is_due_ = false;
};

}  // namespace nova::simulation
