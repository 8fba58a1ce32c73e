// What each tier may use (S19), as config/tiers.json has it; a test holds the two together.
#pragma once
#include <cstdint>
#include <string_view>
#include <vector>

namespace nova::tenant {

enum class Tier : std::uint8_t { free, basic, pro, enterprise, sovereign };
enum class Resource : std::uint8_t { projects, storage_mb, ai_tokens, deployments };
const std::vector<std::string_view>& names_of(const Tier*);
const std::vector<std::string_view>& names_of(const Resource*);

inline constexpr std::int64_t unlimited = -1;
inline constexpr Resource resources[] = {Resource::projects, Resource::storage_mb, Resource::ai_tokens,
                                         Resource::deployments};

/// How much of a resource a tenant of the tier may use; `unlimited` or at least 0.
std::int64_t quota_of(Tier tier, Resource resource);

}  // namespace nova::tenant
