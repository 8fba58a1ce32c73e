#include "tests/simulation/node_process.hpp"

#include "actors/host/effects/command_driver.hpp"
#include "supervisors/tree/supervisor.hpp"
#include "tests/simulation/ground/marks.hpp"

#include <caf/send.hpp>

namespace nova::simulation {
namespace {

constexpr std::size_t active_max = 3;  // of about eight entities, so that some are always sent home
constexpr auto idle = 3s;
constexpr auto up_within = 10s;

}  // namespace

NodeProcess::NodeProcess(Parts parts)
    : parts_(std::move(parts)),
      link_(*parts_.schedule, *parts_.faults, *parts_.machine, parts_.remote, parts_.fence),
      drivers_(*parts_.schedule, *parts_.faults, *parts_.outside, *parts_.clock, parts_.fence),
      truth_(*parts_.clock) {
  link_.on_append = [this](const store::Append& change) { check_single_writer(change); };
  link_.on_appended = [this](const auto& key, const auto& result) { append_answered(key, result); };
  auto& actors = parts_.schedule->actors();
  host_ = host::make_local_host(actors, host_parts());
  command_driver_ = host::make_command_driver(*host_, *parts_.clock);
  host::EffectParts made;
  made.store = &link_;
  made.host = host_.get();
  made.clock = parts_.clock;
  made.work_drivers = drivers_.works();
  made.work_drivers.push_back(command_driver_.get());
  made.keep_drivers = drivers_.keeps();
  made.log = [this](const std::string& line) { parts_.schedule->note(line); };
  if (parts_.switches) made.fence = &truth_;
  if (parts_.remote) made.others_end = host::others_end_after;
  effects_ = host::make_effects(actors, std::move(made));
  if (!parts_.switches) return;
  // Nobody else writes to the store of a small platform.
  if (!parts_.remote) truth_.alone();
  follow();
}

// As node/follower.cpp: a look at the log every so often, and what it found is of the moment at which it began.
void NodeProcess::follow() {
  if (dead_) return;
  const auto begun = parts_.clock->monotonic();
  if (parts_.schedule->now() >= paused_until_) {
    const auto looked = switches_loaded_ ? switch_feed_.follow(link_) : switch_feed_.load(link_);
    if (looked) {
      switches_loaded_ = true;
      truth_.fresh_at(begun);
    }
  }
  parts_.schedule->after(milliseconds(parts_.schedule->random().between(200, 300)), [this] { follow(); });
}

host::HostParts NodeProcess::host_parts() {
  host::HostParts made;
  made.store = &link_;
  made.vault = parts_.vault;
  made.clock = parts_.clock;
  made.rules = [rules = gate::make_builtin_rules()] { return rules; };
  made.tenant_status = [](const std::string&) { return std::string("active"); };
  made.on_asks = [this](const auto& key, const auto& command, const auto& correlation, auto position,
                        const auto& asks) { effects_->asked(key, command, correlation, position, asks); };
  made.on_doubt = [this] { effects_->look_again(); };
  if (parts_.switches) made.on_authority = [this](const store::Document& document) { switch_feed_.take(document); };
  made.log = [this](const std::string& line) {
    parts_.schedule->note(line);
    if (!line.starts_with("entity failed: ")) return;
    ++entity_failures_;
    reached("entity.failed");
    for (auto& [key, chain] : chains_)
      if (line.find(core::to_string(key) + ":") != std::string::npos) {
        chain.broken = true;
        chain.ghosts = chain.under_way;
      }
  };
  made.active_max = active_max;
  made.idle = idle;
  return made;
}

void NodeProcess::check_single_writer(const store::Append& change) {
  auto& chain = chains_[change.key];
  if (chain.under_way > 0 && !chain.broken && change.expected_version != chain.next_version)
    parts_.violated("one_writer: two writers of " + core::to_string(change.key) + " at version " +
                    std::to_string(change.expected_version));
  if (chain.under_way > 0) reached("host.decided_ahead_of_commit");
  ++chain.under_way;
  chain.next_version = change.expected_version + change.events.size();
}

void NodeProcess::append_answered(const core::EntityKey& key, const core::Result<store::Appended>& result) {
  auto& chain = chains_[key];
  if (!result) {
    parts_.schedule->note("append of " + core::to_string(key) + ": " + core::to_line(result.error()));
    chain.broken = true;
    reached("append." + result.error().code);
    for (const auto& [name, value] : result.error().details)
      if (name == "what" || name == "outcome") reached("append." + result.error().code + "." + value);
  }
  --chain.under_way;
  // The entity may decide once more before it hears of a failure; only a success shows that it has begun anew.
  if (chain.ghosts > 0)
    --chain.ghosts;
  else if (result)
    chain.broken = false;
}

void NodeProcess::start(std::function<void(core::Status)> up) {
  supervision::SupervisorPlan plan;
  plan.name = "services";
  plan.jitter_seed = std::uint32_t(parts_.schedule->random().next()) | 1U;
  const auto child = [&](std::string id, std::function<caf::actor()> start) {
    supervision::ChildPlan made;
    made.spec.id = id;
    made.start = [this, id, start = std::move(start)](caf::event_based_actor*) -> core::Result<caf::actor> {
      if (dead_) return core::refusal("node.dead", "its process has ended");
      return services_[id] = start();
    };
    plan.children.push_back(std::move(made));
  };
  child("host", [this] { return host_->spawn_janitor(); });
  child("effects", [this] { return effects_->spawn(); });
  plan.watcher = [this](const supervision::Notice& notice) {
    if (notice.is_restart) reached("service.restarted");
    if (notice.what != supervision::Action::What::end || dead_) return;
    reached("service.given_up");
    parts_.gave_up();
  };
  auto& actors = parts_.schedule->actors();
  supervisor_ = supervision::spawn_supervisor(actors, std::move(plan)).value();
  supervision::await_up(actors, supervisor_, up_within, [this, up = std::move(up)](core::Status status) {
    if (dead_) return;
    if (status) status = effects_->start();
    ready_ = status.ok();
    up(std::move(status));
  });
}

void NodeProcess::kill() {
  if (std::exchange(dead_, true)) return;
  link_.cut();
  drivers_.die();
  if (supervisor_) caf::anon_send_exit(supervisor_, caf::exit_reason::kill);
  for (auto& [name, actor] : services_) caf::anon_send_exit(actor, caf::exit_reason::kill);
  services_.clear();
  supervisor_ = nullptr;
  effects_->stop();
  // Its entities lose their ways to the store and to the world; what they still say reaches nobody.
}

void NodeProcess::end_actors() {
  host_.reset();
  effects_.reset();
}

void NodeProcess::fail_service() {
  if (services_.empty()) return;
  auto at = services_.begin();
  if (parts_.schedule->random().one_in(4)) ++at;
  if (at == services_.end()) at = services_.begin();
  caf::anon_send_exit(at->second, caf::exit_reason::unhandled_exception);
}

}  // namespace nova::simulation
