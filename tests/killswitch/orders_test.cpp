// What an emergency's switches forbid (S09): orders, whoever gives them, and never what lifts them.
#include "governance/killswitch/rules.hpp"
#include "tests/testkit/catch.hpp"

using namespace nova;
using namespace nova::killswitch;
using kill_switch::Scope;
using Answer = core::DecisionRecord::Answer;

namespace {

class HandClock final : public core::Clock {
 public:
  core::Timestamp now() const override { return {0}; }
  std::chrono::nanoseconds monotonic() const override { return std::chrono::hours(1); }
};

class Yes final : public gate::Rules {
 public:
  core::DecisionRecord decide(const gate::Request&) const override { return gate::decision_of(Answer::allow, "yes"); }
};

struct Asked {
  core::Principal who{"amy", "user"};
  core::Caller caller{"free", "staff", false};
};
const Asked amy{}, owner{{"olivia", "user"}, {"free", "", true}}, runtime{core::system_principal(), {}},
    machine{{"operator", "service"}, {}};

struct Home {
  HandClock clock;
  Truth truth{clock};
  std::uint64_t version = 0;
  explicit Home(bool known = true) {
    if (!known) return;
    truth.loaded();
    truth.alone();
  }
  Home& engage(Scope scope, const char* target = "", bool engaged = true) {
    Line line;
    line.scope = scope;
    line.target = target;
    line.id = kill_switch::id_of(scope, target);
    line.engaged = engaged;
    truth.put(line, ++version);
    return *this;
  }
  bool may(const Asked& asked, std::string_view kind_name, std::string_view command) const {
    const auto rules = make_rules(truth, std::make_shared<Yes>());
    const auto* kind = core::find_kind(kind_name);
    const auto& row = kind->commands.at(std::size_t(kind->command_row(command)));
    const core::EntityKey key{"acme", std::string(kind_name), "x"};
    const gate::Request request{asked.who, *kind, row, key, "active", {}, {1}, asked.caller};
    const auto decision = rules->decide(request);
    if (decision.answer == Answer::allow) return true;
    const std::string code = truth.is_known() ? "killswitch.active" : "killswitch.unknown";
    CHECK(decision.rules == std::vector<std::string>{code});
    core::Error error;
    rules->explain(decision, error);
    CHECK(error.code == code);
    CHECK(error.status == 503);
    CHECK(error.retryable == !truth.is_known());
    return false;
  }
};

}  // namespace

TEST_CASE("orders: while platforms are halted nobody starts anything, and everything may be stopped") {
  Home home;
  home.engage(Scope::platforms);
  for (const auto& asked : {amy, owner, runtime, machine}) {
    for (const char* command : {"deploy", "start", "restart", "scale", "rollback"})
      CHECK_FALSE(home.may(asked, "deployment", command));
    for (const char* command : {"stop", "cancel", "delete"}) CHECK(home.may(asked, "deployment", command));
    CHECK(home.may(asked, "tenant", "update_settings"));
  }
  // What happened is a fact.
  for (const char* command : {"settle", "fire", "report"}) CHECK(home.may(runtime, "deployment", command));
  home.engage(Scope::platforms, "", false);
  CHECK(home.may(amy, "deployment", "deploy"));
}

TEST_CASE("orders: a lockdown leaves the owner, the runtime and what lifts it") {
  Home home;
  home.engage(Scope::commands);
  for (const auto& asked : {amy, machine}) {
    CHECK_FALSE(home.may(asked, "tenant", "update_settings"));
    CHECK_FALSE(home.may(asked, "deployment", "stop"));
    CHECK(home.may(asked, "emergency", "lift"));
    CHECK(home.may(asked, "kill_switch", "deactivate"));
  }
  CHECK(home.may(owner, "tenant", "update_settings"));
  CHECK(home.may(owner, "constitution", "amend"));
  CHECK(home.may(runtime, "deployment", "stop"));
}

TEST_CASE("orders: one plan, one user, one kind of entity, and changes of tiers") {
  Home plan;
  plan.engage(Scope::plan, "free");
  CHECK_FALSE(plan.may(amy, "deployment", "deploy"));
  CHECK(plan.may({{"bob", "user"}, {"pro", "staff", false}}, "deployment", "deploy"));
  CHECK(plan.may(owner, "deployment", "deploy"));

  Home user;
  user.engage(Scope::user, "amy").engage(Scope::user, "olivia");
  CHECK_FALSE(user.may(amy, "deployment", "deploy"));
  CHECK(user.may(owner, "deployment", "deploy"));

  Home feature;
  feature.engage(Scope::feature, "webhook_endpoint");
  CHECK_FALSE(feature.may(owner, "webhook_endpoint", "create"));
  CHECK(feature.may(amy, "deployment", "deploy"));

  Home tiers;
  tiers.engage(Scope::subscriptions);
  CHECK_FALSE(tiers.may(owner, "tenant", "change_tier"));
  CHECK_FALSE(tiers.may(amy, "user", "change_role"));
  CHECK(tiers.may(amy, "tenant", "update_settings"));
}

TEST_CASE("orders: while the switches are not known nothing begins, whoever orders it, and everything may be ended") {
  const Home home(false);
  for (const auto& asked : {amy, owner, runtime, machine}) {
    for (const char* command : {"deploy", "start", "restart", "scale", "rollback"})
      CHECK_FALSE(home.may(asked, "deployment", command));
    for (const char* command : {"stop", "cancel", "delete"}) CHECK(home.may(asked, "deployment", command));
  }
  using Order = std::pair<const char*, const char*>;
  for (const auto& asked : {amy, owner, machine}) {
    for (const auto& [kind, command] : {Order{"blueprint", "apply"},
                                        {"webhook_endpoint", "test"},
                                        {"webhook_endpoint", "create"},
                                        {"webhook_delivery", "redeliver"},
                                        {"provider", "verify"},
                                        {"ai_execution", "request"},
                                        {"external_ai", "approve"},
                                        {"external_ai", "resume"},
                                        {"ai_layer", "resume"},
                                        {"ai_agent", "activate"},
                                        {"decision", "execute_step"},
                                        {"escalation", "answer"},
                                        {"membership", "invite"}})
      CHECK_FALSE(home.may(asked, kind, command));
    // What only writes down, what takes back, and what engages or lifts.
    for (const auto& [kind, command] : {Order{"tenant", "update_settings"},
                                        {"webhook_endpoint", "pause"},
                                        {"external_ai", "pause"},
                                        {"ai_layer", "suspend"},
                                        {"decision", "kill"},
                                        {"approval", "reject"},
                                        {"session", "start"},
                                        {"kill_switch", "activate"},
                                        {"kill_switch", "deactivate"},
                                        {"emergency", "activate"},
                                        {"emergency", "lift"}})
      CHECK(home.may(asked, kind, command));
  }
  for (const char* command : {"settle", "fire", "report"}) CHECK(home.may(runtime, "deployment", command));
}

TEST_CASE("orders: switches that were heard of too long ago are not known") {
  Home home(false);
  home.truth.loaded();
  home.truth.fresh_at(std::chrono::hours(1) - bound / 2);
  CHECK(home.may(owner, "deployment", "deploy"));
  Home late(false);
  late.truth.loaded();
  late.truth.fresh_at(std::chrono::hours(1) - 2 * bound);
  CHECK_FALSE(late.may(owner, "deployment", "deploy"));
}

TEST_CASE("orders: an emergency's switches stop no effect") {
  Home home;
  home.engage(Scope::platforms).engage(Scope::commands).engage(Scope::subscriptions).engage(Scope::plan, "acme");
  core::Reach reach;
  reach.tenant = "acme";
  CHECK(home.truth.judge(reach).answer == core::Fence::Answer::go);
}
