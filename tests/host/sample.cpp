#include "tests/host/sample.hpp"

#include "actors/work_outcome/work_outcome.hpp"
#include "core/describe/codec.hpp"
#include "core/json.hpp"
#include "store/memory/memory_store.hpp"

#include <algorithm>
#include <atomic>
#include <stdexcept>

#include "tests/testkit/catch.hpp"

namespace nova::sample {
using core::field;
using core::optional_field;
using core::record;

const core::Record& describe(const Add*) {
  static const auto r = record<Add>(
      "Add", "",
      {field("amount", &Add::amount), optional_field("secret", &Add::secret), optional_field("note", &Add::note)});
  return r;
}
const core::Record& describe(const Throw*) {
  static const auto r = record<Throw>("Throw", "", {});
  return r;
}
const core::Record& describe(const Work*) {
  static const auto r = record<Work>("Work", "", {field("id", &Work::id), field("driver", &Work::driver)});
  return r;
}
const core::Record& describe(const Keep*) {
  static const auto r = record<Keep>("Keep", "", {field("key", &Keep::key), optional_field("wanted", &Keep::wanted)});
  return r;
}
const core::Record& describe(const Alarm*) {
  static const auto r = record<Alarm>("Alarm", "", {field("id", &Alarm::id), field("at", &Alarm::at)});
  return r;
}
const core::Record& describe(const Claim*) {
  static const auto r = record<Claim>("Claim", "", {field("name", &Claim::name)});
  return r;
}
const core::Record& describe(const AddFrom*) {
  static const auto r = record<AddFrom>("AddFrom", "", {field("other", &AddFrom::other)});
  return r;
}
const core::Record& describe(const Try*) {
  static const auto r = record<Try>("Try", "", {field("amount", &Try::amount)});
  return r;
}
const core::Record& describe(const Note*) {
  static const auto r = record<Note>("Note", "", {field("word", &Note::word)});
  return r;
}
const core::Record& describe(const Added*) {
  static const auto r = record<Added>(
      "Added", "", {field("amount", &Added::amount), field("secret", &Added::secret), field("note", &Added::note)});
  return r;
}
const core::Record& describe(const Asked*) {
  static const auto r = record<Asked>("Asked", "", {field("id", &Asked::id)});
  return r;
}
const core::Record& describe(const Settled*) {
  static const auto r =
      record<Settled>("Settled", "", {field("id", &Settled::id), field("outcome", &Settled::outcome)});
  return r;
}
const core::Record& describe(const Fired*) {
  static const auto r = record<Fired>("Fired", "", {field("id", &Fired::id)});
  return r;
}
const core::Record& describe(const Reported*) {
  static const auto r = record<Reported>("Reported", "", {field("phase", &Reported::phase)});
  return r;
}
const core::Record& describe(const State*) {
  static const auto r =
      record<State>("State", "",
                    {field("total", &State::total), field("outstanding", &State::outstanding),
                     field("log", &State::log), field("secret", &State::secret), field("note", &State::note)});
  return r;
}

namespace {

using Events = std::vector<Event>;
using Outcome = core::Decision<Event>;

Outcome on(const State& s, const Add& c, const core::Context&) {
  if (c.amount == 0) return Events{};
  if (s.total + c.amount < 0) return core::refuse("sample.below_zero", "the total would be negative");
  return Events{Added{c.amount, c.secret, c.note}};
}
Outcome on(const State&, const Throw&, const core::Context&) { throw std::logic_error("a broken invariant"); }
Outcome on(const State&, const Work& c, const core::Context&) {
  return Outcome(Events{Asked{c.id}}).work({c.id, c.driver, "do", "{}", ""});
}
Outcome on(const State&, const Keep& c, const core::Context& ctx) {
  core::KeepAsk ask{"fake", c.key, std::nullopt, ctx.self};
  if (c.wanted) ask.payload = "{}";
  return Outcome(Events{Asked{c.key}}).keep(ask);
}
Outcome on(const State&, const Alarm& c, const core::Context&) {
  return Outcome(Events{Asked{c.id}}).timer({c.id, c.at});
}
Outcome on(const State&, const Claim& c, const core::Context&) {
  return Outcome(Events{Asked{c.name}}).claim({c.name, false, "sample.name_taken"});
}
Outcome on(const State&, const AddFrom& c, const core::Context& ctx) {
  const auto& fact = ctx.fact({ctx.self.tenant, "sample", c.other});
  if (!fact.exists) return core::refuse("sample.other_missing");
  const auto total = core::json_text(fact.document, "total");
  return Events{Added{std::stoll(total.value_or("0")), {}, {}}};
}
Outcome on(const State& s, const Try& c, const core::Context&) {
  if (s.total + c.amount < 0)
    return Outcome::refuse_and_record(core::refuse("sample.below_zero", "the total would be negative"),
                                      {Reported{"below zero"}});
  if (c.amount == 0) return Events{};
  return Events{Added{c.amount, {}, {}}};
}
Outcome on(const State& s, const Note& c, const core::Context&) {
  if (std::find(s.log.begin(), s.log.end(), "report " + c.word) != s.log.end()) return Events{};
  return Events{Reported{c.word}};
}
Outcome on(const State& s, const core::Settle& c, const core::Context&) {
  if (std::find(s.outstanding.begin(), s.outstanding.end(), c.work_id) == s.outstanding.end()) return Events{};
  return Events{Settled{c.work_id, std::string(core::name_of(c.outcome))}};
}
Outcome on(const State&, const core::Fire& c, const core::Context&) { return Events{Fired{c.timer_id}}; }
Outcome on(const State&, const core::Report& c, const core::Context&) { return Events{Reported{c.phase}}; }

void apply(State& s, const Added& e) {
  s.total += e.amount;
  if (!e.secret.ref.empty()) s.secret = e.secret;
  if (!e.note.value.empty()) s.note = e.note;
}
void apply(State& s, const Asked& e) { s.outstanding.push_back(e.id); }
void apply(State& s, const Settled& e) {
  std::erase(s.outstanding, e.id);
  s.log.push_back(e.id + " " + e.outcome);
}
void apply(State& s, const Fired& e) { s.log.push_back("fired " + e.id); }
void apply(State& s, const Reported& e) { s.log.push_back("report " + e.phase); }

}  // namespace

namespace {
std::atomic<std::uint64_t> decided{0};
}  // namespace

std::uint64_t decisions() { return decided.load(); }

core::Decision<Event> decide(const State& s, const Command& command, const core::Context& ctx) {
  ++decided;
  return std::visit([&](const auto& c) { return on(s, c, ctx); }, command);
}
State evolve(State s, const Event& event) {
  std::visit([&](const auto& e) { apply(s, e); }, event);
  return s;
}
core::Summary summarise(const State& s) { return {s.total > 0 ? "positive" : "zero", "", ""}; }

const core::Kind& kind() {
  static const core::Kind made = [] {
    core::Kind k;
    k.name = "sample";
    k.plural = "samples";
    for (std::string_view name : {"add", "throw", "work", "keep", "alarm", "claim", "add_from"})
      k.commands.push_back({.name = name, .creates = true});
    k.commands.back().facts = [](const core::EntityKey& self, const void*, const void* command) {
      return std::vector<core::FactNeed>{{{self.tenant, "sample", static_cast<const AddFrom*>(command)->other}, true}};
    };
    k.commands.push_back({.name = "try", .door = core::Door::assisted, .creates = true});
    for (std::string_view name : {"note", "settle", "fire", "report"})
      k.commands.push_back({.name = name, .door = core::Door::internal, .creates = true});
    for (std::string_view name : {"sample.added", "sample.asked", "sample.settled", "sample.fired", "sample.reported"})
      k.events.push_back({.name = name, .observation = name == "sample.reported"});
    return core::kind_of<State, Command, Event>(std::move(k));
  }();
  return made;
}

}  // namespace nova::sample

// This program's table of kinds.
namespace nova::core {
const std::vector<const Kind*>& kinds() {
  static const std::vector<const Kind*> all = {&sample::kind(), &work_outcome::kind()};
  return all;
}
const Kind* find_kind(std::string_view name) {
  for (const auto* kind : kinds())
    if (name == kind->name || name == kind->plural) return kind;
  return nullptr;
}
}  // namespace nova::core

namespace nova::testkit {
namespace {

caf::scheduler::test_coordinator& coordinator(caf::actor_system& system) {
  return dynamic_cast<caf::scheduler::test_coordinator&>(system.scheduler());
}

}  // namespace

HostWorld::HostWorld(store::EventStore* given, std::size_t active_max)
    : store(given), vault(store::make_memory_vault()) {
  if (!store) {
    own_store = store::make_memory_store(clock);
    store = own_store.get();
  }
  config.set("scheduler.policy", caf::atom("testing"));
  system = std::make_unique<caf::actor_system>(config);
  host::HostParts parts;
  parts.store = store;
  parts.vault = vault.get();
  parts.clock = &clock;
  parts.rules = [this] { return rules; };
  parts.tenant_status = [this](const std::string& tenant) {
    const auto found = tenants.find(tenant);
    return found == tenants.end() ? std::string() : found->second;
  };
  parts.on_asks = [this](const auto& key, const auto& command, const auto& correlation, auto position,
                         const auto& asks) {
    if (effects) effects->asked(key, command, correlation, position, asks);
  };
  parts.on_doubt = [this] {
    if (effects) effects->look_again();
  };
  parts.on_denied = [this](const core::CommandEnvelope&, const core::DecisionRecord&, const std::string& read,
                           const core::Error&) { denied_on.push_back(read); };
  parts.hold = [this](gate::Held held, std::string read, host::Host::Done done) {
    if (!hold) return done(core::refusal("test.holds_nothing"));
    held_on.push_back(std::move(read));
    hold(std::move(held), std::move(done));
  };
  parts.log = [this](const std::string& line) { log.push_back(line); };
  parts.idle = std::chrono::seconds(60);
  parts.active_max = active_max;
  host = host::make_local_host(*system, std::move(parts));
  host->spawn_janitor();
}

HostWorld::~HostWorld() {
  if (effects) effects->stop();
  effects.reset();
  host.reset();
  run();
}

void HostWorld::start_effects(std::vector<host::WorkDriver*> works, std::vector<host::KeepDriver*> keeps) {
  host::EffectParts parts;
  parts.store = store;
  parts.host = host.get();
  parts.clock = &clock;
  parts.work_drivers = std::move(works);
  parts.keep_drivers = std::move(keeps);
  parts.fence = fence;
  effects = host::make_effects(*system, std::move(parts));
  runner = effects->spawn();
  run();
  REQUIRE(effects->start().ok());
  run();
}

void HostWorld::run() { coordinator(*system).run(); }

void HostWorld::advance(std::chrono::milliseconds by) {
  // In small steps, so that what becomes due in between happens in between.
  for (auto left = by; left.count() > 0;) {
    const auto step = std::min(left, std::chrono::milliseconds(50));
    clock.advance(step);
    coordinator(*system).advance_time(step);
    run();
    left -= step;
  }
}

core::CommandEnvelope HostWorld::command(std::string id, std::string name, std::string body) const {
  core::CommandEnvelope made;
  made.id = core::new_uuid(clock.now());
  made.target = {"t1", "sample", std::move(id)};
  made.name = std::move(name);
  made.body = std::move(body);
  made.principal = {"operator", "service"};
  return made;
}

core::Result<host::Answer> HostWorld::send(core::CommandEnvelope command) {
  std::optional<core::Result<host::Answer>> answer;
  host->submit(std::move(command), [&](core::Result<host::Answer> given) { answer = std::move(given); });
  run();
  if (!answer) return core::refusal("test.no_answer");
  return std::move(*answer);
}

std::string HostWorld::document(const std::string& id) const {
  auto found = store->document({"t1", "sample", id});
  return found.ok() && *found ? (**found).body : "";
}

std::vector<std::string> HostWorld::event_types(const std::string& id) const {
  std::vector<std::string> types;
  auto events = store->read({"t1", "sample", id}, 0, 1000);
  REQUIRE(events.ok());
  for (const auto& event : *events) types.push_back(event.type);
  return types;
}

}  // namespace nova::testkit
