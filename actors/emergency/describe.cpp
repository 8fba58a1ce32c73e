#include "actors/emergency/emergency.hpp"
#include "core/authority/access.hpp"

namespace nova::emergency {

using core::field;
using core::optional_field;
using core::record;

std::vector<core::FactNeed> needs_of(const void* command);  // emergency.cpp

const std::vector<std::string_view>& names_of(const Action*) {
  static const std::vector<std::string_view> names = {
      "ai_suspension",       "platform_lockdown", "feature_disable", "HALT_ALL_PLATFORMS", "FREEZE_ALL_SUBSCRIPTIONS",
      "STOP_ALL_OPERATIONS", "LOCKDOWN_SYSTEM"};
  return names;
}
const std::vector<std::string_view>& names_of(const Scope*) {
  static const std::vector<std::string_view> names = {"global", "feature", "plan", "user"};
  return names;
}
const std::vector<std::string_view>& names_of(const Ending*) {
  static const std::vector<std::string_view> names = {"none", "lifted", "expired"};
  return names;
}

const core::Record& describe(const Control*) {
  static const auto row = record<Control>(
      "control", "What is halted, and until when.",
      {field("id", &Control::id, "its name here"), field("action", &Control::action, "what is done"),
       field("scope", &Control::scope, "to whom"), field("target", &Control::target, "to which one"),
       field("reason", &Control::reason, "why, in English"), field("reason_ar", &Control::reason_ar, "why, in Arabic"),
       field("incident_id", &Control::incident_id, "the incident"), field("by", &Control::by, "who"),
       field("at", &Control::at, "when"), field("until", &Control::until, "when it ends by itself; none: by hand"),
       field("switches", &Control::switches, "kill switches by which it works"),
       field("ending", &Control::ending, "how it ended"), field("ended_by", &Control::ended_by, "who lifted it"),
       field("ended_reason", &Control::ended_reason, "why"), field("ended_at", &Control::ended_at, "when it ended")});
  return row;
}
const core::Record& describe(const Activate*) {
  static const auto row = record<Activate>(
      "activate", "Halt it now.",
      {field("action", &Activate::action, "what is done"), optional_field("scope", &Activate::scope, "to whom"),
       optional_field("target", &Activate::target, "to which one"),
       field("reason", &Activate::reason, "why, in English"),
       field("reason_ar", &Activate::reason_ar, "why, in Arabic"),
       field("auto_deactivate_minutes", &Activate::auto_deactivate_minutes,
             "after how many minutes it ends by itself; none: by hand"),
       optional_field("incident_id", &Activate::incident_id, "the incident that it belongs to")});
  return row;
}
const core::Record& describe(const Lift*) {
  static const auto row =
      record<Lift>("lift", "Let it go on.",
                   {field("id", &Lift::id, "which control"), field("reason", &Lift::reason, "why"),
                    optional_field("factor", &Lift::factor, "what was proved just now; filled in by the node")});
  return row;
}
const core::Record& describe(const Restore*) {
  static const auto row =
      record<Restore>("restore", "RESTORE_NORMAL: lift all.",
                      {field("reason", &Restore::reason, "why"),
                       optional_field("factor", &Restore::factor, "what was proved just now; filled in by the node")});
  return row;
}
const core::Record& describe(const Activated*) {
  static const auto row =
      record<Activated>("activated", "It is halted.",
                        {field("control", &Activated::control, "what"),
                         field("engaged", &Activated::engaged, "kill switches that engage with it"),
                         field("works", &Activated::works, "how many works were asked for so far")});
  return row;
}
const core::Record& describe(const Lifted*) {
  static const auto row = record<Lifted>(
      "lifted", "Somebody let it go on.",
      {field("id", &Lifted::id, "which control"), field("by", &Lifted::by, "who"),
       field("reason", &Lifted::reason, "why"),
       field("released", &Lifted::released, "kill switches that nothing needs any more"),
       field("works", &Lifted::works, "how many works were asked for so far"), field("at", &Lifted::at, "when")});
  return row;
}
const core::Record& describe(const Expired*) {
  static const auto row = record<Expired>(
      "expired", "Its time was over.",
      {field("id", &Expired::id, "which control"),
       field("released", &Expired::released, "kill switches that nothing needs any more"),
       field("works", &Expired::works, "how many works were asked for so far"), field("at", &Expired::at, "when")});
  return row;
}
const core::Record& describe(const Settled*) {
  static const auto row = record<Settled>(
      "settled", "A work of it has ended.",
      {field("work", &Settled::work, "which"), field("what", &Settled::what, "what it did"),
       field("outcome", &Settled::outcome, "done, failed, unknown or killed"), field("code", &Settled::code, "why not"),
       field("count", &Settled::count, "of deployments that were stopped or started"),
       field("at", &Settled::at, "when"),
       optional_field("refused", &Settled::refused, "of those that would not, for good"),
       optional_field("refusals", &Settled::refusals, "the first of them, each with why")});
  return row;
}
const core::Record& describe(const State*) {
  static const auto row = record<State>(
      "emergency", "What is halted now.",
      {field("active", &State::active, "controls in force, the oldest first"),
       field("ended", &State::ended, "the last ones that ended, the newest last"),
       field("held", &State::held, "kill switches that they hold engaged"),
       field("works", &State::works, "what is under way"),
       field("problems", &State::problems, "what could not be done, the newest last"),
       field("controls", &State::controls, "how many there ever were"),
       field("work_count", &State::work_count, "how many works there ever were"),
       field("halted", &State::halted, "deployments that the last halt stopped"),
       field("restored", &State::restored, "deployments that were started after it"),
       field("halt", &State::halt, "the mark of the halt of platforms in force"),
       optional_field("not_halted", &State::not_halted, "deployments that refused to be stopped by the last halt"),
       optional_field("not_restored", &State::not_restored, "deployments that refused to be started after it")});
  return row;
}

const core::Kind& kind() {
  using enum core::Door;
  static const core::Kind made = core::kind_of<State, Command, Event>({
      .name = "emergency",
      .plural = "emergencies",
      .doc = "What halts the installation, wholly or in part.",
      // Nobody but the root owner. Assisted, since there is one for the installation.
      .commands = {{.name = "activate",
                    .doc = "Halt it now.",
                    .door = assisted,
                    .impact = 10,
                    .creates = true,
                    .facts = [](const core::EntityKey&, const void*, const void* c) { return needs_of(c); }},
                   {.name = "lift", .doc = "Let it go on.", .door = assisted, .impact = 9},
                   {.name = "restore", .doc = "Lift all.", .door = assisted, .impact = 9},
                   {.name = "settle", .doc = "A work of it has ended.", .door = internal},
                   {.name = "fire", .doc = "A time may be over.", .door = internal}},
      .events = {{.name = "emergency.activated", .doc = "It is halted."},
                 {.name = "emergency.lifted", .doc = "Somebody let it go on."},
                 {.name = "emergency.expired", .doc = "Its time was over.", .observation = true},
                 {.name = "emergency.settled", .doc = "A work of it has ended.", .observation = true}},
      .read = core::access::operating,
  });
  return made;
}

}  // namespace nova::emergency
