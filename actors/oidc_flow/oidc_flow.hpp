// OIDC flow: somebody who came back from an outside provider (S23). What went before lies signed in their browser, so
// that who only begins costs the node nothing; the flow begins with the provider's answer, which is good once.
#pragma once
#include "core/authority/authority.hpp"
#include "core/kind.hpp"
#include "core/work.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace nova::oidc_flow {

enum class Status : std::uint8_t { absent, taken, ready, redeemed, failed, expired };
const std::vector<std::string_view>& names_of(const Status*);

/// For the provider to be asked, and for the page to fetch what came of it.
inline constexpr std::chrono::minutes life{2};

struct User {
  static constexpr std::string_view kind = "user";
};

// ---- commands

struct Take {
  core::Name provider;
};
struct Finish {
  core::EntityRef<User> user;
  core::KeyedHash code_hash;  ///< of what the page shows to get the session
};
struct Fail {
  core::Label code;  ///< why
};
struct Redeem {
  core::KeyedHash code_hash;
};
using Command = std::variant<Take, Finish, Fail, Redeem, core::Fire>;

// ---- events: stored for ever

struct Taken {
  std::string provider;
  core::Timestamp at, expires_at;
};
struct Finished {
  std::string user, code_hash;
  core::Timestamp at;
};
struct Failed {
  std::string code;
  core::Timestamp at;
};
struct Redeemed {
  core::Timestamp at;
};
struct Expired {
  core::Timestamp at;
};
using Event = std::variant<Taken, Finished, Failed, Redeemed, Expired>;

// ---- state

struct State {
  Status status = Status::absent;
  std::string provider, user, code_hash, reason;
  core::Timestamp taken_at, expires_at, ended_at;
};

core::Decision<Event> decide(const State&, const Command&, const core::Context&);
State evolve(State, const Event&);
core::Summary summarise(const State&);
const core::Kind& kind();

const core::Record& describe(const Take*);
const core::Record& describe(const Finish*);
const core::Record& describe(const Fail*);
const core::Record& describe(const Redeem*);
const core::Record& describe(const Taken*);
const core::Record& describe(const Finished*);
const core::Record& describe(const Failed*);
const core::Record& describe(const Redeemed*);
const core::Record& describe(const Expired*);
const core::Record& describe(const State*);

}  // namespace nova::oidc_flow
