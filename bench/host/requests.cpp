#include "bench/host/requests.hpp"

#include "actors/host/scheduler.hpp"

#include <caf/all.hpp>

#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <future>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

namespace nova::bench {
namespace {

using Clock = std::chrono::steady_clock;
using answered_atom = caf::atom_constant<caf::atom("answered")>;
using start_atom = caf::atom_constant<caf::atom("start")>;

constexpr std::size_t look_every = 16;  // round trips of a requester between two looks at the clock

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

double cpu_seconds() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& t) { return double(t.tv_sec) + double(t.tv_usec) * 1e-6; };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

// One for all requesters of a run: when it began, when it ends, what was seen. Shared, since the last requester still
// holds it when the run was over.
class Run {
 public:
  explicit Run(const Load& load) : seconds_(load.seconds), left_(load.requesters) {}

  // On a requester's turn, every `look_every` round trips: true when it is to stop.
  bool over() const { return seconds_since(start_) >= seconds_; }

  void leave(std::size_t round_trips, const std::vector<double>& took_us) {
    std::lock_guard lock(mutex_);
    round_trips_ += round_trips;
    took_us_.insert(took_us_.end(), took_us.begin(), took_us.end());
    if (--left_ == 0) {
      elapsed_ = seconds_since(start_);
      ended_.set_value();
    }
  }

  void fail(const core::Error& error) {
    std::lock_guard lock(mutex_);
    if (why_.empty()) why_ = core::to_line(error);
  }

  Rate wait(double cpu_before) {
    ended_.get_future().wait();
    const double cpu = cpu_seconds() - cpu_before;
    if (!why_.empty()) throw std::runtime_error("a command failed: " + why_);
    std::sort(took_us_.begin(), took_us_.end());
    const auto at = [&](std::size_t percent) {
      return took_us_.empty() ? 0 : took_us_[(took_us_.size() - 1) * percent / 100];
    };
    return {double(round_trips_) / elapsed_, cpu * 1e6 / double(round_trips_), at(50), at(99)};
  }

 private:
  double seconds_;
  Clock::time_point start_ = Clock::now();
  std::mutex mutex_;
  std::size_t left_, round_trips_ = 0;
  std::vector<double> took_us_;
  std::string why_;
  double elapsed_ = 0;
  std::promise<void> ended_;
};

struct Count {
  std::size_t sent = 0;
  std::vector<double> took_us;
  Clock::time_point begun;
};

caf::behavior raw_requester(caf::event_based_actor* self, std::shared_ptr<Run> run,
                            const std::vector<caf::actor>& partners, std::size_t first) {
  auto count = std::make_shared<Count>();
  return {[self, run, &partners, first, count](std::int64_t number) {
    if (count->sent % look_every == 0 && run->over()) {
      run->leave(count->sent, {});
      return self->quit();
    }
    const auto& partner = partners[(first + count->sent++) % partners.size()];
    self->request(partner, std::chrono::seconds(10), number + 1).then([self](std::int64_t got) {
      self->send(self, got);
    });
  }};
}

using Make = std::function<core::CommandEnvelope(std::size_t partner, std::size_t n)>;

caf::behavior commander(caf::event_based_actor* self, std::shared_ptr<Run> run, host::Host& host, const Make& make,
                        const Load& load, std::size_t first) {
  auto count = std::make_shared<Count>();
  const auto next = [self, run, &host, &make, load, first, count] {
    const bool look = count->sent % look_every == 0;
    if (look && run->over()) {
      run->leave(count->sent, count->took_us);
      return self->quit();
    }
    if (look) count->begun = Clock::now();
    const auto n = count->sent++;
    (host.*(load.lend ? &host::Host::submit_here : &host::Host::submit))(
        make((first + n) % load.partners, n),
        [me = caf::actor_cast<caf::actor>(self), run](core::Result<host::Answer> answer) {
          if (!answer) run->fail(answer.error());
          caf::anon_send(me, answered_atom::value);
        });
  };
  return {[next](start_atom) { next(); },
          [next, count](answered_atom) {
            if (count->sent % look_every == 1) count->took_us.push_back(seconds_since(count->begun) * 1e6);
            next();
          }};
}

}  // namespace

Actors::Config::Config(const char* policy) {
  if (std::string_view(policy) == "node") {
    host::use_scheduler(*this, actor_threads);
    return;
  }
  set("scheduler.policy", caf::atom_from_string(policy));
  set("scheduler.max-threads", actor_threads);
}
Actors::Actors(const char* policy) : config(policy), system{config} {}

Rate raw_requests(const Load& load) {
  Actors actors(load.policy);
  std::vector<caf::actor> partners, requesters;
  for (std::size_t i = 0; i < load.partners; ++i)
    partners.push_back(actors.system.spawn(
        [](caf::event_based_actor*) -> caf::behavior { return {[](std::int64_t number) { return number; }}; }));
  const auto cpu = cpu_seconds();
  auto run = std::make_shared<Run>(load);
  for (std::size_t i = 0; i < load.requesters; ++i)
    requesters.push_back(
        actors.system.spawn([&, i](caf::event_based_actor* self) { return raw_requester(self, run, partners, i); }));
  for (const auto& requester : requesters) caf::anon_send(requester, std::int64_t(0));
  const auto rate = run->wait(cpu);
  for (const auto& partner : partners) caf::anon_send_exit(partner, caf::exit_reason::user_shutdown);
  return rate;
}

Rate commands(const Load& load, caf::actor_system& system, host::Host& host, const Make& make) {
  const auto cpu = cpu_seconds();
  auto run = std::make_shared<Run>(load);
  std::vector<caf::actor> requesters;
  for (std::size_t i = 0; i < load.requesters; ++i)
    requesters.push_back(
        system.spawn([&, i](caf::event_based_actor* self) { return commander(self, run, host, make, load, i); }));
  for (const auto& requester : requesters) caf::anon_send(requester, start_atom::value);
  return run->wait(cpu);
}

}  // namespace nova::bench
