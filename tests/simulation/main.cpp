// Runs seeds and tells which of them break an invariant, with the line that repeats each.
#include "tests/simulation/ground/marks.hpp"
#include "tests/simulation/world.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cinttypes>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>

namespace {

using namespace nova::simulation;

constexpr auto usage =
    "usage: simulate [--scene NAME] [--seeds N] [--seed S] [--bug NAME | --all-bugs] [--list] [--twice]\n"
    "  --scene NAME ordinary, or kill: effects under the kill switch; a bug brings its own\n"
    "  --seeds N    how many seeds (100); with a bug, how many at most until it is found (500)\n"
    "  --seed S     the first seed (1); a single seed also tells what happens in it\n"
    "  --bug NAME   plant this bug (canary: the one that must always be found); success is that it is found\n"
    "  --all-bugs   plant one after the other, and tell in which seed each was found\n"
    "  --list       the names of the bugs\n"
    "  --twice      run each seed twice and compare their traces\n";

struct Options {
  std::uint64_t seeds = 0, first = 1;
  std::string bug;
  Scene scene = Scene::ordinary;
  bool all_bugs = false, list = false, twice = false;
};

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc() || end != text.data() + text.size()) return {};
  return value;
}

std::optional<Options> parse(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view option = argv[i];
    const char* value = i + 1 < argc ? argv[i + 1] : "";
    if (option == "--all-bugs" || option == "--list" || option == "--twice") {
      (option == "--list" ? options.list : option == "--twice" ? options.twice : options.all_bugs) = true;
      continue;
    }
    ++i;
    if (option == "--scene") {
      if (value != std::string_view("kill") && value != std::string_view("ordinary")) return {};
      options.scene = value == std::string_view("kill") ? Scene::kill : Scene::ordinary;
    } else if (option == "--bug") {
      options.bug = value;
    } else if (option == "--seeds" || option == "--seed") {
      const auto given = number(value);
      if (!given) return {};
      (option == "--seeds" ? options.seeds : options.first) = *given;
    } else {
      return {};
    }
  }
  if (options.seeds == 0) options.seeds = options.bug.empty() && !options.all_bugs ? 100 : 500;
  return options;
}

Scene scene_of(std::string_view bug, Scene scene) { return bug.starts_with("kill_") ? Scene::kill : scene; }

Report run(std::uint64_t seed, Scene scene, bool tell = false) {
  World world(seed, scene);
  world.tell(tell);
  return world.run();
}

void print_failure(const Report& report, const std::string& bug, Scene scene) {
  std::printf("seed %" PRIu64 ": %s\n  repeat: ./dev simulate --seeds 1 --seed %" PRIu64 "%s%s\n", report.seed,
              report.violation.c_str(), report.seed, bug.empty() ? "" : (" --bug " + bug).c_str(),
              scene == Scene::kill ? " --scene kill" : "");
}

void print_marks() {
  std::printf("reached:\n");
  for (const auto& [name, count] : marks()) std::printf("  %-40s %10" PRIu64 "\n", name.c_str(), count);
}

// The first seed in which the bug shows itself.
std::optional<Report> find(const std::string& bug, const Options& options) {
  plant(bug);
  for (auto seed = options.first; seed < options.first + options.seeds; ++seed) {
    auto report = run(seed, scene_of(bug, options.scene), options.seeds == 1);
    if (!report.violation.empty()) return report;
  }
  return {};
}

int find_one(const Options& options) {
  const auto& all = bugs();
  const bool known = options.bug == "canary" ||
                     std::any_of(all.begin(), all.end(), [&](const Bug& bug) { return bug.name == options.bug; });
  if (!known) {
    std::fprintf(stderr, "there is no bug `%s`; --list names them\n", options.bug.c_str());
    return 2;
  }
  const auto found = find(options.bug, options);
  if (found)
    print_failure(*found, options.bug, options.scene);
  else
    std::printf("the bug `%s` was not found in %" PRIu64 " seeds\n", options.bug.c_str(), options.seeds);
  return found ? 0 : 1;
}

int find_all(const Options& options) {
  int missed = 0;
  std::uint64_t seeds = 0;
  for (const auto& bug : bugs()) {
    const auto found = find(std::string(bug.name), options);
    seeds += found ? found->seed - options.first + 1 : options.seeds;
    if (!found) ++missed;
    std::printf("%-28s %s %s\n", std::string(bug.name).c_str(),
                found ? ("seed " + std::to_string(found->seed)).c_str() : "NOT FOUND",
                found ? found->violation.c_str() : std::string(bug.what).c_str());
  }
  std::printf("%zu bugs, %d not found, %" PRIu64 " seeds\n", bugs().size(), missed, seeds);
  return missed == 0 ? 0 : 1;
}

int run_seeds(const Options& options) {
  std::uint64_t failures = 0, events = 0, commands = 0, steps = 0;
  const auto begin = std::chrono::steady_clock::now();
  for (auto seed = options.first; seed < options.first + options.seeds; ++seed) {
    auto report = run(seed, options.scene, options.seeds == 1);
    if (options.twice && report.violation.empty() && run(seed, options.scene).trace != report.trace)
      report.violation = "determinism: two runs of one seed differ";
    events += report.events;
    commands += report.commands;
    steps += report.steps;
    if (report.violation.empty()) continue;
    ++failures;
    print_failure(report, {}, options.scene);
  }
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
  print_marks();
  std::printf("%" PRIu64 " seeds from %" PRIu64 ": %" PRIu64 " failed; %" PRIu64 " commands, %" PRIu64
              " events, %" PRIu64 " steps, %.1f ms a seed\n",
              options.seeds, options.first, failures, commands, events, steps, took.count() / double(options.seeds));
  return failures == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  const auto options = parse(argc, argv);
  if (!options) {
    std::fputs(usage, stderr);
    return 2;
  }
  if (options->list) {
    for (const auto& bug : bugs())
      std::printf("%-28s %s\n", std::string(bug.name).c_str(), std::string(bug.what).c_str());
    return 0;
  }
  if (options->all_bugs) return find_all(*options);
  if (!options->bug.empty()) return find_one(*options);
  return run_seeds(*options);
}
