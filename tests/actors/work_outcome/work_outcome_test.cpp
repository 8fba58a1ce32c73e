#include "actors/work_outcome/work_outcome.hpp"
#include "tests/testkit/check_kind.hpp"
#include "tests/testkit/spec.hpp"

using namespace nova;
using namespace nova::work_outcome;

namespace {

const core::Timestamp noon = testkit::story_start;

Intent intent(const std::string& work = "send-1") {
  return {{"clinic", "webhook_delivery", "d1"}, work, "http", "send", "c1", 17, noon, noon + std::chrono::minutes(10)};
}

struct Spec : testkit::Spec<State, Command, Event> {
  Spec() { self({"clinic", "work_outcome", std::string(32, 'a')}); }
};

}  // namespace

TEST_CASE("work_outcome: a missing outcome is told once, and that it came once") {
  Spec spec;
  spec.as_system().when(MissOutcome{intent(), 3, true, false, {"no luck"}}).then_types<OutcomeMissing>();
  CHECK(spec.state().status == Status::missing);
  CHECK(spec.state().attempts == 3);
  CHECK(spec.state().under_way);
  CHECK(summarise(spec.state()).reason == "nobody knows yet what came of: http send of webhook_delivery/d1");
  spec.when(MissOutcome{intent(), 9, false, true, {"again"}}).then_nothing();
  CHECK(spec.state().attempts == 3);
  spec.when(NoteOutcome{}).then_types<OutcomeCame>();
  CHECK(spec.state().status == Status::came);
  spec.when(NoteOutcome{}).then_nothing();
  spec.when(MissOutcome{intent(), 9, false, true, {"again"}}).then_nothing();
}

TEST_CASE("work_outcome: what belongs to another is refused") {
  Spec spec;
  spec.as_system().when(MissOutcome{intent(), 0, false, false, {}}).then_types<OutcomeMissing>();
  spec.when(MissOutcome{intent("send-2"), 0, false, false, {}}).then_refused("effect.another");
  Spec foreign;
  auto theirs = intent();
  theirs.owner.tenant = "bakery";
  foreign.as_system().when(MissOutcome{theirs, 0, false, false, {}}).then_refused("effect.foreign");
}

TEST_CASE("work_outcome: what every kind promises") {
  testkit::check_kind(kind(), {.history = testkit::history_of<Event>(
                                   {OutcomeMissing{intent(), 3, true, false, "no luck", noon}, OutcomeCame{noon}}),
                               .event_prefix = "effect"});
}
