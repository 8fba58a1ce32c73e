// What sort of change a text is: whether it can only forbid more.
#pragma once
#include "governance/constitution/constitution.hpp"

#include <string>
#include <vector>

namespace nova::constitution {

/// Policies that one text has and the other has not, by id. One whose scope, conditions, effect or gate changed is
/// both.
struct Difference {
  std::vector<std::string> permits_added, permits_removed, forbids_added, forbids_removed;
  bool same() const {
    return permits_added.empty() && permits_removed.empty() && forbids_added.empty() && forbids_removed.empty();
  }
  /// Judged policy by policy, so it holds for every request there is: nothing that was denied or held can be allowed
  /// now, and nothing that was forbidden can be asked for.
  bool tightens() const { return permits_added.empty() && forbids_removed.empty(); }
};

/// Both under one schema, that of this program. Quadratic in the policies that differ.
Difference difference(const cedar::PolicySet& before, const cedar::PolicySet& after);

}  // namespace nova::constitution
