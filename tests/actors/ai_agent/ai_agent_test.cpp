#include "actors/ai_agent/ai_agent.hpp"
#include "core/json.hpp"
#include "tests/testkit/check_kind.hpp"
#include "tests/testkit/spec.hpp"

using namespace nova;
using namespace nova::ai_agent;

namespace {

const core::Timestamp noon = testkit::story_start;

core::Fact layer(const std::string& status = "active", const std::string& type = "HYBRID", int tokens = 8192) {
  return {true, 3, status,
          R"({"type":")" + type + R"(","power":{"level":5,"max_tokens_per_request":)" + std::to_string(tokens) + "}}"};
}

Create create() {
  Create made;
  made.name = "Writer";
  made.layer = "helpers";
  made.model = "some-model";
  made.available_to_subscribers = false;
  return made;
}
Settings settings(const std::string& in = "helpers") {
  Settings made;
  made.name = "Writer";
  made.layer = in;
  made.model = "some-model";
  made.temperature = 0.7;
  made.max_tokens = 4096;
  made.requires_sovereign_approval = true;
  return made;
}
const Event created = Created{settings(), std::string(preamble), "attach-1", "amy", noon};
const Event counted = Counted{"attach-1", noon};

struct Spec : testkit::Spec<State, Command, Event> {
  Spec() {
    self({"system", "ai_agent", "writer"});
    as("amy");
    fact({"system", "ai_layer", "helpers"}, layer());
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

TEST_CASE("ai_agent: without a layer it is refused with the rule's name") {
  auto without = create();
  without.layer = "";
  Spec spec;
  spec.when(without).then_refused("ai.no_layer");
  CHECK(spec.refused()->status == 403);
  CHECK(spec.refused()->details.at(0) == std::pair<std::string, std::string>{"rule", "noAIWithoutLayer"});
  auto unknown = create();
  unknown.layer = "nowhere";
  Spec().when(unknown).then_refused("ai.invalid_layer");
  Spec().fact({"system", "ai_layer", "helpers"}, layer("deleted")).when(create()).then_refused("ai.invalid_layer");
  Spec()
      .fact({"system", "ai_layer", "helpers"}, {true, 1, "active", R"({"type":"HYBRID"})"})
      .when(create())
      .then_refused("ai.undefined_power");
}

TEST_CASE("ai_agent: it works once its layer counts it, and never when the layer went away meanwhile") {
  Spec spec;
  spec.when(create()).then({created});
  CHECK(spec.state().status == Status::pending);
  spec.then_work("command", "send", [](const core::DoAsk& ask) {
    CHECK(core::json_text(ask.payload, "kind") == "ai_layer");
    CHECK(core::json_text(ask.payload, "name") == "attach");
    CHECK(core::json_text(ask.payload, "body.by") == "ai_agent/writer");
  });
  spec.when(create()).then_nothing();
  spec.as_system().when(settle("attach-1")).then({counted});
  CHECK(spec.state().status == Status::active);
  CHECK(spec.state().preamble == preamble);
  spec.when(settle("attach-1")).then_nothing();
  Spec late;
  late.given({created}).as_system().when(settle("attach-1", "ai.invalid_layer")).then_types<Removed>();
  CHECK(late.state().status == Status::removed);
}

TEST_CASE("ai_agent: whether subscribers may ask it must be decided, and it is no wider than its layer") {
  auto undecided = create();
  undecided.available_to_subscribers.reset();
  Spec().when(undecided).then_refused("ai.subscriber_undecided");
  auto open = create();
  open.available_to_subscribers = true;
  Spec()
      .fact({"system", "ai_layer", "helpers"}, layer("active", "INTERNAL_SOVEREIGN"))
      .when(open)
      .then_refused("ai_layer.internal_only");
  auto large = create();
  large.max_tokens = 8193;
  Spec().when(large).then_refused("ai_agent.above_layer_power");
  auto hot = create();
  for (const double temperature : {-0.1, 2.1}) {
    hot.temperature = temperature;
    Spec().when(hot).then_problem("temperature");
  }
}

TEST_CASE("ai_agent: in an external layer it needs a provider that the owner approved") {
  const auto outside = layer("active", "EXTERNAL_MANAGED");
  Spec().fact({"system", "ai_layer", "helpers"}, outside).when(create()).then_refused("ai.external_unapproved");
  auto named = create();
  named.provider = "claude";
  for (const char* status : {"proposed", "paused", "removed"})
    Spec()
        .fact({"system", "ai_layer", "helpers"}, outside)
        .fact({"system", "external_ai", "claude"}, {true, 1, status, "{}"})
        .when(named)
        .then_refused("ai.external_unapproved");
  Spec()
      .fact({"system", "ai_layer", "helpers"}, outside)
      .fact({"system", "external_ai", "claude"}, {true, 1, "active", "{}"})
      .when(named)
      .then_types<Created>();
}

TEST_CASE("ai_agent: changing its layer is checked as making it was, and is counted anew") {
  Spec spec;
  spec.given({created, counted});
  Update move;
  move.layer = "nowhere";
  spec.when(move).then_refused("ai.invalid_layer");
  move.layer = "";
  spec.when(move).then_refused("ai.no_layer");
  move.layer = "others";
  spec.fact({"system", "ai_layer", "others"}, layer("active", "HYBRID", 1024))
      .when(move)
      .then_refused("ai_agent.above_layer_power");
  spec.fact({"system", "ai_layer", "others"}, layer())
      .when(move)
      .then({Updated{settings(), settings("others"), "attach-2", "amy", noon}});
  REQUIRE(spec.asks().works.size() == 2);
  CHECK(core::json_text(spec.asks().works[0].payload, "name") == "detach");
  CHECK(core::json_text(spec.asks().works[1].payload, "id") == "others");
  CHECK(spec.state().status == Status::pending);
  Update back;
  back.layer = "helpers";
  spec.when(back).then_refused("ai_agent.moving");
  spec.as_system().when(settle("attach-1")).then_nothing();
  spec.when(settle("attach-2")).then({Counted{"attach-2", noon}});
  CHECK(spec.state().status == Status::active);
}

TEST_CASE("ai_agent: stopped for a while, and ended for good") {
  Spec spec;
  spec.given({created}).when(Deactivate{"x"}).then_refused("entity.wrong_state");
  spec.given({counted}).when(Deactivate{"x"}).then_types<Deactivated>().when(Deactivate{"x"}).then_nothing();
  spec.fact({"system", "ai_layer", "helpers"}, layer("deleted")).when(Activate{}).then_refused("ai.invalid_layer");
  spec.fact({"system", "ai_layer", "helpers"}, layer()).when(Activate{}).then_types<Activated>();
  spec.when(Remove{"done"}).then_types<Removed>();
  CHECK(core::json_text(spec.asks().works.at(0).payload, "name") == "detach");
  spec.when(Remove{"done"}).then_nothing().when(Activate{}).then_refused("entity.wrong_state");
}

TEST_CASE("ai_agent: what every kind promises") {
  testkit::check_kind(ai_agent::kind(),
                      {.history = testkit::history_of<Event>(
                           {created, counted, Updated{settings(), settings("others"), "attach-2", "amy", noon},
                            Counted{"attach-2", noon}, Deactivated{"x", "amy", noon}, Activated{"amy", noon},
                            Removed{"done", "amy", noon}})});
}
