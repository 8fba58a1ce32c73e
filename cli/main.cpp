#include "cli/run.hpp"

#include <unistd.h>

#include <clocale>
#include <csignal>
#include <iostream>

int main(int count, char** values) {
  // A closed pipe (`novactl events | head`) ends the program quietly, as it ends every filter.
  std::signal(SIGPIPE, SIG_DFL);
  nova::cli::Terminal terminal{std::cin,
                               std::cout,
                               std::cerr,
                               ::isatty(STDIN_FILENO) == 1,
                               ::isatty(STDOUT_FILENO) == 1,
                               ::isatty(STDERR_FILENO) == 1,
                               ::isatty(STDIN_FILENO) == 1 ? STDIN_FILENO : -1};
  return nova::cli::run({values + 1, values + count}, terminal);
}
