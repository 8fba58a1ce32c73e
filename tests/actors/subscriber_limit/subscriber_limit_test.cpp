#include "actors/subscriber_limit/subscriber_limit.hpp"
#include "core/json.hpp"
#include "tests/testkit/check_kind.hpp"
#include "tests/testkit/spec.hpp"

#include <fstream>
#include <sstream>

using namespace nova;
using namespace nova::subscriber_limit;

namespace {

const core::Timestamp noon = testkit::story_start;

struct Spec : testkit::Spec<State, Command, Event> {
  explicit Spec(std::string tier = "free") {
    self({"system", "subscriber_limit", std::move(tier)});
    as("amy");
  }
};

}  // namespace

TEST_CASE("subscriber_limit: the figures to begin with are those of the shipped data") {
  std::ifstream in(std::string(NOVA_SOURCE_DIR) + "/config/tiers.json");
  std::stringstream text;
  text << in.rdbuf();
  const auto data = text.str();
  for (int i = 0; i < 5; ++i) {
    const auto row = "tiers[" + std::to_string(i) + "].";
    const auto limits = shipped_limits(core::json_text(data, row + "code").value());
    REQUIRE(limits);
    const auto number = [&](const char* name) { return core::json_int(data, row + "subscriber_ai_limit." + name); };
    CHECK(number("max_power_level") == std::int64_t(limits->max_power_level));
    CHECK(number("max_tokens_per_request") == std::int64_t(limits->max_tokens_per_request));
    CHECK(number("max_requests_per_day") == std::int64_t(limits->max_requests_per_day));
    CHECK(number("max_requests_per_minute") == std::int64_t(limits->max_requests_per_minute));
    CHECK(core::json_text(data, row + "subscriber_ai_limit.can_access_external_ai") ==
          (limits->can_access_external_ai ? "true" : "false"));
    CHECK(core::json_text(data, row + "subscriber_ai_limit.enforcement_action") ==
          std::string(core::name_of(limits->enforcement)));
  }
  CHECK_FALSE(shipped_limits("owner"));
}

TEST_CASE("subscriber_limit: set for a tier that there is, changed, and taken away") {
  Spec("gold").when(Set{*shipped_limits("free")}).then_refused("subscriber_limit.not_found");
  Spec spec;
  const auto limits = *shipped_limits("free");
  spec.when(Set{limits}).then({LimitsSet{std::nullopt, limits, "amy", noon}}).when(Set{limits}).then_nothing();
  auto fewer = limits;
  fewer.blocked_task_types = {"deploy"};
  spec.when(Set{fewer}).then({LimitsSet{limits, fewer, "amy", noon}});
  auto wrong = limits;
  wrong.allowed_task_types = {"two words"};
  spec.when(Set{wrong}).then_problem("limits.allowed_task_types");
  spec.when(Remove{"closed"}).then_types<Removed>().when(Remove{"closed"}).then_nothing();
  spec.when(Set{limits}).then({LimitsSet{std::nullopt, limits, "amy", noon}});
}

TEST_CASE("subscriber_limit: what every kind promises") {
  const auto limits = *shipped_limits("pro");
  testkit::check_kind(subscriber_limit::kind(),
                      {.history = testkit::history_of<Event>(
                           {LimitsSet{std::nullopt, limits, "amy", noon}, Removed{"closed", "amy", noon}})});
}
