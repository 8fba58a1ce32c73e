// Ten levels of AI power (S01): what a layer's figures may at most be. The same numbers stand in config/tiers.json, and
// a test holds the two together. Pure; any thread.
#pragma once
#include <cstdint>
#include <string_view>

namespace nova::core {

struct PowerLevel {
  std::string_view label;
  std::int64_t tokens = 0;  ///< in one request
  std::int64_t requests_per_minute = 0;
};

inline constexpr PowerLevel power_levels[] = {{"minimal", 1'024, 10},
                                              {"basic", 2'048, 20},
                                              {"standard", 4'096, 30},
                                              {"enhanced", 8'192, 40},
                                              {"professional", 16'384, 60},
                                              {"advanced", 32'768, 80},
                                              {"high_performance", 65'536, 100},
                                              {"enterprise", 100'000, 200},
                                              {"sovereign", 128'000, 500},
                                              {"unlimited", 200'000, 1'000}};

/// 1 to 10; of what is outside, the nearest.
constexpr const PowerLevel& power_level(std::int64_t level) {
  return power_levels[level < 1 ? 0 : level > 10 ? 9 : level - 1];
}

}  // namespace nova::core
