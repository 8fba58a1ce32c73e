#include "drivers/edge/engine.hpp"

#include "drivers/edge/files.hpp"
#include "drivers/edge/ports.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace nova::edge {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds backoff_first{100};  // after the second failed start in a row; the first try again is at once
constexpr milliseconds backoff_max{10000};

core::Error taken(std::uint16_t port) {
  const auto holder = port_holder(port);
  return core::refusal("edge.port_taken", "port " + std::to_string(port) + " is taken" +
                                              (holder.empty() ? " by a process we may not look at" : " by " + holder))
      .fix("stop that process or give the service another port");
}

}  // namespace

bool Engine::Entry::wants(std::uint16_t backend) const {
  const auto& all = wanted.route.backends;
  return std::any_of(all.begin(), all.end(), [&](const auto& one) { return std::int64_t(one.port) == backend; });
}

bool Engine::Entry::leaves() const {
  return std::any_of(slots.begin(), slots.end(), [](const Slot& slot) { return slot.state == Slot::State::leaving; });
}

Engine::Engine(const Options& options, core::Clock& clock, Emit emit)
    : options_(options), clock_(clock), emit_(std::move(emit)), haproxy_(Paths{options.run_dir, options.haproxy}) {
  ground_.run_dir = options.run_dir;
  ground_.bind = options.bind;
  ground_.timings = options.timings;
  choose_user(ground_);
  ground_.connections_max = connections_for_limit();
}

void Engine::adopt(std::vector<Wanted> all) {
  for (auto& wanted : all) keep(std::move(wanted));
  const Paths paths{options_.run_dir, options_.haproxy};
  if (auto written = write_whole(paths.script(), hold_script()); !written) log("error", core::to_line(written.error()));
  written_ = read_whole(paths.config());
  if (haproxy_.find()) {
    structure_ = haproxy_.running_structure();
    if (const auto running = servers()) {
      take_running(*running);
      log("info", "haproxy runs as process " + std::to_string(haproxy_.pid()) + " and is taken over");
      return;
    }
  }
  // What runs but does not answer cannot be led, and would hold the ports.
  haproxy_.stop(milliseconds(0));
  structure_.clear();
}

void Engine::take_running(const std::vector<ServerState>& running) {
  std::map<std::uint16_t, Entry*> by_port;
  for (auto& [key, entry] : entries_) by_port.emplace(entry.port(), &entry);
  bound_.clear();
  for (const auto& server : running) {
    if (server.backend.size() < 2 || server.backend.front() != 'b') continue;
    const auto port = std::uint16_t(std::strtoul(server.backend.c_str() + 1, nullptr, 10));
    bound_.insert(port);
    const auto found = by_port.find(port);
    if (found == by_port.end() || server.name == hold_name) continue;
    auto& entry = *found->second;
    if (entry.slots.size() >= slots_max) continue;
    Slot slot{Slot::State::unused, 0};
    if (server.ready) slot = {Slot::State::serving, server.port};
    if (server.draining) slot = {Slot::State::leaving, server.port};
    entry.slots.push_back(slot);
    entry.leave_until.push_back(now() + entry.wanted.route.drain);
  }
}

void Engine::begin(Entry& entry, Wanted wanted) {
  entry.wanted = std::move(wanted);
  entry.step = Step::pending;
  entry.confirm_until = never;
  entry.failed.clear();
  entry.blocked = false;
  entry.retry_at = Instant(0);
  entry.dropped = false;
}

void Engine::keep(Wanted wanted) {
  const Key key{wanted.tenant, wanted.key};
  if (entries_.size() >= routes_max && !entries_.contains(key)) {
    Entry refused;
    refused.wanted = std::move(wanted);
    return fail(refused,
                core::refusal("edge.route_limit", "there are " + std::to_string(routes_max) + " routes already"));
  }
  begin(entries_[key], std::move(wanted));
  start_at_ = std::min(start_at_, now());
  wake_at(now());
}

void Engine::drop(const std::string& tenant, const std::string& key) {
  const auto found = entries_.find({tenant, key});
  if (found == entries_.end() || found->second.dropped) return;
  found->second.dropped = true;
  for (const Slot& slot : found->second.slots) idle_since_.erase(slot.port);
  found->second.drop_until = now() + found->second.wanted.route.drain;
  wake_at(now());
}

void Engine::step() {
  due_ = never;
  notice_death();
  admit();
  for (auto& [key, entry] : entries_)
    if (entry.listed()) plan(entry);
  bring_up();
  if (!structure_.empty()) arrange();
  drain();
}

void Engine::notice_death() {
  if (!haproxy_.ended()) return;
  log("warn", "haproxy ended: it is started again");
  // A worker that outlived its master would hold the ports.
  haproxy_.stop(milliseconds(0));
  structure_.clear();
  bound_.clear();
  start_at_ = now() + backoff_;
  for (auto& [key, entry] : entries_)
    for (auto& slot : entry.slots)
      if (slot.state == Slot::State::leaving) slot = Slot{};
}

core::Status Engine::admit(const Entry& entry) const {
  const auto& route = entry.wanted.route;
  if (route.backends.size() > backends_max)
    return core::refusal("edge.bad_route", "a route has at most " + std::to_string(backends_max) + " backends");
  if (!is_safe_path(route.http))
    return core::refusal("edge.bad_route", "`" + core::printable(route.http) + "` cannot be used as a health path")
        .fix("use a path that starts with / and has no spaces, quotes or backslashes");
  for (const auto& [key, other] : entries_)
    if (&other != &entry && other.listed() && other.port() == entry.port() &&
        Key(entry.wanted.tenant, entry.wanted.key) > key)
      return core::refusal("edge.port_taken", "port " + std::to_string(entry.port()) + " is taken by another route")
          .fix("give the service another port");
  if (bound_.contains(entry.port())) return core::ok();
  const int error = try_port(options_.bind, entry.port());
  if (error == 0) return core::ok();
  if (error == EADDRINUSE) return taken(entry.port());
  return core::refusal("edge.port_refused", "cannot listen on " + options_.bind + ":" + std::to_string(entry.port()) +
                                                ": " + std::strerror(error))
      .fix("use a port from 1024 on and an address of this machine");
}

void Engine::admit() {
  for (auto& [key, entry] : entries_) {
    if (entry.dropped) continue;
    if (!entry.blocked || now() >= entry.retry_at) {
      auto admitted = admit(entry);
      entry.blocked = !admitted;
      if (!admitted) {
        fail(entry, admitted.error());
        entry.retry_at = now() + options_.timings.retry;
      }
    }
    if (entry.blocked) wake_at(entry.retry_at);
  }
}

// Puts wanted backends into slots. Those no longer wanted stay where they are until the new ones take traffic.
void Engine::plan(Entry& entry) {
  auto& slots = entry.slots;
  const auto in_slot = [&](std::uint16_t port) {
    return std::find_if(slots.begin(), slots.end(),
                        [&](const Slot& slot) { return slot.state != Slot::State::unused && slot.port == port; });
  };
  if (slots.empty()) slots.resize(slots_first);
  const bool relieves =
      std::any_of(slots.begin(), slots.end(), [](const Slot& slot) { return slot.state == Slot::State::serving; });
  for (const auto& backend : entry.wanted.route.backends) {
    const auto port = std::uint16_t(std::int64_t(backend.port));
    auto at = in_slot(port);
    if (at == slots.end())
      at = std::find_if(slots.begin(), slots.end(), [](const Slot& s) { return s.state == Slot::State::unused; });
    if (at == slots.end() && slots.size() < slots_max) {
      const auto first_new = slots.size();
      slots.resize(std::min(slots_max, slots.size() * 2));
      at = slots.begin() + std::ptrdiff_t(first_new);
    }
    // Full of slots that drain: the next step finds room.
    if (at == slots.end()) break;
    if (at->state == Slot::State::joining && at->port == port) continue;
    const bool fresh = at->state == Slot::State::unused;
    *at = {fresh && relieves ? Slot::State::joining : Slot::State::serving, port};
  }
  entry.leave_until.resize(slots.size(), never);
}

std::vector<Front> Engine::fronts() const {
  std::vector<Front> all;
  for (const auto& [key, entry] : entries_)
    if (entry.listed()) all.push_back({entry.port(), entry.wanted.route.http, entry.slots, entry.wanted.route.hold});
  std::sort(all.begin(), all.end(), [](const Front& a, const Front& b) { return a.port < b.port; });
  return all;
}

core::Status Engine::write_config() {
  const auto text = config_text(ground_, fronts());
  if (text == written_) return core::ok();
  const Paths paths{options_.run_dir, options_.haproxy};
  if (auto put = write_whole(paths.candidate(), text); !put) return put;
  if (auto good = haproxy_.check(paths.candidate()); !good) return good;
  if (auto placed = replace_file(paths.candidate(), paths.config()); !placed) return placed;
  written_ = text;
  return core::ok();
}

// Starts HAProxy, or reloads it where more changed than who sits in which slot.
void Engine::bring_up() {
  const auto all = fronts();
  const auto wanted = structure_of(ground_, all);
  if (structure_ == wanted || (structure_.empty() && all.empty())) return;
  if (now() < start_at_) return wake_at(start_at_);

  const bool running = !structure_.empty();
  auto done = write_config();
  if (done)
    done = running ? haproxy_.reload(wanted, options_.timings.start) : haproxy_.start(wanted, options_.timings.start);
  if (!done) {
    log("error", core::to_line(done.error()));
    backoff_ = std::clamp(backoff_ * 2, backoff_first, backoff_max);
    start_at_ = now() + backoff_;
    fail_pending(done.error());
    return wake_at(start_at_);
  }
  backoff_ = milliseconds(0);
  structure_ = wanted;
  bound_.clear();
  for (const auto& front : all) bound_.insert(front.port);
  log("info", std::string(running ? "haproxy reloaded" : "haproxy started") + " with " + std::to_string(all.size()) +
                  " stable ports, process " + std::to_string(haproxy_.pid()));
}

core::Result<std::vector<ServerState>> Engine::servers() const {
  auto answer = haproxy_.runtime("show servers state");
  if (!answer) return std::move(answer).error();
  return parse_servers(*answer);
}

void Engine::arrange() {
  const bool work = std::any_of(entries_.begin(), entries_.end(), [](const auto& row) {
    return row.second.listed() && (row.second.step == Step::pending || row.second.leaves());
  });
  if (!work) return;
  // The file first: whatever ends now, the next HAProxy knows the new backends.
  auto done = write_config();
  if (done) done = apply_slots();
  auto running = servers();
  if (done && !running) done = running.error();
  if (!done) {
    fail_pending(done.error());
    return wake_at(now() + options_.timings.retry);
  }
  for (auto& [key, entry] : entries_)
    if (entry.listed() && entry.step == Step::pending && bound_.contains(entry.port())) confirm(entry, *running);
}

std::vector<std::string> Engine::orders(const Entry& entry, const std::vector<ServerState>& running) const {
  const auto main = main_backend(entry.port()), direct = direct_backend(entry.port());
  const auto find = [&](const std::string& backend, const std::string& name) {
    const auto at = std::find_if(running.begin(), running.end(),
                                 [&](const auto& s) { return s.backend == backend && s.name == name; });
    return at == running.end() ? nullptr : &*at;
  };
  std::vector<std::string> lines;
  const auto set = [&](const std::string& server, const std::string& what) {
    lines.push_back("set server " + server + " " + what);
  };
  bool anybody = entry.wanted.route.hold;  // serves, or is on the way
  std::vector<std::string> last;           // who goes goes after those who come
  for (std::size_t i = 0; i < entry.slots.size(); ++i) {
    const auto& slot = entry.slots[i];
    const auto *in_main = find(main, slot_name(i)), *in_direct = find(direct, slot_name(i));
    if (!in_main || !in_direct) continue;
    const auto name = main + "/" + slot_name(i);
    switch (slot.state) {
      case Slot::State::serving:
        anybody = true;
        for (const auto* server : {in_main, in_direct})
          if (server->port != slot.port)
            set(server->backend + "/" + server->name, "addr 127.0.0.1 port " + std::to_string(slot.port));
        if (!in_main->ready) set(name, "state ready");
        break;
      case Slot::State::joining:
        for (const auto* server : {in_main, in_direct})
          if (server->port != slot.port)
            set(server->backend + "/" + server->name, "addr 127.0.0.1 port " + std::to_string(slot.port));
        if (!in_main->draining) set(name, "state drain");
        break;
      case Slot::State::leaving:
        if (in_main->ready) last.push_back("set server " + name + " state drain");
        break;
      case Slot::State::unused:
        if (in_main->ready || in_main->draining) set(name, "state maint");
        break;
    }
  }
  // Without the hold, requests to a service that is meant to be down are refused at once.
  if (const auto* hold = find(main, hold_name); hold && hold->ready != anybody)
    set(main + "/" + hold_name, anybody ? "state ready" : "state maint");
  lines.insert(lines.end(), last.begin(), last.end());
  return lines;
}

core::Status Engine::apply_slots() {
  constexpr std::size_t orders_at_once = 50;  // HAProxy reads a line of at most 16 KiB
  const auto running = servers();
  if (!running) return running.error();
  std::vector<std::string> lines;
  for (const auto& [key, entry] : entries_) {
    if (!entry.listed()) continue;
    for (auto& line : orders(entry, *running)) lines.push_back(std::move(line));
  }
  for (std::size_t i = 0; i < lines.size(); i += orders_at_once) {
    std::string batch;
    for (std::size_t k = i; k < std::min(lines.size(), i + orders_at_once); ++k)
      batch += (k > i ? "; " : "") + lines[k];
    if (auto answer = haproxy_.runtime(batch); !answer) return answer.error();
  }
  return core::ok();
}

void Engine::confirm(Entry& entry, const std::vector<ServerState>& running) {
  constexpr milliseconds look_again{20};
  const auto main = main_backend(entry.port());
  const auto& backends = entry.wanted.route.backends;
  const auto passed = std::size_t(std::count_if(backends.begin(), backends.end(), [&](const auto& backend) {
    return std::any_of(running.begin(), running.end(), [&](const ServerState& server) {
      return server.backend == main && server.port == std::int64_t(backend.port) && (server.ready || server.draining) &&
             server.up && server.passed;
    });
  }));
  if (entry.confirm_until == never) entry.confirm_until = now() + options_.timings.confirm;
  const bool late = now() >= entry.confirm_until;
  if (passed < backends.size() && !(late && passed > 0)) {
    if (late) {
      fail(entry, core::unavailable("edge.backends_unreachable", "none of " + std::to_string(backends.size()) +
                                                                     " new backends passes the edge's check"));
    }
    return wake_at(now() + (late ? options_.timings.retry : look_again));
  }
  for (std::size_t i = 0; i < entry.slots.size(); ++i) {
    auto& slot = entry.slots[i];
    if (slot.state != Slot::State::serving && slot.state != Slot::State::joining) continue;
    if (entry.wants(slot.port)) {
      slot.state = Slot::State::serving;
      continue;
    }
    slot.state = Slot::State::leaving;
    idle_since_.erase(slot.port);
    entry.leave_until[i] = now() + entry.wanted.route.drain;
  }
  auto done = write_config();
  if (done) done = apply_slots();
  if (!done) {
    fail(entry, done.error());
    return wake_at(now() + options_.timings.retry);
  }
  entry.step = Step::applied;
  entry.failed.clear();
  report(entry, "applied");
}

// Follows what leaves: slots of routes that stay, and whole routes.
void Engine::drain() {
  constexpr milliseconds look_again{100};
  const bool any = std::any_of(entries_.begin(), entries_.end(),
                               [](const auto& row) { return row.second.dropped || row.second.step == Step::applied; });
  if (!any) return;
  std::map<std::uint16_t, std::uint64_t> in_use;
  bool known = true;
  if (!structure_.empty()) {
    auto counted = haproxy_.connections();
    known = counted.ok();
    if (known) in_use = std::move(*counted);
  }
  // Twice, a look apart: a thread of HAProxy may have chosen the instance before it began to leave, and not connected
  // yet.
  const auto idle = [&](std::uint16_t port) {
    if (!known || in_use[port] != 0) return idle_since_.erase(port), false;
    const auto since = idle_since_.try_emplace(port, now()).first->second;
    return now() - since >= look_again;
  };

  bool freed = false;
  for (auto at = entries_.begin(); at != entries_.end();) {
    auto& entry = at->second;
    if (entry.dropped) {
      const bool quiet = std::all_of(entry.slots.begin(), entry.slots.end(), [&](const Slot& slot) {
        return slot.state == Slot::State::unused || idle(slot.port);
      });
      const bool open =
          bound_.contains(entry.port()) && std::none_of(entries_.begin(), entries_.end(), [&](const auto& row) {
            return row.second.listed() && row.second.port() == entry.port();
          });
      if (!open && (quiet || now() >= entry.drop_until)) {
        report(entry, "stopped");
        for (const Slot& slot : entry.slots) idle_since_.erase(slot.port);
        at = entries_.erase(at);
        continue;
      }
      wake_at(now() + look_again);
    } else if (entry.step == Step::applied) {
      for (std::size_t i = 0; i < entry.slots.size(); ++i) {
        auto& slot = entry.slots[i];
        if (slot.state != Slot::State::leaving || !(idle(slot.port) || now() >= entry.leave_until[i])) continue;
        idle_since_.erase(slot.port);
        slot = Slot{};
        freed = true;
      }
      if (entry.leaves()) {
        wake_at(now() + look_again);
      } else {
        entry.step = Step::drained;
        report(entry, "drained");
      }
    }
    ++at;
  }
  if (!freed || structure_.empty()) return;
  if (auto done = apply_slots(); !done) log("warn", core::to_line(done.error()));
}

void Engine::fail(Entry& entry, const core::Error& error) {
  if (entry.failed == error.code) return;
  entry.failed = error.code;
  report(entry, "failed", error.code, error.message + (error.remedy.empty() ? "" : ": " + error.remedy));
}

void Engine::fail_pending(const core::Error& error) {
  for (auto& [key, entry] : entries_)
    if (entry.listed() && entry.step == Step::pending) fail(entry, error);
}

void Engine::report(const Entry& entry, std::string phase, std::string code, std::string message) {
  const auto& wanted = entry.wanted;
  log(phase == "failed" ? "warn" : "info", "route " + wanted.tenant + "/" + wanted.key + " on port " +
                                               std::to_string(entry.port()) + " " + phase +
                                               (code.empty() ? "" : " (" + code + "): " + message));
  emit_(wanted.report_to, wanted.key, {std::move(phase), std::move(code), std::move(message), wanted.route.generation});
}

std::vector<host::KeepDriver::Line> Engine::lines() const {
  static constexpr const char* words[] = {"pending", "applied", "drained"};
  std::vector<host::KeepDriver::Line> all;
  for (const auto& [key, entry] : entries_) {
    std::string backends;
    for (const auto& slot : entry.slots) {
      if (slot.state == Slot::State::unused) continue;
      const bool serving = slot.state == Slot::State::serving;
      backends += std::string(backends.empty() ? "" : ",") + "{\"port\":" + std::to_string(slot.port) +
                  ",\"state\":\"" + (serving ? "serving" : "draining") + "\"}";
    }
    const std::string phase = entry.dropped ? "stopping" : !entry.failed.empty() ? "failed" : words[int(entry.step)];
    all.push_back({key.first, key.second, phase,
                   "{\"port\":" + std::to_string(entry.port()) +
                       ",\"generation\":" + std::to_string(entry.wanted.route.generation) +
                       ",\"haproxy_pid\":" + std::to_string(haproxy_.pid()) + ",\"backends\":[" + backends + "]}"});
  }
  return all;
}

void Engine::log(std::string_view level, const std::string& line) const {
  if (options_.log) options_.log(level, "edge: " + core::printable(line));
}

}  // namespace nova::edge
