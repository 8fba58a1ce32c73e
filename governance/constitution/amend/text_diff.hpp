// What is another between two texts, line by line, as `diff -u` shows it.
#pragma once
#include <string>
#include <string_view>

namespace nova::constitution {

/// Three lines around each change. Texts with more than `diff_changes_max` changed lines are shown as a whole removed
/// and added: the cost is lines times changes.
std::string text_diff(std::string_view before, std::string_view after);
inline constexpr int diff_changes_max = 2000;

}  // namespace nova::constitution
