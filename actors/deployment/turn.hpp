// The inside of one decision: the state as it was, as it becomes event by event, and the parts of the rules. Private to
// this folder.
#pragma once
#include "actors/deployment/deployment.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nova::deployment {

// How long things may take before the deployment goes on without them.
inline constexpr std::chrono::minutes build_time_max{10};   ///< fetching sources, with the driver's own retries
inline constexpr std::chrono::minutes rollout_time_max{5};  ///< S34: health must pass within 5 minutes
inline constexpr std::chrono::seconds route_time_max{60};   ///< until the edge follows
inline constexpr std::chrono::seconds drain_time{10};       ///< what backends that left get to finish
inline constexpr std::chrono::seconds drain_slack{5};       ///< until their drain counts as done without a report
inline constexpr std::chrono::seconds end_slack{60};        ///< beyond `stop_timeout`, until an instance is forgotten

using Refused = std::optional<core::Error>;

/// One command being decided. Each event is applied at once, so that the next rule sees it.
class Turn {
 public:
  Turn(const State& state, const core::Context& decided_in) : now(state), context(decided_in) {}

  void emit(Event event) {
    now = evolve(std::move(now), event);
    events.push_back(std::move(event));
  }
  /// The n-th fresh number; a number is taken by the event that carries it.
  std::uint64_t fresh(std::uint64_t n = 1) const { return now.serial + n; }
  std::string fresh_id(std::string_view what, std::uint64_t n = 1) const;
  Deadline in(std::string_view what, std::chrono::milliseconds time, std::uint64_t n = 1) const;

  State now;
  const core::Context& context;
  std::vector<Event> events;
};

// ---- commands, one function each: a refusal, or events in the turn (none: already so)
// ---------------------------------
Refused on(Turn&, const Deploy&);  // revisions.cpp
Refused on(Turn&, const Rollback&);
Refused on(Turn&, const Cancel&);
Refused on(Turn&, const Start&);
Refused on(Turn&, const Scale&);  // scale.cpp
Refused on(Turn&, const Restart&);
Refused on(Turn&, const Stop&);  // stop.cpp
Refused on(Turn&, const Delete&);
Refused on(Turn&, const Resolve&);          // heal.cpp
Refused on(Turn&, const ObserveInstance&);  // reports.cpp
Refused on(Turn&, const core::Report&);
Refused on(Turn&, const core::Settle&);
Refused on(Turn&, const core::Fire&);

/// Goes on as far as the state allows: every rule looks at the state alone, so the order of reports does not matter.
void advance(Turn&);  // rollout.cpp

// ---- rules; each emits nothing when there is nothing to do
// ------------------------------------------------------------
void fail(Turn&, std::string code, std::string reason);  // rollout.cpp
void roll_out(Turn&);
/// While nothing serves, there is no traffic to protect: each service of the candidate gets its route as soon as it is
/// ready, so that who needs it finds it at its stable port.
bool opens_early(const State& s);
/// True when the edge leads to this revision of the service, or the service has no stable port.
bool is_routed(const State& s, const Revision& revision, const std::string& service);
void steer_routes(Turn&);  // routes.cpp
// Room at the tenant for what is deployed by hand (revisions.cpp).
/// The tenant must be asked before this deployment runs.
bool needs_slot(const Turn&);
/// It was asked, and has not answered.
bool awaits_slot(const State&);
void ask_for_slot(Turn&);
void slot_answered(Turn&, const core::Settle&);
/// Gives back what is needed no longer.
void return_slot(Turn&);
void drop_surplus(Turn&);  // stop.cpp
void finish_stop(Turn&);
void restart_next(Turn&);                                                                            // scale.cpp
void watch_health(Turn&);                                                                            // heal.cpp
Refused roll_back(Turn&, std::uint64_t revision, const std::string& by, const std::string& reason);  // revisions.cpp
void cancel(Turn&, const std::string& by, const std::string& reason);

// ---- reading a state (model.cpp)
// ----------------------------------------------------------------------------------------
const Revision* find(const State&, std::uint64_t number);
Revision* find(State&, std::uint64_t number);
/// The instances of a service that a revision shall have.
std::uint32_t scale_of(const State&, const Revision&, const std::string& service);
/// True when this instance shall run by what the state says.
bool belongs(const State&, const Instance&);
/// Ready, or finished by itself without failing.
bool is_well(const Instance&);
bool is_down(const Instance&);
/// True when traffic may still reach it: its route leads to it, or the edge has not drained what left it out.
bool is_reached(const State&, const std::string& id, const Instance&);
/// True when all of a service's instances in that revision are well.
bool is_ready(const State&, const Revision&, const std::string& self, const std::string& service);
std::string instance_id(const std::string& self, const std::string& service, std::uint64_t revision,
                        std::uint32_t index);
/// Takes note of the number at the end of an id.
void used(State&, std::string_view id);
core::Error not_now(const State&);

/// Everything that the world shall do differently after a decision.
core::Asks asks_between(const State& before, const State& after, const core::Context&);  // asks.cpp

}  // namespace nova::deployment
