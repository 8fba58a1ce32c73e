#include "drivers/workers/workers.hpp"

#include <utility>

namespace nova::drivers {

Workers::Workers(std::size_t threads, std::function<host::WorkEnd(const host::Work&)> perform)
    : perform_(std::move(perform)) {
  for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { run(); });
}

Workers::~Workers() {
  {
    std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  for (auto& thread : threads_) thread.join();
}

void Workers::start(host::Work work, std::function<void(host::WorkEnd)> done) {
  {
    std::lock_guard lock(mutex_);
    jobs_.push_back({std::move(work), std::move(done)});
  }
  changed_.notify_one();
}

void Workers::run() {
  for (;;) {
    Job job;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return ending_ || !jobs_.empty(); });
      if (ending_) return;
      job = std::move(jobs_.front());
      jobs_.pop_front();
    }
    auto end = perform_(job.work);
    // What was done is told also at the end; what failed then may have been broken off.
    if (end.outcome == core::Outcome::done || !ending_) job.done(std::move(end));
  }
}

host::WorkEnd failed(core::Error error, bool retry) {
  host::WorkEnd end;
  end.outcome = core::Outcome::failed;
  end.retry = retry;
  end.error = std::move(error);
  return end;
}

}  // namespace nova::drivers
