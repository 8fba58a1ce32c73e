#include "actors/external_ai/external_ai.hpp"
#include "core/json.hpp"
#include "tests/testkit/check_kind.hpp"
#include "tests/testkit/spec.hpp"

using namespace nova;
using namespace nova::external_ai;

namespace {

const core::Timestamp noon = testkit::story_start;
const core::EntityKey key_secret{"clinic", "secret", "claude"};

Create create() {
  Create made;
  made.provider = Provider::anthropic;
  made.endpoint = "https://api.example.com/v1";
  made.secret = "clinic/claude";
  made.layers = {"outside"};
  made.rate_limit = 2;
  made.monthly_budget = 100;
  return made;
}
Link link() {
  return {Provider::anthropic, "https://api.example.com/v1", "clinic/claude", false, {"outside"}, 2, Micros{100}};
}
const std::vector<Asked> both = {{"attach-1", "clinic/secret/claude"}, {"attach-2", "system/ai_layer/outside"}};
const Event proposed = Proposed{link(), both, "amy", noon};
const Event month = core::LedgerRolled{"2026-01", noon};
const std::vector<Event> active = {proposed, month, Counted{"attach-1", noon}, Counted{"attach-2", noon},
                                   Linked{"amy", noon}};

struct Spec : testkit::Spec<State, Command, Event> {
  Spec() {
    self({"system", "external_ai", "claude"});
    as("amy");
    fact(key_secret, {true, 1, "active", "{}"});
    fact({"system", "ai_layer", "outside"}, {true, 1, "active", "{}"});
  }
};
core::Settle settle(const std::string& work, const std::string& code = {}) {
  core::Settle made;
  made.work_id = work;
  made.outcome = code.empty() ? core::Outcome::done : core::Outcome::failed;
  made.code = code;
  return made;
}

}  // namespace

TEST_CASE("external_ai: it is proposed, and used only once the owner approved it") {
  Spec spec;
  spec.when(create()).then({proposed, month});
  REQUIRE(spec.asks().works.size() == 2);
  CHECK(core::json_text(spec.asks().works[0].payload, "tenant") == "clinic");
  CHECK(core::json_text(spec.asks().works[0].payload, "kind") == "secret");
  spec.when(create()).then_nothing();
  spec.as_system().when(Reserve{"r1", 1}).then_refused("ai.external_unapproved");
  spec.as("amy").when(Approve{}).then_refused("external_ai.linking");
  spec.as_system().when(settle("attach-1")).then_types<Counted>().when(settle("attach-1")).then_nothing();
  spec.when(settle("attach-2")).then_types<Counted>();
  spec.as("amy").when(Approve{}).then_types<Linked>().when(Approve{}).then_nothing();
  spec.as_system().when(Reserve{"r1", 1}).then_types<core::LedgerHeld>();
}

TEST_CASE("external_ai: its secret is there, and its layers are") {
  Spec().fact(key_secret, {}).when(create()).then_refused("secret.not_found");
  Spec().fact(key_secret, {true, 2, "destroyed", "{}"}).when(create()).then_refused("secret.not_found");
  Spec().fact({"system", "ai_layer", "outside"}, {}).when(create()).then_refused("ai.invalid_layer");
  auto value = create();
  value.secret = "sk-ant-something";
  Spec().when(value).then_problem("secret");
  auto plain = create();
  plain.endpoint = "http://api.example.com";
  Spec().when(plain).then_problem("endpoint");
  // Destroyed in the moment between: it is never approved.
  Spec spec;
  spec.given({proposed, month}).as_system().when(settle("attach-1", "secret.not_found")).then_types<CountFailed>();
  spec.when(settle("attach-1", "secret.not_found")).then_nothing();
  spec.as("amy").when(Approve{}).then_refused("external_ai.linking");
}

TEST_CASE("external_ai: what reaches further than what was approved is approved again") {
  Update elsewhere;
  elsewhere.endpoint = "https://other.example.com";
  Spec spec;
  spec.given(active).when(elsewhere).then_types<Updated>();
  CHECK(spec.state().status == Status::proposed);
  Update open;
  open.allowed_for_subscribers = true;
  CHECK(Spec().given(active).when(open).state().status == Status::proposed);
  Update slower;
  slower.rate_limit = 1;
  CHECK(Spec().given(active).when(slower).state().status == Status::active);
  Update key;
  key.secret = "clinic/other";
  Spec moved;
  moved.given(active).fact({"clinic", "secret", "other"}, {true, 1, "active", "{}"}).when(key).then_types<Updated>();
  REQUIRE(moved.asks().works.size() == 2);
  CHECK(moved.asks().works[0].id == "detach-3");
  CHECK(moved.asks().works[1].id == "attach-4");
  moved.when(Approve{}).then_refused("external_ai.linking");
}

TEST_CASE("external_ai: its budget and its rate hold") {
  Spec spec;
  spec.given(active).as_system();
  spec.when(Reserve{"r1", 60}).then_types<core::LedgerHeld>().when(Reserve{"r1", 60}).then_nothing();
  spec.when(Reserve{"r2", 60}).then_recorded<BudgetSpent>("external_ai.budget_spent");
  spec.when(Reserve{"r2", 60}).then_refused("external_ai.budget_spent");
  spec.when(Commit{"r1", Micros{50}}).then_types<core::LedgerCommitted>();
  spec.when(Reserve{"r2", 50}).then_types<core::LedgerHeld>();
  spec.when(Reserve{"r3", 0}).then_refused("rate.limited");
  spec.after(hold_time).when(core::Fire{"expiry"}).then_types<core::LedgerReleased>();
  const auto february = core::parse_rfc3339("2026-02-01T00:00:00Z").value();
  spec.at(february).when(core::Fire{"month"}).then_types<core::LedgerRolled>();
  spec.when(Reserve{"r4", 100}).then_types<core::LedgerHeld>();
}

TEST_CASE("external_ai: paused, resumed, removed") {
  Spec spec;
  spec.given(active).when(Pause{"x"}).then_types<Paused>().when(Pause{"x"}).then_nothing();
  spec.as_system().when(Reserve{"r1", 1}).then_refused("ai.external_unapproved");
  spec.as("amy").when(Resume{}).then_types<Resumed>();
  spec.when(Remove{"done"}).then_types<Removed>();
  CHECK(spec.asks().works.size() == 2);
  CHECK(core::json_text(spec.asks().works[0].payload, "name") == "detach");
  spec.when(Remove{"done"}).then_nothing().when(Resume{}).then_refused("entity.wrong_state");
}

TEST_CASE("external_ai: what every kind promises") {
  testkit::check_kind(
      external_ai::kind(),
      {.history = testkit::history_of<Event>(
           {proposed, month, CountFailed{"attach-1", "vault.sealed", noon}, Counted{"attach-1", noon},
            Counted{"attach-2", noon}, Linked{"amy", noon}, core::LedgerHeld{"r1", 40, noon, noon + hold_time},
            BudgetSpent{"2026-01", 100, 90, noon}, core::LedgerCommitted{"r1", 40, noon},
            core::LedgerReleased{"r2", true, noon}, Updated{link(), link(), {}, true, "amy", noon},
            Paused{"x", "amy", noon}, Resumed{"amy", noon}, Removed{"done", "amy", noon}})});
}
