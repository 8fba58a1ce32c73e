#include "governance/constitution/amend/text_diff.hpp"

#include <algorithm>
#include <vector>

namespace nova::constitution {
namespace {

constexpr std::size_t around = 3;

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const auto end = text.find('\n');
    lines.push_back(text.substr(0, end));
    if (end == text.npos) break;
    text.remove_prefix(end + 1);
  }
  return lines;
}

struct Line {
  char sign;  ///< ' ', '-', '+'
  std::string_view text;
  std::size_t before, after;  ///< its number in each, from 1
};

using Lines = std::vector<std::string_view>;

// Myers, "An O(ND) Difference Algorithm and Its Variations" (1986): the furthest points of each number of changes are
// kept, and walked back.
std::vector<std::vector<int>> furthest_points(const Lines& a, const Lines& b, bool& found) {
  const int n = int(a.size()), m = int(b.size()), most = std::min(n + m, diff_changes_max);
  std::vector<std::vector<int>> trace;
  std::vector<int> reach(std::size_t(2 * most + 3), 0);
  const auto at = [&](int k) -> int& { return reach[std::size_t(k + most + 1)]; };
  found = false;
  for (int d = 0; d <= most && !found; ++d) {
    trace.emplace_back(reach.begin() + most + 1 - d - 1, reach.begin() + most + 1 + d + 2);
    for (int k = -d; k <= d; k += 2) {
      int x = k == -d || (k != d && at(k - 1) < at(k + 1)) ? at(k + 1) : at(k - 1) + 1;
      while (x < n && x - k < m && x - k >= 0 && a[std::size_t(x)] == b[std::size_t(x - k)]) ++x;
      at(k) = x;
      if (x >= n && x - k >= m) {
        found = true;
        break;
      }
    }
  }
  return trace;
}

std::vector<Line> walked_back(const Lines& a, const Lines& b, const std::vector<std::vector<int>>& trace) {
  std::vector<Line> lines;
  int x = int(a.size()), y = int(b.size());
  const auto keep = [&] {
    --x, --y;
    lines.push_back({' ', a[std::size_t(x)], std::size_t(x + 1), std::size_t(y + 1)});
  };
  for (int d = int(trace.size()) - 1; d >= 0; --d) {
    const auto& reach = trace[std::size_t(d)];
    const auto at = [&](int k) { return reach[std::size_t(k + d + 1)]; };
    const int k = x - y;
    const bool down = k == -d || (k != d && at(k - 1) < at(k + 1));
    const int from_x = d == 0 ? 0 : at(down ? k + 1 : k - 1), from_y = from_x - (d == 0 ? 0 : down ? k + 1 : k - 1);
    while (x > from_x && y > from_y) keep();
    if (d == 0) break;
    if (down) {
      --y;
      lines.push_back({'+', b[std::size_t(y)], std::size_t(x), std::size_t(y + 1)});
    } else {
      --x;
      lines.push_back({'-', a[std::size_t(x)], std::size_t(x + 1), std::size_t(y)});
    }
  }
  std::reverse(lines.begin(), lines.end());
  return lines;
}

std::vector<Line> all_other(const Lines& a, const Lines& b) {
  std::vector<Line> lines;
  for (std::size_t i = 0; i < a.size(); ++i) lines.push_back({'-', a[i], i + 1, 0});
  for (std::size_t i = 0; i < b.size(); ++i) lines.push_back({'+', b[i], a.size(), i + 1});
  return lines;
}

std::string hunk_of(const std::vector<Line>& lines, std::size_t first, std::size_t end) {
  std::size_t before = 0, after = 0;
  std::string body;
  for (std::size_t i = first; i < end; ++i) {
    before += lines[i].sign != '+';
    after += lines[i].sign != '-';
    body.append(1, lines[i].sign).append(lines[i].text).append("\n");
  }
  const auto start = [](std::size_t line, std::size_t count) {
    return std::to_string(count == 0 ? line : std::max<std::size_t>(line, 1));
  };
  return "@@ -" + start(lines[first].before, before) + "," + std::to_string(before) + " +" +
         start(lines[first].after, after) + "," + std::to_string(after) + " @@\n" + body;
}

}  // namespace

std::string text_diff(std::string_view before, std::string_view after) {
  const auto a = lines_of(before), b = lines_of(after);
  bool found = false;
  const auto trace = furthest_points(a, b, found);
  const auto lines = found ? walked_back(a, b, trace) : all_other(a, b);
  std::string out;
  for (std::size_t i = 0; i < lines.size();) {
    if (lines[i].sign == ' ') {
      ++i;
      continue;
    }
    const std::size_t first = i > around ? i - around : 0;
    std::size_t last = i;  // the last change of this hunk
    for (std::size_t j = i; j < lines.size() && j <= last + 2 * around + 1; ++j)
      if (lines[j].sign != ' ') last = j;
    const auto end = std::min(lines.size(), last + around + 1);
    out += hunk_of(lines, first, end);
    i = end;
  }
  return out;
}

}  // namespace nova::constitution
