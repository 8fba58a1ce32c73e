// Random values of described types from a printed seed: the same seed makes the same values on every machine.
#pragma once
#include "core/describe/describe.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace nova::testkit {

/// NOVA_SEED from the environment, else a fixed one, so that a failure repeats by itself.
std::uint64_t seed_of_run();

/// SplitMix64: small, good enough for tests, and the same with every standard library.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next();
  std::uint64_t below(std::uint64_t bound) { return bound == 0 ? 0 : next() % bound; }
  std::int64_t between(std::int64_t min, std::int64_t max);
  bool one_in(std::uint64_t n) { return below(n) == 0; }

 private:
  std::uint64_t state_;
};

/// Fills described structs with values inside their limits. Names come from a small pool, so that random commands meet
/// what earlier ones made; edges (smallest, largest, empty) come often.
class Generator {
 public:
  explicit Generator(Random& random) : random_(random) {}

  void fill(const core::Type& type, void* object, int depth = 0);
  std::string text(core::Shape shape, std::int64_t min, std::int64_t max);

 private:
  void fill_elements(const core::Type& type, void* object, int depth);

  Random& random_;
};

}  // namespace nova::testkit
