// One entity: loads itself on first use, takes commands one turn at a time, decides ahead of commits, answers after
// them. Its turns are taken by its actor, or by a thread that was lent and found nothing else under way.
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

#include <caf/actor.hpp>

#include <atomic>
#include <deque>
#include <map>
#include <mutex>

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
  /// Between these two it is on its way to the actor, and no later command may overtake it.
  void leave_for_actor();
  void arrive();

  core::CommandEnvelope command;
  Host::Done done;
  std::shared_ptr<Slots> slots;
  std::shared_ptr<Slot> slot;
  std::optional<gate::Release> release;  ///< people agreed to it
  std::uint32_t tries = 0;               ///< decided again after a conflict
  bool on_its_way = false;
};

/// What the gate said of a command that it does not allow as it came, and the attributes that its rules read.
struct Objection {
  core::DecisionRecord decision;
  std::string read;
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
  std::optional<core::Error> refusal;  ///< what the caller is told instead, when the change records a refusal
  core::Asks asks;
  std::string cause, correlation;
  store::Appended appended;  ///< once made
  std::atomic<Stage> stage{Stage::under_way};
  std::optional<store::Document> authority;  ///< of a kind whose documents the authority state is made of
  /// Who is answered when this commit is: repeats with the same idempotency key get its answer, commands that found
  /// nothing to do on the state that it makes have their own.
  struct Follower {
    std::shared_ptr<Pending> pending;
    std::optional<Answer> own;
  };
  std::vector<Follower> followers;
  bool refused = false;  ///< by the store, before those ahead of it were answered

  core::Result<Answer> outcome() const {
    if (refusal) return *refusal;
    return answer;
  }
};

class Entity : public std::enable_shared_from_this<Entity> {
 public:
  Entity(std::shared_ptr<Slots> slots, std::shared_ptr<Slot> slot);
  /// Any thread: to its actor, which is made with the first mail. One that was let go takes none.
  void tell(MailPtr mail);
  /// Any thread: takes the command's turn on this one, or leaves it alone and answers false when it must not: something
  /// is under way here, commands that came before are still on their way, or the state is not known. The store is never
  /// waited for: what would have to is left to the actor.
  bool take_here(std::shared_ptr<Pending>& pending);
  /// Its slot let it go. Its actor ends when it has read what it was told before.
  void let_go() { part(); }
  /// The host ends.
  void end();

  // The actor's thread.
  /// While another one is at work here the mail is left for later.
  void on(const MailPtr& mail);
  /// An exception ended the turn: told and counted, and the next command finds a fresh entity.
  void fail(const std::string& what);

 private:
  caf::actor part();
  bool enter();                              ///< false: something is under way, here or on its way here
  bool enter_or_leave(const MailPtr& mail);  ///< false: another thread is at work, and the mail was left
  void handle(const MailPtr& mail);
  void work_off();  ///< what came meanwhile; then this thread is done here
  void leave();     ///< a lent thread: the actor works off what came meanwhile
  bool knows_its_state() const;
  /// True on a lent thread: the actor takes the turn from its beginning.
  bool put_off(std::shared_ptr<Pending>& pending);

  // Each is one kind of mail.
  void receive(std::shared_ptr<Pending> pending);
  void receive(Loaded& loaded);
  void receive(FactLoaded& loaded);
  void receive(Committed& committed);
  void receive(GoOn&) { advance(); }

  void load(bool presume);
  void answer_unless_presumed(std::shared_ptr<Pending> pending, core::Result<Answer> answer);
  void look_and_decide_again(std::shared_ptr<Pending> pending);
  void advance();                                                  ///< takes turns while it can
  bool answer_from_past(const std::shared_ptr<Pending>& pending);  ///< idempotency: true when answered or joined
  std::optional<core::Error> missing_tenant() const;
  /// All of it outlives the call that it is for.
  TurnInput input_of(const Pending& pending, const Prepared& prepared, const std::string& tenant_status,
                     core::Timestamp now, Objection& objection) const;
  template <class Outcome>
  void note_denied(const Pending& pending, const Objection& denied, const Outcome& outcome) const;
  void begin_turn(std::shared_ptr<Pending> pending);
  void finish_turn(core::Timestamp now);
  void hold(std::shared_ptr<Pending> pending, gate::Held held, std::string read);
  void append(std::shared_ptr<Pending> pending, Decided&& decided);
  static bool await(InFlight& flight);  ///< false: it is made already
  void take_off_made();
  void note_made(const store::Appended& outcome);
  void refused_early(InFlight& flight, const core::Error& error);
  void commit_failed(core::Error error);
  void decide_again(std::deque<std::shared_ptr<InFlight>> undecided);
  void park(core::Error error);

  // One thread at a time is busy here: the actor's, or one that was lent. All below the door's own is of that thread.
  std::mutex door_;
  bool busy_ = false;
  bool gone_ = false;
  std::deque<MailPtr> left_;  ///< mail that came while busy, in order
  caf::actor actor_;          ///< none before there was mail

  bool lent_ = false;     ///< the thread that is busy here was lent
  bool put_off_ = false;  ///< and left its turn to the actor
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
  bool presumed_ = false;  ///< that there is nothing of it in the store
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

}  // namespace nova::host
