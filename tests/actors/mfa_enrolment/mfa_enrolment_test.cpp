#include "actors/mfa_enrolment/mfa_enrolment.hpp"
#include "tests/testkit/check_kind.hpp"
#include "tests/testkit/spec.hpp"

using namespace nova;
using namespace nova::mfa_enrolment;
using std::chrono::minutes;

namespace {

const core::Timestamp noon = testkit::story_start;
const core::Secret sealed{{}, "secret://system/mfa_enrolment/amy/secret@1"};

core::KeyedHash code(char letter) { return std::string(64, letter); }

struct Spec : testkit::Spec<State, Command, Event> {
  Spec() { self({"system", "mfa_enrolment", "amy"}).as_system(); }
};

Spec verified() {
  Spec spec;
  spec.when(Enrol{sealed}).when(Verify{100, {code('a'), code('b')}});
  return spec;
}

}  // namespace

TEST_CASE("mfa: it is asked for from its first right code on") {
  Spec spec;
  spec.when(Use{1}).then_refused("entity.wrong_state");
  spec.when(Enrol{sealed}).then({Enrolled{sealed, noon}});
  spec.when(Use{1}).then_refused("entity.wrong_state");
  spec.when(Enrol{sealed}).then_types<Enrolled>();  // another app before the first one proved itself
  spec.when(Verify{100, {code('a')}}).then({Verified{100, {code('a')}, noon}});
  CHECK(summarise(spec.state()).status == "verified");
  spec.when(Enrol{sealed}).then_refused("mfa.already_enrolled");
  CHECK(spec.refused()->status == 409);
  spec.when(Verify{101, {code('a')}}).then_refused("entity.wrong_state");
}

TEST_CASE("mfa: a code works once, also that of the enrolment") {
  auto spec = verified();
  spec.when(Use{100}).then_refused("auth.mfa_failed");
  CHECK(spec.refused()->status == 401);
  spec.when(Use{99}).then_refused("auth.mfa_failed");
  spec.when(Use{101}).then({Used{101, noon}});
  spec.when(Use{101}).then_refused("auth.mfa_failed");
}

TEST_CASE("mfa: a recovery code works once") {
  auto spec = verified();
  spec.when(UseRecovery{code('c')}).then_refused("auth.mfa_failed");
  spec.when(UseRecovery{code('a')}).then({RecoveryUsed{code('a'), 1, noon}});
  spec.when(UseRecovery{code('a')}).then_refused("auth.mfa_failed");
  CHECK(spec.state().recovery_left == 1);
}

TEST_CASE("mfa: other recovery codes are in place of all before") {
  Spec none;
  none.when(RenewRecovery{{code('c')}}).then_refused("entity.wrong_state");
  auto spec = verified();
  spec.when(RenewRecovery{{code('c'), code('d')}}).then_types<RecoveryRenewed>();
  CHECK(spec.state().recovery_left == 2);
  spec.when(UseRecovery{code('a')}).then_refused("auth.mfa_failed");
  spec.when(UseRecovery{code('c')}).then_types<RecoveryUsed>();
}

TEST_CASE("mfa: ten tries without a success lock it, and a success counts anew") {
  auto spec = verified();
  for (int i = 1; i < 10; ++i) spec.when(Attempt{}).then_types<Attempted>();
  spec.when(Use{101}).then_types<Used>();
  for (std::uint64_t i = 1; i < 10; ++i) spec.when(Attempt{}).then({Attempted{i, {}, noon}});
  spec.when(Attempt{}).then({Attempted{10, noon + minutes(15), noon}});
  spec.when(Attempt{}).then_refused("auth.too_many_attempts");
  CHECK(spec.refused()->status == 429);
  spec.after(minutes(15) - std::chrono::milliseconds(1)).when(Attempt{}).then_refused("auth.too_many_attempts");
  spec.after(std::chrono::milliseconds(1)).when(Attempt{}).then_types<Attempted>();
}

TEST_CASE("mfa: removed is as if it had never been, and a new one may come") {
  auto spec = verified();
  spec.when(Remove{"lost"}).then({Removed{"lost", "system", noon}});
  CHECK(spec.state().recovery.empty());
  CHECK(spec.state().secret.ref.empty());
  spec.when(Use{200}).then_refused("entity.wrong_state");
  spec.when(Remove{"again"}).then_nothing();
  spec.when(Enrol{sealed}).then_types<Enrolled>();
  Spec{}.when(Remove{""}).then_refused("entity.wrong_state");
}

TEST_CASE("mfa: what every kind promises") {
  testkit::check_kind(
      kind(),
      {.history = testkit::history_of<Event>({Enrolled{sealed, noon}, Verified{100, {code('a')}, noon},
                                              Attempted{1, {}, noon}, Used{101, noon}, RecoveryUsed{code('a'), 0, noon},
                                              RecoveryRenewed{{code('b')}, noon}, Removed{"lost", "system", noon}}),
       .acts_again = {"enrol", "attempt"},
       .event_prefix = "mfa."});
}
