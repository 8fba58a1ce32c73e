// Names for what a run meets: faults that were injected, rare states that were reached, bugs that were planted. One
// thread.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace nova::simulation {

/// Counts that a rare state occurred. Callers give a literal.
void reached(std::string_view mark);
const std::map<std::string, std::uint64_t, std::less<>>& marks();
void clear_marks();

struct Bug {
  std::string_view name, what;
};
/// All that this program can plant, beside the canary that every program has.
const std::vector<Bug>& bugs();

/// The bug that this process simulates with; empty: none.
void plant(std::string name);
/// True when the bug of this name is planted: asked by the altered copies of production sources, in one program only.
bool planted(std::string_view name);

}  // namespace nova::simulation
