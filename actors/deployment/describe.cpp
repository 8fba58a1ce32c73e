// Names, limits and meaning of the words; the kind's entry in the table. Events are described in describe_events.cpp.
#include "actors/deployment/deployment.hpp"

#include "core/authority/access.hpp"

#include <iterator>

namespace nova::deployment {

using core::field;
using core::optional_field;
using core::record;
using Names = std::vector<std::string_view>;

const Names& names_of(const Status*) {
  static const Names names = {"pending", "building", "deploying", "verifying", "running",
                              "failed",  "stopping", "stopped",   "deleting",  "deleted"};
  return names;
}
const Names& names_of(const RevisionState*) {
  static const Names names = {"pending", "building",    "deploying",  "verifying", "running",
                              "failed",  "rolled_back", "superseded", "stopped",   "cancelled"};
  return names;
}
const Names& names_of(const Health*) {
  static const Names names = {"unknown", "healthy", "degraded"};
  return names;
}
const Names& names_of(const Phase*) {
  static const Names names = {"starting", "ready", "unready", "backoff", "quarantined", "failed", "stopped"};
  return names;
}
const Names& names_of(const StepName*) {
  static const Names names = {"built", "launched", "verified"};
  return names;
}
const Names& names_of(const RouteStep*) {
  static const Names names = {"asked", "applied", "drained", "failed", "overdue", "dropped", "gone"};
  return names;
}
const Names& names_of(const Answer*) {
  static const Names names = {"retry", "rollback", "stop"};
  return names;
}
const Names& names_of(const Job*) {
  static const Names names = {"fetch",   "purge",   "escalate", "withdraw", "tell",
                              "reserve", "confirm", "release",  "give_back"};
  return names;
}
const Names& names_of(const Wait*) {
  static const Names names = {"rollout", "route", "drain", "stop", "restart", "forget"};
  return names;
}

const core::Record& describe(const Deploy*) {
  static const auto row = record<Deploy>(
      "deploy", "Roll out services as a new revision.",
      {field("platform", &Deploy::platform, "the platform"),
       field("environment", &Deploy::environment, "its environment, for example development"),
       optional_field("blueprint_version", &Deploy::blueprint_version, "version of the blueprint they come from"),
       field("services", &Deploy::services, "what runs, by name")});
  return row;
}
const core::Record& describe(const Rollback*) {
  static const auto row = record<Rollback>(
      "rollback", "Roll out a new revision equal to an earlier one.",
      {optional_field("revision", &Rollback::revision, "number of the revision; 0: the newest earlier one that ran"),
       optional_field("reason", &Rollback::reason, "why")});
  return row;
}
const core::Record& describe(const Cancel*) {
  static const auto row = record<Cancel>("cancel", "Give up the revision that is being rolled out.",
                                         {optional_field("reason", &Cancel::reason, "why")});
  return row;
}
const core::Record& describe(const Scale*) {
  static const auto row =
      record<Scale>("scale", "Run another number of instances of a service.",
                    {field("service", &Scale::service, "the service"), field("count", &Scale::count, "how many")});
  return row;
}
const core::Record& describe(const Restart*) {
  static const auto row =
      record<Restart>("restart", "Restart instances, one after the other; lifts a quarantine.",
                      {optional_field("service", &Restart::service, "the service; empty: all services")});
  return row;
}
const core::Record& describe(const Stop*) {
  static const auto row = record<Stop>("stop", "Stop all services; data and history stay.",
                                       {optional_field("reason", &Stop::reason, "why")});
  return row;
}
const core::Record& describe(const Start*) {
  static const auto row = record<Start>("start", "Run again what was stopped.", {});
  return row;
}
const core::Record& describe(const Delete*) {
  static const auto row = record<Delete>("delete", "Stop everything and give up its ports.",
                                         {optional_field("purge", &Delete::purge, "remove the services' data too"),
                                          optional_field("reason", &Delete::reason, "why")});
  return row;
}
const core::Record& describe(const Resolve*) {
  static const auto row = record<Resolve>(
      "resolve", "A person answered an escalation.",
      {field("escalation", &Resolve::escalation, "id of the escalation"),
       field("decision", &Resolve::decision, "what to do"), optional_field("reason", &Resolve::reason, "why"),
       optional_field("by", &Resolve::by, "who answered")});
  return row;
}
const core::Record& describe(const ObserveInstance*) {
  static const auto row = record<ObserveInstance>(
      "instance_changed", "An instance reached another phase.",
      {field("instance", &ObserveInstance::instance, "its id"),
       optional_field("service", &ObserveInstance::service, "its service"),
       optional_field("revision", &ObserveInstance::revision, "its revision"),
       optional_field("index", &ObserveInstance::index, "which one of the service's instances"),
       field("phase", &ObserveInstance::phase, "what it does now"),
       optional_field("port", &ObserveInstance::port, "its own port"),
       optional_field("restarts", &ObserveInstance::restarts, "since it was first kept"),
       optional_field("attempt", &ObserveInstance::attempt, "of the keep it was observed under; 0: not known"),
       optional_field("code", &ObserveInstance::code, "why, as a code"),
       optional_field("message", &ObserveInstance::message, "why, for people")});
  return row;
}

const core::Record& describe(const Revision*) {
  static const auto row = record<Revision>(
      "revision", "One version of the platform's services.",
      {field("number", &Revision::number, "from 1"), field("state", &Revision::state, "how far it came"),
       field("services", &Revision::services, "what runs, by name, as deployed"),
       field("bytes", &Revision::bytes, "of the services as JSON"),
       field("blueprint_version", &Revision::blueprint_version, "version of the blueprint they come from"),
       field("equals", &Revision::equals, "the revision it repeats; 0: none"),
       field("ran", &Revision::ran, "it has served"), field("by", &Revision::by, "who asked for it"),
       field("reason", &Revision::reason, "why it was asked for, or why it failed"),
       field("at", &Revision::at, "when it was asked for")});
  return row;
}
const core::Record& describe(const Instance*) {
  static const auto row = record<Instance>(
      "deployed_instance", "An instance as the deployment knows it.",
      {field("service", &Instance::service, "its service"), field("revision", &Instance::revision, "its revision"),
       field("index", &Instance::index, "which one of the service's instances"),
       field("phase", &Instance::phase, "what it does"), field("port", &Instance::port, "its own port"),
       field("restarts", &Instance::restarts, "since it was first kept"),
       field("attempt", &Instance::attempt, "number of its present life"),
       field("wanted", &Instance::wanted, "it shall run"),
       field("admitted", &Instance::admitted, "it was ready, so that traffic may go there"),
       field("left", &Instance::left, "generation of the route that left it out; 0: none"),
       field("code", &Instance::code, "why it is in that phase, as a code"),
       field("message", &Instance::message, "why, for people"),
       field("timer", &Instance::timer, "when it is forgotten")});
  return row;
}
const core::Record& describe(const Route*) {
  static const auto row = record<Route>(
      "deployed_route", "A stable port as the deployment wants it.",
      {field("revision", &Route::revision, "whose instances serve it"), field("port", &Route::port, "the stable port"),
       field("backends", &Route::backends, "the instances behind it"),
       field("hold", &Route::hold, "without any of them requests wait: one is on its way back"),
       field("generation", &Route::generation, "as asked of the edge"),
       field("applied", &Route::applied, "the newest that the edge follows"),
       field("drained", &Route::drained, "the newest whose former backends have finished"),
       field("kept", &Route::kept, "false: it is going"),
       field("overdue", &Route::overdue, "the edge did not follow in time"),
       field("failed", &Route::failed, "why the edge cannot follow"),
       field("route_timer", &Route::route_timer, "ends the wait for the edge"),
       field("drain_timer", &Route::drain_timer, "ends the wait for former backends")});
  return row;
}
const core::Record& describe(const Work*) {
  static const auto row = record<Work>(
      "outstanding_work", "Work whose outcome is awaited.",
      {field("job", &Work::job, "what it is for"), field("about", &Work::about, "the escalation, or the reservation"),
       field("service", &Work::service, "the service"), field("revision", &Work::revision, "the revision")});
  return row;
}
const core::Record& describe(const Timer*) {
  static const auto row =
      record<Timer>("set_timer", "A wait that ends by itself.",
                    {field("wait", &Timer::wait, "what it ends"),
                     field("about", &Timer::about, "the service or instance"), field("at", &Timer::at, "when")});
  return row;
}
const core::Record& describe(const State*) {
  static const auto row =
      record<State>("deployment", "One platform in one environment.",
                    {field("platform", &State::platform, "the platform"),
                     field("environment", &State::environment, "its environment"),
                     field("status", &State::status, "what it does"),
                     field("reason", &State::reason, "why"),
                     field("health", &State::health, "whether all of what serves is well"),
                     field("health_reason", &State::health_reason, "why not"),
                     field("current", &State::current, "the revision that serves, or served last; 0: none"),
                     field("candidate", &State::candidate, "the revision that is being rolled out; 0: none"),
                     field("serving", &State::serving, "the current revision shall run"),
                     field("last_revision", &State::last_revision, "number of the newest revision"),
                     field("serial", &State::serial, "last number used in ids"),
                     field("purge", &State::purge, "its data is to be removed"),
                     field("purged", &State::purged, "its data was removed"),
                     field("revisions", &State::revisions, "oldest first"),
                     field("scales", &State::scales, "numbers of instances that were changed since the deployment"),
                     field("instances", &State::instances, "by id"),
                     field("routes", &State::routes, "by service"),
                     field("escalations", &State::escalations, "open questions by service"),
                     field("restart_queue", &State::restart_queue, "instances that are restarted next"),
                     field("draining", &State::draining, "the first of them, while it leaves its route"),
                     field("restarting", &State::restarting, "the instance that is being restarted"),
                     field("restart_timer", &State::restart_timer, "ends the wait for it"),
                     field("rollout_timer", &State::rollout_timer, "ends the rollout"),
                     field("stop_timer", &State::stop_timer, "ends the stop"),
                     field("fetch", &State::fetch, "work that fetches sources"),
                     field("works", &State::works, "all that are outstanding"),
                     field("timers", &State::timers, "all that are set"),
                     optional_field("slot", &State::slot, "its own reservation at the tenant"),
                     optional_field("slot_taken", &State::slot_taken, "the tenant had room for it"),
                     optional_field("housed", &State::housed, "its platform has room for it"),
                     optional_field("homeless", &State::homeless, "the tenant had no room for it")});
  return row;
}

const core::Kind& kind() {
  using enum core::Door;
  static const core::Kind kind = core::kind_of<State, Command, Event>({
      .name = "deployment",
      .plural = "deployments",
      .doc = "One platform in one environment, with numbered revisions.",
      .short_names = {"deploy"},
      .commands =
          {{.name = "deploy",
            .doc = "Roll out services as a new revision.",
            .impact = 5,
            .creates = true,
            .access = core::access::deploying},
           {.name = "rollback",
            .doc = "Roll out a new revision equal to an earlier one.",
            .impact = 5,
            .access = core::access::deploying},
           {.name = "cancel",
            .doc = "Give up the revision that is being rolled out.",
            .impact = 4,
            .access = core::access::deploying},
           {.name = "scale",
            .doc = "Run another number of instances of a service.",
            .impact = 3,
            .access = core::access::deploying},
           {.name = "restart",
            .doc = "Restart instances, one after the other.",
            .impact = 3,
            .access = core::access::deploying},
           {.name = "stop",
            .doc = "Stop all services; data and history stay.",
            .impact = 6,
            .destructive = true,
            .access = core::access::deploying},
           {.name = "start", .doc = "Run again what was stopped.", .impact = 4, .access = core::access::deploying},
           {.name = "delete",
            .doc = "Stop everything and give up its ports.",
            .impact = 8,
            .destructive = true,
            .access = core::access::deleting},
           {.name = "resolve", .doc = "A person answered an escalation.", .door = internal},
           {.name = "instance_changed", .doc = "An instance reached another phase.", .door = internal},
           {.name = "report", .doc = "The edge reports on a route.", .door = internal},
           {.name = "settle", .doc = "A work has ended.", .door = internal},
           {.name = "fire", .doc = "A timer has run out.", .door = internal}},
      .events =
          {{.name = "deployment.requested", .doc = "A new revision was asked for."},
           {.name = "deployment.started", .doc = "Its sources are being fetched.", .observation = true},
           {.name = "deployment.started_again", .doc = "A revision that had stopped runs again."},
           {.name = "deployment.step", .doc = "A rollout came one step further.", .observation = true},
           {.name = "deployment.completed", .doc = "The revision serves.", .observation = true},
           {.name = "deployment.failed", .doc = "The revision did not come to serve.", .observation = true},
           {.name = "deployment.rolledback", .doc = "The revision in place serves on.", .observation = true},
           {.name = "deployment.cancelled", .doc = "The rollout was given up."},
           {.name = "deployment.scaled", .doc = "Another number of instances is wanted."},
           {.name = "deployment.restarted", .doc = "Instances are to be restarted in turn."},
           {.name = "deployment.instance_restarted", .doc = "An instance begins a new life.", .observation = true},
           {.name = "deployment.restart_stalled", .doc = "A restart was given up.", .observation = true},
           {.name = "deployment.stopping", .doc = "Everything is being stopped."},
           {.name = "deployment.stopped", .doc = "Nothing runs.", .observation = true},
           {.name = "deployment.deleting", .doc = "Everything is being stopped for good."},
           {.name = "deployment.purging", .doc = "Its data is being removed.", .observation = true},
           {.name = "deployment.purge_failed", .doc = "Its data was not removed.", .observation = true},
           {.name = "deployment.deleted", .doc = "It is gone.", .observation = true},
           {.name = "deployment.health_changed", .doc = "What serves is well, or not.", .observation = true},
           {.name = "deployment.instance_changed", .doc = "An instance reached another phase.", .observation = true},
           {.name = "deployment.instances_dropped", .doc = "Instances are no longer wanted.", .observation = true},
           {.name = "deployment.route_changed", .doc = "A stable port leads elsewhere, or shall.", .observation = true},
           {.name = "deployment.service_quarantined", .doc = "A service does not heal by itself.", .observation = true},
           {.name = "deployment.escalated", .doc = "A person is asked.", .observation = true},
           {.name = "deployment.resolved", .doc = "A person answered."},
           {.name = "deployment.recovered", .doc = "It healed; the question is withdrawn.", .observation = true},
           {.name = "deployment.work_settled", .doc = "A work has ended.", .observation = true},
           {.name = "deployment.instance_draining",
            .doc = "An instance leaves its route before it is restarted.",
            .observation = true},
           {.name = "deployment.slot_asked", .doc = "Its tenant is asked for room.", .observation = true},
           {.name = "deployment.slot_taken", .doc = "Its tenant had room.", .observation = true},
           {.name = "deployment.slot_refused", .doc = "Its tenant had no room.", .observation = true},
           {.name = "deployment.slot_returned", .doc = "It needs its room no longer.", .observation = true}},
  });
  return kind;
}

}  // namespace nova::deployment
