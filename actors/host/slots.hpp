// Which entities are awake now, and what all of them share. Sharded by key, so that callers on many threads seldom
// meet.
#pragma once
#include "actors/host/host.hpp"
#include "governance/gate/gate.hpp"
#include "store/store.hpp"
#include "store/vault.hpp"

#include <caf/actor_system.hpp>

#include <array>
#include <atomic>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <unordered_map>

namespace nova::host {

/// What a host is made of. All pointers outlive it.
struct HostParts {
  store::EventStore* store = nullptr;
  store::Vault* vault = nullptr;
  core::Clock* clock = nullptr;
  /// The gate's current rules; called at each turn, so it must be cheap. Null rules deny everything.
  std::function<std::shared_ptr<const gate::Rules>()> rules;
  /// Who the principal is in the tenant, as kinds may ask. Cheap: served from memory. May be empty: nobody is anybody.
  std::function<core::Caller(const core::Principal&, const std::string& tenant)> caller;
  /// Status of a tenant: "active", "suspended", "" when there is none. Cheap: served from memory.
  std::function<std::string(const std::string& tenant)> tenant_status;
  /// Called once per commit that asked for something, on the store's thread, in order per entity; must not block.
  std::function<void(const core::EntityKey&, const std::string& command_id, const std::string& correlation,
                     std::uint64_t position, const core::Asks&)>
      on_asks;
  /// Called once per commit of a kind that is part of the authority state, before its answer is given, on the store's
  /// thread, and again when such an entity was loaded: a commit that nobody could tell of is known then. In order per
  /// entity; must not block.
  std::function<void(const store::Document&)> on_authority;
  /// Called when nobody knows whether a commit was made: what it asked for may stand in the store unheard. On the
  /// store's thread; must not block.
  std::function<void()> on_doubt;
  /// A command that the gate denied, with the decision, the attributes that its rules read (JSON by path) and what the
  /// caller is told. On the thread that took the turn; must not block. May be empty.
  std::function<void(const core::CommandEnvelope&, const core::DecisionRecord&, const std::string& read,
                     const core::Error&)>
      on_denied;
  /// An act that the gate holds, with the attributes that its rules read: stores the approval that it waits for, then
  /// answers. On the thread that took the turn; must not block. Empty: what would be held is denied.
  std::function<void(gate::Held, std::string read, Host::Done)> hold;
  std::function<void(const std::string& line)> log;
  std::size_t active_max = 20000;         ///< entities that are awake; beyond it the idlest go first
  std::chrono::milliseconds idle{60000};  ///< an entity without work for so long is passivated
};

class Entity;

struct Slot {
  core::EntityKey key;
  const core::Kind* kind = nullptr;
  std::shared_ptr<Entity> entity;         ///< while it is awake; of the shard's lock
  std::atomic<std::uint32_t> pending{0};  ///< commands sent to the entity and not answered yet
  std::atomic<std::uint32_t> mailed{0};   ///< of these, the ones that still are on their way to its actor
  std::atomic<std::int64_t> used_ms{0};
  std::atomic<std::uint64_t> version{0};
  std::atomic<const char*> phase{"loading"};  ///< a literal: "loading", "ready", "parked"
  std::atomic<std::uint32_t> restarts{0};     ///< exceptions since the node knows the entity
  std::atomic<std::uint32_t> failures{0};     ///< exceptions in a row; a commit clears it
  std::mutex error_mutex;
  std::string last_error;
  // Of the shard's lock.
  std::list<std::shared_ptr<Slot>>::iterator place;  ///< in the order of use, while `listed`
  bool listed = false;
};

inline constexpr std::uint32_t failures_until_parked = 3;

class Slots {
 public:
  Slots(caf::actor_system& actors, HostParts given) : parts(std::move(given)), actor_system(actors) {}

  struct Entered {
    std::shared_ptr<Slot> slot;
    std::shared_ptr<Entity> entity;
  };
  /// The slot of `key` with its entity awake and one more command pending; `make` makes the entity when there is none.
  Entered enter(const core::EntityKey& key, const core::Kind& kind,
                const std::function<std::shared_ptr<Entity>(const std::shared_ptr<Slot>&)>& make);
  void leave(Slot& slot) { slot.pending.fetch_sub(1); }
  /// Takes the entity from the slot, and the slot away, when nothing is pending for it: whatever it still knows the
  /// store knows too. Null when something is pending.
  std::shared_ptr<Entity> retire(const std::shared_ptr<Slot>& slot);
  /// Takes the entity away after an exception, keeping the count of failures; the next command makes a fresh one.
  std::shared_ptr<Entity> restart(const std::shared_ptr<Slot>& slot);

  std::vector<std::shared_ptr<Slot>> all(const std::string& tenant, std::size_t limit) const;
  /// Entities without work, the longest unused ones first: those that were not used since `idle_since_ms`, and at least
  /// the `surplus` oldest, or nearly so: each shard offers only somewhat more than its part. Costs what it returns,
  /// not what there is.
  std::vector<std::shared_ptr<Slot>> idle(std::int64_t idle_since_ms, std::size_t surplus);
  std::size_t size() const { return size_.load(); }

  HostParts parts;
  caf::actor_system& actor_system;
  std::atomic<std::uint64_t> commands{0}, refused{0}, denied{0}, failed{0}, activations{0}, passivations{0}, parked{0};
  std::atomic<std::size_t> in_flight{0};
  std::atomic<bool> draining{false};
  std::atomic<bool> trim_asked{false};  ///< the janitor was told that there are too many

 private:
  struct Shard {
    mutable std::mutex mutex;
    std::unordered_map<core::EntityKey, std::shared_ptr<Slot>, core::EntityKeyHash> slots;
    std::list<std::shared_ptr<Slot>> used;  ///< those that are awake, the last used first
  };
  Shard& shard(const core::EntityKey& key) { return shards_[core::EntityKeyHash{}(key) % shards_.size()]; }
  const Shard& shard(const core::EntityKey& key) const { return shards_[core::EntityKeyHash{}(key) % shards_.size()]; }
  std::array<Shard, 64> shards_;
  std::atomic<std::size_t> size_{0};
};

}  // namespace nova::host
