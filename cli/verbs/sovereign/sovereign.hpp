// The verbs of the owner's own governance.
#pragma once
#include "cli/verbs/verbs.hpp"

namespace nova::cli {

void add_decisions(CLI::App& app, Chosen& chosen);  // decisions

}  // namespace nova::cli
