#include "actors/login_flow/login_flow.hpp"
#include "tests/testkit/check_kind.hpp"
#include "tests/testkit/spec.hpp"

using namespace nova;
using namespace nova::login_flow;
using std::chrono::minutes;

namespace {

const core::Timestamp noon = testkit::story_start;

struct Spec : testkit::Spec<State, Command, Event> {
  Spec() { self({"system", "login_flow", "one"}).as_system(); }
};

Spec begun() {
  Spec spec;
  spec.when(Start{"amy", "Firefox", "p1"});
  return spec;
}

}  // namespace

TEST_CASE("login flow: the sixth code ends it, whatever it is") {
  auto spec = begun();
  CHECK(summarise(spec.state()).parent == "user/amy");
  for (std::uint64_t i = 1; i <= tries_max; ++i) spec.when(Attempt{}).then({Attempted{i, noon}});
  spec.when(Attempt{}).then_recorded<Failed>("auth.too_many_attempts");
  CHECK(spec.refused()->status == 429);
  CHECK(summarise(spec.state()).status == "failed");
  spec.when(Attempt{}).then_refused("auth.flow_expired");
  spec.when(Complete{}).then_refused("auth.flow_expired");
}

TEST_CASE("login flow: it completes once, and only after a try") {
  auto spec = begun();
  spec.when(Complete{}).then_refused("auth.flow_expired");
  spec.when(Attempt{}).then_types<Attempted>();
  spec.when(Complete{}).then({Completed{noon}});
  REQUIRE(spec.asks().timers.size() == 1);
  CHECK_FALSE(spec.asks().timers[0].at);
  spec.when(Complete{}).then_refused("auth.flow_expired");
  spec.when(Attempt{}).then_refused("auth.flow_expired");
}

TEST_CASE("login flow: ten minutes are its time") {
  auto late = begun();
  late.after(minutes(10)).when(Attempt{}).then_recorded<Expired>("auth.flow_expired");
  CHECK(late.refused()->status == 410);
  auto fired = begun();
  fired.after(minutes(9)).when(core::Fire{"end"}).then_nothing();
  fired.after(minutes(1)).when(core::Fire{"end"}).then_types<Expired>();
  fired.when(core::Fire{"end"}).then_nothing();
  auto slow = begun();
  slow.when(Attempt{}).then_types<Attempted>();
  slow.after(minutes(10)).when(Complete{}).then_recorded<Expired>("auth.flow_expired");
}

TEST_CASE("login flow: who began it can end it, and then nothing opens it any more") {
  auto spec = begun();
  spec.when(Attempt{}).when(Cancel{}).then({Cancelled{noon}});
  REQUIRE(spec.asks().timers.size() == 1);
  CHECK_FALSE(spec.asks().timers[0].at);
  CHECK(summarise(spec.state()).status == "cancelled");
  spec.when(Cancel{}).then_nothing();
  spec.when(Attempt{}).then_refused("auth.flow_expired");
  spec.when(Complete{}).then_refused("auth.flow_expired");
  auto done = begun();
  done.when(Attempt{}).when(Complete{}).when(Cancel{}).then_refused("auth.flow_expired");
}

TEST_CASE("login flow: one id is one flow") { begun().when(Start{"ben", "", ""}).then_refused("entity.wrong_state"); }

TEST_CASE("login flow: what every kind promises") {
  testkit::check_kind(
      kind(),
      {.history = testkit::history_of<Event>({Started{"amy", "Firefox", "p1", noon, noon + life}, Attempted{1, noon},
                                              Completed{noon}, Failed{noon}, Expired{noon + life}, Cancelled{noon}}),
       .acts_again = {"attempt"}});
}
