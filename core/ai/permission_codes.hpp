// What the assistant or an AI agent may be let do (S06): 120 codes in 22 categories, and three presets. The same words
// stand in config/permissions.json, and a test holds the two together. Pure; any thread.
#pragma once
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace nova::core {

/// How safe a permission is; `high` is the safest, `danger` the worst. Its rank of risk is its value and one.
enum class Safety : std::uint8_t { high, medium, low, danger };
const std::vector<std::string_view>& names_of(const Safety*);

struct PermissionCode {
  std::string_view code, category;
  Safety safety = Safety::high;
  bool default_enabled = false;  ///< counts for whom nothing was said; nothing below `medium` does
};
struct PermissionPreset {
  std::string_view code;
  std::vector<std::string_view> codes;
};

const std::vector<std::string_view>& permission_categories();
std::span<const PermissionCode> permission_codes();
const PermissionCode* find_permission_code(std::string_view code);  ///< null: there is none
const std::vector<PermissionPreset>& permission_presets();

}  // namespace nova::core
