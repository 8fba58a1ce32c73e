// Decisions per second of the Cedar engine with 10, 100, 1,000 and 10,000 policies, on one core: entities in memory,
// and entities as JSON on every call. Prints a JSON line a measurement; `--export DIR` writes the same policies,
// entities and requests for other engines. Limits (issue "The constitution's language"): at least 1,000,000 decisions a
// second at every size with entities in memory, p99 under 5 microseconds, no allocation on the way.
#include "bench/policy/mix.hpp"
#include "governance/cedar/data/entity_json.hpp"
#include "governance/cedar/data/slice.hpp"
#include "governance/cedar/eval/authorizer.hpp"
#include "governance/cedar/syntax/parser.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <new>
#include <string_view>

namespace {

std::size_t allocations = 0;

}  // namespace

void* operator new(std::size_t size) {
  ++allocations;
  if (void* const memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

using namespace nova::cedar;
using Clock = std::chrono::steady_clock;

namespace {

constexpr std::size_t requests = 10'000;
constexpr double seconds_each = 1.0;

struct Figures {
  double per_second = 0;
  double p50_us = 0;
  double p99_us = 0;
  double allocations_each = 0;
  std::size_t allowed = 0;
};

// Round after round over all requests; the latencies come from rounds of their own, for reading the clock costs too.
template <class Decide>
Figures measure(Decide decide) {
  Figures out;
  for (std::size_t i = 0; i < requests; ++i) out.allowed += decide(i) ? 1 : 0;
  const std::size_t before = allocations;
  const auto begin = Clock::now();
  std::size_t done = 0;
  std::chrono::duration<double> took{};
  do {
    for (std::size_t i = 0; i < requests; ++i) decide(i);
    done += requests;
    took = Clock::now() - begin;
  } while (took.count() < seconds_each);
  out.per_second = static_cast<double>(done) / took.count();
  out.allocations_each = static_cast<double>(allocations - before) / static_cast<double>(done);
  std::vector<double> times;
  times.reserve(requests * 5);
  for (std::size_t i = 0; i < requests * 5; ++i) {
    const auto start = Clock::now();
    decide(i % requests);
    times.push_back(std::chrono::duration<double, std::micro>(Clock::now() - start).count());
  }
  std::sort(times.begin(), times.end());
  out.p50_us = times[times.size() / 2];
  out.p99_us = times[times.size() * 99 / 100];
  return out;
}

void print(std::size_t policies, std::string_view entities, const Figures& f, double candidates) {
  std::printf(
      "{\"engine\":\"webnova\",\"policies\":%zu,\"entities\":\"%.*s\",\"decisions_per_second\":%.0f,\"p50_us\":%.2f,"
      "\"p99_us\":%.2f,"
      "\"allocations_per_decision\":%.3f,\"candidates\":%.1f,\"allowed\":%zu}\n",
      policies, static_cast<int>(entities.size()), entities.data(), f.per_second, f.p50_us, f.p99_us,
      f.allocations_each, candidates, f.allowed);
  std::fflush(stdout);
}

void write(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  if (!file.flush()) std::exit(2);
}

void export_mix(const std::string& folder, std::size_t policies, const nova::bench::Mix& mix) {
  const std::string base = folder + "/" + std::to_string(policies);
  std::string lines;
  for (const std::string& request : mix.requests) lines += request + "\n";
  write(base + ".cedar", mix.policies);
  write(base + ".entities.json", mix.entities);
  write(base + ".requests.jsonl", lines);
}

bool run(std::size_t policies, const std::string& folder) {
  const nova::bench::Mix mix = nova::bench::make_mix(policies, requests);
  if (!folder.empty()) export_mix(folder, policies, mix);
  auto parsed = parse_policies(mix.policies);
  if (!parsed) return std::fprintf(stderr, "%s\n", parsed.error().message.c_str()), false;
  const Authorizer authorizer(std::move(*parsed));

  const auto arena = std::make_shared<Arena>();
  const auto entities_json = read_json(mix.entities, *arena);
  const auto store = read_entities(*entities_json, nullptr, arena);
  std::vector<Request> asked;
  for (const std::string& text : mix.requests) {
    const auto json = read_json(text, *arena);
    asked.push_back(*read_request(*json, nullptr, false, *arena));
  }
  Scratch scratch;
  Answer answer;
  double candidates = 0;
  std::string decisions;
  for (const Request& request : asked) {
    authorizer.decide(request, *store, scratch, answer);
    decisions += answer.decision == Decision::allow ? '1' : '0';
    candidates += static_cast<double>(scratch.candidates.size()) / requests;
  }
  if (!folder.empty()) write(folder + "/" + std::to_string(policies) + ".decisions", decisions);
  const Figures memory = measure([&](std::size_t i) {
    authorizer.decide(asked[i], *store, scratch, answer);
    return answer.decision == Decision::allow;
  });
  print(policies, "in memory", memory, candidates);

  JsonReader reader;
  Arena call;
  EntitySlice slice;
  const Figures json = measure([&](std::size_t i) {
    call.clear();
    const auto line = reader.read(mix.requests[i], call);
    const auto request = read_request(*line, nullptr, false, call);
    if (!slice.read(*line->find("entities"), call)) std::abort();
    authorizer.decide(*request, slice, scratch, answer);
    return answer.decision == Decision::allow;
  });
  print(policies, "as JSON", json, candidates);

  bool is_good = memory.allowed == json.allowed;
  const auto hold = [&](bool yes, const char* what) {
    if (!yes) std::fprintf(stderr, "policy_bench: with %zu policies: %s\n", policies, what);
    is_good = is_good && yes;
  };
  hold(memory.allowed == json.allowed, "entities as JSON give other answers");
  hold(memory.allocations_each < 0.001, "decisions allocate");
  return is_good;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string folder = argc == 3 && std::string_view(argv[1]) == "--export" ? argv[2] : "";
  bool is_good = true;
  for (const std::size_t policies : {10u, 100u, 1'000u, 10'000u}) {
    std::fprintf(stderr, "%s\n", nova::bench::make_mix(policies, 0).description.c_str());
    is_good = run(policies, folder) && is_good;
  }
  return is_good ? 0 : 1;
}
