// Runs every kind of entity: awake from first use until it is idle, with an actor from its first message on. The one
// way by which a command reaches an entity, whichever door it came through.
#pragma once
#include "core/envelope.hpp"
#include "core/kind.hpp"
#include "core/result.hpp"
#include "governance/gate/hold.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace nova::host {

/// What became of a command that was allowed and did not refuse.
struct Answer {
  core::EntityKey key;
  std::uint64_t version = 0;
  std::uint64_t intent_version = 0;
  std::uint64_t position = 0;  ///< of its last event: a read with this `Nova-Position` sees it
  std::string status;
  std::string reason;
  std::vector<std::string> events;  ///< types of the events; empty: it was already so
  core::DecisionRecord decision;
  bool replayed = false;  ///< the stored answer of an earlier request with the same idempotency key
  bool dry_run = false;
  /// The act waits for people, and nothing was done: the approval as JSON, `key` is its address and `status` is
  /// "held". Empty: it was done. Not stored for repeats: they find the approval as it is then.
  std::string held = {};
};
const core::Record& describe(const Answer*);

struct HostStats {
  std::uint64_t commands = 0, refused = 0, denied = 0, failed = 0, activations = 0, passivations = 0, parked = 0;
  std::size_t active = 0;     ///< entities that are awake
  std::size_t in_flight = 0;  ///< commands between submit and answer
};

/// One active entity as the tree shows it.
struct EntityLine {
  core::EntityKey key;
  std::string state;  ///< "idle", "busy", "loading", "parked"
  std::uint64_t version = 0;
  std::size_t waiting = 0;  ///< commands in its mailbox
  std::uint32_t restarts = 0;
  std::string last_error;
};

class Host {
 public:
  using Done = std::function<void(core::Result<Answer>)>;
  virtual ~Host() = default;

  /// Any thread; returns at once. `done` is called exactly once, on this thread, an actor's or the store's, and must
  /// not block: it sends a message or posts a step. Errors: everything a kind or the gate may say, `entity.not_found`,
  /// `entity.parked`, `entity.version_mismatch`, `idempotency.mismatch`, `store.*`, `node.draining`, `deadline.passed`,
  /// `node.overloaded`. An act that the gate holds is answered with `Answer::held`, once its approval is stored.
  virtual void submit(core::CommandEnvelope command, Done done) = 0;

  /// The same by a caller that lends this thread: when the entity is awake or new and nothing of it is under way, its
  /// turn is taken within the call, which spares a message and the wait for an actor's thread. What waits for the store
  /// is `submit`. For callers that hold no lock and are nobody's answer: a turn takes microseconds, and a
  /// store in memory answers before this returns, so a `done` that submits again from within would go ever deeper.
  virtual void submit_here(core::CommandEnvelope command, Done done) { submit(std::move(command), std::move(done)); }

  /// An act that people agreed to. Everything that `release` binds is looked at again within the turn: what has changed
  /// is `approval.stale`, and nothing is done. `command.idempotency_key` makes it once: give the same one each time.
  virtual void submit_released(core::CommandEnvelope command, gate::Release release, Done done) {
    static_cast<void>(command);
    done(gate::stale(release, "this host releases nothing"));
  }

  /// Active entities of a tenant ("" = all), at most `limit`; asked asynchronously, answers within `deadline`.
  virtual void snapshot(std::string tenant, std::size_t limit, std::function<void(std::vector<EntityLine>)> done) = 0;
  virtual HostStats stats() const = 0;

  /// Refuses new commands with `node.draining` and answers when none is in flight or the deadline has passed.
  virtual void drain(core::Timestamp deadline, std::function<void()> done) = 0;
};

}  // namespace nova::host
