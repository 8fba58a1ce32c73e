#include "supervisors/rule/restart.hpp"

#include <algorithm>

namespace nova::supervision {
namespace {

RestartPolicy within_limits(RestartPolicy policy) {
  policy.intensity = std::min(policy.intensity, intensity_max);
  policy.period = std::clamp(policy.period, milliseconds(1), period_max);
  policy.backoff_max = std::clamp(policy.backoff_max, milliseconds(0), backoff_limit);
  policy.backoff = std::clamp(policy.backoff, milliseconds(0), policy.backoff_max);
  return policy;
}

// Doubling more often than this passes `backoff_limit` from one millisecond on and would only risk an overflow.
constexpr std::uint32_t doublings_max = 22;

}  // namespace

Backoff::Backoff(RestartPolicy policy) : policy_(within_limits(policy)) {}

Instant Backoff::next(Moment at) {
  const bool stayed_up = failures_in_row_ > 0 && at.now - started_ >= policy_.period;
  if (stayed_up) failures_in_row_ = 0;
  Instant wait{0};
  if (failures_in_row_ > 0) {
    const auto doublings = std::min(failures_in_row_ - 1, doublings_max);
    const Instant step = std::min<Instant>(policy_.backoff * (std::int64_t(1) << doublings), policy_.backoff_max);
    const double part = 0.5 + 0.5 * std::clamp(at.random, 0.0, 1.0);
    wait = Instant(std::int64_t(double(step.count()) * part));
  }
  if (failures_in_row_ <= doublings_max) ++failures_in_row_;
  started_ = at.now + wait;
  return started_;
}

Intensity::Intensity(RestartPolicy policy) : policy_(within_limits(policy)) {}

bool Intensity::allows(Instant now) {
  restarts_.erase(restarts_.begin(), std::lower_bound(restarts_.begin(), restarts_.end(), now - policy_.period));
  restarts_.push_back(now);
  const bool allowed = restarts_.size() <= policy_.intensity;
  if (restarts_.size() > policy_.intensity + 1) restarts_.erase(restarts_.begin());
  return allowed;
}

std::uint32_t Intensity::within_period(Instant now) const {
  const auto first = std::lower_bound(restarts_.begin(), restarts_.end(), now - policy_.period);
  return std::uint32_t(restarts_.end() - first);
}

RestartWindow::RestartWindow(RestartPolicy policy) : intensity_(policy), backoff_(policy) {}

RestartWindow::Verdict RestartWindow::next(Moment at) {
  if (!intensity_.allows(at.now)) return {What::give_up, at.now};
  const Instant start = backoff_.next(at);
  return {start > at.now ? What::wait : What::start_now, start};
}

void RestartWindow::reset() {
  intensity_.reset();
  backoff_.reset();
}

}  // namespace nova::supervision
