// One life of a node: the production host, effect runner and supervision tree, put together as novad does it.
#pragma once
#include "actors/host/effects/effects.hpp"
#include "actors/host/local_host.hpp"
#include "governance/killswitch/feed.hpp"
#include "tests/simulation/outside.hpp"
#include "tests/simulation/store_link.hpp"

namespace nova::simulation {

class NodeProcess {
 public:
  struct Parts {
    Schedule* schedule = nullptr;
    Faults* faults = nullptr;
    StoreMachine* machine = nullptr;
    Outside* outside = nullptr;
    MachineClock* clock = nullptr;
    store::Vault* vault = nullptr;
    bool remote = false;
    std::uint64_t fence = 0;
    bool switches = false;  ///< effects ask the kill switches
    std::function<void(const std::string&)> violated;
    std::function<void()>
        gave_up;  ///< its services failed too often: the process ends, and a service manager begins it anew
  };
  explicit NodeProcess(Parts parts);
  void start(std::function<void(core::Status)> up);
  void kill();
  void lose_lease() { drivers_.die(); }  ///< it still runs, and may write until it is told
  void end_actors();                     ///< after `kill`, when the run is over: its entities take no more messages
  bool is_ready() const { return ready_ && !dead_; }
  bool is_dead() const { return dead_; }

  host::Host& host() { return *host_; }
  host::Effects& effects() { return *effects_; }
  StoreLink& link() { return link_; }
  std::uint64_t fence() const { return parts_.fence; }
  /// For so long it hears nothing of what others commit, as a process that stands still; its clock runs on.
  void pause(microseconds time) { paused_until_ = parts_.schedule->now() + time; }
  void fail_service();  ///< one of the runtime's own actors ends with an error
  std::uint64_t entity_failures() const { return entity_failures_; }

 private:
  host::HostParts host_parts();
  void follow();
  void check_single_writer(const store::Append& change);
  void append_answered(const core::EntityKey& key, const core::Result<store::Appended>& result);

  /// The appends of one entity that are under way: each must stand on the one before it.
  struct Chain {
    std::size_t under_way = 0;
    std::uint64_t next_version = 0;
    std::size_t ghosts = 0;  ///< of these, the first ones: an actor that failed sent them
    bool broken = false;     ///< one failed, or the actor did: whoever comes next begins anew
  };

  Parts parts_;
  StoreLink link_;
  Drivers drivers_;
  std::unique_ptr<host::WorkDriver> command_driver_;
  std::map<core::EntityKey, Chain> chains_;
  std::uint64_t entity_failures_ = 0;
  bool dead_ = false, ready_ = false, switches_loaded_ = false;
  microseconds paused_until_{0};
  killswitch::Truth truth_;
  killswitch::Feed switch_feed_{truth_};
  std::unique_ptr<host::LocalHost> host_;
  std::shared_ptr<host::Effects> effects_;
  caf::actor supervisor_;
  std::map<std::string, caf::actor> services_;
};

}  // namespace nova::simulation
