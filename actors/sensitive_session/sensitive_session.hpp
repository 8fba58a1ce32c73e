// Sensitive session (S09): a window of 15 minutes for one dangerous operation, opened with password and second factor,
// and on record with what it was for. In the tenant `system`.
#pragma once
#include "core/kind.hpp"
#include "core/work.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace nova::sensitive_session {

enum class Status : std::uint8_t {
  absent,
  pending,
  password_verified,
  otp_sent,
  active,
  completed,
  expired,
  cancelled
};
enum class Operation : std::uint8_t {
  system_maintenance,
  debug_fix,
  refactor_restructure,
  read_access,
  edit_modify,
  save_changes,
  rollback_undo,
  restore_version,
  restart_services,
  live_tests,
  delete_data,
  config_change,
  security_update
};
const std::vector<std::string_view>& names_of(const Status*);
const std::vector<std::string_view>& names_of(const Operation*);

inline constexpr std::chrono::minutes window{15};
/// From `begin` to the second factor.
inline constexpr std::chrono::minutes proving{5};
inline constexpr std::int64_t tries_max = 5;

// ---- commands; the node proves the password and the code before it sends these

struct Begin {
  Operation operation = Operation::system_maintenance;
  core::Reason reason;
};
struct VerifyPassword {};
struct VerifyCode {
  core::Text<1, 20> factor;  ///< "2fa", "recovery", "passkey"
};
/// What was shown was wrong.
struct NoteFailure {};
struct Complete {
  core::Prose note;
};
struct Cancel {
  core::Prose reason;
};
using Command = std::variant<Begin, VerifyPassword, VerifyCode, NoteFailure, Complete, Cancel, core::Fire>;

// ---- events: stored for ever

struct Begun {
  Operation operation = Operation::system_maintenance;
  std::string reason, by;
  core::Timestamp at, expires_at;
};
struct PasswordVerified {
  core::Timestamp at;
};
struct CodeAsked {
  core::Timestamp at;
};
struct Failed {
  std::int64_t tries = 0;
  core::Timestamp at;
};
struct Opened {
  std::string factor;
  core::Timestamp at, expires_at;
};
struct Closed {
  Status how = Status::completed;
  std::string note, by;
  core::Timestamp at;
};
using Event = std::variant<Begun, PasswordVerified, CodeAsked, Failed, Opened, Closed>;

// ---- state

struct State {
  Status status = Status::absent;
  Operation operation = Operation::system_maintenance;
  std::string reason, by, factor, note;
  std::int64_t tries = 0;
  core::Timestamp begun_at, opened_at, expires_at, closed_at;
};

core::Decision<Event> decide(const State&, const Command&, const core::Context&);
State evolve(State, const Event&);
core::Summary summarise(const State&);
const core::Kind& kind();

const core::Record& describe(const Begin*);
const core::Record& describe(const VerifyPassword*);
const core::Record& describe(const VerifyCode*);
const core::Record& describe(const NoteFailure*);
const core::Record& describe(const Complete*);
const core::Record& describe(const Cancel*);
const core::Record& describe(const Begun*);
const core::Record& describe(const PasswordVerified*);
const core::Record& describe(const CodeAsked*);
const core::Record& describe(const Failed*);
const core::Record& describe(const Opened*);
const core::Record& describe(const Closed*);
const core::Record& describe(const State*);

}  // namespace nova::sensitive_session
