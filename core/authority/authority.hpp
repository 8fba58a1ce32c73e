// Who may be what: the platform's roles, a tenant's roles with their capabilities, permissions and scopes (S20-S22).
// The same words stand in config/permissions.json, and a test holds the two together. Pure; any thread.
#pragma once
#include "core/decision.hpp"
#include "core/types.hpp"

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace nova::core {

enum class PlatformRole : std::uint8_t {
  free,
  basic,
  pro,
  enterprise,
  sovereign,
  owner,
  admin,
  finance_admin,
  finance_manager,
  accountant,
  support_agent
};
const std::vector<std::string_view>& names_of(const PlatformRole*);
std::optional<PlatformRole> platform_role(std::string_view name);

/// True for the five roles that a subscription gives; the others are of the platform's own people.
constexpr bool is_subscriber(PlatformRole role) { return role <= PlatformRole::sovereign; }

/// A member's role in a tenant; its value is its rank (S21).
enum class TenantRole : std::uint8_t { none, viewer, staff, admin, owner };
const std::vector<std::string_view>& names_of(const TenantRole*);
constexpr int rank_of(TenantRole role) { return int(role); }

/// `member` reads as staff; what is no role reads as none.
TenantRole tenant_role(std::string_view name);

/// The 35 platform permissions, `area:verb`.
const std::vector<std::string_view>& platform_permissions();
bool is_platform_permission(std::string_view name);
/// Held by the root owner alone.
inline constexpr std::string_view full_access = "owner:full_access";

/// The 23 scopes of API keys, `area.verb`.
const std::vector<std::string_view>& api_scopes();
bool is_api_scope(std::string_view name);

/// The 14 capabilities of tenant roles, `area.verb`.
const std::vector<std::string_view>& tenant_capabilities();
bool is_tenant_capability(std::string_view name);
/// The 14 x 4 matrix. False for a capability that does not exist.
bool allows(std::string_view capability, TenantRole role);

/// HMAC-SHA-256 under a key of the node, as 64 lower-case hex digits: what stands for a bearer secret, an email or a
/// place wherever the thing itself may not be stored.
using KeyedHash = Text<64, 64, Shape::name>;

/// True for the root owner, the operator's token (a node has no owner before one is enrolled) and the runtime itself.
bool is_owner_level(const Context& context);

/// What rules on ranks compare: the caller's rank in the command's tenant; above every tenant role for callers of owner
/// level and for the platform roles owner and sovereign.
int caller_rank(const Context& context);

}  // namespace nova::core
