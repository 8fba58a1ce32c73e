// The restart rule: (child table, what died, why, now) -> (start, stop, wait, give up). A value without I/O, clock or
// chance; an adapter carries the actions out and tells the rule what became of them.
//
//   begin ──> start a ──started──> start b ──started──> ...            ordered start; the first failure undoes it
//   died ───> [stop those behind it, in reverse, one at a time] ──> wait ──> start in order
//   stop ───> stop the last ──died or killed──> stop the one before ──> ... ──> end
//
// Restarts are never among the actions of `died`: they become due at `next_wake` and come out of `wake`. So an adapter
// sends itself a message for each, and a stop that is already in its mailbox is heard first (as in OTP's
// supervisor.erl).
#pragma once
#include "supervisors/rule/words.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nova::supervision {

struct Child {
  ChildSpec spec;
  Phase phase = Phase::down;
  std::uint32_t restarts = 0;  ///< automatic ones, since the supervisor began
  std::optional<Exit> last_exit;
  std::string last_error;  ///< of the last end that was an error, or of the last failed start
  Instant since{};         ///< when the phase began
  Instant due{};           ///< waiting: when it starts; stopping and killing: the deadline

  // The plan.
  bool wanted = true;      ///< shall run when the plan is done
  bool must_stop = false;  ///< runs, and has to be stopped first
  bool ever_up = false;
  Backoff backoff;
  Intensity intensity;  ///< of this child alone; used with Excess::quarantine
};

class Rule {
 public:
  static core::Result<Rule> make(SupervisorSpec spec);

  // What happened. Each answers what to do next. Words about unknown children, and late copies, change nothing.
  Actions begin(Moment at);
  Actions started(std::string_view id, Moment at);
  Actions start_failed(std::string_view id, std::string why, Moment at);
  Actions died(std::string_view id, Exit exit, std::string why, Moment at);
  Actions wake(Moment at);  ///< `next_wake` has come; harmless at any other time
  Actions stop(Moment at);

  // What people ask for, as OTP's start_child, terminate_child, restart_child and delete_child.
  core::Result<Actions> add(ChildSpec child, Moment at);  ///< at the end of the table
  core::Result<Actions> stop_child(std::string_view id, Moment at);
  core::Result<Actions> restart_child(std::string_view id, Moment at);  ///< running or not; lifts a quarantine
  core::Status remove(std::string_view id);                             ///< only a child that is down

  /// When `wake` has something to do; none while everything waits for an answer.
  std::optional<Instant> next_wake() const;
  const std::vector<Child>& children() const { return children_; }
  const Child* find(std::string_view id) const;
  const SupervisorSpec& spec() const { return spec_; }
  std::uint32_t restarts() const { return restarts_; }
  bool is_ending() const { return mode_ == Mode::ending || mode_ == Mode::ended; }
  /// True once every wanted child is up, until something ends.
  bool is_up() const;

 private:
  enum class Mode : std::uint8_t { fresh, beginning, steady, ending, ended };

  explicit Rule(SupervisorSpec spec);
  Child make_child(ChildSpec spec) const;
  Child* find_mutable(std::string_view id);
  std::size_t index_of(const Child& child) const { return std::size_t(&child - children_.data()); }
  void enter(Child& child, Phase phase, Moment at, Instant due = {});
  void fail(Child& child, Moment at, Actions& out);
  void fail_alone(Child& child, Moment at, Actions& out);
  void plan_group(std::size_t first, Instant due, Moment at);
  void settle_asked(Child& child, Moment at, Actions& out);
  void settle_done(Child& child, Exit exit, Moment at, Actions& out);
  void begin_end(Outcome outcome, std::string reason, Moment at);
  void pass_deadlines(Moment at, Actions& out);
  void stop_next(Moment at, Actions& out);
  void start_due(Moment at, Actions& out);
  void drop_row(Child& child, std::string reason, Actions& out);
  Actions step(Moment at, bool with_starts, Actions out = {});
  bool starts_in_order() const { return mode_ == Mode::beginning || spec_.strategy != Strategy::one_for_one; }
  std::vector<std::size_t> startable() const;

  SupervisorSpec spec_;
  std::vector<Child> children_;
  Mode mode_ = Mode::fresh;
  Intensity intensity_;
  Backoff group_backoff_;
  Instant group_due_{};  ///< when the last planned group may start again
  std::uint32_t restarts_ = 0;
  Outcome outcome_ = Outcome::stopped;
  std::string reason_;
};

}  // namespace nova::supervision
