#include "tests/simulation/ground/marks.hpp"

namespace nova::simulation {
namespace {

std::map<std::string, std::uint64_t, std::less<>> counts;
std::string planted_name;

}  // namespace

void reached(std::string_view mark) {
  const auto found = counts.find(mark);
  if (found != counts.end())
    ++found->second;
  else
    counts.emplace(mark, 1);
}
const std::map<std::string, std::uint64_t, std::less<>>& marks() { return counts; }
void clear_marks() { counts.clear(); }

void plant(std::string name) { planted_name = std::move(name); }
bool planted(std::string_view name) { return !planted_name.empty() && planted_name == name; }

}  // namespace nova::simulation
