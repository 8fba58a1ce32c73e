// Second factor: the authenticator app of one user and the recovery codes that stand in for it (S23). Its id is the
// user's. The codes themselves never come here: the identity service compares them and says which time step it was.
#pragma once
#include "core/authority/authority.hpp"
#include "core/kind.hpp"
#include "core/types.hpp"

#include <chrono>
#include <cstdint>
#include <set>
#include <string>
#include <variant>
#include <vector>

namespace nova::mfa_enrolment {

enum class Status : std::uint8_t { absent, pending, verified, removed };
const std::vector<std::string_view>& names_of(const Status*);

inline constexpr std::uint64_t attempts_max = 10;  ///< without a success, then it is locked
inline constexpr std::chrono::minutes lock_time{15};

using Step = core::Bounded<0, INT64_MAX>;  ///< of 30 seconds since 1970 (RFC 6238)

// ---- commands

struct Enrol {
  core::Secret secret;
};
struct Verify {
  Step step;
  std::set<core::KeyedHash> recovery;
};
struct Attempt {};
struct Use {
  Step step;
};
struct UseRecovery {
  core::KeyedHash hash;
};
struct RenewRecovery {
  std::set<core::KeyedHash> recovery;
};
struct Remove {
  core::Prose reason;
};
using Command = std::variant<Enrol, Verify, Attempt, Use, UseRecovery, RenewRecovery, Remove>;

// ---- events: stored for ever

struct Enrolled {
  core::Secret secret;
  core::Timestamp at;
};
struct Verified {
  std::uint64_t step = 0;
  std::vector<std::string> recovery;
  core::Timestamp at;
};
struct Attempted {
  std::uint64_t attempts = 0;
  core::Timestamp locked_until;  ///< 1970: it is not
  core::Timestamp at;
};
struct Used {
  std::uint64_t step = 0;
  core::Timestamp at;
};
struct RecoveryUsed {
  std::string hash;
  std::uint64_t left = 0;
  core::Timestamp at;
};
struct RecoveryRenewed {
  std::vector<std::string> recovery;
  core::Timestamp at;
};
struct Removed {
  std::string reason;
  std::string by;
  core::Timestamp at;
};
using Event = std::variant<Enrolled, Verified, Attempted, Used, RecoveryUsed, RecoveryRenewed, Removed>;

// ---- state

struct State {
  Status status = Status::absent;
  core::Secret secret;
  std::uint64_t last_step = 0;        ///< of the last code that was accepted
  std::vector<std::string> recovery;  ///< keyed hashes of those that are left
  std::uint64_t recovery_left = 0;
  std::uint64_t attempts = 0;  ///< since the last success
  core::Timestamp locked_until;
  core::Timestamp enrolled_at, verified_at, used_at;
  std::string reason;  ///< of being removed
};

core::Decision<Event> decide(const State&, const Command&, const core::Context&);
State evolve(State, const Event&);
core::Summary summarise(const State&);
const core::Kind& kind();

const core::Record& describe(const Enrol*);
const core::Record& describe(const Verify*);
const core::Record& describe(const Attempt*);
const core::Record& describe(const Use*);
const core::Record& describe(const UseRecovery*);
const core::Record& describe(const RenewRecovery*);
const core::Record& describe(const Remove*);
const core::Record& describe(const Enrolled*);
const core::Record& describe(const Verified*);
const core::Record& describe(const Attempted*);
const core::Record& describe(const Used*);
const core::Record& describe(const RecoveryUsed*);
const core::Record& describe(const RecoveryRenewed*);
const core::Record& describe(const Removed*);
const core::Record& describe(const State*);

}  // namespace nova::mfa_enrolment
