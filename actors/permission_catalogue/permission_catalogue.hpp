// What was added to the 120 permission codes and three presets that ship (S06, core/ai/permission_codes.hpp). One
// entity: `nova` in the tenant `system`. What ships cannot be changed or removed.
#pragma once
#include "core/ai/permission_codes.hpp"
#include "core/kind.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

namespace nova::permission_catalogue {

enum class Status : std::uint8_t { absent, active };
const std::vector<std::string_view>& names_of(const Status*);

using Code = core::Text<1, 64, core::Shape::name>;
inline constexpr std::size_t definitions_max = 60;
inline constexpr std::size_t presets_max = 6;
inline constexpr std::size_t preset_codes_max = 120;

struct Definition {
  std::string category;
  core::Safety security_level = core::Safety::high;
  friend bool operator==(const Definition&, const Definition&) = default;
};

// ---- commands

struct Define {
  Code code;
  Code category;
  core::Safety security_level = core::Safety::high;
};
struct DefinePreset {
  Code code;
  std::set<Code> permissions;
};
using Command = std::variant<Define, DefinePreset>;

// ---- events: stored for ever

struct Defined {
  std::string code;
  Definition definition;
  std::string by;
  core::Timestamp at;
};
struct PresetDefined {
  std::string code;
  std::vector<std::string> permissions;
  std::string by;
  core::Timestamp at;
};
using Event = std::variant<Defined, PresetDefined>;

// ---- state

struct State {
  Status status = Status::absent;
  std::map<std::string, Definition> definitions;
  std::map<std::string, std::vector<std::string>> presets;
  std::string changed_by;
  core::Timestamp changed_at;
};

core::Decision<Event> decide(const State&, const Command&, const core::Context&);
State evolve(State, const Event&);
core::Summary summarise(const State&);
const core::Kind& kind();

const core::Record& describe(const Definition*);
const core::Record& describe(const Define*);
const core::Record& describe(const DefinePreset*);
const core::Record& describe(const Defined*);
const core::Record& describe(const PresetDefined*);
const core::Record& describe(const State*);

}  // namespace nova::permission_catalogue
