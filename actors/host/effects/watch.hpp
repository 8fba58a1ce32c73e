// Compares what runs with the switches, and stops what they cover (S03).
#pragma once
#include "actors/host/effects/attempts.hpp"

#include <chrono>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace nova::host {

inline constexpr std::chrono::milliseconds watch_every{100};
inline constexpr std::size_t watches_unknown_max = 10;  ///< so long may the switches be unknown to what runs: a second
inline constexpr std::size_t watches_stopping_max = 5;  ///< so long is a stopped driver waited for: half a second

/// The end of a work that a switch stopped.
inline WorkEnd killed_by(const Fence::Verdict& verdict, bool begun) {
  WorkEnd end;
  end.outcome = core::Outcome::killed;
  end.error = verdict.why;
  if (!begun) return end;
  end.error = core::refusal("killswitch.in_doubt", verdict.why.message + "; what of it arrived is not known");
  end.error.details = verdict.why.details;
  return end;
}

/// One look every `watch_every`, by the runner alone.
class Watch {
 public:
  void look(const Fence& fence, Attempts& attempts, const std::vector<WorkDriver*>& drivers, core::Timestamp now) {
    std::map<std::string, std::size_t> unknown, stopping;
    for (const auto& attempt : attempts.stoppable()) {
      if (attempt.permit->is_withdrawn()) {
        const auto looks = stopping[attempt.id] = stopping_[attempt.id] + 1;
        // Whatever it still says later is heard by nobody.
        if (looks > watches_stopping_max) attempts.end(attempt.id, broken_off());
        continue;
      }
      auto verdict = fence.judge(attempt.permit->reach());
      if (verdict.answer == Fence::Answer::go) continue;
      if (verdict.answer == Fence::Answer::unknown &&
          (unknown[attempt.id] = unknown_[attempt.id] + 1) < watches_unknown_max)
        continue;
      if (attempt.permit->is_begun())
        attempts.doubt({attempt.id, attempt.driver, verdict.why.code, attempt.permit->reach(), now});
      attempt.permit->withdraw(std::move(verdict));
      for (auto* driver : drivers)
        if (driver->name() == attempt.driver) driver->stop(attempt.id);
    }
    unknown_ = std::move(unknown);
    stopping_ = std::move(stopping);
  }

 private:
  static WorkEnd broken_off() {
    WorkEnd end;
    end.outcome = core::Outcome::failed;
    end.error = core::refusal("killswitch.in_doubt", "its driver did not stop in time");
    return end;
  }

  std::map<std::string, std::size_t> unknown_, stopping_;  // by attempt: at how many looks in a row
};

}  // namespace nova::host
