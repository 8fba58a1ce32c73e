#if !__has_include(<catch2/catch_all.hpp>)
#define CATCH_CONFIG_RUNNER
#endif
#include "tests/testkit/catch.hpp"

#include <csignal>

int main(int argc, char** argv) {
  // A peer that hangs up is an error value for the code under test, never the end of the test program.
  std::signal(SIGPIPE, SIG_IGN);
  return Catch::Session().run(argc, argv);
}
