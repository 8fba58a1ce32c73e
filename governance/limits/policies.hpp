// How much of what: policies by group and route, multiplied by the caller's tier (S24), as config/tiers.json has them;
// a test holds the two together.
#pragma once
#include "core/authority/rates.hpp"
#include "governance/limits/window.hpp"

#include <array>
#include <cstdint>
#include <string_view>

namespace nova::limits {

using KeyedBy = core::RateKey;

/// Tiers of tenants, and the root owner's.
enum class Tier : std::uint8_t { free, basic, pro, enterprise, sovereign, owner };
/// `free` for what is none.
Tier tier_of(std::string_view name);
std::uint32_t multiplier_of(Tier tier);
std::uint32_t absolute_per_minute(Tier tier);

inline constexpr Millis burst_window = 1000;
/// Refusals within one window after which a caller is blocked: it goes on as if nothing was said.
inline constexpr std::uint32_t refusals_min = 10, refusals_max = 200;

/// Index into `core::rate_defaults()`.
using PolicyId = std::uint16_t;

/// A policy as it counts for one caller.
struct Allowance {
  Span main, burst;
  std::uint32_t warns_at = 0;  ///< of `main`
  std::uint32_t refusals = 0;  ///< with the last of these in one window the caller is blocked
  Millis block = 0;            ///< for how long
};

/// What a key may ask for beside what its tenant may (S22); 0: any number.
struct OwnLimits {
  std::uint32_t per_minute = 0, per_hour = 0, per_day = 0;
  bool any() const { return per_minute != 0 || per_hour != 0 || per_day != 0; }
};
/// They are counted like policies, with ids behind those that ship.
inline constexpr std::size_t own_policies = 3;
PolicyId own_policy(std::size_t which);
bool is_own(PolicyId id);
/// `warns_at` as with other policies; who overruns one is never blocked, since its tenant's limits stand above.
Allowance own_allowance(PolicyId id, std::uint32_t max);
/// As lists and logs call it: "auth.login", "key.minute".
std::string_view policy_name(PolicyId id);

/// The policies of this moment: those that are shipped, with what the owner set. A value.
class Policies {
 public:
  struct Line {
    std::uint32_t window_s = 0;
    std::uint32_t max = 0;     ///< for the lowest tier; so is `burst`
    std::uint32_t burst = 10;  ///< in one `burst_window`
    std::uint32_t warning_percent = 80;
    std::uint32_t block_s = 900;
  };
  Policies();

  static std::size_t size() { return core::rate_defaults().size(); }
  const Line& line(PolicyId id) const { return lines_[id]; }
  void set(PolicyId id, Line line) { lines_[id] = line; }
  void reset(PolicyId id);

  /// Counted by address, a policy knows no tier.
  Allowance allowance(PolicyId id, Tier tier) const;

 private:
  std::array<Line, core::rate_policies_max> lines_;
};

}  // namespace nova::limits
