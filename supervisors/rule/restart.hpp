// How often one thing may be started again, and when: OTP's restart intensity with backoff and jitter. Used for actors
// by the supervision rule beside it and for operating-system processes by their driver. Pure: time and chance come in
// as arguments.
#pragma once
#include <chrono>
#include <cstdint>
#include <vector>

namespace nova::supervision {

/// A point on a monotonic clock (`core::Clock::monotonic`); only differences mean something.
using Instant = std::chrono::nanoseconds;
using std::chrono::milliseconds;

/// When an event is seen, with a fresh random number from 0 up to, not including, 1 for the jitter.
struct Moment {
  Instant now{};
  double random = 0;
};

/// More than `intensity` restarts within `period` are too many. The first restart comes at once; the next ones wait
/// `backoff`, doubling up to `backoff_max`.
struct RestartPolicy {
  std::uint32_t intensity = 5;
  milliseconds period{60'000};
  milliseconds backoff{100};
  milliseconds backoff_max{30'000};
};

/// A policy read from outside is brought within these: they bound what a window remembers and how far it looks ahead.
inline constexpr std::uint32_t intensity_max = 1000;
inline constexpr milliseconds period_max{24 * 3'600'000};
inline constexpr milliseconds backoff_limit{3'600'000};

/// How long to wait before the next start. A thing that stayed up for a whole `period` after its last start begins
/// again at the first step: its failure is news, not a loop.
class Backoff {
 public:
  explicit Backoff(RestartPolicy policy = {});

  /// The thing failed; when shall it start? Waits lie between half and all of the step, so a step never undercuts the
  /// one before it, none exceeds `backoff_max`, and things that failed together come back spread.
  Instant next(Moment at);
  void reset() { failures_in_row_ = 0; }

 private:
  RestartPolicy policy_;
  std::uint32_t failures_in_row_ = 0;
  Instant started_{};  ///< the last start that was planned
};

/// Counts restarts in the sliding period, as OTP's `add_restart` does: a restart exactly `period` ago still counts.
class Intensity {
 public:
  explicit Intensity(RestartPolicy policy = {});

  /// Notes one restart; false when it is one too many.
  bool allows(Instant now);
  std::uint32_t within_period(Instant now) const;
  void reset() { restarts_.clear(); }

 private:
  RestartPolicy policy_;
  std::vector<Instant> restarts_;  ///< at most intensity + 1; no memory before the first
};

/// Both together for one thing that is supervised alone. Example:
///   RestartWindow window(policy);
///   const auto verdict = window.next({clock.monotonic(), random});
///   if (verdict.what == RestartWindow::What::give_up) quarantine();      // stays down until `reset` by a person
class RestartWindow {
 public:
  enum class What : std::uint8_t { start_now, wait, give_up };
  struct Verdict {
    What what = What::start_now;
    Instant at{};  ///< when to start; for `wait` later than now
  };

  explicit RestartWindow(RestartPolicy policy = {});

  /// The thing ended, or an attempt to start it failed (which counts the same). Costs nothing to speak of.
  Verdict next(Moment at);
  std::uint32_t within_period(Instant now) const { return intensity_.within_period(now); }
  /// Everything is forgotten: a person lifted the quarantine, or what runs is new.
  void reset();

 private:
  Intensity intensity_;
  Backoff backoff_;
};

}  // namespace nova::supervision
