// From the kill of a supervised child to the answer of the one in its place, as Erlang's supervisor is measured in
// bench/peers/restart.erl. Run by bench/run/bench_heal.py; prints one JSON line.
//
//   heal_restart [KILLS]
#include "supervisors/tree/supervisor.hpp"

#include <caf/actor_system_config.hpp>
#include <caf/all.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <future>
#include <vector>

using namespace nova;
using Clock = std::chrono::steady_clock;

int main(int argc, char** argv) {
  const std::size_t kills = argc > 1 ? std::size_t(std::max(1, std::atoi(argv[1]))) : 2000;
  caf::actor_system_config config;
  config.set("scheduler.policy", caf::atom("sharing"));
  config.set("scheduler.max-threads", 2);
  caf::actor_system actors(config);
  std::vector<double> took;
  std::promise<void> done;
  Clock::time_point killed;
  bool begun = false;
  // The child asks its first question to itself: its answer is the moment in which it works again.
  caf::actor current;
  supervision::ChildPlan child;
  child.spec.id = "child";
  child.start = [&](caf::event_based_actor*) -> core::Result<caf::actor> {
    current = actors.spawn([&](caf::event_based_actor* self) -> caf::behavior {
      return {[&, self](std::int64_t) {
        if (begun) took.push_back(std::chrono::duration<double, std::micro>(Clock::now() - killed).count());
        begun = true;
        if (took.size() == kills) return done.set_value();
        killed = Clock::now();
        caf::anon_send_exit(self, caf::exit_reason::kill);
      }};
    });
    caf::anon_send(current, std::int64_t(1));
    return current;
  };
  supervision::SupervisorPlan plan;
  plan.name = "bench";
  // Each kill counts as the first: what is measured is the restart, not the patience with a broken child.
  plan.restart.intensity = supervision::intensity_max;
  plan.restart.period = std::chrono::milliseconds(1);
  plan.restart.backoff = plan.restart.backoff_max = std::chrono::milliseconds(0);
  plan.children.push_back(std::move(child));
  auto supervisor = supervision::spawn_supervisor(actors, std::move(plan));
  if (!supervisor || done.get_future().wait_for(std::chrono::seconds(60)) != std::future_status::ready) {
    std::fprintf(stderr, "heal_restart: the child was not restarted\n");
    std::_Exit(1);
  }
  std::sort(took.begin(), took.end());
  std::printf("{\"bench\":\"heal\",\"side\":\"node's supervisor\",\"p50_us\":%.1f,\"p99_us\":%.1f,\"kills\":%zu}\n",
              took[took.size() / 2], took[took.size() * 99 / 100], kills);
  std::fflush(stdout);
  std::_Exit(0);
}
