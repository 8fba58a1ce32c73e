// The verbs of the owner's own governance.
#pragma once
#include "cli/verbs/verbs.hpp"

namespace nova::cli {

void add_decisions(CLI::App& app, Chosen& chosen);  // decisions
void add_emergency(CLI::App& app, Chosen& chosen);  // emergency, incidents

}  // namespace nova::cli
