// novactl as a function: the whole program, with its streams handed in.
#pragma once
#include "cli/session.hpp"

#include <string>
#include <vector>

namespace nova::cli {

/// `arguments` without the program's name. Answers the exit code.
int run(const std::vector<std::string>& arguments, Terminal& terminal);

}  // namespace nova::cli
