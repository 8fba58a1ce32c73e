// Identity link: one person at one outside provider, and the account that they come in to (S23). Its id is a keyed hash
// of issuer and subject, so that nobody outside can be two accounts.
#pragma once
#include "core/authority/authority.hpp"
#include "core/kind.hpp"

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace nova::identity_link {

enum class Status : std::uint8_t { absent, linked, unlinked };
const std::vector<std::string_view>& names_of(const Status*);

struct User {
  static constexpr std::string_view kind = "user";
};

// ---- commands

struct Link {
  core::EntityRef<User> user;
  core::Name provider;  ///< as the configuration calls it
};
struct Unlink {};
using Command = std::variant<Link, Unlink>;

// ---- events: stored for ever

struct Linked {
  std::string user, provider, by;
  core::Timestamp at;
};
struct Unlinked {
  std::string by;
  core::Timestamp at;
};
using Event = std::variant<Linked, Unlinked>;

// ---- state

struct State {
  Status status = Status::absent;
  std::string user, provider;
  core::Timestamp linked_at, unlinked_at;
};

core::Decision<Event> decide(const State&, const Command&, const core::Context&);
State evolve(State, const Event&);
core::Summary summarise(const State&);
const core::Kind& kind();

const core::Record& describe(const Link*);
const core::Record& describe(const Unlink*);
const core::Record& describe(const Linked*);
const core::Record& describe(const Unlinked*);
const core::Record& describe(const State*);

}  // namespace nova::identity_link
