// Deployment: one platform in one environment. Its revisions are numbered; a new one starts beside the one that serves,
// takes over only when all of it is ready, and when it fails the old one has never stopped serving.
//
// Everything that the outside shall do is read off the state (asks.cpp), and every wait has a timer in it, so a crash
// between any two steps loses nothing. README.md draws the states.
#pragma once
#include "core/kind.hpp"
#include "core/service/service.hpp"
#include "core/work.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace nova::deployment {

using Services = std::map<std::string, service::Service>;

// ---- bounds: a state must fit a document of 64 KiB ------------------------------------------------------------------
inline constexpr std::size_t revisions_max = 10;  ///< kept for rollback; fewer when they are big
/// Services of one revision as JSON: what a blueprint may hold, with references to its secrets.
inline constexpr std::size_t content_bytes_max = 17 * 1024;
inline constexpr std::size_t contents_bytes_max = 36 * 1024;   ///< of all revisions kept
inline constexpr std::size_t instances_bytes_max = 18 * 1024;  ///< all entries of instances together
inline constexpr std::size_t instance_bytes = 180;             ///< one entry beside its id
inline constexpr std::size_t message_bytes_max = 120;          ///< what an instance last said about itself
inline constexpr std::size_t reason_bytes_max = 300;

// ---- words
// -----------------------------------------------------------------------------------------------------------
enum class Status : std::uint8_t {
  pending,
  building,
  deploying,
  verifying,
  running,
  failed,
  stopping,
  stopped,
  deleting,
  deleted
};
enum class RevisionState : std::uint8_t {
  pending,
  building,
  deploying,
  verifying,
  running,
  failed,
  rolled_back,
  superseded,
  stopped,
  cancelled
};
enum class Health : std::uint8_t { unknown, healthy, degraded };
enum class Phase : std::uint8_t { starting, ready, unready, backoff, quarantined, failed, stopped };
enum class StepName : std::uint8_t { built, launched, verified };
enum class RouteStep : std::uint8_t { asked, applied, drained, failed, overdue, dropped, gone };
enum class Answer : std::uint8_t { retry, rollback, stop };
/// What a work is for. The last four take room at the tenant and give it back, before and after that was confirmed.
enum class Job : std::uint8_t { fetch, purge, escalate, withdraw, tell, reserve, confirm, release, give_back };
enum class Wait : std::uint8_t { rollout, route, drain, stop, restart, forget };  ///< what a timer ends

const std::vector<std::string_view>& names_of(const Status*);
const std::vector<std::string_view>& names_of(const RevisionState*);
const std::vector<std::string_view>& names_of(const Health*);
const std::vector<std::string_view>& names_of(const Phase*);
const std::vector<std::string_view>& names_of(const StepName*);
const std::vector<std::string_view>& names_of(const RouteStep*);
const std::vector<std::string_view>& names_of(const Answer*);
const std::vector<std::string_view>& names_of(const Job*);
const std::vector<std::string_view>& names_of(const Wait*);

// ---- commands
// --------------------------------------------------------------------------------------------------------
struct Deploy {
  core::Name platform;
  core::Name environment;
  std::uint64_t blueprint_version = 0;
  Services services;
};
struct Rollback {
  std::uint64_t revision = 0;  ///< 0: the newest earlier one that ran
  core::Prose reason;
};
struct Cancel {
  core::Prose reason;
};
struct Scale {
  core::Name service;
  core::Bounded<0, 32> count{1};
};
struct Restart {
  core::Text<0, 63> service;
};  ///< empty: all
struct Stop {
  core::Prose reason;
};
struct Start {};
struct Delete {
  bool purge = false;  ///< the services' data too
  core::Prose reason;
};
struct Resolve {  ///< a person answered an escalation of ours
  std::string escalation;
  Answer decision = Answer::retry;
  core::Prose reason;
  std::string by;
};
struct ObserveInstance {  ///< sent by the instance entity as `instance_changed`
  std::string instance;
  std::string service;
  std::uint64_t revision = 0;
  std::uint32_t index = 0;
  Phase phase = Phase::starting;
  std::uint32_t port = 0;
  std::uint32_t restarts = 0;
  std::uint64_t attempt = 0;  ///< of the keep it was observed under; 0: not known
  std::string code;
  std::string message;
};
using Command = std::variant<Deploy, Rollback, Cancel, Scale, Restart, Stop, Start, Delete, Resolve, ObserveInstance,
                             core::Report, core::Settle, core::Fire>;

// ---- events: stored for ever
// -----------------------------------------------------------------------------------------
/// A timer that an event sets. Its id is never used again, so whatever fires under it is meant.
struct Deadline {
  std::string timer;
  core::Timestamp at;
};

struct Requested {
  std::uint64_t revision = 0;
  std::string platform;
  std::string environment;
  std::uint64_t blueprint_version = 0;
  Services services;
  std::uint64_t bytes = 0;   ///< of the services as JSON
  std::uint64_t equals = 0;  ///< the revision that this one repeats
  std::string by;
  std::string reason;
  core::Timestamp at;
  bool housed = false;  ///< its platform has room for it at the tenant
};
struct Started {
  std::uint64_t revision = 0;
  std::string work;  ///< fetches the sources
  Deadline deadline;
};
struct StartedAgain {  ///< a stopped or failed revision runs again as it was
  std::uint64_t revision = 0;
  std::string work;
  Deadline deadline;
  std::string by;
};
struct Launch {
  std::string instance;
  std::string service;
  std::uint32_t index = 0;
};
struct Step {
  std::uint64_t revision = 0;
  StepName step = StepName::built;
  std::vector<Launch> instances;     ///< launched: what starts now
  std::uint64_t attempt = 0;         ///< launched: of all of them
  std::optional<Deadline> deadline;  ///< built: by when all must have taken over
};
struct Completed {
  std::uint64_t revision = 0;
};
struct Failed {
  std::uint64_t revision = 0;
  std::string code;
  std::string reason;
};
struct RolledBack {  ///< the revision in place went on serving
  std::uint64_t revision = 0;
  std::uint64_t to = 0;
};
struct Cancelled {
  std::uint64_t revision = 0;
  std::string by;
  std::string reason;
};
struct Scaled {
  std::string service;
  std::uint32_t count = 0;
};
struct Restarted {
  std::string service;
  std::vector<std::string> instances;  ///< one after the other
};
struct InstanceDraining {  ///< its turn to be restarted has come: first it leaves its route
  std::string instance;
};
struct InstanceRestarted {
  std::string instance;
  std::uint64_t attempt = 0;
  Deadline deadline;
  bool withheld = false;  ///< its route leads to it again only when it is ready
};
struct RestartStalled {  ///< the rest is not restarted
  std::string instance;
  std::string code;
  std::string message;
};
struct Stopping {
  std::string by;
  std::string reason;
  Deadline deadline;
};
struct Stopped {
  std::string reason;
};
struct Deleting {
  bool purge = false;
  std::string by;
  std::string reason;
  Deadline deadline;
};
struct Purging {
  std::string work;
};
struct PurgeFailed {
  std::string code;
  std::string message;
};
struct Deleted {
  bool purged = false;
  std::string work;  ///< tells the platform
};
struct HealthChanged {
  Health health = Health::unknown;
  std::string reason;
};
struct InstanceChanged {
  std::string instance;
  Phase phase = Phase::starting;
  std::uint32_t port = 0;
  std::uint32_t restarts = 0;
  std::string code;
  std::string message;
};
struct InstancesDropped {  ///< no longer wanted; `forgotten`: they did not report their end either
  std::vector<std::string> instances;
  bool forgotten = false;
  Deadline deadline;
};
struct RouteChanged {
  std::string service;
  RouteStep step = RouteStep::asked;
  std::uint64_t generation = 0;
  std::uint64_t revision = 0;              ///< asked
  std::uint32_t port = 0;                  ///< asked
  std::vector<service::Backend> backends;  ///< asked
  bool hold = false;                       ///< asked
  std::optional<Deadline> deadline;        ///< asked: of `applied`; applied, dropped: of draining
  std::string code;
  std::string message;
};
struct ServiceQuarantined {
  std::string service;
  std::uint64_t revision = 0;
  std::string code;
  std::string message;
};
struct Escalated {
  std::string service;
  std::string escalation;
  std::string work;
};
struct Resolved {
  std::string escalation;
  std::string service;
  Answer decision = Answer::retry;
  std::string by;
  std::string reason;
};
struct Recovered {  ///< an escalation lost its reason and is withdrawn
  std::string service;
  std::string escalation;
  std::string work;
};
struct WorkSettled {
  std::string work;
  core::Outcome outcome = core::Outcome::done;
  std::string code;
  std::string message;
};
// Room at the tenant (S19) for what was deployed by hand: its platform took none for it.
struct SlotAsked {
  std::string slot;  ///< the reservation
  std::string work;
};
struct SlotTaken {
  std::string slot;
  std::string work;  ///< confirms it
};
struct SlotRefused {
  std::string slot;
  std::string code;
  std::string work;  ///< gives back what may have been taken all the same; empty: nothing was
};
struct SlotReturned {  ///< the deployment is gone, or its platform has room for it
  std::string slot;
  bool confirmed = false;
  std::string work;
};
using Event =
    std::variant<Requested, Started, StartedAgain, Step, Completed, Failed, RolledBack, Cancelled, Scaled, Restarted,
                 InstanceRestarted, RestartStalled, Stopping, Stopped, Deleting, Purging, PurgeFailed, Deleted,
                 HealthChanged, InstanceChanged, InstancesDropped, RouteChanged, ServiceQuarantined, Escalated,
                 Resolved, Recovered, WorkSettled, InstanceDraining, SlotAsked, SlotTaken, SlotRefused, SlotReturned>;

// ---- state
// -----------------------------------------------------------------------------------------------------------
struct Revision {
  std::uint64_t number = 0;
  RevisionState state = RevisionState::pending;
  Services services;  ///< as deployed; `scale` may have changed since, see State::scales
  std::uint64_t bytes = 0;
  std::uint64_t blueprint_version = 0;
  std::uint64_t equals = 0;
  bool ran = false;  ///< it has served once
  std::string by;
  std::string reason;
  core::Timestamp at;
};

struct Instance {
  std::string service;
  std::uint64_t revision = 0;
  std::uint32_t index = 0;
  Phase phase = Phase::starting;
  std::uint32_t port = 0;
  std::uint32_t restarts = 0;
  std::uint64_t attempt = 0;
  bool wanted = true;      ///< kept; false: dropped, and its end not yet reported
  bool admitted = false;   ///< was ready, so that traffic may go there; not yet again in a life that began `withheld`
  std::uint64_t left = 0;  ///< generation of the route that no longer leads here; 0: none
  std::string code;
  std::string message;
  std::string timer;  ///< of a dropped one: when it is forgotten
};

struct Route {
  std::uint64_t revision = 0;
  std::uint32_t port = 0;
  std::vector<service::Backend> backends;
  bool hold = false;             ///< without backends: requests wait, for one is on its way back
  std::uint64_t generation = 0;  ///< as asked
  std::uint64_t applied = 0;     ///< the newest generation that the edge follows
  std::uint64_t drained = 0;     ///< the newest one whose former backends have finished
  bool kept = true;              ///< false: dropped, and not yet gone
  bool overdue = false;          ///< not applied in time
  std::string failed;            ///< why the edge could not follow this generation
  std::string route_timer;
  std::string drain_timer;
};

struct Work {
  Job job = Job::fetch;
  std::string about;           ///< escalate, withdraw: the escalation; of room at the tenant: the reservation
  std::string service;         ///< escalate: the service
  std::uint64_t revision = 0;  ///< fetch: the revision
};
struct Timer {
  Wait wait = Wait::rollout;
  std::string about;  ///< the service or instance
  core::Timestamp at;
};

struct State {
  std::string platform;
  std::string environment;
  Status status = Status::pending;
  std::string reason;  ///< why it is in that status; may be empty
  Health health = Health::unknown;
  std::string health_reason;
  std::uint64_t current = 0;    ///< the revision that serves, or served last
  std::uint64_t candidate = 0;  ///< the one that is being rolled out; 0: none
  bool serving = false;         ///< the current revision's instances shall run
  std::uint64_t last_revision = 0;
  std::uint64_t serial = 0;         ///< the last number used in ids of works and timers, in attempts and generations
  bool purge = false;               ///< deleting: the data too
  bool purged = false;              ///< deleted: the data too
  std::vector<Revision> revisions;  ///< oldest first
  std::map<std::string, std::uint32_t> scales;  ///< of the current revision, where it differs from what was deployed
  std::map<std::string, Instance> instances;
  std::map<std::string, Route> routes;             ///< by service
  std::map<std::string, std::string> escalations;  ///< service -> the open one
  std::vector<std::string> restart_queue;          ///< instances that are yet to be restarted, the draining one too
  std::string draining;                            ///< the instance that leaves its route before it is restarted
  std::string restarting;                          ///< the instance that is being restarted
  std::string restart_timer;
  std::string rollout_timer;
  std::string stop_timer;
  std::string fetch;                    ///< the candidate's outstanding work
  std::map<std::string, Work> works;    ///< all that are outstanding
  std::map<std::string, Timer> timers;  ///< all that are set
  std::string slot;         ///< its own reservation at the tenant; empty: its platform's, or from before there were any
  bool slot_taken = false;  ///< the tenant had room
  bool housed = false;      ///< its platform has room for it
  bool homeless = false;    ///< the tenant had no room for what was deployed by hand
};

const core::Record& describe(const Deploy*);
const core::Record& describe(const Rollback*);
const core::Record& describe(const Cancel*);
const core::Record& describe(const Scale*);
const core::Record& describe(const Restart*);
const core::Record& describe(const Stop*);
const core::Record& describe(const Start*);
const core::Record& describe(const Delete*);
const core::Record& describe(const Resolve*);
const core::Record& describe(const ObserveInstance*);
const core::Record& describe(const Revision*);
const core::Record& describe(const Instance*);
const core::Record& describe(const Route*);
const core::Record& describe(const Work*);
const core::Record& describe(const Timer*);
const core::Record& describe(const State*);
const core::Record& describe(const Deadline*);
const core::Record& describe(const Requested*);
const core::Record& describe(const Started*);
const core::Record& describe(const StartedAgain*);
const core::Record& describe(const Launch*);
const core::Record& describe(const Step*);
const core::Record& describe(const Completed*);
const core::Record& describe(const Failed*);
const core::Record& describe(const RolledBack*);
const core::Record& describe(const Cancelled*);
const core::Record& describe(const Scaled*);
const core::Record& describe(const Restarted*);
const core::Record& describe(const InstanceDraining*);
const core::Record& describe(const InstanceRestarted*);
const core::Record& describe(const RestartStalled*);
const core::Record& describe(const Stopping*);
const core::Record& describe(const Stopped*);
const core::Record& describe(const Deleting*);
const core::Record& describe(const Purging*);
const core::Record& describe(const PurgeFailed*);
const core::Record& describe(const Deleted*);
const core::Record& describe(const HealthChanged*);
const core::Record& describe(const InstanceChanged*);
const core::Record& describe(const InstancesDropped*);
const core::Record& describe(const RouteChanged*);
const core::Record& describe(const ServiceQuarantined*);
const core::Record& describe(const Escalated*);
const core::Record& describe(const Resolved*);
const core::Record& describe(const Recovered*);
const core::Record& describe(const WorkSettled*);
const core::Record& describe(const SlotAsked*);
const core::Record& describe(const SlotTaken*);
const core::Record& describe(const SlotRefused*);
const core::Record& describe(const SlotReturned*);

core::Decision<Event> decide(const State&, const Command&, const core::Context&);
State evolve(State, const Event&);
core::Summary summarise(const State&);
const core::Kind& kind();

}  // namespace nova::deployment
