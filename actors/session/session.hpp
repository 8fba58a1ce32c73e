// Session: one device on which somebody is signed in, as a family of refresh tokens (S23).
#pragma once
#include "core/authority/authority.hpp"
#include "core/kind.hpp"
#include "core/work.hpp"

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace nova::session {

enum class Status : std::uint8_t { absent, active, ended, expired, revoked };
enum class Method : std::uint8_t {
  password,
  google,
  github,
  apple,
  microsoft,
  replit,
  second_factor,
  recovery,
  passkey,
  device,
  oidc
};
const std::vector<std::string_view>& names_of(const Status*);
const std::vector<std::string_view>& names_of(const Method*);

inline constexpr std::chrono::hours life_max{30 * 24};
inline constexpr std::chrono::hours idle_max{7 * 24};
/// What happens within a minute is one activity: a busy client must not write an event a request.
inline constexpr std::chrono::minutes touch_interval{1};

struct User {
  static constexpr std::string_view kind = "user";
};

// ---- commands

struct Start {
  core::EntityRef<User> user;
  Method method = Method::password;
  core::Label device;  ///< device and browser, for people
  core::Label place;   ///< keyed hash of the network place
  core::KeyedHash family_hash;
  core::KeyedHash token_hash;
};
struct Refresh {
  core::KeyedHash family_hash;
  core::KeyedHash token_hash;  ///< of the token that was shown
  core::KeyedHash next_hash;   ///< of the one given in its place
  core::Label place;
};
struct Touch {
  core::Label place;
};
struct End {};
struct Revoke {
  core::Text<0, 255, core::Shape::line> reason;
};
using Command = std::variant<Start, Refresh, Touch, End, Revoke, core::Fire>;

// ---- events: stored for ever

struct Started {
  std::string user;
  Method method = Method::password;
  std::string device;
  std::string place;
  std::string family_hash;
  std::string token_hash;
  core::Timestamp at;
  core::Timestamp expires_at;
};
struct Refreshed {
  std::uint64_t generation = 0;
  std::string token_hash;
  std::string place;
  core::Timestamp at;
};
struct Touched {
  std::string place;
  core::Timestamp at;
};
struct Ended {
  std::string by;
  core::Timestamp at;
};
struct Revoked {
  std::string reason;
  std::string by;
  core::Timestamp at;
};
struct Expired {
  std::string reason;  ///< "absolute" or "idle"
  core::Timestamp at;
};
using Event = std::variant<Started, Refreshed, Touched, Ended, Revoked, Expired>;

// ---- state

struct State {
  Status status = Status::absent;
  std::string user;
  Method method = Method::password;
  std::string device;
  std::string place;        ///< the last
  std::string family_hash;  ///< of the secret that all tokens of this session share
  std::string token_hash;   ///< of the one token that is good
  std::uint64_t generation = 0;
  std::uint64_t activities = 0;
  core::Timestamp started_at;
  core::Timestamp last_activity_at;
  core::Timestamp expires_at;  ///< whatever happens
  std::string reason;          ///< why it is over
  core::Timestamp ended_at;
};

/// When it ends unless something happens before.
core::Timestamp due_at(const State&);

core::Decision<Event> decide(const State&, const Command&, const core::Context&);
State evolve(State, const Event&);
core::Summary summarise(const State&);
const core::Kind& kind();

const core::Record& describe(const Start*);
const core::Record& describe(const Refresh*);
const core::Record& describe(const Touch*);
const core::Record& describe(const End*);
const core::Record& describe(const Revoke*);
const core::Record& describe(const Started*);
const core::Record& describe(const Refreshed*);
const core::Record& describe(const Touched*);
const core::Record& describe(const Ended*);
const core::Record& describe(const Revoked*);
const core::Record& describe(const Expired*);
const core::Record& describe(const State*);

}  // namespace nova::session
