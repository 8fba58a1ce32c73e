// Abuse block: somebody who went on after being told to wait, and is heard no more for a while (S24).
#pragma once
#include "core/authority/authority.hpp"
#include "core/kind.hpp"
#include "core/work.hpp"

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace nova::abuse_block {

enum class Status : std::uint8_t { absent, active, expired, lifted };
const std::vector<std::string_view>& names_of(const Status*);
enum class Subject : std::uint8_t { ip, tenant_user, token };
const std::vector<std::string_view>& names_of(const Subject*);

/// Of every event, as audits look for it.
inline constexpr std::string_view audit_type = "RATE_LIMIT_BLOCKED";

// ---- commands

struct Block {
  core::KeyedHash subject;  ///< of the address, user or token
  Subject keyed_by = Subject::ip;
  core::Text<0, 128> policy;  ///< that was overrun; empty: somebody decided it
  core::Text<0, 255> name;    ///< of a user or token; an address stands nowhere
  core::Bounded<1, 86400> seconds{900};
  core::Text<0, 1000, core::Shape::any> reason;
};
struct Unblock {
  core::Text<0, 1000, core::Shape::any> reason;
};
using Command = std::variant<Block, Unblock, core::Fire>;

// ---- events: stored for ever

struct Blocked {
  std::string type;
  std::string subject;
  Subject keyed_by = Subject::ip;
  std::string policy, name, reason, by;
  core::Timestamp at, until;
};
struct Unblocked {
  std::string reason, by;
  core::Timestamp at;
};
struct Expired {
  core::Timestamp at;
};
using Event = std::variant<Blocked, Unblocked, Expired>;

// ---- state

struct State {
  Status status = Status::absent;
  std::string subject;
  Subject keyed_by = Subject::ip;
  std::string policy, name, reason, by;
  core::Timestamp at, until, ended_at;
  std::uint64_t times = 0;  ///< how often it was blocked
};

core::Decision<Event> decide(const State&, const Command&, const core::Context&);
State evolve(State, const Event&);
core::Summary summarise(const State&);
const core::Kind& kind();

const core::Record& describe(const Block*);
const core::Record& describe(const Unblock*);
const core::Record& describe(const Blocked*);
const core::Record& describe(const Unblocked*);
const core::Record& describe(const Expired*);
const core::Record& describe(const State*);

}  // namespace nova::abuse_block
