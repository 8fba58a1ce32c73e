// Passkey: one credential of an authenticator that a user registered (S23; W3C WebAuthn Level 3). Signatures are
// verified by the identity service; what they proved is told here, so that a counter moves once.
#pragma once
#include "core/authority/authority.hpp"
#include "core/kind.hpp"
#include "core/types.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace nova::passkey {

enum class Status : std::uint8_t { absent, active, removed };
const std::vector<std::string_view>& names_of(const Status*);

/// Equal alarms within it are one: who copied a key must not be able to fill the log with them.
inline constexpr std::chrono::hours alarm_interval{1};

struct User {
  static constexpr std::string_view kind = "user";
};
struct Passkey {
  static constexpr std::string_view kind = "passkey";
};

using Count = core::Bounded<0, UINT32_MAX>;
using Title = core::Text<1, 64, core::Shape::line>;
using Bytes = core::Text<1, 1400, core::Shape::line>;  ///< base64url of at most 1024 bytes

/// What an authenticator gave out when it made the credential.
struct Credential {
  Bytes id;
  Bytes public_key;  ///< COSE
  std::int64_t algorithm = 0;
  std::string aaguid;            ///< its model, in hexadecimal; a claim
  bool backup_eligible = false;  ///< false: the key never leaves its device
  friend bool operator==(const Credential&, const Credential&) = default;
};

// ---- commands

struct Enrol {
  core::EntityRef<User> user;
  bool of_owner = false;  ///< of the root owner
  Title name;
  core::KeyedHash credential_key;  ///< of the credential's id: it is registered once
  Credential credential;
  Count sign_count;
  bool backed_up = false;
};
struct Use {
  Count sign_count;
  bool backed_up = false;
};
struct Alarm {
  Count sign_count;
};
struct Rename {
  Title name;
};
struct Remove {
  core::Prose reason;
  core::EntityRef<Passkey> other;  ///< of the root owner: the one that is left
};
using Command = std::variant<Enrol, Use, Alarm, Rename, Remove>;

// ---- events: stored for ever

struct Enrolled {
  std::string user;
  bool of_owner = false;
  std::string name;
  std::string credential_key;
  Credential credential;
  std::uint64_t sign_count = 0;
  bool backed_up = false;
  core::Timestamp at;
};
struct Used {
  std::uint64_t sign_count = 0;
  bool backed_up = false;
  core::Timestamp at;
};
struct Alarmed {
  std::uint64_t expected = 0;  ///< more than
  std::uint64_t sign_count = 0;
  core::Timestamp at;
};
struct Renamed {
  std::string name;
  core::Timestamp at;
};
struct Removed {
  std::string reason;
  std::string by;
  core::Timestamp at;
};
using Event = std::variant<Enrolled, Used, Alarmed, Renamed, Removed>;

// ---- state

struct State {
  Status status = Status::absent;
  std::string user;
  bool of_owner = false;
  std::string name;
  std::string credential_key;
  Credential credential;
  std::uint64_t sign_count = 0;
  bool backed_up = false;
  std::uint64_t uses = 0;
  core::Timestamp enrolled_at, used_at, alarmed_at, removed_at;
  std::string reason;  ///< of being removed
};

core::Decision<Event> decide(const State&, const Command&, const core::Context&);
State evolve(State, const Event&);
core::Summary summarise(const State&);
const core::Kind& kind();

const core::Record& describe(const Credential*);
const core::Record& describe(const Enrol*);
const core::Record& describe(const Use*);
const core::Record& describe(const Alarm*);
const core::Record& describe(const Rename*);
const core::Record& describe(const Remove*);
const core::Record& describe(const Enrolled*);
const core::Record& describe(const Used*);
const core::Record& describe(const Alarmed*);
const core::Record& describe(const Renamed*);
const core::Record& describe(const Removed*);
const core::Record& describe(const State*);

}  // namespace nova::passkey
