#include "tests/simulation/ground/faults.hpp"

#include "tests/simulation/ground/marks.hpp"

#include <string>

namespace nova::simulation {
namespace {

constexpr FaultRow rows[] = {
    {"crash", 5000, true},         {"power_cut", 6000, true},    {"die_writing", 2500, true},
    {"failed_commit", 1500, true}, {"full_disk", 8000, true},    {"slow_disk", 6, false},
    {"lost_request", 25, false},   {"lost_ack", 15, false},      {"duplicate", 8, false},
    {"clock_jump", 6000, true},    {"effect_fails", 4, false},   {"effect_twice", 5, false},
    {"effect_slow", 4, false},     {"service_dies", 1500, true}, {"actor_dies", 30, false},
    {"failed_read", 5000, true},   {"old_document", 4, false},   {"partition", 6000, true},
};
static_assert(std::size(rows) == std::size_t(Fault::count));

}  // namespace

const FaultRow& row_of(Fault fault) { return rows[std::size_t(fault)]; }

Faults::Faults(testkit::Random& random) : random_(random) {
  for (auto& on : on_) on = random.one_in(2);
}

bool Faults::strikes(Fault fault) {
  // The draw is made in any case, so that a run without this fault stays alike.
  const bool hit = random_.one_in(row_of(fault).one_in) && is_on(fault);
  if (hit) struck(fault);
  return hit;
}

void struck(Fault fault) { reached("fault." + std::string(row_of(fault).name)); }

}  // namespace nova::simulation
