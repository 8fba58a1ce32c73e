// The program that is linked from production sources as they are has no bugs to plant.
#include "tests/simulation/ground/marks.hpp"

namespace nova::simulation {

const std::vector<Bug>& bugs() {
  static const std::vector<Bug> none;
  return none;
}

}  // namespace nova::simulation
