// Device login: a program without a browser asks to be signed in, and a person who is signed in elsewhere says yes or
// no (RFC 8628). Its id is made from the code that the person types.
#pragma once
#include "core/authority/authority.hpp"
#include "core/kind.hpp"
#include "core/work.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace nova::device_login {

enum class Status : std::uint8_t { absent, pending, approved, denied, redeemed, expired };
const std::vector<std::string_view>& names_of(const Status*);

inline constexpr std::chrono::minutes life{10};

struct User {
  static constexpr std::string_view kind = "user";
};

// ---- commands

struct Start {
  core::Label device;
  core::KeyedHash code_hash;  ///< of the long code that the program keeps
};
struct Approve {
  core::EntityRef<User> user;
};
struct Deny {
  core::EntityRef<User> user;
};
struct Redeem {};
using Command = std::variant<Start, Approve, Deny, Redeem, core::Fire>;

// ---- events: stored for ever

struct Started {
  std::string device;
  std::string code_hash;
  core::Timestamp at, expires_at;
};
struct Approved {
  std::string user;
  core::Timestamp at;
};
struct Denied {
  std::string user;
  core::Timestamp at;
};
struct Redeemed {
  core::Timestamp at;
};
struct Expired {
  core::Timestamp at;
};
using Event = std::variant<Started, Approved, Denied, Redeemed, Expired>;

// ---- state

struct State {
  Status status = Status::absent;
  std::string device;
  std::string code_hash;
  std::string user;  ///< who answered
  core::Timestamp started_at, expires_at, answered_at, ended_at;
};

core::Decision<Event> decide(const State&, const Command&, const core::Context&);
State evolve(State, const Event&);
core::Summary summarise(const State&);
const core::Kind& kind();

const core::Record& describe(const Start*);
const core::Record& describe(const Approve*);
const core::Record& describe(const Deny*);
const core::Record& describe(const Redeem*);
const core::Record& describe(const Started*);
const core::Record& describe(const Approved*);
const core::Record& describe(const Denied*);
const core::Record& describe(const Redeemed*);
const core::Record& describe(const Expired*);
const core::Record& describe(const State*);

}  // namespace nova::device_login
