// A thread that takes no signals: they are the main thread's business.
#pragma once
#include <pthread.h>
#include <signal.h>

#include <thread>
#include <utility>

namespace nova::store {

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
