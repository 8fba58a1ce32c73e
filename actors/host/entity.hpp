// One entity's actor: loads it on first use, takes commands one turn at a time, decides ahead of commits, answers after
// them.
//
//   command ──> waiting ──(loaded, facts there)──> turn ──> store.append ──> in flight ──(committed, in order)──>
//   answer
//                  ^                                 │            │
//                  └── again, on fresh state ────────┴── conflict ┘
//
// A failed commit discards every later decision, for they stood on it; their commands wait again and are decided anew.
#pragma once
#include "actors/host/mail.hpp"
#include "actors/host/slots.hpp"

#include <caf/behavior.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/stateful_actor.hpp>

#include <atomic>
#include <deque>
#include <map>

namespace nova::host {

/// A command and who waits for its answer. Whatever happens to the actor, the answer is given exactly once: at the
/// latest when the last reference goes.
struct Pending {
  Pending(core::CommandEnvelope given, Host::Done answer_to, std::shared_ptr<Slots> all, std::shared_ptr<Slot> entered)
      : command(std::move(given)), done(std::move(answer_to)), slots(std::move(all)), slot(std::move(entered)) {}
  Pending(const Pending&) = delete;
  Pending& operator=(const Pending&) = delete;
  ~Pending();

  void answer(core::Result<Answer> result);

  core::CommandEnvelope command;
  Host::Done done;
  std::shared_ptr<Slots> slots;
  std::shared_ptr<Slot> slot;
  std::uint32_t tries = 0;  ///< decided again after a conflict
};

/// A command of which a commit is under way. The store's thread answers it when the commit is made, and hands on what
/// it asked for: that must be done also when the actor ended meanwhile. The actor is told by a message only when it
/// waits for that; else it finds `Stage::made` at its next turn. Of a commit that failed it is always told.
struct InFlight {
  enum class Stage : std::uint8_t {
    under_way,
    awaited,  ///< the actor wants a message
    made      ///< committed and answered, and the actor was not told: from here on it only takes it off its list
  };

  std::shared_ptr<Pending> pending;
  Answer answer;
  core::Asks asks;
  std::string cause, correlation;
  store::Appended appended;  ///< once made
  std::atomic<Stage> stage{Stage::under_way};
  /// Who is answered when this commit is: repeats with the same idempotency key get its answer, commands that found
  /// nothing to do on the state that it makes have their own.
  struct Follower {
    std::shared_ptr<Pending> pending;
    std::optional<Answer> own;
  };
  std::vector<Follower> followers;
  bool refused = false;  ///< before those ahead of it were answered
};

class Entity {
 public:
  Entity(caf::event_based_actor* self, std::shared_ptr<Slots> slots, std::shared_ptr<Slot> slot);
  void on(const MailPtr& mail);

 private:
  // Each is one kind of mail.
  void receive(std::shared_ptr<Pending> pending);
  void receive(Loaded& loaded);
  void receive(FactLoaded& loaded);
  void receive(Committed& committed);

  void load();
  void advance();                                                  ///< takes turns while it can
  bool answer_from_past(const std::shared_ptr<Pending>& pending);  ///< idempotency: true when answered or joined
  void begin_turn(std::shared_ptr<Pending> pending);
  void finish_turn();
  void append(std::shared_ptr<Pending> pending, Decided decided);
  static bool await(InFlight& flight);  ///< false: it is made already
  void take_off_made();
  void note_made(const store::Appended& outcome);
  void refused_early(InFlight& flight, const core::Error& error);
  void commit_failed(core::Error error);
  void decide_again(std::deque<std::shared_ptr<InFlight>> undecided);
  void park(core::Error error);

  caf::event_based_actor* self_;
  std::shared_ptr<Slots> slots_;
  std::shared_ptr<Slot> slot_;
  const HostParts& parts_;
  const core::Kind& kind_;

  enum class Phase : std::uint8_t { cold, loading, ready, parked } phase_ = Phase::cold;
  Image image_;
  std::shared_ptr<const core::FieldCipher> cipher_;
  std::deque<std::shared_ptr<Pending>> waiting_;
  std::deque<std::shared_ptr<InFlight>> in_flight_;
  /// A commit on the loaded state was answered. Before that, appends of an earlier actor or of a commit in doubt may
  /// still reach the store and take the version that the first decision counts on; a second one on top of it would then
  /// be accepted, though the state that it saw never came to be. So nothing is decided ahead until this is known.
  bool proven_ = false;
  /// A decision was refused while earlier ones are on their way: what follows would stand on a state that never comes
  /// to be, so nothing is decided until those are answered.
  std::optional<core::Error> stuck_by_;
  std::shared_ptr<store::Chain> chain_;  ///< of the decisions since it was loaded
  std::uint64_t epoch_ = 0;              ///< grows when decisions are discarded; older commits' answers are ignored
  std::optional<core::Error> parked_by_;

  // The turn that waits for facts, if any.
  std::shared_ptr<Pending> turn_;
  Prepared prepared_;
  std::map<core::EntityKey, core::Fact> facts_;
  std::size_t facts_missing_ = 0;
  std::uint64_t turn_number_ = 0;
};

caf::behavior entity_actor(caf::event_based_actor* self, std::shared_ptr<Slots> slots, std::shared_ptr<Slot> slot);

}  // namespace nova::host
