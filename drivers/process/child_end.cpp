#include "drivers/process/child.hpp"
#include "drivers/process/environment.hpp"
#include "drivers/process/leftovers.hpp"

#include <algorithm>
#include <cstring>
#include <fstream>

namespace nova::process {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Instant keeper_waits_max = seconds(5);  ///< it waits twice as long (keeper/main.cpp)
constexpr Instant keeper_grace = seconds(5);      ///< beyond the service's own time to stop
constexpr Instant clear_step = milliseconds(10);
constexpr Instant clear_step_slow = seconds(1);  ///< a process inside the kernel: told once, then looked at calmly
constexpr Instant clear_fast = seconds(5);
constexpr Instant failed_start_pause = milliseconds(250);  ///< with two slots: 8 such starts a second for a tenant
constexpr Instant find_step = milliseconds(20);
constexpr Instant find_wait_max = seconds(3);  ///< from a keeper's lock to its socket

}  // namespace

void Child::adopt() {
  const bool same = fingerprint_of(wanted_.instance) == memory_.fingerprint;
  // A node that died between taking note of a new attempt and ending the old life has said nothing of the new one yet.
  const auto said = memory_.last.facts.attempt;  // 0: not known
  const bool unheard = said != 0 && said < wanted_.instance.attempt;
  const bool anew = !same || unheard || wanted_.instance.attempt > memory_.attempt;
  if (memory_.last.sequence != 0) around_.emit(memory_.report_to, wanted_.key, memory_.last);
  memory_.attempt = std::max(memory_.attempt, wanted_.instance.attempt);
  memory_.fingerprint = fingerprint_of(wanted_.instance);
  memory_.stop_ms = spec().stop_timeout.count();
  if (memory_.last.facts.port != 0 && !is_worker()) {
    around_.ports.adopt(wanted_.instance.tenant + "/" + wanted_.key, std::uint16_t(memory_.last.facts.port));
  }
  remember();
  if (anew) after_ = After::fresh;
  clear_until_ = now() + find_wait_max;
  find();
}

void Child::adopt_to_drop() {
  after_ = After::drop;
  clear_until_ = now() + find_wait_max;
  find();
}

// What is there of this key? Asked again while a keeper is between its first and its last step of starting.
void Child::find() {
  const auto record = dir_.record();
  link_ = KeeperLink(dir_);
  const bool current_boot = record && record->boot == boot_id();
  if (link_.connected() && current_boot && record->phase == "running") {
    memory_.run = record->run;
    memory_.last.facts.next_start.reset();
    memory_.last.facts.pid = record->service;
    memory_.last.facts.keeper_pid = record->keeper;
    phase_ = Phase::running;
    due_ = never;
    link_.say("watch\n");
    limit_again();
    log("info", "adopted as process " + std::to_string(record->service));
    if (memory_.last.phase != "ready" && memory_.last.phase != "unready" && memory_.last.phase != "started") {
      emit("started", {"start.done", "runs as process " + std::to_string(record->service)});
    }
    begin_watching(memory_.last.phase == "ready");
    if (after_ != After::none) stop(after_);
    return;
  }
  const bool starts = link_.connected() || (record && current_boot && is_alive(record->keeper, record->keeper_start)) ||
                      ((!record || record->exited()) && !lock_is_free(dir_));
  if (starts && now() < clear_until_) {
    link_.close();
    phase_ = Phase::finding;
    due_ = now() + find_step;
    return;
  }
  link_.close();
  if (record && record->exited() && record->run != memory_.reported_run) return ended_by(*record);
  if (record && !record->exited() && record->run != memory_.reported_run) {
    if (current_boot) return lost();
    memory_.run = record->run;
    return ended({"node.rebooted", "the machine was started again"}, false);
  }
  if (starts && !record) return lost();
  if (after_ != After::none) return stopped();
  if (!memory_.rest.empty()) {
    phase_ = Phase::resting;
    due_ = never;
    return;
  }
  Instant due = now();
  // After an ordered end nobody knows that it runs again: it runs at once, and a good run is news.
  ready_ = is_worker() && record && record->code == 0 && memory_.admitted && memory_.last.phase == "ready";
  if (ready_) {
    const auto since = around_.clock.now() - core::Timestamp{record->started_ms};
    if (since < spec().every && since.count() >= 0) due += spec().every - since;
  }
  wait_until(due);
}

// Limits are forgotten by the kernel when the controllers were taken back between two nodes.
void Child::limit_again() {
  if (around_.options.cgroup.empty()) return;
  const auto group = around_.options.cgroup / dir_.name();
  for (const std::string& line : cgroup_limits(spec().limits)) {
    const auto sign = line.find('=');
    std::ofstream(group / line.substr(0, sign), std::ios::out | std::ios::in) << line.substr(sign + 1);
  }
}

void Child::stop(After after) {
  after_ = after;
  switch (phase_) {
    case Phase::waiting:
    case Phase::resting:
      return stopped();
    case Phase::running:
      return send_stop();
    case Phase::launching:
    case Phase::stopping:
    case Phase::clearing:
    case Phase::finding:
    case Phase::gone:
      return;
  }
}

void Child::send_stop() {
  probe_.reset();
  phase_ = Phase::stopping;
  slot_until_ = {};
  due_ = now() + milliseconds(memory_.stop_ms) + keeper_grace;
  // A keeper that cannot be told hangs up in a moment, or is lost at the deadline.
  link_.say("stop " + std::to_string(memory_.stop_ms) + "\n");
}

void Child::hung_up() {
  link_.close();
  const auto record = dir_.record();
  if (!record || record->run != memory_.run || !record->exited()) return lost();
  // The lock goes with the keeper, a moment after its last word.
  ended_by(*record);
}

// As `hung_up`, but the keeper is there to start it again.
void Child::exited() {
  const auto record = dir_.record();
  if (!record || record->run != memory_.run || !record->exited()) return lost();
  keeper_waits_ = true;
  keeper_waits_until_ = now() + keeper_waits_max;
  ended_by(*record);
  if (phase_ != Phase::waiting) let_keeper_go();
}

void Child::let_keeper_go() {
  keeper_waits_ = false;
  link_.close();
}

void Child::finish_run() {
  probe_.reset();
  if (!keeper_waits_) link_.close();
  // Services that exit at once would else be started as fast as the machine can, each tenant's on a core of its own.
  if (starts(now()) && !ready_) {
    failed_to_start_ = true;
    ++around_.futile_starts[wanted_.instance.tenant];
    pause_until_ = begun_ + failed_start_pause;
  }
  slot_until_ = {};
  announce_due_ = never;
  memory_.reported_run = memory_.run;
  memory_.last.facts.pid = 0;
  memory_.last.facts.keeper_pid = 0;
}

void Child::ended_by(const KeeperRecord& record) {
  memory_.run = record.run;
  auto& facts = memory_.last.facts;
  facts.exit_code = record.code;
  facts.exit_signal = record.signal;
  finish_run();
  if (after_ != After::none) return stopped();
  if (record.leftovers > 0) log("warn", "ended " + std::to_string(record.leftovers) + " processes it left behind");
  if (is_worker() && record.code == 0) return worker_done();
  if (record.oom) return ended({"exit.oom", "the kernel ended it: it used more memory than its limit"}, true);
  if (record.signal != 0) {
    const char* const name = sigabbrev_np(record.signal);
    return ended({"exit.signal",
                  "ended by signal " + std::to_string(record.signal) + (name ? " (SIG" + std::string(name) + ")" : "")},
                 true);
  }
  ended({"exit.code", "ended with exit code " + std::to_string(record.code)}, true);
}

void Child::worker_done() {
  if (!ready_) become_ready({"exit.code", "a run ended well"});
  remember();
  const auto record = dir_.record();
  const auto ran = record ? milliseconds(record->ended_ms - record->started_ms) : milliseconds(0);
  // In step with the runs' starts; one that took longer than its interval is followed at once.
  wait_until(now() + std::max<Instant>(spec().every - std::clamp(ran, milliseconds(0), spec().every), Instant(0)));
}

void Child::ended(Why why, bool counts) {
  finish_run();
  if (after_ != After::none) return stopped();
  auto& facts = memory_.last.facts;
  facts.next_start.reset();
  ready_ = false;
  const bool done_well = facts.exit_code == 0 && why.code == "exit.code";
  const auto mode = spec().restart.mode;
  if (counts && !is_worker() &&
      (mode == service::RestartMode::never || (mode == service::RestartMode::on_failure && done_well))) {
    return rest("completed", "exited", std::move(why));
  }
  const double chance = double(around_.random() - around_.random.min()) / double(around_.random.max());
  const auto verdict = counts ? window_.next({now(), chance})
                              : supervision::RestartWindow::Verdict{supervision::RestartWindow::What::start_now, now()};
  if (verdict.what == supervision::RestartWindow::What::give_up) {
    emit("exited", why);
    return rest("quarantined", "quarantined",
                {"restart.intensity", "ended more than " + std::to_string(std::int64_t(spec().restart.intensity)) +
                                          " times in " + core::to_text(spec().restart.period) +
                                          "; the last time: " + why.message});
  }
  const auto wait = std::chrono::duration_cast<milliseconds>(std::max(verdict.at - now(), Instant(0)));
  facts.next_start = around_.clock.now() + wait;
  restarting_ = true;
  wait_until(verdict.at);
  emit("exited", std::move(why));
}

void Child::rest(std::string_view state, std::string_view phase, Why why) {
  let_keeper_go();
  memory_.rest = state;
  memory_.last.facts.next_start.reset();
  ready_ = false;
  phase_ = Phase::resting;
  due_ = never;
  slot_until_ = {};
  emit(phase, std::move(why));
}

// The keeper died and could not write how the service ended, or does not answer any more.
void Child::lost() {
  const bool asked = after_ != After::none;
  finish_run();
  clear_until_ = {};
  memory_.last.facts.exit_code = -1;
  memory_.last.facts.exit_signal = 0;
  if (!asked) {
    ended({"keeper.lost", "its keeper ended; what it left behind is ended and started again"}, true);
    if (phase_ == Phase::resting)
      start_after_clearing_.reset();
    else
      start_after_clearing_ = due_;
  }
  clear();
}

// Ends what a dead keeper left, until the lock is free: only then can nothing of it live.
void Child::clear() {
  auto record = dir_.record();
  if (!record) {
    record.emplace();
    record->boot = boot_id();
    record->run = memory_.run;
  }
  // The group of a keeper that died; the next start makes it anew.
  if (const auto& cgroup = around_.options.cgroup; !cgroup.empty())
    std::ofstream(cgroup / dir_.name() / "cgroup.kill") << 1;
  const std::size_t found = end_leftovers(dir_, *record);
  if (found == 0 && lock_is_free(dir_)) {
    if (after_ != After::none) return stopped();
    if (!memory_.rest.empty()) {
      phase_ = Phase::resting;
      due_ = never;
      return;
    }
    return wait_until(start_after_clearing_.value_or(now()));
  }
  if (clear_until_ == Instant{}) clear_until_ = now() + clear_fast;
  const bool slow = now() >= clear_until_;
  if (slow && clear_until_ != never) {
    clear_until_ = never;
    log("error", "a part of the former instance cannot be ended; it starts when that is gone");
  }
  phase_ = Phase::clearing;
  due_ = now() + (clear_until_ == never ? clear_step_slow : clear_step);
}

void Child::stopped() {
  const After after = after_;
  after_ = After::none;
  memory_.last.facts.next_start.reset();
  ready_ = false;
  switch (after) {
    case After::none:
    case After::fresh:
      return start_afresh();
    case After::restart:
      return ended(std::exchange(why_, {}), true);
    case After::fail:
      return rest("failed", "failed", std::exchange(why_, {}));
    case After::drop:
    case After::node:
      let_keeper_go();
      around_.ports.release(wanted_.instance.tenant + "/" + wanted_.key);
      phase_ = Phase::gone;
      due_ = never;
      if (after == After::drop) return emit("stopped", {"stop.dropped", "it is no longer wanted, and has ended"});
      return emit("stopped", {"stop.node", "the node stops its services"});
  }
}

}  // namespace nova::process
