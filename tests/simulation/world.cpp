#include "tests/simulation/world.hpp"

#include "tests/simulation/ground/machine.hpp"
#include "tests/simulation/ground/marks.hpp"

#include <algorithm>

namespace nova::simulation {
namespace {

constexpr auto trouble_lasts = 10s;           // of virtual time
constexpr auto heals_within = 150s;           // after the last fault everything that was ordered is done
constexpr std::uint64_t steps_max = 200'000;  // an ordinary run takes some thousands
constexpr auto look_every = 200ms;
constexpr auto lease = 3s;  // a node that lost the store is replaced after this; longer than any attempt outside

store::Vault& vault() {
  static const auto made = store::make_memory_vault();
  return *made;
}

}  // namespace

World::World(std::uint64_t seed, Scene scene)
    : seed_((reset_machine(), seed)),
      scene_(scene),
      schedule_(seed),
      faults_(schedule_.random()),
      store_clock_(schedule_),
      machine_(schedule_, faults_, store_clock_, schedule_.random().next()),
      remote_(schedule_.random().one_in(3)),
      nodes_(remote_ ? 2 + schedule_.random().below(2) : 1) {
  for (auto& node : nodes_) node.clock = std::make_unique<MachineClock>(schedule_);
}

World::~World() {
  active_.reset();
  for (auto& node : nodes_)
    if (node.process) dead_.push_back(std::move(node.process));
  for (auto& process : dead_) process->kill();
  machine_.die(false);
  // What the actors still say in their end may reach any of the parts, so these go last.
  for (auto& process : dead_) process->end_actors();
  schedule_.let_actors_end();
}

void World::violated(const std::string& what) {
  if (violation_.empty()) violation_ = what;
}

Report World::run() {
  try {
    begin();
    const auto end = microseconds(trouble_lasts);
    while (violation_.empty() && schedule_.step(end)) {
      if (schedule_.steps() > steps_max) violated("liveness: the world runs in circles");
    }
    if (violation_.empty()) end_faults();
    if (violation_.empty() && settle()) violated(check(*this));
  } catch (const std::exception& e) {
    violated(std::string("exception: ") + e.what());
  }
  Report report;
  report.seed = seed_;
  report.violation = violation_;
  report.trace = schedule_.trace();
  report.steps = schedule_.steps();
  report.nodes = nodes_.size();
  if (machine_.is_up()) report.events = machine_.store().head();
  for (const auto& client : clients_) report.commands += client->intents().size();
  return report;
}

void World::begin() {
  machine_.disk().on_death = [this] {
    // A process that dies in a write says nothing more; in a small platform that is the node itself.
    if (!remote_ && nodes_[0].process) nodes_[0].process->link().cut();
  };
  machine_.on_died = [this] { store_died(machine_.disk().died_by_power()); };
  machine_.on_up = [this] {
    if (std::exchange(cut_after_start_, false))
      schedule_.after(milliseconds(schedule_.random().between(5, 40)), [this] {
        if (!machine_.is_up() || faults_.ended()) return;
        strike(Fault::power_cut);
        store_died(true);
      });
    if (!remote_) return start_node(0);
    for (const auto& subscriber : subscribers_)
      if (active_ && !active_->is_dead()) subscriber->follow(active_);
  };
  machine_.start();
  if (remote_)
    for (std::size_t i = 0; i < nodes_.size(); ++i)
      if (i == home_) start_node(i);
  auto& random = schedule_.random();
  Client::Parts parts;
  parts.schedule = &schedule_;
  parts.faults = &faults_;
  parts.node = [this] { return active_; };
  parts.now = [this] { return store_clock_.now(); };  // their own clocks are right
  parts.violated = [this](const std::string& what) { violated(what); };
  parts.promised = [this](std::uint64_t position) { promised_.insert(position); };
  const bool hot = random.one_in(3);  // many at a time on few accounts
  if (hot) {
    parts.accounts = 2;
    parts.pause_ms_max = 20;
  }
  if (scene_ == Scene::kill) {
    parts.orders = true;
    parts.pause_ms_max = 100;
  }
  const auto clients = hot ? 5 + random.below(5) : 2 + random.below(4);
  for (std::size_t i = 0; i < clients; ++i) {
    clients_.push_back(
        std::make_unique<Client>(parts, int(i), (6 + random.below(16)) * (scene_ == Scene::kill ? 3 : 1)));
    clients_.back()->start();
  }
  Subscriber::Parts follow;
  follow.schedule = &schedule_;
  follow.violated = parts.violated;
  for (std::size_t page : {std::size_t(2), std::size_t(1000)})
    subscribers_.push_back(std::make_unique<Subscriber>(follow, page));
  if (scene_ == Scene::kill) {
    Killer::Parts kill;
    kill.schedule = &schedule_;
    kill.faults = &faults_;
    kill.node = parts.node;
    kill.now = parts.now;
    // What one node commits, the others hear of: the switch's own node is none of those that have effects.
    if (remote_) kill.store = [this] { return machine_.is_up() ? &machine_.store() : nullptr; };
    kill.poke = [this] { machine_.poke(); };
    killer_ = std::make_unique<Killer>(std::move(kill));
    killer_->start();
  }
  plan_faults();
}

void World::start_node(std::size_t number) {
  auto& node = nodes_[number];
  if (node.process && !node.process->is_dead()) return;
  if (!machine_.is_up()) {
    return schedule_.after(300ms, [this, number] {
      if (number == home_) start_node(number);
    });
  }
  // The lease is a row of the store, so it changes hands behind all that was queued before.
  if (remote_) machine_.flush();
  if (!machine_.is_up()) return start_node(number);
  if (node.process) dead_.push_back(std::move(node.process));
  NodeProcess::Parts parts;
  parts.schedule = &schedule_;
  parts.faults = &faults_;
  parts.machine = &machine_;
  parts.outside = &outside_;
  parts.clock = node.clock.get();
  parts.vault = &vault();
  parts.remote = remote_;
  parts.fence = ++machine_.fence;
  parts.switches = scene_ == Scene::kill;
  parts.violated = [this](const std::string& what) { violated(what); };
  const auto life = ++node.life;
  parts.gave_up = [this, number, life] {
    schedule_.after(1ms, [this, number, life] {
      if (nodes_[number].life == life) crash(number, 500ms);
    });
  };
  node.process = std::make_shared<NodeProcess>(std::move(parts));
  node.process->link().on_fenced = [this, number, life] {
    // A node without its lease ends, as a second novad does.
    schedule_.after(1ms, [this, number, life] {
      if (nodes_[number].life == life) crash(number, microseconds(0));
    });
  };
  schedule_.note("start " + std::to_string(number));
  node.process->start([this, number, life](core::Status status) { node_up(number, life, status); });
}

void World::node_up(std::size_t number, std::uint64_t life, const core::Status& status) {
  auto& node = nodes_[number];
  if (node.life != life || node.process->is_dead()) return;
  if (!status) {
    reached("node.could_not_start");
    return crash(number, 300ms);
  }
  active_ = node.process;
  if (machine_.is_up())
    for (const auto& subscriber : subscribers_) subscriber->follow(active_);
}

// kill -9: in a small platform the store's process goes with it, its machine stays.
void World::crash(std::size_t number, microseconds down) {
  auto& node = nodes_[number];
  if (!node.process || node.process->is_dead()) return;
  schedule_.note("crash " + std::to_string(number));
  node.process->kill();
  if (active_ == node.process) active_ = nullptr;
  if (remote_) {
    if (number == home_)
      schedule_.after(down, [this, number] {
        if (number == home_) start_node(number);
      });
    return;
  }
  machine_.die(false);
  schedule_.after(down, [this] {
    if (!machine_.is_up()) machine_.start();
  });
}

void World::store_died(bool power) {
  // Whoever was killed in a write and is there again shows what may not be on the disk; soon after, the power goes.
  cut_after_start_ = !power && faults_.is_on(Fault::power_cut) && schedule_.random().one_in(2);
  schedule_.note("store died");
  if (!remote_ && nodes_[0].process) {
    nodes_[0].process->kill();
    if (active_ == nodes_[0].process) active_ = nullptr;
  }
  machine_.die(power);
  const auto down = milliseconds(schedule_.random().between(10, 2000));
  schedule_.after(down, [this] {
    if (!machine_.is_up()) machine_.start();
  });
  if (remote_)
    schedule_.after(50ms, [this] {
      for (auto& node : nodes_)
        if (node.process && !node.process->is_dead()) node.process->link().break_connection();
    });
}

// The home node cannot be reached any more: after its lease another one takes the store over, while it still runs.
void World::take_over() {
  const auto old = home_;
  if (!remote_ || !nodes_[old].process || nodes_[old].process->is_dead()) return;
  auto* lost = nodes_[old].process.get();
  lost->link().partition(true);
  strike(Fault::partition);
  schedule_.after(lease, [this, old, lost] {
    if (home_ != old) return;
    // Its own clock told it, too: without the lease nothing is begun outside any more.
    if (auto& last = nodes_[old].process) last->lose_lease();
    home_ = (old + 1) % nodes_.size();
    reached("node.took_over");
    crash(home_, microseconds(0));  // whatever an earlier lease left there
    start_node(home_);
    schedule_.after(milliseconds(schedule_.random().between(0, 1500)), [lost] { lost->link().partition(false); });
    // Should nobody tell it that its lease is gone, its own clock does.
    schedule_.after(2s, [this, old, last = nodes_[old].process.get()] {
      if (nodes_[old].process.get() == last && home_ != old) crash(old, microseconds(0));
    });
  });
}

void World::strike(Fault fault) {
  schedule_.note(row_of(fault).name);
  struck(fault);
}

void World::by_time(Fault fault, std::function<void()> what) {
  if (!faults_.is_on(fault)) return;
  const auto mean = row_of(fault).one_in;
  schedule_.after(milliseconds(schedule_.random().between(mean / 4, mean + mean / 2)), [this, fault, what] {
    if (!faults_.is_on(fault)) return;
    what();
    by_time(fault, what);
  });
}

void World::plan_faults() {
  auto& random = schedule_.random();
  by_time(Fault::crash, [this, &random] {
    strike(Fault::crash);
    crash(home_, milliseconds(random.between(1, 1500)));
  });
  by_time(Fault::power_cut, [this] {
    if (!machine_.is_up()) return;
    strike(Fault::power_cut);
    store_died(true);
  });
  by_time(Fault::die_writing, [this, &random] {
    strike(Fault::die_writing);
    if (random.one_in(2)) return machine_.disk().die_in_sync(random.one_in(3));
    machine_.disk().die_after(1 + random.below(12), random.one_in(2));
  });
  by_time(Fault::failed_commit, [this, &random] {
    strike(Fault::failed_commit);
    machine_.disk().fail_syncs(1 + random.below(3));
  });
  by_time(Fault::full_disk, [this, &random] {
    strike(Fault::full_disk);
    machine_.disk().fill(true);
    schedule_.after(milliseconds(random.between(100, 2500)), [this] { machine_.disk().fill(false); });
  });
  by_time(Fault::clock_jump, [this, &random] {
    strike(Fault::clock_jump);
    clocks_jumped_ = true;
    auto& clock = *nodes_[random.below(nodes_.size())].clock;
    clock.jump(milliseconds(random.between(-3'600'000, 3'600'000)));
    schedule_.after(milliseconds(random.between(500, 4000)), [&clock] { clock.set_right(); });
  });
  by_time(Fault::service_dies, [this] {
    if (!active_) return;
    strike(Fault::service_dies);
    active_->fail_service();
  });
  by_time(Fault::failed_read, [this, &random] {
    if (!active_) return;
    strike(Fault::failed_read);
    active_->link().fail_reads(true);
    schedule_.after(milliseconds(random.between(10, 800)), [node = active_.get()] { node->link().fail_reads(false); });
  });
  by_time(Fault::partition, [this] { take_over(); });
  if (scene_ == Scene::kill) stand_still();
}

void World::stand_still() {
  schedule_.after(milliseconds(schedule_.random().between(500, 4000)), [this] {
    if (faults_.ended()) return;
    if (active_) {
      reached("node.stood_still");
      active_->pause(milliseconds(schedule_.random().between(200, 5000)));
    }
    stand_still();
  });
}

void World::end_faults() {
  schedule_.note("peace");
  faults_.end();
  machine_.disk().fill(false);
  machine_.disk().fail_syncs(0);
  machine_.disk().live_on();
  for (auto& node : nodes_) {
    node.clock->set_right();
    if (node.process) node.process->link().fail_reads(false);
    if (node.process) node.process->pause(microseconds(0));
  }
  // A parked entity stays so until its node starts anew.
  const bool some_parked = active_ && active_->host().stats().parked > 0;
  if (schedule_.random().one_in(2) || some_parked) crash(home_, 100ms);
}

bool World::is_quiet(std::string& waits_for) {
  const auto wait_for = [&](const std::string& what) { return waits_for = what, false; };
  if (!active_ || !active_->is_ready() || !machine_.is_up()) return wait_for("a node that is up");
  for (const auto& client : clients_)
    if (!client->is_done()) return wait_for("an answer to " + client->intents().back()->token);
  if (outside_.on_the_way != 0) return wait_for("a report");
  if (killer_ && !killer_->is_done()) return wait_for("the kill switch");
  const auto stats = active_->effects().stats();
  if (active_->host().stats().in_flight != 0) {
    std::string busy;
    active_->host().snapshot("", 100, [&](const std::vector<host::EntityLine>& lines) {
      for (const auto& line : lines)
        if (line.waiting > 0) busy += " " + core::to_string(line.key) + " (" + line.state + ")";
    });
    return wait_for("the host to answer what it was given:" + busy);
  }
  if (stats.works_running + stats.reports_waiting != 0) return wait_for("the effect runner");
  auto works = machine_.store().works(0, 1000);
  if (!works) return wait_for("a store that can be read");
  for (const auto& work : *works)
    if (work.due_at.ms < INT64_MAX / 2) return wait_for("the work " + core::to_string(work.owner) + "#" + work.ask.id);
  auto timers = machine_.store().timers(1000);
  if (!timers) return wait_for("a store that can be read");
  for (const auto& timer : *timers) {
    // A clock that was set back between the firing and its command leaves the row until the next start: it fires again
    // then, and finds nothing outstanding.
    const auto document = machine_.store().document(timer.owner);
    if (clocks_jumped_ && document.ok() && *document && (**document).body.find(timer.id) == std::string::npos) continue;
    return wait_for("the timer " + core::to_string(timer.owner) + "#" + timer.id + ", due at " +
                    core::to_rfc3339(timer.at) + ", now is " + core::to_rfc3339(store_clock_.now()));
  }
  const auto head = machine_.store().head();
  for (const auto& subscriber : subscribers_)
    if (subscriber->position() != head)
      return wait_for("a subscriber at " + std::to_string(subscriber->position()) + " of " + std::to_string(head));
  return true;
}

// Everything that was ordered comes to its end by itself.
bool World::settle() {
  std::string waits_for;
  const auto deadline = schedule_.now() + heals_within;
  int quiet = 0;
  while (quiet < 2) {
    const auto until = schedule_.now() + look_every;
    const auto there = std::make_shared<bool>(false);
    schedule_.at(until, [there] { *there = true; });
    while (!*there && schedule_.step(until) && violation_.empty()) {
      if (schedule_.steps() > steps_max) violated("liveness: the world runs in circles");
    }
    if (!violation_.empty()) return false;
    quiet = is_quiet(waits_for) ? quiet + 1 : 0;  // twice, so that reports under way have arrived
    if (quiet == 0 && schedule_.now() > deadline) {
      violated("liveness: still waiting for " + waits_for);
      return false;
    }
  }
  return true;
}

}  // namespace nova::simulation
