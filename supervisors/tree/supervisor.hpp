// Supervisors as CAF actors: they carry out the rules of supervisors/rule. Only rooms that own CAF include this header.
//
//   parent ──exit(user_shutdown)──> supervisor: stops its children in reverse, then ends
//   child ──down──> supervisor ──tick (through its own mailbox)──> factory: started again
//   too many restarts: the supervisor stops its children and ends itself; its parent sees that as a child's end
//
// A supervisor that is killed outright kills its children: nothing below it lives on unwatched.
#pragma once
#include "supervisors/rule/dynamic.hpp"
#include "supervisors/rule/rule.hpp"
#include "supervisors/tree/snapshot.hpp"

#include <caf/actor.hpp>
#include <caf/actor_system.hpp>
#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/event_based_actor.hpp>

#include <functional>
#include <string>
#include <vector>

namespace nova::supervision {

// ---- the protocol; callers use the functions below
// -------------------------------------------------------------------

struct Tick {};     ///< to itself: something of the rule has become due
struct AwaitUp {};  ///< answered (with nothing) once all wanted children run
struct AskSnapshot {
  milliseconds deadline;
};                  ///< answered with a TreeNode
struct AskNote {};  ///< to a child with `gives_notes`: answered with a Note
struct Note {
  std::uint64_t mailbox = 0;
};  ///< what a child says about itself
struct StartChild {
  std::string id;
};  ///< dynamic only; answered with the actor
struct StopChild {
  std::string id;
};
struct RestartChild {
  std::string id;
};  ///< lifts a quarantine

// ---- what is supervised
// ----------------------------------------------------------------------------------------------

/// Makes the child's actor. It runs in the supervisor's actor and must return at once; an error or an exception is a
/// failed start. The supervisor watches what comes back; the factory keeps no handle to it.
using Factory = std::function<core::Result<caf::actor>(caf::event_based_actor* supervisor)>;
using DynamicFactory =
    std::function<core::Result<caf::actor>(caf::event_based_actor* supervisor, const std::string& id)>;

struct ChildPlan {
  ChildSpec spec;
  Factory start;
  NodeKind kind = NodeKind::worker;
  bool says_when_up = false;           ///< answers AwaitUp; the next child starts only then. Supervisors always do.
  bool gives_notes = false;            ///< answers AskNote (see `note_handler`)
  milliseconds start_timeout{30'000};  ///< for AwaitUp; one that is late is killed and counts as a failed start
};

/// What somebody hears who watches: quarantines, restarts, ends. Called in the supervisor's actor; must not block.
struct Notice {
  Action::What what = Action::What::start;
  std::string supervisor;
  std::string child;
  std::string reason;
  bool is_restart = false;
};
using Watcher = std::function<void(const Notice&)>;

struct SupervisorPlan {
  std::string name;
  Strategy strategy = Strategy::one_for_one;
  RestartPolicy restart;
  Excess on_excess = Excess::escalate;
  AutoShutdown auto_shutdown = AutoShutdown::never;
  std::vector<ChildPlan> children;
  Watcher watcher;
  std::uint32_t jitter_seed = 0;  ///< 0: from the kernel; simulations give one
};

struct DynamicPlan {
  std::string name;
  DynamicSpec spec;
  DynamicFactory start;
  bool gives_notes = false;
  Watcher watcher;
  std::uint32_t jitter_seed = 0;
};

/// A child that is itself a supervisor, with the time limit that such children need.
ChildPlan supervisor_child(SupervisorPlan plan, Lifetime lifetime = Lifetime::permanent);
ChildPlan supervisor_child(DynamicPlan plan, Lifetime lifetime = Lifetime::permanent);

/// Checks the plan, then spawns the root of a tree. It begins at once.
core::Result<caf::actor> spawn_supervisor(caf::actor_system& system, SupervisorPlan plan);
core::Result<caf::actor> spawn_supervisor(caf::actor_system& system, DynamicPlan plan);

// ---- asking
// ----------------------------------------------------------------------------------------------------------

/// For callers that are no actors, any thread. `done` hears ok when all wanted children run, else why not.
void await_up(caf::actor_system& system, const caf::actor& supervisor, milliseconds limit,
              std::function<void(core::Status)> done);
/// Stops the tree in order; `done` is called when its root has ended, or when `limit` has passed
/// (`supervision.timeout`).
void stop_tree(caf::actor_system& system, const caf::actor& root, milliseconds limit,
               std::function<void(core::Status)> done);
/// Binds the root into a light function for rooms that know no actors. It must not outlive the actor system.
SnapshotSource snapshot_source(caf::actor_system& system, caf::actor root);

// ---- for children
// ----------------------------------------------------------------------------------------------------

/// Ends with the text of an exception as reason, so that `last_error` can show it. Call it first in a child's body.
void keep_exception_text(caf::scheduled_actor* self);
/// To be put among the child's own handlers when its plan says `gives_notes`.
inline auto note_handler(caf::event_based_actor* self) {
  return [self](AskNote) { return Note{self->mailbox().size()}; };
}

/// How supervision reads an actor's end: none and `none` normal, `user_shutdown` shutdown, `kill` killed, all else
/// error.
Exit exit_of(const caf::error& reason);

}  // namespace nova::supervision

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(nova::supervision::Tick)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(nova::supervision::AwaitUp)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(nova::supervision::AskSnapshot)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(nova::supervision::AskNote)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(nova::supervision::Note)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(nova::supervision::StartChild)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(nova::supervision::StopChild)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(nova::supervision::RestartChild)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(nova::supervision::TreeNode)
