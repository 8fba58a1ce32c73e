#include "governance/limits/policies.hpp"

#include <algorithm>
#include <iterator>

namespace nova::limits {
namespace {

struct TierRow {
  std::string_view name;
  std::uint32_t multiplier, absolute_per_minute;
};
constexpr TierRow tiers[] = {{"free", 1, 200},         {"basic", 2, 500},       {"pro", 5, 1000},
                             {"enterprise", 10, 2000}, {"sovereign", 20, 5000}, {"owner", 100, 10000}};

struct OwnRow {
  std::string_view name;
  Millis window;
};
constexpr OwnRow own_rows[own_policies] = {{"key.minute", 60'000}, {"key.hour", 3'600'000}, {"key.day", 86'400'000}};
constexpr std::uint32_t own_warning_percent = 80;

std::uint32_t cut(std::uint64_t number) { return std::uint32_t(std::min<std::uint64_t>(number, UINT32_MAX)); }

}  // namespace

Tier tier_of(std::string_view name) {
  const auto found = std::find_if(std::begin(tiers), std::end(tiers), [&](const auto& t) { return t.name == name; });
  return found == std::end(tiers) ? Tier::free : Tier(found - std::begin(tiers));
}

std::uint32_t multiplier_of(Tier tier) { return tiers[std::size_t(tier)].multiplier; }
std::uint32_t absolute_per_minute(Tier tier) { return tiers[std::size_t(tier)].absolute_per_minute; }

PolicyId own_policy(std::size_t which) { return PolicyId(Policies::size() + which); }
bool is_own(PolicyId id) { return id >= Policies::size() && id < Policies::size() + own_policies; }

Allowance own_allowance(PolicyId id, std::uint32_t max) {
  Allowance made;
  made.main = {own_rows[id - Policies::size()].window, max};
  made.burst = {burst_window, max};  // no smaller: it is no limit
  made.warns_at = cut((std::uint64_t{max} * own_warning_percent + 99) / 100);
  made.refusals = UINT32_MAX;
  return made;
}

std::string_view policy_name(PolicyId id) {
  return is_own(id) ? own_rows[id - Policies::size()].name : core::rate_defaults()[id].id;
}

Policies::Policies() {
  for (PolicyId id = 0; id < size(); ++id) reset(id);
}

void Policies::reset(PolicyId id) {
  const auto& row = core::rate_defaults()[id];
  lines_[id] = {row.window_s, row.max};
}

Allowance Policies::allowance(PolicyId id, Tier tier) const {
  const auto& line = lines_[id];
  const auto& row = tiers[std::size_t(tier)];
  const auto most = std::max<std::uint64_t>(std::uint64_t{row.absolute_per_minute} * line.window_s / 60, 1);
  Allowance made;
  made.main = {Millis{line.window_s} * 1000, cut(std::min(std::uint64_t{line.max} * row.multiplier, most))};
  made.burst = {burst_window, cut(std::uint64_t{line.burst} * row.multiplier)};
  made.warns_at = cut((std::uint64_t{made.main.max} * line.warning_percent + 99) / 100);
  made.refusals = std::clamp(made.main.max, refusals_min, refusals_max);
  made.block = Millis{line.block_s} * 1000;
  return made;
}

}  // namespace nova::limits
