#include "actors/sensitive_session/sensitive_session.hpp"
#include "core/authority/access.hpp"

namespace nova::sensitive_session {

using core::field;
using core::optional_field;
using core::record;

namespace {
constexpr core::Access maintaining{.permission = "platform:maintenance"};
}

const std::vector<std::string_view>& names_of(const Status*) {
  static const std::vector<std::string_view> names = {"absent", "pending",   "password_verified", "otp_sent",
                                                      "active", "completed", "expired",           "cancelled"};
  return names;
}
const std::vector<std::string_view>& names_of(const Operation*) {
  static const std::vector<std::string_view> names = {
      "system_maintenance", "debug_fix",     "refactor_restructure", "read_access",      "edit_modify",
      "save_changes",       "rollback_undo", "restore_version",      "restart_services", "live_tests",
      "delete_data",        "config_change", "security_update"};
  return names;
}

const core::Record& describe(const Begin*) {
  static const auto row =
      record<Begin>("begin", "Ask for a window.",
                    {field("operation", &Begin::operation, "what it is for"), field("reason", &Begin::reason, "why")});
  return row;
}
const core::Record& describe(const VerifyPassword*) {
  static const auto row = record<VerifyPassword>("verify_password", "The password was right.", {});
  return row;
}
const core::Record& describe(const VerifyCode*) {
  static const auto row =
      record<VerifyCode>("verify_code", "The second factor was right.",
                         {field("factor", &VerifyCode::factor, "how it was proved; filled in by the node")});
  return row;
}
const core::Record& describe(const NoteFailure*) {
  static const auto row = record<NoteFailure>("note_failure", "What was shown was wrong.", {});
  return row;
}
const core::Record& describe(const Complete*) {
  static const auto row =
      record<Complete>("complete", "The work is done.", {optional_field("note", &Complete::note, "what was done")});
  return row;
}
const core::Record& describe(const Cancel*) {
  static const auto row =
      record<Cancel>("cancel", "It is not needed.", {optional_field("reason", &Cancel::reason, "why")});
  return row;
}
const core::Record& describe(const Begun*) {
  static const auto row =
      record<Begun>("begun", "A window was asked for.",
                    {field("operation", &Begun::operation, "what it is for"), field("reason", &Begun::reason, "why"),
                     field("by", &Begun::by, "who"), field("at", &Begun::at, "when"),
                     field("expires_at", &Begun::expires_at, "until when it must be proved")});
  return row;
}
const core::Record& describe(const PasswordVerified*) {
  static const auto row = record<PasswordVerified>("password_verified", "The password was right.",
                                                   {field("at", &PasswordVerified::at, "when")});
  return row;
}
const core::Record& describe(const CodeAsked*) {
  static const auto row =
      record<CodeAsked>("code_asked", "A second factor is asked for.", {field("at", &CodeAsked::at, "when")});
  return row;
}
const core::Record& describe(const Failed*) {
  static const auto row =
      record<Failed>("failed", "What was shown was wrong.",
                     {field("tries", &Failed::tries, "how often so far"), field("at", &Failed::at, "when")});
  return row;
}
const core::Record& describe(const Opened*) {
  static const auto row =
      record<Opened>("opened", "It is open.",
                     {field("factor", &Opened::factor, "how it was proved"), field("at", &Opened::at, "when"),
                      field("expires_at", &Opened::expires_at, "until when")});
  return row;
}
const core::Record& describe(const Closed*) {
  static const auto row = record<Closed>("closed", "It is over.",
                                         {field("how", &Closed::how, "completed, expired or cancelled"),
                                          field("note", &Closed::note, "what was done, or why"),
                                          field("by", &Closed::by, "who"), field("at", &Closed::at, "when")});
  return row;
}
const core::Record& describe(const State*) {
  static const auto row =
      record<State>("sensitive_session", "A window for a dangerous operation.",
                    {field("status", &State::status, "where it stands"),
                     field("operation", &State::operation, "what it is for"), field("reason", &State::reason, "why"),
                     field("by", &State::by, "whose it is"), field("factor", &State::factor, "how it was proved"),
                     field("note", &State::note, "what was done, or why it ended"),
                     field("tries", &State::tries, "how often what was shown was wrong"),
                     field("begun_at", &State::begun_at, "when it was asked for"),
                     field("opened_at", &State::opened_at, "when it was opened"),
                     field("expires_at", &State::expires_at, "until when"),
                     field("closed_at", &State::closed_at, "when it was over")});
  return row;
}

const core::Kind& kind() {
  using enum core::Door;
  // What is proved comes by routes of its own.
  static const core::Kind made = core::kind_of<State, Command, Event>({
      .name = "sensitive_session",
      .plural = "sensitive_sessions",
      .doc = "A window of 15 minutes for a dangerous operation.",
      .commands = {{.name = "begin",
                    .doc = "Ask for a window.",
                    .door = assisted,
                    .impact = 5,
                    .creates = true,
                    .access = maintaining},
                   {.name = "verify_password",
                    .doc = "The password was right.",
                    .door = assisted,
                    .impact = 3,
                    .access = maintaining},
                   {.name = "verify_code",
                    .doc = "The second factor was right.",
                    .door = assisted,
                    .impact = 7,
                    .access = maintaining},
                   {.name = "note_failure",
                    .doc = "What was shown was wrong.",
                    .door = assisted,
                    .impact = 1,
                    .access = maintaining},
                   {.name = "complete", .doc = "The work is done.", .impact = 2, .access = maintaining},
                   {.name = "cancel", .doc = "It is not needed.", .impact = 2, .access = maintaining},
                   {.name = "fire", .doc = "Its time may be over.", .door = internal}},
      .events = {{.name = "sensitive.begun", .doc = "A window was asked for."},
                 {.name = "sensitive.password_verified", .doc = "The password was right."},
                 {.name = "sensitive.code_asked", .doc = "A second factor is asked for."},
                 {.name = "sensitive.failed", .doc = "What was shown was wrong."},
                 {.name = "sensitive.opened", .doc = "It is open."},
                 {.name = "sensitive.closed", .doc = "It is over."}},
      .read = core::access::operating,
  });
  return made;
}

}  // namespace nova::sensitive_session
