#include "actors/decision/decision.hpp"
#include "core/describe/codec.hpp"
#include "core/governor/policy.hpp"
#include "core/json.hpp"
#include "tests/testkit/check_kind.hpp"
#include "tests/testkit/spec.hpp"

using namespace nova;
using namespace nova::decision;
using core::ApprovalLevel;
using core::DecisionType;
using core::RiskLevel;
using core::Urgency;

namespace {

const core::Timestamp noon = testkit::story_start;
const core::Caller owner{"free", "", true}, sovereign{"sovereign", "", false}, admin{"admin", "", false},
    tenant_admin{"free", "admin", false}, staff{"free", "staff", false};

Subject subject(DecisionType type = DecisionType::operational) {
  Subject made;
  made.type = type;
  made.title = "Move the shop";
  made.title_ar = "\xd9\x86\xd9\x82\xd9\x84";
  made.target_platform = "clinic/shop";
  return made;
}
std::vector<StepPlan> plans(std::size_t count = 2) {
  std::vector<StepPlan> made;
  for (std::size_t i = 1; i <= count; ++i) {
    StepPlan plan;
    plan.title = "step " + std::to_string(i);
    plan.rollback_plan = "undo " + std::to_string(i);
    made.push_back(plan);
  }
  return made;
}

struct Spec : testkit::Spec<State, Command, Event> {
  using Base = testkit::Spec<State, Command, Event>;
  std::vector<core::EntityId> policies;

  Spec() { self({"clinic", "decision", "d1"}); }
  Spec& by(const char* id, core::Caller caller) {
    as(id);
    standing(std::move(caller));
    return *this;
  }
  Spec& policy(const char* id, core::PolicyType type, core::Constraint constraint, std::int64_t priority = 50,
               const char* status = "active") {
    core::PolicyTerms terms;
    terms.name = id;
    terms.type = type;
    terms.priority = priority;
    terms.constraints = {std::move(constraint)};
    fact({"system", "policy", id}, {true, 1, status, R"({"terms":)" + core::to_json(terms) + "}"});
    policies.emplace_back(id);
    return *this;
  }
  Spec& request(Subject what = subject()) {
    by("amy", staff).when(Request{std::move(what), {}, policies});
    return *this;
  }
  Spec& analyze(core::ActFacts facts = {}) {
    by("ann", staff).when(Analyze{"it can be done", facts, {}, policies});
    return *this;
  }
  Spec& propose(std::vector<StepPlan> steps = plans()) {
    by("ann", staff).when(Propose{std::move(steps), {}, policies});
    return *this;
  }
  Spec& pending(Subject what = subject()) { return request(std::move(what)).analyze().propose(); }
  Spec& approve(const char* id, core::Caller caller, const char* factor = "", std::int64_t others = 1) {
    by(id, std::move(caller)).when(Approve{"it is right", factor, others, policies});
    return *this;
  }
  Spec& begin(std::int64_t order, const char* id = "eve", core::Caller caller = staff, const char* factor = "") {
    by(id, std::move(caller)).when(ExecuteStep{order, factor, policies});
    return *this;
  }
  Spec& finish(std::int64_t order, StepOutcome outcome = StepOutcome::completed, const char* id = "eve") {
    by(id, staff).when(FinishStep{order, outcome, "so it was"});
    return *this;
  }
};

core::ActFacts dear(std::int64_t micros) {
  core::ActFacts facts;
  facts.amount_micros = micros;
  return facts;
}

}  // namespace

TEST_CASE("decision: risk and approval follow the documents' table") {
  for (const auto& [type, risk] : {std::pair{DecisionType::security, RiskLevel::critical},
                                   {DecisionType::emergency, RiskLevel::critical},
                                   {DecisionType::financial, RiskLevel::high},
                                   {DecisionType::strategic, RiskLevel::high},
                                   {DecisionType::governance, RiskLevel::sovereign},
                                   {DecisionType::policy, RiskLevel::sovereign},
                                   {DecisionType::resource, RiskLevel::medium},
                                   {DecisionType::operational, RiskLevel::medium}})
    CHECK(core::risk_of(type, Urgency::normal, {}) == risk);
  CHECK(core::risk_of(DecisionType::resource, Urgency::critical, {}) == RiskLevel::high);
  CHECK(core::risk_of(DecisionType::resource, Urgency::urgent, {}) == RiskLevel::medium);
  CHECK(core::approval_for(RiskLevel::sovereign) == ApprovalLevel::owner_only);
  CHECK(core::approval_for(RiskLevel::critical) == ApprovalLevel::sovereign);
  CHECK(core::approval_for(RiskLevel::high) == ApprovalLevel::elevated);
  CHECK(core::approval_for(RiskLevel::medium) == ApprovalLevel::standard);
  CHECK(core::approval_for(RiskLevel::low) == ApprovalLevel::standard);
}

TEST_CASE("decision: the facts of the act raise the risk and never lower it") {
  const auto risk = [](auto change, DecisionType type = DecisionType::operational) {
    core::ActFacts facts;
    change(facts);
    return core::risk_of(type, Urgency::normal, facts);
  };
  CHECK(risk([](auto& f) { f.amount_micros = core::amount_high - 1; }) == RiskLevel::medium);
  CHECK(risk([](auto& f) { f.amount_micros = core::amount_high; }) == RiskLevel::high);
  CHECK(risk([](auto& f) { f.amount_micros = core::amount_critical; }) == RiskLevel::critical);
  CHECK(risk([](auto& f) { f.amount_micros = core::amount_sovereign; }) == RiskLevel::sovereign);
  CHECK(risk([](auto& f) { f.scope = core::ActScope::tenant; }) == RiskLevel::high);
  CHECK(risk([](auto& f) { f.scope = core::ActScope::installation; }) == RiskLevel::critical);
  CHECK(risk([](auto& f) { f.users_affected = core::users_high; }) == RiskLevel::high);
  CHECK(risk([](auto& f) { f.users_affected = core::users_critical; }) == RiskLevel::critical);
  CHECK(risk([](auto& f) { f.data_class = core::DataClass::personal; }) == RiskLevel::high);
  CHECK(risk([](auto& f) { f.data_class = core::DataClass::sensitive; }) == RiskLevel::critical);
  CHECK(risk([](auto& f) { f.reversible = false; }) == RiskLevel::high);
  CHECK(risk([](auto&) {}, DecisionType::governance) == RiskLevel::sovereign);
  // What the analysis finds counts only where it is worse.
  Spec spec;
  auto costly = subject();
  costly.facts = dear(core::amount_critical);
  spec.request(costly).analyze(dear(0)).then_types<Analyzed>();
  CHECK(spec.state().risk_level == RiskLevel::critical);
  spec.analyze(dear(core::amount_sovereign));
  CHECK(spec.state().required_approval == ApprovalLevel::owner_only);
}

TEST_CASE("decision: a governance decision is the owner's alone") {
  Spec spec;
  spec.pending(subject(DecisionType::governance));
  spec.approve("sam", sovereign, "2fa").then_refused("decision.approval_level");
  CHECK(spec.refused()->status == 403);
  spec.approve("olivia", owner).then_refused("auth.mfa_required");
  spec.approve("olivia", owner, "2fa").then_types<Approved>();
  CHECK(spec.state().status == Status::approved);
  CHECK_FALSE(spec.state().owner_confirmed);
}

TEST_CASE("decision: each level takes its own people and those above") {
  struct Case {
    DecisionType type;
    core::Caller caller;
    bool may;
  };
  for (const auto& [type, caller, may] : {Case{DecisionType::security, sovereign, true},
                                          {DecisionType::security, admin, false},
                                          {DecisionType::financial, admin, true},
                                          {DecisionType::financial, tenant_admin, false},
                                          {DecisionType::operational, tenant_admin, true},
                                          {DecisionType::operational, staff, false},
                                          {DecisionType::operational, owner, true}}) {
    Spec spec;
    spec.pending(subject(type)).approve("dan", caller, "2fa");
    CHECK((spec.state().status == Status::approved) == may);
  }
  Spec machine;
  machine.pending();
  machine.as("operator", "service").when(Approve{}).then_refused("access.denied");
  machine.as("key", "ai").when(Approve{}).then_refused("access.denied");
}

TEST_CASE("decision: who asked or analysed does not decide, and who decided does not carry out") {
  Spec spec;
  spec.pending();
  spec.approve("amy", admin).then_refused("decision.duties_apart");
  spec.approve("ann", admin).then_refused("decision.duties_apart");
  spec.approve("dan", admin).then_types<Approved>();
  spec.begin(1, "dan", admin).then_refused("decision.duties_apart");
  spec.begin(1).then_types<StepStarted>();
}

TEST_CASE("decision: who is behind a key or an assistant had a part too") {
  Spec spec;
  spec.request();
  spec.as("clinic/key-1", "ai").when(Analyze{"it can be done", {}, "dan", {}}).then_types<Analyzed>();
  spec.propose();
  spec.approve("dan", admin).then_refused("decision.duties_apart");
  spec.approve("olga", admin).then_types<Approved>();
  spec.as("clinic/key-1", "ai").when(ExecuteStep{1, "", {}}).then_refused("access.denied");
}

TEST_CASE("decision: the owner alone decides what they analysed, after a while and proved anew") {
  Spec spec;
  spec.by("olivia", owner).when(Request{subject(), {}, {}});
  spec.when(Analyze{"fine", {}, {}, {}}).when(Propose{plans(1), {}, {}}).then_types<Proposed>();
  spec.approve("olivia", owner, "2fa", 1).then_refused("decision.duties_apart");
  spec.approve("olivia", owner, "", 0).then_refused("auth.mfa_required");
  spec.after(std::chrono::milliseconds(owner_wait.count() - 1));
  spec.approve("olivia", owner, "2fa", 0).then_refused("decision.too_early");
  spec.after(std::chrono::milliseconds(1));
  spec.approve("olivia", owner, "2fa", 0).then_types<Approved>();
  CHECK(spec.state().owner_confirmed);
  spec.begin(1, "olivia", owner).then_refused("auth.mfa_required");
  spec.begin(1, "olivia", owner, "2fa").then_types<StepStarted>();
  spec.finish(1, StepOutcome::completed, "olivia").then_types<StepFinished, Completed>();
}

TEST_CASE("decision: a deny policy on the target refuses with its message, and that is on record") {
  Spec spec;
  spec.policy("p1", core::PolicyType::deny,
              {"target_platform", core::Condition::equals, "clinic/shop", "the shop is not touched"});
  spec.request().then_recorded<Requested, Objected, Rejected>("decision.policy_violated");
  CHECK(spec.refused()->message == "the shop is not touched");
  CHECK(spec.state().status == Status::rejected);
  Spec other;
  other.policy("p1", core::PolicyType::deny,
               {"target_platform", core::Condition::equals, "clinic/other", "the other is not touched"});
  other.request().then_types<Requested>();
}

TEST_CASE("decision: any violation stands in the way of a yes, and feasibility says so") {
  Spec spec;
  spec.policy("p1", core::PolicyType::limit, {"amount_micros", core::Condition::at_most, "10", "too dear"});
  auto costly = subject();
  costly.facts = dear(11);
  spec.request(costly).then_types<Requested>();
  spec.analyze().then_types<Analyzed>();
  CHECK(spec.state().feasibility == 40);
  spec.propose();
  spec.approve("dan", admin).then_refused("decision.policy_violated");
  CHECK(spec.refused()->message == "too dear");
  Spec cheap;
  cheap.policy("p1", core::PolicyType::limit, {"amount_micros", core::Condition::at_most, "11", "too dear"});
  cheap.pending(costly);
  CHECK(cheap.state().feasibility == 85);
  cheap.approve("dan", admin).then_types<Approved>();
}

TEST_CASE("decision: a policy that came into force later binds the execution too; one that cannot be read stops it") {
  Spec spec;
  spec.pending().approve("dan", admin);
  spec.policy("p1", core::PolicyType::constraint,
              {"target_resource", core::Condition::present, "", "name what is touched"});
  spec.begin(1).then_refused("decision.policy_violated");
  spec.fact({"system", "policy", "p1"}, {true, 2, "disabled", "{}"});
  spec.begin(1).then_types<StepStarted>();
  Spec torn;
  torn.policy("p1", core::PolicyType::constraint, {"type", core::Condition::present, "", "x"});
  torn.fact({"system", "policy", "p1"}, {true, 2, "active", "{"});
  torn.request().then_refused("decision.policy_unreadable");
  torn.fact({"system", "policy", "p1"}, {});
  torn.request().then_refused("decision.policy_unreadable");
}

TEST_CASE("decision: steps without a rollback plan can be required to have one") {
  Spec spec;
  spec.policy("p1", core::PolicyType::require,
              {"steps_without_rollback", core::Condition::at_most, "0", "say how it is taken back"});
  auto steps = plans();
  steps[1].rollback_plan = "";
  spec.request().analyze();
  CHECK(spec.state().feasibility == 85);
  spec.propose(steps);
  CHECK(spec.state().feasibility == 40);
  spec.approve("dan", admin).then_refused("decision.policy_violated");
}

TEST_CASE("decision: policies of higher priority are named first") {
  Spec spec;
  spec.policy("low", core::PolicyType::constraint, {"target_resource", core::Condition::present, "", "low"}, 1);
  spec.policy("high", core::PolicyType::constraint, {"target_resource", core::Condition::present, "", "high"}, 100);
  spec.pending().approve("dan", admin).then_refused("decision.policy_violated");
  CHECK(spec.refused()->message == "high");
}

TEST_CASE("decision: while a kill switch covers it nothing is decided and nothing carried out") {
  for (const char* id : {"global", "tenant.clinic", "platform.clinic..shop"}) {
    Spec spec;
    spec.pending();
    spec.fact({"system", "kill_switch", id}, {true, 1, "engaged", "{}"});
    spec.approve("dan", admin).then_refused("killswitch.active");
    CHECK(spec.refused()->status == 503);
    spec.fact({"system", "kill_switch", id}, {true, 2, "armed", "{}"});
    spec.approve("dan", admin).then_types<Approved>();
    spec.fact({"system", "kill_switch", id}, {true, 3, "engaged", "{}"});
    spec.begin(1).then_refused("killswitch.active");
    // Stopping is always possible.
    spec.by("dan", admin).when(Kill{"enough"}).then_types<Killed>();
  }
}

TEST_CASE("decision: steps go in order, and the last one completes it") {
  Spec spec;
  spec.pending().approve("dan", admin);
  spec.begin(2).then_refused("decision.step_out_of_order");
  spec.begin(3).then_refused("decision.step_not_found");
  spec.begin(1).finish(1).then_types<StepFinished>();
  spec.finish(1, StepOutcome::completed, "bob").then_refused("entity.wrong_state");
  spec.begin(2).then_types<StepStarted>();
  spec.finish(2, StepOutcome::completed, "bob").then_refused("access.denied");
  spec.finish(2).then_types<StepFinished, Completed>();
  CHECK(spec.state().status == Status::completed);
  spec.by("dan", admin).when(Kill{"late"}).then_refused("entity.wrong_state");
}

TEST_CASE("decision: a failed step offers its rollback plan and may be begun again") {
  Spec spec;
  spec.pending().approve("dan", admin);
  spec.begin(1).finish(1, StepOutcome::failed).then_types<StepFinished>();
  CHECK(spec.state().rollback_offered == "undo 1");
  CHECK(summarise(spec.state()).reason == "a step failed; its rollback plan is offered");
  spec.begin(2).then_refused("decision.step_out_of_order");
  spec.begin(1).then_types<StepStarted>();
  CHECK(spec.state().rollback_offered.empty());
}

TEST_CASE("decision: killing one that is being carried out leaves later steps skipped") {
  Spec spec;
  spec.request().analyze().propose(plans(3)).approve("dan", admin);
  spec.begin(1).finish(1).begin(2);
  spec.by("zoe", staff).when(Kill{"no"}).then_refused("decision.approval_level");
  spec.by("amy", staff).when(Kill{"I was wrong"}).then_types<Killed>();
  CHECK(spec.state().steps[0].status == StepStatus::completed);
  CHECK(spec.state().steps[1].status == StepStatus::skipped);
  CHECK(spec.state().steps[2].status == StepStatus::skipped);
  spec.begin(3).then_refused("entity.wrong_state");
  spec.when(FinishStep{2, StepOutcome::completed, ""}).then_refused("entity.wrong_state");
}

TEST_CASE("decision: a step may ask for an agreement of its own") {
  auto steps = plans(1);
  steps[0].requires_approval = true;
  steps[0].approval_level = ApprovalLevel::sovereign;
  Spec spec;
  spec.request().analyze().propose(steps).approve("dan", admin);
  spec.begin(1).then_refused("decision.step_unapproved");
  spec.by("dan", admin).when(ApproveStep{1, "2fa"}).then_refused("decision.approval_level");
  spec.by("sam", sovereign).when(ApproveStep{1, ""}).then_refused("auth.mfa_required");
  spec.when(ApproveStep{1, "2fa"}).then_types<StepApproved>();
  spec.begin(1, "sam", sovereign).then_refused("decision.duties_apart");
  spec.begin(1).then_types<StepStarted>();
}

TEST_CASE("decision: phases come in their order") {
  Spec spec;
  spec.approve("dan", admin).then_refused("entity.wrong_state");
  spec.request();
  spec.propose().then_refused("decision.not_analyzed");
  spec.approve("dan", admin).then_refused("entity.wrong_state");
  spec.analyze();
  spec.propose({}).then_problem("steps");
  spec.propose().then_types<Proposed>();
  spec.analyze().then_refused("entity.wrong_state");
  spec.begin(1).then_refused("entity.wrong_state");
  spec.by("dan", admin).when(Reject{"no"}).then_types<Rejected>();
  spec.approve("olga", admin).then_refused("entity.wrong_state");
}

TEST_CASE("decision: its platform is of its own tenant") {
  auto elsewhere = subject();
  elsewhere.target_platform = "other/shop";
  Spec().request(elsewhere).then_problem("subject.target_platform");
  Spec installation;
  installation.self({"system", "decision", "d1"});
  installation.request(elsewhere).then_types<Requested>();
}

TEST_CASE("decision: what every kind promises") {
  Violation violation{"p1", "No shops", "no new shops", true};
  testkit::check_kind(
      kind(),
      {.history = testkit::history_of<Event>(
           {Requested{subject(), RiskLevel::medium, ApprovalLevel::standard, {"amy", "user"}, "", noon},
            Objected{{violation}, "request", noon},
            Analyzed{"it can be done",
                     dear(5),
                     RiskLevel::medium,
                     ApprovalLevel::standard,
                     85,
                     {},
                     {"k", "ai"},
                     "ann",
                     noon},
            Proposed{plans(), 85, {}, {"ann", "user"}, "", noon}, Approved{"dan", "right", "2fa", false, {"p1"}, noon},
            StepApproved{1, "sam", noon}, StepStarted{1, "eve", false, noon},
            StepFinished{1, StepOutcome::failed, "eve", "it broke", "undo 1", noon}, Completed{noon},
            Killed{"amy", "enough", noon}, Rejected{"dan", "no", noon}})});
}
