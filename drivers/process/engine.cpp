#include "drivers/process/engine.hpp"

#include <sys/stat.h>
#include <time.h>

#include <algorithm>
#include <set>
#include <system_error>
#include <thread>
#include <tuple>

namespace nova::process {
namespace {

namespace fs = std::filesystem;

// A start takes some 4 ms of a core, keeper, service and reports together, in steps inside the kernel that nothing else
// can come between. Twenty at once would be noticed by whoever else has work; so starts take a fifth of the cores at
// most.
const Instant start_gap = std::chrono::milliseconds(20) / std::max(std::thread::hardware_concurrency(), 1u);

Ports ports_of(const Options& options) {
  return {options.port_first, options.port_last, options.ports_reserved, options.run_dir.string()};
}

}  // namespace

Engine::Engine(const Options& options, Emit emit)
    : around_{options,
              options.clock ? *options.clock : core::system_clock(),
              ports_of(options),
              std::minstd_rand(std::random_device{}()),
              {},
              {}},
      emit_(std::move(emit)) {
  around_.emit = [this](const core::EntityKey& to, const std::string& key, const Observation& seen) {
    emit_(to.tenant, to, key, seen);
  };
  std::error_code failed;
  fs::create_directories(around_.options.run_dir, failed);
  fs::permissions(around_.options.run_dir, fs::perms::owner_all, failed);
}

Child* Engine::add(Wanted wanted) {
  const Key key{wanted.instance.tenant, wanted.key};
  if (wanted.instance.spec.port > 0) around_.ports.reserve(std::uint16_t(wanted.instance.spec.port));
  const auto dir = find_dir(around_.options.run_dir, key.first, key.second, true);
  if (!dir) {
    Observation seen;
    seen.at = around_.clock.now();
    seen.sequence = std::uint64_t(seen.at.ms);
    seen.phase = "failed";
    seen.code = "start.no_run_dir";
    seen.message = "the folder for its state cannot be made in " + around_.options.run_dir.string();
    around_.emit(wanted.report_to, wanted.key, seen);
    return nullptr;
  }
  auto& child = children_[key];
  child = std::make_unique<Child>(around_, std::move(wanted), *dir);
  return child.get();
}

void Engine::adopt(std::vector<Wanted> all) {
  std::set<std::string> wanted_dirs;
  // Every port that a kept key has or a blueprint claims is known before the first one is handed out.
  for (const Wanted& wanted : all) {
    if (wanted.instance.spec.port > 0) around_.ports.reserve(std::uint16_t(wanted.instance.spec.port));
  }
  for (Wanted& wanted : all) {
    Child* const child = add(std::move(wanted));
    if (!child) continue;
    wanted_dirs.insert(child->dir().name());
    child->adopt();
  }
  for (const InstanceDir& dir : all_dirs(around_.options.run_dir)) {
    const auto memory = wanted_dirs.contains(dir.name()) ? std::nullopt : dir.memory();
    if (!memory || memory->last.phase == "stopped") continue;
    drop(memory->tenant, memory->key);
  }
  prune();
}

void Engine::keep(Wanted wanted) {
  const auto found = children_.find({wanted.instance.tenant, wanted.key});
  if (found != children_.end()) {
    if (wanted.instance.spec.port > 0) around_.ports.reserve(std::uint16_t(wanted.instance.spec.port));
    return found->second->keep(std::move(wanted));
  }
  Child* const child = add(std::move(wanted));
  if (!child) return;
  // A key that was kept before the node died may come as a new one: what runs of it is found, not doubled.
  if (child->dir().record())
    child->adopt();
  else
    child->start();
}

void Engine::drop(const std::string& tenant, const std::string& key) {
  if (const auto found = children_.find({tenant, key}); found != children_.end()) return found->second->drop();
  const auto dir = find_dir(around_.options.run_dir, tenant, key, false);
  const auto memory = dir ? dir->memory() : std::nullopt;
  if (!memory) {
    if (around_.options.log)
      around_.options.log("warn", core::printable(tenant + "/" + key + ": dropped, but never kept here"));
    return;
  }
  if (memory->last.phase == "stopped") return around_.emit(memory->report_to, key, memory->last);
  // Nobody tells any more what it was; what it needs to be stopped stands in its memory.
  Wanted gone;
  gone.key = key;
  gone.report_to = memory->report_to;
  gone.instance.tenant = tenant;
  gone.instance.attempt = memory->attempt;
  gone.instance.spec.stop_timeout = std::chrono::milliseconds(memory->stop_ms);
  Child* const child = add(std::move(gone));
  if (!child) return;
  child->adopt_to_drop();
}

void Engine::wait(int wake_fd) {
  polls_.clear();
  polls_.push_back({wake_fd, POLLIN, 0});
  Instant due = Child::never;
  const Instant now = around_.now();
  for (const auto& [key, child] : children_) {
    child->add_polls(polls_);
    if (!child->wants_slot(now))
      due = std::min(due, child->next_due());
    else if (child->next_due() > now)
      due = std::min(due, child->next_due());
    if (child->holds_slot(now)) due = std::min(due, child->slot_end());
    if (child->wants_slot(now) && next_start_ > now) due = std::min(due, next_start_);
  }
  timespec limit{};
  if (due != Child::never) {
    const auto left = std::max<std::int64_t>((due - now).count(), 0);
    limit = {time_t(left / 1'000'000'000), long(left % 1'000'000'000)};
  }
  ::ppoll(polls_.data(), polls_.size(), due == Child::never ? nullptr : &limit, nullptr);
}

void Engine::act() {
  for (const auto& [key, child] : children_) child->step(polls_);
  if (stopping_all_) stop_next();
  remove_gone();
  give_slots();
}

void Engine::give_slots() {
  const Instant now = around_.now();
  std::map<std::string, std::vector<Child*>> waiting;
  std::map<std::string, std::size_t> starting, held;
  std::size_t all_starting = 0;
  const auto count = [&](const std::string& tenant, const Child& child) {
    if (child.holds_slot(around_.now())) ++held[tenant];
    if (child.starts(around_.now())) ++starting[tenant], ++all_starting;
  };
  for (const auto& [key, child] : children_) {
    count(key.first, *child);
    if (child->wants_slot(now)) waiting[key.first].push_back(child.get());
  }
  // Within a tenant first come, first served, but those that failed come after those that did not: a service that can
  // run does not pay for a sibling that cannot. From the back, so that taking one is cheap.
  const auto place = [](const Child& child) {
    return std::tuple(child.failed_to_start(), child.doubtful(), child.due());
  };
  for (auto& [tenant, children] : waiting) {
    std::stable_sort(children.begin(), children.end(),
                     [&](const Child* a, const Child* b) { return place(*a) > place(*b); });
  }
  while (!waiting.empty() && all_starting < starts_max && next_start_ <= around_.now()) {
    auto turn = waiting.upper_bound(last_tenant_);
    if (turn == waiting.end()) turn = waiting.begin();
    const auto& [tenant, children] = *turn;
    last_tenant_ = tenant;
    const bool full = children.empty() ||
                      (children.back()->paced() ? held[tenant] : starting[tenant]) >= around_.options.starts_per_tenant;
    if (full) {
      waiting.erase(turn);
      continue;
    }
    Child* const child = turn->second.back();
    turn->second.pop_back();
    child->begin();
    count(tenant, *child);
    if (child->starts(around_.now())) next_start_ = around_.now() + start_gap;
    // It could not start and may try again at once; nothing else would wake the loop for it.
    if (child->wants_slot(around_.now())) turn->second.insert(turn->second.begin(), child);
  }
}

void Engine::stop_next() {
  const auto is_needed = [&](const Child& child) {
    const service::Instance& needed = child.wanted().instance;
    return std::any_of(children_.begin(), children_.end(), [&](const auto& entry) {
      const service::Instance& other = entry.second->wanted().instance;
      const auto& needs = other.spec.needs;
      return entry.second.get() != &child && !entry.second->gone() && other.service != needed.service &&
             other.tenant == needed.tenant && other.platform == needed.platform &&
             other.environment == needed.environment &&
             std::find(needs.begin(), needs.end(), needed.service) != needs.end();
    });
  };
  bool any = false;
  for (const auto& [key, child] : children_) {
    if (child->ends_with_node())
      any = true;
    else if (!child->gone() && !is_needed(*child))
      child->end_with_node(), any = true;
  }
  // A ring of needs, which no blueprint passes with, ends all at once.
  for (const auto& [key, child] : children_) {
    if (!any && !child->gone()) child->end_with_node();
  }
}

void Engine::remove_gone() {
  if (std::erase_if(children_, [](const auto& entry) { return entry.second->gone(); }) == 0) return;
  std::erase_if(around_.futile_starts, [&](const auto& entry) {
    const auto first = children_.lower_bound({entry.first, ""});
    return first == children_.end() || first->first.first != entry.first;
  });
  prune();
}

void Engine::prune() {
  std::vector<std::pair<std::int64_t, fs::path>> stopped;
  std::set<std::string> used;
  for (const auto& [key, child] : children_) used.insert(child->dir().name());
  for (const InstanceDir& dir : all_dirs(around_.options.run_dir)) {
    if (used.contains(dir.name())) continue;
    struct stat found {};
    const fs::path memory = dir.path() / "memory";
    stopped.emplace_back(::stat(memory.c_str(), &found) == 0 ? std::int64_t(found.st_mtime) : 0, dir.path());
  }
  if (stopped.size() <= stopped_dirs_max) return;
  std::sort(stopped.rbegin(), stopped.rend());
  for (std::size_t i = stopped_dirs_max; i < stopped.size(); ++i) {
    std::error_code failed;
    fs::remove_all(stopped[i].second, failed);
  }
}

std::vector<Engine::Line> Engine::snapshot() const {
  std::vector<Line> lines;
  for (const auto& [key, child] : children_) {
    lines.push_back({key.first, key.second, std::string(child->shown_phase()), child->facts()});
  }
  return lines;
}

}  // namespace nova::process
