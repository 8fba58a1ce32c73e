// The machine below the simulated nodes; see machine.cpp.
#pragma once

namespace nova::simulation {

/// Before each run: identifiers begin anew, and no small file lies beside a store.
void reset_machine();

}  // namespace nova::simulation
