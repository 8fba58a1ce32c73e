// The policies that ship (S24), as config/tiers.json has them; a test holds the two together.
#pragma once
#include <cstdint>
#include <string_view>
#include <vector>

namespace nova::core {

/// Whom a policy counts: the client's address, a user in a tenant, a token. A signed-in caller of a policy by
/// `tenant_user` that came with a key is counted by its key, one that did not sign in by its address.
enum class RateKey : std::uint8_t { ip, tenant_user, token };
const std::vector<std::string_view>& names_of(const RateKey*);

struct RateDefault {
  std::string_view id;     ///< of the entity: the route with dots for slashes, or the group
  std::string_view route;  ///< "auth/login"; empty: a group of routes
  std::uint32_t window_s = 0;
  std::uint32_t max = 0;  ///< for the lowest tier
  RateKey key = RateKey::tenant_user;
};

inline constexpr std::size_t rate_policies_max = 32;

/// Groups first, then routes. The order is the same in every process.
const std::vector<RateDefault>& rate_defaults();
/// Null when there is none.
const RateDefault* find_rate_default(std::string_view id);

}  // namespace nova::core
