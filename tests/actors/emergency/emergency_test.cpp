#include "actors/emergency/emergency.hpp"
#include "core/json.hpp"
#include "tests/testkit/check_kind.hpp"
#include "tests/testkit/spec.hpp"

#include <algorithm>

using namespace nova;
using namespace nova::emergency;
using std::chrono::minutes;

namespace {

const core::Timestamp noon = testkit::story_start;

Activate halt(Action action = Action::halt_all_platforms) {
  Activate made;
  made.action = action;
  made.reason = "it leaks";
  made.reason_ar = "\xd9\x87\xd8\xb0\xd8\xa7";
  return made;
}
Activate lockdown(Scope scope, const char* target) {
  auto made = halt(scope == Scope::feature ? Action::feature_disable : Action::platform_lockdown);
  made.scope = scope;
  made.target = target;
  return made;
}

struct Spec : testkit::Spec<State, Command, Event> {
  using Base = testkit::Spec<State, Command, Event>;
  Spec() {
    self({"system", "emergency", "main"});
    as("olivia");
  }
  Spec& when(const Command& command) { return Base::when(command), *this; }
  /// What it asked for, in order: "kill_switch/platforms activate", "halt control-1".
  std::vector<std::string> works() const {
    std::vector<std::string> all;
    for (const auto& ask : asks().works) {
      const auto part = [&](const char* name) { return core::json_text(ask.payload, name).value_or(""); };
      all.push_back(ask.driver == "command" ? part("kind") + "/" + part("id") + " " + part("name")
                                            : ask.verb + " " + part("halt"));
    }
    return all;
  }
};

using Words = std::vector<std::string>;

}  // namespace

TEST_CASE("emergency: halting engages the switch first and then stops what runs; restoring goes the other way") {
  Spec spec;
  spec.when(halt()).then_types<Activated>();
  CHECK(spec.works() == Words{"kill_switch/platforms activate", "halt control-1"});
  CHECK(summarise(spec.state()).status == "active");
  CHECK(spec.state().works.size() == 2);
  for (const auto& ask : spec.asks().works) CHECK(spec.state().works.contains(ask.id));
  spec.when(Restore{"repaired", "2fa"}).then_types<Lifted>();
  CHECK(spec.works() == Words{"kill_switch/platforms deactivate", "restore control-1"});
  for (const auto& ask : spec.asks().works) CHECK(spec.state().works.contains(ask.id));
  CHECK(summarise(spec.state()).status == "normal");
  CHECK(spec.state().ended.back().ending == Ending::lifted);
  spec.when(Restore{"repaired", "2fa"}).then_nothing();
}

TEST_CASE("emergency: each action works by its switches") {
  for (const auto& [action, switches] : {std::pair{Action::ai_suspension, Words{"global"}},
                                         {Action::lockdown_system, Words{"commands"}},
                                         {Action::platform_lockdown, Words{"commands"}},
                                         {Action::freeze_all_subscriptions, Words{"subscriptions"}},
                                         {Action::halt_all_platforms, Words{"platforms"}},
                                         {Action::stop_all_operations, Words{"commands", "global", "platforms"}}}) {
    Spec spec;
    spec.when(halt(action)).then_types<Activated>();
    CHECK(spec.state().held == switches);
  }
  Spec plan;
  plan.when(lockdown(Scope::plan, "free")).then_types<Activated>();
  CHECK(plan.state().held == Words{"plan.free"});
  Spec feature;
  feature.when(lockdown(Scope::feature, "webhook_endpoint")).then_types<Activated>();
  CHECK(feature.state().held == Words{"feature.webhook_endpoint"});
}

TEST_CASE("emergency: overlapping controls release a switch when the last of them is lifted") {
  Spec spec;
  spec.when(halt()).when(halt(Action::stop_all_operations)).then_types<Activated>();
  CHECK(spec.works() == Words{"kill_switch/commands activate", "kill_switch/global activate"});
  spec.when(Lift{"control-2", "enough", "2fa"}).then_types<Lifted>();
  CHECK(spec.works() == Words{"kill_switch/commands deactivate", "kill_switch/global deactivate"});
  CHECK(spec.state().held == Words{"platforms"});
  spec.when(Lift{"control-1", "enough", "2fa"});
  CHECK(spec.works() == Words{"kill_switch/platforms deactivate", "restore control-1"});
  spec.when(Lift{"control-1", "enough", "2fa"}).then_nothing();
  spec.when(Lift{"control-9", "enough", "2fa"}).then_refused("emergency.control_not_found");
}

TEST_CASE("emergency: lifting one of two that need the platforms halted starts nothing") {
  Spec spec;
  spec.when(halt()).when(halt(Action::stop_all_operations)).when(Lift{"control-1", "x", "2fa"}).then_types<Lifted>();
  CHECK(spec.works().empty());
  CHECK(spec.state().halt == "control-1");
  spec.when(Restore{"x", "2fa"});
  Words sorted = spec.works();
  std::sort(sorted.begin(), sorted.end());
  CHECK(sorted == Words{"kill_switch/commands deactivate", "kill_switch/global deactivate",
                        "kill_switch/platforms deactivate", "restore control-1"});
}

TEST_CASE("emergency: a switch that somebody engaged by hand stays theirs") {
  Spec spec;
  spec.fact({"system", "kill_switch", "global"}, {true, 1, "engaged", "{}"});
  spec.when(halt(Action::ai_suspension)).then_types<Activated>();
  CHECK(spec.works().empty());
  spec.when(Restore{"x", "2fa"}).then_types<Lifted>();
  CHECK(spec.works().empty());
}

TEST_CASE("emergency: letting go on takes a second factor, halting does not") {
  Spec spec;
  spec.when(halt()).then_types<Activated>();
  spec.when(Lift{"control-1", "x", ""}).then_refused("auth.mfa_required");
  spec.when(Restore{"x", ""}).then_refused("auth.mfa_required");
  spec.as("operator", "service").when(Restore{"x", ""}).then_types<Lifted>();
}

TEST_CASE("emergency: it ends by itself when its time is over, and not before") {
  auto timed = halt();
  timed.auto_deactivate_minutes = 30;
  Spec spec;
  spec.when(timed).then_types<Activated>();
  REQUIRE(spec.asks().timers.size() == 1);
  CHECK(spec.asks().timers[0].at == noon + minutes(30));
  spec.as_system().after(minutes(29)).when(core::Fire{"end"}).then_nothing();
  CHECK(spec.asks().timers.at(0).at == noon + minutes(30));
  spec.after(minutes(1)).when(core::Fire{"end"}).then_types<Expired>();
  CHECK(spec.works() == Words{"kill_switch/platforms deactivate", "restore control-1"});
  CHECK(spec.state().ended.back().ending == Ending::expired);
  CHECK_FALSE(spec.asks().timers.at(0).at);
}

TEST_CASE("emergency: nothing shuts the root owner out, nor that by which it is lifted") {
  Spec spec;
  spec.fact({"system", "user", "olivia"}, {true, 1, "active", R"({"root_owner":true})"});
  spec.fact({"system", "user", "amy"}, {true, 1, "active", R"({"root_owner":false})"});
  spec.when(lockdown(Scope::user, "olivia")).then_refused("user.root_owner_immutable");
  CHECK(spec.refused()->status == 403);
  CHECK_FALSE(spec.refused()->remedy.empty());
  spec.when(lockdown(Scope::user, "nobody")).then_refused("user.not_found");
  spec.when(lockdown(Scope::user, "amy")).then_types<Activated>();
  for (const char* vital : {"emergency", "kill_switch", "constitution", "user", "session"})
    Spec().when(lockdown(Scope::feature, vital)).then_problem("target");
  Spec().when(lockdown(Scope::feature, "moon")).then_problem("target");
  for (const auto& command : kind().commands) {
    const auto& access = command.access;
    CHECK((access.permission.empty() && access.capability.empty() && access.scope.empty() && !access.own));
  }
}

TEST_CASE("emergency: scope and action fit each other") {
  auto wrong = halt();
  wrong.scope = Scope::plan;
  wrong.target = "free";
  Spec().when(wrong).then_problem("scope");
  wrong = halt();
  wrong.target = "x";
  Spec().when(wrong).then_problem("target");
  wrong = halt(Action::feature_disable);
  Spec().when(wrong).then_problem("scope");
  Spec elsewhere;
  elsewhere.self({"clinic", "emergency", "main"}).when(halt()).then_problem("id");
}

TEST_CASE("emergency: what could not be done is on record, and a switch released by hand is no problem") {
  Spec spec;
  spec.when(halt());
  const auto first = spec.asks().works[0].id, second = spec.asks().works[1].id;
  spec.as_system().when(core::Settle{first, core::Outcome::failed, "store.unavailable", "", {}}).then_types<Settled>();
  CHECK(spec.state().problems == Words{"engage-platforms: store.unavailable"});
  spec.when(core::Settle{second, core::Outcome::done, "", "", {R"({"count":3})"}}).then_types<Settled>();
  CHECK(spec.state().halted == 3);
  CHECK(spec.state().works.empty());
  spec.when(core::Settle{second, core::Outcome::done, "", "", {}}).then_nothing();
  spec.as("olivia").when(Restore{"x", "2fa"});
  const auto released = spec.asks().works[0].id;
  spec.as_system().when(core::Settle{released, core::Outcome::failed, "entity.wrong_state", "", {}});
  CHECK(spec.state().problems.size() == 1);
}

TEST_CASE("emergency: deployments that would not be stopped or started are counted and named") {
  Spec spec;
  spec.when(halt());
  const auto stops = spec.asks().works[1].id;
  spec.as_system().when(core::Settle{stops,
                                     core::Outcome::done,
                                     "",
                                     "",
                                     {R"({"count":3,"refused":2,"refusals":["acme/a: gate.denied","acme/b: x.y"]})"}});
  CHECK(spec.state().halted == 3);
  CHECK(spec.state().not_halted == 2);
  CHECK(spec.state().problems == Words{"halt: acme/a: gate.denied", "halt: acme/b: x.y"});
  spec.as("olivia").when(Restore{"x", "2fa"});
  const auto starts = spec.asks().works[1].id;
  spec.as_system().when(core::Settle{
      starts, core::Outcome::done, "", "", {R"({"count":1,"refused":1,"refusals":["acme/c: gate.denied"]})"}});
  CHECK(spec.state().restored == 1);
  CHECK(spec.state().not_restored == 1);
  CHECK(spec.state().problems.back() == "restore: acme/c: gate.denied");
  // The next halt counts anew.
  spec.as("olivia").when(halt());
  CHECK(spec.state().not_halted == 0);
  CHECK(spec.state().not_restored == 0);
}

TEST_CASE("emergency: what every kind promises") {
  Control control{
      "control-1", Action::halt_all_platforms, Scope::global, "",           "it leaks", "\xd9\x87", "i-1", "olivia",
      noon,        noon + minutes(30),         {"platforms"}, Ending::none, "",         "",         {}};
  auto other = control;
  other.id = "control-2";
  testkit::check_kind(kind(), {.history = testkit::history_of<Event>(
                                   {Activated{control, {"platforms"}, 2},
                                    Settled{"halt-2", "halt", "done", "", 3, noon, 1, {"acme/shop: x.y"}},
                                    Activated{other, {}, 2}, Lifted{"control-1", "olivia", "repaired", {}, 2, noon},
                                    Expired{"control-2", {"platforms"}, 4, noon}})});
}
