#include "actors/device_login/device_login.hpp"
#include "tests/testkit/check_kind.hpp"
#include "tests/testkit/spec.hpp"

using namespace nova;
using namespace nova::device_login;
using std::chrono::minutes;

namespace {

const core::Timestamp noon = testkit::story_start;
const core::KeyedHash hash{std::string(64, 'd')};

struct Spec : testkit::Spec<State, Command, Event> {
  Spec() { self({"system", "device_login", "one"}).as_system(); }
};

Spec pending() {
  Spec spec;
  spec.when(Start{"novactl on a server", hash});
  return spec;
}

}  // namespace

TEST_CASE("device login: approved, it is redeemed once") {
  auto spec = pending();
  spec.when(Redeem{}).then_refused("entity.wrong_state");
  spec.when(Approve{"amy"}).then({Approved{"amy", noon}});
  CHECK(summarise(spec.state()).parent == "user/amy");
  spec.when(Approve{"ben"}).then_refused("entity.wrong_state");
  spec.when(Deny{"amy"}).then_refused("entity.wrong_state");
  spec.when(Redeem{}).then({Redeemed{noon}});
  REQUIRE(spec.asks().timers.size() == 1);
  CHECK_FALSE(spec.asks().timers[0].at);
  spec.when(Redeem{}).then_refused("entity.wrong_state");
}

TEST_CASE("device login: denied, it stays so") {
  auto spec = pending();
  spec.when(Deny{"amy"}).then({Denied{"amy", noon}});
  spec.when(Approve{"amy"}).then_refused("entity.wrong_state");
  spec.when(Redeem{}).then_refused("entity.wrong_state");
  spec.after(life).when(core::Fire{"end"}).then_nothing();
}

TEST_CASE("device login: ten minutes are its time, also after the answer") {
  auto late = pending();
  late.after(life).when(Approve{"amy"}).then_recorded<Expired>("auth.code_expired");
  CHECK(late.refused()->status == 410);
  late.when(Approve{"amy"}).then_refused("auth.code_expired");
  auto approved = pending();
  approved.when(Approve{"amy"}).then_types<Approved>();
  approved.after(life).when(Redeem{}).then_recorded<Expired>("auth.code_expired");
  auto fired = pending();
  fired.after(minutes(9)).when(core::Fire{"end"}).then_nothing();
  fired.after(minutes(1)).when(core::Fire{"end"}).then_types<Expired>();
  fired.when(Deny{"amy"}).then_refused("auth.code_expired");
}

TEST_CASE("device login: one id is one sign-in") {
  pending().when(Start{"x", hash}).then_refused("entity.wrong_state");
}

TEST_CASE("device login: what every kind promises") {
  testkit::check_kind(kind(), {.history = testkit::history_of<Event>({Started{"novactl", hash, noon, noon + life},
                                                                      Approved{"amy", noon}, Denied{"amy", noon},
                                                                      Redeemed{noon}, Expired{noon + life}})});
}
