// Provider: where platforms can run (S30). This node knows one kind, `local`: the machine that it runs on. Providers
// live in the tenant `system`.
#pragma once
#include "core/kind.hpp"
#include "core/work.hpp"

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace nova::provider {

enum class Status : std::uint8_t { absent, disconnected, connected, error, removed };
enum class Role : std::uint8_t { primary, secondary, backup, staging };
const std::vector<std::string_view>& names_of(const Status*);
const std::vector<std::string_view>& names_of(const Role*);

inline constexpr std::size_t message_size_max = 300;

// Commands.
struct Add {
  core::Name kind;
  core::Text<1, 255, core::Shape::line> name;
  Role type = Role::primary;
};
struct Verify {};
struct Enable {};
struct Disable {
  core::Prose reason;
};
struct Remove {
  core::Prose reason;
};
using Command = std::variant<Add, Verify, Enable, Disable, Remove, core::Settle>;

// Events: stored for ever.
struct Added {
  std::string kind;
  std::string name;
  Role type = Role::primary;
  std::string by;
  core::Timestamp at;
};
struct VerifyAsked {
  std::string work;
};
/// What can be had there.
struct Connected {
  std::string work;
  core::Bounded<0, 100> health{100};
  std::uint32_t cpus = 0;
  std::uint64_t memory_mb = 0;
  std::uint64_t disk_free_mb = 0;
  std::string message;  ///< what keeps the health below 100
  core::Timestamp at;
};
struct Failed {
  std::string work;
  std::string code;
  std::string message;
  core::Timestamp at;
};
struct Enabled {
  std::string by;
  core::Timestamp at;
};
struct Disabled {
  std::string reason;
  std::string by;
  core::Timestamp at;
};
struct Removed {
  std::string reason;
  std::string by;
  core::Timestamp at;
};
using Event = std::variant<Added, VerifyAsked, Connected, Failed, Enabled, Disabled, Removed>;

struct State {
  Status status = Status::absent;
  std::string kind;
  std::string name;
  Role type = Role::primary;
  bool enabled = false;
  core::Bounded<0, 100> health{0};
  std::uint32_t cpus = 0;
  std::uint64_t memory_mb = 0;
  std::uint64_t disk_free_mb = 0;
  core::Timestamp verified_at;
  std::string reason;
  std::string work;         ///< verification under way; empty: none
  std::uint64_t works = 0;  ///< last number used in ids of works
};

core::Decision<Event> decide(const State&, const Command&, const core::Context&);
State evolve(State, const Event&);
core::Summary summarise(const State&);
const core::Kind& kind();

const core::Record& describe(const Add*);
const core::Record& describe(const Verify*);
const core::Record& describe(const Enable*);
const core::Record& describe(const Disable*);
const core::Record& describe(const Remove*);
const core::Record& describe(const Added*);
const core::Record& describe(const VerifyAsked*);
const core::Record& describe(const Connected*);
const core::Record& describe(const Failed*);
const core::Record& describe(const Enabled*);
const core::Record& describe(const Disabled*);
const core::Record& describe(const Removed*);
const core::Record& describe(const State*);

}  // namespace nova::provider
