#include "actors/ai_execution/ai_execution.hpp"
#include "actors/ai_access/ai_access.hpp"
#include "actors/ai_layer/ai_layer.hpp"
#include "actors/external_ai/external_ai.hpp"
#include "core/json.hpp"
#include "core/proposal.hpp"
#include "tests/testkit/check_kind.hpp"
#include "tests/testkit/spec.hpp"

using namespace nova;
using namespace nova::ai_execution;

namespace {

const core::Timestamp noon = testkit::story_start;

core::Fact active(std::string document) { return {true, 1, "active", std::move(document)}; }
core::Fact layer(const std::string& type = "HYBRID", bool open = true, const std::string& status = "active") {
  return {true, 1, status,
          R"({"type":")" + type + R"(","profile":{"allowed_for_subscribers":)" + (open ? "true" : "false") +
              R"(},"power":{"level":2,"max_tokens_per_request":4096}})"};
}
const char* const free_limits =
    R"({"limits":{"max_power_level":2,"max_tokens_per_request":2048,"max_requests_per_day":100,)"
    R"("max_requests_per_minute":10,"allowed_task_types":[],"blocked_task_types":["gossip"],)"
    R"("can_access_external_ai":false,"enforcement":"block"}})";

Request request() {
  Request made;
  made.layer = "helpers";
  made.task_type = "text";
  made.tokens = 100;
  made.requester = {"bob", "", true, "free"};
  return made;
}
Request by_agent() {
  auto made = request();
  made.requester = {"bob", "writer", false, "free"};
  return made;
}

struct Spec : testkit::Spec<State, Command, Event> {
  using Base = testkit::Spec<State, Command, Event>;
  Spec& when(const Command& command) { return Base::when(command), *this; }
  Spec& as_system() { return Base::as_system(), *this; }
  Spec& as(std::string id, std::string type = "user") { return Base::as(std::move(id), std::move(type)), *this; }
  Spec& after(std::chrono::milliseconds passed) { return Base::after(passed), *this; }
  Spec() {
    self({"clinic", "ai_execution", "e1"});
    as("bob");
    fact({"system", "ai_layer", "helpers"}, layer());
    fact({"system", "subscriber_limit", "free"}, active(free_limits));
    fact(
        {"system", "ai_agent", "writer"},
        active(
            R"({"settings":{"layer":"helpers","available_to_subscribers":true,"requires_sovereign_approval":false}})"));
  }
  Spec& with(const char* kind, const char* id, core::Fact value) {
    return fact({"system", kind, id}, std::move(value)), *this;
  }
  /// Every ledger that is asked says yes, until none is asked.
  Spec& ledgers_hold() {
    as_system();
    while (!state().reserving.empty()) when(settled(state().reserving));
    return *this;
  }
  static core::Settle settled(std::string ledger, const std::string& code = {}) {
    std::replace(ledger.begin(), ledger.end(), '/', '-');
    core::Settle made;
    made.work_id = "reserve-" + ledger;
    made.outcome = code.empty() ? core::Outcome::done : core::Outcome::failed;
    made.code = code;
    return made;
  }
  Spec& then_refused_by(const char* code, const char* rule = "") {
    REQUIRE(refused());
    CHECK(refused()->code == code);
    REQUIRE(state().status == Status::refused);
    CHECK(state().violations.back().rule == rule);
    return *this;
  }
};

}  // namespace

TEST_CASE("ai_execution: an allowed generate says that no provider is connected, and gives everything back") {
  Spec spec;
  spec.when(request()).then_types<Requested, Reserving>();
  CHECK(spec.state().reserving == "ai_access/bob");
  spec.then_work("command", "send", [](const core::DoAsk& ask) {
    CHECK(core::json_text(ask.payload, "body.id") == "clinic.e1");
    CHECK(core::json_text(ask.payload, "body.tier") == "free");
  });
  spec.as_system().when(Spec::settled("ai_access/bob")).then_types<Reserving, Reserving>();
  CHECK(spec.state().reserving == "ai_layer/helpers");
  spec.when(Spec::settled("ai_layer/helpers")).then_types<Reserving, Allowed, Failed>();
  CHECK(spec.state().code == "ai.no_provider");
  REQUIRE(spec.asks().works.size() == 2);
  for (const auto& work : spec.asks().works) CHECK(core::json_text(work.payload, "name") == "release");
  spec.when(Spec::settled("ai_layer/helpers")).then_nothing();
}

TEST_CASE("ai_execution: what carries something out runs until it is said how it ended, by who asked") {
  auto acting = request();
  acting.action = core::AiAction::execute;
  Spec spec;
  spec.when(acting).ledgers_hold();
  CHECK(spec.state().status == Status::running);
  spec.as("eve").when(Finish{}).then_refused("access.denied");
  spec.as("bob").when(Finish{}).then_types<Finished>().when(Finish{}).then_nothing();
  CHECK(core::json_text(spec.asks().works.empty() ? "{}" : spec.asks().works[0].payload, "name").value_or("commit") ==
        "commit");
  Spec silent;
  silent.when(acting).ledgers_hold().after(run_time).when(core::Fire{"end"}).then_types<Failed>();
  CHECK(silent.state().code == "ai.timeout");
  Spec killed;
  killed.when(acting).ledgers_hold().when(Kill{"global"}).then_types<Killed>().when(Kill{"global"}).then_nothing();
  killed.as("bob").when(Finish{}).then_refused("entity.wrong_state");
}

TEST_CASE("ai_execution: the outside provider's ledger is charged what the layer's requests cost") {
  auto asked = request();
  asked.requester.subscriber = false;
  asked.provider = "claude";
  asked.action = core::AiAction::execute;
  Spec spec;
  spec.with("ai_layer", "helpers",
            active(R"({"type":"HYBRID","power":{"level":2,"max_tokens_per_request":4096,"cost_per_request":40}})"));
  spec.with("external_ai", "claude", active(R"({"link":{"layers":["helpers"]}})"));
  spec.when(asked).as_system().when(Spec::settled("ai_layer/helpers"));
  CHECK(spec.state().reserving == "external_ai/claude");
  spec.then_work("command", "send",
                 [](const core::DoAsk& ask) { CHECK(core::json_int(ask.payload, "body.cost") == 40); });
}

TEST_CASE("ai_execution: saying nothing of how it ended costs what it cost") {
  auto acting = request();
  acting.action = core::AiAction::execute;
  Spec spec;
  spec.when(acting);
  CHECK(spec.asks().timers.at(0).at == noon + core::execution_ledger_time);
  spec.ledgers_hold().after(run_time).when(core::Fire{"end"}).then_types<Failed>();
  REQUIRE(spec.asks().works.size() == 2);
  for (const auto& work : spec.asks().works) CHECK(core::json_text(work.payload, "name") == "commit");

  // Each ledger waits for as long as all three may take to answer, and the run after them.
  const auto longest = 3 * core::execution_ledger_time + run_time;
  testkit::Spec<ai_access::State, ai_access::Command, ai_access::Event> day;
  day.as_system().fact({"system", "subscriber_limit", "free"}, active(free_limits));
  day.when(ai_access::Reserve{"clinic.e1", "free"}).after(longest).when(core::Fire{"expiry"}).then_nothing();
  day.when(ai_access::Commit{"clinic.e1"});
  CHECK(day.state().day.uses == 1);
  testkit::Spec<ai_layer::State, ai_layer::Command, ai_layer::Event> money;
  ai_layer::Power power;
  power.cost_per_request = 40;
  money.given({ai_layer::Created{{"Helpers", "x", "y", "z"}, ai_layer::Type::hybrid, "amy", noon},
               ai_layer::PowerSet{std::nullopt, power, "amy", noon}});
  money.as_system().when(ai_layer::Reserve{"clinic.e1", 100}).after(longest).when(core::Fire{"expiry"}).then_nothing();
  money.when(ai_layer::Commit{"clinic.e1", {}});
  CHECK(money.state().budget.spent == 40);
  testkit::Spec<external_ai::State, external_ai::Command, external_ai::Event> outside;
  outside.given({external_ai::Linked{"amy", noon}});
  outside.as_system().when(external_ai::Reserve{"clinic.e1", 40}).after(longest);
  outside.when(core::Fire{"expiry"}).then_nothing().when(external_ai::Commit{"clinic.e1", {}});
  CHECK(outside.state().budget.spent == 40);
}

TEST_CASE("ai_execution: a switch that is engaged now stops it, when it is asked, released and begun") {
  const core::Fact off{true, 1, "engaged", R"({"reason":"a drill"})"};
  auto asked = request();
  asked.agent = "writer";
  asked.action = core::AiAction::execute;
  auto weighty = asked;
  weighty.impact = core::Impact::high;
  for (const char* id : {"global", "tenant.clinic", "layer.helpers", "layer.system..helpers", "agent.writer"}) {
    INFO(id);
    Spec first;
    first.with("kill_switch", id, off).when(asked).then_refused_by("killswitch.active");
    Spec held;
    held.when(weighty).then_types<Requested, Held>();
    held.with("kill_switch", id, off);
    held.as_system().when(Resume{"a1"}).then_types<Released, Refused>();
    CHECK(held.state().code == "killswitch.active");
    Spec reserving;
    reserving.when(asked).with("kill_switch", id, off).ledgers_hold();
    CHECK(reserving.state().status == Status::killed);
    REQUIRE(reserving.asks().works.size() == 2);
    for (const auto& work : reserving.asks().works) CHECK(core::json_text(work.payload, "name") == "release");
  }
  // Those of others stop nothing here, nor one that was released.
  for (const char* id : {"tenant.acme", "layer.other", "agent.other", "external_only"})
    Spec().with("kill_switch", id, off).when(asked).then_types<Requested, Reserving>();
  auto armed = off;
  armed.status = "armed";
  Spec().with("kill_switch", "global", armed).when(asked).then_types<Requested, Reserving>();
  asked.requester.subscriber = false;
  Spec managed;
  managed.with("ai_layer", "helpers", layer("EXTERNAL_MANAGED")).with("kill_switch", "external_only", off);
  managed.when(asked).then_refused_by("killswitch.active");
  asked.provider = "claude";
  Spec().with("kill_switch", "provider.claude", off).when(asked).then_refused_by("killswitch.active");
}

TEST_CASE("ai_execution: each of the five rules, switched on alone, refuses what breaks it and names the rule") {
  struct Case {
    const char* rule;
    const char* code;
    bool Switches::*on;
    std::function<void(Spec&, Request&)> breaks;
  };
  const std::vector<Case> cases = {
      {"noAIWithoutLayer", "ai.no_layer", &Switches::no_ai_without_layer, [](Spec&, Request& r) { r.layer = ""; }},
      {"noAIWithoutLayer", "ai.invalid_layer", &Switches::no_ai_without_layer,
       [](Spec& s, Request&) { s.with("ai_layer", "helpers", {}); }},
      {"noAIWithoutLimits", "ai.no_limits", &Switches::no_ai_without_limits,
       [](Spec& s, Request&) { s.with("subscriber_limit", "free", {}); }},
      {"noUndefinedPower", "ai.undefined_power", &Switches::no_undefined_power,
       [](Spec& s, Request&) {
         s.with("ai_layer", "helpers", active(R"({"type":"HYBRID","profile":{"allowed_for_subscribers":true}})"));
       }},
      {"noExternalWithoutApproval", "ai.external_unapproved", &Switches::no_external_without_approval,
       [](Spec& s, Request& r) {
         r.requester.subscriber = false;
         r.provider = "claude";
         s.with("external_ai", "claude", {true, 1, "proposed", R"({"link":{"layers":["helpers"]}})"});
       }},
      {"noSubscriberAccessWithoutDecision", "ai.layer_not_for_subscribers",
       &Switches::no_subscriber_access_without_decision,
       [](Spec& s, Request&) { s.with("ai_layer", "helpers", layer("HYBRID", false)); }},
      {"noSubscriberAccessWithoutDecision", "ai.subscriber_undecided", &Switches::no_subscriber_access_without_decision,
       [](Spec& s, Request& r) {
         r.agent = "writer";
         s.with("ai_agent", "writer", active(R"({"settings":{"layer":"helpers","available_to_subscribers":false}})"));
       }},
  };
  for (const auto& one : cases) {
    INFO(one.code);
    Switches alone{false, false, false, false, false, core::Enforcement::strict};
    alone.*one.on = true;
    for (const bool on : {true, false}) {
      Spec spec;
      auto asked = request();
      one.breaks(spec, asked);
      asked.switches = alone;
      asked.switches.*one.on = on;
      spec.when(asked);
      if (on)
        spec.then_refused_by(one.code, one.rule);
      else
        CHECK_FALSE(spec.refused());
    }
    // `warning` allows and records, `permissive` only logs.
    for (const auto level : {core::Enforcement::warning, core::Enforcement::permissive}) {
      Spec spec;
      auto asked = request();
      one.breaks(spec, asked);
      asked.switches.enforcement = level;
      spec.when(asked);
      CHECK_FALSE(spec.refused());
      REQUIRE_FALSE(spec.state().violations.empty());
      CHECK(spec.state().violations[0].code == one.code);
      CHECK(spec.state().violations[0].severity ==
            (level == core::Enforcement::warning ? Severity::warning : Severity::log));
    }
  }
}

TEST_CASE("ai_execution: judged in the order of the documents, the first that blocks is the answer") {
  // Everything is wrong at once; each row mends one more thing.
  Spec spec;
  auto asked = by_agent();
  asked.killed_by = "global";
  asked.layer = "";
  asked.provider = "claude";
  asked.requester.subscriber = true;
  asked.tokens = 3000;
  asked.ambiguous = true;
  asked.task_type = "deploy";
  asked.needs = {"execute_shell"};
  const auto ask = [&](const char* code) {
    INFO(code);
    Spec now;
    now.context().facts = spec.context().facts;
    now.when(asked);
    REQUIRE(now.refused());
    CHECK(now.refused()->code == code);
    CHECK(now.state().held_by.empty());
  };
  spec.with("ai_layer", "gone", {})
      .with("subscriber_limit", "free", {})
      .with("ai_agent", "writer", {true, 1, "inactive", "{}"});
  ask("killswitch.active");
  asked.killed_by = "";
  ask("ai.no_layer");
  asked.layer = "gone";
  ask("ai.invalid_layer");
  asked.layer = "helpers";
  spec.with("ai_layer", "helpers", {true, 1, "suspended", R"({"type":"EXTERNAL_MANAGED"})"});
  ask("ai.layer_inactive");
  spec.with("ai_layer", "helpers", {true, 1, "emergency_stopped", R"({"type":"EXTERNAL_MANAGED"})"});
  ask("ai.layer_stopped");
  spec.with("ai_layer", "helpers", {true, 1, "active", R"({"type":"EXTERNAL_MANAGED"})"});
  ask("ai.agent_inactive");
  spec.with("ai_agent", "writer", active(R"({"settings":{"layer":"elsewhere","available_to_subscribers":false}})"));
  ask("ai.layer_not_for_subscribers");
  spec.with("ai_layer", "helpers", active(R"({"type":"EXTERNAL_MANAGED","profile":{"allowed_for_subscribers":true}})"));
  spec.with("external_ai", "claude", {true, 1, "proposed", "{}"});
  ask("ai.subscriber_undecided");
  spec.with("external_ai", "claude", {true, 1, "proposed", R"({"link":{"allowed_for_subscribers":true}})"});
  ask("ai.no_limits");
  spec.with("subscriber_limit", "free", active(free_limits));
  ask("ai.undefined_power");
  spec.with("ai_layer", "helpers", layer("EXTERNAL_MANAGED"));
  ask("ai.above_limit");
  asked.tokens = 100;
  ask("ai.above_limit");  // no external access
  asked.requester.subscriber = false;
  ask("ai.external_unapproved");
  spec.with("external_ai", "claude", active(R"({"link":{"layers":["helpers"]}})"));
  ask("ai.prohibited");
  spec.with("ai_agent", "writer", active(R"({"settings":{"layer":"helpers"}})"));
  ask("ai.prohibited");
  asked.needs = {};
  ask("ai.prohibited");
  asked.ambiguous = false;
  Spec now;
  now.context().facts = spec.context().facts;
  now.when(asked);
  CHECK_FALSE(now.refused());
  CHECK(now.state().status == Status::held);
}

TEST_CASE("ai_execution: each of the six prohibitions refuses what breaks it") {
  struct Case {
    const char* which;
    std::function<void(Spec&, Request&)> breaks;
  };
  const std::vector<Case> cases = {
      {"ai-exceeds-its-layer",
       [](Spec& s, Request&) { s.with("ai_agent", "writer", active(R"({"settings":{"layer":"elsewhere"}})")); }},
      {"ai-changes-no-rights",
       [](Spec&, Request& r) { r.action = core::AiAction::execute, r.task_type = "permission_grant"; }},
      {"ai-makes-no-layers",
       [](Spec&, Request& r) { r.action = core::AiAction::decide, r.task_type = "layer_delete"; }},
      {"ai-reads-what-it-was-given", [](Spec&, Request& r) { r.needs = {"execute_shell"}; }},
      {"ai-decides-nothing-alone",
       [](Spec&, Request& r) { r.action = core::AiAction::decide, r.takes_final_decision = true; }},
      {"ai-stops-when-in-doubt", [](Spec&, Request& r) { r.ambiguous = true; }},
  };
  Spec fine;
  fine.when(by_agent());
  CHECK_FALSE(fine.refused());
  for (const auto& one : cases) {
    INFO(one.which);
    Spec spec;
    auto asked = by_agent();
    one.breaks(spec, asked);
    asked.impact = core::Impact::critical;  // forbidden and weighty: refused, not held
    spec.as("clinic/writer/k1", "ai").when(asked).then_refused_by("ai.prohibited", one.which);
    const auto told = [&](const char* name) {
      for (const auto& [at, value] : spec.refused()->details)
        if (at == name) return value;
      return std::string();
    };
    CHECK(told("rule") == one.which);
    CHECK_FALSE(told("rule_en").empty());
    CHECK(told("rule_ar").find("\xD8") != std::string::npos);  // Arabic letters
    CHECK(told("missing") == (asked.needs.empty() ? "" : "execute_shell"));
  }
}

TEST_CASE("ai_execution: an agent uses no more tokens than it was given") {
  const auto agent = [](int most) {
    return active(R"({"settings":{"layer":"helpers","available_to_subscribers":true,)"
                  R"("requires_sovereign_approval":false,"max_tokens":)" +
                  std::to_string(most) + "}}");
  };
  auto asked = by_agent();
  asked.tokens = 200;
  Spec().with("ai_agent", "writer", agent(199)).when(asked).then_refused_by("ai_agent.above_power");
  Spec().with("ai_agent", "writer", agent(200)).when(asked).then_types<Requested, Reserving>();
  asked.requester.agent = "";
  asked.agent = "writer";
  Spec().with("ai_agent", "writer", agent(199)).when(asked).then_refused_by("ai_agent.above_power");
}

TEST_CASE("ai_execution: what is weighty waits for a person, runs once when they say yes, and never by itself") {
  for (const auto task : core::weighty_tasks) {
    auto asked = request();
    asked.task_type = std::string(task);
    Spec spec;
    spec.when(asked).then_types<Requested, Held>();
    CHECK(spec.state().held_by == std::vector<std::string>{"task." + std::string(task)});
  }
  auto asked = request();
  asked.impact = core::Impact::high;
  Spec spec;
  spec.when(asked).then_types<Requested, Held>();
  CHECK(spec.asks().timers.at(0).at == noon + std::chrono::minutes(30));
  spec.as_system().when(Resume{"a1"}).then_types<Released, Reserving>();
  spec.when(Resume{"a1"}).then_nothing();
  spec.ledgers_hold();
  CHECK(spec.state().status == Status::failed);
  spec.when(Resume{"a1"}).then_nothing();

  Spec late;
  late.when(asked).as_system().after(std::chrono::minutes(30)).when(Resume{"a1"}).then_refused("entity.gone");
  CHECK(late.refused()->status == 410);
  late.when(core::Fire{"end"}).then_types<Expired>();
  late.when(Resume{"a1"}).then_nothing();

  Spec no;
  no.when(asked).as_system().when(Reject{"not now"}).then_types<Refused>().when(Resume{"a1"}).then_nothing();
  Spec moved;
  moved.when(asked).as_system().with("ai_layer", "helpers", layer("HYBRID", true, "suspended"));
  moved.when(Resume{"a1"}).then_types<Released, Refused>();
  auto agents = by_agent();
  agents.action = core::AiAction::execute;
  Spec sovereign;
  sovereign.with("ai_agent", "writer",
                 active(R"({"settings":{"layer":"helpers","requires_sovereign_approval":true}})"));
  sovereign.when(agents).then_types<Requested, Held>();
}

TEST_CASE("ai_execution: people are asked by an approval, which is taken back when it is over before they decide") {
  auto asked = request();
  asked.impact = core::Impact::critical;
  const auto held = [&] {
    Spec spec;
    spec.when(asked).then_types<Requested, Held>();
    return spec;
  };
  auto spec = held();
  CHECK(spec.state().approval_id == "ai_execution.e1.1");
  spec.then_work("approval", "ask", [&](const core::DoAsk& ask) {
    const auto proposal = core::from_json<core::Proposal>(ask.payload);
    REQUIRE(proposal);
    CHECK(proposal->approval == spec.state().approval_id);
    CHECK(proposal->gate == "ai-execution");
    CHECK(proposal->by == core::Principal{"bob", "user"});
    CHECK(proposal->person == "bob");
    CHECK(proposal->command == "resume");
    CHECK(proposal->refusal == "reject");
    CHECK(proposal->until == noon + held_time);
    REQUIRE(proposal->reasons.size() == 1);
    CHECK(proposal->reasons[0].id == "impact.critical");
    REQUIRE(proposal->remedies.size() == 1);
    CHECK(proposal->remedies[0].body.text == R"({"approval_id":"ai_execution.e1.1"})");
  });
  // Who holds the key of an agent is who asked.
  Spec agent;
  auto agents = by_agent();
  agents.asks_approval = true;
  agent.as("clinic/writer/k1", "ai").when(agents).then_types<Requested, Held>();
  agent.then_work("approval", "ask", [&](const core::DoAsk& ask) {
    CHECK(core::json_text(ask.payload, "person") == "bob");
    CHECK(core::json_text(ask.payload, "by.type") == "ai");
  });

  const auto withdrawn = [](const core::Asks& asks) {
    std::string all;
    for (const auto& work : asks.works)
      if (core::json_text(work.payload, "name") == "withdraw") all += core::json_text(work.payload, "id").value_or("?");
    return all;
  };
  auto killed = held();
  killed.as_system().when(Kill{"global"}).then_types<Killed>();
  CHECK(withdrawn(killed.asks()) == "ai_execution.e1.1");
  killed.when(Resume{"ai_execution.e1.1"}).then_nothing();
  auto late = held();
  late.as_system().after(held_time).when(core::Fire{"end"}).then_types<Expired>();
  CHECK(withdrawn(late.asks()) == "ai_execution.e1.1");
  // Where nobody can be asked nobody will say yes.
  auto mute = held();
  core::Settle lost;
  lost.work_id = "ask";
  lost.outcome = core::Outcome::failed;
  lost.code = "approval.no_gate";
  mute.as_system().when(lost).then_types<Refused>();
  CHECK(mute.state().code == "ai.check_failed");
  lost.outcome = core::Outcome::done;
  held().as_system().when(lost).then_nothing();
}

TEST_CASE("ai_execution: the limits of the tier hold, and a breach is told") {
  const auto above = [](const char* limit, const std::function<void(Spec&, Request&)>& breaks) {
    INFO(limit);
    Spec spec;
    auto asked = request();
    breaks(spec, asked);
    spec.when(asked).then_refused_by("ai.above_limit");
    CHECK(core::json_text(spec.asks().works.at(0).payload, "body.limit") == limit);
  };
  above("max_tokens_per_request", [](Spec&, Request& r) { r.tokens = 2049; });
  above("blocked_task_types", [](Spec&, Request& r) { r.task_type = "gossip"; });
  above("max_power_level", [](Spec& s, Request&) {
    s.with(
        "ai_layer", "helpers",
        active(
            R"({"type":"HYBRID","profile":{"allowed_for_subscribers":true},"power":{"level":3,"max_tokens_per_request":4096}})"));
  });
  above("can_access_external_ai", [](Spec& s, Request& r) {
    r.provider = "claude";
    s.with("external_ai", "claude", active(R"({"link":{"layers":["helpers"],"allowed_for_subscribers":true}})"));
  });
  // Blocked wins over allowed.
  above("blocked_task_types", [](Spec& s, Request& r) {
    r.task_type = "gossip";
    std::string limits = free_limits;
    limits.replace(limits.find(R"("allowed_task_types":[])"), 23, R"("allowed_task_types":["gossip"])");
    s.with("subscriber_limit", "free", active(limits));
  });
  Spec suspended;
  suspended.with("ai_access", "bob", {true, 1, "suspended", "{}"})
      .when(request())
      .then_refused_by("ai_access.suspended");
  Spec refused_by_ledger;
  refused_by_ledger.when(request())
      .as_system()
      .when(Spec::settled("ai_access/bob", "quota.exceeded"))
      .then_types<Refused>();
  CHECK(refused_by_ledger.state().code == "quota.exceeded");
  Spec unpaid;
  unpaid.when(request()).as_system().when(Spec::settled("ai_access/bob"));
  unpaid.when(Spec::settled("ai_layer/helpers", "ai_layer.budget_spent")).then_types<Refused>();
  REQUIRE(unpaid.asks().works.size() == 1);
  CHECK(core::json_text(unpaid.asks().works[0].payload, "name") == "release");
}

TEST_CASE("ai_execution: what needs a permission code is refused without it, naming the code") {
  auto asked = request();
  asked.needs = {"execute_shell"};
  Spec spec;
  spec.when(asked).then_refused_by("permission.missing", "execute_shell");
  CHECK(spec.refused()->status == 403);
  asked.needs = {"read_files"};
  Spec().when(asked).then_types<Requested, Reserving>();
  Spec emptied;
  emptied.with("permission_set", "user-bob", active(R"({"replaced":true,"grants":{}})"))
      .when(asked)
      .then_refused_by("permission.missing", "read_files");
  asked.needs = {"execute_shell"};
  Spec()
      .with("permission_set", "user-bob", active(R"({"grants":{"execute_shell":{"standing":"granted"}}})"))
      .when(asked)
      .then_types<Requested, Reserving>();
  Spec over;
  over.with("permission_set", "user-bob",
            active(R"({"grants":{"execute_shell":{"standing":"granted","expires_at":"2026-01-31T09:00:00Z"}}})"))
      .when(asked)
      .then_refused_by("permission.missing", "execute_shell");
}

TEST_CASE("ai_execution: a check that cannot be made refuses") {
  Spec().with("ai_layer", "helpers", active("{}")).when(request()).then_refused_by("ai.check_failed");
  Spec().with("subscriber_limit", "free", active("not json")).when(request()).then_refused_by("ai.check_failed");
  Spec mute;
  mute.when(request()).as_system().after(run_time).when(core::Fire{"end"}).then_types<Refused>();
  CHECK(mute.state().code == "ai.check_failed");
  // The ledger's yes comes too late: what it holds is given back.
  mute.when(Spec::settled("ai_access/bob")).then_types<Reserving>();
  CHECK(core::json_text(mute.asks().works.at(0).payload, "name") == "release");
  mute.when(Spec::settled("ai_access/bob")).then_nothing();
}

TEST_CASE("ai_execution: what every kind promises") {
  const Violation violation{"ai.no_layer", "noAIWithoutLayer", Severity::warning, "none was named"};
  testkit::check_kind(ai_execution::kind(),
                      {.history = testkit::history_of<Event>(
                           {Requested{request(), true, "bob", noon}, Warned{violation, noon},
                            Held{{"asked"}, noon, noon, "ai_execution.e1.1"}, Released{"a1", "carl", noon},
                            Reserving{"ai_access/bob", noon}, Allowed{noon}, Started{noon}, Finished{"", noon},
                            Failed{"ai.no_provider", "none", noon}, Killed{"global", noon}, Expired{noon},
                            Refused{violation, "", noon}})});
}
