// The events as they are stored. Names are for ever: a field may be added with a default, never renamed.
#include "actors/deployment/deployment.hpp"

namespace nova::deployment {

using core::field;
using core::optional_field;
using core::record;

const core::Record& describe(const Deadline*) {
  static const auto row =
      record<Deadline>("deadline", "A timer with its time.",
                       {field("timer", &Deadline::timer, "id of the timer"), field("at", &Deadline::at, "when")});
  return row;
}
const core::Record& describe(const Requested*) {
  static const auto row = record<Requested>(
      "requested", "A new revision was asked for.",
      {field("revision", &Requested::revision, "number of the revision"),
       field("platform", &Requested::platform, "the platform"),
       field("environment", &Requested::environment, "its environment"),
       field("blueprint_version", &Requested::blueprint_version, "version of the blueprint"),
       field("services", &Requested::services, "what runs, by name"),
       field("bytes", &Requested::bytes, "of the services as JSON"),
       field("equals", &Requested::equals, "the revision it repeats; 0: none"), field("by", &Requested::by, "who"),
       field("reason", &Requested::reason, "why"), field("at", &Requested::at, "when"),
       optional_field("housed", &Requested::housed, "its platform has room for it at the tenant")});
  return row;
}
const core::Record& describe(const Started*) {
  static const auto row = record<Started>(
      "started", "Its sources are being fetched.",
      {field("revision", &Started::revision, "number of the revision"), field("work", &Started::work, "id of the work"),
       field("deadline", &Started::deadline, "when the wait for it ends")});
  return row;
}
const core::Record& describe(const StartedAgain*) {
  static const auto row = record<StartedAgain>(
      "started_again", "A revision that had stopped runs again.",
      {field("revision", &StartedAgain::revision, "number of the revision"),
       field("work", &StartedAgain::work, "id of the work"),
       field("deadline", &StartedAgain::deadline, "when the wait for it ends"), field("by", &StartedAgain::by, "who")});
  return row;
}
const core::Record& describe(const Launch*) {
  static const auto row = record<Launch>(
      "launch", "An instance that starts.",
      {field("instance", &Launch::instance, "id of the instance"), field("service", &Launch::service, "the service"),
       field("index", &Launch::index, "which one of the service's instances")});
  return row;
}
const core::Record& describe(const Step*) {
  static const auto row = record<Step>(
      "step", "A rollout came one step further.",
      {field("revision", &Step::revision, "number of the revision"), field("step", &Step::step, "what was reached"),
       field("instances", &Step::instances, "the instances"),
       field("attempt", &Step::attempt, "number of the life that begins"),
       field("deadline", &Step::deadline, "when the wait for it ends")});
  return row;
}
const core::Record& describe(const Completed*) {
  static const auto row = record<Completed>("completed", "The revision serves.",
                                            {field("revision", &Completed::revision, "number of the revision")});
  return row;
}
const core::Record& describe(const Failed*) {
  static const auto row =
      record<Failed>("failed", "The revision did not come to serve.",
                     {field("revision", &Failed::revision, "number of the revision"),
                      field("code", &Failed::code, "why, as a code"), field("reason", &Failed::reason, "why")});
  return row;
}
const core::Record& describe(const RolledBack*) {
  static const auto row = record<RolledBack>("rolledback", "The revision in place serves on.",
                                             {field("revision", &RolledBack::revision, "number of the revision"),
                                              field("to", &RolledBack::to, "the revision that serves")});
  return row;
}
const core::Record& describe(const Cancelled*) {
  static const auto row =
      record<Cancelled>("cancelled", "The rollout was given up.",
                        {field("revision", &Cancelled::revision, "number of the revision"),
                         field("by", &Cancelled::by, "who"), field("reason", &Cancelled::reason, "why")});
  return row;
}
const core::Record& describe(const Scaled*) {
  static const auto row = record<Scaled>(
      "scaled", "Another number of instances is wanted.",
      {field("service", &Scaled::service, "the service"), field("count", &Scaled::count, "how many instances")});
  return row;
}
const core::Record& describe(const Restarted*) {
  static const auto row = record<Restarted>("restarted", "Instances are to be restarted in turn.",
                                            {field("service", &Restarted::service, "the service"),
                                             field("instances", &Restarted::instances, "the instances")});
  return row;
}
const core::Record& describe(const InstanceDraining*) {
  static const auto row =
      record<InstanceDraining>("instance_draining", "An instance leaves its route before it is restarted.",
                               {field("instance", &InstanceDraining::instance, "id of the instance")});
  return row;
}
const core::Record& describe(const InstanceRestarted*) {
  static const auto row = record<InstanceRestarted>(
      "instance_restarted", "An instance begins a new life.",
      {field("instance", &InstanceRestarted::instance, "id of the instance"),
       field("attempt", &InstanceRestarted::attempt, "number of the life that begins"),
       field("deadline", &InstanceRestarted::deadline, "when the wait for it ends"),
       optional_field("withheld", &InstanceRestarted::withheld, "traffic goes there again only when it is ready")});
  return row;
}
const core::Record& describe(const RestartStalled*) {
  static const auto row =
      record<RestartStalled>("restart_stalled", "An instance did not come back, or could not leave its route.",
                             {field("instance", &RestartStalled::instance, "id of the instance"),
                              optional_field("code", &RestartStalled::code, "why, as a code"),
                              optional_field("message", &RestartStalled::message, "why, for people")});
  return row;
}
const core::Record& describe(const Stopping*) {
  static const auto row =
      record<Stopping>("stopping", "Everything is being stopped.",
                       {field("by", &Stopping::by, "who"), field("reason", &Stopping::reason, "why"),
                        field("deadline", &Stopping::deadline, "when the wait for it ends")});
  return row;
}
const core::Record& describe(const Stopped*) {
  static const auto row = record<Stopped>("stopped", "Nothing runs.", {field("reason", &Stopped::reason, "why")});
  return row;
}
const core::Record& describe(const Deleting*) {
  static const auto row = record<Deleting>(
      "deleting", "Everything is being stopped for good.",
      {field("purge", &Deleting::purge, "its data too"), field("by", &Deleting::by, "who"),
       field("reason", &Deleting::reason, "why"), field("deadline", &Deleting::deadline, "when the wait for it ends")});
  return row;
}
const core::Record& describe(const Purging*) {
  static const auto row =
      record<Purging>("purging", "Its data is being removed.", {field("work", &Purging::work, "id of the work")});
  return row;
}
const core::Record& describe(const PurgeFailed*) {
  static const auto row = record<PurgeFailed>("purge_failed", "Its data was not removed.",
                                              {field("code", &PurgeFailed::code, "why, as a code"),
                                               field("message", &PurgeFailed::message, "why, for people")});
  return row;
}
const core::Record& describe(const Deleted*) {
  static const auto row = record<Deleted>(
      "deleted", "It is gone.",
      {field("purged", &Deleted::purged, "its data too"), field("work", &Deleted::work, "id of the work")});
  return row;
}
const core::Record& describe(const HealthChanged*) {
  static const auto row = record<HealthChanged>(
      "health_changed", "What serves is well, or not.",
      {field("health", &HealthChanged::health, "how it is now"), field("reason", &HealthChanged::reason, "why")});
  return row;
}
const core::Record& describe(const InstanceChanged*) {
  static const auto row = record<InstanceChanged>(
      "instance_changed", "An instance reached another phase.",
      {field("instance", &InstanceChanged::instance, "id of the instance"),
       field("phase", &InstanceChanged::phase, "what it does now"), field("port", &InstanceChanged::port, "its port"),
       field("restarts", &InstanceChanged::restarts, "since it was first kept"),
       field("code", &InstanceChanged::code, "why, as a code"),
       field("message", &InstanceChanged::message, "why, for people")});
  return row;
}
const core::Record& describe(const InstancesDropped*) {
  static const auto row =
      record<InstancesDropped>("instances_dropped", "Instances are no longer wanted.",
                               {field("instances", &InstancesDropped::instances, "the instances"),
                                field("forgotten", &InstancesDropped::forgotten, "their end was not reported"),
                                field("deadline", &InstancesDropped::deadline, "when the wait for it ends")});
  return row;
}
const core::Record& describe(const RouteChanged*) {
  static const auto row = record<RouteChanged>(
      "route_changed", "A stable port leads elsewhere, or shall.",
      {field("service", &RouteChanged::service, "the service"), field("step", &RouteChanged::step, "what was reached"),
       field("generation", &RouteChanged::generation, "of the route"),
       field("revision", &RouteChanged::revision, "number of the revision"),
       field("port", &RouteChanged::port, "its port"), field("backends", &RouteChanged::backends, "who serves it"),
       optional_field("hold", &RouteChanged::hold, "without backends: requests wait for one"),
       field("deadline", &RouteChanged::deadline, "when the wait for it ends"),
       field("code", &RouteChanged::code, "why, as a code"),
       field("message", &RouteChanged::message, "why, for people")});
  return row;
}
const core::Record& describe(const ServiceQuarantined*) {
  static const auto row =
      record<ServiceQuarantined>("service_quarantined", "A service does not heal by itself.",
                                 {field("service", &ServiceQuarantined::service, "the service"),
                                  field("revision", &ServiceQuarantined::revision, "number of the revision"),
                                  field("code", &ServiceQuarantined::code, "why, as a code"),
                                  field("message", &ServiceQuarantined::message, "why, for people")});
  return row;
}
const core::Record& describe(const Escalated*) {
  static const auto row = record<Escalated>("escalated", "A person is asked.",
                                            {field("service", &Escalated::service, "the service"),
                                             field("escalation", &Escalated::escalation, "id of the escalation"),
                                             field("work", &Escalated::work, "id of the work")});
  return row;
}
const core::Record& describe(const Resolved*) {
  static const auto row = record<Resolved>(
      "resolved", "A person answered.",
      {field("escalation", &Resolved::escalation, "id of the escalation"),
       field("service", &Resolved::service, "the service"), field("decision", &Resolved::decision, "what was decided"),
       field("by", &Resolved::by, "who"), field("reason", &Resolved::reason, "why")});
  return row;
}
const core::Record& describe(const Recovered*) {
  static const auto row = record<Recovered>("recovered", "It healed; the question is withdrawn.",
                                            {field("service", &Recovered::service, "the service"),
                                             field("escalation", &Recovered::escalation, "id of the escalation"),
                                             field("work", &Recovered::work, "id of the work")});
  return row;
}
const core::Record& describe(const WorkSettled*) {
  static const auto row = record<WorkSettled>(
      "work_settled", "A work has ended.",
      {field("work", &WorkSettled::work, "id of the work"), field("outcome", &WorkSettled::outcome, "how it ended"),
       field("code", &WorkSettled::code, "why, as a code"),
       field("message", &WorkSettled::message, "why, for people")});
  return row;
}

const core::Record& describe(const SlotAsked*) {
  static const auto row = record<SlotAsked>(
      "slot_asked", "Its tenant is asked for room.",
      {field("slot", &SlotAsked::slot, "the reservation"), field("work", &SlotAsked::work, "id of the work")});
  return row;
}
const core::Record& describe(const SlotTaken*) {
  static const auto row = record<SlotTaken>("slot_taken", "Its tenant had room.",
                                            {field("slot", &SlotTaken::slot, "the reservation"),
                                             field("work", &SlotTaken::work, "id of the work that confirms it")});
  return row;
}
const core::Record& describe(const SlotRefused*) {
  static const auto row = record<SlotRefused>(
      "slot_refused", "Its tenant had no room.",
      {field("slot", &SlotRefused::slot, "the reservation"), field("code", &SlotRefused::code, "why, as a code"),
       field("work", &SlotRefused::work, "id of the work that gives back what may have been taken; empty: none")});
  return row;
}
const core::Record& describe(const SlotReturned*) {
  static const auto row =
      record<SlotReturned>("slot_returned", "It needs its room no longer.",
                           {field("slot", &SlotReturned::slot, "the reservation"),
                            field("confirmed", &SlotReturned::confirmed, "it was taken for good"),
                            field("work", &SlotReturned::work, "id of the work that gives it back")});
  return row;
}

}  // namespace nova::deployment
