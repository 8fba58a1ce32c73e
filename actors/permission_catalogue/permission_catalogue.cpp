#include "actors/permission_catalogue/permission_catalogue.hpp"

#include <algorithm>
#include <utility>

namespace nova::permission_catalogue {
namespace {

using Events = std::vector<Event>;
using Outcome = core::Decision<Event>;

bool is_preset(std::string_view code) {
  const auto& shipped = core::permission_presets();
  return std::any_of(shipped.begin(), shipped.end(), [&](const auto& preset) { return preset.code == code; });
}

// Others look codes up by paths into the document.
bool is_word(std::string_view code) {
  return std::all_of(code.begin(), code.end(),
                     [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
}

Outcome on(const State& s, const Define& c, const core::Context& ctx) {
  const auto& categories = core::permission_categories();
  if (std::find(categories.begin(), categories.end(), c.category) == categories.end())
    return core::invalid_input("category", "must be one of the 22 that there are");
  if (core::find_permission_code(c.code)) return core::refuse("entity.duplicate", "`" + c.code + "` is there already");
  if (!is_word(c.code)) return core::invalid_input("code", "must be lower-case letters, digits and underscores");
  const Definition made{c.category, c.security_level};
  if (const auto found = s.definitions.find(c.code); found != s.definitions.end()) {
    if (found->second == made) return Events{};
    // A code that was granted keeps its meaning.
    return core::refuse("entity.duplicate", "`" + c.code + "` is there already");
  }
  if (s.definitions.size() >= definitions_max)
    return core::refuse("permission.limit", "there are too many codes").with("limit", std::to_string(definitions_max));
  return Events{Defined{c.code, made, ctx.principal.id, ctx.now}};
}

Outcome on(const State& s, const DefinePreset& c, const core::Context& ctx) {
  if (is_preset(c.code)) {
    auto error = core::refuse("preset.system", "the preset `" + c.code + "` ships with the program");
    error.status = 403;
    return error;
  }
  if (!is_word(c.code)) return core::invalid_input("code", "must be lower-case letters, digits and underscores");
  if (c.permissions.empty() || c.permissions.size() > preset_codes_max)
    return core::invalid_input("permissions", "must name 1 to " + std::to_string(preset_codes_max) + " codes");
  for (const auto& code : c.permissions)
    if (!core::find_permission_code(code) && !s.definitions.contains(code))
      return core::refuse("permission.unknown_code", "there is no permission `" + code + "`").with("code", code);
  std::vector<std::string> codes(c.permissions.begin(), c.permissions.end());
  const auto found = s.presets.find(c.code);
  if (found != s.presets.end() && found->second == codes) return Events{};
  if (found == s.presets.end() && s.presets.size() >= presets_max)
    return core::refuse("permission.limit", "there are too many presets").with("limit", std::to_string(presets_max));
  return Events{PresetDefined{c.code, std::move(codes), ctx.principal.id, ctx.now}};
}

void changed(State& s, const std::string& by, core::Timestamp at) {
  s.status = Status::active;
  s.changed_by = by;
  s.changed_at = at;
}
void apply(State& s, const Defined& e) {
  if (s.definitions.size() < definitions_max) s.definitions[e.code] = e.definition;
  changed(s, e.by, e.at);
}
void apply(State& s, const PresetDefined& e) {
  if (s.presets.size() < presets_max || s.presets.contains(e.code)) s.presets[e.code] = e.permissions;
  changed(s, e.by, e.at);
}

}  // namespace

core::Decision<Event> decide(const State& s, const Command& command, const core::Context& ctx) {
  return std::visit([&](const auto& c) { return on(s, c, ctx); }, command);
}

State evolve(State s, const Event& event) {
  std::visit([&](const auto& e) { apply(s, e); }, event);
  return s;
}

core::Summary summarise(const State& s) { return {std::string(core::name_of(s.status)), "", ""}; }

}  // namespace nova::permission_catalogue
