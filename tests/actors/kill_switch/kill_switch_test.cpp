#include "actors/kill_switch/kill_switch.hpp"
#include "core/json.hpp"
#include "tests/testkit/check_kind.hpp"
#include "tests/testkit/spec.hpp"

using namespace nova;
using namespace nova::kill_switch;
using std::chrono::minutes;

namespace {

const core::Timestamp noon = testkit::story_start;

Activate stop(Scope scope = Scope::global, std::string target = "") {
  return {scope, target, "it writes nonsense", "\xd9\x87\xd8\xb0\xd8\xa7\xd8\xb1", std::nullopt, ""};
}
Activate stop_for(std::int64_t time) {
  auto made = stop();
  made.auto_reactivate_minutes = time;
  return made;
}

struct Spec : testkit::Spec<State, Command, Event> {
  explicit Spec(std::string id = "global") {
    self({"system", "kill_switch", std::move(id)});
    as("olivia");
  }
};

}  // namespace

TEST_CASE("kill_switch: it stops until somebody releases it") {
  Spec spec;
  spec.when(stop()).then_types<Engaged>();
  CHECK(summarise(spec.state()).status == "engaged");
  CHECK(spec.state().by == "olivia");
  CHECK(spec.state().epoch == 1);
  spec.when(stop()).then_nothing();
  spec.as("amy").when(Deactivate{"repaired"}).then({Released{"repaired", "amy", noon, 2}});
  CHECK(summarise(spec.state()).status == "armed");
  spec.when(Deactivate{"again"}).then_refused("entity.wrong_state");
}

TEST_CASE("kill_switch: both reasons are required") {
  auto without = stop();
  without.reason = " \n";
  Spec().when(without).then_problem("reason");
  without = stop();
  without.reason_ar = " ";
  Spec().when(without).then_problem("reason_ar");
  CHECK_FALSE(core::from_json<Activate>(R"({"scope":"global","reason":"x"})"));
  CHECK_FALSE(core::from_json<Activate>(R"({"scope":"global","reason":"x","reason_ar":""})"));
}

TEST_CASE("kill_switch: it releases itself when its time is over, and not before") {
  Spec spec;
  spec.when(stop_for(30)).then_types<Engaged>();
  REQUIRE(spec.asks().timers.size() == 1);
  CHECK(spec.asks().timers[0].at == noon + minutes(30));
  spec.after(minutes(29)).when(core::Fire{"end"}).then_nothing();
  CHECK(spec.asks().timers.at(0).at == noon + minutes(30));
  spec.after(minutes(1)).when(core::Fire{"end"}).then({Expired{noon + minutes(30), 2}});
  CHECK(summarise(spec.state()).status == "armed");
  spec.when(core::Fire{"end"}).then_nothing();
}

TEST_CASE("kill_switch: engaging an engaged one updates reason and time") {
  Spec spec;
  spec.when(stop_for(30));
  auto other = stop();
  other.reason = "it is worse than that";
  spec.as("amy").after(minutes(1)).when(other).then_types<Engaged>();
  CHECK(spec.state().reason == "it is worse than that");
  CHECK(spec.state().at == noon + minutes(1));
  CHECK_FALSE(spec.state().until);
  CHECK(spec.state().epoch == 2);
  // The old time is over and means nothing any more.
  spec.after(minutes(60)).when(core::Fire{"end"}).then_nothing();
  CHECK(summarise(spec.state()).status == "engaged");
}

TEST_CASE("kill_switch: the time is one to 43200 minutes") {
  const auto with = [](const char* time) {
    return std::string(R"({"scope":"global","reason":"x","reason_ar":"y","auto_reactivate_minutes":)") + time + "}";
  };
  for (const char* wrong : {"0", "43201", "-1"}) CHECK_FALSE(core::from_json<Activate>(with(wrong)));
  for (const char* fine : {"1", "43200"}) CHECK(core::from_json<Activate>(with(fine)));
}

TEST_CASE("kill_switch: a scope with a target needs one that there is") {
  for (const auto scope : {Scope::layer, Scope::platform, Scope::provider, Scope::agent, Scope::model, Scope::tenant})
    Spec(std::string(core::name_of(scope)) + ".x").when(stop(scope)).then_refused("kill_switch.target_required");
  Spec().when(stop(Scope::global, "x")).then_problem("target");
  Spec("platform.acme..shop").when(stop(Scope::platform, "acme/shop")).then_refused("entity.not_found");
  core::Fact there;
  there.exists = true;
  Spec("platform.acme..shop")
      .fact({"acme", "platform", "shop"}, there)
      .when(stop(Scope::platform, "acme/shop"))
      .then_types<Engaged>();
  Spec("tenant.acme").fact({"acme", "tenant", "acme"}, there).when(stop(Scope::tenant, "acme")).then_types<Engaged>();
  Spec("provider.local")
      .fact({"system", "provider", "local"}, there)
      .when(stop(Scope::provider, "local"))
      .then_types<Engaged>();
  for (const char* wrong : {"Acme/shop", "a/b/c", "a..b", "/a", "a/", "a b"})
    Spec("platform.x").when(stop(Scope::platform, wrong)).then_problem("target");
}

TEST_CASE("kill_switch: a layer is told that it is stopped, once, and that it is not any more") {
  core::Fact there;
  there.exists = true;
  Spec spec("layer.main");
  spec.fact({"system", "ai_layer", "main"}, there).when(stop(Scope::layer, "main")).then_types<Engaged>();
  spec.then_work("command", "send", [](const core::DoAsk& ask) {
    CHECK(core::json_text(ask.payload, "kind") == "ai_layer");
    CHECK(core::json_text(ask.payload, "id") == "main");
    CHECK(core::json_text(ask.payload, "name") == "emergency_stop");
  });
  auto worse = stop(Scope::layer, "main");
  worse.reason = "it is worse";
  spec.when(worse).then_types<Engaged>();
  CHECK(spec.asks().works.empty());
  spec.when(Deactivate{}).then_types<Released>().then_work("command", "send", [](const core::DoAsk& ask) {
    CHECK(core::json_text(ask.payload, "name") == "emergency_release");
  });
}

TEST_CASE("kill_switch: its id is its scope's and target's, and no two share one") {
  Spec("external_only").when(stop(Scope::global)).then_problem("scope");
  CHECK(id_of(Scope::external_only, "") == "external_only");
  CHECK(id_of(Scope::layer, "main") == "layer.main");
  CHECK(id_of(Scope::platform, "a/b.c") != id_of(Scope::platform, "a.b/c"));
  Spec elsewhere;
  elsewhere.self({"acme", "kill_switch", "global"}).when(stop()).then_problem("scope");
}

TEST_CASE("kill_switch: what an emergency engages is engaged by nobody else, and can be released by hand") {
  for (const auto scope : {Scope::platforms, Scope::commands, Scope::subscriptions})
    Spec(std::string(core::name_of(scope))).when(stop(scope)).then_refused("kill_switch.emergency_only");
  Spec spec("platforms");
  spec.as_system().when(stop(Scope::platforms)).then_types<Engaged>();
  spec.as("olivia").when(Deactivate{"by hand"}).then_types<Released>();
  Spec plan("plan.free");
  plan.as_system().when(stop(Scope::plan, "free")).then_types<Engaged>();
}

TEST_CASE("kill_switch: nobody but the owner has the right") {
  for (const auto& command : kind().commands) {
    const auto& access = command.access;
    CHECK((access.permission.empty() && access.capability.empty() && access.scope.empty() && !access.own));
    CHECK(command.door != core::Door::open);
  }
}

TEST_CASE("kill_switch: a safe rollback stops everything, opens an incident and takes the last change back") {
  Spec spec;
  spec.as_system()
      .when(SafeRollback{"the new one leaks", "\xd9\x87", "acme/shop-production", ""})
      .then_types<Engaged, RollbackStarted>();
  CHECK(spec.state().incident_id == "incident-command-1");
  CHECK_FALSE(spec.state().until);
  spec.then_work("command", "send", [](const core::DoAsk& ask) {
    CHECK(core::json_text(ask.payload, "tenant") == "acme");
    CHECK(core::json_text(ask.payload, "kind") == "deployment");
    CHECK(core::json_text(ask.payload, "id") == "shop-production");
    CHECK(core::json_text(ask.payload, "name") == "rollback");
  });
  spec.when(SafeRollback{"x", "y", "acme/shop-production", ""}).then_refused("kill_switch.rollback_under_way");
  spec.when(core::Settle{"another", core::Outcome::done, "", "", {}}).then_nothing();
  spec.when(core::Settle{"rollback-1", core::Outcome::failed, "deployment.nothing_to_roll_back", "", {}})
      .then_types<RollbackEnded>();
  CHECK(spec.state().rollback.empty());
  // It was stopped for a reason: a person releases it.
  CHECK(summarise(spec.state()).status == "engaged");
  Spec("external_only").when(SafeRollback{"x", "y", "", ""}).then_problem("id");
  Spec().when(SafeRollback{"x", "y", "shop", ""}).then_problem("change");
}

TEST_CASE("kill_switch: what every kind promises") {
  testkit::check_kind(kind(), {.history = testkit::history_of<Event>(
                                   {Engaged{Scope::layer, "main", "it writes nonsense", "\xd9\x87", "olivia",
                                            "incident-1", noon, noon + minutes(30), 1},
                                    RollbackStarted{"acme/shop-production", "rollback-1", "incident-1", "olivia", noon},
                                    RollbackEnded{"rollback-1", "done", "", noon + minutes(1)},
                                    Released{"repaired", "olivia", noon, 2}, Expired{noon + minutes(30), 3}}),
                               .acts_again = {"deactivate", "safe_rollback"}});
}
