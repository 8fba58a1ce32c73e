#include "actors/tenant/tiers.hpp"

#include <cstddef>

namespace nova::tenant {
namespace {

// Rows in order of the tiers, columns in order of the resources.
constexpr std::int64_t quotas[][4] = {
    {3, 100, 10'000, 1},                           // free
    {10, 1'000, 100'000, 5},                       // basic
    {50, 10'000, 1'000'000, 20},                   // pro
    {500, 100'000, 10'000'000, 100},               // enterprise
    {unlimited, unlimited, unlimited, unlimited},  // sovereign
};

}  // namespace

std::int64_t quota_of(Tier tier, Resource resource) { return quotas[std::size_t(tier)][std::size_t(resource)]; }

}  // namespace nova::tenant
