#include "drivers/process/child.hpp"

#include "drivers/process/environment.hpp"
#include "drivers/process/leftovers.hpp"

#include <string.h>  // explicit_bzero

#include <algorithm>
#include <system_error>

namespace nova::process {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Instant answer_wait_max = seconds(10);          ///< for a keeper on a machine that is very busy
constexpr Instant keeper_leaves_max = milliseconds(200);  ///< from its last word to its end
constexpr Instant keeper_leaves_step = milliseconds(1);
constexpr Instant announce_wait = milliseconds(25);  ///< shorter than the wait for the first health check
constexpr unsigned futile_starts_max = 4;            ///< in a row, of one tenant, before first starts are paced too
constexpr Instant slot_hold_max = seconds(2);  ///< a service that takes long to be ready does not hold up its siblings

supervision::RestartPolicy policy_of(const service::Restart& restart) {
  return {std::uint32_t(restart.intensity), restart.period, restart.backoff, restart.backoff_max};
}

// Trying again does not help: only another payload or a person does.
bool is_final(std::string_view code) {
  return code == "start.source_missing" || code == "start.command_not_found" ||
         code == "start.command_not_executable" || code == "start.payload_invalid" || code == "start.bad_order";
}

}  // namespace

Child::Child(Surroundings& around, Wanted wanted, InstanceDir dir)
    : around_(around), wanted_(std::move(wanted)), dir_(std::move(dir)), window_(policy_of(spec().restart)) {
  if (auto memory = dir_.memory()) memory_ = std::move(*memory);
  memory_.tenant = wanted_.instance.tenant;
  memory_.key = wanted_.key;
  memory_.report_to = wanted_.report_to;
  memory_.last.facts.log_path = dir_.log().string();
}

bool Child::doubtful() const {
  const auto futile = around_.futile_starts.find(wanted_.instance.tenant);
  return !memory_.admitted && futile != around_.futile_starts.end() && futile->second >= futile_starts_max;
}

void Child::start() {
  memory_.attempt = wanted_.instance.attempt;
  memory_.fingerprint = fingerprint_of(wanted_.instance);
  start_afresh();
}

void Child::start_afresh() {
  window_ = supervision::RestartWindow(policy_of(spec().restart));
  memory_.rest.clear();
  memory_.admitted = false;
  memory_.stop_ms = spec().stop_timeout.count();
  admission_deadline_ = never;
  restarting_ = false;
  failed_to_start_ = false;
  after_ = After::none;
  remember();
  wait_until(now());
}

void Child::wait_until(Instant due) {
  phase_ = Phase::waiting;
  due_ = due;
  slot_until_ = {};
  if (keeper_waits_ && due_ >= keeper_waits_until_) let_keeper_go();
}

void Child::keep(Wanted wanted) {
  const std::string fingerprint = fingerprint_of(wanted.instance);
  const bool anew = fingerprint != memory_.fingerprint || wanted.instance.attempt > memory_.attempt;
  const bool revived = after_ == After::drop || after_ == After::node;
  const bool policy_changed = wanted.instance.spec.restart.intensity != spec().restart.intensity ||
                              wanted.instance.spec.restart.period != spec().restart.period ||
                              wanted.instance.spec.restart.backoff != spec().restart.backoff ||
                              wanted.instance.spec.restart.backoff_max != spec().restart.backoff_max;
  wanted_ = std::move(wanted);
  memory_.report_to = wanted_.report_to;
  memory_.attempt = std::max(memory_.attempt, wanted_.instance.attempt);
  memory_.fingerprint = fingerprint;
  memory_.stop_ms = spec().stop_timeout.count();
  if (policy_changed) window_ = supervision::RestartWindow(policy_of(spec().restart));
  remember();
  if (anew || revived) stop(After::fresh);
}

core::Result<OrderParts> Child::make_order() {
  const service::Instance& instance = wanted_.instance;
  const Options& options = around_.options;
  if (auto valid = check(instance); !valid) return std::move(valid).error();
  const fs::path source = source_folder(options, instance);
  std::error_code failed;
  if (instance.spec.source.digest.empty() || !fs::is_directory(source, failed)) {
    return core::refusal("start.source_missing",
                         "the source `" + core::printable(instance.spec.source.path) + "` is not on this machine")
        .with("digest", instance.spec.source.digest);
  }
  const fs::path data = data_folder(options, instance);
  const bool made = fs::create_directories(data, failed);
  if (failed) return core::unavailable("start.no_data_dir", data.string() + ": " + failed.message());
  if (made) fs::permissions(data, fs::perms::owner_all, failed);

  std::uint32_t port = 0;
  if (!is_worker()) {
    const auto taken = around_.ports.take(instance.tenant + "/" + wanted_.key, std::uint16_t(memory_.last.facts.port));
    if (!taken)
      return core::unavailable("start.port_taken", "no port is free between " + std::to_string(options.port_first) +
                                                       " and " + std::to_string(options.port_last));
    port = *taken;
  }
  memory_.last.facts.port = port;
  auto secrets = secret_environment(options, instance);
  if (!secrets) return std::move(secrets).error();

  OrderParts parts = {{"dir", dir_.path().string()},
                      {"run", memory_.run},
                      {"note", memory_.fingerprint},
                      {"cwd", source.string()},
                      {"stop_ms", std::to_string(memory_.stop_ms)},
                      {"log_bytes", std::to_string(options.log_segment_bytes)},
                      {"log_files", std::to_string(options.log_segments)},
                      {"memory_bytes", std::to_string(instance.spec.limits.memory_mb * 1024 * 1024)},
                      {"open_files", std::to_string(std::int64_t(instance.spec.limits.open_files))}};
  for (const auto& word : instance.spec.run) parts.emplace_back("arg", word);
  for (auto& line : plain_environment(options, instance, port)) parts.emplace_back("env", std::move(line));
  parts.emplace_back("env", "NOVA_RUN_ID=" + memory_.run);
  for (auto& line : *secrets) parts.emplace_back("env", std::move(line));
  if (!options.cgroup.empty()) {
    parts.emplace_back("cgroup", (options.cgroup / dir_.name()).string());
    for (auto& line : cgroup_limits(instance.spec.limits)) parts.emplace_back("limit", std::move(line));
  }
  return parts;
}

void Child::begin() {
  if (keeper_waits_ && now() >= keeper_waits_until_) let_keeper_go();
  if (!keeper_waits_ && !lock_is_free(dir_)) {
    // A keeper that has said its last word goes by itself; to look for it among all processes costs much more.
    const auto record = dir_.record();
    const bool leaves = record && record->exited() && record->run == memory_.reported_run;
    if (leave_until_ == Instant{}) leave_until_ = now() + keeper_leaves_max;
    if (leaves && now() < leave_until_) return wait_until(now() + keeper_leaves_step);
    leave_until_ = {};
    clear_until_ = {};
    start_after_clearing_ = now();
    return clear();
  }
  leave_until_ = {};
  if (restarting_) ++memory_.last.facts.restarts;
  restarting_ = false;
  memory_.run = core::new_uuid(around_.clock.now());
  if (!memory_.admitted && admission_deadline_ == never) admission_deadline_ = now() + spec().health.start_timeout;
  auto order = make_order();
  if (!order) return refuse_start(std::move(order).error());
  remember();
  const service::Instance& i = wanted_.instance;
  const std::string label = i.tenant + "/" + i.platform + "/" + i.environment + "/" + i.service + "/" +
                            std::to_string(i.revision) + "." + std::to_string(i.index);
  auto launch = keeper_waits_ ? Launch::again(link_, *order) : Launch::begin(around_.options.keeper, label, *order);
  keeper_waits_ = false;
  for (auto& [tag, value] : *order) explicit_bzero(value.data(), value.size());
  if (!launch) return refuse_start(std::move(launch).error());
  launch_ = std::move(*launch);
  phase_ = Phase::launching;
  due_ = now() + answer_wait_max;
  begun_ = now();
  slot_until_ = begun_ + slot_hold_max;
}

void Child::refuse_start(const core::Error& error) {
  launch_.reset();
  let_keeper_go();
  Why why{error.code, error.message};
  if (after_ != After::none) return stopped();
  if (is_final(error.code)) return rest("failed", "failed", std::move(why));
  ended(std::move(why), true);
}

void Child::take_answer() {
  auto answer = launch_->step();
  if (!answer && now() < due_) return;
  if (!answer) {
    launch_->abandon();
    launch_.reset();
    // It may have come as far as starting the service.
    return lost();
  }
  const auto started = std::move(*answer);
  launch_.reset();
  if (!started) return refuse_start(started.error());
  launched(*started);
}

void Child::launched(const Launch::Started& started) {
  auto& facts = memory_.last.facts;
  facts.pid = started.service;
  facts.keeper_pid = started.keeper;
  facts.next_start.reset();
  phase_ = Phase::running;
  due_ = never;
  // One that an earlier node started is only watched: it may not know the order of this one.
  if (!link_.connected()) {
    link_ = KeeperLink(dir_);
    link_.say("attend\n");
  }
  // A process that ends at once is reported once, by its end: a storm of them costs its neighbours half the commits.
  if (!(is_worker() && ready_)) announce_due_ = now() + announce_wait;
  begin_watching(is_worker() && ready_);
  if (!link_.connected()) return hung_up();
  if (after_ != After::none) send_stop();
}

void Child::announce() {
  announce_due_ = never;
  emit("started", {"start.done", "runs as process " + std::to_string(memory_.last.facts.pid)});
}

void Child::add_polls(std::vector<pollfd>& polls) {
  const auto add = [&](pollfd poll) {
    polls.push_back(poll);
    return int(polls.size()) - 1;
  };
  answer_poll_ = launch_ ? add({launch_->fd(), POLLIN, 0}) : -1;
  link_poll_ = link_.connected() && !launch_ ? add({link_.fd(), POLLIN, 0}) : -1;
  probe_poll_ = probe_ && !probe_->finished() ? add(probe_->wanted()) : -1;
}

void Child::step(const std::vector<pollfd>& polls) {
  const auto ready = [&](int place) { return place >= 0 && polls[std::size_t(place)].revents != 0; };
  const bool due = due_ <= now();
  if (phase_ == Phase::launching) {
    if (ready(answer_poll_) || due) take_answer();
    return;
  }
  if (ready(link_poll_) && link_.connected()) {
    const auto heard = link_.listen();
    if (heard == KeeperLink::Heard::hung_up && keeper_waits_)
      let_keeper_go();
    else if (heard == KeeperLink::Heard::hung_up)
      return hung_up();
    else if (heard == KeeperLink::Heard::exited && !keeper_waits_)
      return exited();
  }
  if (phase_ == Phase::running) {
    if (announce_due_ <= now()) announce();
    if (probe_ && (ready(probe_poll_) || probe_->deadline() <= now())) probe_->step(now());
    return watch_health();
  }
  if (phase_ == Phase::stopping && due) return lost();
  if (phase_ == Phase::clearing && due) return clear();
  if (phase_ == Phase::finding && due) return find();
  if (phase_ == Phase::waiting && !memory_.admitted && admission_deadline_ <= now()) {
    const Why why =
        last_probe_ ? Why{last_probe_->code, last_probe_->message} : Why{"health.timeout", "not ready in time"};
    rest("failed", "failed", why);
  }
}

Instant Child::next_due() const {
  if (phase_ == Phase::running) return std::min({due_, announce_due_, health_due()});
  if (phase_ == Phase::waiting && !memory_.admitted) return std::min(due_, admission_deadline_);
  return due_;
}

std::string_view Child::shown_phase() const {
  switch (phase_) {
    case Phase::waiting:
      return "waiting";
    case Phase::launching:
      return "starting";
    case Phase::stopping:
      return "stopping";
    case Phase::clearing:
    case Phase::finding:
      return "recovering";
    case Phase::resting:
      return memory_.rest;
    case Phase::gone:
      return "stopped";
    case Phase::running:
      break;
  }
  if (ready_) return "ready";
  return memory_.last.phase == "unready" ? "unready" : "running";
}

void Child::emit(std::string_view phase, Why why) {
  if (announce_due_ != never && phase == "ready") announce();
  Observation& last = memory_.last;
  const core::Timestamp at = around_.clock.now();
  // From the clock, so that it grows even if the memory was lost; past the last one, so that it grows even if the clock
  // went back.
  last.sequence = std::max(last.sequence + 1, std::uint64_t(std::max<std::int64_t>(at.ms, 0)));
  last.phase = phase;
  last.code = std::move(why.code);
  last.message = core::printable(why.message);
  last.facts.attempt = memory_.attempt;
  last.at = at;
  remember();
  log(phase == "failed" || phase == "quarantined" ? "error"
      : phase == "exited" || phase == "unready"   ? "warn"
                                                  : "info",
      std::string(phase) + " (" + last.code + "): " + last.message);
  around_.emit(memory_.report_to, wanted_.key, last);
}

void Child::remember() {
  if (!dir_.remember(memory_)) log("error", "the disk does not take the state of this instance");
}

void Child::log(std::string_view level, std::string_view line) const {
  if (!around_.options.log) return;
  around_.options.log(level, core::printable(wanted_.instance.tenant + "/" + wanted_.key) + ": " + std::string(line));
}

}  // namespace nova::process
