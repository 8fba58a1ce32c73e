// The world beyond the nodes, which no crash resets: what effects did there, which services run, what was observed of
// them; and the drivers through which a node reaches it.
#pragma once
#include "actors/host/driver.hpp"
#include "tests/simulation/ground/faults.hpp"
#include "tests/simulation/ground/schedule.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace nova::simulation {

/// What became of one work out there.
struct Done {
  std::uint32_t requests = 0;  ///< that arrived
  std::uint32_t effects = 0;   ///< the other side of an idempotent verb knows the key and acts once
  std::uint64_t order = 0;     ///< of the first effect, among all
};

struct Running {
  std::string payload;
  core::EntityKey report_to;
};

/// The first byte of an attempt, or what comes just before it.
struct Begun {
  std::string work;
  std::uint64_t node = 0;  ///< fence of the process that began it
  microseconds at{0};
  core::Reach reach;
};

struct Observed {
  core::EntityKey report_to;
  core::Report report;
};

class Outside {
 public:
  using Key = std::pair<std::string, std::string>;  ///< tenant and key

  void act(const std::string& work_id, bool knows_key);
  const Done* find(const std::string& work_id) const;
  void observe(const Key& key, const core::EntityKey& report_to, std::string phase, core::Timestamp at);

  std::map<std::string, Done> works;
  std::vector<Begun> begun;  ///< in order of time
  std::map<Key, Running> running;
  std::map<Key, Observed> observed;  ///< the last report of each
  std::uint64_t effects = 0, reports = 0;
  std::size_t on_the_way = 0;  ///< reports that a driver has seen and not yet told
};

/// One node's drivers. `die` cuts their requests: each either arrived or never will.
class Drivers {
 public:
  Drivers(Schedule& schedule, Faults& faults, Outside& outside, const core::Clock& clock, std::uint64_t node);
  ~Drivers();

  std::vector<host::WorkDriver*> works() const;
  std::vector<host::KeepDriver*> keeps() const;
  void die();

 private:
  class Doing;
  class Keeping;
  std::vector<std::unique_ptr<Doing>> doing_;
  std::unique_ptr<Keeping> keeping_;
};

}  // namespace nova::simulation
