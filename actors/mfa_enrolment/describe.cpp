#include "actors/mfa_enrolment/mfa_enrolment.hpp"

namespace nova::mfa_enrolment {

using core::field;
using core::hidden;
using core::optional_field;
using core::record;

const std::vector<std::string_view>& names_of(const Status*) {
  static const std::vector<std::string_view> names = {"absent", "pending", "verified", "removed"};
  return names;
}

const core::Record& describe(const Enrol*) {
  static const auto row = record<Enrol>("enrol", "Take a new authenticator app.",
                                        {field("secret", &Enrol::secret, "what app and node share")});
  return row;
}
const core::Record& describe(const Verify*) {
  static const auto row = record<Verify>("verify", "The app gave a right code.",
                                         {field("step", &Verify::step, "the time step of that code"),
                                          field("recovery", &Verify::recovery, "keyed hashes of the recovery codes")});
  return row;
}
const core::Record& describe(const Attempt*) {
  static const auto row = record<Attempt>("attempt", "A code is about to be looked at.", {});
  return row;
}
const core::Record& describe(const Use*) {
  static const auto row =
      record<Use>("use", "A code was right; it is so once.", {field("step", &Use::step, "the time step of that code")});
  return row;
}
const core::Record& describe(const UseRecovery*) {
  static const auto row = record<UseRecovery>("use_recovery", "A recovery code was right; it is so once.",
                                              {field("hash", &UseRecovery::hash, "its keyed hash")});
  return row;
}
const core::Record& describe(const RenewRecovery*) {
  static const auto row =
      record<RenewRecovery>("renew_recovery", "Other recovery codes in place of all that there are.",
                            {field("recovery", &RenewRecovery::recovery, "keyed hashes of the recovery codes")});
  return row;
}
const core::Record& describe(const Remove*) {
  static const auto row = record<Remove>("remove", "Do without it: for who lost app and recovery codes.",
                                         {optional_field("reason", &Remove::reason, "why")});
  return row;
}

const core::Record& describe(const Enrolled*) {
  static const auto row = record<Enrolled>(
      "enrolled", "An app is waiting to prove itself.",
      {field("secret", &Enrolled::secret, "what they share, sealed"), field("at", &Enrolled::at, "when")});
  return row;
}
const core::Record& describe(const Verified*) {
  static const auto row =
      record<Verified>("verified", "It is asked for from now on.",
                       {field("step", &Verified::step, "the time step of its first code"),
                        hidden(field("recovery", &Verified::recovery, "keyed hashes of the recovery codes")),
                        field("at", &Verified::at, "when")});
  return row;
}
const core::Record& describe(const Attempted*) {
  static const auto row =
      record<Attempted>("attempted", "A code was tried.",
                        {field("attempts", &Attempted::attempts, "without a success"),
                         field("locked_until", &Attempted::locked_until, "no code is looked at before; 1970: any is"),
                         field("at", &Attempted::at, "when")});
  return row;
}
const core::Record& describe(const Used*) {
  static const auto row = record<Used>("used", "A code was right.",
                                       {field("step", &Used::step, "its time step"), field("at", &Used::at, "when")});
  return row;
}
const core::Record& describe(const RecoveryUsed*) {
  static const auto row = record<RecoveryUsed>(
      "recovery_used", "A recovery code was right.",
      {hidden(field("hash", &RecoveryUsed::hash, "its keyed hash")),
       field("left", &RecoveryUsed::left, "how many there are yet"), field("at", &RecoveryUsed::at, "when")});
  return row;
}
const core::Record& describe(const RecoveryRenewed*) {
  static const auto row = record<RecoveryRenewed>(
      "recovery_renewed", "There are other recovery codes.",
      {hidden(field("recovery", &RecoveryRenewed::recovery, "keyed hashes of the recovery codes")),
       field("at", &RecoveryRenewed::at, "when")});
  return row;
}
const core::Record& describe(const Removed*) {
  static const auto row = record<Removed>(
      "removed", "It is not asked for any more.",
      {field("reason", &Removed::reason, "why"), field("by", &Removed::by, "who"), field("at", &Removed::at, "when")});
  return row;
}

const core::Record& describe(const State*) {
  static const auto row = record<State>(
      "mfa_enrolment", "A user's second factor.",
      {field("status", &State::status, "where it stands"),
       hidden(field("secret", &State::secret, "what app and node share, sealed")),
       field("last_step", &State::last_step, "time step of the last code that was accepted"),
       hidden(field("recovery", &State::recovery, "keyed hashes of recovery codes that are left")),
       field("recovery_left", &State::recovery_left, "how many are left"),
       field("attempts", &State::attempts, "codes tried since the last success"),
       field("locked_until", &State::locked_until, "no code is looked at before"),
       field("enrolled_at", &State::enrolled_at, "since when it waits or waited"),
       field("verified_at", &State::verified_at, "since when it is asked for"),
       field("used_at", &State::used_at, "last success"), field("reason", &State::reason, "why it was removed")});
  return row;
}

const core::Kind& kind() {
  using enum core::Door;
  static const core::Kind made = core::kind_of<State, Command, Event>({
      .name = "mfa_enrolment",
      .plural = "mfa_enrolments",
      .doc = "A user's second factor; its id is the user's.",
      .short_names = {"mfa"},
      .commands = {{.name = "enrol", .doc = "Take a new app.", .door = internal, .impact = 4, .creates = true},
                   {.name = "verify", .doc = "The app gave a right code.", .door = internal, .impact = 4},
                   {.name = "attempt", .doc = "A code is about to be looked at.", .door = internal},
                   {.name = "use", .doc = "A code was right.", .door = internal},
                   {.name = "use_recovery", .doc = "A recovery code was right.", .door = internal},
                   {.name = "renew_recovery", .doc = "Other recovery codes.", .door = internal, .impact = 4},
                   {.name = "remove", .doc = "Do without it.", .impact = 8, .destructive = true}},
      .events = {{.name = "mfa.enrolled", .doc = "An app is waiting to prove itself."},
                 {.name = "mfa.verified", .doc = "It is asked for from now on."},
                 {.name = "mfa.attempted", .doc = "A code was tried.", .observation = true},
                 {.name = "mfa.used", .doc = "A code was right.", .observation = true},
                 {.name = "mfa.recovery_used", .doc = "A recovery code was right."},
                 {.name = "mfa.recovery_renewed", .doc = "There are other recovery codes."},
                 {.name = "mfa.removed", .doc = "It is not asked for any more."}},
      .authority = true,
      .read = {.permission = "users:read", .own = true},
  });
  return made;
}

}  // namespace nova::mfa_enrolment
