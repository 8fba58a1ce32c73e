#include "cli/text/table.hpp"

#include "cli/text/safe.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace nova::cli {
namespace {

// One long reason shall not push the other columns off the screen.
constexpr std::size_t cell_width_max = 80;

}  // namespace

std::string Paint::status(const std::string& word) const {
  constexpr std::array<std::string_view, 9> good = {"running", "healthy", "active",  "ready", "green",
                                                    "done",    "ok",      "applied", "up"};
  constexpr std::array<std::string_view, 9> bad = {"failed", "error", "quarantined", "stuck",    "red",
                                                   "parked", "down",  "open",        "no answer"};
  const auto is_one_of = [&](const auto& words) { return std::find(words.begin(), words.end(), word) != words.end(); };
  if (is_one_of(good)) return green(word);
  if (is_one_of(bad)) return red(word);
  constexpr std::array<std::string_view, 6> quiet = {"stopped",  "archived",  "deleted",
                                                     "answered", "withdrawn", "superseded"};
  return is_one_of(quiet) ? dim(word) : yellow(word);
}

void Table::row(std::vector<std::string> cells) {
  cells.resize(headings_.size());
  for (auto& cell : cells) cell = cut(safe(cell), cell_width_max);
  rows_.push_back(std::move(cells));
}

std::string Table::text(const Paint& paint, int status_column) const {
  std::vector<std::size_t> widths;
  for (std::size_t column = 0; column < headings_.size(); ++column) {
    std::size_t width = display_width(headings_[column]);
    for (const auto& row : rows_) width = std::max(width, display_width(row[column]));
    widths.push_back(width);
  }
  std::string out;
  const auto line = [&](const std::vector<std::string>& cells, bool is_heading) {
    for (std::size_t column = 0; column < cells.size(); ++column) {
      const bool is_last = column + 1 == cells.size();
      const std::string gap = is_last ? "" : std::string(widths[column] + 2 - display_width(cells[column]), ' ');
      const bool is_status = !is_heading && int(column) == status_column;
      out += (is_status ? paint.status(cells[column]) : is_heading ? paint.bold(cells[column]) : cells[column]) + gap;
    }
    while (!out.empty() && out.back() == ' ') out.pop_back();
    out += '\n';
  };
  line(headings_, true);
  for (const auto& row : rows_) line(row, false);
  return out;
}

}  // namespace nova::cli
