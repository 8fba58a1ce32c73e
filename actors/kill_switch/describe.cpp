#include "actors/kill_switch/kill_switch.hpp"

namespace nova::kill_switch {

using core::field;
using core::optional_field;
using core::record;

std::vector<core::FactNeed> needs_of(const void* command);  // kill_switch.cpp

const std::vector<std::string_view>& names_of(const Status*) {
  static const std::vector<std::string_view> names = {"armed", "engaged"};
  return names;
}
const std::vector<std::string_view>& names_of(const Scope*) {
  static const std::vector<std::string_view> names = {
      "global", "external_only", "layer",    "platform",      "provider", "agent", "model",
      "tenant", "platforms",     "commands", "subscriptions", "feature",  "plan",  "user"};
  return names;
}

const core::Record& describe(const Activate*) {
  static const auto row =
      record<Activate>("activate", "Stop it now.",
                       {field("scope", &Activate::scope, "what is stopped"),
                        optional_field("target", &Activate::target, "whose; `tenant/id` for what lives in a tenant"),
                        field("reason", &Activate::reason, "why, in English"),
                        field("reason_ar", &Activate::reason_ar, "why, in Arabic"),
                        field("auto_reactivate_minutes", &Activate::auto_reactivate_minutes,
                              "after how many minutes it releases itself; none: by hand"),
                        optional_field("incident_id", &Activate::incident_id, "the incident that it belongs to")});
  return row;
}
const core::Record& describe(const Deactivate*) {
  static const auto row =
      record<Deactivate>("deactivate", "Let it go on.", {optional_field("reason", &Deactivate::reason, "why")});
  return row;
}
const core::Record& describe(const SafeRollback*) {
  static const auto row = record<SafeRollback>(
      "safe_rollback", "Stop everything and take the last change back.",
      {field("reason", &SafeRollback::reason, "why, in English"),
       field("reason_ar", &SafeRollback::reason_ar, "why, in Arabic"),
       optional_field("change", &SafeRollback::change, "the deployment that made it, `tenant/id`; empty: none"),
       optional_field("incident_id", &SafeRollback::incident_id, "the incident; empty: a new one is named")});
  return row;
}

const core::Record& describe(const Engaged*) {
  static const auto row = record<Engaged>(
      "engaged", "What it covers is stopped.",
      {field("scope", &Engaged::scope, "what is stopped"), field("target", &Engaged::target, "whose"),
       field("reason", &Engaged::reason, "why, in English"), field("reason_ar", &Engaged::reason_ar, "why, in Arabic"),
       field("by", &Engaged::by, "who"), field("incident_id", &Engaged::incident_id, "the incident"),
       field("at", &Engaged::at, "when"), field("until", &Engaged::until, "when it releases itself; none: by hand"),
       field("epoch", &Engaged::epoch, "grows with each change")});
  return row;
}
const core::Record& describe(const Released*) {
  static const auto row = record<Released>(
      "released", "Somebody let it go on.",
      {field("reason", &Released::reason, "why"), field("by", &Released::by, "who"), field("at", &Released::at, "when"),
       field("epoch", &Released::epoch, "grows with each change")});
  return row;
}
const core::Record& describe(const Expired*) {
  static const auto row =
      record<Expired>("expired", "Its time was over, and it let go on.",
                      {field("at", &Expired::at, "when"), field("epoch", &Expired::epoch, "grows with each change")});
  return row;
}
const core::Record& describe(const RollbackStarted*) {
  static const auto row =
      record<RollbackStarted>("safe_rollback_started", "The last change is being taken back.",
                              {field("change", &RollbackStarted::change, "the deployment; empty: none was named"),
                               field("work", &RollbackStarted::work, "by which it is done"),
                               field("incident_id", &RollbackStarted::incident_id, "the incident"),
                               field("by", &RollbackStarted::by, "who"), field("at", &RollbackStarted::at, "when")});
  return row;
}
const core::Record& describe(const RollbackEnded*) {
  static const auto row =
      record<RollbackEnded>("safe_rollback_ended", "The change was taken back, or not.",
                            {field("work", &RollbackEnded::work, "by which it was done"),
                             field("outcome", &RollbackEnded::outcome, "done, failed, unknown or killed"),
                             field("code", &RollbackEnded::code, "why not"), field("at", &RollbackEnded::at, "when")});
  return row;
}

const core::Record& describe(const State*) {
  static const auto row = record<State>(
      "kill_switch", "A switch that stops AI and effects on the outside.",
      {field("status", &State::status, "armed: nothing is stopped by it; engaged: what it covers is"),
       field("scope", &State::scope, "what it stops"), field("target", &State::target, "whose"),
       field("reason", &State::reason, "why, in English"), field("reason_ar", &State::reason_ar, "why, in Arabic"),
       field("by", &State::by, "who changed it last"), field("incident_id", &State::incident_id, "the incident"),
       field("at", &State::at, "when it was changed last"),
       field("until", &State::until, "when it releases itself; none: by hand"),
       field("epoch", &State::epoch, "grows with each change"),
       field("rollback", &State::rollback, "the rollback under way"),
       field("rollbacks", &State::rollbacks, "how many were started")});
  return row;
}

const core::Kind& kind() {
  using enum core::Door;
  static const core::Kind made = core::kind_of<State, Command, Event>({
      .name = "kill_switch",
      .plural = "kill_switches",
      .doc = "A switch that stops AI and effects on the outside.",
      .short_names = {"kill"},
      // Nobody but the root owner. Assisted, since a switch's id is that of its scope and target.
      .commands = {{.name = "activate",
                    .doc = "Stop it now.",
                    .door = assisted,
                    .impact = 9,
                    .creates = true,
                    .facts = [](const core::EntityKey&, const void*, const void* c) { return needs_of(c); }},
                   {.name = "deactivate", .doc = "Let it go on.", .door = assisted, .impact = 9},
                   {.name = "safe_rollback",
                    .doc = "Stop everything and take the last change back.",
                    .door = assisted,
                    .impact = 10,
                    .creates = true},
                   {.name = "settle", .doc = "The rollback has ended.", .door = internal},
                   {.name = "fire", .doc = "Its time may be over.", .door = internal}},
      .events = {{.name = "kill_switch.engaged", .doc = "What it covers is stopped."},
                 {.name = "kill_switch.released", .doc = "Somebody let it go on."},
                 {.name = "kill_switch.expired", .doc = "Its time was over.", .observation = true},
                 {.name = "kill_switch.safe_rollback_started", .doc = "The last change is being taken back."},
                 {.name = "kill_switch.safe_rollback_ended",
                  .doc = "The change was taken back, or not.",
                  .observation = true}},
      .authority = true,
      .read = {.permission = "platform:read"},
  });
  return made;
}

}  // namespace nova::kill_switch
