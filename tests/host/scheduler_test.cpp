#include "actors/host/scheduler.hpp"

#include <catch2/catch.hpp>

#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

namespace {

using namespace nova;
using namespace std::chrono_literals;

// Counts up to a goal; `reached` waits for it.
class Goal {
 public:
  explicit Goal(int goal) : left_(goal) {}
  void one() {
    std::lock_guard lock(mutex_);
    if (--left_ <= 0) changed_.notify_all();
  }
  bool reached() {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, 30s, [this] { return left_ <= 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int left_;
};

}  // namespace

TEST_CASE("scheduler: bursts from several threads into actors that sleep and wake are all carried out") {
  constexpr int senders = 3, rounds = 200, burst = 16;
  caf::actor_system_config config;
  host::use_scheduler(config, 4);
  caf::actor_system node(config);
  std::vector<caf::actor> actors;
  Goal goal(senders * rounds * burst);
  for (int i = 0; i < burst; ++i)
    actors.push_back(
        node.spawn([&goal](caf::event_based_actor*) -> caf::behavior { return {[&goal](int) { goal.one(); }}; }));
  std::vector<std::thread> threads;
  for (int sender = 0; sender < senders; ++sender)
    threads.emplace_back([&] {
      for (int round = 0; round < rounds; ++round) {
        for (const auto& actor : actors) caf::anon_send(actor, round);
        std::this_thread::yield();
      }
    });
  for (auto& thread : threads) thread.join();
  CHECK(goal.reached());
}

TEST_CASE("scheduler: while one worker is held up, the others are woken for what comes") {
  caf::actor_system_config config;
  host::use_scheduler(config, 2);
  caf::actor_system node(config);
  Goal inside(1), other(1), let_go(1);
  const auto held = node.spawn([&](caf::event_based_actor*) -> caf::behavior {
    return {[&](int) {
      inside.one();
      let_go.reached();
    }};
  });
  const auto free = node.spawn([&](caf::event_based_actor*) -> caf::behavior { return {[&](int) { other.one(); }}; });
  caf::anon_send(held, 1);
  REQUIRE(inside.reached());
  caf::anon_send(free, 1);
  CHECK(other.reached());
  let_go.one();
}

TEST_CASE("scheduler: timeouts come, those of an actor that ended are forgotten, and others end without any") {
  caf::actor_system_config config;
  host::use_scheduler(config, 2);
  caf::actor_system node(config);
  Goal delayed(1), idle(1), ended(100);
  auto waits = node.spawn([&](caf::event_based_actor* self) -> caf::behavior {
    self->delayed_send(self, 5ms, 1);
    return {[&](int) { delayed.one(); }, caf::after(10ms) >>
                                             [&, self] {
                                               idle.one();
                                               self->quit();
                                             }};
  });
  CHECK(delayed.reached());
  CHECK(idle.reached());
  // With and without a timeout under way when they end.
  for (int i = 0; i < 100; ++i)
    caf::anon_send(node.spawn([&ended, i](caf::event_based_actor* self) -> caf::behavior {
      self->attach_functor([&ended] { ended.one(); });
      const auto end = [self](int) { self->quit(); };
      if (i % 2 == 0) return {end};
      return {end, caf::after(10s) >> [] {}};
    }),
                   1);
  CHECK(ended.reached());
  // A request that nobody answers is ended by its own timeout.
  caf::scoped_actor self(node);
  auto silent = node.spawn([](caf::event_based_actor* me) -> caf::behavior {
    return {[me](int) { return me->make_response_promise<int>(); }};
  });
  bool timed_out = false;
  self->request(silent, 20ms, 1)
      .receive([](int) {}, [&](const caf::error& error) { timed_out = error == caf::sec::request_timeout; });
  CHECK(timed_out);
  caf::anon_send_exit(silent, caf::exit_reason::user_shutdown);
}
