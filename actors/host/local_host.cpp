#include "actors/host/local_host.hpp"

#include "actors/host/entity.hpp"

#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>

#include <malloc.h>

#include <algorithm>

namespace nova::host {
namespace {

constexpr std::chrono::seconds sweep_every{5};
constexpr std::chrono::milliseconds drain_look_every{10};
constexpr std::size_t sweep_part = 32;  // of the active ones: so many too many are sent home at once, in a millisecond

using sweep_atom = caf::atom_constant<caf::atom("sweep")>;
using trim_atom = caf::atom_constant<caf::atom("trim")>;
using drain_atom = caf::atom_constant<caf::atom("drain")>;

// Sends home the entities that had no work for a while, and the idlest when there are too many.
void sweep(Slots& slots) {
  const auto size = slots.size();
  const auto surplus = size > slots.parts.active_max ? size - slots.parts.active_max : 0;
  const auto idle_since = slots.parts.clock->now().ms - slots.parts.idle.count();
  for (const auto& slot : slots.idle(idle_since, surplus))
    if (const auto entity = slots.retire(slot)) {
      entity->let_go();
      ++slots.passivations;
    }
}

struct Drain {
  core::Timestamp deadline;
  std::function<void()> done;
};
using DrainPtr = std::shared_ptr<Drain>;

caf::behavior janitor(caf::event_based_actor* self, std::shared_ptr<Slots> slots) {
  self->delayed_send(self, sweep_every, sweep_atom::value);
  return {
      [self, slots, trimmed = std::uint64_t(0)](sweep_atom) mutable {
        sweep(*slots);
        // What a burst took lies free in pieces all over the heap; the kernel gets it back only when told.
        if (const auto gone = slots->passivations.load(); gone > trimmed + slots->parts.active_max / 2) {
          ::malloc_trim(0);
          trimmed = gone;
        }
        self->delayed_send(self, sweep_every, sweep_atom::value);
      },
      [slots](trim_atom) {
        slots->trim_asked = false;
        sweep(*slots);
      },
      [self, slots](drain_atom, const DrainPtr& drain) {
        if (slots->in_flight.load() == 0 || slots->parts.clock->now() >= drain->deadline) return drain->done();
        self->delayed_send(self, drain_look_every, drain_atom::value, drain);
      },
  };
}

}  // namespace
}  // namespace nova::host

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(nova::host::DrainPtr)

namespace nova::host {
namespace {

class Running final : public LocalHost {
 public:
  Running(caf::actor_system& system, HostParts parts, std::size_t max_in_flight)
      : system_(system), slots_(std::make_shared<Slots>(system, std::move(parts))), max_in_flight_(max_in_flight) {}

  ~Running() override {
    if (auto last = janitor_now()) caf::anon_send_exit(last, caf::exit_reason::user_shutdown);
    for (const auto& slot : slots_->all("", SIZE_MAX))
      if (const auto entity = slots_->restart(slot)) entity->end();
  }

  caf::actor spawn_janitor() override {
    std::lock_guard lock(janitor_mutex_);
    janitor_ = system_.spawn(janitor, slots_);
    return janitor_;
  }

  void submit(core::CommandEnvelope command, Done done) override { take(std::move(command), std::move(done), false); }
  void submit_here(core::CommandEnvelope command, Done done) override {
    take(std::move(command), std::move(done), true);
  }
  void submit_released(core::CommandEnvelope command, gate::Release release, Done done) override {
    take(std::move(command), std::move(done), false, std::move(release));
  }

  void snapshot(std::string tenant, std::size_t limit, std::function<void(std::vector<EntityLine>)> done) override {
    std::vector<EntityLine> lines;
    for (const auto& slot : slots_->all(tenant, limit)) {
      EntityLine line;
      line.key = slot->key;
      line.waiting = slot->pending.load();
      const std::string_view phase = slot->phase.load();
      line.state = phase == "ready" ? (line.waiting > 0 ? "busy" : "idle") : std::string(phase);
      line.version = slot->version.load();
      line.restarts = slot->restarts.load();
      std::lock_guard lock(slot->error_mutex);
      line.last_error = slot->last_error;
      lines.push_back(std::move(line));
    }
    done(std::move(lines));
  }

  HostStats stats() const override {
    HostStats stats;
    stats.commands = slots_->commands.load();
    stats.refused = slots_->refused.load();
    stats.denied = slots_->denied.load();
    stats.failed = slots_->failed.load();
    stats.activations = slots_->activations.load();
    stats.passivations = slots_->passivations.load();
    stats.parked = slots_->parked.load();
    stats.active = slots_->size();
    stats.in_flight = slots_->in_flight.load();
    return stats;
  }

  void drain(core::Timestamp deadline, std::function<void()> done) override {
    slots_->draining = true;
    auto drain = std::make_shared<Drain>(Drain{deadline, std::move(done)});
    if (auto now = janitor_now())
      caf::anon_send(now, drain_atom::value, std::move(drain));
    else
      drain->done();
  }

 private:
  caf::actor_system& system_;
  std::shared_ptr<Slots> slots_;
  caf::actor janitor_now() const {
    std::lock_guard lock(janitor_mutex_);
    return janitor_;
  }

  void take(core::CommandEnvelope&& command, Done&& done, bool here,
            std::optional<gate::Release> release = std::nullopt) {
    const auto* kind = core::find_kind(command.target.kind);
    if (!kind)
      return done(core::refusal("kind.not_found", "there is no kind `" + core::printable(command.target.kind) + "`"));
    if (!core::is_name(command.target.tenant) || !core::is_name(command.target.id))
      return done(core::invalid_input("id", "must be 1 to 128 of a-z, 0-9, hyphen, dot or underscore"));
    if (slots_->draining.load())
      return done(core::unavailable("node.draining", "the node is shutting down and takes no new work"));
    if (slots_->in_flight.load() >= max_in_flight_)
      return done(core::unavailable("node.overloaded", "the node has as many commands under way as it may"));
    ++slots_->commands;
    ++slots_->in_flight;
    if (command.target.kind != kind->name) command.target.kind = std::string(kind->name);
    auto [slot, entity] = slots_->enter(command.target, *kind, [this](const std::shared_ptr<Slot>& fresh) {
      return std::make_shared<Entity>(slots_, fresh);
    });
    // A burst may wake many more than there is room for; memory must not follow it until the next sweep.
    if (slots_->size() > slots_->parts.active_max + slots_->parts.active_max / sweep_part &&
        !slots_->trim_asked.exchange(true))
      if (auto now = janitor_now()) caf::anon_send(now, trim_atom::value);
    auto pending = std::make_shared<Pending>(std::move(command), std::move(done), slots_, slot);
    pending->release = std::move(release);
    if (here && entity->take_here(pending)) return;
    // Should the entity fail in this very moment, the pending's end tells the caller.
    pending->leave_for_actor();
    entity->tell(mail(std::move(pending)));
  }

  std::size_t max_in_flight_;
  mutable std::mutex janitor_mutex_;
  caf::actor janitor_;
};

}  // namespace

std::unique_ptr<LocalHost> make_local_host(caf::actor_system& system, HostParts parts, std::size_t max_in_flight) {
  return std::make_unique<Running>(system, std::move(parts), max_in_flight);
}

}  // namespace nova::host
