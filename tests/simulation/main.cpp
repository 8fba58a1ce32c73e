// simulate --seeds N [--seed S] [--bug NAME] [--list-bugs]: runs seeds and tells which of them break an invariant.
#include "tests/simulation/marks.hpp"
#include "tests/simulation/world.hpp"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>

int main(int argc, char** argv) {
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  std::uint64_t seeds = 100, first = 1;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string option = argv[i];
    if (option == "--seeds") seeds = std::strtoull(argv[i + 1], nullptr, 10);
    if (option == "--seed") first = std::strtoull(argv[i + 1], nullptr, 10);
    if (option == "--bug") nova::simulation::plant(argv[i + 1]);
  }
  std::uint64_t failures = 0, events = 0, commands = 0, steps = 0;
  const auto begin = std::chrono::steady_clock::now();
  for (auto seed = first; seed < first + seeds; ++seed) {
    nova::simulation::World world(seed);
    world.tell(seeds == 1);
    const auto report = world.run();
    events += report.events;
    commands += report.commands;
    steps += report.steps;
    if (report.violation.empty()) continue;
    ++failures;
    std::printf("seed %llu: %s\n", static_cast<unsigned long long>(seed), report.violation.c_str());
  }
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  for (const auto& [name, count] : nova::simulation::marks())
    std::printf("%10llu  %s\n", static_cast<unsigned long long>(count), name.c_str());
  std::printf("%llu seeds, %llu failures, %.1f ms a seed, %llu events, %llu commands, %llu steps\n",
              static_cast<unsigned long long>(seeds), static_cast<unsigned long long>(failures),
              seconds * 1000 / double(seeds), static_cast<unsigned long long>(events),
              static_cast<unsigned long long>(commands), static_cast<unsigned long long>(steps));
  return failures == 0 ? 0 : 1;
}
