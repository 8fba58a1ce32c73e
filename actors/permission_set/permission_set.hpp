// What the assistant, or an AI agent, may do for one subject (S06): grants of permission codes, each with its end. Its
// id is the subject's: "user-<id>", "agent-<id>", "platform-<id>". All in one entity, so that a preset is applied as a
// whole or not at all. Lives in the tenant `system`.
#pragma once
#include "core/kind.hpp"
#include "core/work.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

namespace nova::permission_set {

enum class Status : std::uint8_t { absent, active };
enum class Standing : std::uint8_t { granted, revoked, expired };
const std::vector<std::string_view>& names_of(const Status*);
const std::vector<std::string_view>& names_of(const Standing*);

using Code = core::Text<1, 64, core::Shape::name>;
using PresetCode = core::Text<1, 64, core::Shape::name>;
inline constexpr std::size_t codes_max = 180;

struct Grant {
  Standing standing = Standing::granted;
  std::string by;
  core::Timestamp at;
  std::optional<core::Timestamp> expires_at;
  friend bool operator==(const Grant&, const Grant&) = default;
};

// ---- commands

struct GrantCodes {
  core::Text<0, 160, core::Shape::name> granter;
  std::set<Code> codes;
  std::optional<core::Timestamp> expires_at;
  core::Prose reason;
};
struct RevokeCodes {
  core::Text<0, 160, core::Shape::name> granter;
  std::set<Code> codes;
  core::Prose reason;
};
struct ApplyPreset {
  core::Text<0, 160, core::Shape::name> granter;
  PresetCode preset;
  core::Prose reason;
};
using Command = std::variant<GrantCodes, RevokeCodes, ApplyPreset, core::Fire>;

// ---- events: stored for ever

struct Granted {
  std::vector<std::string> codes;
  std::optional<core::Timestamp> expires_at;
  std::string reason;
  std::string by;
  core::Timestamp at;
};
struct Revoked {
  std::vector<std::string> codes;
  std::string reason;
  std::string by;
  core::Timestamp at;
};
struct Expired {
  std::vector<std::string> codes;
  core::Timestamp at;
};
struct PresetApplied {
  std::string preset;
  std::vector<std::string> codes;
  std::string reason;
  std::string by;
  core::Timestamp at;
};
using Event = std::variant<Granted, Revoked, Expired, PresetApplied>;

// ---- state

struct State {
  Status status = Status::absent;
  std::map<std::string, Grant> grants;
  std::string preset;
  bool replaced = false;
  std::string changed_by;
  core::Timestamp changed_at;
};

/// Whether AI may do `code` for the subject at `now`; a grant past its end does not count, also before its timer.
bool holds(const State&, std::string_view code, core::Timestamp now);
/// The codes that count, in order.
std::vector<std::string> effective(const State&, core::Timestamp now);
/// "user-amy" for ("user", "amy").
std::string subject_id(std::string_view type, std::string_view id);

core::Decision<Event> decide(const State&, const Command&, const core::Context&);
State evolve(State, const Event&);
core::Summary summarise(const State&);
const core::Kind& kind();

const core::Record& describe(const Grant*);
const core::Record& describe(const GrantCodes*);
const core::Record& describe(const RevokeCodes*);
const core::Record& describe(const ApplyPreset*);
const core::Record& describe(const Granted*);
const core::Record& describe(const Revoked*);
const core::Record& describe(const Expired*);
const core::Record& describe(const PresetApplied*);
const core::Record& describe(const State*);

}  // namespace nova::permission_set
