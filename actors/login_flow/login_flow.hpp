// Login flow: somebody whose password was right and who must show a second factor yet (S23).
#pragma once
#include "core/authority/authority.hpp"
#include "core/kind.hpp"
#include "core/work.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace nova::login_flow {

enum class Status : std::uint8_t { absent, in_progress, completed, failed, expired, cancelled };
const std::vector<std::string_view>& names_of(const Status*);

inline constexpr std::chrono::minutes life{10};
inline constexpr std::uint64_t tries_max = 5;

struct User {
  static constexpr std::string_view kind = "user";
};

// ---- commands

struct Start {
  core::EntityRef<User> user;
  core::Label device;
  core::Label place;  ///< keyed hash
};
struct Attempt {};
struct Complete {};
struct Cancel {};
using Command = std::variant<Start, Attempt, Complete, core::Fire, Cancel>;

// ---- events: stored for ever

struct Started {
  std::string user, device, place;
  core::Timestamp at, expires_at;
};
struct Attempted {
  std::uint64_t tries = 0;
  core::Timestamp at;
};
struct Completed {
  core::Timestamp at;
};
struct Failed {
  core::Timestamp at;
};
struct Expired {
  core::Timestamp at;
};
struct Cancelled {
  core::Timestamp at;
};
using Event = std::variant<Started, Attempted, Completed, Failed, Expired, Cancelled>;

// ---- state

struct State {
  Status status = Status::absent;
  std::string user, device, place;
  std::uint64_t tries = 0;
  core::Timestamp started_at, expires_at, ended_at;
};

core::Decision<Event> decide(const State&, const Command&, const core::Context&);
State evolve(State, const Event&);
core::Summary summarise(const State&);
const core::Kind& kind();

const core::Record& describe(const Start*);
const core::Record& describe(const Attempt*);
const core::Record& describe(const Complete*);
const core::Record& describe(const Cancel*);
const core::Record& describe(const Started*);
const core::Record& describe(const Attempted*);
const core::Record& describe(const Completed*);
const core::Record& describe(const Failed*);
const core::Record& describe(const Expired*);
const core::Record& describe(const Cancelled*);
const core::Record& describe(const State*);

}  // namespace nova::login_flow
