#include "actors/node/node.hpp"
#include "tests/testkit/check_kind.hpp"
#include "tests/testkit/spec.hpp"

using namespace nova;
using namespace nova::node::entity;
using Spec = testkit::Spec<State, Command, Event>;

namespace {
const core::Timestamp noon = testkit::story_start;
const Register first{"0.1.0", 100, "http://127.0.0.1:7480", noon};
const Started started{"0.1.0", 100, "http://127.0.0.1:7480", noon, false};
}  // namespace

TEST_CASE("node: it registers once in each life") {
  Spec{}.as_system().when(first).then({started}).when(first).then_nothing();
}

TEST_CASE("node: a start after a life that did not say goodbye counts as a crash") {
  auto second = first;
  second.started_at = noon + std::chrono::minutes(1);
  Spec spec;
  spec.given({started}).when(second);
  CHECK(spec.state().boots == 2);
  CHECK(spec.state().crashes == 1);
  Spec orderly;
  orderly.given({started}).when(Leave{"stop"}).when(second);
  CHECK(orderly.state().boots == 2);
  CHECK(orderly.state().crashes == 0);
}

TEST_CASE("node: an upgrade keeps the version before") {
  auto newer = first;
  newer.version = "0.2.0";
  newer.pid = 200;
  Spec spec;
  spec.given({started, Left{"", noon}}).when(newer);
  CHECK(spec.state().version == "0.2.0");
  CHECK(spec.state().previous_version == "0.1.0");
}

TEST_CASE("node: only one that is up can be drained, and leaving twice is harmless") {
  Spec{}.when(Drain{"disk"}).then_refused("entity.wrong_state");
  Spec spec;
  spec.given({started})
      .as("amy")
      .when(Drain{"disk"})
      .then({Draining{"disk", "amy", noon}})
      .when(Drain{"disk"})
      .then_nothing();
  CHECK(summarise(spec.state()).reason == "disk");
  spec.when(Leave{})
      .then({Left{"", noon}})
      .when(Leave{})
      .then_nothing()
      .when(Drain{})
      .then_refused("entity.wrong_state");
}

TEST_CASE("node: what every kind promises") {
  testkit::check_kind(
      node::kind(), {.history = testkit::history_of<Event>({started, Draining{"disk", "amy", noon}, Left{"", noon}})});
}
