// Auth method: a way of coming in that the owner may close, and open again (S23).
#pragma once
#include "core/kind.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace nova::auth_method {

/// Open is what ships; there is an entity only once somebody closed one.
enum class Status : std::uint8_t { open, closed };
const std::vector<std::string_view>& names_of(const Status*);

/// Passwords are what every account can fall back to: that way is never closed.
inline constexpr std::string_view default_method = "password";

// ---- commands

struct Disable {
  core::Text<1, 255, core::Shape::line> reason;
};
struct Enable {};
using Command = std::variant<Disable, Enable>;

// ---- events: stored for ever

struct Disabled {
  std::string reason, by;
  core::Timestamp at;
};
struct Enabled {
  std::string by;
  core::Timestamp at;
};
using Event = std::variant<Disabled, Enabled>;

// ---- state

struct State {
  Status status = Status::open;
  std::string reason;  ///< why it is closed
  std::string by;
  core::Timestamp at;
};

core::Decision<Event> decide(const State&, const Command&, const core::Context&);
State evolve(State, const Event&);
core::Summary summarise(const State&);
const core::Kind& kind();

const core::Record& describe(const Disable*);
const core::Record& describe(const Enable*);
const core::Record& describe(const Disabled*);
const core::Record& describe(const Enabled*);
const core::Record& describe(const State*);

}  // namespace nova::auth_method
