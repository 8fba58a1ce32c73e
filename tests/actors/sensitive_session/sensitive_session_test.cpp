#include "actors/sensitive_session/sensitive_session.hpp"
#include "tests/testkit/check_kind.hpp"
#include "tests/testkit/spec.hpp"

using namespace nova;
using namespace nova::sensitive_session;
using std::chrono::milliseconds;
using std::chrono::minutes;

namespace {

const core::Timestamp noon = testkit::story_start;

struct Spec : testkit::Spec<State, Command, Event> {
  Spec() {
    self({"system", "sensitive_session", "s1"});
    as("amy");
  }
  Spec& open() {
    when(Begin{Operation::delete_data, "a wrong import"}).then_types<Begun>();
    when(VerifyPassword{}).then_types<PasswordVerified, CodeAsked>();
    when(VerifyCode{"2fa"}).then_types<Opened>();
    return *this;
  }
};

}  // namespace

TEST_CASE("sensitive_session: it is open for 15 minutes after both proofs, and ends by itself") {
  Spec spec;
  spec.when(Begin{Operation::delete_data, "a wrong import"});
  CHECK(spec.asks().timers.at(0).at == noon + minutes(5));
  spec.when(VerifyCode{"2fa"}).then_refused("entity.wrong_state");
  spec.when(VerifyPassword{});
  CHECK(summarise(spec.state()).status == "otp_sent");
  spec.after(minutes(1)).when(VerifyCode{"2fa"}).then_types<Opened>();
  CHECK(spec.asks().timers.at(0).at == noon + minutes(16));
  spec.as_system().at(noon + (minutes(16) - milliseconds(1))).when(core::Fire{"end"}).then_nothing();
  CHECK(spec.asks().timers.at(0).at == noon + minutes(16));
  spec.at(noon + minutes(16)).when(core::Fire{"end"}).then_types<Closed>();
  CHECK(summarise(spec.state()).status == "expired");
  spec.as("amy").when(Complete{"done"}).then_refused("entity.wrong_state");
}

TEST_CASE("sensitive_session: time that is over is over before the timer says so") {
  Spec spec;
  spec.open().after(minutes(15)).when(Complete{"done"}).then_refused("entity.gone");
  Spec late;
  late.when(Begin{Operation::debug_fix, "x"}).after(minutes(5)).when(VerifyPassword{}).then_refused("entity.gone");
}

TEST_CASE("sensitive_session: five wrong tries end it") {
  Spec spec;
  spec.when(Begin{Operation::debug_fix, "x"}).when(NoteFailure{}).when(VerifyPassword{});
  for (int i = 0; i < 3; ++i) spec.when(NoteFailure{}).then_types<Failed>();
  spec.when(NoteFailure{}).then_types<Failed, Closed>();
  CHECK(summarise(spec.state()).status == "cancelled");
  spec.when(VerifyCode{"2fa"}).then_refused("entity.wrong_state");
}

TEST_CASE("sensitive_session: it is one person's, and no machine's") {
  Spec spec;
  spec.open().as("bob").when(Complete{"done"}).then_refused("access.denied");
  spec.when(Cancel{"x"}).then_refused("access.denied");
  spec.as("amy").when(Complete{"done"}).then_types<Closed>().when(Complete{"done"}).then_nothing();
  Spec machine;
  machine.as("operator", "service").when(Begin{Operation::debug_fix, "x"}).then_refused("access.denied");
  Spec other;
  other.when(Begin{Operation::debug_fix, "x"}).as("bob").when(VerifyPassword{}).then_refused("access.denied");
}

TEST_CASE("sensitive_session: what every kind promises") {
  testkit::check_kind(kind(), {.history = testkit::history_of<Event>(
                                   {Begun{Operation::delete_data, "x", "amy", noon, noon + minutes(5)}, Failed{1, noon},
                                    PasswordVerified{noon}, CodeAsked{noon}, Opened{"2fa", noon, noon + minutes(15)},
                                    Closed{Status::completed, "done", "amy", noon}}),
                               .acts_again = {"note_failure"},
                               .event_prefix = "sensitive"});
}
