// What a change of policies does, found by trying: over a finite universe of requests (see universe.hpp).
#pragma once
#include "governance/cedar/schema/schema.hpp"
#include "governance/cedar/syntax/ast.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace nova::cedar {

/// Worlds that are looked at for one environment (action, principal type, resource type). With more of them a random
/// sample from a fixed seed takes the place of looking at each.
constexpr std::uint64_t worlds_max = 50'000;

enum class Change : std::uint8_t { equivalent, less_permissive, more_permissive, incomparable };
std::string_view name_of(Change change);

/// A request, with the entities it meets, that the two sets answer differently.
struct Example {
  std::string text;
  std::string explanation;  ///< the policies that decided on each side
};

struct Comparison {
  Change change = Change::equivalent;
  std::optional<Example> now_denied;   ///< allowed by the old set, denied by the new
  std::optional<Example> now_allowed;  ///< the other way round
  /// Whether the verdict holds for every request there is. True for sets with the same policies. Otherwise an example
  /// proves its half; that there is none of the other half is proven when permits were only removed and forbids only
  /// added, or the reverse, and is a finding within the universe elsewhere.
  bool is_exact = false;
  /// Every world of every environment was looked at.
  bool is_exhaustive = true;
  std::uint64_t worlds = 0;
};

/// From `before` to `after`, under one schema that both should validate against. Bounded: cost is at most `worlds_max`
/// worlds for each environment, with two decisions each; environments that no policy speaks of which only one of the
/// sets has need no look. `total_max` bounds the worlds of all environments together, which then share them evenly.
/// Pure; any thread.
Comparison compare(const PolicySet& before, const PolicySet& after, const Schema& schema,
                   std::uint64_t total_max = ~std::uint64_t{0});

struct Inspection {
  std::vector<std::string> never_match;       ///< ids of policies that no world satisfied
  std::vector<std::string> shadowed_forbids;  ///< forbids that matched, and whose absence would change no decision
  bool is_exhaustive = true;
  std::uint64_t worlds = 0;
};

/// Policies without effect. A finding within the universe: look before you delete. Costs as compare() does.
Inspection inspect(const PolicySet& set, const Schema& schema);

}  // namespace nova::cedar
