#include "actors/oidc_flow/oidc_flow.hpp"
#include "tests/testkit/check_kind.hpp"
#include "tests/testkit/spec.hpp"

using namespace nova;
using namespace nova::oidc_flow;

namespace {

struct Spec : testkit::Spec<State, Command, Event> {
  Spec() { self({"system", "oidc_flow", "one"}).as_system(); }
};
const core::Timestamp noon = testkit::story_start;
core::KeyedHash hash(char c) { return {std::string(64, c)}; }

Spec ready() {
  Spec spec;
  spec.when(Take{"google"}).when(Finish{"amy", hash('a')}).then({Finished{"amy", std::string(64, 'a'), noon}});
  return spec;
}

}  // namespace

TEST_CASE("oidc flow: an answer is taken once, whatever came of it") {
  Spec spec;
  spec.when(Take{"google"}).then_types<Taken>();
  REQUIRE(spec.asks().timers.size() == 1);
  spec.when(Take{"google"}).then_refused("auth.flow_expired");
  spec.when(Fail{"auth.email_not_verified"}).then_types<Failed>();
  spec.when(Take{"google"}).then_refused("auth.flow_expired");
  spec.when(Finish{"amy", hash('a')}).then_refused("auth.flow_expired");
  CHECK(summarise(spec.state()).reason == "auth.email_not_verified");
}

TEST_CASE("oidc flow: the code opens one session, and only the right one") {
  auto spec = ready();
  spec.when(Redeem{hash('b')}).then_refused("auth.flow_expired");
  spec.when(Redeem{hash('a')}).then({Redeemed{noon}});
  spec.when(Redeem{hash('a')}).then_refused("auth.flow_expired");
}

TEST_CASE("oidc flow: two minutes are its time") {
  auto late = ready();
  late.after(life).when(Redeem{hash('a')}).then_refused("auth.flow_expired");
  late.when(core::Fire{"end"}).then_types<Expired>();
  Spec slow;
  slow.when(Take{"google"}).after(life).when(Finish{"amy", hash('a')}).then_refused("auth.flow_expired");
  auto early = ready();
  early.when(core::Fire{"end"}).then_nothing();
}

TEST_CASE("oidc flow: what every kind promises") {
  testkit::check_kind(kind(), {.history = testkit::history_of<Event>(
                                   {Taken{"google", noon, noon + life}, Finished{"amy", std::string(64, 'a'), noon},
                                    Failed{"auth.provider_invalid", noon}, Redeemed{noon}, Expired{noon + life}})});
}
