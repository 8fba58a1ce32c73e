// What the runner counts, for whoever asks from another thread.
#pragma once
#include "actors/host/effects/effects.hpp"

#include <atomic>

namespace nova::host {

struct Counters {
  std::atomic<std::uint64_t> done{0}, failed{0}, retried{0}, reports{0}, reports_dropped{0}, timers{0};
  std::atomic<std::uint64_t> killed{0}, held_back{0};
  std::atomic<std::size_t> waiting{0}, running{0}, timers_waiting{0}, reports_waiting{0};

  EffectStats stats() const {
    EffectStats stats;
    stats.works_done = done;
    stats.works_failed = failed;
    stats.works_retried = retried;
    stats.works_killed = killed;
    stats.works_held_back = held_back;
    stats.reports = reports;
    stats.reports_dropped = reports_dropped;
    stats.timers_fired = timers;
    stats.works_waiting = waiting;
    stats.works_running = running;
    stats.timers_waiting = timers_waiting;
    stats.reports_waiting = reports_waiting;
    return stats;
  }
};

}  // namespace nova::host
