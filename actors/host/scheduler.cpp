#include "actors/host/scheduler.hpp"

#include <caf/detail/thread_safe_actor_clock.hpp>
#include <caf/policy/unprofiled.hpp>
#include <caf/scheduler/coordinator.hpp>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <unordered_set>

namespace nova::host {
namespace {

class Bursts final : public caf::policy::unprofiled {
 public:
  struct coordinator_data {
    explicit coordinator_data(caf::scheduler::abstract_coordinator*) {}
    std::mutex mutex;
    std::condition_variable arrived;
    std::deque<caf::resumable*> queue;
    std::size_t asleep = 0;
    bool waking = false;  ///< one was woken and does not run yet
  };
  struct worker_data {
    explicit worker_data(caf::scheduler::abstract_coordinator*) {}
  };

  template <class Coordinator>
  void central_enqueue(Coordinator* self, caf::resumable* job) {
    auto& data = d(self);
    bool wake = false;
    {
      std::lock_guard lock(data.mutex);
      data.queue.push_back(job);
      wake = needs_another(data);
    }
    if (wake) data.arrived.notify_one();
  }
  template <class Worker>
  void external_enqueue(Worker* self, caf::resumable* job) {
    central_enqueue(self->parent(), job);
  }
  template <class Worker>
  void internal_enqueue(Worker* self, caf::resumable* job) {
    central_enqueue(self->parent(), job);
  }
  template <class Worker>
  void resume_job_later(Worker* self, caf::resumable* job) {
    central_enqueue(self->parent(), job);
  }

  template <class Worker>
  caf::resumable* dequeue(Worker* self) {
    auto& data = d(self->parent());
    caf::resumable* job = nullptr;
    bool wake = false;
    {
      std::unique_lock lock(data.mutex);
      while (data.queue.empty()) {
        ++data.asleep;
        data.arrived.wait(lock);
        --data.asleep;
        data.waking = false;
      }
      job = data.queue.front();
      data.queue.pop_front();
      wake = !data.queue.empty() && needs_another(data);
    }
    if (wake) data.arrived.notify_one();
    return job;
  }

  template <class Worker, class Call>
  void foreach_resumable(Worker*, Call) {}
  template <class Coordinator, class Call>
  void foreach_central_resumable(Coordinator* self, Call call) {
    std::deque<caf::resumable*> left;
    {
      std::lock_guard lock(d(self).mutex);
      left.swap(d(self).queue);
    }
    for (auto* job : left) call(job);
  }

 private:
  static bool needs_another(coordinator_data& data) {
    if (data.asleep == 0 || data.waking) return false;
    return data.waking = true;
  }
};

// CAF tells its clock of the end of every actor, which takes a lock and wakes a thread: entities come and go by the
// thousand and have no timeouts.
class Clock final : public caf::detail::thread_safe_actor_clock {
 public:
  explicit Clock(caf::actor_clock& real) : real_(real) {}

  void set_ordinary_timeout(time_point t, caf::abstract_actor* self, caf::atom_value type, std::uint64_t id) override {
    note(self);
    real_.set_ordinary_timeout(t, self, type, id);
  }
  void set_request_timeout(time_point t, caf::abstract_actor* self, caf::message_id id) override {
    note(self);
    real_.set_request_timeout(t, self, id);
  }
  void set_multi_timeout(time_point t, caf::abstract_actor* self, caf::atom_value type, std::uint64_t id) override {
    note(self);
    real_.set_multi_timeout(t, self, type, id);
  }
  void cancel_ordinary_timeout(caf::abstract_actor* self, caf::atom_value type) override {
    real_.cancel_ordinary_timeout(self, type);
  }
  void cancel_request_timeout(caf::abstract_actor* self, caf::message_id id) override {
    real_.cancel_request_timeout(self, id);
  }
  void cancel_timeouts(caf::abstract_actor* self) override {
    {
      std::lock_guard lock(mutex_);
      if (with_timeouts_.erase(self) == 0) return;
    }
    real_.cancel_timeouts(self);
  }
  void schedule_message(time_point t, caf::strong_actor_ptr receiver, caf::mailbox_element_ptr content) override {
    real_.schedule_message(t, std::move(receiver), std::move(content));
  }
  void schedule_message(time_point t, caf::group target, caf::strong_actor_ptr sender, caf::message content) override {
    real_.schedule_message(t, std::move(target), std::move(sender), std::move(content));
  }
  void cancel_all() override { real_.cancel_all(); }

 private:
  void note(caf::abstract_actor* self) {
    std::lock_guard lock(mutex_);
    with_timeouts_.insert(self);
  }

  caf::actor_clock& real_;
  std::mutex mutex_;
  std::unordered_set<caf::abstract_actor*> with_timeouts_;
};

class Scheduler final : public caf::scheduler::coordinator<Bursts> {
 public:
  using Base = caf::scheduler::coordinator<Bursts>;
  explicit Scheduler(caf::actor_system& system) : Base(system), clock_(Base::clock()) {}

  caf::detail::thread_safe_actor_clock& clock() noexcept override { return clock_; }
  static caf::actor_system::module* make(caf::actor_system& system, caf::detail::type_list<>) {
    return new Scheduler(system);
  }

 private:
  Clock clock_;
};

}  // namespace

void use_scheduler(caf::actor_system_config& config, std::size_t threads) {
  config.set("scheduler.max-threads", threads);
  config.load<Scheduler>();
}

}  // namespace nova::host
