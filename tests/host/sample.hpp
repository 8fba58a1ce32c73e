// A small kind that uses everything a host offers, and a node's worth of host around it on virtual time.
#pragma once
#include "actors/host/effects/effects.hpp"
#include "actors/host/local_host.hpp"
#include "core/kind.hpp"
#include "core/work.hpp"
#include "store/store.hpp"
#include "store/vault.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scheduler/test_coordinator.hpp>

#include <functional>
#include <map>
#include <variant>

namespace nova::sample {

struct Add {
  std::int64_t amount = 0;
  core::Secret secret;
  core::Personal note;
};
struct Throw {};
struct Work {
  std::string id;
  std::string driver;
};
struct Keep {
  std::string key;
  bool wanted = true;
};
struct Alarm {
  std::string id;
  core::Timestamp at;
};
struct Claim {
  std::string name;
};
struct AddFrom {
  std::string other;
};
/// Adds, or refuses and records that somebody tried.
struct Try {
  std::int64_t amount = 0;
};
struct Note {
  std::string word;
};
using Command =
    std::variant<Add, Throw, Work, Keep, Alarm, Claim, AddFrom, Try, Note, core::Settle, core::Fire, core::Report>;

struct Added {
  std::int64_t amount = 0;
  core::Secret secret;
  core::Personal note;
};
struct Asked {
  std::string id;
};
struct Settled {
  std::string id;
  std::string outcome;
};
struct Fired {
  std::string id;
};
struct Reported {
  std::string phase;
};
using Event = std::variant<Added, Asked, Settled, Fired, Reported>;

struct State {
  std::int64_t total = 0;
  std::vector<std::string> outstanding, log;
  core::Secret secret;
  core::Personal note;
};

/// How often `decide` was asked, in this program.
std::uint64_t decisions();
core::Decision<Event> decide(const State&, const Command&, const core::Context&);
State evolve(State, const Event&);
core::Summary summarise(const State&);
const core::Kind& kind();

}  // namespace nova::sample

namespace nova::testkit {

class FakeClock final : public core::Clock {
 public:
  core::Timestamp now() const override { return {ms_.load()}; }
  std::chrono::nanoseconds monotonic() const override { return std::chrono::milliseconds(ms_.load()); }
  void advance(std::chrono::milliseconds by) { ms_ += by.count(); }

 private:
  std::atomic<std::int64_t> ms_{1769850000000};
};

/// A host on CAF's deterministic coordinator: nothing runs but inside `run` and `advance`.
class HostWorld {
 public:
  explicit HostWorld(store::EventStore* store = nullptr, std::size_t active_max = 20000);
  ~HostWorld();

  void start_effects(std::vector<host::WorkDriver*> works, std::vector<host::KeepDriver*> keeps);
  void run();
  void advance(std::chrono::milliseconds by);
  core::CommandEnvelope command(std::string id, std::string name, std::string body = "{}") const;
  /// Submits and runs until the answer is there.
  core::Result<host::Answer> send(core::CommandEnvelope command);
  core::Result<host::Answer> send(std::string id, std::string name, std::string body = "{}") {
    return send(command(std::move(id), std::move(name), std::move(body)));
  }
  std::string document(const std::string& id) const;
  std::vector<std::string> event_types(const std::string& id) const;

  FakeClock clock;
  std::unique_ptr<store::EventStore> own_store;
  store::EventStore* store;
  std::unique_ptr<store::Vault> vault;
  std::map<std::string, std::string> tenants{{"t1", "active"}};
  std::shared_ptr<const gate::Rules> rules = gate::make_builtin_rules();
  std::function<void(gate::Held, host::Host::Done)> hold;
  caf::actor_system_config config;
  std::unique_ptr<caf::actor_system> system;
  std::unique_ptr<host::LocalHost> host;
  std::shared_ptr<host::Effects> effects;
  caf::actor runner;
  std::vector<std::string> log;
  std::vector<std::string> denied_on, held_on;  ///< the attributes that the rules read of each
  const host::Fence* fence = nullptr;           ///< for the effects that are started after it was set
};

}  // namespace nova::testkit
