#include "actors/ai_layer/ai_layer.hpp"
#include "core/json.hpp"
#include "tests/testkit/check_kind.hpp"
#include "tests/testkit/spec.hpp"

#include <fstream>
#include <sstream>

using namespace nova;
using namespace nova::ai_layer;

namespace {

const core::Timestamp noon = testkit::story_start;

Profile profile(std::string name = "Helpers") { return {std::move(name), "مساعدون", "To help", "للمساعدة"}; }
Power power(std::int64_t level = 5) {
  Power made;
  made.level = level;
  made.max_tokens_per_request = 4096;
  made.max_requests_per_minute = 10;
  made.max_concurrent_requests = 3;
  made.cost_per_request = 40;
  made.monthly_budget_limit = 100;
  return made;
}
const Event created = Created{profile(), Type::hybrid, "amy", noon};
const Event month = core::LedgerRolled{"2026-01", noon};
const Event powered = PowerSet{std::nullopt, power(), "amy", noon};

struct Spec : testkit::Spec<State, Command, Event> {
  Spec() {
    self({"system", "ai_layer", "helpers"});
    as("amy");
  }
  explicit Spec(const std::vector<Event>& story) : Spec() { given(story); }
};
Spec working() { return Spec({created, month, powered}); }

}  // namespace

TEST_CASE("ai_layer: the ten levels of power are those of the shipped data") {
  std::ifstream in(std::string(NOVA_SOURCE_DIR) + "/config/tiers.json");
  std::stringstream text;
  text << in.rdbuf();
  const auto data = text.str();
  REQUIRE(core::json_keys(data, "power_levels").size() == std::size(core::power_levels));
  for (std::size_t i = 0; i < std::size(core::power_levels); ++i) {
    const auto row = "power_levels[" + std::to_string(i) + "]";
    const auto& level = core::power_level(std::int64_t(i) + 1);
    CHECK(core::json_int(data, row + ".level") == std::int64_t(i) + 1);
    CHECK(core::json_text(data, row + ".label") == std::string(level.label));
    CHECK(core::json_int(data, row + ".tokens") == level.tokens);
    CHECK(core::json_int(data, row + ".requests_per_minute") == level.requests_per_minute);
  }
}

TEST_CASE("ai_layer: it is made once, under a name that no other has") {
  Spec spec;
  spec.when(Create{profile(), Type::hybrid, {}}).then({created, month});
  REQUIRE(spec.asks().claims.size() == 1);
  CHECK(spec.asks().claims[0].name == "ai-layer-name/helpers");
  CHECK(spec.asks().claims[0].refusal == "entity.duplicate");
  spec.when(Create{profile(), Type::hybrid, {}}).then_nothing();
  spec.when(Create{profile("Other"), Type::hybrid, {}}).then_refused("entity.wrong_state");
  CHECK_FALSE(works(spec.state()));
  Update rename;
  rename.name = "Drafters";
  spec.when(rename).then_types<Updated>();
  REQUIRE(spec.asks().claims.size() == 2);
  CHECK(spec.asks().claims[0].release);
  CHECK(spec.asks().claims[1].name == "ai-layer-name/drafters");
}

TEST_CASE("ai_layer: what is the owner's alone is not opened to subscribers") {
  auto open = profile();
  open.allowed_for_subscribers = true;
  Spec().when(Create{open, Type::internal_sovereign, {}}).then_refused("ai_layer.internal_only");
  auto seen = profile();
  seen.subscriber_visibility = Visibility::limited;
  Spec().when(Create{seen, Type::internal_sovereign, {}}).then_refused("ai_layer.internal_only");
  Update opening;
  opening.allowed_for_subscribers = true;
  Spec({Created{profile(), Type::internal_sovereign, "amy", noon}})
      .when(opening)
      .then_refused("ai_layer.internal_only");
  Spec({created}).when(opening).then_types<Updated>();
}

TEST_CASE("ai_layer: level 0 and level 11 are no levels, and no figure is above its level's") {
  for (const int level : {0, 11}) {
    SetPower command;
    const auto body = R"({"power":{"level":)" + std::to_string(level) + "}}";
    auto read = core::from_json<SetPower>(body, core::Reading::command);
    REQUIRE_FALSE(read);
    CHECK(read.error().code == "input.invalid");
    CHECK(read.error().problems.at(0).path == "power.level");
  }
  for (std::int64_t level = 1; level <= 10; ++level) {
    const auto& most = core::power_level(level);
    Power at = power(level);
    at.max_tokens_per_request = std::min<std::int64_t>(most.tokens, 128'000);
    at.max_requests_per_minute = most.requests_per_minute;
    Spec({created}).when(SetPower{at}).then({PowerSet{std::nullopt, at, "amy", noon}});
    if (most.tokens < 128'000) {
      Power above = at;
      above.max_tokens_per_request = most.tokens + 1;
      Spec({created}).when(SetPower{above}).then_refused("ai_layer.above_level");
    }
    Power faster = at;
    faster.max_requests_per_minute = most.requests_per_minute + 1;
    Spec({created}).when(SetPower{faster}).then_refused("ai_layer.above_level");
  }
  Spec()
      .when(Create{profile(), Type::hybrid,
                   [] {
                     auto p = power(1);
                     return p;
                   }()})
      .then_refused("ai_layer.above_level");
}

TEST_CASE("ai_layer: every change says what was before and what is after") {
  auto spec = working();
  auto stronger = power(6);
  spec.when(SetPower{stronger}).then({PowerSet{power(), stronger, "amy", noon}});
  Update update;
  update.purpose = "Something else";
  auto after = profile();
  after.purpose = "Something else";
  spec.when(update).then({Updated{profile(), after, "amy", noon}});
}

TEST_CASE("ai_layer: states and the ways between them") {
  auto spec = working();
  spec.when(Resume{}).then_nothing().when(Delete{"x"}).then_refused("entity.wrong_state");
  spec.when(Suspend{"slow"}).then_types<Suspended>().when(Suspend{"slow"}).then_nothing();
  spec.when(Enable{}).then_refused("entity.wrong_state");
  spec.when(Resume{}).then_types<Resumed>();
  spec.when(Disable{"old"}).then_types<Disabled>().when(Resume{}).then_refused("entity.wrong_state");
  spec.when(Enable{}).then_types<Enabled>().when(Disable{"old"}).then_types<Disabled>();
  spec.when(Delete{"old"}).then_types<Deleted>();
  CHECK(spec.asks().claims.at(0).release);
  spec.when(Update{}).then_refused("entity.wrong_state").when(SetPower{power()}).then_refused("entity.wrong_state");
}

TEST_CASE("ai_layer: an emergency stops it from anywhere, and its end gives back what was before") {
  for (const auto& before : {Event{Suspended{"x", "amy", noon}}, Event{Disabled{"x", "amy", noon}}, powered}) {
    auto spec = working();
    spec.given({before});
    const auto status = spec.state().status;
    spec.as_system().when(EmergencyStop{"fire"}).then_types<EmergencyStopped>();
    spec.when(EmergencyStop{"fire"}).then_nothing();
    spec.as("amy").when(Resume{}).then_refused("entity.wrong_state").when(Enable{}).then_refused("entity.wrong_state");
    spec.as_system().when(Reserve{"r1", 100}).then_refused("ai.layer_stopped");
    spec.when(EmergencyRelease{}).then_types<EmergencyReleased>();
    CHECK(spec.state().status == status);
    spec.when(EmergencyRelease{}).then_nothing();
  }
}

TEST_CASE("ai_layer: what points at it keeps it, and it is never silently deleted with its agents") {
  auto spec = working();
  spec.given({Disabled{"old", "amy", noon}});
  spec.as_system()
      .when(Attach{"ai_agent/writer"})
      .then_types<Attached>()
      .when(Attach{"ai_agent/writer"})
      .then_nothing();
  spec.as("amy").when(Delete{"old"}).then_refused("ai_layer.in_use");
  CHECK(spec.refused()->status == 409);
  CHECK(spec.state().used_by == std::vector<std::string>{"ai_agent/writer"});
  spec.as_system().when(Detach{"ai_agent/writer"}).then_types<Detached>();
  spec.as("amy").when(Delete{"old"}).then_types<Deleted>();
  spec.as_system().when(Attach{"ai_agent/late"}).then_refused("ai.invalid_layer");
}

TEST_CASE("ai_layer: what is held counts, so that two at once do not spend the same money") {
  auto spec = working();
  spec.as_system();
  spec.when(Reserve{"r1", 100}).then({core::LedgerHeld{"r1", 40, noon, noon + hold_time}});
  spec.when(Reserve{"r1", 100}).then_nothing();
  spec.when(Reserve{"r2", 100}).then_types<core::LedgerHeld>();
  spec.when(Reserve{"r3", 100}).then_recorded<BudgetSpent>("ai_layer.budget_spent");
  spec.when(Reserve{"r4", 100}).then_refused("ai_layer.budget_spent");
  spec.when(Release{"r1"}).then({core::LedgerReleased{"r1", false, noon}});
  spec.when(Release{"r1"}).then_nothing();
  spec.when(Reserve{"r5", 100}).then_types<core::LedgerHeld>();
  spec.when(Commit{"r2", {}}).then({core::LedgerCommitted{"r2", 40, noon}});
  spec.when(Commit{"r2", {}}).then_nothing().when(Release{"r2"}).then_nothing();
  spec.when(Commit{"r5", Micros{60}}).then({core::LedgerCommitted{"r5", 60, noon}});
  CHECK(spec.state().budget.spent == 100);
  spec.when(Reserve{"r6", 100}).then_refused("ai_layer.budget_spent");
}

TEST_CASE("ai_layer: usage that nobody held is recorded, and the next execution refused past the budget") {
  auto spec = working();
  spec.as_system().when(RecordUsage{"u1", 99}).then_types<core::LedgerCommitted>();
  spec.when(RecordUsage{"u1", 99}).then_nothing();
  spec.when(RecordUsage{"u2", 1}).then_types<core::LedgerCommitted, BudgetSpent>();
  spec.when(Reserve{"r1", 1}).then_refused("ai_layer.budget_spent");
}

TEST_CASE("ai_layer: what nobody ends expires, and the month begins with nothing spent") {
  auto spec = working();
  spec.as_system().when(Reserve{"r1", 1}).when(Reserve{"r2", 1});
  REQUIRE(spec.asks().timers.size() == 1);
  CHECK(spec.asks().timers[0].at == noon + hold_time);
  spec.when(core::Fire{"expiry"}).then_nothing();
  spec.after(hold_time).when(core::Fire{"expiry"}).then_types<core::LedgerReleased, core::LedgerReleased>();
  CHECK(spec.asks().timers.at(0).at == std::nullopt);
  spec.when(RecordUsage{"u", 100});
  spec.when(Reserve{"r3", 1}).then_refused("ai_layer.budget_spent");
  const auto february = core::parse_rfc3339("2026-02-01T00:00:00Z").value();
  spec.at(february).when(core::Fire{"month"}).then({core::LedgerRolled{"2026-02", february}});
  CHECK(spec.asks().timers.at(0).at == core::parse_rfc3339("2026-03-01T00:00:00Z"));
  REQUIRE(spec.state().budget.earlier.size() == 1);
  CHECK(spec.state().budget.earlier[0] == core::LedgerPeriod{"2026-01", 100, 1});
  spec.when(Reserve{"r4", 1}).then_types<core::LedgerHeld>();
  // The node was down at the month's end: whoever comes first begins the month.
  spec.at(core::parse_rfc3339("2026-12-31T23:59:59Z").value());
  spec.when(Reserve{"r5", 1}).then_types<core::LedgerRolled, core::LedgerHeld>();
  CHECK(core::next_month(spec.context().now) == core::parse_rfc3339("2027-01-01T00:00:00Z"));
}

TEST_CASE("ai_layer: rates and requests at once are bounded") {
  auto spec = working();
  spec.as_system();
  auto free_of_cost = power();
  free_of_cost.cost_per_request = 0;
  free_of_cost.max_requests_per_minute = 4;
  spec.given({PowerSet{power(), free_of_cost, "amy", noon}});
  for (const char* id : {"a", "b", "c"}) spec.when(Reserve{id, 1}).then_types<core::LedgerHeld>();
  spec.when(Reserve{"d", 1}).then_refused("rate.limited");  // three at once
  spec.when(Commit{"a", {}}).then_types<core::LedgerCommitted>();
  spec.when(Reserve{"d", 1}).then_types<core::LedgerHeld>();
  spec.when(Commit{"b", {}}).when(Reserve{"e", 1}).then_refused("rate.limited");  // four in the minute
  spec.after(std::chrono::minutes(1)).when(Reserve{"e", 1}).then_types<core::LedgerHeld>();
  spec.when(Reserve{"f", 4097}).then_refused("ai_layer.above_power");
  Spec({created, month}).as_system().when(Reserve{"a", 1}).then_refused("ai.undefined_power");
  working().given({Suspended{"x", "amy", noon}}).as_system().when(Reserve{"a", 1}).then_refused("ai.layer_inactive");
}

TEST_CASE("ai_layer: what every kind promises") {
  const auto later = noon + std::chrono::minutes(1);
  testkit::check_kind(ai_layer::kind(),
                      {.history = testkit::history_of<Event>(
                           {created, month, powered, Updated{profile(), profile("Drafters"), "amy", noon},
                            Suspended{"slow", "amy", noon}, Resumed{"amy", noon}, Attached{"ai_agent/writer", noon},
                            core::LedgerHeld{"r1", 40, noon, later}, core::LedgerHeld{"r2", 40, noon, later},
                            BudgetSpent{"2026-01", 100, 80, noon}, core::LedgerCommitted{"r1", 40, noon},
                            core::LedgerReleased{"r2", true, later}, Detached{"ai_agent/writer", noon},
                            EmergencyStopped{"fire", noon}, EmergencyReleased{noon}, Disabled{"old", "amy", noon},
                            Enabled{"amy", noon}, Disabled{"old", "amy", noon}, Deleted{"old", "amy", noon}})});
}
