// Words of requests to AI (S02), and which of them always need a person.
#pragma once
#include <chrono>
#include <cstdint>
#include <string_view>
#include <vector>

namespace nova::core {

enum class AiAction : std::uint8_t { generate, analyze, decide, execute, suggest };
enum class Impact : std::uint8_t { low, medium, high, critical };
/// How hard the constitution's rules for AI bite: `strict` refuses, `warning` allows and records, `permissive` only
/// logs.
enum class Enforcement : std::uint8_t { strict, warning, permissive };

inline const std::vector<std::string_view>& names_of(const AiAction*) {
  static const std::vector<std::string_view> names = {"generate", "analyze", "decide", "execute", "suggest"};
  return names;
}
inline const std::vector<std::string_view>& names_of(const Impact*) {
  static const std::vector<std::string_view> names = {"low", "medium", "high", "critical"};
  return names;
}
inline const std::vector<std::string_view>& names_of(const Enforcement*) {
  static const std::vector<std::string_view> names = {"strict", "warning", "permissive"};
  return names;
}

/// A request that was allowed and of which nothing was heard has failed.
inline constexpr std::chrono::minutes execution_run_time{10};
/// A ledger that has not answered by then says no.
inline constexpr std::chrono::minutes execution_ledger_time{1};
/// What a ledger holds outlives what it is held for, or saying nothing of it would cost nothing.
inline constexpr std::chrono::minutes execution_hold_time = execution_run_time + std::chrono::minutes(5);

/// Task types that a person decides, however little seems to hang on them.
inline constexpr std::string_view weighty_tasks[] = {"delete",   "deploy",      "payment",
                                                     "user_ban", "data_export", "system_config"};

constexpr bool is_weighty_task(std::string_view type) {
  for (const auto task : weighty_tasks)
    if (task == type) return true;
  return false;
}

}  // namespace nova::core
