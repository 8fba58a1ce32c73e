#include "tests/simulation/outside.hpp"

#include "tests/simulation/ground/marks.hpp"

namespace nova::simulation {

void Outside::act(const std::string& work_id, bool knows_key) {
  auto& done = works[work_id];
  ++done.requests;
  if (done.requests > 1) reached("effect.requested_again");
  if (knows_key && done.effects > 0) return;
  if (++done.effects == 1) done.order = ++effects;
}

const Done* Outside::find(const std::string& work_id) const {
  const auto found = works.find(work_id);
  return found == works.end() ? nullptr : &found->second;
}

void Outside::observe(const Key& key, const core::EntityKey& report_to, std::string phase, core::Timestamp at) {
  auto& seen = observed[key];
  seen.report_to = report_to;
  seen.report.driver = "keeper";
  seen.report.key = key.second;
  seen.report.sequence = ++reports;
  seen.report.phase = std::move(phase);
  seen.report.at = at;
}

/// Things done once. The answer is given at the end of the attempt, unless the node is dead by then.
class Drivers::Doing final : public host::WorkDriver {
 public:
  Doing(std::string name, host::Safety safety, Schedule& schedule, Faults& faults, Outside& outside, std::uint64_t node)
      : name_(std::move(name)), safety_(safety), schedule_(schedule), faults_(faults), outside_(outside), node_(node) {}

  std::string_view name() const override { return name_; }
  host::Safety safety(std::string_view) const override { return safety_; }
  // As if each account were a platform, and each driver a provider.
  host::Reach reach(const host::Work& work) const override {
    host::Reach reach;
    reach.tenant = work.owner.tenant;
    reach.platform = work.owner.tenant + "/" + work.owner.id;
    reach.provider = name_;
    return reach;
  }
  // One of them waits on the way to its first byte, as requests wait for a connection.
  bool asks_permit() const override { return safety_ == host::Safety::idempotent; }

  void stop(const std::string& id) override {
    for (const auto& weak : under_way_) {
      const auto attempt = weak.lock();
      if (!attempt || attempt->id != id || attempt->arrived || attempt->ended) continue;
      attempt->cut = true;
      reached("effect.stopped_under_way");
      schedule_.after(milliseconds(schedule_.random().between(1, 50)),
                      [this, attempt] { end(*attempt, core::Outcome::failed, true); });
    }
  }

  void start(host::Work work, std::function<void(host::WorkEnd)> done) override {
    if (dead_) return;
    schedule_.note(work.id + " is tried, " + name_);
    const auto attempt = std::make_shared<Attempt>(Attempt{work.id, false, std::move(done)});
    attempt->permit = work.permit;
    attempt->reach = reach(work);
    if (!asks_permit()) outside_.begun.push_back({work.id, node_, schedule_.now(), reach(work)});
    auto& random = schedule_.random();
    const auto takes = faults_.strikes(Fault::effect_slow) ? milliseconds(random.between(500, 2000))
                                                           : milliseconds(random.between(1, 20));
    if (faults_.strikes(Fault::effect_fails)) {
      const bool retry = !random.one_in(4);
      return schedule_.after(takes, [this, attempt, retry] { end(*attempt, core::Outcome::failed, retry); });
    }
    under_way_.push_back(attempt);
    schedule_.after(takes, [this, attempt] {
      if (attempt->ended) return;
      if (asks_permit() && !attempt->cut && !dead_) {
        if (attempt->permit && !attempt->permit->begin()) {
          reached("effect.refused_at_first_byte");
          attempt->cut = true;
          return end(*attempt, core::Outcome::failed, true);
        }
        outside_.begun.push_back({attempt->id, node_, schedule_.now(), attempt->reach});
      }
      if (attempt->cut) return;  // it never arrives; if the node lives, its end is on the way
      arrive(*attempt);
      // Only who may safely repeat is told "failed, try again" of something that may have happened.
      const bool idempotent = safety_ == host::Safety::idempotent;
      if (idempotent && faults_.strikes(Fault::effect_twice)) {
        arrive(*attempt, true);
        return end(*attempt, schedule_.random().one_in(2) ? core::Outcome::failed : core::Outcome::done, true);
      }
      end(*attempt, core::Outcome::done, false);
    });
  }

  void look(host::Work work, std::function<void(std::optional<host::WorkEnd>)> found) override {
    schedule_.after(5ms, [this, id = work.id, found = std::move(found)] {
      if (dead_) return;
      reached("effect.looked_for");
      const auto* done = outside_.find(id);
      schedule_.note(id + (done && done->effects > 0 ? " is found done" : " is not found"));
      found(done && done->effects > 0 ? std::optional<host::WorkEnd>(host::WorkEnd{}) : std::nullopt);
    });
  }

  void die() {
    dead_ = true;
    for (const auto& weak : under_way_)
      if (auto attempt = weak.lock(); attempt && !attempt->arrived && !attempt->ended) {
        attempt->cut = true;
        if (!schedule_.random().one_in(2)) continue;
        reached("effect.done_by_a_dead_node");
        arrive(*attempt, true);
      }
  }

 private:
  struct Attempt {
    std::string id;
    bool arrived = false;
    std::function<void(host::WorkEnd)> done;
    bool cut = false;
    std::shared_ptr<host::Permit> permit = {};
    bool ended = false;
    host::Reach reach = {};
  };

  void arrive(Attempt& attempt, bool again = false) {
    if (attempt.cut && !again) return;
    attempt.arrived = true;
    schedule_.note(attempt.id + " happens");
    outside_.act(attempt.id, safety_ == host::Safety::idempotent);
  }

  void end(Attempt& attempt, core::Outcome outcome, bool retry) {
    if (dead_ || std::exchange(attempt.ended, true)) return;
    schedule_.note(attempt.id + " ends: " + std::string(core::name_of(outcome)) + (retry ? ", to be tried again" : ""));
    host::WorkEnd ended;
    ended.outcome = outcome;
    ended.retry = retry;
    if (outcome != core::Outcome::done)
      ended.error = core::unavailable("outside.failed", "the other side did not do it");
    std::exchange(attempt.done, nullptr)(std::move(ended));
  }

  const std::string name_;
  const host::Safety safety_;
  Schedule& schedule_;
  Faults& faults_;
  Outside& outside_;
  const std::uint64_t node_;
  std::vector<std::weak_ptr<Attempt>> under_way_;
  bool dead_ = false;
};

/// Services that run on whether the node lives or not.
class Drivers::Keeping final : public host::KeepDriver {
 public:
  Keeping(Schedule& schedule, Outside& outside, const core::Clock& clock)
      : schedule_(schedule), outside_(outside), clock_(clock), lane_(schedule.new_lane()) {}

  std::string_view name() const override { return "keeper"; }

  void adopt(std::vector<host::Kept> all, Sink sink) override {
    if (dead_) return;
    sink_ = std::move(sink);
    std::map<Outside::Key, Running> wanted;
    for (const auto& kept : all) wanted[{kept.owner.tenant, kept.ask.key}] = {*kept.ask.payload, kept.ask.report_to};
    for (const auto& [key, running] : std::map(outside_.running))
      if (!wanted.contains(key)) stop(key);
    for (const auto& [key, fresh] : wanted) run(key, fresh);
    for (const auto& [key, seen] : outside_.observed) tell(seen);
  }
  void keep(host::Kept wanted) override {
    if (!dead_) run({wanted.owner.tenant, wanted.ask.key}, {*wanted.ask.payload, wanted.ask.report_to});
  }
  void drop(std::string tenant, std::string key) override {
    if (!dead_) stop({std::move(tenant), std::move(key)});
  }
  void shut_down(bool) override {}
  std::vector<Line> snapshot() const override { return {}; }
  void die() { dead_ = true; }

 private:
  void run(const Outside::Key& key, const Running& wanted) {
    auto& running = outside_.running[key];
    if (running.payload == wanted.payload) return;
    running = wanted;
    observe(key, wanted.report_to, "ready");
  }
  void stop(const Outside::Key& key) {
    const auto found = outside_.running.find(key);
    if (found == outside_.running.end()) return;
    const auto report_to = found->second.report_to;
    outside_.running.erase(found);
    observe(key, report_to, "stopped");
  }
  void observe(const Outside::Key& key, const core::EntityKey& report_to, std::string phase) {
    schedule_.note(key.second + " is " + phase);
    outside_.observe(key, report_to, std::move(phase), clock_.now());
    tell(outside_.observed[key]);
  }
  void tell(const Observed& seen) {
    ++outside_.on_the_way;
    schedule_.after(
        milliseconds(schedule_.random().between(0, 800)),
        [this, seen] {
          --outside_.on_the_way;
          schedule_.note("that " + seen.report.key + " is " + seen.report.phase + " is told" +
                         (dead_ || !sink_ ? " to nobody" : ""));
          if (!dead_ && sink_) sink_(seen.report_to, seen.report);
        },
        lane_);
  }

  Schedule& schedule_;
  Outside& outside_;
  const core::Clock& clock_;
  Schedule::Lane lane_;
  Sink sink_;
  bool dead_ = false;
};

Drivers::Drivers(Schedule& schedule, Faults& faults, Outside& outside, const core::Clock& clock, std::uint64_t node)
    : keeping_(std::make_unique<Keeping>(schedule, outside, clock)) {
  doing_.push_back(std::make_unique<Doing>("idempotent", host::Safety::idempotent, schedule, faults, outside, node));
  doing_.push_back(std::make_unique<Doing>("observable", host::Safety::observable, schedule, faults, outside, node));
  doing_.push_back(std::make_unique<Doing>("uncertain", host::Safety::uncertain, schedule, faults, outside, node));
}

Drivers::~Drivers() = default;

std::vector<host::WorkDriver*> Drivers::works() const {
  std::vector<host::WorkDriver*> all;
  for (const auto& driver : doing_) all.push_back(driver.get());
  return all;
}
std::vector<host::KeepDriver*> Drivers::keeps() const { return {keeping_.get()}; }

void Drivers::die() {
  for (auto& driver : doing_) driver->die();
  keeping_->die();
}

}  // namespace nova::simulation
