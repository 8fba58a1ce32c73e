#include "governance/constitution/gatekeeper.hpp"

#include "tests/constitution/sample.hpp"

#include <catch2/catch.hpp>

using namespace nova;
using namespace nova::test;
using Answer = core::DecisionRecord::Answer;

namespace {

/// Roles that say the same to all.
class Roles final : public gate::Rules {
 public:
  explicit Roles(Answer answer) : answer_(answer) {}
  core::DecisionRecord decide(const gate::Request&) const override {
    return gate::decision_of(answer_, answer_ == Answer::allow ? "role.x" : "role.none");
  }

 private:
  const Answer answer_;
};

std::string policy(const std::string& id, const std::string& text) {
  return "@id(\"" + id + "\") @en(\"" + id + " in English.\") @ar(\"عربي\") " + text + "\n";
}

struct World {
  explicit World(const std::string& text, Answer roles = Answer::allow) {
    auto loaded = constitution::Constitution::load(text, "7", sample_words(), sample_gates("g"));
    if (!loaded) FAIL(core::to_line(loaded.error()));
    rules = constitution::make_rules(std::make_shared<Roles>(roles), *loaded);
  }

  core::DecisionRecord ask(const std::string& type = "user", std::size_t row = 0) {
    const core::Principal principal{"amy", type};
    return decide(principal, row);
  }
  gate::HoldTerms terms() {
    const core::Principal principal{"amy", "user"};
    const auto& kind = parcel::kind();
    const core::EntityKey key{"clinic", "parcel_box", "p1"};
    const gate::Request request{principal, kind, kind.commands[1], key,  "active", {}, {now_ms},
                                caller,    true, &state,           &burn};
    return rules->terms(request, rules->decide(request));
  }
  std::int64_t now_ms = 1'800'000'000'000;
  core::DecisionRecord decide(const core::Principal& principal, std::size_t row) {
    const auto& kind = parcel::kind();
    const core::EntityKey key{"clinic", "parcel_box", "p1"};
    const void* input = row == 0 ? static_cast<const void*>(&send) : &burn;
    const gate::Request request{
        principal, kind, kind.commands[row], key, "active", {}, {1'800'000'000'000}, caller, true, &state, input};
    auto decision = rules->decide(request);
    error = gate::denied(decision, request);
    rules->explain(decision, error);
    return decision;
  }

  std::shared_ptr<const gate::Rules> rules;
  parcel::State state = parcel::full();
  parcel::Send send;
  parcel::Burn burn;
  core::Caller caller{"free", "staff", false};
  core::Error error;
};

const auto open_to_all = policy("all", "permit(principal, action, resource);");
using Rules = std::vector<std::string>;

}  // namespace

TEST_CASE("a command needs the roles' yes and a permit") {
  const auto yes = World(open_to_all).ask();
  CHECK(yes.answer == Answer::allow);
  CHECK(yes.rules == Rules{"role.x", "all"});
  CHECK(yes.constitution == "7");
  const auto no_role = World(open_to_all, Answer::deny).ask();
  CHECK(no_role.answer == Answer::deny);
  CHECK(no_role.rules == Rules{"role.none"});
  const auto no_permit = World("").ask();
  CHECK(no_permit.answer == Answer::deny);
  CHECK(no_permit.rules == Rules{"gate.no_permit"});
}

TEST_CASE("a forbid wins, and its sentence reaches the caller in both languages") {
  World world(open_to_all + policy("no-burning", "forbid(principal, action in Action::\"destructive\", resource);"));
  CHECK(world.ask("user", 0).answer == Answer::allow);
  CHECK(world.ask("user", 1).rules == Rules{"no-burning"});
  CHECK(world.error.code == "gate.denied");
  CHECK(world.error.message == "no-burning in English.");
  const auto& details = world.error.details;
  CHECK(std::count(details.begin(), details.end(), std::pair<std::string, std::string>{"rule_ar", "عربي"}) == 1);
}

TEST_CASE("a policy that errs denies, also where another permits") {
  World world(open_to_all + policy("sum",
                                   "forbid(principal, action == Action::\"parcel_box.send\", resource) when { "
                                   "resource.state.weight + 9223372036854775807 == 0 };"));
  CHECK(world.ask().rules == Rules{"gate.rule_failed:sum"});
  CHECK(world.ask("user", 1).answer == Answer::allow);
}

TEST_CASE("a principal that policies have no word for is denied") {
  CHECK(World(open_to_all).ask("ghost").rules == Rules{"gate.unknown_principal"});
}

TEST_CASE("facts of the runtime pass by the roles alone") { CHECK(World("").ask("system", 2).answer == Answer::allow); }

TEST_CASE("policies see the state, the command, the caller and the time as they are") {
  for (const auto* holds :
       {"resource.state.label == \"books\"", "resource.state.weight == 7", "resource.state.fragile",
        "resource.state.size == \"large\"", "resource.state.tags.containsAll([\"red\", \"round\"])",
        "resource.state.stops.contains({city: \"Cairo\", days: 2})",
        "resource.state.fees.contains({key: \"toll\", value: 3})",
        "resource.state has note && resource.state.note == \"handle with care\"",
        "resource.state.patience == duration(\"5m\")", "resource.state.due == context.now", "resource.exists",
        "resource.status == \"careful\"", "resource.tenant == \"clinic\" && resource.id == \"p1\"",
        "context.caller.role == \"free\" && context.caller.tenant_role == \"staff\" && !context.caller.root_owner",
        "context.tenant_status == \"active\"", "context.impact == 2", "principal == User::\"amy\"",
        "resource == ParcelBox::\"clinic/p1\"", "context.input.weight == 4 && !(context.input has note)"}) {
    World world(policy("it", "permit(principal, action == Action::\"parcel_box.send\", resource) when { " +
                                 std::string(holds) + " };"));
    world.send.weight = 4;
    INFO(holds);
    CHECK(world.ask().answer == Answer::allow);
    world.state = {};
    world.caller = {"pro", "", true};
    world.send = {5, "note"};
    const bool is_of_the_request = std::string(holds).find("state") == std::string::npos &&
                                   std::string(holds).find("caller") == std::string::npos &&
                                   std::string(holds).find("input") == std::string::npos &&
                                   std::string(holds).find("status == \"careful\"") == std::string::npos;
    CHECK((world.ask().answer == Answer::allow) == is_of_the_request);
  }
}

TEST_CASE("the genesis constitution stops an AI where its roles would not") {
  const auto words = std::make_shared<const constitution::Words>(core::kinds());
  auto genesis = constitution::Constitution::load(std::string(constitution::genesis_text()), "1", words,
                                                  sample_gates("production-destruction"));
  REQUIRE(genesis);
  const auto rules = constitution::make_rules(std::make_shared<Roles>(Answer::allow), *genesis);
  const core::Principal ai{"helper", "ai"}, amy{"amy", "user"};
  std::size_t asked = 0;
  for (const auto* kind : core::kinds()) {
    const auto state = kind->make_state();
    for (std::size_t i = 0; i < kind->commands.size(); ++i) {
      const auto& row = kind->commands[i];
      if (row.door == core::Door::internal) continue;
      const core::EntityKey key{"clinic", std::string(kind->name), "x"};
      const auto input = kind->make_command(i);
      keep_to_the_five_rules(*kind, i, state.get(), input.get());
      const gate::Request request{ai, *kind, row, key, "active", {}, {1}, {}, true, state.get(), input.get()};
      // What the text lets an AI do by itself, and nothing else.
      const bool its_own =
          (kind->name == "ai_execution" && (row.name == "request" || row.name == "finish" || row.name == "fail")) ||
          (kind->name == "decision" && (row.name == "analyze" || row.name == "propose"));
      CHECK(rules->decide(request).answer == (its_own ? Answer::allow : Answer::deny));
      const core::Caller standing{"owner", "owner", true};
      const gate::Request by_person{amy, *kind, row, key, "active", {}, {1}, standing, true, state.get(), input.get()};
      const bool waits = kind->name == "tenant" && row.name == "set_data_region";
      CHECK(rules->decide(by_person).answer == (waits ? Answer::hold : Answer::allow));
      ++asked;
    }
  }
  CHECK(asked > 50);
}

namespace {

const std::string burning = "forbid(principal, action == Action::\"parcel_box.burn\", resource)";

}  // namespace

TEST_CASE("an act is held exactly when a permit is there, all that forbids names a gate, and nothing erred") {
  const auto gated = "@gate(\"g\") " + policy("ask", burning + ";");
  const auto hard = policy("never", burning + " when { resource.state.fragile };");
  const auto erring = policy("errs", burning + " when { resource.state.weight + 9223372036854775807 == 0 };");
  const auto held = World(open_to_all + gated).ask("user", 1);
  CHECK(held.answer == Answer::hold);
  CHECK(held.rules == Rules{"ask"});
  CHECK(World(open_to_all + gated).ask("user", 0).answer == Answer::allow);
  // Forbidden and held: forbidden.
  const auto both = World(open_to_all + gated + hard).ask("user", 1);
  CHECK(both.answer == Answer::deny);
  CHECK(both.rules == Rules{"ask", "never"});
  const auto erred = World(open_to_all + gated + erring).ask("user", 1);
  CHECK(erred.answer == Answer::deny);
  CHECK(erred.rules == Rules{"gate.rule_failed:errs"});
  // Nobody is asked for a yes to what nobody permits, nor to what the roles deny.
  CHECK(World(gated).ask("user", 1).rules == Rules{"gate.no_permit"});
  CHECK(World(policy("some", "permit(principal is Service, action, resource);") + gated).ask("user", 1).rules ==
        Rules{"gate.no_permit"});
  CHECK(World(policy("cond", "permit(principal, action, resource) when { resource.state.weight == 0 };") + gated)
            .ask("user", 1)
            .rules == Rules{"gate.no_permit"});
  CHECK(World(open_to_all + gated, Answer::deny).ask("user", 1).answer == Answer::deny);
}

TEST_CASE("an approval stands on the text, the gates and what the rules read, and on nothing else of the state") {
  const auto text = open_to_all + "@gate(\"g\") " +
                    policy("ask", burning +
                                      " when { resource.state.weight > 5 && context.caller.role != \"owner\" && "
                                      "context.now < datetime(\"2100-01-01\") };");
  const auto basis = World(text).terms().basis;
  CHECK(!basis.empty());
  CHECK(World(text).terms().life == std::chrono::minutes(30));
  CHECK(World(text).terms().rules[0].ar == "عربي");
  const auto changed = [&](auto change) {
    World world(text);
    change(world);
    return world.terms().basis != basis;
  };
  CHECK(changed([](World& w) { w.state.weight = 8; }));
  CHECK(changed([](World& w) { w.caller.platform_role = "pro"; }));
  CHECK(!changed([](World& w) { w.state.label = "another"; }));
  CHECK(!changed([](World& w) { w.caller.tenant_role = "viewer"; }));
  CHECK(!changed([](World& w) { w.now_ms += 1000; }));
  CHECK(World(text + "// another text\n").terms().basis != basis);
}
