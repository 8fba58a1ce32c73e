#include "tests/simulation/ground/schedule.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace nova::simulation {
namespace {

constexpr std::int64_t began_ms = 1769850000000;  // an ordinary day
constexpr std::size_t candidates_max = 8;         // events among which the seed chooses

}  // namespace

Schedule::Schedule(std::uint64_t seed) : random_(seed) {
  coordinator_ = dynamic_cast<caf::scheduler::test_coordinator*>(&system_.scheduler());
}

void Schedule::after(microseconds delay, std::function<void()> what, Lane lane) {
  at(now_ + delay, std::move(what), lane);
}

void Schedule::at(microseconds when, std::function<void()> what, Lane lane) {
  when = std::max(when, now_);
  if (lane != any_order) {
    auto& last = lane_ends_[lane];
    when = last = std::max(last, when);
  }
  events_.emplace(when, Event{lane, std::move(what)});
}

void Schedule::note(std::string_view what) {
  if (telling_) std::printf("%10.3f s  %.*s\n", double(now_.count()) / 1e6, int(what.size()), what.data());
  for (const unsigned char c : what) trace_ = (trace_ ^ c) * 0x100000001b3;
  trace_ = (trace_ ^ std::uint64_t(now_.count())) * 0x100000001b3;
}

bool Schedule::step(microseconds end) {
  while (!run_one())
    if (!move_on(end)) return false;
  ++steps_;
  return true;
}

void Schedule::let_actors_end() {
  events_.clear();
  while (coordinator().has_job()) coordinator().run_once();
}

bool Schedule::run_one() {
  std::array<Events::iterator, candidates_max> due;
  std::size_t count = 0;
  for (auto at = events_.begin(); at != events_.end() && at->first <= now_ && count < due.size(); ++at) {
    const auto same_lane = [&](const auto& other) { return other->second.lane == at->second.lane; };
    if (at->second.lane != any_order && std::any_of(due.begin(), due.begin() + std::ptrdiff_t(count), same_lane))
      continue;
    due[count++] = at;
  }
  auto& jobs = coordinator().jobs;
  if (count + jobs.size() == 0) return false;
  const auto chosen = random_.below(count + jobs.size());
  trace_ = (trace_ ^ (chosen + 1)) * 0x100000001b3;
  if (chosen < count) {
    auto what = std::move(due[chosen]->second.what);
    events_.erase(due[chosen]);
    what();
    return true;
  }
  const auto job = jobs.begin() + std::ptrdiff_t(chosen - count);
  std::rotate(jobs.begin(), job, job + 1);
  coordinator().run_once();
  // Work takes time, so that what comes from outside falls between two messages.
  const auto took = microseconds(random_.below(30));
  now_ += took;
  coordinator().clock().advance_time(took);
  return true;
}

// To the next event or the next timeout of an actor, whichever comes first.
bool Schedule::move_on(microseconds end) {
  auto& clock = coordinator().clock();
  auto next = microseconds::max();
  if (!events_.empty()) next = events_.begin()->first;
  if (clock.has_pending_timeout()) {
    const auto wait = clock.schedule().begin()->first - clock.current_time;
    // Rounded up, so that the timeout is due then.
    next = std::min(next, now_ + std::chrono::ceil<microseconds>(wait));
  }
  if (next > end || next == microseconds::max()) return false;
  const auto step = std::max(next - now_, microseconds(0));
  now_ += step;
  clock.advance_time(step);
  return true;
}

core::Timestamp MachineClock::now() const {
  return {began_ms + std::chrono::duration_cast<milliseconds>(schedule_.now()).count() + offset_.count()};
}

}  // namespace nova::simulation
