#include "actors/host/effects/runner.hpp"

#include <mutex>
#include <utility>

namespace nova::host {
namespace {

// Stands for whichever runner works now: its actor may fail and be replaced by its supervisor.
class SupervisedEffects final : public Effects, public std::enable_shared_from_this<SupervisedEffects> {
 public:
  SupervisedEffects(caf::actor_system& system, EffectParts parts)
      : system_(system), parts_(std::move(parts)), counters_(std::make_shared<Counters>()) {}

  caf::actor spawn() override {
    auto fresh = make_effect_runner(system_, parts_, {counters_, attempts_, reports_});
    fresh->report_through([weak = weak_from_this()](core::EntityKey to, core::Report report) {
      if (auto me = weak.lock())
        if (auto runner = me->current()) runner->reported(std::move(to), std::move(report));
    });
    std::lock_guard lock(mutex_);
    auto actor = fresh->run(spawned_);
    spawned_ = true;
    runner_ = std::move(fresh);
    return actor;
  }

  core::Status start() override {
    auto runner = current();
    auto kept = runner->load_keeps();
    if (!kept) return kept.error();
    runner->adopt_keeps(*kept);
    return core::ok();
  }

  void asked(const core::EntityKey& owner, const std::string& command_id, const std::string& correlation,
             std::uint64_t position, const core::Asks& asks) override {
    if (auto runner = current()) runner->asked(owner, command_id, correlation, position, asks);
  }

  void look_again() override {
    if (auto runner = current()) runner->look_again();
  }

  void retry(const store::DeadLetter& letter, std::function<void(core::Status)> done) override {
    if (auto runner = current()) return runner->retry(letter, std::move(done));
    done(core::unavailable("node.draining", "the node is shutting down"));
  }

  void outstanding(std::function<bool(const Reach&)> covers,
                   std::function<void(std::map<std::string, Outstanding>)> done) override {
    if (auto runner = current()) return runner->outstanding(std::move(covers), std::move(done));
    done({});
  }
  std::vector<InDoubt> in_doubt() const override { return attempts_->in_doubt(); }

  EffectStats stats() const override { return counters_->stats(); }

  void stop() override {
    std::shared_ptr<EffectRunner> last;
    {
      std::lock_guard lock(mutex_);
      last = std::exchange(runner_, nullptr);
    }
    if (last) last->stop();
  }

 private:
  std::shared_ptr<EffectRunner> current() const {
    std::lock_guard lock(mutex_);
    return runner_;
  }

  caf::actor_system& system_;
  EffectParts parts_;
  std::shared_ptr<Counters> counters_;
  std::shared_ptr<Attempts> attempts_ = std::make_shared<Attempts>();
  std::shared_ptr<WaitingReports> reports_ = std::make_shared<WaitingReports>();
  mutable std::mutex mutex_;
  std::shared_ptr<EffectRunner> runner_;
  bool spawned_ = false;
};

}  // namespace

std::shared_ptr<Effects> make_effects(caf::actor_system& system, EffectParts parts) {
  return std::make_shared<SupervisedEffects>(system, std::move(parts));
}

}  // namespace nova::host
