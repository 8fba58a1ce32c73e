#include "tests/simulation/killer.hpp"

#include "core/describe/codec.hpp"
#include "core/envelope.hpp"
#include "store/digest.hpp"
#include "tests/simulation/ground/marks.hpp"
#include "tests/simulation/node_process.hpp"

namespace nova::simulation {
namespace {

constexpr auto patience = 500ms;

using kill_switch::Scope;

core::EntityKey key_of(Scope scope, const std::string& target) {
  return {"system", "kill_switch", kill_switch::id_of(scope, target)};
}

kill_switch::Activate activation(Scope scope, const std::string& target) {
  return {scope, target, "a test", "a test", std::nullopt, ""};
}

}  // namespace

// Of all, of one tenant, of one account as its platform, of one driver as its provider: `Drivers` reach these.
void Killer::choose() {
  auto& random = parts_.schedule->random();
  const std::string tenant = random.one_in(4) ? "t2" : "t1";
  const auto [scope, target] = [&]() -> std::pair<Scope, std::string> {
    switch (random.below(6)) {
      case 0:
        return {Scope::tenant, tenant};
      case 1:
        return {Scope::platform, tenant + "/a" + std::to_string(random.below(2))};
      case 2:
        return {Scope::provider, random.one_in(2) ? "idempotent" : random.one_in(2) ? "observable" : "uncertain"};
      case 3:
        return {Scope::external_only, ""};
      default:
        return {Scope::global, ""};
    }
  }();
  scope_ = scope;
  target_ = target;
}

void Killer::later() {
  parts_.schedule->after(milliseconds(parts_.schedule->random().between(100, 3000)), [this] {
    // In peace it lets go on what it stopped, so that what was held back comes to its end.
    if (parts_.faults->ended() && !engaged_) return;
    want(!engaged_);
  });
}

void Killer::want(bool engaged) {
  if (engaged) choose();
  wanted_ = engaged;
  ++turn_;
  // From here on it may be released, whether or not anybody hears of it.
  if (!engaged && !spans_.empty()) spans_.back().to = parts_.schedule->now();
  attempt();
}

void Killer::attempt() {
  const auto turn = turn_;
  parts_.schedule->after(patience, [this, turn] {
    if (wanted_ && turn == turn_) attempt();
  });
  if (!parts_.store) return through_node();
  if (auto* store = parts_.store()) through_store(*store);
}

void Killer::through_node() {
  const auto node = parts_.node();
  if (!node || !node->is_ready()) return;
  core::CommandEnvelope command;
  command.id = core::new_uuid(parts_.now());
  command.target = key_of(scope_, target_);
  command.name = *wanted_ ? "activate" : "deactivate";
  command.body = *wanted_ ? core::to_json(activation(scope_, target_)) : "{}";
  command.principal = core::system_principal();
  node->host().submit(std::move(command),
                      [this, turn = turn_, process = node.get()](core::Result<host::Answer> answer) {
                        if (process->is_dead() || turn != turn_) return;
                        if (answer || answer.error().code == "entity.wrong_state") done(process->fence());
                      });
}

// What the host of another node would commit.
void Killer::through_store(store::EventStore& store) {
  const auto key = key_of(scope_, target_);
  const auto found = store.document(key);
  if (!found.ok()) return;
  const auto state = *found ? core::from_json<kill_switch::State>((**found).body, core::Reading::stored).value()
                            : kill_switch::State{};
  core::Context context;
  context.self = key;
  context.version = *found ? (**found).version : 0;
  context.now = parts_.now();
  context.principal = core::system_principal();
  context.command_id = core::new_uuid(context.now);
  kill_switch::Command command = kill_switch::Deactivate{};
  if (*wanted_) command = activation(scope_, target_);
  auto decision = kill_switch::decide(state, command, context);
  if (decision.refused() || decision.events().empty()) return done(0);
  store::Append change;
  change.key = key;
  change.expected_version = context.version;
  change.at = context.now;
  change.cause = context.command_id;
  auto after = state;
  core::EventMeta meta;
  meta.command_id = context.command_id;
  meta.command = *wanted_ ? "kill_switch.activate" : "kill_switch.deactivate";
  meta.principal = context.principal.id;
  meta.principal_type = context.principal.type;
  meta.intent_version = (*found ? (**found).intent_version : 0) + 1;
  meta.decision = core::DecisionRecord{core::DecisionRecord::Answer::allow, {"simulation"}, "1", 0};
  for (const auto& event : decision.events()) {
    after = kill_switch::evolve(after, event);
    const auto body = std::visit([](const auto& e) { return core::to_json(e); }, event);
    change.events.push_back({core::new_uuid(context.now), std::string(kill_switch::kind().events[event.index()].name),
                             body, core::to_json(meta)});
  }
  change.document.key = key;
  change.document.version = context.version + change.events.size();
  change.document.intent_version = meta.intent_version;
  change.document.status = kill_switch::summarise(after).status;
  change.document.reason = kill_switch::summarise(after).reason;
  change.document.body = core::to_json(after);
  change.document.updated_at = context.now;
  store.append(std::move(change), [this, turn = turn_](core::Result<store::Appended> appended) {
    if (appended && turn == turn_) done(0);
  });
  parts_.poke();
}

void Killer::done(std::uint64_t node) {
  if (!wanted_) return;
  engaged_ = *wanted_;
  wanted_.reset();
  ++turn_;
  reached(engaged_ ? "kill.engaged" : "kill.released");
  if (engaged_) {
    reached("kill.engaged." + std::string(core::name_of(scope_)));
    spans_.push_back({scope_, target_, parts_.schedule->now(), std::nullopt, node});
  }
  later();
}

}  // namespace nova::simulation
