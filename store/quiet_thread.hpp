// A thread that takes no signals: they are the main thread's business.
#pragma once
#include <pthread.h>
#include <signal.h>

#include <cstdint>
#include <thread>
#include <utility>

namespace nova::store {

/// Who runs a loop that writes: a thread of its own, or whoever calls its `step`, which a simulation does.
enum class Pace : std::uint8_t { thread, stepped };

template <class Run>
std::thread quiet_thread(Run&& run) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  std::thread thread(std::forward<Run>(run));
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return thread;
}

}  // namespace nova::store
