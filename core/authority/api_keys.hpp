// How many API keys a tenant may have that are active or suspended, by its tier (S22: `api_key.limit`). The same
// numbers stand in config/tiers.json, and a test holds the two together.
#pragma once
#include <cstdint>
#include <string_view>

namespace nova::core {

inline constexpr std::int64_t api_keys_unlimited = -1;

/// `api_keys_unlimited` or at least 1; of a tier that there is not as of the lowest.
constexpr std::int64_t api_keys_max(std::string_view tier) {
  constexpr struct {
    std::string_view tier;
    std::int64_t max;
  } rows[] = {{"free", 10},
              {"basic", 25},
              {"pro", 100},
              {"enterprise", 1'000},
              {"sovereign", api_keys_unlimited},
              {"owner", api_keys_unlimited}};
  for (const auto& row : rows)
    if (row.tier == tier) return row.max;
  return rows[0].max;
}

}  // namespace nova::core
