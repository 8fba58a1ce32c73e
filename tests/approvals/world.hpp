// Approvals on the real host, effect runner, kinds, roles and constitution, with a store in memory and virtual time.
#pragma once
#include "actors/approval/approval.hpp"
#include "actors/host/effects/command_driver.hpp"
#include "actors/host/effects/effects.hpp"
#include "actors/host/local_host.hpp"
#include "core/describe/codec.hpp"
#include "core/json.hpp"
#include "governance/approvals/approvals.hpp"
#include "governance/authority/feed.hpp"
#include "governance/authority/judge.hpp"
#include "governance/authority/rules.hpp"
#include "governance/constitution/gatekeeper.hpp"
#include "store/memory/memory_store.hpp"
#include "tests/testkit/catch.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scheduler/test_coordinator.hpp>

namespace nova::testing {

class Clock final : public core::Clock {
 public:
  core::Timestamp now() const override { return now_; }
  std::chrono::nanoseconds monotonic() const override { return std::chrono::milliseconds(now_.ms); }
  void pass(std::chrono::milliseconds time) { now_ = now_ + time; }

 private:
  core::Timestamp now_{1769850000000};
};

/// The vault's driver without its thread, so that all runs on the coordinator.
class Erasing final : public host::WorkDriver {
 public:
  explicit Erasing(store::Vault& vault) : vault_(vault) {}
  std::string_view name() const override { return "vault"; }
  host::Safety safety(std::string_view) const override { return host::Safety::idempotent; }
  void start(host::Work work, std::function<void(host::WorkEnd)> done) override {
    const auto erased = vault_.destroy(core::json_text(work.ask.payload, "path").value_or(""));
    host::WorkEnd end;
    if (!erased) end.outcome = core::Outcome::failed, end.error = erased.error();
    done(std::move(end));
  }

 private:
  store::Vault& vault_;
};

inline const std::string gates_json = R"({"gates":{
  "one":{"en":"One.","ar":"واحد.","reminder":"10m","groups":[{"name":"admins","roles":["tenant:admin"]}],
         "escalation":[{"level":1,"role":"platform:owner","timeout":"15m"}]},
  "both":{"en":"Both.","ar":"كلاهما.","groups":[{"name":"admins","roles":["tenant:admin"]},
                                                 {"name":"owners","roles":["platform:owner"]}]},
  "supervision":{"en":"Healing.","ar":"إصلاح.","expiry":"24h","groups":[{"name":"operators","permissions":["app.deploy"]}]},
  "ai-execution":{"en":"AI.","ar":"ذكاء.","expiry":"30m","groups":[{"name":"governors","permissions":["ai:configure"]}]}}})";

inline std::string rule(const std::string& id, const std::string& text) {
  return "@id(\"" + id + "\") @en(\"" + id + ".\") @ar(\"ع\") " + text + "\n";
}
inline const std::string constitution_text =
    rule("all", "permit(principal, action, resource);") +
    rule("no-lone-suspending",
         "@gate(\"one\") forbid(principal, action == Action::\"tenant.suspend\", resource) "
         "when { resource.state.name != \"\" || context.caller.role == \"king\" };") +
    rule("two-for-archives", "@gate(\"both\") forbid(principal, action == Action::\"tenant.archive\", resource);") +
    rule("secrets-wait", "@gate(\"one\") forbid(principal, action == Action::\"secret.create\", resource);");

using Answered = core::Result<host::Answer>;

struct World {
  World() {
    for (const auto& [user, role] : {std::pair{"fiona", "owner"}, {"olga", "free"}, {"adam", "free"}, {"vera", "free"}})
      book.put_user(user, person(role), 1);
    auto root = person("owner");
    root.root_owner = true;
    book.put_user("root", root, 1);
    govern(constitution_text);
    start();
    make_tenant("clinic");
    for (const auto& [user, role] : {std::pair{"olga", "admin"}, {"adam", "admin"}, {"vera", "viewer"}})
      book.put_membership("clinic", user, {role, "active"}, 1);
  }
  ~World() { stop(); }

  void make_tenant(const std::string& id) { REQUIRE(order(tenant(id), "create", R"({"name":"T"})")); }

  static authority::UserLine person(std::string role) {
    authority::UserLine line;
    line.role = std::move(role);
    line.status = "active";
    return line;
  }

  void govern(const std::string& text) {
    gates = *gates::Gates::parse(gates_json);
    static const auto words = std::make_shared<const constitution::Words>(core::kinds());
    auto loaded = constitution::Constitution::load(text, "1", words, gates);
    if (!loaded) FAIL(core::to_line(loaded.error()));
    rules = constitution::make_rules(authority::make_role_rules(book), *loaded);
  }

  /// A node on what the store has; what was under way in the last one is gone.
  void start(bool with_effects = true) {
    config = std::make_unique<caf::actor_system_config>();
    config->set("scheduler.policy", caf::atom("testing"));
    system = std::make_unique<caf::actor_system>(*config);
    host::HostParts made;
    made.store = store.get();
    made.vault = vault.get();
    made.clock = &clock;
    made.rules = [this] { return rules; };
    made.tenant_status = [this](const std::string& tenant) {
      const auto line = book.tenant(tenant);
      return line ? line->status : std::string();
    };
    made.caller = [this](const core::Principal& who, const std::string& tenant) {
      return authority::caller_of(book, who, tenant);
    };
    made.on_authority = [this](const store::Document& document) { feed.take(document); };
    made.on_asks = [this](const auto& key, const auto& command, const auto& correlation, auto position,
                          const auto& asks) {
      if (effects) effects->asked(key, command, correlation, position, asks);
    };
    made.hold = [this](gate::Held held, std::string read, host::Host::Done done) {
      approvals->hold(std::move(held), std::move(read), std::move(done));
    };
    made.on_denied = [this](const auto&, const auto&, const std::string& read, const auto&) {
      denied_on.push_back(read);
    };
    host = host::make_local_host(*system, std::move(made));
    approvals = std::make_unique<approvals::Approvals>(parts());
    if (with_effects) start_effects();
  }
  void start_effects() {
    release = approvals::make_release_driver(parts());
    commands = host::make_command_driver(*host, clock);
    host::EffectParts made;
    made.store = store.get();
    made.host = host.get();
    made.clock = &clock;
    made.work_drivers = {release.get(), &erasing, commands.get()};
    effects = host::make_effects(*system, std::move(made));
    runner = effects->spawn();
    run();
    REQUIRE(effects->start().ok());
    run();
  }
  /// As a killed node: nothing is finished.
  void stop() {
    if (effects) effects->stop();
    effects.reset();
    runner = nullptr;
    host.reset();
    approvals.reset();
    run();
    release.reset();
    commands.reset();
    system.reset();
  }

  approvals::Parts parts() {
    approvals::Parts made;
    made.host = host.get();
    made.store = store.get();
    made.vault = vault.get();
    made.book = &book;
    made.clock = &clock;
    made.gates = [this] { return gates; };
    made.lookup_key = "lookup";
    made.slowly = [](const std::function<void()>& step) { step(); };
    return made;
  }

  void run() { dynamic_cast<caf::scheduler::test_coordinator&>(system->scheduler()).run(); }
  void pass(std::chrono::milliseconds time) {
    for (auto left = time; left.count() > 0; left -= std::chrono::seconds(30)) {
      const auto step = std::min<std::chrono::milliseconds>(left, std::chrono::seconds(30));
      clock.pass(step);
      dynamic_cast<caf::scheduler::test_coordinator&>(system->scheduler()).advance_time(step);
      run();
    }
  }

  core::CommandEnvelope command(core::EntityKey target, std::string name, std::string body,
                                core::Principal who = {"operator", "service"}) const {
    core::CommandEnvelope made;
    made.id = core::new_uuid(clock.now());
    made.target = std::move(target);
    made.name = std::move(name);
    made.body = std::move(body);
    made.principal = std::move(who);
    return made;
  }
  Answered send(core::CommandEnvelope given) {
    std::optional<Answered> answer;
    host->submit(std::move(given), [&](Answered one) { answer = std::move(one); });
    run();
    REQUIRE(answer);
    return std::move(*answer);
  }
  Answered send_released(core::CommandEnvelope given, gate::Release what) {
    std::optional<Answered> answer;
    host->submit_released(std::move(given), std::move(what), [&](Answered one) { answer = std::move(one); });
    run();
    REQUIRE(answer);
    return std::move(*answer);
  }
  Answered order(core::EntityKey target, std::string name, std::string body = "{}",
                 core::Principal who = {"operator", "service"}) {
    return send(command(std::move(target), std::move(name), std::move(body), std::move(who)));
  }
  static core::EntityKey tenant(const std::string& id = "clinic") { return {id, "tenant", id}; }

  /// Holds and answers the approval's address.
  core::EntityKey held(core::CommandEnvelope given) {
    const auto answer = send(std::move(given));
    if (!answer) FAIL(core::to_line(answer.error()));
    REQUIRE(!answer->held.empty());
    return answer->key;
  }
  core::EntityKey held_suspend(const std::string& id = "clinic") {
    return held(command(tenant(id), "suspend", R"({"reason":"does not pay"})"));
  }
  Answered approve(const core::EntityKey& approval, const std::string& user, const std::string& factor = "none",
                   int others = 1) {
    return order(approval, "approve",
                 R"({"reason":"fine","factor":")" + factor + R"(","others":)" + std::to_string(others) + "}",
                 {user, "user"});
  }
  approval::State state(const core::EntityKey& key) {
    const auto document = store->document(key);
    REQUIRE(document);
    REQUIRE(*document);
    return *core::from_json<approval::State>((*document)->body, core::Reading::stored);
  }
  std::string status(const core::EntityKey& key) {
    const auto document = store->document(key);
    REQUIRE(document);
    return *document ? (*document)->status : "absent";
  }
  std::size_t count(const core::EntityKey& key, const std::string& type) {
    const auto events = store->read(key, 0, 1000);
    REQUIRE(events);
    std::size_t sum = 0;
    for (const auto& event : *events) sum += event.type == type;
    return sum;
  }

  Clock clock;
  std::vector<std::string> denied_on;  ///< what the rules of each denial read
  std::unique_ptr<store::EventStore> store = store::make_memory_store(clock);
  std::unique_ptr<store::Vault> vault = store::make_memory_vault();
  Erasing erasing{*vault};
  authority::Book book;
  authority::Feed feed{book};
  std::shared_ptr<const gates::Gates> gates;
  std::shared_ptr<const gate::Rules> rules;
  std::unique_ptr<caf::actor_system_config> config;
  std::unique_ptr<caf::actor_system> system;
  std::unique_ptr<host::LocalHost> host;
  std::unique_ptr<approvals::Approvals> approvals;
  std::unique_ptr<host::WorkDriver> release, commands;
  std::shared_ptr<host::Effects> effects;
  caf::actor runner;
};

}  // namespace nova::testing
