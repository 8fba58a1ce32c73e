// When to try again: at once, then after pauses that double, each made longer or shorter by chance so that the nodes of
// a server that comes back do not all call in the same moment.
#pragma once
#include <algorithm>
#include <chrono>
#include <random>

namespace nova::store::postgres {

class Backoff {
 public:
  using Clock = std::chrono::steady_clock;

  bool due() const { return Clock::now() >= next_; }
  std::chrono::milliseconds wait() const {
    return std::max(std::chrono::duration_cast<std::chrono::milliseconds>(next_ - Clock::now()) + tick, tick);
  }
  void reset() {
    pause_ = first;
    next_ = Clock::now();
  }
  void failed() {
    std::uniform_real_distribution<double> spread(0.5, 1.5);
    next_ = Clock::now() + std::chrono::duration_cast<Clock::duration>(pause_ * spread(random_));
    pause_ = std::min(pause_ * 2, longest);
  }

 private:
  static constexpr std::chrono::milliseconds tick{1}, first{50}, longest{2'000};

  std::minstd_rand random_{std::random_device{}()};
  std::chrono::milliseconds pause_ = first;
  Clock::time_point next_ = Clock::now();
};

}  // namespace nova::store::postgres
