#include "drivers/process/child.hpp"
#include "drivers/process/environment.hpp"

#include <algorithm>

namespace nova::process {
namespace {

using std::chrono::milliseconds;

constexpr Instant start_probe_interval = milliseconds(50);
// A native service answers within a millisecond of its start. Asking at a port costs 30 us while nobody listens: some
// eight questions, further and further apart, before the interval is reached.
constexpr Instant first_probe_wait = std::chrono::microseconds(500);
constexpr Instant adopted_probe_spread =
    milliseconds(1000);  ///< a node that comes back does not probe everything at once

}  // namespace

void Child::begin_watching(bool ready) {
  ready_ = ready;
  passes_ = failures_ = 0;
  probe_.reset();
  last_probe_.reset();
  ready_deadline_ = ready || memory_.last.phase == "unready" ? never : now() + spec().health.start_timeout;
  // A command costs a process each time, and to be alive means nothing before some time has gone by.
  const service::Health& health = spec().health;
  const bool at_port = !is_worker() && health.exec.empty() && (health.tcp || !health.http.empty());
  probe_wait_ = at_port ? first_probe_wait : start_probe_interval;
  probe_due_ = now() + probe_wait_;
  if (ready) probe_due_ = now() + Instant(std::int64_t(around_.random()) % adopted_probe_spread.count());
}

Instant Child::health_due() const {
  const Instant deadline = memory_.admitted ? ready_deadline_ : std::min(ready_deadline_, admission_deadline_);
  if (ready_ && is_worker()) return never;
  if (probe_) return std::min(probe_->deadline(), ready_ ? never : deadline);
  return std::min(probe_due_, ready_ ? never : deadline);
}

void Child::watch_health() {
  if (probe_) take_probe();
  if (phase_ != Phase::running) return;
  if (!ready_) {
    const Instant deadline = memory_.admitted ? ready_deadline_ : std::min(ready_deadline_, admission_deadline_);
    if (deadline <= now()) {
      const ProbeEnd last = last_probe_.value_or(ProbeEnd{false, "health.timeout", "no probe was answered", true});
      why_ = {last.code, "not ready in " + core::to_text(spec().health.start_timeout) + ": " + last.message};
      return stop(memory_.admitted ? After::restart : After::fail);
    }
  }
  const service::Health& health = spec().health;
  if (probe_ || probe_due_ > now() || (ready_ && is_worker())) return;
  if (is_worker() || (health.http.empty() && !health.tcp && health.exec.empty())) {
    probe_due_ = ready_ ? never : now() + start_probe_interval;
    if (!ready_) passed({true, "health.alive", "it runs", false});
    return;
  }
  ProbeTarget target;
  target.port = memory_.last.facts.port;
  if (!health.exec.empty()) {
    target.keeper = around_.options.keeper.string();
    target.cwd = source_folder(around_.options, wanted_.instance).string();
    target.env = plain_environment(around_.options, wanted_.instance, target.port);
  }
  probe_.emplace(health, target, now() + health.timeout);
  probe_judged_ = false;
  const bool steady = ready_ || memory_.last.phase == "unready";
  probe_wait_ = std::min(2 * probe_wait_, start_probe_interval);
  probe_due_ = now() + (steady ? std::max<Instant>(health.interval, start_probe_interval) : probe_wait_);
  take_probe();
}

void Child::take_probe() {
  if (probe_->end() && !probe_judged_) {
    probe_judged_ = true;
    judge(ProbeEnd(*probe_->end()));
  }
  if (probe_ && probe_->finished()) probe_.reset();
}

void Child::judge(const ProbeEnd& end) {
  last_probe_ = end;
  if (end.healthy) return passed(end);
  failed(end);
}

void Child::passed(const ProbeEnd& end) {
  failures_ = 0;
  if (ready_) return;
  const std::int64_t needed = memory_.admitted ? 1 : std::max<std::int64_t>(1, wanted_.instance.passes_needed);
  if (++passes_ >= needed) return become_ready({end.code, end.message});
  // Several passes shall show that it stays well.
  if (probe_wait_ < start_probe_interval) probe_due_ = now() + start_probe_interval;
  probe_wait_ = start_probe_interval;
}

void Child::become_ready(Why why) {
  ready_ = true;
  memory_.admitted = true;
  admission_deadline_ = ready_deadline_ = never;
  slot_until_ = pause_until_ = {};
  failed_to_start_ = false;
  around_.futile_starts.erase(wanted_.instance.tenant);
  if (probe_due_ != never) probe_due_ = std::max(probe_due_, now() + Instant(spec().health.interval));
  emit("ready", std::move(why));
}

void Child::failed(const ProbeEnd& end) {
  passes_ = 0;
  ++failures_;
  const std::int64_t limit = spec().health.unhealthy;
  if (ready_ && failures_ >= limit) {
    ready_ = false;
    return emit("unready", {end.code, end.message});
  }
  if (memory_.last.phase != "unready" || !end.no_answer || failures_ < 2 * limit) return;
  why_ = {end.code, "it hangs: " + end.message};
  stop(After::restart);
}

}  // namespace nova::process
